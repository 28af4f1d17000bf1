"""Asks the cases of tests/questions and judges the answers; the format is described in tests/questions/README.md."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from assistant.answer import Answer
from assistant.assistant import Assistant

QUESTIONS = Path(__file__).parent / "questions"


@dataclass(frozen=True)
class Case:
    """One question of a file."""

    id: str
    org: str
    topic: str
    ask: str
    now: datetime
    expect: Mapping[str, Any]
    asker: str | None = None
    after: str | None = None
    held_out: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a case went. `silent` is the worst kind: answered with confidence, and wrong."""

    case: Case
    right: bool
    why: str
    silent: bool
    answer: Answer


def load(org: str) -> list[Case]:
    """Every case of an organisation, in file order."""
    cases = []
    for path in sorted(QUESTIONS.glob(f"{org}-*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        now = datetime.fromisoformat(data["now"])
        cases += [
            Case(
                id=q["id"],
                org=org,
                topic=q["topic"],
                ask=str(q["ask"]),
                now=now,
                expect=q["expect"],
                asker=q.get("as"),
                after=q.get("after"),
                held_out=bool(q.get("held_out")),
            )
            for q in data["questions"]
        ]
    return cases


def ask_all(assistant: Assistant, cases: Sequence[Case]) -> list[Outcome]:
    """Ask every case, each follow-up in the conversation of the question it names."""
    conversations: dict[str, str | None] = {}
    outcomes = []
    waiting = list(cases)
    while waiting:
        ready = [c for c in waiting if c.after is None or c.after in conversations]
        if not ready:
            raise ValueError(
                f"follow-ups without a question before them: {[c.id for c in waiting]}"
            )
        for case in ready:
            before = conversations[case.after] if case.after else None
            answer = assistant.ask(
                case.ask, now=case.now, asker=case.asker, conversation=before, limit=1000
            )
            conversations[case.id] = answer.conversation
            outcomes.append(judge(case, answer))
        waiting = [c for c in waiting if c.id not in conversations]
    return outcomes


def judge(case: Case, answer: Answer) -> Outcome:
    """Whether the answer is right, and why not."""
    why = _why_wrong(case.expect, answer)
    silent = why != "" and answer.status.value in ("answered", "empty")
    return Outcome(case, why == "", why, silent, answer)


def _why_wrong(expect: Mapping[str, Any], answer: Answer) -> str:
    wanted = expect.get("status") or ("empty" if expect.get("results") == [] else "answered")
    allowed = wanted if isinstance(wanted, list) else [wanted]
    if answer.status.value not in allowed:
        return f"status {answer.status.value}, wanted {'/'.join(allowed)}"
    found = [r.ref.lower() for r in answer.results]
    if set(_refs(expect.get("excludes"))) & set(found):
        return "holds what is excluded"
    if answer.status.value != "answered":
        return ""
    for check in (_results, _value, _rows, _text, _passage):
        why = check(expect, answer, found)
        if why:
            return why
    return ""


def _refs(refs: Iterable[str] | None) -> list[str]:
    return [str(ref).lower() for ref in refs or ()]


def _results(expect: Mapping[str, Any], _: Answer, found: list[str]) -> str:
    if "results" in expect:
        wanted = _refs(expect["results"])
        same = found == wanted if expect.get("ordered") else set(found) == set(wanted)
        if not same:
            missing, extra = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
            return f"results: missing {missing[:3]}, extra {extra[:3]}"
    if not set(_refs(expect.get("includes"))) <= set(found):
        return f"results: not among them {sorted(set(_refs(expect['includes'])) - set(found))[:3]}"
    if "first" in expect and found[:1] != [str(expect["first"]).lower()]:
        return f"first is {found[:1]}, wanted {expect['first']}"
    return ""


def _same(got: object, wanted: object, tolerance: float) -> bool:
    if isinstance(wanted, bool) or isinstance(got, bool):
        return got is wanted
    if isinstance(wanted, int | float):
        return isinstance(got, int | float) and abs(got - wanted) <= max(
            abs(wanted) * tolerance, 1e-9
        )
    return str(got or "").lower()[:16] == str(wanted).lower()[:16]


def _value(expect: Mapping[str, Any], answer: Answer, _: list[str]) -> str:
    if "value" in expect and not _same(
        answer.value, expect["value"], expect.get("tolerance", 0.01)
    ):
        return f"value {answer.value!r}, wanted {expect['value']!r}"
    return ""


def _rows(expect: Mapping[str, Any], answer: Answer, _: list[str]) -> str:
    got = {str(r.key).lower(): r.value for r in answer.rows}
    for name, exact in (("rows", True), ("rows_include", False)):
        if name not in expect or isinstance(expect[name], bool):
            continue
        listed = expect[name]
        pairs = (
            listed.items()
            if isinstance(listed, Mapping)
            else ((r["key"], r["value"]) for r in listed)
        )
        wanted = {str(key).lower(): value for key, value in pairs}
        if exact and set(got) != set(wanted):
            return f"rows: keys differ by {sorted(set(got) ^ set(wanted))[:4]}"
        for key, value in wanted.items():
            if not _same(got.get(key), value, 0.01):
                return f"rows: {key} is {got.get(key)!r}, wanted {value!r}"
    return ""


def _text(expect: Mapping[str, Any], answer: Answer, _: list[str]) -> str:
    held = [answer.value, [r.model_dump(mode="json") for r in (*answer.rows, *answer.results)]]
    text = (answer.text + json.dumps(held, default=str, ensure_ascii=False)).lower()
    lacking = [s for s in expect.get("says", ()) if str(s).lower() not in text]
    if lacking:
        return f"does not say {lacking}"
    if "any_says" in expect and not any(str(s).lower() in text for s in expect["any_says"]):
        return f"says none of {expect['any_says'][:4]}"
    return ""


def _passage(expect: Mapping[str, Any], answer: Answer, found: list[str]) -> str:
    if "passage" not in expect:
        return ""
    seen = [p.path.lower() for p in answer.passages[: expect["passage"].get("within", 3)]]
    seen += [ref.split(":", 1)[1] for ref in found if ref.startswith(("runbook:", "doc:"))]
    wanted = [str(path).lower() for path in expect["passage"]["paths"]]
    return "" if any(path in seen for path in wanted) else f"pages {seen}"


def table(outcomes: Iterable[Outcome]) -> str:
    """Right and silently wrong by topic, and over all."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.case.topic].append(outcome)
    everything = [o for group in groups.values() for o in group]
    lines = [_line(name, group) for name, group in sorted(groups.items())]
    return "\n".join([*lines, _line("all", everything)])


def _line(name: str, group: Sequence[Outcome]) -> str:
    return f"{name:<18}{len(group):>5}  right {rate(group):6.1%}  silently wrong {silent_rate(group):6.1%}"


def rate(outcomes: Sequence[Outcome]) -> float:
    """Share that is right."""
    return sum(o.right for o in outcomes) / len(outcomes)


def silent_rate(outcomes: Sequence[Outcome]) -> float:
    """Share that is answered, and wrong."""
    return sum(o.silent for o in outcomes) / len(outcomes)
