"""PagerDuty on-calls (`GET /oncalls?include[]=escalation_policies&include[]=users`) → shifts.

Read: Shift records: user, level, start, end, permanent, schedule, policy. An entry without start and end is
permanent.

Joined: the user by e-mail address, else by name, else by id (`pagerduty.com/user-id`, or a users export);
`escalation_policy.services` by `pagerduty.com/service-id`, `escalation_policy.teams` by `pagerduty.com/team-id` of
a group; where an export holds neither, by the team or service that schedule or policy are named after.

Ignored: entries whose start or end cannot be read, for they would put someone on call for ever; escalation
rules.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.shifts import Shift
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest

_LIST = re.compile(r"\"oncalls\"\s*:\s*\[")
_ENTRY = re.compile(r"\"escalation_level\"\s*:\s*\d")
_POLICY = re.compile(r"\"escalation_policy\"\s*:\s*\{")


class PagerDutyOncalls(FeedReader):
    """Reads every entry; what an entry covers stands in its escalation policy."""

    name: ClassVar[str] = "pagerduty-oncalls"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """A list `oncalls`, or entries as they stand in one."""
        head = file.head
        return bool(_LIST.search(head) or (_ENTRY.search(head) and _POLICY.search(head)))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one shift an entry."""
        for item, span in read_items(file, harvest.report, "oncalls"):
            for entry in _entries(item):
                shift = _shift(entry, span, harvest.report)
                if shift is not None:
                    harvest.tell(shift)


SOURCE = PagerDutyOncalls


def _entries(item: dict[str, Any]) -> list[dict[str, Any]]:
    """An entry, or those that some exporters hang on a service or policy ("__oncalls")."""
    held = [loose.mappings(value) for key, value in item.items() if "oncall" in key.lower()]
    hung = [entry for entries in held for entry in entries]
    return hung if hung and "user" not in item else [item]


def _shift(entry: dict[str, Any], span: SourceSpan, report: Report) -> Shift | None:
    user, policy = loose.mapping(entry.get("user")), loose.mapping(entry.get("escalation_policy"))
    person = loose.first_text(user.get("summary"), user.get("name")) or ""
    email, identity = loose.text(user.get("email")) or "", loose.text(user.get("id")) or ""
    if not person and not email and not identity:
        report.error("wrong-shape", "an on-call entry without a user; it was left out", span)
        return None
    known = len(report.problems)
    starts = loose.moment(entry.get("start"), "start of an on-call entry", span, report)
    ends = loose.moment(entry.get("end"), "end of an on-call entry", span, report)
    if len(report.problems) > known:
        return None  # half a shift would put someone on call for ever
    return Shift(
        person=person,
        email=email,
        level=loose.integer(entry.get("escalation_level")),
        starts_at=starts,
        ends_at=ends,
        schedule=_name(entry.get("schedule")),
        policy=_name(policy),
        services=_ids(policy.get("services")),
        teams=_ids(policy.get("teams")),
        span=span,
        user_id=identity,
        names=tuple(filter(None, (loose.text(user.get("name")),))),
    )


def _name(thing: Any) -> str | None:
    found = loose.mapping(thing)
    return loose.first_text(found.get("summary"), found.get("name"))


def _ids(things: Any) -> tuple[str, ...]:
    ids = (loose.text(thing.get("id")) for thing in loose.mappings(things))
    return tuple(dict.fromkeys(identity for identity in ids if identity))
