"""What the tools of other feeds call their people, teams, services and schedules: id → name and address.

Feeds often give nothing but an id; another export of the same tool says who or what that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog_store.content import CatalogContent
from indexer.catalog import Catalog

if TYPE_CHECKING:
    from indexer.sources.base import Harvest

USER, TEAM, SERVICE, SCHEDULE = "user", "team", "service", "schedule"


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of a tool's own directory.

    Attributes:
        tool: "pagerduty", "opsgenie", …
        kind: USER, TEAM, SERVICE or SCHEDULE.
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
    """Looks listings up; adds nothing of its own to a build."""

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

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Nothing is written: other collectors ask."""


def directory_of(harvest: Harvest) -> Directory:
    """The build's directory; an empty one when no source filled any."""
    found = harvest.collectors.get(Directory)
    return found if isinstance(found, Directory) else Directory()


def _said(listing: Listing) -> int:
    return sum(bool(part) for part in (listing.name, listing.email, listing.team))
