"""The portal's routes as a browser or a script asks them: search, paging links, and what is wrong with a request."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from assistant.portal.search import POST_TAG, PRE_TAG


def _search(real: httpx.Client, query: str) -> dict[str, Any]:
    response = real.get(f"/api/search/query?{query}")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_a_search_finds_entities_and_pages_in_the_portals_shape(real: httpx.Client) -> None:
    body = _search(real, "term=checkout")
    first = body["results"][0]
    assert first["type"] == "software-catalog"
    assert first["rank"] == 1
    document = first["document"]
    assert {
        name: document[name] for name in ("title", "location", "kind", "componentType", "owner")
    } == {
        "title": "Checkout",
        "location": "/catalog/default/component/checkout",
        "kind": "Component",
        "componentType": "service",
        "owner": "group:default/payments",
    }
    assert {result["type"] for result in body["results"]} == {"software-catalog", "techdocs"}
    assert body["numberOfResults"] == len(body["results"])


def test_what_matched_is_marked(real: httpx.Client) -> None:
    results = _search(real, "term=paid+order")["results"]
    text = next(r for r in results if r["document"]["title"] == "Checkout")["highlight"]["fields"][
        "text"
    ]
    assert f"{PRE_TAG}paid{POST_TAG}" in text


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("types[0]=software-catalog&filters[kind]=component", {"Checkout", "Checkout Web"}),
        (
            "types[]=software-catalog&filters[kind][0]=Component&filters[kind][1]=Group",
            {"Checkout", "Checkout Web", "Payments"},
        ),
        ("types=software-catalog&filters[type]=website", {"Checkout Web"}),
        ("types[0]=techdocs", {"Checkout is slow"}),
        (
            "filters[lifecycle]=production&filters[kind]=Component&types[0]=software-catalog",
            {"Checkout", "Checkout Web"},
        ),
        ("filters[owner]=group:default/nobody", set()),
        ("filters[nothing]=x", set()),
    ],
)
def test_types_and_filters_narrow(real: httpx.Client, query: str, titles: set[str]) -> None:
    assert {r["document"]["title"] for r in _search(real, f"term=&{query}")["results"]} == titles


def test_pages_lead_there_and_back(real: httpx.Client) -> None:
    first = _search(real, "term=&pageLimit=2")
    assert "previousPageCursor" not in first
    second = _search(real, f"term=&pageLimit=2&pageCursor={first['nextPageCursor']}")
    assert _search(real, f"term=&pageLimit=2&pageCursor={second['previousPageCursor']}") == first
    titles = [r["document"]["title"] for body in (first, second) for r in body["results"]]
    assert len(set(titles)) == 4
    assert [r["rank"] for r in second["results"]] == [3, 4]


@pytest.mark.parametrize(
    ("path", "status", "part"),
    [
        ("/api/search/query?types[0]=tickets", 400, "tickets"),
        ("/api/search/query?term=" + "x" * 101, 400, "101 characters"),
        ("/api/search/query?pageLimit=0", 400, "pageLimit"),
        ("/api/search/query?pageCursor=%21", 400, "pageCursor"),
        ("/api/catalog/entities?limit=-1", 400, "limit"),
        ("/api/catalog/entities?filter=%3Da", 400, "invalid filter"),
        ("/api/catalog/entities?order=up:metadata.name", 400, "invalid order"),
        ("/api/catalog/entities?after=x", 400, "malformed cursor"),
        ("/api/catalog/entities/by-name/component/default/nowhere", 404, "nowhere"),
        ("/api/catalog/entities/by-uid/nothing", 404, "nothing"),
        ("/api/catalog/entity-facets", 400, "facet"),
        ("/api/catalog/nothing", 404, "/api/catalog/nothing"),
    ],
)
def test_errors_have_the_portals_shape(
    real: httpx.Client, path: str, status: int, part: str
) -> None:
    response = real.get(path)
    body = response.json()
    assert response.status_code == status
    assert body["response"] == {"statusCode": status}
    assert body["error"]["name"] == {400: "InputError", 404: "NotFoundError"}[status]
    assert part in body["error"]["message"]
    assert body["request"]["method"] == "GET"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("entities/by-query", {"query": []}),
        ("entities/by-query", {"query": {"$all": {}}}),
        ("entities/by-query", {"query": {"$any": [], "kind": "x"}}),
        ("entities/by-query", {"query": {"kind": {"$in": "x"}}}),
        ("entities/by-query", {"query": {"kind": {"$exists": "x"}}}),
        ("entities/by-query", {"limit": "many"}),
        ("entities/by-query", {"cursor": 7}),
        ("entities/by-query", {"orderBy": [{"order": "asc"}]}),
        ("entities/by-query", {"fullTextFilter": "x"}),
        ("entities/by-refs", {"entityRefs": "x"}),
        ("entities/by-refs", {"entityRefs": ["a:b:c"]}),
        ("entity-facets", {}),
        ("validate-entity", {}),
        ("validate-entity", []),
    ],
)
def test_malformed_bodies_are_refused(real: httpx.Client, path: str, body: object) -> None:
    response = real.post(f"/api/catalog/{path}", json=body)
    assert response.status_code == 400
    assert response.json()["error"]["name"] == "InputError"


def test_a_predicate_nested_without_end_is_refused(real: httpx.Client) -> None:
    predicate: dict[str, Any] = {"kind": "x"}
    for _ in range(200):
        predicate = {"$not": predicate}
    response = real.post("/api/catalog/entities/by-query", json={"query": predicate})
    assert response.status_code == 400


def test_the_link_header_leads_on(real: httpx.Client) -> None:
    names: list[str] = []
    path: str | None = "/api/catalog/entities?limit=3&fields=metadata.name"
    while path is not None:
        response = real.get(path)
        names += [one["metadata"]["name"] for one in response.json()]
        path = response.links["next"]["url"] if "next" in response.links else None
    assert names == ["checkout", "checkout-web", "payments", "orders-db"]


def test_numbers_may_come_as_text(real: httpx.Client) -> None:
    body = real.post("/api/catalog/entities/by-query", json={"limit": "1"}).json()
    assert len(body["items"]) == 1


def test_half_a_character_breaks_nothing(real: httpx.Client) -> None:
    body = b'{"entity": {"metadata": {"name": "a", "labels": {"\\ud800": 7}}}}'
    headers = {"Content-Type": "application/json"}
    response = real.post("/api/catalog/validate-entity", content=body, headers=headers)
    assert response.status_code == 400
    for content in (
        b'{"query": {"\\ud800": "\\udfff"}}',
        b'{"query": {"kind": {"$contains": {"\\ud800": {"$x": 1}}}}}',
    ):
        assert real.post(
            "/api/catalog/entities/by-query", content=content, headers=headers
        ).status_code in (200, 400)


def test_predicates_nested_through_lists_break_nothing(real: httpx.Client) -> None:
    predicate: dict[str, Any] = {"type": "x", "targetRef": "y"}
    for _ in range(200):
        predicate = {
            "relations": {"$contains": {"type": "x", "targetRef": {"$contains": predicate}}}
        }
    response = real.post("/api/catalog/entities/by-query", json={"query": predicate})
    assert response.status_code in (200, 400)
