"""Resources, their completion, and the prompts for people on call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference, ResourceTemplateReference

from mcp_server.bounds import MAX_RESOURCE_CHARS
from mcp_server.call import Call
from mcp_server.completion import MOST
from mcp_server.prompts import get_prompt
from mcp_server.resources import read_resource
from mcp_server.uris import ENTITY_TEMPLATE, PAGE_TEMPLATE, ref_of, uri_of
from tests.mcp_server.conftest import Talk

ENTITY = ResourceTemplateReference(uri=ENTITY_TEMPLATE)
PAGE = ResourceTemplateReference(uri=PAGE_TEMPLATE)


async def _every_resource(client: Client) -> list[Any]:
    page = await client.list_resources()
    found = list(page.resources)
    while page.next_cursor:
        page = await client.list_resources(cursor=page.next_cursor)
        found += page.resources
    return found


def test_every_listed_resource_is_listed_once_and_can_be_read(talk: Talk) -> None:
    async def talked(client: Client) -> None:
        listed = await _every_resource(client)
        addresses = [resource.uri for resource in listed]
        assert len(addresses) == len(set(addresses)) > 100
        for resource in listed[:: max(1, len(listed) // 40)]:
            read: Any = (await client.read_resource(resource.uri)).contents[0]
            assert 0 < len(read.text) <= MAX_RESOURCE_CHARS + 100
            assert read.mime_type == resource.mime_type
            if resource.mime_type == "application/json":
                json.loads(read.text)

    talk(talked)


def test_the_catalog_at_a_glance(call: Call) -> None:
    contents: Any = read_resource(call, "callboard://catalog").contents[0]
    glance = json.loads(contents.text)
    counted = call.seen.ask(
        None, now=call.now, plan={"node": "select", "kinds": ["Component"]}, limit=1
    )
    assert glance["entities"]["Component"] == counted.total
    assert glance["snapshot"] == call.seen.id


def test_the_vocabulary_holds_what_plans_may_name(call: Call) -> None:
    contents: Any = read_resource(call, "callboard://vocabulary").contents[0]
    words = json.loads(contents.text)
    assert words["kinds"]["Incident"] == "incidents"
    assert words["fields"]["entities"]["tier"] == "integer"
    assert "ownedBy" in words["relations"]
    assert "change_failure_rate" in words["measures"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("callboard://entity/component/default/nope", "no entity 'component:default/nope'"),
        ("callboard://page/docs/nope.md", "docs/nope.md"),
        ("callboard://entity/component", "callboard://entity/{kind}"),
        ("callboard://", "callboard://catalog"),
        ("file:///etc/passwd", "callboard://"),
        ("callboard://page/../../../etc/passwd", "etc/passwd"),
    ],
)
def test_an_address_that_holds_nothing_is_an_error(talk: Talk, address: str, said: str) -> None:
    async def read(client: Client) -> MCPError | None:
        try:
            await client.read_resource(address)
        except MCPError as error:
            return error
        return None

    error = talk(read)
    assert said in str(error)
    assert error.error.data == {"uri": address}


SEGMENTS = st.text(
    st.characters(codec="utf-8", exclude_characters="/:"), min_size=1, max_size=12
).map(str.lower)


@given(SEGMENTS, SEGMENTS, SEGMENTS)
def test_addresses_of_entities_lead_back(kind: str, namespace: str, name: str) -> None:
    ref = f"{kind}:{namespace}/{name}"
    uri = uri_of(ref)
    if kind not in {"doc", "runbook"}:
        assert uri is not None
        assert ref_of(uri) == ("entity", ref.lower())


@given(st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join))
def test_addresses_of_pages_lead_back(path: str) -> None:
    uri = uri_of(f"runbook:{path}")
    assert uri is not None
    assert ref_of(uri) == ("page", path)


def test_records_have_no_page() -> None:
    assert uri_of("incident:q1") is None


@pytest.mark.parametrize(
    ("ref", "name", "typed", "given", "holds"),
    [
        (ENTITY, "kind", "c", {}, "component"),
        (ENTITY, "namespace", "de", {"kind": "component"}, "default"),
        (ENTITY, "name", "check", {"kind": "component", "namespace": "default"}, "checkout"),
        (ENTITY, "name", "", {"kind": "group"}, "payments"),
        (PAGE, "path", "runbooks/ledger", {}, "runbooks/ledger-db-replica-lag.md"),
        (PromptReference(name="page_brief"), "service", "checko", {}, "checkout"),
        (PromptReference(name="hand_over"), "team", "paym", {}, "payments"),
        (PromptReference(name="hand_over"), "days", "1", {}, "14"),
    ],
)
def test_what_is_typed_is_completed(
    talk: Talk, ref: Any, name: str, typed: str, given: dict[str, str], holds: str
) -> None:
    async def complete(client: Client) -> Any:
        result = await client.complete(ref, {"name": name, "value": typed}, given or None)
        return result.completion

    completion = talk(complete)
    assert holds in completion.values
    assert len(completion.values) <= MOST


def test_nothing_completes_what_is_unknown(talk: Talk) -> None:
    async def complete(client: Client) -> Any:
        ref = ResourceTemplateReference(uri="callboard://nothing/{x}")
        return (await client.complete(ref, {"name": "x", "value": "a"})).completion.values

    assert talk(complete) == []


def test_a_brief_has_every_section_with_its_facts(call: Call) -> None:
    message: Any = get_prompt(call, "page_brief", {"service": "Payment Service"}).messages[0]
    text = message.content.text
    for heading in ("Owner", "On call now", "Open incidents", "Firing alerts", "Runbooks"):
        assert f"## {heading}\n\n" in text
    assert "component:default/payment-service" in text
    assert "**Payments**" in text
    section = text.partition("## What breaks with it, all hops\n\n")[2]
    hit = call.seen.ask("what breaks if the payment service goes down?", now=call.now, limit=3)
    assert all(result.ref in section for result in hit.results)


def test_a_hand_over_looks_as_far_back_as_it_is_told(call: Call) -> None:
    message: Any = get_prompt(call, "hand_over", {"team": "payments", "days": "3"}).messages[0]
    assert "in the last 3 days" in message.content.text
    assert "group:default/payments" in message.content.text


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("page_breif", {}, "did you mean 'page_brief'"),
        ("page_brief", {}, "service: missing"),
        ("page_brief", {"service": " "}, "service: missing"),
        ("page_brief", {"service": "nope-nope"}, "service: nothing in the catalog"),
        ("page_brief", {"service": "checkout", "serivce": "x"}, "serivce: no such argument"),
        ("hand_over", {"team": "payments", "days": "many"}, "days: expected a whole number"),
        ("hand_over", {"team": "payments", "days": "0"}, "days: expected a whole number"),
    ],
)
def test_a_prompt_refuses_what_it_cannot_use(
    talk: Talk, name: str, given: dict[str, str], said: str
) -> None:
    async def asked(client: Client) -> str:
        try:
            await client.get_prompt(name, given)
        except MCPError as error:
            return str(error)
        return "it was given"

    assert said in talk(asked)
