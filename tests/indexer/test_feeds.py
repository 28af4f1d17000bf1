"""Live facts: what single formats promise beyond the folders under `cases/`, and that nothing stops a build."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_store.content import CatalogContent
from catalog_store.model.fields import FieldTable
from catalog_store.model.kinds import KIND_BY_NAME
from catalog_store.model.relations import RELATION_BY_SIDE
from indexer.json_items import value_lines
from tests.indexer.support import build, component

CART = component(
    "cart",
    metadata="annotations:\n  pagerduty.com/service-id: P1\n  github.com/project-slug: shop/cart",
)

KEYS = [
    *(
        "id",
        "status",
        "state",
        "title",
        "summary",
        "name",
        "service",
        "created_at",
        "resolved_at",
        "priority",
    ),
    *(
        "data",
        "type",
        "assignments",
        "assignee",
        "user",
        "email",
        "start",
        "end",
        "escalation_policy",
        "services",
    ),
    *(
        "teams",
        "labels",
        "annotations",
        "alertname",
        "startsAt",
        "fingerprint",
        "metric",
        "value",
        "values",
    ),
    *(
        "__name__",
        "slo",
        "tool",
        "driver",
        "rules",
        "results",
        "ruleId",
        "ruleIndex",
        "level",
        "message",
        "text",
    ),
    *(
        "locations",
        "suppressions",
        "fingerprints",
        "versionControlProvenance",
        "repositoryUri",
        "repo",
        "checks",
    ),
    *(
        "score",
        "date",
        "groups",
        "alert",
        "expr",
        "metadata",
        "spec",
        "objectives",
        "target",
        "timeWindow",
    ),
    *(
        "duration",
        "slos",
        "objective",
        "event_type",
        "occurred_at",
        "properties",
        "security-severity",
    ),
]
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        [
            "",
            "x",
            "2026-01-01T00:00:00Z",
            "active",
            "resolved",
            "P1",
            "0.5",
            "cart",
            "error",
            "[",
            "2026-05-31T09:00:00Z",
            "20260601T090000Z",
            "closed",
            "BEGIN:VEVENT\nRRULE:FREQ=HOURLY;INTERVAL=0",
            "\ud800",
        ]
    )
)
ANYTHING = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=7)
    ),
    max_leaves=30,
)


def feeds(value: object) -> dict[str, str]:
    """One file per format that surely is claimed by it, with the value in every place that matters."""
    item = {**value, "x": value} if isinstance(value, dict) else {"x": value}
    wholes: dict[str, object] = {
        "incidents.json": {"incidents": [value, {"id": "Q", **item}], "incident_key": value},
        "hook.json": {
            "event": {
                "event_type": "incident.x",
                "occurred_at": value,
                "data": {"type": "incident", "id": "Q", **item},
            }
        },
        "oncalls.json": {"oncalls": [value, {"user": {"summary": "a"}, **item}]},
        "am.json": [
            {
                "labels": {"alertname": "A"},
                "status": {"state": "active"},
                "startsAt": value,
                **item,
            },
            value,
        ],
        "budget.json": {
            "resultType": "vector",
            "data": {
                "result": [
                    value,
                    {
                        "metric": {"__name__": "slo_error_budget_remaining_ratio", "slo": "a"},
                        "value": value,
                        **item,
                    },
                ]
            },
        },
        "a.sarif": {
            "$schema": "sarif",
            "version": "2.1.0",
            "runs": [value, {"results": [value, {"ruleId": "r", **item}], **item}],
        },
        "polr.json": {
            "apiVersion": "wgpolicyk8s.io/v1alpha2",
            "kind": "PolicyReport",
            "metadata": value,
            "scope": value,
            "results": [value, {"policy": "p", "result": "fail", "resources": [value], **item}],
        },
        "polr.yaml": {
            "apiVersion": "openreports.io/v1alpha1",
            "kind": "Report",
            "results": [{"result": "warn", "timestamp": value, "properties": value}],
        },
        "constraint.json": {
            "apiVersion": "constraints.gatekeeper.sh/v1beta1",
            "kind": "K8sThing",
            "metadata": {"name": "c", "annotations": value},
            "status": {"auditTimestamp": value, "violations": [value, {"name": "x", **item}]},
        },
        "conftest.json": [
            {"filename": value, "namespace": value, "successes": 1, "failures": [value, item]},
            {"failures": [{"msg": "m", "metadata": value, "loc": value}], "exceptions": value},
            value,
        ],
        "blueprints.json": [
            {"identifier": "service", "schema": {"properties": {"a": value}}, "relations": value},
            {"identifier": "x", "blueprint": "service", "properties": value, "relations": value},
        ],
        "card.json": {"scorecard": value, "checks": [value], "repo": value, **item},
        "rules.yaml": {
            "groups": [value, {"rules": [value, {"alert": "A", **item}]}],
            "record": "x",
        },
        "slo.yaml": {
            "apiVersion": "openslo/v1",
            "kind": "SLO",
            "metadata": {"name": "s"},
            "spec": value,
        },
        "sloth.yaml": {
            "version": "prometheus/v1",
            "slos": [value, {"name": "s", **item}],
            "service": value,
        },
        "github.json": {
            "deployment_status": {"state": "success", "created_at": "2026-05-01", **item},
            "deployment": {"id": 1, **item},
            "repository": {"full_name": "shop/cart"},
        },
        "gitlab.json": {
            "object_kind": "deployment",
            "status": "success",
            "status_changed_at": "2026-05-01",
            "deployment_id": 2,
            "project": {"path_with_namespace": "a/b"},
            "user": value,
            "environment": value,
        },
        "argo.json": {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": "cart-prod", "labels": value},
            "spec": value,
            "status": {"history": [value, {"deployedAt": "2026-05-01", "initiatedBy": value}]},
        },
        "deploys.json": {
            "deployments": [
                {"type": "DEPLOY", "title": "t", "timestamp": "2026-05-01", "customData": value},
                value,
            ]
        },
        "dd2.yaml": {"dd-service": "a", "links": [item], "contacts": [item], "tags": value, **item},
        "dd3.yaml": {
            "apiVersion": "v3",
            "kind": "service",
            "metadata": {"name": "b", "links": [item], "owner": value},
            "spec": value,
            "integrations": value,
        },
        "cortex.yaml": {
            "info": {
                "x-cortex-tag": "c",
                "x-cortex-owners": [value],
                "x-cortex-custom-metadata": value,
                "x-cortex-git": value,
                "x-cortex-groups": value,
                "x-cortex-oncall": value,
                "x-cortex-dependency": value,
            }
        },
        "port.yml": {
            "identifier": "d",
            "blueprint": "service",
            "properties": value,
            "relations": value,
            "team": value,
        },
    }
    wholes |= incident_feeds(value, item) | oncall_feeds(value, item)
    inline = json.dumps(value)
    calendar = inline.replace("\\n", "\n")
    blocks = {
        "oncall.ics": "\n".join(
            [
                "BEGIN:VCALENDAR",
                f"X-WR-TIMEZONE:{calendar}",
                "BEGIN:VEVENT",
                "DTSTART:20260601T000000Z",
                f"DTEND:{calendar}",
                f"RRULE:FREQ=DAILY;COUNT={calendar}",
                f"SUMMARY:{calendar}",
                f"ATTENDEE;CN={calendar}:{calendar}",
                "END:VEVENT",
                "BEGIN:VEVENT",
                f"DTSTART:{calendar}",
                f"{calendar}",
                "END:VEVENT",
            ]
        ),
        "opslevel.yml": f"version: 1\nservice:\n  name: e\n  owner: {inline}\n  tools: [{inline}]\n  tags: {inline}\n",
        "compass.yml": f"configVersion: 1\nname: f\ntypeId: SERVICE\nfields: {inline}\nlabels: {inline}\nlinks: [{inline}]\n",
        "CODEOWNERS": f"* {inline}\n[{inline}] @a\nx\n",
        "OWNERS": f"approvers: {inline}\nfilters: {inline}\n",
    }
    return blocks | {name: json.dumps(whole, indent=1) for name, whole in wholes.items()}


def incident_feeds(value: object, item: dict[str, object]) -> dict[str, object]:
    """Files of the formats that speak of incidents and changes."""
    event = "public_incident.incident_status_updated_v2"
    return {
        "cdevents.json": [
            {
                "context": {
                    "type": f"dev.cdevents.{kind}.0.2.0",
                    "id": "e",
                    "timestamp": "2026-05-01",
                    "source": value,
                },
                "subject": {"id": "s", "source": value, "content": {**item, "service": value}},
                "customData": value,
            }
            for kind in ("incident.detected", "incident.resolved", "build.finished")
        ],
        "io.json": {
            "incidents": [
                value,
                {
                    "reference": "INC-1",
                    "incident_status": value,
                    "severity": value,
                    "custom_field_entries": [value, {"custom_field": value, "values": [item]}],
                    "incident_role_assignments": [value],
                    "incident_timestamp_values": [value, {"value": value}],
                    **item,
                },
            ]
        },
        "io-hook.json": {"event_type": event, event: {"incident": item, "previous_status": value}},
        "og.json": {
            "data": [
                value,
                {"tinyId": "1", "message": value, "id": "1", "tags": [value], "details": value},
            ]
        },
        "og-hook.json": {
            "action": value,
            "alert": {"tinyId": value, "message": "m", "alertId": "2", "updatedAt": value, **item},
        },
    }


def oncall_feeds(value: object, item: dict[str, object]) -> dict[str, object]:
    """Files of the formats that speak of who is on call."""
    return {
        "flat.json": {"data": {"_parent": value, "onCallRecipients": [value, "a@b.example"]}},
        "nested.json": {
            "data": {"onCallParticipants": [value, {"escalationTime": value, **item}], "id": value}
        },
        "timeline.json": {
            "finalTimeline": {
                "rotations": [
                    value,
                    {
                        "name": value,
                        "periods": [
                            value,
                            {
                                "startDate": "2026-05-01",
                                "endDate": "2026-05-02",
                                "recipient": value,
                                "flattenedRecipients": [item],
                            },
                        ],
                    },
                ]
            }
        },
        "og-users.json": {"data": [value, {"fullName": value, "userAddress": value, **item}]},
        "pd-users.json": {"users": [value, {"type": "user", "invitation_sent": value, **item}]},
    }


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=ANYTHING)
def test_no_feed_stops_a_build(value: object, tmp_path: Path) -> None:
    content = build(tmp_path, {"catalog-info.yaml": CART, **feeds(value)})
    assert len({record.ref for record in content.records}) == len(content.records)
    check_shape(content)
    for problem in content.problems:
        assert 1 <= problem.span.first <= problem.span.last


def check_shape(content: CatalogContent) -> None:
    """Every value has a column, and every edge a relation that is stored."""
    table = FieldTable(content.fields)
    for record in content.records:
        for name, value in record.values.items():
            assert value is not None
            assert table.get(KIND_BY_NAME[record.kind].table, name) is not None, name
    for edge in content.edges:
        assert not RELATION_BY_SIDE[edge.relation][1], edge.relation


@pytest.mark.parametrize("name", feeds({}), ids=str)
def test_every_feed_is_claimed(name: str, tmp_path: Path) -> None:
    content = build(tmp_path, {name: feeds({})[name]})
    assert sum(content.sources.values()) == 1


def test_items_know_their_lines_in_any_layout() -> None:
    text = '{"a": {"b": [\n {"c": 1},\n {\n "c": [2]\n }, 3]}, "d": [[]]}'
    assert value_lines(text, ("a", "b", None)) == {
        ("a", "b", 0): (2, 2),
        ("a", "b", 1): (3, 5),
        ("a", "b", 2): (5, 5),
    }
    assert value_lines("[1", (None,)) == {}
    assert value_lines('{"a": 1}', ("a", None)) == {}


def test_pages_of_an_export_may_stand_in_one_array(tmp_path: Path) -> None:
    pages = [
        {
            "incidents": [
                {"id": f"Q{n}", "incident_key": "k", "service": {"id": "P1"}, "status": "triggered"}
            ]
        }
        for n in (1, 2)
    ]
    content = build(tmp_path, {"catalog-info.yaml": CART, "all.json": json.dumps(pages, indent=1)})
    assert [(r.ref, r.span.first) for r in content.records] == [
        ("incident:Q1", 4),
        ("incident:Q2", 16),
    ]


def test_a_reopened_incident_is_not_resolved(tmp_path: Path) -> None:
    def hook(event: str, status: str, at: str) -> str:
        data = {"id": "Q", "type": "incident", "status": status, "service": {"id": "P1"}}
        return json.dumps(
            {
                "event": {
                    "event_type": event,
                    "occurred_at": at,
                    "resource_type": "incident",
                    "data": data,
                }
            }
        )

    hooks = [
        hook("incident.reopened", "triggered", "2026-05-03T00:00:00Z"),
        hook("incident.resolved", "resolved", "2026-05-02T00:00:00Z"),
    ]
    content = build(tmp_path, {"catalog-info.yaml": CART, "hooks.ndjson": "\n".join(hooks)})
    assert content.records[0].values == {
        "status": "triggered",
        "open": True,
        "source": "pagerduty",
        "updated_at": datetime(2026, 5, 3, tzinfo=UTC),
    }


def test_an_address_beats_a_file_name(tmp_path: Path) -> None:
    log = {
        "$schema": "sarif",
        "version": "2.1.0",
        "runs": [
            {
                "versionControlProvenance": [{"repositoryUri": "https://github.com/shop/other"}],
                "results": [{"ruleId": "r", "message": {"text": "m"}}],
            }
        ],
    }
    content = build(tmp_path, {"catalog-info.yaml": CART, "cart.sarif": json.dumps(log)})
    assert not [edge for edge in content.edges if edge.relation == "findingIn"]
