"""The portal's own npm client, unchanged, against a real server: every call that reads gives what the catalog holds."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

CLIENT = Path(__file__).parents[1] / "portal_client"

ALL = ["checkout", "checkout-web", "payments", "orders-db"]


@pytest.fixture(scope="module")
def read(real_address: str) -> dict[str, Any]:
    """What the client read, by call."""
    node = shutil.which("node")
    if node is None or not (CLIENT / "node_modules" / "@backstage" / "catalog-client").is_dir():
        pytest.fail(
            "the portal's client is not installed, so nothing shows that /api/catalog works with it; run: .ci/portal-client"
        )
    run = subprocess.run(
        [node, "read.mjs", real_address],
        cwd=CLIENT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    results: dict[str, Any] = json.loads(run.stdout)
    return results


def test_an_entity_is_as_written_with_what_a_backend_adds(read: dict[str, Any]) -> None:
    whole = read["whole"]
    metadata = whole["metadata"]
    assert {name: metadata[name] for name in ("name", "title", "tags", "namespace")} == {
        "name": "checkout",
        "title": "Checkout",
        "tags": ["critical"],
        "namespace": "default",
    }
    assert len(metadata["uid"]) == 36
    assert len(metadata["etag"]) == 40
    assert whole["spec"]["dependsOn"] == ["resource:orders-db"]
    assert whole["relations"] == [
        {"type": "dependencyOf", "targetRef": "component:default/checkout-web"},
        {"type": "dependsOn", "targetRef": "resource:default/orders-db"},
        {"type": "ownedBy", "targetRef": "group:default/payments"},
    ]


CASES: dict[str, Any] = {
    "missing": None,
    "byName": "checkout",
    "all": ALL,
    "filtered": ["checkout", "checkout-web", "payments"],
    "tagged": ["checkout"],
    "related": ["checkout", "checkout-web", "orders-db"],
    "existing": ["checkout", "checkout-web"],
    "fields": [{"metadata": {"name": "checkout"}, "spec": {"type": "service"}}],
    "ordered": ["checkout-web", "checkout"],
    "sliced": ["checkout-web", "payments"],
    "first": {"items": ["checkout-web"], "total": 2, "next": True, "previous": False},
    "second": {"items": ["checkout"], "next": False},
    "back": {"items": ["checkout-web"], "previous": False},
    "fullText": ["checkout"],
    "not": ["orders-db", "payments"],
    "absent": ["checkout-web"],
    "prefix": ["checkout", "checkout-web"],
    "contained": ["checkout"],
    "depending": ["checkout-web"],
    "both": ["checkout-web"],
    "streamed": ["checkout", "checkout-web"],
    "byRefs": ["checkout", None, "payments"],
    "byRefsFiltered": [None, "payments"],
    "byRefsPredicate": ["checkout", None],
    "facetsFiltered": {
        "spec.type": [{"value": "service", "count": 1}, {"value": "website", "count": 1}]
    },
    "facetsPredicate": {"spec.type": [{"value": "database", "count": 1}]},
    "locationMissing": None,
    "valid": {"valid": True},
}


@pytest.mark.parametrize("call", CASES)
def test_each_call_gives_what_the_catalog_holds(read: dict[str, Any], call: str) -> None:
    assert read[call] == CASES[call]


def test_a_predicate_goes_on_by_its_cursor(read: dict[str, Any]) -> None:
    first, second = read["byPredicate"], read["afterPredicate"]
    assert first["total"] == 2
    assert sorted([*first["items"], *second]) == ["checkout", "checkout-web"]


def test_facets_count_every_value(read: dict[str, Any]) -> None:
    facets = read["facets"]
    assert facets["kind"] == [
        {"value": "Component", "count": 2},
        {"value": "Group", "count": 1},
        {"value": "Resource", "count": 1},
    ]
    assert facets["metadata.tags"] == [{"value": "critical", "count": 1}]
    assert facets["relations.ownedBy"] == [{"value": "group:default/payments", "count": 3}]


def test_ancestry_and_locations_say_where_it_was_read(read: dict[str, Any]) -> None:
    assert read["ancestry"]["rootEntityRef"] == "component:default/checkout"
    assert [item["parentEntityRefs"] for item in read["ancestry"]["items"]] == [[]]
    (location,) = read["locations"]
    assert (location["type"], location["target"]) == ("file", "catalog/all.yaml")
    assert read["location"] == read["locationOf"] == location
    assert read["locationQuery"] == {"items": [location], "totalItems": 1, "pageInfo": {}}


def test_a_bad_entity_is_refused_with_reasons(read: dict[str, Any]) -> None:
    invalid = read["invalid"]
    assert invalid["valid"] is False
    said = " ".join(error["message"] for error in invalid["errors"])
    assert "metadata.name is 'a b'" in said
    assert "spec.owner is missing" in said


@pytest.mark.parametrize(
    ("call", "status", "name"),
    [
        ("badCursor", 400, "InputError"),
        ("badPredicate", 400, "InputError"),
        ("refresh", 501, "NotImplementedError"),
        ("removal", 501, "NotImplementedError"),
    ],
)
def test_errors_are_those_the_client_knows(
    read: dict[str, Any], call: str, status: int, name: str
) -> None:
    error = read[call]
    assert (error["name"], error["status"]) == ("ResponseError", status)
    assert error["body"]["error"]["name"] == name
    assert error["body"]["response"] == {"statusCode": status}
