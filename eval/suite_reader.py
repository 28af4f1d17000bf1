"""Read suites from files. Every mistake is named with its file and line; none is passed over, and none hides the next.

Read are a folder with a `suite.yaml`, a `suite.yaml`, and a single file of cases: `{org?, now, questions: [{id, type,
question, as?, after?, held_out?, expect}]}`, in which `topic` may stand for `type` and `ask` for `question`.
"""

from __future__ import annotations

import difflib
import glob
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog_store.errors import InvalidSuite
from eval.expectations import KEY_BY_NAME
from eval.retrieval_files import read_retrieval
from eval.suite import Case, Suite
from indexer.yaml_lines import YamlDocument, read_yaml

SUITE_FILE = "suite.yaml"

_SUITE_KEYS = (
    "name",
    "title",
    "origin",
    "licence",
    "now",
    "organisation",
    "cases",
    "retrieval",
    "baseline",
    "gate",
)
_CASE_KEYS = ("id", "type", "question", "now", "as", "after", "held_out", "expect", "search")
_ALIASES = {"topic": "type", "ask": "question"}


def read_suite(path: Path) -> Suite:
    """A suite, checked.

    Args:
        path: a folder with a `suite.yaml`, that file, or a file of cases.

    Raises:
        InvalidSuite: something is missing or not as expected; lists every mistake with file and line.
    """
    file = path / SUITE_FILE if path.is_dir() else path
    mistakes: list[str] = []
    data, document = _document(file, mistakes)
    if "questions" in data:
        cases = _cases(file, data, document, mistakes)
        suite = Suite(path.stem, tuple(cases), now=_moment(data, document, file, mistakes))
    else:
        suite = _suite(file, data, document, mistakes)
    mistakes += _across(suite.cases)
    if mistakes:
        raise InvalidSuite(mistakes)
    return suite


def _document(file: Path, mistakes: list[str]) -> tuple[dict[str, Any], YamlDocument]:
    nothing = YamlDocument({}, {}, 1, 1)
    try:
        stream = read_yaml(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text in UTF-8"
        raise InvalidSuite(
            [f"{file}: cannot be read ({reason}); expected a suite or a file of cases"]
        ) from error
    mistakes += [f"{file}:{fault.line}: {fault.message}" for fault in stream.faults]
    document = next(iter(stream.documents), nothing)
    if isinstance(document.value, dict):
        return document.value, document
    mistakes.append(f"{file}:{document.first}: expected `questions:` or the keys of a suite")
    return {}, nothing


def _suite(
    file: Path, data: Mapping[str, Any], document: YamlDocument, mistakes: list[str]
) -> Suite:
    mistakes += [
        _unknown(file, document, (key,), key, _SUITE_KEYS) for key in data if key not in _SUITE_KEYS
    ]
    cases: list[Case] = []
    for number, pattern in enumerate(_listed(data.get("cases"))):
        found = sorted(glob.glob(str(file.parent / str(pattern))))  # noqa: PTH207  the pattern may climb with ..
        if not found:
            line = document.lines_of(("cases", number))[0]
            mistakes.append(f"{file}:{line}: no file is called {str(pattern)!r}")
        for name in map(Path, found):
            inner, its_lines = _document(name, mistakes)
            now = _moment(inner, its_lines, name, mistakes)
            cases += [
                case if case.now else replace(case, now=now)
                for case in _cases(name, inner, its_lines, mistakes)
            ]
    for number, entry in enumerate(_listed(data.get("retrieval"))):
        line = document.lines_of(("retrieval", number))[0]
        cases += read_retrieval(file, entry, line, mistakes)
    if not cases and not mistakes:
        mistakes.append(
            f"{file}:{document.first}: names no cases; expected `cases:` or `retrieval:`"
        )
    return Suite(
        name=str(data.get("name") or file.parent.name),
        cases=tuple(cases),
        now=_moment(data, document, file, mistakes),
        organisation=_organisation(file, data, document, mistakes),
        baseline=_beside(file, data, "baseline"),
        gate=_beside(file, data, "gate"),
        title=str(data.get("title") or ""),
        origin=str(data.get("origin") or ""),
        licence=str(data.get("licence") or ""),
    )


def _organisation(
    file: Path, data: Mapping[str, Any], document: YamlDocument, mistakes: list[str]
) -> tuple[Path, ...] | str:
    named = _listed(data.get("organisation"))
    if named == ["demo"]:
        return "demo"
    folders = tuple((file.parent / str(name)).resolve() for name in named)
    line = document.lines_of(("organisation",))[0]
    mistakes += [f"{file}:{line}: there is no folder {str(f)!r}" for f in folders if not f.exists()]
    return folders


def _beside(file: Path, data: Mapping[str, Any], key: str) -> Path | None:
    """A file the suite names, or the usual one beside it; a baseline may not be there yet."""
    if key in data:
        return file.parent / str(data[key])
    usual = file.parent / {"baseline": "baseline.json", "gate": "gate.yaml"}[key]
    return usual if usual.exists() else None


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _moment(
    data: Mapping[str, Any],
    document: YamlDocument,
    file: Path,
    mistakes: list[str],
    at: tuple[str | int, ...] = (),
) -> datetime | None:
    value = data.get("now")
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        line = document.lines_of((*at, "now"))[0]
        mistakes.append(
            f"{file}:{line}: now is {value!r}; expected a moment such as 2026-11-20T12:00:00Z"
        )
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _cases(
    file: Path, data: Mapping[str, Any], document: YamlDocument, mistakes: list[str]
) -> Iterator[Case]:
    questions = data.get("questions")
    if not isinstance(questions, list):
        mistakes.append(f"{file}:{document.first}: expected a list under `questions:`")
        return
    for number, raw in enumerate(questions):
        at = ("questions", number)
        line = document.lines_of(at)[0]
        if not isinstance(raw, dict):
            mistakes.append(f"{file}:{line}: expected a case with id, type, question and expect")
            continue
        said = {_ALIASES.get(str(key), str(key)): value for key, value in raw.items()}
        before = len(mistakes)
        mistakes += [
            _unknown(file, document, (*at, key), key, _CASE_KEYS)
            for key in said
            if key not in _CASE_KEYS
        ]
        mistakes += [
            f"{file}:{line}: a case without {key!r}; give it one"
            for key in ("id", "type", "question")
            if not str(said.get(key) or "").strip()
        ]
        written = _translated(said.get("expect")) if "ask" in raw else said.get("expect")
        expect = _expect(file, written, document, at, line, mistakes)
        moment = _moment(said, document, file, mistakes, at)
        if len(mistakes) == before:
            yield Case(
                id=str(said["id"]),
                type=str(said["type"]),
                question=str(said["question"]),
                expect=expect,
                now=moment,
                asker=str(said["as"]) if said.get("as") else None,
                after=str(said["after"]) if said.get("after") else None,
                held_out=bool(said.get("held_out")),
                search=bool(said.get("search")),
                path=str(file),
                line=line,
            )


def _expect(
    file: Path,
    value: Any,
    document: YamlDocument,
    at: tuple[str | int, ...],
    line: int,
    mistakes: list[str],
) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        mistakes.append(f"{file}:{line}: a case without `expect`; say what must come back")
        return {}
    for key, wanted in value.items():
        row = KEY_BY_NAME.get(str(key))
        where = (*at, "expect", key)
        if row is None:
            mistakes.append(_unknown(file, document, where, str(key), tuple(KEY_BY_NAME)))
        elif not row.fits(_rows_of(wanted) if key == "rows" else wanted):
            found = document.lines_of(where)[0]
            mistakes.append(f"{file}:{found}: {key} is {wanted!r:.80}; expected {row.expected}")
    if set(value) == {"note"}:
        mistakes.append(
            f"{file}:{line}: only a note stands under `expect`; say what must come back"
        )
    expect = dict(value)
    if "rows" in expect:
        expect["rows"] = _rows_of(expect["rows"])
    return expect


def _translated(expect: Any) -> Any:
    """The shorter dialect: what is said may stand anywhere in the answer, and `rows_include` holds the rows."""
    if not isinstance(expect, dict):
        return expect
    found = {("holds" if key == "says" else key): value for key, value in expect.items()}
    if not isinstance(found.get("rows_include", True), bool):
        found |= {"rows": found["rows_include"], "rows_include": True}
    return found


def _rows_of(value: Any) -> Any:
    """Rows may be written as a list of `{key, value}` when their order is of interest to people."""
    if isinstance(value, list) and all(
        isinstance(r, dict) and {"key", "value"} <= set(r) for r in value
    ):
        return {row["key"]: row["value"] for row in value}
    return value


def _unknown(
    file: Path,
    document: YamlDocument,
    at: tuple[str | int, ...],
    key: str,
    known: Sequence[str],
) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "known are " + ", ".join(known)
    return f"{file}:{document.lines_of(at)[0]}: unknown key {key!r}; {hint}"


def _across(cases: Sequence[Case]) -> Iterator[str]:
    """What is wrong between cases: ids said twice, follow-ups of nothing, circles."""
    first: dict[str, Case] = {}
    for case in cases:
        if case.id in first:
            there = first[case.id]
            yield f"{case.path}:{case.line}: the id {case.id!r} is taken, at {there.path}:{there.line}"
        first.setdefault(case.id, case)
    for case in cases:
        seen, current = {case.id}, case
        while current.after is not None:
            if current.after not in first:
                yield f"{case.path}:{case.line}: {case.id!r} comes after {current.after!r}, which no case is called"
                break
            if current.after in seen:
                yield f"{case.path}:{case.line}: {case.id!r} comes after itself"
                break
            seen.add(current.after)
            current = first[current.after]
