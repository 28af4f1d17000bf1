"""Suites out of what teams have already: a spreadsheet of questions, and suites in the shape of somebody else's."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from catalog_store.errors import InvalidSuite
from eval.suite import Case, Suite
from eval.suite_reader import read_suite

_COLUMNS = {
    "id": ("id", "case", "name"),
    "type": ("type", "topic", "category"),
    "question": ("question", "ask", "query", "input", "prompt"),
    "as": ("as", "user", "asker"),
    "after": ("after", "follows"),
    "status": ("status", "expected_status"),
    "results": ("results", "expected", "expected_results", "refs"),
    "includes": ("includes",),
    "excludes": ("excludes",),
    "value": ("value", "expected_value"),
    "says": ("says", "expected_text"),
    "page": ("page", "pages", "expected_page"),
}
"""Column of ours → headings it is known by."""

_LISTS = ("results", "includes", "excludes", "says")

_SEPARATOR = re.compile(r"\s*[;|\n]\s*")
"""Between several references of one cell."""


def import_csv(path: Path) -> list[dict[str, Any]]:
    """Cases out of a spreadsheet, a question a row.

    Args:
        path: CSV or TSV in UTF-8 with a row of headings; `question` is needed, and one of status, results, includes, value,
            says or page. Several references of one cell are parted by `;` or `|`. An empty cell says nothing; `-` under
            `results` says that nothing must come back.

    Returns:
        Cases as a suite file writes them.

    Raises:
        InvalidSuite: headings or rows that cannot be read; lists every mistake with its line.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSuite([f"{path}: cannot be read ({error})"]) from error
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    reader = csv.DictReader(text.splitlines(keepends=True), dialect=dialect)
    headings = _headings(reader.fieldnames or ())
    if "question" not in headings:
        found = ", ".join(reader.fieldnames or ()) or "none"
        raise InvalidSuite(
            [f"{path}:1: no column of questions; expected one called question, found {found}"]
        )
    mistakes: list[str] = []
    cases: list[dict[str, Any]] = []
    for row in reader:
        said = {name: (row.get(heading) or "").strip() for name, heading in headings.items()}
        if not any(said.values()):
            continue
        case = _case(said, len(cases) + 1)
        if case is None:
            mistakes.append(
                f"{path}:{reader.line_num}: needs a question and something to expect "
                "(status, results, includes, value, says or page)"
            )
        else:
            cases.append(case)
    if mistakes:
        raise InvalidSuite(mistakes)
    return cases


def _headings(names: Sequence[str]) -> dict[str, str]:
    plain = {re.sub(r"[\s_-]+", "_", name.strip().lower()): name for name in names if name}
    return {
        ours: plain[known]
        for ours, aliases in _COLUMNS.items()
        for known in reversed(aliases)
        if known in plain
    }


def _case(said: Mapping[str, str], number: int) -> dict[str, Any] | None:
    expect: dict[str, Any] = {}
    for name in _LISTS:
        if said.get(name) == "-":
            expect[name] = []
        elif said.get(name):
            expect[name] = [part for part in _SEPARATOR.split(said[name]) if part]
    if said.get("status"):
        statuses = [part.lower() for part in _SEPARATOR.split(said["status"])]
        expect["status"] = statuses[0] if len(statuses) == 1 else statuses
    if said.get("value"):
        expect["value"] = _scalar(said["value"])
    if said.get("page"):
        expect["passage"] = {"paths": [p for p in _SEPARATOR.split(said["page"]) if p]}
    if not said.get("question") or not expect:
        return None
    case: dict[str, Any] = {
        "id": said.get("id") or f"row-{number:03d}",
        "type": said.get("type") or "question",
        "question": said["question"],
    }
    for name in ("as", "after"):
        if said.get(name):
            case[name] = said[name]
    return case | {"expect": expect}


def _scalar(text: str) -> bool | int | float | str:
    if text.lower() in ("true", "yes"):
        return True
    if text.lower() in ("false", "no"):
        return False
    for kind in (int, float):
        try:
            return kind(text.replace(",", ""))
        except ValueError:
            continue
    return text


def import_questions(path: Path) -> tuple[Suite, list[dict[str, Any]]]:
    """A file `{org, now, questions: […]}` as cases of ours.

    Raises:
        InvalidSuite: a case that cannot be read; lists every mistake with its line.
    """
    suite = read_suite(path)
    return suite, [written(case) for case in suite.cases]


def written(case: Case) -> dict[str, Any]:
    """A case as a suite file writes it."""
    said: dict[str, Any] = {"id": case.id, "type": case.type, "question": case.question}
    further = {
        "as": case.asker,
        "after": case.after,
        "held_out": case.held_out,
        "search": case.search,
        "expect": dict(case.expect),
    }
    return said | {key: value for key, value in further.items() if value}


def write_cases(
    folder: Path, cases: Sequence[Mapping[str, Any]], *, name: str, now: str | None, origin: str
) -> Path:
    """A suite's folder: `suite.yaml` and `cases.yaml`, checked by reading them back.

    Raises:
        InvalidSuite: what was written cannot be read as a suite.
    """
    folder.mkdir(parents=True, exist_ok=True)
    body = {"questions": [dict(case) for case in cases]}
    suite = {
        "name": name,
        "origin": origin,
        **({"now": now} if now else {}),
        "cases": ["cases.yaml"],
    }
    for file, data in (("cases.yaml", body), ("suite.yaml", suite)):
        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
        (folder / file).write_text(text, encoding="utf-8")
    read_suite(folder)
    return folder / "suite.yaml"


def lines_of(cases: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """How many cases of each type, a line each."""
    counts: dict[str, int] = {}
    for case in cases:
        counts[case["type"]] = counts.get(case["type"], 0) + 1
    for type_, number in sorted(counts.items()):
        yield f"{number:>5}  {type_}"
