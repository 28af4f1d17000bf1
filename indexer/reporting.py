"""Problems of one build: gathered in one place, never raised."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from catalog_store.content import Level, Problem
from catalog_store.model.document import SourceSpan
from indexer.files import InputFile

SECRET_MASKED = "secret-masked"  # noqa: S105  a code, no secret
"""The code of problems about secrets in what is indexed."""


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


def report_secrets(file: InputFile, report: Report) -> None:
    """Say what was masked in a file, and where."""
    for secret in file.secrets:
        report.warning(
            SECRET_MASKED, secret_message(secret.kind, "this line"), file.span(secret.line)
        )


def secret_message(kind: str, where: str) -> str:
    """What to do about a secret; the secret itself is not in it.

    >>> secret_message("github-token", "this line")
    'this line holds what looks like a secret (github token); it is masked in all that is shown: revoke it and take it out'
    """
    looks = kind.replace("-", " ")
    return f"{where} holds what looks like a secret ({looks}); it is masked in all that is shown: revoke it and take it out"
