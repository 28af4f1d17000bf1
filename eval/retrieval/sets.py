"""Question sets with judged pages, read from folders in the manner of BEIR.

A set is a folder with `queries.jsonl` (`_id` or `id`, `text`) and judgements, as `qrels.tsv` (question, page, grade)
or as BEIR's `qrels/<split>.tsv` with its header. Questions without a judged page are such that no page answers.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from catalog_store.errors import BadRequest


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Questions over one corpus, with the pages that answer them.

    Attributes:
        name: what the set is called in tables.
        corpus: files and folders that are indexed for it.
        queries: id → question, in file order.
        qrels: id → page path → grade > 0; a question that no page answers is absent.
        tuned: whether weights of the product were chosen with its help; otherwise it is held out.
        styles: id → how the question is worded ("symptom"), where the set says so.
        catalog: whether the corpus holds a catalog beside its pages.
    """

    name: str
    corpus: tuple[Path, ...]
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]
    tuned: bool = False
    styles: Mapping[str, str] | None = None
    catalog: bool = False

    @property
    def answerable(self) -> tuple[str, ...]:
        """Ids of the questions some page answers."""
        return tuple(query for query in self.queries if self.qrels.get(query))

    @property
    def unanswerable(self) -> tuple[str, ...]:
        """Ids of the questions no page of the corpus answers."""
        return tuple(query for query in self.queries if not self.qrels.get(query))


def read_set(
    folder: Path,
    corpus: tuple[Path, ...],
    *,
    name: str = "",
    tuned: bool = False,
    catalog: bool = False,
) -> RetrievalSet:
    """Read one set.

    Raises:
        BadRequest: a file is missing or cannot be read, or a judgement names a question the set does not have.
    """
    try:
        rows = [json.loads(line) for line in _lines(folder / "queries.jsonl")]
        queries = {str(row.get("_id", row.get("id"))): str(row["text"]) for row in rows}
        styles = {str(r.get("_id", r.get("id"))): str(r["style"]) for r in rows if "style" in r}
        qrels: dict[str, dict[str, int]] = {}
        for query, page, grade in _judgements(folder):
            if query not in queries:
                raise BadRequest(f"{folder}: a judgement names {query!r}, which is no question")
            if int(grade) > 0:
                qrels.setdefault(query, {})[page] = int(grade)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadRequest(
            f"{folder} is no retrieval set ({error!r}); expected queries.jsonl and qrels.tsv"
        ) from None
    return RetrievalSet(name or folder.name, corpus, queries, qrels, tuned, styles, catalog)


def read_sets(listing: Path, roots: Sequence[Path]) -> list[RetrievalSet]:
    """The sets a YAML file lists, as far as their folders are there.

    Args:
        listing: name → `questions` (folder), `corpus` (paths), `tuned`, `catalog`.
        roots: what the paths of the listing may be relative to; the first that holds them counts.
    """
    rows = yaml.safe_load(listing.read_text(encoding="utf-8"))
    found = []
    for name, row in rows.items():
        folder = _under(roots, row["questions"])
        corpus = tuple(_under(roots, path) for path in row["corpus"])
        if folder is not None and None not in corpus:
            there = tuple(path for path in corpus if path is not None)
            flags = {flag: bool(row.get(flag)) for flag in ("tuned", "catalog")}
            found.append(read_set(folder, there, name=name, **flags))
    return found


def _under(roots: Sequence[Path], path: str) -> Path | None:
    return next((root / path for root in roots if (root / path).exists()), None)


def _judgements(folder: Path) -> Iterator[tuple[str, str, str]]:
    plain = folder / "qrels.tsv"
    files = [plain] if plain.is_file() else sorted((folder / "qrels").glob("*.tsv"))
    if not files:
        raise FileNotFoundError(str(plain))
    for path in files:
        for row in csv.reader(_lines(path), delimiter="\t", quoting=csv.QUOTE_NONE):
            if row[-1] != "score":  # BEIR's header
                yield row[0], row[-2], row[-1]


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
