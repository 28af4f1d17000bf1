"""Rules of the answer that every surface relies on, whatever the question."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.answer import Answer, Status
from assistant.assistant import MAX_QUESTION, Assistant
from catalog_store.errors import BadRequest, InvalidPlan
from search.plan import read_plan
from tests.conftest import NOW

QUESTIONS = (
    "tier 1 go services",
    "services owned by payments not deployed in 60 days",
    "what does checkout depend on",
    "how many services per team",
    "is legacy-wallet deprecated?",
    "when was checkout last deployed",
    "who is in the payments team",
    "kafka topics of the booking system",
    "services without a runbook",
)


@pytest.fixture(params=QUESTIONS)
def answer(demo: Assistant, request: pytest.FixtureRequest) -> tuple[str, Answer]:
    """A structured question and its answer."""
    question: str = request.param
    return question, demo.ask(question, now=NOW)


def test_is_answered(answer: tuple[str, Answer]) -> None:
    assert answer[1].status is Status.ANSWERED, answer[1].text


def test_spans_point_at_words_of_the_question(answer: tuple[str, Answer]) -> None:
    question, said = answer
    spans = [c.span for c in said.interpretation.chips if c.span] + [
        u.span for u in said.interpretation.unused
    ]
    assert spans
    for start, end in spans:
        assert 0 <= start < end <= len(question)
        assert question[start:end] == question[start:end].strip()


def test_every_condition_is_a_chip_with_words_or_follows_from_one(
    answer: tuple[str, Answer],
) -> None:
    chips = answer[1].interpretation.chips
    assert chips
    assert all(chip.label for chip in chips)


def test_rerunning_the_plan_gives_the_same_answer(
    demo: Assistant, answer: tuple[str, Answer]
) -> None:
    question, said = answer
    plan = said.interpretation.plan
    assert plan is not None
    again = demo.ask(None, now=NOW, plan=plan)
    assert [r.ref for r in again.results] == [r.ref for r in said.results]
    assert again.rows == said.rows
    assert again.value == said.value
    assert again.interpretation.text == said.interpretation.text, question


def test_removing_a_chip_widens_the_answer(demo: Assistant) -> None:
    narrow = demo.ask("tier 1 go services", now=NOW, limit=500)
    for chip in narrow.interpretation.chips:
        if chip.remove is None:
            continue
        wide = demo.ask(None, now=NOW, plan=chip.remove, limit=500)
        assert {r.ref for r in narrow.results} < {r.ref for r in wide.results}, chip.label


def test_plan_in_the_answer_is_a_valid_plan(answer: tuple[str, Answer]) -> None:
    plan = answer[1].interpretation.plan
    assert read_plan(plan).model_dump(mode="json") == plan


def test_limit_cuts_results_but_not_total(demo: Assistant) -> None:
    few = demo.ask("all services", now=NOW, limit=3)
    assert len(few.results) == 3
    assert few.total == 51


def test_sources_are_cited_with_lines(demo: Assistant) -> None:
    answer = demo.ask("tier of checkout", now=NOW)
    citation = answer.citations[0]
    assert citation.path.endswith("checkout/catalog-info.yaml")
    assert citation.lines[0] == citation.lines[1]


REFUSALS = (
    ("who owns the unicorn-dispatcher?", Status.UNKNOWN_NAME),
    ("how many services does the blackbird team have", Status.UNKNOWN_NAME),
    ("runbook for zeppelin-bridge", Status.UNKNOWN_NAME),
    ("who owns chekout-gatway", Status.UNKNOWN_NAME),
    ("who owns ledger-v3", Status.UNKNOWN_NAME),
    ("who is on call for payments?", Status.NO_SUCH_FACT),
    ("is checkout healthy?", Status.NO_SUCH_FACT),
    ("open incidents", Status.NO_SUCH_FACT),
    ("tier of payments-sdk repository budget", Status.NO_SUCH_FACT),
    ("what does the adapter depend on?", Status.AMBIGUOUS),
    ("write me a poem about spring", Status.OUT_OF_SCOPE),
    ("deprecated services owned by booking", Status.EMPTY),
)


@pytest.mark.parametrize(("question", "status"), REFUSALS, ids=[q for q, _ in REFUSALS])
def test_refusals_are_kept_apart(demo: Assistant, question: str, status: Status) -> None:
    answer = demo.ask(question, now=NOW)
    assert answer.status is status, answer.text
    assert answer.text


def test_slips_within_a_hyphenated_name_are_read_and_said(demo: Assistant) -> None:
    answer = demo.ask("who owns the chekout-webb?", now=NOW)
    assert [r.ref for r in answer.results] == ["group:default/traveller-apps"]
    assert "read “chekout webb” as “Checkout Web”" in answer.interpretation.assumptions


def test_unknown_name_offers_the_nearest(demo: Assistant) -> None:
    answer = demo.ask("who owns the checkout-wizard?", now=NOW)
    assert answer.status is Status.UNKNOWN_NAME
    assert any(option.ref == "component:default/checkout-web" for option in answer.options)
    retry = next(o.question for o in answer.options if o.ref == "component:default/checkout-web")
    assert retry is not None
    assert demo.ask(retry, now=NOW).status is Status.ANSWERED


def test_ambiguous_options_run(demo: Assistant) -> None:
    answer = demo.ask("what does the adapter depend on?", now=NOW)
    assert len(answer.options) >= 2
    for option in answer.options:
        assert option.plan is not None
        assert demo.ask(None, now=NOW, plan=option.plan).status in (Status.ANSWERED, Status.EMPTY)


FOLLOW_UPS = (
    (("services of the payments team", "only tier 1"), "payments services in tier 1"),
    (
        ("services of the payments team", "how many of them are tier 1?"),
        "how many payments services are tier 1",
    ),
    (("who owns checkout", "what about basket"), "who owns basket"),
    (
        ("what does checkout depend on", "which of those are databases"),
        "databases checkout depends on",
    ),
)


@pytest.mark.parametrize(
    ("turns", "same_as"), FOLLOW_UPS, ids=[" → ".join(t) for t, _ in FOLLOW_UPS]
)
def test_follow_up_means_the_whole_question(
    demo: Assistant, turns: tuple[str, str], same_as: str
) -> None:
    first = demo.ask(turns[0], now=NOW, limit=500)
    second = demo.ask(turns[1], now=NOW, conversation=first.conversation, limit=500)
    whole = demo.ask(same_as, now=NOW, limit=500)
    assert [r.ref for r in second.results] == [r.ref for r in whole.results]
    assert second.value == whole.value


def test_clock_moves_with_the_question(demo: Assistant) -> None:
    later = NOW.replace(year=NOW.year + 1)
    answer = demo.ask("services deployed in the last 30 days", now=later)
    assert answer.status is Status.EMPTY


def test_future_deployments_are_not_known_yet(demo: Assistant) -> None:
    earlier = NOW.replace(year=NOW.year - 2)
    answer = demo.ask("when was checkout last deployed", now=earlier)
    assert answer.status is Status.NO_SUCH_FACT


def test_nothing_asked_is_refused(demo: Assistant) -> None:
    with pytest.raises(BadRequest, match="nothing was asked"):
        demo.ask("  ", now=NOW)


def test_too_long_is_refused(demo: Assistant) -> None:
    with pytest.raises(BadRequest, match="at most"):
        demo.ask("x" * (MAX_QUESTION + 1), now=NOW)


def test_broken_plan_is_refused_with_its_place(demo: Assistant) -> None:
    with pytest.raises(InvalidPlan, match=r"not valid at"):
        demo.ask(None, now=NOW, plan={"node": "select", "kinds": 3})


def test_unknown_field_in_a_plan_is_refused(demo: Assistant) -> None:
    where = {"node": "compare", "field": "password", "op": "eq", "value": "x"}
    with pytest.raises(InvalidPlan, match="no field 'password'"):
        demo.ask(None, now=NOW, plan={"node": "select", "kinds": ["Component"], "where": where})


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(min_size=1, max_size=200).filter(lambda text: text.strip()))
def test_any_text_gets_an_answer(demo: Assistant, text: str) -> None:
    answer = demo.ask(text, now=NOW)
    assert answer.text


WORDS = st.sampled_from(
    "who owns what services teams the of payments checkout not without deployed in 60 days tier 1 or and java go "
    "depends on how many per most oldest last week runbook for is deprecated unicorn adapter ledger database api it those".split()
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(WORDS, min_size=1, max_size=14).map(" ".join))
def test_any_order_of_known_words_gets_an_answer(demo: Assistant, text: str) -> None:
    answer = demo.ask(text, now=NOW)
    assert answer.text
    covered = [c.span for c in answer.interpretation.chips if c.span]
    assert all(0 <= start < end <= len(text) for start, end in covered)


def test_an_owner_that_exists_is_never_called_missing(demo: Assistant) -> None:
    answer = demo.ask("give me a person who owns fare quote", now=NOW)
    assert "not in the catalog" not in answer.text


def test_production_is_not_a_product(demo: Assistant) -> None:
    answer = demo.ask("is checkout in production", now=NOW)
    assert answer.value is True
    assert answer.interpretation.text == "whether service Checkout has lifecycle production"


def test_indirectly_follows_every_hop(demo: Assistant) -> None:
    one_hop = {r.ref for r in demo.ask("what depends on card-vault", now=NOW, limit=500).results}
    all_hops = demo.ask("what depends on card-vault, indirectly", now=NOW, limit=500)
    assert one_hop < {r.ref for r in all_hops.results}


def test_stale_without_a_number_has_a_stated_default(demo: Assistant) -> None:
    answer = demo.ask("stale payments services", now=NOW)
    assert answer.status is Status.ANSWERED
    assert "2026-08-22" in answer.interpretation.text
