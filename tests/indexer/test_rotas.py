"""Rotas and incidents beyond the folders under `cases/`: clocks, order, bounds, and bytes of any kind."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_store.content import CatalogContent
from indexer.opsgenie import selects
from indexer.recurrences import UnreadableRule, Window, turns
from tests.indexer.support import NOW, build, component

BERLIN = ZoneInfo("Europe/Berlin")
PEOPLE = """apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ann, title: Ann Ek}
spec: {profile: {email: ann@shop.example}, memberOf: []}
"""


def calendar(*lines: str, name: str = "cart on-call") -> str:
    return "\n".join(["BEGIN:VCALENDAR", f"X-WR-CALNAME:{name}", *lines, "END:VCALENDAR", ""])


def event(*lines: str, summary: str = "Ann Ek") -> list[str]:
    return ["BEGIN:VEVENT", *lines, f"SUMMARY:{summary}", "END:VEVENT"]


def rota(tmp_path: Path, text: str) -> CatalogContent:
    return build(
        tmp_path, {"catalog-info.yaml": component("cart"), "u.yaml": PEOPLE, "r.ics": text}
    )


def times(content: CatalogContent) -> list[tuple[str, str]]:
    shifts = [r.values for r in content.records if r.kind == "Shift"]
    return sorted((f"{v['starts_at']:%m-%dT%H:%M}", f"{v['ends_at']:%m-%dT%H:%M}") for v in shifts)


def test_a_week_from_nine_to_nine_stays_one_when_the_clocks_change() -> None:
    start = datetime(2026, 10, 19, 9, tzinfo=BERLIN)
    window = Window(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC))
    found = list(turns(start, start + timedelta(days=7), "FREQ=WEEKLY", window))
    assert [f"{a:%d %H}-{b:%d %H}" for a, b in found] == [
        "19 07-26 08",
        "26 08-02 08",
        "02 08-09 08",
    ]


def test_recurring_turns_are_written_out_for_the_window_and_single_ones_always(
    tmp_path: Path,
) -> None:
    single = event("UID:1", "DTSTART:20240101T000000Z", "DTEND:20240102T000000Z")
    daily = event("UID:2", "DTSTART:20240201T000000Z", "DTEND:20240202T000000Z", "RRULE:FREQ=DAILY")
    found = times(rota(tmp_path, calendar(*single, *daily)))
    assert len(found) == 1 + 30 + 90 + 1  # the window begins and ends at noon, inside of a turn
    assert found[0] == ("01-01T00:00", "01-02T00:00")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=99999999999",
        "FREQ=YEARLY;BYEASTER=1",
        "FREQ=WEEKLY;UNTIL=soon",
        "FREQ=WEEKLY;BYDAY=XX",
        "nonsense",
    ],
)
def test_rules_that_could_run_for_long_are_refused(rule: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(UnreadableRule):
        list(turns(start, start + timedelta(hours=1), rule, Window.around(NOW)))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
        "FREQ=HOURLY;INTERVAL=168;BYDAY=MO",
        "FREQ=DAILY;INTERVAL=7;BYDAY=SU;COUNT=5",
    ],
)
def test_rules_that_never_fit_end_soon(rule: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    before = time.monotonic()
    assert list(turns(start, start + timedelta(hours=1), rule, Window.around(NOW))) == []
    assert time.monotonic() - before < 20


def test_the_newest_version_of_an_event_counts_and_ids_may_be_shared(tmp_path: Path) -> None:
    old = event("UID:1", "SEQUENCE:1", "DTSTART:20260601T000000Z", "DTEND:20260602T000000Z")
    new = event("UID:1", "SEQUENCE:2", "DTSTART:20260603T000000Z", "DTEND:20260604T000000Z")
    same = event("UID:2", "DTSTART:20260605T000000Z", "DTEND:20260606T000000Z")
    also = event("UID:2", "DTSTART:20260607T000000Z", "DTEND:20260608T000000Z")
    found = times(rota(tmp_path, calendar(*new, *old, *same, *also, *same)))
    assert [start for start, _ in found] == ["06-03T00:00", "06-05T00:00", "06-07T00:00"]


def test_a_torn_calendar_keeps_its_whole_events(tmp_path: Path) -> None:
    text = calendar(
        *event("UID:1", "DTSTART:20260601T000000Z", "DTEND:20260602T000000Z"),
        *event("UID:2", "DTSTART:20260603T000000Z", "DTEND:20260604T000000Z"),
    )
    content = rota(tmp_path, text[: text.index("20260604")])
    assert [start for start, _ in times(content)] == ["06-01T00:00"]
    assert {p.code for p in content.problems} >= {"torn-event", "torn-calendar"}


def test_an_unknown_zone_is_reported(tmp_path: Path) -> None:
    lines = event("DTSTART;TZID=Mars/Base:20260601T000000", "DURATION:P1D")
    content = rota(tmp_path, calendar(*lines))
    assert times(content) == [("06-01T00:00", "06-02T00:00")]
    assert "unknown-time-zone" in {p.code for p in content.problems}


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=st.lists(
        st.sampled_from(
            [
                *("BEGIN:VEVENT", "END:VEVENT", "BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VTODO"),
                *("DTSTART:20260601T000000Z", "DTSTART;VALUE=DATE:99991231", "DTEND:00010101T000000"),
                *("DTSTART;TZID=Europe/Berlin:20260601T000000", "DURATION:P99999999W", "UID:1"),
                *("RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=WEEKLY;BYDAY=MO,,", "EXDATE:x", "RDATE:20260601"),
                *("RECURRENCE-ID:20260601T000000Z", "SEQUENCE:9", "SEQUENCE:x", "STATUS:CANCELLED"),
                *("SUMMARY:Ann Ek", "SUMMARY:on call", "ATTENDEE;CN=\"a\":mailto:x", "ATTENDEE", ":", ";="),
                *("BEGIN:VTIMEZONE", "TZID:X", "END:VTIMEZONE", " folded", "\tfolded", "X-WR-TIMEZONE:../x"),
            ]
        )
        | st.text(max_size=20),
        max_size=25,
    )
)  # fmt: skip
def test_no_calendar_stops_a_build(lines: list[str], tmp_path: Path) -> None:
    content = rota(tmp_path, calendar(*lines))
    assert content.sources["ical-oncalls"] == 1
    for record in content.records:
        assert record.values["starts_at"] < record.values["ends_at"]  # type: ignore[operator]


def test_any_order_of_deliveries_tells_the_same(tmp_path: Path) -> None:
    def said(verb: str, minute: int, **content: str) -> str:
        context = {
            "id": verb,
            "source": "/m",
            "type": f"dev.cdevents.incident.{verb}.0.2.0",
            "timestamp": f"2026-05-01T10:{minute:02}:00Z",
        }
        subject = {"id": "i", "content": {"service": {"id": "cart"}, **content}}
        return json.dumps({"context": context, "subject": subject})

    events = [
        said("detected", 0, description="slow"),
        said("reported", 5, description="Cart is slow"),
        said("resolved", 9, description="fast again"),
        said("resolved", 9, description="fast again"),
    ]
    found = []
    for number, order in enumerate(permutations(events)):
        files = {"catalog-info.yaml": component("cart"), "e.ndjson": "\n".join(order)}
        content = build(tmp_path / str(number), files)
        found.append([dict(record.values) for record in content.records])
    assert all(one == found[0] for one in found)
    assert found[0][0]["title"] == "Cart is slow"
    assert found[0][0]["resolution"] == "fast again"


@pytest.mark.parametrize(
    ("query", "marks", "wanted"),
    [
        ('tag:"service:a"', {"tag:service:a"}, True),
        ("TAG: a", {"tag:A"}, True),
        ("tag:a OR tag:b", {"tag:b"}, True),
        ("tag:a AND team:b", {"tag:a"}, False),
        ("tag:a AND (tag:b OR tag:c)", {"tag:c"}, False),
        ("NOT tag:a", {"tag:a"}, False),
        ("detailsPair(app:a)", {"details:app:a"}, True),
        ('responders:"ops"', {"team:ops"}, True),
        ("a", {"tag:a"}, False),
        ("", set[str](), False),
    ],
)
def test_a_selector_selects_only_what_it_surely_asks_for(
    query: str, marks: set[str], wanted: bool
) -> None:
    assert selects(query, marks) is wanted


def test_who_is_only_an_id_is_found_by_annotation_or_users_export(tmp_path: Path) -> None:
    entry = {"escalation_level": 1, "escalation_policy": {"summary": "cart on-call"}, "start": None}
    users = {
        "users": [
            {"id": "U2", "type": "user", "invitation_sent": False, "email": "ann@shop.example"}
        ]
    }
    annotated = PEOPLE.replace(
        "name: ann, title: Ann Ek", "name: bo, annotations: {pagerduty.com/user-id: U1}"
    ).replace("ann@", "bo@")
    entries = [
        {**entry, "user": {"id": identity, "type": "user_reference"}}
        for identity in ("U1", "U2", "U3")
    ]
    files = {
        "catalog-info.yaml": component("cart"),
        "u.yaml": f"{PEOPLE}---\n{annotated}",
        "users.json": json.dumps(users),
        "entries.json": json.dumps(entries),
    }
    content = build(tmp_path, files)
    who = [record.values["user"] for record in content.records]
    assert who == ["user:default/bo", "user:default/ann", "user:default/u3"]
    assert [p.code for p in content.problems if p.code == "unknown-user"] == ["unknown-user"]
    assert {e.target for e in content.edges if e.relation == "covers"} == {"component:default/cart"}
