"""Examples for the OpenAPI description: one of each body, as the bundled organisation would answer."""

from __future__ import annotations

from typing import Any

ANSWER_EXAMPLE: dict[str, Any] = {
    "status": "answered",
    "kind": "entities",
    "text": "**Payments** owns checkout. [1]",
    "interpretation": {
        "text": "the owner of component checkout",
        "chips": [
            {
                "field": "name",
                "op": "eq",
                "value": "component:default/checkout",
                "label": "checkout",
                "span": [9, 17],
            }
        ],
        "unused": [],
        "assumptions": [],
        "as_of": "2026-11-20T12:00:00Z",
        "sql": "SELECT …",
        "plan": {"node": "select"},
    },
    "results": [
        {"ref": "group:default/payments", "kind": "Group", "title": "Payments", "fields": {}}
    ],
    "total": 1,
    "citations": [
        {
            "id": 1,
            "path": "catalog/checkout/catalog-info.yaml",
            "lines": [3, 24],
            "ref": "component:default/checkout",
        }
    ],
    "suggestions": ["who is in payments?"],
    "conversation": "c-4f1d",
    "took_ms": 3.1,
}

STREAM_EXAMPLE = (
    'event: reading\ndata: {"text": "the owner of component checkout", "readings": 3}\n\n'
    'event: rows\ndata: {"total": 1, "shown": 1}\n\n'
    'event: text\ndata: {"status": "answered", "text": "**Payments** owns checkout. [1]"}\n\n'
    'event: answer\ndata: {"status": "answered", "…": "…"}\n\n'
)

CHOICES_EXAMPLE: dict[str, Any] = {
    "at": "/where/of/1",
    "field": "ownedWithin",
    "label": "owned by",
    "type": "thing",
    "op": "eq",
    "value": "group:default/payments",
    "operators": [{"name": "eq", "label": "is"}, {"name": "not_eq", "label": "is not"}],
    "values": [
        {"value": "group:default/checkout", "label": "Checkout", "count": 9},
        {"value": "group:default/payments", "label": "Payments", "count": 7},
    ],
    "total": 2,
}

SEARCH_EXAMPLE: dict[str, Any] = {
    "hits": [
        {
            "type": "entity",
            "ref": "component:default/refund-api",
            "kind": "Component",
            "path": "catalog/refund-api/catalog-info.yaml",
            "title": "Refund API",
            "text": "Gives money back to customers.",
            "highlights": [],
            "score": 2.4,
        }
    ],
    "total": 1,
    "facets": {"kind": [{"value": "Component", "count": 1}]},
    "took_ms": 2.1,
}

SUGGEST_EXAMPLE: dict[str, Any] = {
    "suggestions": [
        {
            "text": "who owns payments-api",
            "label": "Payments API",
            "kind": "entity",
            "detail": "service",
            "ref": "component:default/payments-api",
        }
    ]
}

ENTITY_EXAMPLE: dict[str, Any] = {
    "ref": "component:default/checkout",
    "kind": "Component",
    "namespace": "default",
    "name": "checkout",
    "title": "Checkout",
    "description": "Turns a basket into a paid order.",
    "source": {"path": "catalog/checkout/catalog-info.yaml", "lines": [1, 24]},
    "facts": [
        {
            "field": "tier",
            "label": "tier",
            "type": "integer",
            "value": 1,
            "source": {"path": "catalog/checkout/catalog-info.yaml", "lines": [9, 9]},
        }
    ],
    "relations": [
        {
            "name": "uses",
            "label": "depending on",
            "derived": True,
            "total": 1,
            "things": [
                {
                    "ref": "resource:default/orders-db",
                    "title": "Orders Database",
                    "kind": "Resource",
                }
            ],
        }
    ],
}

PAGE_EXAMPLE: dict[str, Any] = {
    "ref": "runbook:runbooks/ledger-lag.md",
    "title": "Ledger lag",
    "path": "runbooks/ledger-lag.md",
    "runbook": True,
    "passages": [
        {"heading": "Mitigation", "text": "Restart the stuck workers.", "lines": [12, 31]}
    ],
}

GRAPH_EXAMPLE: dict[str, Any] = {
    "nodes": [
        {"ref": "component:default/checkout", "title": "Checkout", "kind": "Component", "hops": 0},
        {
            "ref": "resource:default/orders-db",
            "title": "Orders Database",
            "kind": "Resource",
            "hops": 1,
        },
    ],
    "links": [
        {
            "source": "component:default/checkout",
            "target": "resource:default/orders-db",
            "relation": "uses",
            "label": "depending on",
        }
    ],
    "cut": False,
}

QUALITY_EXAMPLE: dict[str, Any] = {
    "as_of": "2026-11-20T12:00:00Z",
    "scope": "team Payments",
    "share": 93.9,
    "checks": [],
    "not_checked": ["no-slo"],
}

PROBLEM_EXAMPLE: dict[str, Any] = {
    "type": "urn:callboard:bad-request",
    "title": "Bad Request",
    "status": 400,
    "detail": "The request cannot be read. limit: Input should be less than or equal to 1000.",
    "request_id": "3f9c1b2a7d5e4f60",
    "errors": [{"where": "limit", "message": "Input should be less than or equal to 1000"}],
}

TAKEN_EXAMPLE = {"id": "0d9f2c7c5a8e4b1f9a37d1b0c2e4f6a8"}

READY_EXAMPLE: dict[str, str] = {
    "status": "ready",
    "snapshot": "20261120T060000Z-4f1d",
    "built_at": "2026-11-20T06:00:00Z",
}

METRICS_EXAMPLE = 'callboard_questions_total{status="answered",surface="http"} 12.0\n'

INSIGHTS_EXAMPLE: dict[str, Any] = {
    "since": "2026-08-31T00:00:00+00:00",
    "until": "2026-11-20T12:00:00+00:00",
    "questions": 412,
    "answered": 371,
    "hours_saved": 18.6,
    "surfaces": {"http": {"answered": 290, "unknown_name": 14}, "slack": {"answered": 81}},
    "fields": [["owner", 120], ["last_deployed_at", 64]],
    "verdicts": {"right": 31, "wrong": 4},
    "pending_cases": 2,
}
