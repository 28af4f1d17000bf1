"""Retrieval suites in BEIR's shape: `queries.jsonl`, and `qrels.tsv` that says how well each page answers each query."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.suite import Case

_KEYS = ("queries", "qrels", "search")


def read_retrieval(suite: Path, entry: object, line: int, mistakes: list[str]) -> Iterator[Case]:
    """A case for every query.

    Args:
        suite: the suite's file; names in the entry are relative to its folder.
        entry: `{queries: FILE, qrels: FILE, search?: true}`.
        line: where the entry stands.
        mistakes: what is wrong is added here, with file and line.
    """
    if not isinstance(entry, Mapping) or not {"queries", "qrels"} <= set(entry) <= set(_KEYS):
        mistakes.append(
            f"{suite}:{line}: expected {{queries: FILE, qrels: FILE}}, and `search: true` at most"
        )
        return
    queries, qrels = suite.parent / str(entry["queries"]), suite.parent / str(entry["qrels"])
    grades = read_qrels(qrels, mistakes)
    for number, said in _lines(queries, mistakes):
        try:
            query: Any = json.loads(said)
            name = str(query.get("_id", query.get("id")))
            text = str(query["text"])
        except (ValueError, KeyError, AttributeError, TypeError):
            mistakes.append(
                f"{queries}:{number}: expected an object with `_id` (or `id`) and `text`"
            )
            continue
        relevant = grades.get(name, {})
        metadata = query.get("metadata") or {}
        expect: dict[str, Any] = {"relevant": relevant}
        if relevant:
            paths = [path for path, grade in relevant.items() if grade > 0]
            expect["passage"] = {"paths": paths, "within": 10}
        else:
            expect["status"] = ["empty", "out_of_scope", "no_such_fact", "unknown_name"]
        yield Case(
            id=name,
            type=str(query.get("style") or metadata.get("style") or "retrieval"),
            question=text,
            expect=expect,
            search=bool(entry.get("search")),
            path=str(queries),
            line=number,
        )


def read_qrels(path: Path, mistakes: list[str]) -> dict[str, dict[str, int]]:
    """Query → page → grade, from three columns (BEIR, with or without its header) or TREC's four."""
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for number, said in _lines(path, mistakes):
        columns = said.split("\t") if "\t" in said else said.split()
        if number == 1 and columns[-1] == "score":
            continue
        if len(columns) not in (3, 4) or not columns[-1].lstrip("-").isdigit():
            mistakes.append(
                f"{path}:{number}: expected query, page and a whole grade, between tabs"
            )
            continue
        grades[columns[0]][columns[-2]] = int(columns[-1])
    return grades


def _lines(path: Path, mistakes: list[str]) -> list[tuple[int, str]]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        mistakes.append(f"{path}: cannot be read ({error})")
        return []
    return [(n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
