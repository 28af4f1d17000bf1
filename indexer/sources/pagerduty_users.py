"""PagerDuty users (`GET /users`): who is behind the ids that on-calls and incidents give.

Read: nothing of its own; name and e-mail address of every user, for feeds that hold only an id.

Joined: by the id of the user.

Ignored: contact methods, notification rules, roles; users do not become entities.
"""

from __future__ import annotations

import re
from typing import ClassVar

from indexer import loose
from indexer.collectors.incidents import PAGERDUTY
from indexer.directory import USER, Listing
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.sources.base import FeedReader, Harvest

_USER = re.compile(r"\"type\"\s*:\s*\"user\"")
_OWN = re.compile(r"\"(?:invitation_sent|contact_methods|notification_rules)\"\s*:")
_OTHER = re.compile(r"\"(?:oncalls|incidents?|escalation_policy)\"\s*:")


class PagerDutyUsers(FeedReader):
    """Reads every user into the directory."""

    name: ClassVar[str] = "pagerduty-users"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """Users with PagerDuty's own keys, and nothing around them."""
        head = file.head
        return bool(_USER.search(head) and _OWN.search(head) and not _OTHER.search(head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one listing a user."""
        for item, span in read_items(file, harvest.report, "users"):
            user = loose.mapping(item.get("user")) or item
            identity = loose.text(user.get("id"))
            if identity is None:
                harvest.report.error("wrong-shape", "a user without an id; it was left out", span)
                continue
            name = loose.first_text(user.get("name"), user.get("summary")) or ""
            email = loose.text(user.get("email")) or ""
            harvest.tell(Listing(PAGERDUTY, USER, identity, name, email))


SOURCE = PagerDutyUsers
