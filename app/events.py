"""Events from outside: who sent one is checked, it is put on disk, and the next question sees it.

Nothing is acknowledged before it is in the journal; what follows from it is worked out from there, so a crash loses nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog_store.errors import BadRequest, UnknownEvent, UnsignedEvent
from catalog_store.journal import Delivery, EventJournal

MAX_EVENT_BYTES = 1024 * 1024
"""Largest body of an event; the senders we know stay below 512 KiB."""

_KEPT_HEADERS = (
    "content-type",
    "user-agent",
    "x-github-event",
    "x-gitlab-event",
    "ce-type",
    "ce-source",
    "ce-id",
    "ce-time",
    "ce-subject",
)
"""Headers that say something about the body; signatures and tokens are never kept."""


def _pagerduty(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """`X-PagerDuty-Signature`: one or more `v1=` and the hex HMAC-SHA256 of the body."""
    said = headers.get("x-pagerduty-signature", "")
    expected = "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(part.strip(), expected) for part in said.split(","))


def _github(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """`X-Hub-Signature-256`: `sha256=` and the hex HMAC-SHA256 of the body."""
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(headers.get("x-hub-signature-256", ""), expected)


def _gitlab(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:  # noqa: ARG001
    """`X-Gitlab-Token`: the secret itself."""
    return hmac.compare_digest(headers.get("x-gitlab-token", "").encode(), secret.encode())


def _svix(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """The Standard Webhooks scheme, also under the names `svix-…` it had before; at most five minutes old."""
    from standardwebhooks.webhooks import Webhook, WebhookVerificationError  # noqa: PLC0415

    named = {
        f"webhook-{name}": headers.get(f"webhook-{name}", headers.get(f"svix-{name}", ""))
        for name in ("id", "timestamp", "signature")
    }
    try:
        Webhook(secret).verify(body, named, json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True


SCHEMES: Mapping[str, Callable[[str, bytes, Mapping[str, str]], bool]] = {
    "pagerduty": _pagerduty,
    "github": _github,
    "gitlab": _gitlab,
    "incident-io": _svix,
}
"""How each sender proves who it is. A sender is the first part of the name of the formats it sends."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What was agreed with senders; None accepts them unproven.

    Attributes:
        token: a bearer token, for every sender that signs nothing.
        by_sender: sender → secret.
    """

    token: str | None = None
    by_sender: Mapping[str, str] | None = None

    def check(self, source: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Make sure that a body comes from whom its format says.

        Raises:
            UnsignedEvent: the signature or token is missing or wrong.
        """
        sender = next((s for s in SCHEMES if source == s or source.startswith(f"{s}-")), None)
        secret = (self.by_sender or {}).get(sender) if sender else None
        if sender is not None and secret is not None:
            if not SCHEMES[sender](secret, body, headers):
                raise UnsignedEvent(
                    f"the signature of this {sender} event is missing or wrong; "
                    "check the secret on both sides"
                )
            return
        if self.token is not None:
            said = headers.get("authorization", "").removeprefix("Bearer ").encode()
            if not hmac.compare_digest(said, self.token.encode()):
                raise UnsignedEvent(
                    "this event carries no valid token; send it as `Authorization: Bearer TOKEN`"
                )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivery.

    Attributes:
        source, id: what it is known by.
        format: the format that recognised it.
        events: statements it holds; 0 when it says nothing that the catalog keeps.
        duplicate: it was received before.
        problems: what was wrong with parts of it.
    """

    source: str
    id: str
    format: str
    events: int
    duplicate: bool
    problems: tuple[str, ...]


class Inbox:
    """Takes events for one store."""

    def __init__(self, journal: EventJournal, secrets: Secrets) -> None:
        """Nothing is written before the first event."""
        self._journal = journal
        self._secrets = secrets

    def receive(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> Receipt:
        """Check a delivery and put it on disk.

        Args:
            body: as it was sent.
            headers: of the request, by any case.
            now: when it came, UTC.

        Raises:
            BadRequest: the body is no JSON.
            UnknownEvent: no event format recognises it.
            UnsignedEvent: the sender did not prove who it is.
            OSError: it could not be put on disk; the sender should send it again.
        """
        from indexer.deliveries import body_of, read_body  # noqa: PLC0415
        from indexer.reporting import Report  # noqa: PLC0415
        from indexer.sources.base import Harvest  # noqa: PLC0415
        from indexer.walk import Walk  # noqa: PLC0415

        named = {name.lower(): value for name, value in headers.items()}
        text, value = _json(body)
        delivery = Delivery("", "", now, text, {n: named[n] for n in _KEPT_HEADERS if n in named})
        report = Report()
        reading = read_body(body_of(delivery), Harvest(Walk((), frozenset(), report), report, now))
        problems = tuple(problem.message for problem in reading.part.report.problems)
        if reading.source is None:
            raise UnknownEvent("; ".join(problems))
        self._secrets.check(reading.source, body, named)
        source, identity = _identity(reading.source, named, value, body)
        duplicate = False
        if reading.part.statements:
            delivery = Delivery(source, identity, now, text, delivery.headers)
            duplicate = not self._journal.append(delivery)
        skipped = tuple(f"{n} × {reason}" for reason, n in reading.part.report.skipped.items())
        return Receipt(
            source,
            identity,
            reading.source,
            len(reading.part.statements),
            duplicate,
            problems + skipped,
        )


def _json(body: bytes) -> tuple[str, Any]:
    try:
        text = body.decode("utf-8")
        return text, json.loads(text)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        first = body.lstrip()[:1]
        if first in (b"{", b"[") and b"\n" in body.strip():
            # several events, one a line: each is checked when it is read
            return body.decode("utf-8", "replace"), None
        raise BadRequest(
            f"the body is no JSON ({error}); send the event as it is documented"
        ) from None


def _identity(source: str, headers: Mapping[str, str], value: Any, body: bytes) -> tuple[str, str]:
    """(source, id) of a delivery, as its sender counts them; else the digest of the body."""
    for name in ("x-github-delivery", "webhook-id", "svix-id", "x-gitlab-event-uuid"):
        if headers.get(name):
            return source, headers[name]
    if headers.get("ce-id"):
        return headers.get("ce-source", source), headers["ce-id"]
    held = value if isinstance(value, dict) else {}
    for inner in (held.get("event"), held.get("context"), held):
        if isinstance(inner, dict) and isinstance(inner.get("id"), str) and inner["id"]:
            said = inner.get("source")
            return (said if isinstance(said, str) and said else source), inner["id"]
    return source, hashlib.sha256(body).hexdigest()
