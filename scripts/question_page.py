"""docs/questions.md: what people can ask, by phenomenon, drawn from the cases that are checked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

EXAMPLES = 6
"""Questions shown for each phenomenon."""

PHENOMENA: Mapping[str, str] = {
    "lookup": "One fact of one thing",
    "filters": "Things by any number of conditions",
    "negation": "What is not so, or missing",
    "amounts": "Numbers compared",
    "superlatives": "The most, the least, the top few",
    "counts": "How many",
    "groups": "Per team, per language, per month",
    "measures": "Delivery measures",
    "measures-by": "Delivery measures, grouped and ranked",
    "over-time": "Over time",
    "time": "When",
    "relations": "What depends on what",
    "nested": "Sets within sets",
    "events": "What happened",
    "objectives": "SLOs and health",
    "platform": "The platform around the services",
    "quality": "How well the catalog is kept",
    "me": "About the asker",
    "yes-no": "Yes or no",
    "compare": "Side by side",
    "follow-ups": "Leaning on the answer before",
    "loose-names": "Names as people say them",
    "same-word": "One word, several things",
    "shorthand": "Shorthand and noise",
    "shapes": "Ranks, rivals and exclusions",
    "wordings": "More wordings",
    "runbooks": "Runbooks",
    "how-to": "How something is done",
    "golden-paths": "Making something new",
    "topic-not-filter": "A name as the subject, not as a filter",
}
"""Topic of the cases → its heading, in the order of the page. Topics left out are refusals, shown apart."""

REFUSALS: Mapping[str, str] = {
    "empty": "Nothing matches (`empty`)",
    "unknown-name": "No such name (`unknown_name`)",
    "ambiguous": "Several things fit (`ambiguous`)",
    "no-such-fact": "Not held (`no_such_fact`)",
    "out-of-scope": "Not ours (`out_of_scope`)",
}


def question_lines(root: Path) -> Iterator[str]:
    """The lines of the page below its title, from a checkout's cases.

    What is held out is never shown, nor what the committed baseline of its suite says is still read wrongly.
    """
    by_topic = _by_topic(root / "tests" / "questions", _misread(root / "eval" / "suites"))
    yield "Every question here is a case that is checked with each change: the answers stand in `tests/questions/`, the organisations they"
    yield "ask in `tests/orgs/`. What is held out for measuring is not shown. Any other wording, over any other catalog, is read by the same"
    yield "rules: the words come from the [fields](fields.md) and from the names and values of the catalog itself."
    yield ""
    yield "## Answered"
    for topic, heading in PHENOMENA.items():
        yield from _section(heading, by_topic.get(topic, []))
    yield ""
    yield "## Refused, and how"
    yield ""
    yield "Five refusals are kept apart, each with what to do next."
    for topic, heading in REFUSALS.items():
        yield from _section(heading, by_topic.get(topic, []))


def _section(heading: str, asked: list[str]) -> Iterator[str]:
    if asked:
        yield ""
        yield f"### {heading}"
        yield ""
        yield from (f"- {question}" for question in asked[:EXAMPLES])


def _misread(suites: Path) -> frozenset[str]:
    """Ids of cases that the baselines keep as wrong or refused; the first line of each file is its version."""
    found = set()
    for path in suites.glob("*/baseline.json"):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            outcome = json.loads(line)
            if not outcome["right"]:
                found.add(outcome["id"])
    return frozenset(found)


def _by_topic(cases: Path, misread: frozenset[str]) -> dict[str, list[str]]:
    """Topic → questions, of every organisation in turn, so that a few show several vocabularies."""
    found: dict[str, list[list[str]]] = defaultdict(list)
    for path in sorted(cases.glob("*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        of_topic: dict[str, list[str]] = defaultdict(list)
        for case in data["questions"]:
            if not case.get("held_out") and case["id"] not in misread:
                of_topic[case["topic"]].append(_said(case, data["questions"]))
        for topic, asked in of_topic.items():
            found[topic].append(asked)
    return {
        topic: [asked[i] for i in range(EXAMPLES) for asked in lists if i < len(asked)]
        for topic, lists in found.items()
    }


def _said(case: Mapping[str, Any], others: list[Mapping[str, Any]]) -> str:
    """A question as typed, after the one it follows."""
    before = next((o for o in others if o["id"] == case.get("after")), None)
    lead = f"{_said(before, others)} → " if before is not None else ""
    return f"{lead}{case['ask']}"
