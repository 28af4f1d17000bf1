"""What a conversation carries from one question to the next: the plan, never the text."""

from __future__ import annotations

import threading
from collections import OrderedDict

from search.plan import Compare, Op, Plan, Select
from search.result import Outcome, SearchResult

KEPT = 10_000
"""Conversations remembered; the one not continued for longest is forgotten first."""

STEPS = 8
"""Answers of one conversation that one can go back through."""


class Conversations:
    """Plans by conversation id, in memory; outlives the snapshot it was made over. Safe to share between threads."""

    def __init__(self, kept: int = KEPT) -> None:
        """`kept` is how many conversations are remembered, >= 1."""
        self._kept = kept
        self._plans: OrderedDict[str, tuple[Plan, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def plan(self, conversation: str | None) -> Plan | None:
        """The plan of the last answer, or None when there is none to continue."""
        if conversation is None:
            return None
        with self._lock:
            plans = self._plans.get(conversation)
            return plans[-1] if plans else None

    def back(self, conversation: str | None) -> Plan | None:
        """Forget the last answer; the plan of the one before it, or None when there is none."""
        with self._lock:
            plans = self._plans.get(conversation or "", ())
            if len(plans) < 2:
                return None
            self._plans[conversation or ""] = plans[:-1]
            return plans[-2]

    def carry(self, conversation: str, result: SearchResult) -> None:
        """Keep what a result leaves to the next question.

        A refusal leaves the one thing it was about, so that "and who owns it?" still knows what is spoken of. A name nobody
        bears leaves nothing: what was asked before it is no longer what is spoken of, unless the question leaned on that.
        """
        plan = result.plan
        names = {c.ref for c in result.subject}
        if plan is None and result.outcome is Outcome.NO_SUCH_FACT and len(names) == 1:
            plan = Select(where=Compare(field="ref", op=Op.EQ, value=names.pop()))
        self.remember(conversation, plan)
        leant = result.understanding is not None and result.understanding.leans
        if result.outcome is Outcome.UNKNOWN_NAME and not leant:
            with self._lock:
                self._plans.pop(conversation, None)

    def remember(self, conversation: str, plan: Plan | None) -> None:
        """Keep the plan of an answer; an answer without one leaves the plan before in place."""
        if plan is None:
            return
        with self._lock:
            before = self._plans.get(conversation, ())
            if not before or before[-1] != plan:
                self._plans[conversation] = (*before, plan)[-STEPS:]
            self._plans.move_to_end(conversation)
            while len(self._plans) > self._kept:
                self._plans.popitem(last=False)
