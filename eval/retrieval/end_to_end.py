"""`python -m eval.retrieval.end_to_end`: whether the right page is not only found, but given as the answer.

Every question of every set goes through the whole program, twice where a catalog is to lie beside the pages: what its things are
called must not take questions away from the pages. A question is *right* when a page that was judged to answer is what the answer quotes. Every
quotation is held against the file it was taken from, letter by letter (`eval/quotations.py`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from app.building import local_embedder
from app.settings import load_settings
from assistant.answer import Answer, AnswerKind, Status
from assistant.assistant import Assistant
from catalog_store.embedder import Embedder
from catalog_store.errors import CatalogError
from catalog_store.snapshot import open_snapshot
from eval.quotations import statements, unsupported
from eval.retrieval.indexing import LISTING, NOW, built
from eval.retrieval.sets import RetrievalSet, read_sets
from eval.retrieval.systems import paths_of


class Given(StrEnum):
    """What became of a question."""

    RIGHT = "right page"
    OTHER = "another page"
    ROWS = "read as a question to the catalog"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class EndToEnd:
    """One set, asked once.

    Attributes:
        name: of the set, and whether a catalog lay beside it.
        answerable: what became of the questions that a page answers.
        unanswerable: what became of those that none answers; "another page" when one is quoted all the same.
        statuses: how the answerable that no page was given for ended.
        misses: (question, what became of it, its status, the first words of the answer), in the order asked.
        quoted: statements that answers rest on a place of a file.
        unheld: (question, what is said) of those that the place does not hold.
    """

    name: str
    tuned: bool
    answerable: Counter[Given]
    unanswerable: Counter[Given]
    statuses: Counter[str]
    misses: tuple[tuple[str, str, str, str], ...]
    quoted: int = 0
    unheld: tuple[tuple[str, str], ...] = ()


def ask_all(asked: RetrievalSet, store: Path, embedder: Embedder, name: str) -> EndToEnd:
    """Every question of a set, answered over the pages of a store.

    Args:
        asked: the questions, and the pages judged to answer them.
        store: where its corpus, and what lies beside it, is published.
        embedder: the one it was built with.
        name: what the row of the table is called.
    """
    answerable: Counter[Given] = Counter()
    unanswerable: Counter[Given] = Counter()
    statuses: Counter[str] = Counter()
    misses: list[tuple[str, str, str, str]] = []
    unheld: list[tuple[str, str]] = []
    quoted = 0
    with open_snapshot(store, embedder=embedder) as snapshot:
        path_of = paths_of(snapshot, asked)
        assistant = Assistant(snapshot)
        for query, text in asked.queries.items():
            answer = assistant.ask(text, now=NOW)
            body = answer.model_dump(mode="json")
            quoted += sum(1 for _ in statements(body))
            unheld += [(text, one.said) for one in unsupported(body, asked.corpus)]
            judged = asked.qrels.get(query, {})
            given = _given(answer, judged, path_of)
            (answerable if judged else unanswerable)[given] += 1
            if judged and given in (Given.ROWS, Given.REFUSED):
                statuses[answer.status.value] += 1
            if given is not (Given.RIGHT if judged else Given.REFUSED):
                misses.append((text, given.value, answer.status.value, answer.text[:160]))
    return EndToEnd(
        name,
        asked.tuned,
        answerable,
        unanswerable,
        statuses,
        tuple(misses),
        quoted,
        tuple(unheld),
    )


def _given(answer: Answer, judged: Mapping[str, int], path_of: Mapping[str, str]) -> Given:
    if answer.status not in (Status.ANSWERED, Status.EMPTY):
        return Given.REFUSED
    cited = answer.citations[0].ref if answer.citations else None
    page = path_of.get(cited) if cited is not None else None
    if page in judged:
        return Given.RIGHT
    return Given.OTHER if answer.kind is AnswerKind.PASSAGES or page else Given.ROWS


def table(results: Sequence[EndToEnd]) -> str:
    """One row a set, as Markdown."""
    heads = [given.value for given in Given]
    lines = [
        f"| set | questions | {' | '.join(heads)} | without an answer | refused of them | quotations held |",
        "|---|" + "---|" * (len(heads) + 4),
    ]
    for one in results:
        total, none = one.answerable.total(), one.unanswerable.total()
        counts = " | ".join(str(one.answerable[given]) for given in Given)
        refused = f"{none} | {one.unanswerable[Given.REFUSED]}" if none else "– | –"
        lines.append(
            f"| {one.name} | {total} | {counts} | {refused} | {one.quoted - len(one.unheld)} of {one.quoted} |"
        )
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; the exit code is 0 when something was measured."""
    args = _parser().parse_args(arguments)
    try:
        sets = read_sets(LISTING, (args.root, LISTING.parents[2]))
    except CatalogError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sets = [s for s in sets if not args.only or s.name in args.only]
    if not sets:
        sys.stderr.write(f"no set to measure: none of {LISTING.name} lies under {args.root}\n")
        return 1
    embedder = local_embedder(load_settings().cache_dir)
    with tempfile.TemporaryDirectory() as scratch:
        stores = args.stores or Path(scratch)
        results = list(_asked(sets, tuple(args.beside), stores, embedder))
    sys.stdout.write(table(results))
    for one in results:
        ended = ", ".join(f"{status} {n}" for status, n in one.statuses.most_common())
        sys.stdout.write(f"\n{one.name}: no page given: {ended or 'none'}\n")
        for asked, said in one.unheld:
            sys.stdout.write(f"  not held: {asked} | {' '.join(said.split())}\n")
        for miss in one.misses if args.show and one.tuned else ():
            sys.stdout.write("  " + " | ".join(" ".join(part.split()) for part in miss) + "\n")
    return 0


def _asked(
    sets: Sequence[RetrievalSet], beside: tuple[Path, ...], stores: Path, embedder: Embedder
) -> Iterator[EndToEnd]:
    for asked in sets:
        store = built(asked, stores / asked.name, embedder)
        yield ask_all(asked, store, embedder, asked.name)
        if beside and not asked.catalog:
            both = replace(asked, corpus=asked.corpus + beside)
            store = built(both, stores / f"{asked.name}+catalog", embedder)
            yield ask_all(both, store, embedder, f"{asked.name}, a catalog beside")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval.retrieval.end_to_end", description=__doc__
    )
    parser.add_argument(
        "--root", type=Path, default=Path(), help=f"what the paths of {LISTING.name} start from"
    )
    parser.add_argument(
        "--beside", nargs="+", type=Path, default=[], help="a catalog to index beside the pages"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="measure only these")
    parser.add_argument("--stores", type=Path, help="where indexes are kept between two runs")
    parser.add_argument(
        "--show", action="store_true", help="print the misses of sets that are not held out"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
