"""The tools, by the SDK's client: what they give, what they refuse, and how."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import jsonschema
import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from mcp_server.bounds import MAX_RESULT_CHARS
from mcp_server.call import Call
from mcp_server.tools import TOOLS
from mcp_server.tools.query import QueryArguments
from search.plan import plan_schema
from tests.mcp_server.conftest import Talk

SERVICES = {
    "node": "select",
    "kinds": ["Component"],
    "where": {"node": "compare", "field": "type", "op": "eq", "value": "service"},
}


def use(talk: Talk, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool gives; the client has checked it against the tool's output schema."""

    async def called(client: Client) -> Any:
        return await client.call_tool(tool, arguments)

    result = talk(called)
    assert not result.is_error, result.content[0].text
    assert json.loads(result.content[0].text) == result.structured_content
    assert len(result.content[0].text) <= MAX_RESULT_CHARS
    given: dict[str, Any] = result.structured_content
    return given


def refusal(talk: Talk, tool: str, arguments: dict[str, Any]) -> str:
    """What a tool says when it refuses."""

    async def called(client: Client) -> Any:
        return await client.call_tool(tool, arguments)

    result = talk(called)
    assert result.is_error
    assert result.structured_content is None
    text: str = result.content[0].text
    return text


def test_listed_tools_only_read_and_have_schemas(talk: Talk) -> None:
    async def listed(client: Client) -> Any:
        return (await client.list_tools()).tools

    tools = talk(listed)
    assert {tool.name for tool in tools} == {"ask", "search", "get_entity", "query", "find_runbook"}
    for tool in tools:
        hints = tool.annotations
        assert (hints.read_only_hint, hints.destructive_hint) == (True, False)
        assert (hints.idempotent_hint, hints.open_world_hint) == (True, False)
        assert tool.title
        assert str(f"{MAX_RESULT_CHARS:,}") in tool.description
        for schema in (tool.input_schema, tool.output_schema):
            jsonschema.Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"


def test_the_schema_of_query_is_the_plan_s_own() -> None:
    schema, plan = QueryArguments.model_json_schema(), plan_schema()
    assert schema["$defs"] == plan["$defs"]
    assert schema["properties"]["plan"]["discriminator"] == plan["discriminator"]


def test_an_answer_with_its_sources(talk: Talk) -> None:
    given = use(talk, "ask", question="who owns the payment service?")
    assert given["status"] == "answered"
    assert [thing["ref"] for thing in given["results"]] == ["group:default/payments"]
    assert given["total"] == 1
    assert given["read_as"]
    assert given["sources"][0].startswith("catalog/")
    assert "plan" not in given


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("who owns the blockchain service?", "unknown_name"),
        ("who owns the wallet?", "ambiguous"),
        ("how many lines of code does checkout have?", "no_such_fact"),
        ("what's the weather?", "out_of_scope"),
        ("who owns price alerts?", "empty"),
    ],
)
def test_refusals_stay_apart(talk: Talk, question: str, status: str) -> None:
    assert use(talk, "ask", question=question)["status"] == status


def test_a_way_on_can_be_taken(talk: Talk) -> None:
    options = use(talk, "ask", question="who owns the wallet?")["options"]
    assert len(options) > 1
    for option in options:
        taken = (
            {"cursor": option["cursor"]} if "cursor" in option else {"question": option["question"]}
        )
        assert use(talk, "ask", **taken)["status"] in {"answered", "empty"}


def test_a_follow_up_continues(talk: Talk) -> None:
    first = use(talk, "ask", question="services owned by the payments team")
    then = use(talk, "ask", question="and booking?", conversation=first["conversation"])
    assert "Booking" in then["read_as"]


def test_pages_list_everything_once(talk: Talk) -> None:
    page = use(talk, "ask", question="services", limit=7)
    refs = [thing["ref"] for thing in page["results"]]
    while "next_cursor" in page:
        page = use(talk, "ask", cursor=page["next_cursor"], limit="7")
        refs += [thing["ref"] for thing in page["results"]]
    assert len(refs) == len(set(refs)) == page["total"] > 7


def test_groups_are_paged_too(talk: Talk) -> None:
    page = use(talk, "ask", question="how many services does each team own?", limit=2)
    assert len(page["rows"]) == 2
    keys = [row["key"] for row in page["rows"]]
    while "next_cursor" in page:
        page = use(talk, "ask", cursor=page["next_cursor"], limit=2)
        keys += [row["key"] for row in page["rows"]]
    assert len(keys) == len(set(keys)) == page["total"]


def test_a_question_for_one_group_ends_there(talk: Talk) -> None:
    given = use(talk, "ask", question="which team owns the most services?")
    assert len(given["rows"]) == 1
    assert "next_cursor" not in given


def test_numbers_are_taken_as_text(talk: Talk) -> None:
    assert use(talk, "search", query="checkout", limit="3") == use(
        talk, "search", query="checkout", limit=3
    )
    where = {"node": "compare", "field": "tier", "op": "eq"}
    asked = [{**SERVICES, "where": {**where, "value": value}} for value in (1, "1")]
    given = [use(talk, "query", plan=plan, limit="5") for plan in asked]
    assert given[0]["total"] == given[1]["total"] > 0


def test_a_plan_is_taken_as_text_and_with_kinds_in_any_case(talk: Talk) -> None:
    plain = use(talk, "query", plan=SERVICES)
    for plan in (json.dumps(SERVICES), {**SERVICES, "kinds": ["component"]}):
        assert use(talk, "query", plan=plan)["total"] == plain["total"] > 0


def test_the_plan_of_an_answer_runs_and_fits_the_schema(talk: Talk) -> None:
    schema = next(tool for tool in TOOLS if tool.name == "query").listed.input_schema
    for question in (
        "what breaks if the ledger database goes down?",
        "how many services does each team own?",
        "services owned by the payments team that haven't been deployed in 60 days",
        "how do I rotate the Stripe key?",
    ):
        asked = use(talk, "ask", question=question, plan=True)
        jsonschema.validate({"plan": asked["plan"]}, schema)
        again = use(talk, "query", plan=asked["plan"], limit=10)
        for part in ("status", "kind", "total", "results", "rows", "passages"):
            assert again.get(part) == asked.get(part), (question, part)


def test_search_counts_on_the_server(talk: Talk) -> None:
    page = use(talk, "search", query="payment", limit=2)
    assert len(page["hits"]) == 2 < page["total"]
    assert sum(page["kinds"].values()) <= page["total"]
    second = use(talk, "search", query="payment", limit=2, cursor=page["next_cursor"])
    assert {h["ref"] for h in page["hits"]}.isdisjoint(h["ref"] for h in second["hits"])
    owned = use(talk, "search", query="payment", owner="Payments", only="entities")
    assert set(owned["owners"]) == {"group:default/payments"}


def test_one_entity_by_reference_name_or_title(talk: Talk) -> None:
    given = use(talk, "get_entity", ref="component:default/payment-service")
    assert given == use(talk, "get_entity", ref="Payment Service")
    assert given == use(talk, "get_entity", ref="payment-service")
    facts = {fact["field"]: fact["value"] for fact in given["facts"]}
    assert facts["owner"] == "group:default/payments"
    owned = next(r for r in given["relations"] if r["relation"] == "ownedBy")
    assert owned["things"] == ["group:default/payments"]


def test_the_rest_of_a_relation(talk: Talk) -> None:
    team = use(talk, "get_entity", ref="group:default/payments")
    owns = next(r for r in team["relations"] if r["relation"] == "ownerOf")
    assert owns["total"] > len(owns["things"])
    alone = use(talk, "get_entity", ref="group:default/payments", relation="ownerOf")
    assert len(alone["relations"][0]["things"]) == owns["total"]


def test_a_runbook_by_alert_service_or_symptom(talk: Talk) -> None:
    ref = "runbook:runbooks/ledger-db-replica-lag.md"
    by_alert = use(talk, "find_runbook", alert="LedgerDbReplicaLag")
    assert by_alert["runbooks"][0]["ref"] == ref
    assert by_alert["runbooks"][0]["text"]
    by_symptom = use(talk, "find_runbook", symptom="replica of the ledger database lags behind")
    assert by_symptom["runbooks"][0]["ref"] == ref
    service = by_alert["runbooks"][0]["about"][0]
    by_service = use(talk, "find_runbook", service=service, limit="10")
    assert ref in [runbook["ref"] for runbook in by_service["runbooks"]]


def test_no_runbook_is_said_so(talk: Talk) -> None:
    given = use(talk, "find_runbook", alert="NeverHeardOf")
    assert given["found"] == 0
    assert "NeverHeardOf" in given["note"]


@dataclass(frozen=True)
class Wrong:
    """Arguments, and what the refusal has to name."""

    tool: str
    arguments: dict[str, Any]
    names: tuple[str, ...]


WRONG = [
    Wrong("ask", {}, ("question", "cursor")),
    Wrong("ask", {"question": "x", "cursor": "y"}, ("not both",)),
    Wrong("ask", {"qestion": "who owns checkout?"}, ("qestion", "did you mean 'question'")),
    Wrong("ask", {"question": "services", "limit": "many"}, ("limit", "integer", "'many'")),
    Wrong("ask", {"question": "services", "limit": 51}, ("limit", "50", "51")),
    Wrong("ask", {"question": 12}, ("question", "string", "12")),
    Wrong("ask", {"cursor": "garbage"}, ("cursor", "next_cursor")),
    Wrong("search", {}, ("query", "missing")),
    Wrong("search", {"query": "x", "only": "pages"}, ("only", "entities", "passages")),
    Wrong("search", {"query": "x", "owner": "paymnts"}, ("owner", "paymnts", "default/payments")),
    Wrong(
        "get_entity", {"ref": "component:default/chekcout"}, ("ref", "component:default/checkout")
    ),
    Wrong("get_entity", {"ref": "a:b:c"}, ("ref", "kind:")),
    Wrong("query", {"plan": {"node": "slect"}}, ("slect", "select")),
    Wrong("query", {"plan": {**SERVICES, "limit": "x"}}, ("limit", "integer")),
    Wrong(
        "query",
        {"plan": {"node": "select", "kinds": ["Componnt"]}},
        ("Componnt", "did you mean 'Component'"),
    ),
    Wrong(
        "query",
        {
            "plan": {
                **SERVICES,
                "where": {"node": "compare", "field": "teir", "op": "eq", "value": 1},
            }
        },
        ("teir", "did you mean 'tier'"),
    ),
    Wrong(
        "query",
        {"plan": {"node": "traverse", "start": {"node": "select"}, "relation": "ownedby"}},
        ("ownedby", "did you mean 'ownedBy'"),
    ),
    Wrong(
        "query",
        {
            "plan": {
                "node": "aggregate",
                "function": "measure",
                "of": SERVICES,
                "metric": "deploy_frequency",
            }
        },
        ("deploy_frequency", "did you mean 'deployment_frequency'"),
    ),
    Wrong(
        "get_entity",
        {"ref": "group:default/payments", "relation": "ownerof"},
        ("relation", "did you mean 'ownerOf'"),
    ),
    Wrong("find_runbook", {}, ("alert", "service", "symptom")),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda w: f"{w.tool} {json.dumps(w.arguments)[:60]}")
def test_a_refusal_names_the_argument_and_what_was_meant(talk: Talk, wrong: Wrong) -> None:
    said = refusal(talk, wrong.tool, wrong.arguments)
    assert [name for name in wrong.names if name not in said] == [], said
    assert len(said) <= MAX_RESULT_CHARS


def test_an_unknown_tool_is_a_protocol_error(talk: Talk) -> None:
    async def called(client: Client) -> Any:
        return await client.call_tool("get_entty", {})

    with pytest.raises(MCPError, match="did you mean 'get_entity'"):
        _raised(talk, called)


def _raised(talk: Talk, conversation: Any) -> None:
    """Raises what the conversation raises, by itself rather than in the groups of the transport's tasks."""

    async def caught(client: Client) -> MCPError | None:
        try:
            await conversation(client)
        except MCPError as error:
            return error
        return None

    error = talk(caught)
    if error is not None:
        raise error


def test_what_goes_wrong_on_our_side_says_nothing_of_it(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mcp_types as types

    from mcp_server.server import _called

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the password is 1234")

    monkeypatch.setattr(type(call), "ask", broken)
    result = _called(call, types.CallToolRequestParams(name="ask", arguments={"question": "x"}))
    assert result.is_error
    assert "1234" not in str(result.content)


def test_calls_are_counted(call: Call, talk: Talk) -> None:
    before = call.measures.text().decode()
    use(talk, "ask", question="who owns checkout?")
    refusal(talk, "ask", {})
    after = call.measures.text().decode()
    for line in (
        'callboard_mcp_tool_calls_total{outcome="done",tool="ask"}',
        'callboard_mcp_tool_calls_total{outcome="refused",tool="ask"}',
        'callboard_questions_total{status="answered",surface="mcp"}',
    ):
        assert _value(after, line) == _value(before, line) + 1


def _value(text: str, line: str) -> float:
    found = [float(row.rpartition(" ")[2]) for row in text.splitlines() if row.startswith(line)]
    return found[0] if found else 0.0
