"""Every route, over a real socket: what it takes, what it gives, and what it says when it cannot."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.live import LiveAssistant
from app.settings import Settings
from tests.api.conftest import open_stand_in, running

ANSWER_KEYS = {
    "status", "kind", "text", "interpretation", "results", "total", "value", "unit", "rows", "passages",
    "citations", "options", "suggestions", "next_cursor", "conversation", "took_ms",
}  # fmt: skip


def ask(client: httpx.Client, **body: Any) -> httpx.Response:
    return client.post("/v1/ask", json=body)


def test_an_answer_has_every_part_the_contract_names(client: httpx.Client) -> None:
    response = ask(client, question="who owns checkout?")
    body = response.json()
    assert response.status_code == 200
    assert set(body) == ANSWER_KEYS
    assert {"text", "chips", "unused", "assumptions", "as_of", "sql", "plan"} <= set(
        body["interpretation"]
    )
    assert body["results"][0] == {
        "ref": "group:default/payments",
        "kind": "Group",
        "title": "Payments",
        "fields": {},
    }
    assert body["citations"][0]["lines"] == [1, 9]
    assert body["conversation"]


def test_a_question_nobody_understands_is_no_error(client: httpx.Client) -> None:
    response = ask(client, question="what's the weather?")
    assert (response.status_code, response.json()["status"]) == (200, "out_of_scope")


def test_the_limit_cuts_the_list_and_not_the_total(client: httpx.Client) -> None:
    body = ask(client, question="services owned by payments", limit=2).json()
    assert (len(body["results"]), body["total"]) == (2, 7)


def test_a_conversation_is_kept(client: httpx.Client) -> None:
    assert ask(client, question="only tier 1", conversation="c-9").json()["conversation"] == "c-9"


def test_a_plan_runs_without_a_question(client: httpx.Client) -> None:
    body = ask(client, plan={"node": "select", "kinds": ["Component"]}).json()
    assert body["status"] == "answered"


def test_asker_and_clock_are_believed_only_when_the_server_says_so(
    settings: Settings, store: Path, client: httpx.Client
) -> None:
    question = {
        "question": "who owns checkout?",
        "as": "user:default/jane",
        "now": "2020-01-01T00:00:00Z",
    }
    trusted = client.post("/v1/ask", json=question).json()
    assert trusted["interpretation"]["as_of"] == "2020-01-01T00:00:00Z"
    assert "user:default/jane" in trusted["text"]
    live = LiveAssistant(store, open_store=open_stand_in)
    with running(changed(settings, trust_caller=False), live) as url:
        doubted = httpx.post(f"{url}/v1/ask", json=question, trust_env=False).json()
    live.close()
    assert not doubted["interpretation"]["as_of"].startswith("2020")
    assert "jane" not in doubted["text"]


@dataclass(frozen=True)
class Refused:
    """A request that cannot be read, and what its answer has to say."""

    id: str
    url: str = "/v1/ask"
    method: str = "POST"
    body: Any = field(default_factory=dict)
    status: int = 400
    says: str = ""


REFUSED = [
    Refused("neither question nor plan", says="either a question or a plan"),
    Refused("a blank question", body={"question": "  "}, says="either a question or a plan"),
    Refused("a question too long", body={"question": "x" * 2001}, says="2000 characters"),
    Refused("a limit of nothing", body={"question": "x", "limit": 0}, says="limit"),
    Refused("a limit beyond all", body={"question": "x", "limit": 1001}, says="limit"),
    Refused("a clock that is no clock", body={"question": "x", "now": "noon"}, says="now"),
    Refused("a plan that is no object", body={"plan": "select"}, says="plan"),
    Refused("a list", body=[], says="body"),
    Refused("not JSON", body="{", says="not valid JSON"),
    Refused(
        "a body too large",
        body={"question": "x", "padding": "x" * 300_000},
        status=413,
        says="256 KiB",
    ),
    Refused("another method", method="GET", status=405, says="/docs"),
    Refused("an unknown address", url="/v2/ask", status=404, says="/docs"),
    Refused(
        "an unknown entity",
        url="/v1/entities/component/default/nowhere",
        method="GET",
        status=404,
        says="nowhere",
    ),
    Refused(
        "a reference that is none",
        url="/v1/entities/a%20b/default/x",
        method="GET",
        says="not an entity reference",
    ),
    Refused(
        "an unknown page",
        url="/v1/pages?ref=doc:nowhere.md",
        method="GET",
        status=404,
        says="nowhere.md",
    ),
    Refused("a cursor made up", url="/v1/search?q=x&cursor=abc", method="GET", says="cursor"),
    Refused(
        "a search among nothing known", url="/v1/search?q=x&only=people", method="GET", says="only"
    ),
    Refused(
        "feedback without a verdict", url="/v1/feedback", body={"question": "x"}, says="verdict"
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_what_cannot_be_read_is_explained(case: Refused, client: httpx.Client) -> None:
    content = case.body if isinstance(case.body, str) else json.dumps(case.body)
    sent = content if case.method == "POST" else None
    response = client.request(
        case.method,
        case.url,
        content=sent,
        headers={"Content-Type": "application/json", "X-Request-ID": "req-1"},
    )
    problem = response.json()
    assert response.status_code == case.status, problem
    assert response.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["request_id"]) == (case.status, "req-1")
    assert case.says in problem["detail"]
    assert "Traceback" not in response.text


def test_a_body_too_large_is_refused_even_when_its_length_is_not_announced(
    client: httpx.Client,
) -> None:
    response = client.post(
        "/v1/ask",
        content=(b"x" * 65536 for _ in range(8)),
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == 413


def test_a_request_id_that_is_no_id_is_replaced(client: httpx.Client) -> None:
    response = client.get("/healthz", headers={"X-Request-ID": "a b\tc"})
    assert response.headers["x-request-id"] not in ("", "a b\tc")


def test_search_finds_names_first_and_passages_with_their_lines(client: httpx.Client) -> None:
    body = client.get("/v1/search", params={"q": "checkout"}).json()
    assert body["hits"][0]["ref"] == "component:default/checkout"
    passage = next(hit for hit in body["hits"] if hit["type"] == "passage")
    assert passage["path"] == "runbooks/checkout-slow.md"
    assert passage["lines"][0] > 1
    assert {f["value"] for f in body["facets"]["kind"]} >= {"Component", "Runbook"}
    for hit in body["hits"]:
        assert all(
            hit["text"][m["start"] : m["end"]].lower().startswith("check")
            for m in hit["highlights"]
        )


@pytest.mark.parametrize(
    ("params", "refs"),
    [
        ({"q": "checkout", "type": "website"}, ["component:default/checkout-web"]),
        ({"q": "checkout", "kind": "runbook"}, ["runbook:runbooks/checkout-slow.md"]),
        ({"q": "drain the queue", "only": "passages"}, ["runbook:runbooks/checkout-slow.md"]),
        ({"q": "", "kind": "resource"}, ["resource:default/orders-db"]),
        ({"q": "checkout", "owner": "group:default/nobody"}, []),
        ({"q": "zzqxy"}, []),
    ],
)
def test_search_filters(params: dict[str, str], refs: list[str], client: httpx.Client) -> None:
    assert [hit["ref"] for hit in client.get("/v1/search", params=params).json()["hits"]] == refs


def test_pages_of_a_search_follow_each_other_without_gap_or_repeat(client: httpx.Client) -> None:
    whole = [
        h["ref"]
        for h in client.get("/v1/search", params={"q": "checkout", "limit": 50}).json()["hits"]
    ]
    paged: list[str] = []
    cursor = None
    while True:
        body = client.get(
            "/v1/search",
            params={"q": "checkout", "limit": 1, **({"cursor": cursor} if cursor else {})},
        ).json()
        paged += [hit["ref"] for hit in body["hits"]]
        assert body["total"] == len(whole)
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert paged == whole
    assert len(whole) > 1


def test_one_passage_of_a_page_unless_more_are_asked_for(client: httpx.Client) -> None:
    def count(per_page: int) -> int:
        params: dict[str, str | int] = {
            "q": "checkout slow restart write happened",
            "only": "passages",
            "per_page": per_page,
        }
        return len(client.get("/v1/search", params=params).json()["hits"])

    assert count(1) == 1
    assert count(5) > 1


def suggestions(client: httpx.Client, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/v1/suggest", params={"q": text}).json()[
        "suggestions"
    ]
    return found


def test_nothing_typed_gives_questions_this_catalog_can_answer(client: httpx.Client) -> None:
    found = suggestions(client, "")
    assert found
    assert {s["kind"] for s in found} == {"question"}
    assert "what breaks if orders-db goes down?" in [s["text"] for s in found]


@pytest.mark.parametrize(
    ("typed", "text", "kind"),
    [
        ("check", "checkout", "entity"),
        ("who owns check", "who owns checkout", "entity"),
        ("Who owns ORD", "Who owns orders-db", "entity"),
        ("database", "orders-db", "entity"),
        ("web", "checkout-web", "entity"),
        ("checkout ", "who owns checkout?", "question"),
        ("services in prod", "services in production", "value"),
        ("show the lifec", "show the lifecycle", "field"),
    ],
)
def test_typing_is_completed(typed: str, text: str, kind: str, client: httpx.Client) -> None:
    assert (text, kind) in [(s["text"], s["kind"]) for s in suggestions(client, typed)]


def test_a_name_that_is_whole_comes_before_longer_ones(client: httpx.Client) -> None:
    names = [s["text"] for s in suggestions(client, "checkout") if s["kind"] == "entity"]
    assert names == ["checkout", "checkout-web"]


def test_gibberish_suggests_nothing(client: httpx.Client) -> None:
    assert suggestions(client, "zzqxy") == []


def test_an_entity_has_its_facts_with_their_lines_and_both_sides_of_its_relations(
    client: httpx.Client,
) -> None:
    body = client.get("/v1/entities/Component/default/Checkout").json()
    facts = {fact["field"]: fact for fact in body["facts"]}
    assert (body["ref"], body["title"]) == ("component:default/checkout", "Checkout")
    assert facts["owner"]["value"] == "group:default/payments"
    assert facts["owner"]["source"]["path"] == "catalog/all.yaml"
    relations = {
        group["name"]: [thing["ref"] for thing in group["things"]] for group in body["relations"]
    }
    assert relations["dependsOn"] == ["resource:default/orders-db"]
    assert relations["dependencyOf"] == ["component:default/checkout-web"]


def test_a_page_comes_whole(client: httpx.Client) -> None:
    body = client.get("/v1/pages", params={"ref": "runbook:runbooks/checkout-slow.md"}).json()
    assert (body["title"], body["runbook"]) == ("Checkout is slow", True)
    assert "kubectl rollout restart" in "".join(p["text"] for p in body["passages"])


def test_feedback_is_appended_to_the_stores_log(client: httpx.Client, store: Path) -> None:
    before = (
        (store / "feedback.ndjson").read_text().count("\n")
        if (store / "feedback.ndjson").exists()
        else 0
    )
    given = {"verdict": "wrong", "question": "who owns checkout?", "comment": "not\nany more"}
    response = client.post("/v1/feedback", json=given)
    lines = (store / "feedback.ndjson").read_text().splitlines()
    assert response.status_code == 201
    assert len(lines) == before + 1
    entry = json.loads(lines[-1])
    assert entry["id"] == response.json()["id"]
    assert {k: entry[k] for k in given} == given


def test_health_readiness_and_measures(client: httpx.Client) -> None:
    ask(client, question="who owns checkout?")
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/readyz").json()["snapshot"].startswith("2026")
    text = client.get("/metrics").text
    assert 'callboard_questions_total{status="answered",surface="http"}' in text
    assert 'route="/v1/ask"' in text


def test_an_answer_does_not_wait_for_the_network(client: httpx.Client) -> None:
    client.get("/healthz")
    waited = min(client.get("/healthz").elapsed.total_seconds() for _ in range(20))
    assert waited < 0.03, "Nagle's algorithm is on"


def test_quality_counts_each_gap_and_its_plan_lists_them(client: httpx.Client) -> None:
    body = client.get("/v1/quality").json()
    checks = {check["name"]: check for check in body["checks"]}
    assert set(body) == {"as_of", "scope", "share", "checks", "not_checked", "feeds"}
    found = checks["no-description"]
    assert (found["count"], found["total"], found["share"]) == (2, 3, 33.3)
    assert checks["unowned"]["count"] == 0
    assert [one["ref"] for one in found["examples"]] == [
        "component:default/checkout-web",
        "resource:default/orders-db",
    ]
    assert {"nobody-on-call", "no-system"} <= set(body["not_checked"])
    assert ask(client, plan=found["plan"]).status_code == 200


@pytest.mark.parametrize("query", ["owner=payments", "owner=group:default/payments"])
def test_quality_of_one_team(client: httpx.Client, query: str) -> None:
    body = client.get(f"/v1/quality?{query}").json()
    assert body["scope"] == "team Payments"
    assert body["checks"]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("owner=nobody", 404, "no entity 'group:default/nobody'"),
        ("system=checkout", 404, "no entity 'system:default/checkout'"),
        ("owner=payments&system=x", 400, "send one of owner, domain, system"),
        ("domain=a%20b", 400, "is not an entity reference"),
        ("colour=red", 400, "colour"),
    ],
)
def test_quality_of_what_is_not_there(
    client: httpx.Client, query: str, status: int, said: str
) -> None:
    response = client.get(f"/v1/quality?{query}")
    assert response.status_code == status
    assert said in response.json()["detail"]


def test_the_description_has_examples_and_every_route(client: httpx.Client) -> None:
    description = client.get("/openapi.json").json()
    assert {
        "/v1/ask",
        "/v1/search",
        "/v1/suggest",
        "/v1/feedback",
        "/v1/quality",
        "/healthz",
        "/readyz",
        "/metrics",
    } <= set(description["paths"])
    assert description["components"]["schemas"]["AskRequest"]["examples"]
    answer = description["paths"]["/v1/ask"]["post"]["responses"]["200"]["content"][
        "application/json"
    ]
    assert answer["example"]["status"] == "answered"


@pytest.mark.parametrize("path", ["/", "/docs", "/web/app.js", "/web/style.css", "/favicon.ico"])
def test_pages_come_from_here_alone_and_under_a_strict_policy(
    path: str, client: httpx.Client
) -> None:
    response = client.get(path)
    policy = response.headers["content-security-policy"]
    assert response.status_code == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "https://" not in response.text.replace("https://example", "")
    assert "<script>" not in response.text
    assert "style=" not in response.text
