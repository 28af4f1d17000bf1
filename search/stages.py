"""Tell whoever waits for an answer how far it has come: the question read, the rows or passages found, the text written.

A surface that listens wraps its call in `telling`; without a listener a stage costs one look-up. What a stage says is made only when
someone listens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, TypeAlias

Stage: TypeAlias = Literal["reading", "rows", "passages", "text"]

Listener: TypeAlias = Callable[[Stage, dict[str, Any]], None]

_LISTENER: ContextVar[Listener | None] = ContextVar("stage_listener", default=None)

Timer: TypeAlias = Callable[[Stage], None]

_TIMER: ContextVar[Timer | None] = ContextVar("stage_timer", default=None)


@contextmanager
def telling(listener: Listener) -> Iterator[None]:
    """Tell a listener of every stage that this thread reaches within the block; it must not raise.

    >>> heard = []
    >>> with telling(lambda stage, said: heard.append((stage, said))):
    ...     reached("rows", lambda: {"total": 3})
    >>> heard
    [('rows', {'total': 3})]
    """
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


@contextmanager
def timing(timer: Timer) -> Iterator[None]:
    """Tell a timer when this thread reaches each stage within the block, whether or not anybody listens to what it says.

    >>> reached_in_order = []
    >>> with timing(reached_in_order.append):
    ...     reached("reading", dict)
    ...     reached("text", dict)
    >>> reached_in_order
    ['reading', 'text']
    """
    token = _TIMER.set(timer)
    try:
        yield
    finally:
        _TIMER.reset(token)


def reached(stage: Stage, say: Callable[[], dict[str, Any]]) -> None:
    """A stage is done; `say` gives what there is to tell of it."""
    timer = _TIMER.get()
    if timer is not None:
        timer(stage)
    listener = _LISTENER.get()
    if listener is not None:
        listener(stage, say())
