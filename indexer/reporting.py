"""Problems of one build: gathered in one place, never raised."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from catalog_store.content import Level, Problem
from catalog_store.model.document import SourceSpan


class Progress(Protocol):
    """Told how far a build is; a terminal draws a bar from it."""

    def advance(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` steps of a stage are finished; 0 <= done <= total."""


class Silent:
    """A `Progress` that shows nothing."""

    def advance(self, stage: str, done: int, total: int) -> None:
        """Do nothing."""


@dataclass(slots=True)
class Report:
    """What went wrong, and what was left alone on purpose.

    Attributes:
        problems: in the order they were found.
        skipped: reason → number of things left alone without it being a problem.
    """

    problems: list[Problem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def error(self, code: str, message: str, span: SourceSpan) -> None:
        """Something was lost."""
        self.problems.append(Problem(Level.ERROR, code, message, span))

    def warning(self, code: str, message: str, span: SourceSpan) -> None:
        """Something looks wrong; nothing was lost."""
        self.problems.append(Problem(Level.WARNING, code, message, span))

    def skip(self, reason: str) -> None:
        """Something was left alone: no problem, but counted."""
        self.skipped[reason] += 1
