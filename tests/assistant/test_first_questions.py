"""The ten questions the product stands or falls with, each in three wordings, on the demo organisation."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from assistant.assistant import Assistant
from tests.conftest import NOW

DEPENDENCIES = {
    "component:default/feature-store",
    "component:default/trip-affinity",
    "resource:default/recs-redis",
}
AUTH_V1_SERVICES = {
    f"component:default/{name}"
    for name in (
        "chargeback-desk",
        "coach-adapter",
        "delay-claims",
        "group-booking",
        "legacy-wallet",
    )
}
STALE_PAYMENTS = {
    f"component:default/{name}"
    for name in (
        "payout-scheduler",
        "chargeback-desk",
        "voucher-service",
        "invoice-renderer",
        "legacy-wallet",
        "sepa-direct-debit",
    )
}
LEDGER_USERS = {
    f"component:default/{name}"
    for name in ("ledger", "posting-exporter", "payment-service", "checkout", "ios-app")
}
SERVICES_PER_TEAM = {
    "group:default/payments": 11,
    "group:default/booking": 8,
    "group:default/platform": 6,
    "group:default/money-core": 4,
}
RUNBOOK = {"runbook:runbooks/ledger-db-replica-lag.md"}
STRIPE_PAGE = "docs/payment-service/docs/rotate-stripe-key.md"


@dataclass(frozen=True)
class Case:
    """A question and what its answer must hold; sets are exact unless `among` says they are only part of it."""

    ask: str
    results: frozenset[str] = frozenset()
    among: bool = False
    rows: tuple[tuple[str, int], ...] = ()
    page: str | None = None
    status: str = "answered"


def _cases() -> list[Case]:
    def each(asks: tuple[str, ...], **expect: object) -> list[Case]:
        return [Case(ask, **expect) for ask in asks]  # type: ignore[arg-type]

    return [
        *each(
            (
                "who owns the payment service?",
                "whose is the payment service?",
                "payment-service owner pls",
            ),
            results=frozenset({"group:default/payments"}),
        ),
        *each(
            (
                "what does the recommendation engine depend on?",
                "show me everything the recommendation engine relies on",
                "recommendation-engine dependencies",
            ),
            results=frozenset(DEPENDENCIES),
            among=True,
        ),
        *each(
            (
                "which services are talking to the deprecated auth API?",
                "list services calling the auth api that is deprecated",
                "services that consume auth v1",
            ),
            results=frozenset(AUTH_V1_SERVICES),
        ),
        *each(
            (
                "show me services owned by the payments team that haven't been deployed in 60 days",
                "services of team payments with no production deployment in the last 60 days",
                "payments services stale 60d",
            ),
            results=frozenset(STALE_PAYMENTS),
        ),
        *each(
            (
                "what breaks if the ledger database goes down?",
                "if ledger-db fails, what is affected?",
                "blast radius of the ledger database",
            ),
            results=frozenset(LEDGER_USERS),
            among=True,
        ),
        *each(
            (
                "how many services does each team own?",
                "number of services per team",
                "for each team, how many services do they own",
            ),
            rows=tuple(SERVICES_PER_TEAM.items()),
        ),
        *each(
            (
                "runbook for LedgerDbReplicaLag",
                "LedgerDbReplicaLag just fired, what do I do",
                "where is the runbook for the alert LedgerDbReplicaLag?",
            ),
            results=frozenset(RUNBOOK),
        ),
        *each(
            (
                "how do I rotate the Stripe key?",
                "steps to rotate the stripe api key",
                "we need to rotate our Stripe key, how?",
            ),
            page=STRIPE_PAGE,
        ),
        *each(
            (
                "how do I create a new Python service?",
                "I want to start a new service in python",
                "scaffold a new python service",
            ),
            results=frozenset({"template:default/python-service"}),
            among=True,
        ),
        *each(
            ("what's the weather?", "will it rain tomorrow", "weather in Berlin please"),
            status="out_of_scope",
        ),
    ]


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case.ask)
def test_answer(demo: Assistant, case: Case) -> None:
    answer = demo.ask(case.ask, now=NOW, limit=200)
    found = {r.ref for r in answer.results}
    assert answer.status.value == case.status, answer.text
    if case.results:
        assert case.results <= found if case.among else case.results == found
    rows = {row.key: row.value for row in answer.rows}
    assert dict(case.rows).items() <= rows.items()
    if case.page is not None:
        assert answer.passages[0].path == case.page
        assert answer.citations[0].path == case.page


def test_never_deployed_are_marked(demo: Assistant) -> None:
    answer = demo.ask("payments services not deployed in 60 days", now=NOW)
    assert "Never deployed to production: 1 of them (SEPA Direct Debit)" in answer.text


def test_declared_owner_that_is_missing_is_said(demo: Assistant) -> None:
    answer = demo.ask("who owns price-alerts?", now=NOW)
    assert answer.status.value == "empty"
    assert "group:default/growth-lab" in answer.text
