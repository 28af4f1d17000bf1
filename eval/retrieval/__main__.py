"""`python -m eval.retrieval`: measure retrieval on question sets and print one table a set."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from app.building import local_embedder
from app.settings import load_settings
from catalog_store.embedder import Embedder
from catalog_store.errors import CatalogError
from catalog_store.snapshot import open_snapshot
from eval.retrieval.alerts import find_alerts
from eval.retrieval.full_precision import FullPrecision
from eval.retrieval.indexing import LISTING, built
from eval.retrieval.measures import Floats, per_question
from eval.retrieval.refusals import refusals
from eval.retrieval.report import OURS, SetResult, markdown
from eval.retrieval.sets import RetrievalSet, read_set, read_sets
from eval.retrieval.systems import paths_of, rank, rankers


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; the exit code is 0 when something was measured."""
    args = _parser().parse_args(arguments)
    try:
        sets = [read_set(folder, tuple(args.corpus)) for folder in args.folders]
        sets = sets or read_sets(LISTING, (args.root, LISTING.parents[2]))
        sets = [s for s in sets if not args.only or s.name in args.only]
    except CatalogError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if not sets:
        sys.stderr.write(f"no set to measure: none of {LISTING.name} lies under {args.root}\n")
        return 1
    embedder = local_embedder(load_settings().cache_dir)
    full = FullPrecision() if args.full_precision else None
    with tempfile.TemporaryDirectory() as scratch:
        stores = args.stores or Path(scratch)
        results = [measure(asked, stores, embedder, full) for asked in sets]
    said = markdown(results)
    sys.stdout.write(said)
    if args.out:
        args.out.write_text(said, encoding="utf-8")
    return 0


def measure(
    asked: RetrievalSet, stores: Path, embedder: Embedder, full: Embedder | None = None
) -> SetResult:
    """Index a set's corpus, unless `stores` holds it already, and ask every question of every system."""
    store = built(asked, stores / asked.name, embedder)
    questions = asked.answerable
    with open_snapshot(store, embedder=embedder) as snapshot:
        path_of = paths_of(snapshot, asked)
        ranked = {name: rank(pages, asked, path_of) for name, pages in rankers(snapshot).items()}
        return SetResult(
            asked=asked,
            pages=len(path_of),
            passages=snapshot.passage_count,
            values={n: per_question(r.run, asked.qrels, questions) for n, r in ranked.items()},
            times_ms={name: r.p50_ms for name, r in ranked.items()},
            full=_full_precision(asked, stores, full) if full is not None else None,
            refused=refusals(snapshot, asked),
            alerts=find_alerts(snapshot, asked.corpus),
        )


def _full_precision(asked: RetrievalSet, stores: Path, full: Embedder) -> dict[str, Floats]:
    store = built(asked, stores / f"{asked.name}-full", full)
    with open_snapshot(store, embedder=full) as snapshot:
        run = rank(rankers(snapshot)[OURS], asked, paths_of(snapshot, asked)).run
    return per_question(run, asked.qrels, asked.answerable)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval.retrieval", description=__doc__)
    parser.add_argument(
        "folders", nargs="*", type=Path, help=f"folders of sets; the sets of {LISTING.name} if none"
    )
    parser.add_argument(
        "--corpus", nargs="+", type=Path, default=[], help="what to index for the given folders"
    )
    parser.add_argument(
        "--root", type=Path, default=Path(), help=f"what the paths of {LISTING.name} start from"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="measure only these")
    parser.add_argument("--stores", type=Path, help="where indexes are kept between two runs")
    parser.add_argument(
        "--full-precision", action="store_true", help="also measure what int8 vectors cost"
    )
    parser.add_argument("--out", type=Path, help="write the tables to this file too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
