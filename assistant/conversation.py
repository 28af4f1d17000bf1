"""What a conversation carries from one question to the next: the plan, never the text."""

from __future__ import annotations

import threading
from collections import OrderedDict

from search.plan import Plan

KEPT = 10_000
"""Conversations remembered; the one not continued for longest is forgotten first."""


class Conversations:
    """Plans by conversation id, in memory; outlives the snapshot it was made over. Safe to share between threads."""

    def __init__(self, kept: int = KEPT) -> None:
        """`kept` is how many conversations are remembered, >= 1."""
        self._kept = kept
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._lock = threading.Lock()

    def plan(self, conversation: str | None) -> Plan | None:
        """The plan of the last answer, or None when there is none to continue."""
        if conversation is None:
            return None
        with self._lock:
            return self._plans.get(conversation)

    def remember(self, conversation: str, plan: Plan | None) -> None:
        """Keep the plan of an answer; an answer without one leaves the plan before in place."""
        if plan is None:
            return
        with self._lock:
            self._plans[conversation] = plan
            self._plans.move_to_end(conversation)
            while len(self._plans) > self._kept:
                self._plans.popitem(last=False)
