"""Draw cases, word them, and write them as a suite for somebody to read before it counts."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from eval.generate import entities, records, relations
from eval.generate.draft import FAMILIES, Family, Said
from eval.generate.facts import Facts

FAMILY_MODULES = (entities, relations, records)
"""Importing them fills the table of families."""

CASES_FILE = "cases.yaml"

SEED = 20261120
"""The same store, number and seed give the same suite."""

_HABITS = (
    (0.12, str.lower),
    (0.05, lambda q: f"{q.rstrip('?')} please"),
    (0.04, lambda q: f"hey, {q}"),
    (0.10, lambda q: q.rstrip("?")),
    (
        0.04,
        lambda q: (
            f"can you tell me {q}" if q.startswith(("who ", "what ", "which ", "how ")) else q
        ),
    ),
)
"""How often people type so, and how."""


def draw(facts: Facts, *, number: int = 200, seed: int = SEED) -> list[Said]:
    """Cases over every family the organisation has answers for.

    Args:
        facts: the organisation.
        number: about how many cases; follow-ups come on top.
        seed: decides what is drawn and how it is worded.
    """
    shares = sum(family.share for family in FAMILIES)
    said: list[Said] = []
    for family in FAMILIES:
        rng = random.Random(f"{seed} {family.name}")  # noqa: S311  drawing a sample, not a secret
        wanted = max(1, round(number * family.share / shares))
        said += _of_family(family, facts, rng, wanted)
    return said


def _of_family(family: Family, facts: Facts, rng: random.Random, wanted: int) -> Iterable[Said]:
    drafts = list(family.sample(facts, rng))
    rng.shuffle(drafts)
    wordings = list(family.wordings)
    rng.shuffle(wordings)
    asked: set[str] = set()
    found: list[Said] = []
    for draft in drafts:
        if len(asked) >= wanted:
            break
        question = wordings[len(asked) % len(wordings)].format(**draft.slots)
        if question.lower() in asked:
            continue
        asked.add(question.lower())
        name = f"{family.name}-{len(asked):03d}"
        found.append(
            Said(
                name,
                family.type,
                _typed(question, rng),
                draft.expect,
                draft.asker,
                links=draft.links,
            )
        )
        found += [
            Said(
                f"{name}-{n + 1}",
                family.type,
                text,
                expect,
                draft.asker,
                f"{name}-{n}" if n else name,
            )
            for n, (text, expect) in enumerate(draft.then)
        ]
    return found


def _typed(question: str, rng: random.Random) -> str:
    for often, habit in _HABITS:
        if rng.random() < often:
            question = habit(question)
    return question


def write_suite(
    folder: Path, said: Iterable[Said], *, name: str, store: Path, now: datetime, seed: int = SEED
) -> Path:
    """A folder with `suite.yaml` and `cases.yaml`.

    Args:
        folder: made when it is not there; files of an earlier draw are replaced.
        said: the cases.
        name: of the suite.
        store: what they were drawn from, for the file's head.
        now: the clock of the suite.
        seed: what decided the draw, for the file's head.
    """
    folder.mkdir(parents=True, exist_ok=True)
    questions = [_written(case) for case in said]
    counts: dict[str, int] = defaultdict(int)
    for question in questions:
        counts[question["type"]] += 1
    head = (
        f"# {len(questions)} cases drawn from {store.name!r} with seed {seed}, for review: read them, delete what nobody would ask,\n"
        "# reword what nobody would type, and mend the catalog where the answer surprises you.\n"
    )
    body = yaml.safe_dump(
        {"now": now.isoformat().replace("+00:00", "Z"), "questions": questions},
        sort_keys=False,
        allow_unicode=True,
        width=120,
    )
    (folder / CASES_FILE).write_text(head + body, encoding="utf-8")
    suite: dict[str, Any] = {
        "name": name,
        "title": f"Drawn from the catalog of {store.name}",
        "origin": f"callboard eval generate, seed {seed}",
        "now": now.isoformat().replace("+00:00", "Z"),
        "cases": [CASES_FILE],
    }
    file = folder / "suite.yaml"
    file.write_text(yaml.safe_dump(suite, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return file


def _written(case: Said) -> dict[str, Any]:
    row: dict[str, Any] = {"id": case.id, "type": case.type, "question": case.question}
    if case.asker:
        row["as"] = case.asker
    if case.after:
        row["after"] = case.after
    expect = dict(case.expect)
    if case.links and "links" not in expect:
        expect["links"] = list(case.links)
    return row | {"expect": expect}
