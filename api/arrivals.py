"""Bodies on their way: read whole before a request counts among those being answered, so that a sender who never ends takes no place.

Counted on the event loop, so no lock is needed.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from starlette.types import Message, Receive, Scope

_NO_BODY = frozenset({b"", b"0"})


class SenderGone(Exception):
    """The connection was closed before the body had come; nobody waits for an answer."""


class TooSlow(Exception):
    """The body had not come when its time was up."""


class CrowdedOut(Exception):
    """The body had not come when its place was needed."""


class Arrivals:
    """So many bodies at most; beyond, the one that the most crowding client has been sending longest is given up.

    So a body that comes at all finds a place, however many hold theirs open.
    """

    def __init__(self, most: int) -> None:
        """Takes how many bodies may be on their way at once, > 0."""
        self._most = most
        self._coming: OrderedDict[int, tuple[str, asyncio.Timeout]] = OrderedDict()
        self._number = 0

    async def whole(self, client: str, receive: Receive, *, until: float) -> bytes:
        """The body of one request.

        Args:
            client: who sends it.
            receive: of the request.
            until: the moment at which it is given up, in seconds of the event loop's clock.

        Raises:
            SenderGone: the connection was closed.
            TooSlow: it took too long.
            CrowdedOut: others came, and it had been coming longest.
        """
        parts: list[bytes] = []
        self._number += 1
        number = self._number
        try:
            async with asyncio.timeout_at(until) as limit:
                self._coming[number] = (client, limit)
                if len(self._coming) > self._most:
                    self._give_up_one()
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise SenderGone
                    parts.append(message.get("body", b""))
                    more = message.get("more_body", False)
        except TimeoutError:
            raise (TooSlow if number in self._coming else CrowdedOut) from None
        finally:
            self._coming.pop(number, None)
        return b"".join(parts)

    def _give_up_one(self) -> None:
        """The oldest of whoever has most of them; the one that came just now is never it."""
        each: dict[str, list[int]] = {}
        for number, (client, _) in self._coming.items():
            each.setdefault(client, []).append(number)
        _, limit = self._coming.pop(max(each.values(), key=len)[0])
        limit.reschedule(asyncio.get_running_loop().time())


def has_body(scope: Scope) -> bool:
    """Whether a request says that a body follows its head."""
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value not in _NO_BODY)
        for name, value in scope["headers"]
    )


def replayed(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read already, then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
