"""Tidewater, a ferry line: a catalog small enough to read, with everything the bot speaks about."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)

_ORG = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: fares, title: Fares, annotations: {slack.com/channel: "#fares-eng", slack.com/user-group: S0FARES001, pagerduty.com/team-id: TFARES}}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: piers, title: Piers, annotations: {slack.com/channel: "#piers-eng"}}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: galley, title: Galley}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: anna, title: Anna Reed, annotations: {slack.com/user-id: U0ANNA0001}}
spec: {profile: {displayName: Anna Reed, email: anna@tidewater.example}, memberOf: [fares]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: bo, title: Bo Lind}
spec: {profile: {displayName: Bo Lind, email: bo@tidewater.example}, memberOf: [piers]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: cleo, title: Cleo Marsh}
spec: {profile: {displayName: Cleo Marsh, email: cleo@tidewater.example}, memberOf: [fares]}
"""

_SERVICE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: {name}, title: {title}, description: "{about}", labels: {{tier: "{tier}"}}, annotations: {{pagerduty.com/service-id: "S-{name}"}}}}
spec: {{type: service, lifecycle: production, owner: {owner}, dependsOn: [{needs}]}}
"""

SERVICES = (
    (
        "fare-gate",
        "Fare Gate",
        "Lets people with a ticket through.",
        1,
        "fares",
        "component:fare-tables",
    ),
    ("fare-tables", "Fare Tables", "What a crossing costs.", 1, "fares", "resource:fares-db"),
    (
        "boarding-pass",
        "Boarding Pass",
        "Prints and checks passes.",
        2,
        "piers",
        "component:fare-gate",
    ),
    ("galley-orders", "Galley Orders", "Soup for the passengers.", 3, "galley", ""),
    *(
        (
            f"berth-{n:02}",
            f"Berth {n:02}",
            "Watches one berth.",
            3,
            "piers",
            "component:boarding-pass",
        )
        for n in range(1, 13)
    ),
)

_DB = """\
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: fares-db, title: Fares Database}
spec: {type: database, owner: fares}
"""

_RUNBOOK = """\
---
title: Fare gate does not open
alerts: [FareGateDown]
services: [fare-gate]
---

# Fare gate does not open

## Meaning

The gates at the piers refuse every ticket.

## Diagnosis

Look at the gate's own log before anything else:

```
kubectl logs deploy/fare-gate --since=10m
```

## Mitigation

- Open the side door by hand.
- Restart the gate: `kubectl rollout restart deploy/fare-gate`.
"""

_DOC = """\
# Fare Gate

## Rotate the signing key

Tickets are signed with a key that lives for ninety days. To rotate it, run `gatectl rotate-key` and wait until both
keys are accepted, then revoke the old one with `gatectl revoke --oldest`.

## Limits

A gate checks four tickets a second.
"""


def write_org(folder: Path) -> Path:
    """The files of the organisation, in a folder."""
    texts = {
        "catalog/org.yaml": _ORG,
        "catalog/services.yaml": "---\n".join(
            [
                *(
                    _SERVICE.format(name=n, title=t, about=a, tier=tier, owner=o, needs=needs)
                    for n, t, a, tier, o, needs in SERVICES
                ),
                _DB,
            ]
        ),
        "runbooks/fare-gate-down.md": _RUNBOOK,
        "docs/fare-gate/index.md": _DOC,
        "feeds/oncalls.json": json.dumps(_oncalls()),
        "feeds/incidents.json": json.dumps(_incidents()),
        "feeds/deployments.ndjson": "".join(
            json.dumps(_deployed(name, day)) + "\n"
            for name, day in (("fare-gate", "2026-04-30"), ("fare-tables", "2026-01-10"))
        ),
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def _oncalls() -> dict[str, object]:
    def shift(level: int, name: str, email: str) -> dict[str, object]:
        return {
            "escalation_level": level,
            "start": "2026-05-01T07:00:00Z",
            "end": "2026-05-08T07:00:00Z",
            "user": {"summary": name, "email": email},
            "schedule": {"summary": "Fares"},
            "escalation_policy": {"summary": "Fares", "services": [], "teams": [{"id": "TFARES"}]},
        }

    return {
        "oncalls": [
            shift(1, "Cleo Marsh", "cleo@tidewater.example"),
            shift(2, "Anna Reed", "anna@tidewater.example"),
        ]
    }


def _incidents() -> dict[str, object]:
    return {
        "incidents": [
            {
                "incident_number": 7,
                "id": "TI0007",
                "type": "incident",
                "title": "Gates refuse day tickets",
                "created_at": "2026-05-04T07:10:00Z",
                "status": "triggered",
                "service": {
                    "id": "S-fare-gate",
                    "type": "service_reference",
                    "summary": "Fare Gate",
                },
                "priority": {"type": "priority", "summary": "P2", "name": "P2"},
                "urgency": "high",
                "assignments": [],
                "teams": [],
                "html_url": "https://tidewater.pagerduty.com/incidents/TI0007",
            }
        ]
    }


def _deployed(name: str, day: str) -> dict[str, object]:
    return {
        "context": {
            "version": "0.4.1",
            "id": f"deploy-{name}",
            "source": "/tidewater",
            "type": "dev.cdevents.service.deployed.0.2.0",
            "timestamp": f"{day}T08:00:00Z",
        },
        "subject": {
            "id": name,
            "source": "/clusters/production",
            "type": "service",
            "content": {
                "environment": {"id": "production"},
                "artifactId": f"pkg:oci/{name}@sha256%3A00?tag=1.0.0",
            },
        },
        "customData": {"outcome": "success"},
    }
