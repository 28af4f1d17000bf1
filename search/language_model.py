"""A language model, as those who may use one see it. None is needed anywhere; whoever asks one checks what it says."""

from __future__ import annotations

from typing import Protocol


class LanguageModel(Protocol):
    """Continues a conversation of two messages."""

    @property
    def proposes(self) -> bool:
        """Whether it may be asked to propose readings, besides wording passages."""
        ...

    def reply(self, instructions: str, request: str, *, most_tokens: int) -> str | None:
        """What the model says.

        Args:
            instructions: how to behave (the system message).
            request: what to do (the user message).
            most_tokens: longest reply, >= 1.

        Returns:
            The reply as it came, cut after some thousand characters, believed in nothing; None when the model cannot be reached, takes
            too long or fails.
        """
        ...
