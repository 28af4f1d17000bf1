"""A gate says what broke, and refuses rules it cannot read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from catalog_store.errors import InvalidSuite
from eval.gate import check_gate, read_gate
from eval.outcome import Outcome
from eval.results import read_baseline, write_baseline
from tests.eval.test_measures import outcome

BEFORE = [
    outcome(id=f"c{n}", right=n >= 2, silent=n == 0, wall_ms=10.0 * (n + 1)) for n in range(20)
]
"""18 of 20 right, one silently wrong."""


def _now(*wrong: int, silent: bool = False) -> list[Outcome]:
    return [
        outcome(
            id=f"c{n}",
            right=n not in (0, 1, *wrong),
            silent=n == 0 or (silent and n in wrong),
            type="x" if n < 10 else "y",
            wall_ms=10.0 * (n + 1),
        )
        for n in range(20)
    ]


@dataclass(frozen=True)
class Case:
    """A rule, the outcomes, and whether it holds."""

    id: str
    rule: str
    now: list[Outcome]
    holds: bool


CASES = [
    Case("at least, met", "{measure: right, at_least: 0.9}", _now(), True),
    Case("at least, missed", "{measure: right, at_least: 0.9}", _now(5), False),
    Case("at most", "{measure: silent_wrong, at_most: 0.05}", _now(), True),
    Case(
        "at most, exceeded", "{measure: silent_wrong, at_most: 0.05}", _now(5, silent=True), False
    ),
    Case("a part", "{measure: right, at_least: 1, where: {type: y}}", _now(5), True),
    Case(
        "a part with nothing in it says so",
        "{measure: right, at_least: 0, where: {type: z}}",
        _now(),
        False,
    ),
    Case("a small drop", "{measure: right, drop_at_most: 0.05}", _now(5), True),
    Case("a drop", "{measure: right, drop_at_most: 0.05}", _now(5, 6), False),
    Case("a rise", "{measure: silent_wrong, rise_at_most: 0}", _now(5, silent=True), False),
    Case("worse, but perhaps by chance", "{measure: right, worse_at: 0.05}", _now(5, 6, 7), True),
    Case("worse beyond chance", "{measure: right, worse_at: 0.05}", _now(*range(5, 12)), False),
    Case("newly wrong", "{newly_wrong_at_most: 1}", _now(5), True),
    Case("too many newly wrong", "{newly_wrong_at_most: 1}", _now(5, 6), False),
    Case("refusals are not silent", "{newly_wrong_at_most: 0, silently: true}", _now(5, 6), True),
    Case("cases that must be right", "{cases: [c5]}", _now(6), True),
    Case("and are not", "{cases: [c5]}", _now(5), False),
    Case("or were not asked", "{cases: [c99]}", _now(), False),
    Case("times", "{measure: wall_ms_p95, at_most: 250}", _now(), True),
    Case("times, too long", "{measure: wall_ms_p50, at_most: 50}", _now(), False),
    Case("another suite's rule", "{measure: right, at_least: 1, suite: other}", _now(), True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_rules(tmp_path: Path, case: Case) -> None:
    (tmp_path / "gate.yaml").write_text(f"- {case.rule}\n")
    write_baseline(tmp_path / "baseline.json", {"s": BEFORE})
    baseline = read_baseline(tmp_path / "baseline.json").of("s")
    verdicts = check_gate(read_gate(tmp_path / "gate.yaml"), "s", case.now, baseline)
    assert all(v.holds for v in verdicts) is case.holds, verdicts


def test_without_a_baseline_comparing_rules_say_so(tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text(
        "- {measure: right, worse_at: 0.05}\n- {newly_wrong_at_most: 0}\n"
    )
    verdicts = check_gate(read_gate(tmp_path / "gate.yaml"), "s", _now(5), {})
    assert all(v.holds and "no baseline" in v.said for v in verdicts)


MISTAKES = {
    "- {measure: rihgt, at_least: 1}": "no measure is called 'rihgt'; did you mean 'right'?",
    "- {measure: right}": "a measure goes with one of",
    "- {measure: right, at_leest: 1}": "unknown key 'at_leest'; did you mean 'at_least'?",
    "- {measure: right, at_least: high}": "at_least is 'high'; expected a number",
    "- {measure: right, at_least: 1, where: {tpye: x}}": "where is",
    "- {suite: x}": "a rule names a measure",
    "- right": "expected a rule such as",
    "measure: right": "expected a list of rules",
    "- [": "not valid YAML",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_rule_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "gate.yaml").write_text("\n" + text)
    with pytest.raises(InvalidSuite) as refused:
        read_gate(tmp_path / "gate.yaml")
    assert MISTAKES[text] in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "{}", '{"version": 99}', '{"version": 1}\n{"suite": "s"}', "[]"]
)
def test_what_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "baseline.json").write_text(text)
    with pytest.raises(InvalidSuite, match="baseline"):
        read_baseline(tmp_path / "baseline.json")
