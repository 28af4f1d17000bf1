"""Every error this project raises on purpose.

CatalogError                base; caught only at a surface
  UserError                 the asker or operator can fix it; str(error) is shown as is
    BadRequest              the request itself is malformed
    InvalidRef              an entity reference that does not parse
    InvalidPlan             a plan names an unknown field, kind or relation, or a value of the wrong type
    StoreNotFound           no published snapshot where one was expected
    StoreUnavailable        a store on another machine does not answer
    MissingExtra            an optional dependency is not installed
    EventsNotTaken          the store has no journal: it lies in a bucket
    NothingIndexed          every input failed; the old snapshot stays
    UnknownEntity           a reference that is not in the catalog
    UnknownEvent            a body that no event format recognises
    Unauthenticated         a request whose credentials are not valid, or that carries none where it must
    UnsignedEvent           an event without the signature or token that was agreed with its sender
    InvalidSuite            a suite, gate or baseline file that cannot be used; every mistake with its line
  InternalError             ours to fix; logged with a reference number
    IndexMismatch           a snapshot was built with another format, field table or model, or is damaged
    UnsafeSQL               compiled SQL failed the read-only guard
    ModelUnavailable        the embedding model's files are missing or altered
"""

from __future__ import annotations

from collections.abc import Sequence

SHOWN_MISTAKES = 20
"""Mistakes of one file that a message lists; somebody mends those first."""


class CatalogError(Exception):
    """Base of every deliberate error; `http_status` is what a web surface answers with."""

    http_status = 500


class UserError(CatalogError):
    """The asker or operator can fix it; the message is shown as is."""

    http_status = 400


class BadRequest(UserError):
    """The request itself is malformed."""


class InvalidRef(UserError):
    """An entity reference that does not parse.

    >>> str(InvalidRef("a:b:c"))
    "'a:b:c' is not an entity reference; expected [kind:][namespace/]name, for example component:default/checkout"
    """

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is not an entity reference; expected [kind:][namespace/]name, "
            "for example component:default/checkout"
        )


class InvalidPlan(UserError):
    """A plan names an unknown field, kind or relation, or carries a value of the wrong type."""


class StoreNotFound(UserError):
    """No published snapshot where one was expected."""

    http_status = 503

    def __init__(self, store: object) -> None:
        super().__init__(
            f"no published snapshot in {str(store)!r}; build one with: callboard index PATH... --store {store}"
        )


class StoreUnavailable(UserError):
    """A store on another machine does not answer, or not in time.

    >>> str(StoreUnavailable("postgresql://db/callboard", "connection refused"))
    "the store 'postgresql://db/callboard' does not answer: connection refused"
    """

    http_status = 503

    def __init__(self, store: str, reason: str) -> None:
        super().__init__(f"the store {store!r} does not answer: {reason}")


class MissingExtra(UserError):
    """An optional dependency is not installed.

    >>> str(MissingExtra("a store in PostgreSQL", "postgres"))
    "a store in PostgreSQL needs more to be installed: pip install 'callboard[postgres]'"
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs more to be installed: pip install 'callboard[{extra}]'")


class EventsNotTaken(UserError):
    """The store has no journal: it lies in a bucket.

    >>> str(EventsNotTaken("s3://bucket/callboard"))
    "'s3://bucket/callboard' takes no events, since a bucket keeps no order; serve from a folder or PostgreSQL, or index again"
    """

    http_status = 501

    def __init__(self, store: str) -> None:
        super().__init__(
            f"{store!r} takes no events, since a bucket keeps no order; serve from a folder or PostgreSQL, or index again"
        )


class NothingIndexed(UserError):
    """Every input failed; the snapshot published before keeps serving."""


class UnknownEntity(UserError):
    """A reference that is not in the catalog."""

    http_status = 404

    def __init__(self, ref: str) -> None:
        super().__init__(f"no entity {ref!r} in the catalog")


class UnknownEvent(UserError):
    """A body that no event format recognises."""

    http_status = 422


class Unauthenticated(UserError):
    """A request whose credentials are not valid, or that carries none where it must."""

    http_status = 401


class UnsignedEvent(UserError):
    """An event without the signature or token that was agreed with its sender."""

    http_status = 401


class InvalidSuite(UserError):
    """A suite, gate or baseline file cannot be used; every mistake is named with its file and line."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        shown = "\n".join(f"  {mistake}" for mistake in self.mistakes[:SHOWN_MISTAKES])
        more = len(self.mistakes) - SHOWN_MISTAKES
        rest = f"\n  and {more} more" if more > 0 else ""
        super().__init__(f"mistakes to mend before it can run:\n{shown}{rest}")


class InternalError(CatalogError):
    """Ours to fix; surfaces log it with a reference number and show only that."""


class IndexMismatch(InternalError):
    """A snapshot was built with another format, field table or model, or is damaged."""


class UnsafeSQL(InternalError):
    """Compiled SQL failed the read-only guard."""


class ModelUnavailable(InternalError):
    """The embedding model's files are missing or are not the published ones."""
