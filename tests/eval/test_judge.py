"""Execution match: what passes and what does not, one row a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.judge import judge, same_value

A, B, C = "component:default/a", "component:default/b", "component:default/c"


def _answer(**parts: Any) -> dict[str, Any]:
    refs = parts.pop("refs", [])
    return {
        "status": "answered",
        "text": "Two things.",
        "results": [{"ref": r} for r in refs],
    } | parts


@dataclass(frozen=True)
class Case:
    """An answer, what was expected, and the start of the complaint."""

    id: str
    answer: dict[str, Any]
    expect: dict[str, Any]
    complaint: str = ""


CASES = [
    Case("the exact set, in any order and case", _answer(refs=[A.upper(), B]), {"results": [B, A]}),
    Case("one missing", _answer(refs=[A]), {"results": [A, B]}, "results: 1 missing"),
    Case("one extra", _answer(refs=[A, B]), {"results": [A]}, "results: 0 missing [], 1 extra"),
    Case("another order", _answer(refs=[B, A]), {"results": [A, B], "ordered": True}, "results: another order"),
    Case("nothing wanted means empty", _answer(status="empty"), {"results": []}),
    Case("answered where nothing was wanted", _answer(refs=[A]), {"results": []}, "status answered"),
    Case("one of several statuses", _answer(status="ambiguous"), {"status": ["answered", "ambiguous"]}),
    Case("a refusal needs nothing else", _answer(status="unknown_name"), {"status": "unknown_name", "value": 3}),
    Case("a refusal that must offer", _answer(status="ambiguous"), {"status": "ambiguous", "options": [A]}, "options"),
    Case(
        "and does, by reference",
        _answer(status="ambiguous", options=[{"label": "x", "ref": A}]),
        {"status": "ambiguous", "options": [A]},
    ),
    Case("includes", _answer(refs=[A, B]), {"includes": [A]}),
    Case("includes what is not there", _answer(refs=[A]), {"includes": [C]}, "results: not among them"),
    Case("excludes", _answer(refs=[A]), {"excludes": [A]}, "results: among them"),
    Case("a number a percent off", _answer(value=101.0), {"value": 100}),
    Case("a number further off", _answer(value=102.0), {"value": 100}, "value 102.0"),
    Case("a tolerance", _answer(value=109.0), {"value": 100, "tolerance": 0.1}),
    Case("yes is not one", _answer(value=True), {"value": 1}, "value True"),
    Case("a moment to the minute", _answer(value="2026-11-20T12:00:31Z"), {"value": "2026-11-20T12:00"}),
    Case("a date alone", _answer(value="2026-11-20T23:59:00Z"), {"value": "2026-11-20"}),
    Case("text whatever its case", _answer(value="Deprecated"), {"value": "deprecated"}),
    Case("rows", _answer(rows=[{"key": A, "value": 2}]), {"rows": {A: 2}}),
    Case("rows with one more", _answer(rows=[{"key": A, "value": 2}, {"key": B, "value": 1}]), {"rows": {A: 2}}, "rows: keys"),
    Case("where others may come", _answer(rows=[{"key": A, "value": 2}, {"key": B, "value": 1}]), {"rows": {A: 2}, "rows_include": True}),
    Case("a row that is off", _answer(rows=[{"key": A, "value": 3}]), {"rows": {A: 2}}, "rows: component"),
    Case("the first row", _answer(rows=[{"key": A, "value": 3}]), {"first": A}),
    Case("not the first", _answer(refs=[B, A]), {"first": A}, "first:"),
    Case("top by page", _answer(passages=[{"path": "runbooks/x.md"}]), {"top": ["runbook:runbooks/x.md"]}),
    Case("top that is another", _answer(refs=[B]), {"top": [A]}, "top:"),
    Case("a passage by the end of its path", _answer(passages=[{"path": "org/docs/x.md"}]), {"passage": {"paths": ["docs/x.md"]}}),
    Case("a passage too far down", _answer(passages=[{"path": "a"}, {"path": "b"}]), {"passage": {"paths": ["b"], "within": 1}}, "passage: saw"),
    Case("says", _answer(), {"says": ["two THINGS"]}),
    Case("does not say", _answer(), {"says": ["three"]}, "text lacks"),
    Case("says none", _answer(), {"any_says": ["three", "four"]}, "text has none"),
    Case("holds, in a row", _answer(rows=[{"key": "x", "value": "beta"}]), {"holds": ["beta"]}),
    Case("holds nothing such", _answer(), {"holds": ["gamma"]}, "answer holds no"),
    Case(
        "a plan, whatever the order of its conditions",
        _answer(interpretation={"plan": {"node": "select", "where": {"node": "all", "of": [
            {"node": "compare", "field": "tier", "op": "eq", "value": 1},
            {"node": "compare", "field": "lifecycle", "op": "eq", "value": "beta"}]}}}),
        {"plan": {"node": "select", "where": {"node": "all", "of": [
            {"node": "compare", "field": "lifecycle", "op": "eq", "value": "beta"},
            {"node": "compare", "field": "tier", "op": "eq", "value": 1}]}}},
    ),
    Case(
        "another plan",
        _answer(interpretation={"plan": {"node": "select", "kinds": ["API"]}}),
        {"plan": {"node": "select", "kinds": ["Component"]}},
        "plan: another reading",
    ),
    Case("no plan at all", _answer(), {"plan": {"node": "select"}}, "plan: another reading"),
    Case("a failure is never right", {"status": "failed", "text": "boom"}, {"value": 1}, "status failed"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_match(case: Case) -> None:
    why = judge(case.answer, case.expect)
    assert why.startswith(case.complaint) if case.complaint else not why


@given(
    st.lists(st.sampled_from([A, B, C]), unique=True),
    st.lists(st.sampled_from([A, B, C]), unique=True),
)
def test_results_match_exactly_when_the_sets_are_one(found: list[str], wanted: list[str]) -> None:
    answer = _answer(refs=found, status="answered" if found else "empty")
    assert (judge(answer, {"results": wanted}) == "") is (set(found) == set(wanted))


@given(st.floats(-1e9, 1e9), st.floats(0, 0.5))
def test_a_number_is_itself_and_no_further_than_its_tolerance(
    value: float, tolerance: float
) -> None:
    assert same_value(value, value, tolerance)
    assert not same_value(value + abs(value) * tolerance * 2 + 1, value, tolerance)
