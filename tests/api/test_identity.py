"""Who asks over HTTP: what each caller gets on every route, and how bad credentials are refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
import pytest

from app.identity.keys import new_key
from app.identity.settings import Access, read_access
from app.live import LiveAssistant, open_warm
from app.settings import Settings, load_settings
from app.visibility_section import read_visibility
from tests.api.conftest import running
from tests.app.identity.provider import Provider

KEY, LINE = new_key()
RULES = read_visibility([{"kind": "Component", "tag": "critical", "groups": ["payments"]}], "test")

BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def guarded(store: Path, provider: Provider) -> Iterator[str]:
    """A server with rules, keys, tokens, and a proxy on this machine; anybody may come."""
    access = read_access(
        {
            "anonymous": True,
            "keys": [{"hash": LINE, "groups": ["payments"]}],
            "tokens": [{"issuer": provider.issuer, "jwks": provider.jwks, "audience": "backstage"}],
            "proxy": {"from": "127.0.0.1"},
        },
        "test",
    )
    yield from _serve(store, access)


@pytest.fixture(scope="module")
def closed(store: Path) -> Iterator[str]:
    """A server that answers nobody without a key."""
    yield from _serve(store, read_access({"keys": [{"hash": LINE}]}, "test"))


def _serve(store: Path, access: Access) -> Iterator[str]:
    settings: Settings = replace(
        load_settings({"store": store}, env={}), access=access, visibility=RULES
    )
    live = LiveAssistant(store, open_store=partial(open_warm, rules=RULES))
    with running(settings, live) as url:
        yield url
    live.close()


ROUTES: tuple[tuple[str, str, object], ...] = (
    ("POST", "/v1/ask", {"question": "all components"}),
    ("POST", "/v1/ask", {"question": "what depends on the orders database?"}),
    ("GET", "/v1/search?q=checkout", None),
    ("GET", "/v1/search?q=", None),
    ("GET", "/v1/suggest?q=check", None),
    ("GET", "/v1/entities/group/default/payments", None),
    ("GET", "/v1/entities/resource/default/orders-db", None),
    ("GET", "/v1/quality", None),
    ("GET", "/v1/graph?ref=resource:default/orders-db", None),
    ("GET", "/v1/graph?ref=resource:default/orders-db&hops=2", None),
    (
        "POST",
        "/v1/choices",
        {
            "plan": {
                "node": "select",
                "where": {"node": "compare", "field": "ref", "op": "eq", "value": "a"},
            },
            "at": "/where",
        },
    ),
    ("GET", "/api/search/query?term=checkout", None),
    ("GET", "/api/catalog/entities", None),
    ("GET", "/api/catalog/entities/by-query?filter=kind=component", None),
    (
        "POST",
        "/api/catalog/entities/by-query",
        {"query": {"metadata.tags": {"$contains": "critical"}}},
    ),
    ("POST", "/api/catalog/entities/by-refs", {"entityRefs": ["component:default/checkout"]}),
    ("GET", "/api/catalog/entities/by-name/component/default/checkout", None),
    ("GET", "/api/catalog/entity-facets?facet=metadata.name", None),
)


def _mentions(address: str, headers: dict[str, str]) -> list[str]:
    found = []
    with httpx.Client(base_url=address, timeout=30, headers=headers, trust_env=False) as client:
        for method, path, body in ROUTES:
            response = client.request(method, path, json=body)
            assert response.status_code in (200, 404), response.text
            if (
                "Turns a basket" in response.text
                or '"name":"checkout"' in response.text
                or '"title":"Checkout"' in response.text
                or '"value":"component:default/checkout"' in response.text
            ):
                found.append(path)
    return found


def test_who_may_not_see_a_thing_meets_it_nowhere(guarded: str) -> None:
    assert _mentions(guarded, {}) == []
    assert _mentions(guarded, {"X-Forwarded-User": "jane"}) == []


@pytest.mark.parametrize("by", ["key", "token", "proxy"])
def test_who_may_meets_it(guarded: str, provider: Provider, by: str) -> None:
    headers = {
        "key": BEARER,
        "token": {"Authorization": f"Bearer {provider.token({'ent': ['group:default/payments']})}"},
        "proxy": {"X-Forwarded-Groups": "payments"},
    }[by]
    met = _mentions(guarded, headers)
    assert "/api/catalog/entities" in met
    assert "/v1/ask" in met
    assert len(met) >= 8


def test_a_streamed_answer_is_the_callers_own(guarded: str) -> None:
    """The stream is made in a thread of its own, after the route has returned: it must not forget who asked."""
    body = {"question": "all components"}
    stream = {"Accept": "text/event-stream"}
    with httpx.Client(base_url=guarded, timeout=30, trust_env=False) as client:
        for headers, sees in (({}, False), ({"X-Forwarded-Groups": "payments"}, True)):
            plain = client.post("/v1/ask", json=body, headers=headers).json()
            streamed = client.post("/v1/ask", json=body, headers=headers | stream).text
            refs = [r["ref"] for r in plain["results"]]
            assert ("component:default/checkout" in refs) is sees
            assert ('"component:default/checkout"' in streamed) is sees
            assert f'"total":{plain["total"]},' in streamed


def test_a_hidden_entity_answers_as_a_missing_one(guarded: str) -> None:
    with httpx.Client(base_url=guarded, timeout=30, trust_env=False) as client:
        for path in (
            "/v1/entities/component/default/{}",
            "/api/catalog/entities/by-name/component/default/{}",
        ):
            hidden, missing = (client.get(path.format(name)) for name in ("checkout", "chequeout"))
            assert hidden.status_code == missing.status_code == 404
            same = hidden.text.replace("checkout", "x"), missing.text.replace("chequeout", "x")
            ids = [response.headers["x-request-id"] for response in (hidden, missing)]
            assert same[0].replace(ids[0], "") == same[1].replace(ids[1], "")


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer nonsense"},
        {"X-API-Key": new_key()[0]},
        {"Authorization": "Basic eDp5"},
    ],
    ids=["token", "key", "basic"],
)
def test_bad_credentials_are_refused_in_each_routes_own_shape(
    guarded: str, headers: dict[str, str]
) -> None:
    secret = next(iter(headers.values())).split()[-1]
    with httpx.Client(base_url=guarded, timeout=30, headers=headers, trust_env=False) as client:
        ours = client.post("/v1/ask", json={"question": "all components"})
        portals = client.get("/api/catalog/entities")
        agents = client.post("/mcp", json={})
    assert ours.status_code == portals.status_code == agents.status_code == 401
    assert ours.headers["content-type"] == "application/problem+json"
    assert ours.json()["type"] == "urn:callboard:unauthenticated"
    assert portals.json()["error"]["name"] == "AuthenticationError"
    for response in (ours, portals, agents):
        assert response.headers["www-authenticate"] == "Bearer"
        assert secret not in response.text


def test_a_closed_server_answers_only_with_credentials(closed: str) -> None:
    with httpx.Client(base_url=closed, timeout=30, trust_env=False) as client:
        refused = {
            path: client.request(method, path, json=body).status_code
            for method, path, body in ROUTES
        }
        assert set(refused.values()) == {401}
        assert client.get("/api/catalog/entities", headers=BEARER).status_code == 200
        for path in ("/healthz", "/readyz", "/metrics", "/"):
            assert client.get(path).status_code == 200


def test_a_streamed_answer_is_the_callers_too(guarded: str) -> None:
    for headers, sees in (({}, False), (BEARER, True)):
        with httpx.Client(base_url=guarded, timeout=30, trust_env=False) as client:
            asked = {"question": "all components"}
            text = client.post(
                "/v1/ask", json=asked, headers={**headers, "Accept": "text/event-stream"}
            ).text
        assert "event: answer" in text
        assert ('component:default/checkout"' in text.replace("checkout-web", "")) is sees


def test_an_agent_sees_what_its_credentials_may(guarded: str) -> None:
    call = {"name": "ask", "arguments": {"question": "all components"}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    for headers, sees in (({}, False), (BEARER, True)):
        with httpx.Client(base_url=guarded, timeout=30, trust_env=False) as client:
            accept = {"Accept": "application/json, text/event-stream"}
            response = client.post("/mcp", json=body, headers={**headers, **accept})
        assert response.status_code == 200, response.text
        assert "checkout-web" in response.text
        assert ("checkout" in response.text.replace("checkout-web", "")) is sees


def test_nobody_names_themselves_where_callers_are_not_believed(guarded: str) -> None:
    with httpx.Client(base_url=guarded, timeout=30, trust_env=False) as client:
        body = {"question": "all components", "as": "user:default/jane"}
        answer = client.post("/v1/ask", json=body).json()
    assert "component:default/checkout" not in {r["ref"] for r in answer["results"]}
