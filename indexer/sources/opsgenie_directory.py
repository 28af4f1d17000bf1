"""Opsgenie users, teams and services (`GET /v2/users`, `/v2/teams`, `/v1/services`): who is behind an id.

Read: nothing of its own; names, for feeds that hold only ids.

Joined: users by id in on-calls; services by id in `impactedServices`; teams by id in schedules.

Ignored: members, roles, contacts, tags; none of them becomes an entity.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from indexer import loose
from indexer.collectors.incidents import NamedService
from indexer.directory import TEAM, USER, Listing
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.opsgenie import TOOL
from indexer.sources.base import FeedReader, Harvest

_LINK = re.compile(
    r"\"api\"\s*:\s*\"https://api\.(?:eu\.)?opsgenie\.com/v\d/(?:teams|services)/", re.IGNORECASE
)
_USER = re.compile(r"\"fullName\"\s*:")
_ADDRESS = re.compile(r"\"userAddress\"\s*:")
_OTHER = re.compile(r"\"(?:tinyId|rotations|finalTimeline|onCall(?:Recipients|Participants))\"\s*:")


class OpsgenieDirectory(FeedReader):
    """Reads every listing into the directory."""

    name: ClassVar[str] = "opsgenie-directory"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """Users, teams or services with Opsgenie's own keys or addresses, and nothing that says more."""
        head = file.head
        user = _USER.search(head) and _ADDRESS.search(head)
        return bool((user or _LINK.search(head)) and not _OTHER.search(head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one listing an item."""
        for item, span in read_items(file, harvest.report, "data"):
            body = loose.mapping(item.get("data")) or item
            identity = loose.text(body.get("id"))
            if identity is None:
                message = "an Opsgenie user, team or service without an id; it was left out"
                harvest.report.error("wrong-shape", message, span)
                continue
            harvest.tell(_listing(body, identity))


SOURCE = OpsgenieDirectory


def _listing(body: dict[str, Any], identity: str) -> Listing | NamedService:
    if "username" in body:
        email = loose.text(body.get("username")) or ""
        return Listing(TOOL, USER, identity, loose.text(body.get("fullName")) or "", email)
    name = loose.text(body.get("name")) or ""
    if "teamId" in body:
        return NamedService(TOOL, identity, name)
    return Listing(TOOL, TEAM, identity, name)
