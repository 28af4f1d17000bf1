"""A condition is changed over HTTP, results are paged through, and things are drawn."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import NOW

OWNED = {
    "node": "select",
    "kinds": ["Component", "Resource"],
    "where": {
        "node": "related",
        "relation": "ownedWithin",
        "to": {
            "node": "select",
            "where": {
                "node": "compare",
                "field": "ref",
                "op": "eq",
                "value": "group:default/payments",
            },
        },
    },
}


def post(client: httpx.Client, route: str, **body: Any) -> dict[str, Any]:
    response = client.post(route, json={"now": NOW.isoformat(), **body})
    response.raise_for_status()
    found: dict[str, Any] = response.json()
    return found


def test_what_is_offered_is_asked_with_one_edit(real: httpx.Client) -> None:
    answer = post(real, "/v1/ask", plan=OWNED)
    chip = next(c for c in answer["interpretation"]["chips"] if c["field"] == "owner")
    plan = answer["interpretation"]["plan"]
    found = post(real, "/v1/choices", plan=plan, at=chip["at"])
    assert found["values"] == [{"value": "group:default/payments", "label": "Payments", "count": 3}]
    turned = post(real, "/v1/ask", plan=plan, edit={"at": chip["at"], "op": "not_eq"})
    assert turned["status"] == "empty"
    back = post(
        real,
        "/v1/ask",
        plan=turned["interpretation"]["plan"],
        edit={"at": chip["at"], "op": "eq", "value": "group:default/payments"},
    )
    assert [r["ref"] for r in back["results"]] == [r["ref"] for r in answer["results"]]


def test_values_come_by_the_page(real: httpx.Client) -> None:
    plan = {
        "node": "select",
        "where": {"node": "compare", "field": "ref", "op": "eq", "value": "a"},
    }
    seen: list[str] = []
    cursor = None
    while True:
        page = post(real, "/v1/choices", plan=plan, at="/where", limit=2, cursor=cursor)
        seen += [v["value"] for v in page["values"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == page["total"] == 4


def test_results_come_by_the_page(real: httpx.Client) -> None:
    whole = [r["ref"] for r in post(real, "/v1/ask", plan=OWNED)["results"]]
    seen: list[str] = []
    cursor = None
    while True:
        page = post(real, "/v1/ask", plan=OWNED, limit=1, cursor=cursor)
        assert page["total"] == 3
        seen += [r["ref"] for r in page["results"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == whole


@pytest.mark.parametrize(
    "body",
    [
        {"plan": OWNED, "at": "/nowhere"},
        {"plan": {"node": "nonsense"}, "at": "/where"},
        {"plan": OWNED, "at": "/where", "cursor": "made up"},
        {"plan": OWNED, "at": "/where", "limit": 0},
    ],
)
def test_choices_of_what_is_not_there_are_refused(body: dict[str, Any], real: httpx.Client) -> None:
    response = real.post("/v1/choices", json=body)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "edit",
    [
        {"at": "/where", "op": "matches"},
        {"at": "/nowhere", "value": "x"},
        {"at": "/where", "value": []},
        {"at": "/kinds", "value": 3},
    ],
)
def test_an_edit_that_does_not_fit_is_refused(edit: dict[str, Any], real: httpx.Client) -> None:
    response = real.post("/v1/ask", json={"plan": OWNED, "edit": edit})
    assert response.status_code == 400, response.text


def test_an_edit_needs_its_plan(real: httpx.Client) -> None:
    response = real.post("/v1/ask", json={"question": "who owns checkout?", "edit": {"at": "/a"}})
    assert response.status_code == 400
    assert "plan" in response.json()["detail"]


def test_the_neighbourhood_grows_by_the_hop(real: httpx.Client) -> None:
    def refs(hops: int) -> set[str]:
        params: dict[str, str | int] = {
            "ref": "component:default/checkout-web",
            "hops": hops,
            "relation": "uses",
        }
        return {n["ref"] for n in real.get("/v1/graph", params=params).json()["nodes"]}

    assert refs(0) == {"component:default/checkout-web"}
    assert refs(1) == refs(0) | {"component:default/checkout"}
    assert refs(2) == refs(1) | {"resource:default/orders-db"}


def test_a_graph_is_drawn_between_what_is_named(real: httpx.Client) -> None:
    named = ["component:default/checkout", "resource:default/orders-db", "component:default/nope"]
    graph = real.get("/v1/graph", params={"ref": named}).json()
    assert [n["ref"] for n in graph["nodes"]] == named[:2]
    assert [(x["source"], x["target"]) for x in graph["links"]] == [(named[0], named[1])]
    assert real.get("/v1/graph").status_code == 400
    wrong = real.get("/v1/graph", params={"ref": named[0], "relation": "usedBy"})
    assert wrong.status_code == 400
    assert "known are" in wrong.json()["detail"]
