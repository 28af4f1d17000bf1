"""Who asks, as far as the surface that took the request could tell."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from catalog_store.model.entity import EntityRef


@dataclass(frozen=True, slots=True)
class Caller:
    """One who asks.

    Attributes:
        user: canonical reference of the user; None when it is not known who asks.
        groups: canonical references of groups that the credentials name; those the catalog knows the user to be a member of
            are added where it matters.
        roles: names of roles, for what is granted to roles rather than to teams.
        sees_all: no rule hides anything: whoever runs the program on the store itself.
    """

    user: str | None = None
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    sees_all: bool = False

    @classmethod
    def named(cls, ref: str) -> Caller:
        """Someone whose name was given by a caller that is trusted.

        Raises:
            InvalidRef: it is not the reference of an entity.

        >>> Caller.named("jane").user
        'user:default/jane'
        """
        return cls(user=str(EntityRef.parse(ref, default_kind="User")))


ANYONE = Caller()
"""Nobody in particular: sees what everybody sees."""

OPERATOR = Caller(sees_all=True)
"""Whoever holds the store in their hands: the command line without `--as`, a server's own upkeep."""

CALLER: ContextVar[Caller] = ContextVar("caller", default=ANYONE)
"""Who makes the request that is being answered; whoever takes requests sets it before anything is read."""
