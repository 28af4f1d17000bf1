"""Cursors: where the next page begins, as text that clients hand back unread."""

from __future__ import annotations

import base64
import binascii

from catalog_store.errors import BadRequest

_PREFIX = b"at:"


def cursor_at(offset: int) -> str:
    """The cursor of the page that begins at an offset.

    >>> offset_of(cursor_at(25))
    25
    """
    return base64.urlsafe_b64encode(_PREFIX + str(offset).encode()).decode().rstrip("=")


def offset_of(cursor: str | None) -> int:
    """Where a page begins; 0 without a cursor.

    Raises:
        BadRequest: it is no cursor of ours.
    """
    if cursor is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        if not text.startswith(_PREFIX):
            raise ValueError
        offset = int(text[len(_PREFIX) :])
    except (ValueError, binascii.Error):
        offset = -1
    if not 0 <= offset <= 1_000_000:
        raise BadRequest(
            f"{cursor!r} is no cursor; send the `next_cursor` of the page before as it is"
        )
    return offset
