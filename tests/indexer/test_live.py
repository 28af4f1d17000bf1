"""What an event changes at once is what the next build makes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog_store.embedder import HashEmbedder
from catalog_store.journal import Delivery, EventJournal, Journal
from catalog_store.publish import publish
from catalog_store.snapshot import Snapshot, open_snapshot
from indexer.build import read_catalog
from indexer.live import LiveIndexer
from tests.indexer.support import write

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

CATALOG = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: cart
  title: Shopping cart
  annotations: {pagerduty.com/service-id: PCART, github.com/project-slug: shop/cart}
spec: {type: service, lifecycle: production, owner: shop}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: till
  annotations: {pagerduty.com/service-id: PTILL, github.com/project-slug: shop/till}
spec: {type: service, lifecycle: production, owner: shop}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: shop}
spec: {type: team, children: []}
"""


def deployed(
    number: int, subject: str, verb: str, environment: str, minute: int, outcome: str
) -> dict[str, Any]:
    at = NOW - timedelta(minutes=minute)
    return {
        "context": {
            "version": "0.4.1",
            "id": f"d{number}{subject[:2]}{subject[-2:]}",  # an id stands for one event, whoever says it
            "source": "/ci",
            "type": f"dev.cdevents.service.{verb}.0.1.1",
            "timestamp": at.isoformat(),
        },
        "subject": {
            "id": subject,
            "content": {
                "environment": {"id": environment},
                "artifactId": f"pkg:oci/x?tag={number}",
            },
        },
        "customData": {"outcome": outcome},
    }


def status(number: int, repository: str, state: str, minute: int) -> dict[str, Any]:
    at = (NOW - timedelta(minutes=minute)).isoformat()
    return {
        "action": "created",
        "deployment_status": {
            "id": minute,
            "state": state,
            "environment": "production",
            "created_at": at,
        },
        "deployment": {
            "id": number * 1000
            + sum(map(ord, repository)) % 997,  # GitHub numbers all deployments alike
            "sha": "abc1234def",
            "ref": "main",
            "task": "deploy",
            "created_at": at,
        },
        "repository": {"full_name": repository},
    }


def incident(number: int, service: str, kind: str, minute: int) -> dict[str, Any]:
    at = (NOW - timedelta(minutes=minute)).isoformat()
    state = {"triggered": "triggered", "acknowledged": "acknowledged", "resolved": "resolved"}[kind]
    return {
        "event": {
            "id": f"i{number}-{minute}-{kind}",
            "event_type": f"incident.{kind}",
            "resource_type": "incident",
            "occurred_at": at,
            "data": {
                "id": f"Q{number}",
                "type": "incident",
                "number": number,
                "status": state,
                "title": f"Trouble {number}",
                "created_at": (NOW - timedelta(hours=5)).isoformat(),
                "service": {"id": service, "summary": service.lower()},
                "urgency": "high",
            },
        }
    }


def alert(name: str, pod: str, state: str, minute: int) -> dict[str, Any]:
    at = (NOW - timedelta(minutes=minute)).isoformat()
    return {
        "version": "4",
        "status": state,
        "alerts": [
            {
                "status": state,
                "labels": {"alertname": name, "service": "cart", "pod": pod, "severity": "page"},
                "annotations": {"summary": f"{name} on {pod}"},
                "startsAt": (NOW - timedelta(hours=3)).isoformat(),
                "endsAt": at,
                "updatedAt": at,
                "fingerprint": f"{name}{pod}",
            }
        ],
    }


MINUTES = st.integers(1, 200)
EVENTS = st.one_of(
    st.builds(
        deployed,
        st.integers(1, 9),
        st.sampled_from(
            ["cart", "component:default/cart", "Shopping cart", "till", "nobody-knows"]
        ),
        st.sampled_from(["deployed", "upgraded", "rolledback"]),
        st.sampled_from(["prod", "staging"]),
        MINUTES,
        st.sampled_from(["success", "failure"]),
    ),
    st.builds(
        status,
        st.integers(1, 4),
        st.sampled_from(["shop/cart", "shop/till", "shop/other"]),
        st.sampled_from(["in_progress", "success", "failure"]),
        MINUTES,
    ),
    st.builds(
        incident,
        st.integers(1, 3),
        st.sampled_from(["PCART", "PTILL", "PGONE"]),
        st.sampled_from(["triggered", "acknowledged", "resolved"]),
        MINUTES,
    ),
    st.builds(
        alert,
        st.sampled_from(["CartSlow", "CartDown"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["firing", "resolved"]),
        MINUTES,
    ),
)


def post(journal: EventJournal, number: int, event: dict[str, Any]) -> None:
    journal.append(Delivery("test", str(number), NOW, json.dumps(event), {}))


def tables(snapshot: Snapshot) -> dict[str, list[str]]:
    """Every row of what events may change, without where it was read."""
    found = {}
    for table in ("deployments", "incidents", "alerts", "changes"):
        rows = snapshot.catalog.fetch(f'SELECT * FROM "{table}"')
        found[table] = sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)
    edges = snapshot.catalog.fetch("SELECT source, relation, target FROM edges")
    found["edges"] = sorted(json.dumps(row, sort_keys=True) for row in edges)
    return found


def build(files: Path, store: Path, journal: Journal) -> None:
    publish(
        store, read_catalog([files], now=NOW, journal=journal), now=NOW, embedder=HashEmbedder()
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    feed = [
        deployed(100, "cart", "deployed", "prod", 1000, "success"),
        deployed(101, "till", "deployed", "prod", 900, "success"),
    ]
    return write(
        tmp_path_factory.mktemp("live"),
        {"catalog.yaml": CATALOG, "feed.ndjson": "\n".join(map(json.dumps, feed))},
    )


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ],  # each example builds twice: shrinking takes minutes
)
@given(
    before=st.lists(EVENTS, max_size=6),
    after=st.lists(EVENTS, min_size=1, max_size=10),
    data=st.data(),
)
def test_events_change_at_once_what_the_next_build_changes(
    before: Sequence[dict[str, Any]],
    after: Sequence[dict[str, Any]],
    data: st.DataObject,
    files: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    store = tmp_path_factory.mktemp("store")
    journal = Journal(store)
    for number, event in enumerate(before):
        post(journal, number, event)
    build(files, store, journal)
    with open_snapshot(store) as live:
        indexer = LiveIndexer(live.catalog, live.ground)
        position = live.read_up_to
        for number, event in enumerate(after, start=len(before)):
            post(journal, number, event)
            if data.draw(st.booleans()) or number == len(before) + len(after) - 1:
                entries = list(journal.entries(position))
                patch, _ = indexer.read(entries, now=NOW)
                live.catalog.patch(patch, through=entries[-1].end)
                position = entries[-1].end
        build(files, store, journal)
        with open_snapshot(store) as rebuilt:
            assert rebuilt.id != live.id
            at_once, built = tables(live), tables(rebuilt)
            for name, rows in at_once.items():
                assert rows == built[name], name
            assert not list(journal.entries(rebuilt.read_up_to))


def test_an_event_that_describes_the_catalog_is_refused(files: Path, tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    entity = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": "x"},
        "spec": {"type": "service", "owner": "shop", "lifecycle": "production"},
    }
    post(journal, 1, entity)
    content = read_catalog([files], now=NOW, journal=journal)
    assert [p.code for p in content.problems if p.span.path.startswith("events/")] == ["no-event"]
    assert "component:default/x" not in {str(e.ref) for e in content.entities}


def test_an_event_is_cited_by_its_line_of_the_journal(files: Path, tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for n in range(3):
        post(journal, n, deployed(n, "cart", "deployed", "prod", n + 1, "success"))
    content = read_catalog([files], now=NOW, journal=journal)
    places = {r.id: (r.span.path, r.span.first) for r in content.records if r.id.startswith("d2")}
    assert list(places.values()) == [("events/00000001.ndjson", 3)]
