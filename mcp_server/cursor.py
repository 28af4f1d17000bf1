"""Where to go on: the reading, the moment and the place of an answer, packed into one opaque text.

A cursor holds the plan, never the sentence, and nothing stays on the server: it works on any replica and after a restart. It
grants nothing: whoever sends it is asked for their identity again, and the plan is checked like any other.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog_store.errors import BadRequest

MAX_CURSOR_CHARS, MAX_OPENED_BYTES = 4_000, 64 * 1024
"""Of a cursor as sent, and of what it may unfold to. Most have some 200 characters."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in an answer.

    Attributes:
        plan: the reading.
        offset: items before this place.
        as_of: the moment the answer was given for, so that windows of time do not move between pages.
    """

    plan: dict[str, Any]
    offset: int
    as_of: datetime

    def __str__(self) -> str:
        data = [lean(self.plan), self.offset, self.as_of.isoformat()]
        packed = zlib.compress(json.dumps(data, separators=(",", ":")).encode(), 9)
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """A cursor as it was given out.

    Raises:
        BadRequest: it was altered, or cut off.
    """
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        opener = zlib.decompressobj()
        opened = opener.decompress(packed, MAX_OPENED_BYTES)
        plan, offset, as_of = json.loads(opened)
        moment = datetime.fromisoformat(as_of)
    except (ValueError, TypeError, binascii.Error, zlib.error, RecursionError):
        raise _unreadable() from None
    if not isinstance(plan, dict) or type(offset) is not int or offset < 0 or not moment.tzinfo:
        raise _unreadable()
    return Cursor(plan, offset, moment)


def lean(plan: Any) -> Any:
    """A plan without what it would have anyway: empty lists, and nulls where null is the default.

    `hops` keeps its null: it means "all the way", while leaving it out means one step.
    """
    if isinstance(plan, dict):
        return {
            key: lean(value)
            for key, value in plan.items()
            if value not in ([], ()) and (value is not None or key == "hops")
        }
    return [lean(item) for item in plan] if isinstance(plan, list | tuple) else plan


def _unreadable() -> BadRequest:
    return BadRequest(
        "cursor: cannot be read; expected `next_cursor` (or an option's `cursor`) of an earlier result, exactly as it was given"
    )
