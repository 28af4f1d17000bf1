"""Whether an answer is what a case expects, and why not: *execution match*.

Judged on the body that `POST /v1/ask` sends, so a store, a server and somebody else's server are held to the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)[T ]?(\d\d:\d\d)?")
"""`2026-11-20`, `2026-11-20T12:00`: seconds and offsets are not compared."""

DEFAULT_TOLERANCE = 0.01
"""How far a number may be off, relative: values are worded rounded."""

WITHIN = 3
"""How many passages are looked at for the expected page."""


def wanted_statuses(expect: Mapping[str, Any]) -> tuple[str, ...]:
    """The statuses that pass.

    >>> wanted_statuses({"results": []})
    ('empty',)
    """
    status = expect.get("status") or ("empty" if expect.get("results") == [] else "answered")
    return tuple(status) if isinstance(status, list) else (status,)


def judge(answer: Mapping[str, Any], expect: Mapping[str, Any]) -> str:
    """Why the answer is wrong; empty when it is right.

    Args:
        answer: the body of `POST /v1/ask`.
        expect: what the case expects, with the keys of `eval/expectations.py`.

    >>> judge({"status": "answered", "value": 12.05}, {"value": 12})
    ''
    >>> judge({"status": "empty"}, {"value": 12})
    'status empty, wanted answered'
    """
    wanted = wanted_statuses(expect)
    status = answer.get("status")
    if status not in wanted:
        return f"status {status}, wanted {'/'.join(wanted)}"
    if status != "answered" and "options" not in expect:
        return ""
    for check in (_results, _first_of, _value, _rows, _passage, _texts, _options, _plan):
        if why := check(answer, expect):
            return why
    return ""


def same_value(got: object, want: object, tolerance: float = DEFAULT_TOLERANCE) -> bool:
    """Whether two values are one: numbers within the relative tolerance, moments to the minute, text whatever its case.

    >>> same_value("2026-11-20T12:00:59Z", "2026-11-20T12:00"), same_value(True, 1)
    (True, False)
    """
    if isinstance(want, bool) or isinstance(got, bool):
        return got is want
    if isinstance(want, int | float):
        try:
            number = float(got)  # type: ignore[arg-type]  # what is no number is caught
        except (TypeError, ValueError):
            return False
        return abs(number - want) <= max(abs(want) * tolerance, 1e-9)
    a, b = _MOMENT.match(str(got or "")), _MOMENT.match(str(want))
    if a and b:
        return a.group(1) == b.group(1) and (not b.group(2) or a.group(2) == b.group(2))
    return _plain(got) == _plain(want)


def refs_of(answer: Mapping[str, Any]) -> list[str]:
    """References of the results, in order, lower-case."""
    return [_plain(result.get("ref")) for result in answer.get("results") or ()]


def pages_of(answer: Mapping[str, Any]) -> list[str]:
    """Paths of the passages, in order, lower-case."""
    return [_plain(passage.get("path", "")) for passage in answer.get("passages") or ()]


def _plain(value: object) -> str:
    return str(value).strip().lower()


def _set(refs: Iterable[object]) -> set[str]:
    return {_plain(ref) for ref in refs}


def _results(answer: Mapping[str, Any], expect: Mapping[str, Any]) -> str:
    found = refs_of(answer)
    if "results" in expect:
        wanted = [_plain(ref) for ref in expect["results"]]
        same = found == wanted if expect.get("ordered") else set(found) == set(wanted)
        if not same:
            missing, extra = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
            if not missing and not extra:
                return "results: another order"
            return f"results: {len(missing)} missing {missing[:3]}, {len(extra)} extra {extra[:3]}"
    lacking = _set(expect.get("includes") or ()) - set(found)
    if lacking:
        return f"results: not among them {sorted(lacking)[:3]}"
    present = _set(expect.get("excludes") or ()) & set(found)
    if present:
        return f"results: among them what must not be, {sorted(present)[:3]}"
    return ""


def _first_of(answer: Mapping[str, Any], expect: Mapping[str, Any]) -> str:
    found = refs_of(answer)[:1]
    if "top" in expect:
        first = found + pages_of(answer)[:1]
        named = {form for it in first for form in (it, f"doc:{it}", f"runbook:{it}")}
        if not _set(expect["top"]) & named:
            return f"top: {first}, wanted one of {expect['top'][:3]}"
    if "first" in expect:
        rows = [_plain(row.get("key")) for row in answer.get("rows") or ()][:1]
        if _plain(expect["first"]) not in rows + found:
            return f"first: {rows + found}, wanted {expect['first']}"
    return ""


def _value(answer: Mapping[str, Any], expect: Mapping[str, Any]) -> str:
    tolerance = expect.get("tolerance", DEFAULT_TOLERANCE)
    if "value" in expect and not same_value(answer.get("value"), expect["value"], tolerance):
        return f"value {answer.get('value')!r}, wanted {expect['value']!r}"
    return ""


def _rows(answer: Mapping[str, Any], expect: Mapping[str, Any]) -> str:
    rows = answer.get("rows") or ()
    found = {_plain(row.get("key")): row.get("value") for row in rows}
    cells = {
        f"{_plain(row.get('key'))} / {_plain(cell.get('key'))}": cell.get("value")
        for row in rows
        for cell in row.get("cells") or ()
    }
    wrong = _groups(found, expect, "rows") if "rows" in expect else ""
    return wrong or (_groups(cells, expect, "cells") if "cells" in expect else "")


def _groups(found: Mapping[str, Any], expect: Mapping[str, Any], name: str) -> str:
    wanted = {_plain(key): value for key, value in expect[name].items()}
    if not expect.get("rows_include") and set(found) != set(wanted):
        return f"{name}: keys differ by {sorted(set(found) ^ set(wanted))[:4]}"
    for key, value in wanted.items():
        tolerance = expect.get("tolerance", DEFAULT_TOLERANCE)
        if key not in found or not same_value(found[key], value, tolerance):
            return f"{name}: {key} is {found.get(key)!r}, wanted {value!r}"
    return ""


def _passage(answer: Mapping[str, Any], expect: Mapping[str, Any]) -> str:
    if "passage" not in expect:
        return ""
    wanted = _set(expect["passage"]["paths"])
    seen = pages_of(answer)[: expect["passage"].get("within", WITHIN)]
    seen += [
        ref.split(":", 1)[1] for ref in refs_of(answer)[:1] if ref.startswith(("doc:", "runbook:"))
    ]
    if any(_same_page(s, w) for s in seen if s for w in wanted):
        return ""
    return f"passage: saw {seen}"


def _same_page(one: str, other: str) -> bool:
    return one == other or one.endswith(f"/{other}") or other.endswith(f"/{one}")


def _texts(answer: Mapping[str, Any], expect: Mapping[str, Any]) -> str:
    text = _plain(answer.get("text", ""))
    lacking = [s for s in expect.get("says") or () if _plain(s) not in text]
    if lacking:
        return f"text lacks {lacking}"
    if "any_says" in expect and not any(_plain(s) in text for s in expect["any_says"]):
        return f"text has none of {expect['any_says'][:4]}"
    if "holds" in expect:
        parts = [answer.get(name) for name in ("value", "rows", "results")]
        everything = text + json.dumps(parts, default=str, ensure_ascii=False).lower()
        lacking = [s for s in expect["holds"] if _plain(s) not in everything]
        if lacking:
            return f"answer holds no {lacking}"
    return ""


def _options(answer: Mapping[str, Any], expect: Mapping[str, Any]) -> str:
    if "options" not in expect:
        return ""
    offered = _plain(json.dumps(answer.get("options") or [], ensure_ascii=False))
    if any(_plain(option) in offered for option in expect["options"]):
        return ""
    return f"options: none of {expect['options'][:3]}"


def _plan(answer: Mapping[str, Any], expect: Mapping[str, Any]) -> str:
    if "plan" not in expect:
        return ""
    from eval.plans import same_plan  # noqa: PLC0415  few suites expect plans

    got = (answer.get("interpretation") or {}).get("plan")
    return "" if same_plan(got, expect["plan"]) else "plan: another reading"
