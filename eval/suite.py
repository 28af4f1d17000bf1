"""A suite: questions about one organisation with what must come back, whatever file they were written in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Case:
    """One question.

    Attributes:
        id: unique within its suite.
        type: what sort of question; results are reported by it.
        question: as somebody typed it.
        expect: what must come back; the keys are described in `eval/expectations.py`.
        now: the moment it is asked at, UTC; None means the suite's, and without one the moment the store was built for.
        asker: who asks, as a reference.
        after: id of the question before it in the same conversation.
        held_out: kept out of sight while somebody works on misses; reported apart.
        search: asked of the search box (`GET /v1/search`) instead of as a question.
        path, line: where it was written; the line is counted from 1.
    """

    id: str
    type: str
    question: str
    expect: Mapping[str, Any]
    now: datetime | None = None
    asker: str | None = None
    after: str | None = None
    held_out: bool = False
    search: bool = False
    path: str = ""
    line: int = 0

    @property
    def digest(self) -> str:
        """Changes when anything changes that decides the outcome; 16 hexadecimal digits."""
        said = [self.question, self.expect, self.now, self.asker, self.after, self.search]
        text = json.dumps(said, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases over one organisation.

    Attributes:
        name: short; results are kept under it.
        cases: in the order they were written.
        now: the clock of the suite, UTC.
        organisation: folders to index when no store is given; "demo" is the bundled organisation.
        baseline, gate: the files a run is held against unless others are named.
        title, origin, licence: for people.
    """

    name: str
    cases: tuple[Case, ...]
    now: datetime | None = None
    organisation: tuple[Path, ...] | str = ()
    baseline: Path | None = None
    gate: Path | None = None
    title: str = ""
    origin: str = ""
    licence: str = ""
    by_id: Mapping[str, Case] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {case.id: case for case in self.cases})

    def conversations(self) -> list[list[Case]]:
        """Cases that must be asked in order, together: each question before those that follow up on it."""
        chains: dict[str, list[Case]] = {}
        for case in self.cases:
            root = case
            while root.after is not None:
                root = self.by_id[root.after]
            chains.setdefault(root.id, []).append(case)
        return [_in_order(chain) for chain in chains.values()]


def _in_order(chain: list[Case]) -> list[Case]:
    """Parents first; otherwise as written."""
    asked: list[Case] = []
    waiting = list(chain)
    while waiting:
        seen = {case.id for case in asked}
        ready = [case for case in waiting if case.after is None or case.after in seen]
        asked += ready
        waiting = [case for case in waiting if case not in ready]
    return asked
