"""What the tools of other feeds call their people, teams and schedules: id → name and address.

Feeds often give nothing but an id; another export of the same tool says who or what that is.
"""

from __future__ import annotations

from dataclasses import dataclass

USER, TEAM, SCHEDULE = "user", "team", "schedule"


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of a tool's own directory.

    Attributes:
        tool: "pagerduty", "opsgenie", …
        kind: USER, TEAM or SCHEDULE.
        id: unique within the kind of its tool.
        name: as people know it; may be empty.
        email: of a person; may be empty.
        team: name or id of the team it belongs to; may be empty.
    """

    tool: str
    kind: str
    id: str
    name: str
    email: str = ""
    team: str = ""


class Directory:
    """Looks listings up."""

    def __init__(self) -> None:
        self._listings: dict[tuple[str, str, str], Listing] = {}

    def add(self, listing: Listing) -> None:
        """Take one listing; of several about one thing the one that says most counts."""
        key = (listing.tool, listing.kind, listing.id)
        known = self._listings.get(key)
        if known is None or _said(known) < _said(listing):
            self._listings[key] = listing

    def find(self, tool: str, kind: str, identity: str) -> Listing | None:
        """The listing of an id; None when no export holds it."""
        return self._listings.get((tool, kind, identity))

    def name(self, tool: str, kind: str, identity: str) -> str:
        """The name behind an id; empty when it is not known."""
        found = self.find(tool, kind, identity)
        return found.name if found else ""


def _said(listing: Listing) -> int:
    return sum(bool(part) for part in (listing.name, listing.email, listing.team))
