"""Gates: what has to hold for a change to pass, as a file of rules, and whether it does.

- measure: right                # at least so good, over everything or a part
  at_least: 0.95
- measure: silent_wrong
  at_most: 0.02
  where: {type: negation}       # type, held_out
- measure: right
  drop_at_most: 0.01            # against the baseline
- measure: right
  worse_at: 0.05                # fails when a paired test calls it worse at this level
- newly_wrong_at_most: 0        # cases that were right in the baseline and are not now; `silently: true` counts those alone
- cases: [lookup-01]            # these must be right, whatever the rest
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog_store.errors import InvalidSuite
from eval.measures import LATENCIES, MEASURE_BY_NAME, Figure, measured
from eval.outcome import Outcome
from eval.statistics import mcnemar, sign_flips
from indexer.yaml_lines import read_yaml

LIMITS = ("at_least", "at_most", "drop_at_most", "rise_at_most", "worse_at")
_KEYS = ("measure", *LIMITS, "where", "suite", "newly_wrong_at_most", "silently", "cases")
_PART_KEYS = ("type", "held_out")
_ROUNDING = 1e-9
"""0.9 − 0.85 is a little more than 0.05 to a computer, and not to whoever wrote the rule."""

_NAMED = 8
"""Cases a message lists."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a gate.

    Attributes:
        where: only cases of this type, or held out or not.
        suite: only in this suite; every suite when None.
        limits: name of a limit → its number.
        cases: ids that must be right.
        line: where it stands in the file.
    """

    measure: str | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)
    suite: str | None = None
    newly_wrong: int | None = None
    silently: bool = False
    cases: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule holds over a suite, in words.

    Attributes:
        rule: what was asked, for people.
        said: what was found.
    """

    suite: str
    rule: str
    holds: bool
    said: str


def read_gate(path: Path) -> list[Rule]:
    """The rules of a gate file.

    Raises:
        InvalidSuite: a rule cannot be read; lists every mistake with file and line.
    """
    try:
        stream = read_yaml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSuite([f"{path}: the gate cannot be read ({error})"]) from error
    mistakes = [f"{path}:{fault.line}: {fault.message}" for fault in stream.faults]
    document = next(iter(stream.documents), None)
    if document is None or not isinstance(document.value, list):
        raise InvalidSuite([*mistakes, f"{path}:1: expected a list of rules: `- measure: right …`"])
    rules = []
    for number, raw in enumerate(document.value):
        line = document.lines_of((number,))[0]
        wrong = list(_mistakes(raw))
        mistakes += [f"{path}:{line}: {mistake}" for mistake in wrong]
        if not wrong:
            rules.append(_rule(raw, line))
    if mistakes:
        raise InvalidSuite(mistakes)
    return rules


def _mistakes(raw: Any) -> list[str]:
    if not isinstance(raw, dict):
        return ["expected a rule such as `measure: right` with `at_least: 0.95`"]
    found = []
    for key in raw:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, n=1)
            found.append(
                f"unknown key {key!r}; "
                + (f"did you mean {near[0]!r}?" if near else "known are " + ", ".join(_KEYS))
            )
    name = raw.get("measure")
    if name is not None and name not in MEASURE_BY_NAME and not _is_latency(str(name)):
        near = difflib.get_close_matches(str(name), [*MEASURE_BY_NAME, *LATENCIES], n=1)
        found.append(
            f"no measure is called {name!r}; "
            + (f"did you mean {near[0]!r}?" if near else "docs/evals.md lists them")
        )
    for key in (*LIMITS, "newly_wrong_at_most"):
        value = raw.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            found.append(f"{key} is {value!r}; expected a number")
    limits = [key for key in LIMITS if raw.get(key) is not None]
    if (name is None) == bool(limits):
        found.append("a measure goes with one of " + ", ".join(LIMITS))
    if name is None and raw.get("newly_wrong_at_most") is None and not raw.get("cases"):
        found.append("a rule names a measure, `newly_wrong_at_most` or `cases`")
    where = raw.get("where") or {}
    if not isinstance(where, dict) or set(where) - set(_PART_KEYS):
        found.append(f"where is {where!r}; expected {{type: …}} or {{held_out: true}}")
    return found


def _is_latency(name: str) -> bool:
    clock, _, percentile = name.rpartition("_p")
    return clock.endswith("_ms") and percentile.isdigit()


def _rule(raw: Mapping[str, Any], line: int) -> Rule:
    return Rule(
        measure=raw.get("measure"),
        limits={key: float(raw[key]) for key in LIMITS if raw.get(key) is not None},
        where=raw.get("where") or {},
        suite=raw.get("suite"),
        newly_wrong=raw.get("newly_wrong_at_most"),
        silently=bool(raw.get("silently")),
        cases=tuple(str(case) for case in raw.get("cases") or ()),
        line=line,
    )


def check_gate(
    rules: Sequence[Rule],
    suite: str,
    outcomes: Sequence[Outcome],
    baseline: Mapping[str, Outcome],
) -> list[Verdict]:
    """Every rule over one suite's outcomes.

    Args:
        rules: of the gate.
        suite: its name; rules of other suites are left out.
        outcomes: of the run.
        baseline: case id → earlier outcome; without one, rules that compare hold, and say so.
    """
    verdicts = []
    for rule in rules:
        if rule.suite is not None and rule.suite != suite:
            continue
        part = [o for o in outcomes if _is_part(o, rule.where)]
        said = ", ".join(f"{key} {value}" for key, value in rule.where.items())
        scope = f" ({said})" if said else ""
        if rule.cases:
            verdicts.append(_must(rule, suite, outcomes))
        elif rule.newly_wrong is not None:
            verdicts.append(_newly_wrong(rule, suite, part, baseline, scope))
        else:
            verdicts += [
                _limit(rule, name, limit, suite, part, baseline, scope)
                for name, limit in rule.limits.items()
            ]
    return verdicts


def _is_part(outcome: Outcome, where: Mapping[str, Any]) -> bool:
    return all(getattr(outcome, key) == value for key, value in where.items())


def _must(rule: Rule, suite: str, outcomes: Sequence[Outcome]) -> Verdict:
    right = {outcome.id for outcome in outcomes if outcome.right}
    wrong = [case for case in rule.cases if case not in right]
    asked = f"{len(rule.cases)} named cases are right"
    said = "all are" if not wrong else "wrong or not asked: " + _few(wrong)
    return Verdict(suite, asked, not wrong, said)


def _few(cases: Sequence[str]) -> str:
    more = len(cases) - _NAMED
    return ", ".join(cases[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def newly_wrong(
    outcomes: Sequence[Outcome], baseline: Mapping[str, Outcome], *, silently: bool = False
) -> list[Outcome]:
    """Cases that were right in the baseline, are the same case still, and are wrong now."""
    return [
        o
        for o in outcomes
        if (before := baseline.get(o.id)) is not None
        and before.digest == o.digest
        and before.right
        and (o.silent if silently else not o.right)
    ]


def _newly_wrong(
    rule: Rule, suite: str, part: Sequence[Outcome], baseline: Mapping[str, Outcome], scope: str
) -> Verdict:
    assert rule.newly_wrong is not None
    wrong = newly_wrong(part, baseline, silently=rule.silently)
    word = "silently wrong" if rule.silently else "wrong"
    asked = f"newly {word} at most {rule.newly_wrong}{scope}"
    if not baseline:
        return Verdict(suite, asked, True, "no baseline to compare with")
    said = f"{len(wrong)}" + (": " + _few([o.id for o in wrong]) if wrong else "")
    return Verdict(suite, asked, len(wrong) <= rule.newly_wrong, said)


def _limit(
    rule: Rule,
    name: str,
    limit: float,
    suite: str,
    part: Sequence[Outcome],
    baseline: Mapping[str, Outcome],
    scope: str,
) -> Verdict:
    assert rule.measure is not None
    asked = f"{rule.measure} {name.replace('_', ' ')} {limit:g}{scope}"
    now = measured(part, only=[rule.measure]).get(rule.measure)
    if now is None:
        return Verdict(suite, asked, False, "no case says anything about it")
    if name == "at_least":
        return Verdict(suite, asked, now.value >= limit - _ROUNDING, shown(now))
    if name == "at_most":
        return Verdict(suite, asked, now.value <= limit + _ROUNDING, shown(now))
    same = [
        (baseline[o.id], o) for o in part if o.id in baseline and baseline[o.id].digest == o.digest
    ]
    if not same:
        return Verdict(suite, asked, True, f"{shown(now)}; no baseline to compare with")
    if name == "worse_at":
        return _tested(rule.measure, limit, suite, same, asked)
    before = measured([b for b, _ in same], only=[rule.measure]).get(rule.measure)
    after = measured([a for _, a in same], only=[rule.measure]).get(rule.measure)
    if before is None or after is None:
        return Verdict(suite, asked, True, f"{shown(now)}; the baseline has no such figure")
    change = after.value - before.value
    holds = (-change if name == "drop_at_most" else change) <= limit + _ROUNDING
    return Verdict(suite, asked, holds, f"{before.value:.4g} → {after.value:.4g} ({change:+.4g})")


def paired(
    measure: str, pairs: Sequence[tuple[Outcome, Outcome]]
) -> tuple[list[float], list[float]]:
    """A measure of every case both runs have a value for, before and after."""
    part = MEASURE_BY_NAME[measure].part
    both = [(b, a) for one, other in pairs if (b := part(one)) and (a := part(other))]
    return (
        [b[0] / b[1] for b, a in both if b[1] and a[1]],
        [a[0] / a[1] for b, a in both if b[1] and a[1]],
    )


def _tested(
    measure: str, level: float, suite: str, pairs: Sequence[tuple[Outcome, Outcome]], asked: str
) -> Verdict:
    if measure not in MEASURE_BY_NAME:
        return Verdict(suite, asked, False, "times are not compared by a paired test; use at_most")
    before, after = paired(measure, pairs)
    p = p_value(before, after)
    change = (sum(after) - sum(before)) / len(before) if before else 0.0
    worse = change < 0 if MEASURE_BY_NAME[measure].higher_is_better else change > 0
    return Verdict(
        suite,
        asked,
        not (worse and p < level),
        f"change {change:+.4g} over {len(before)} cases, p = {p:.3g}",
    )


def p_value(before: Sequence[float], after: Sequence[float]) -> float:
    """Of a paired comparison: McNemar's exact test where every case is right or wrong, else random sign flips."""
    if set(before) | set(after) <= {0.0, 1.0}:
        return mcnemar([bool(b) for b in before], [bool(a) for a in after])
    return sign_flips(before, after)


def shown(figure: Figure) -> str:
    """A figure with its interval, for people."""
    if figure.unit == "share":
        return f"{figure.value:.1%} [{figure.low:.1%}, {figure.high:.1%}] of {figure.cases}"
    return f"{figure.value:.1f} {figure.unit} [{figure.low:.1f}, {figure.high:.1f}]"
