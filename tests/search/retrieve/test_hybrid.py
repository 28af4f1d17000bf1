from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog_store.embedder import HashEmbedder
from catalog_store.publish import publish
from catalog_store.snapshot import Snapshot, open_snapshot
from search.retrieve.base import Retriever, Scope
from search.retrieve.dense import DenseRetriever
from search.retrieve.fusion import reciprocal_rank_fusion
from search.retrieve.hybrid import FLOOR, HybridRetriever
from search.retrieve.lexical import LexicalRetriever
from search.retrieve.written_names import saying, written_names
from tests.catalog_store.samples import NOW, content

STRIPE, BACKUPS = "doc:docs/stripe.md", "doc:docs/backups.md"
LAG, LOOP = "runbook:runbooks/lag.md", "runbook:runbooks/loop.md"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    store = tmp_path_factory.mktemp("store")
    publish(store, content(), now=NOW, embedder=HashEmbedder())
    with open_snapshot(store) as opened:
        yield opened


@pytest.fixture(params=[LexicalRetriever, DenseRetriever, HybridRetriever])
def retriever(request: pytest.FixtureRequest, snapshot: Snapshot) -> Retriever:
    made: Retriever = request.param(snapshot)
    return made


def test_every_retriever_finds_the_page(retriever: Retriever, snapshot: Snapshot) -> None:
    hits = retriever.retrieve("rotate the Stripe key", top_k=5)
    assert hits[0].doc_ref == STRIPE
    assert snapshot.passages([hits[0].passage_id])[hits[0].passage_id].heading == "Rotate the key"
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert len({h.passage_id for h in hits}) == len(hits) <= 5


def test_every_retriever_keeps_to_the_scope(retriever: Retriever) -> None:
    runbooks = retriever.retrieve("rotate the Stripe key", Scope(kinds=frozenset({"runbook"})))
    assert {h.doc_ref for h in runbooks} <= {LAG, LOOP}
    one = retriever.retrieve("night key dump", Scope(doc_refs=frozenset({BACKUPS, "doc:gone.md"})))
    assert {h.doc_ref for h in one} == {BACKUPS}
    assert retriever.retrieve("key", Scope(doc_refs=frozenset())) == []


def test_hybrid_gives_one_passage_a_page(snapshot: Snapshot) -> None:
    refs = [hit.doc_ref for hit in HybridRetriever(snapshot).retrieve("the key and the dumps")]
    assert len(refs) == len(set(refs))


def test_hybrid_says_where_each_retriever_had_it(snapshot: Snapshot) -> None:
    hit = HybridRetriever(snapshot).retrieve("how long are dumps kept?")[0]
    assert (hit.doc_ref, hit.ranks) == (BACKUPS, {"lexical": 1, "dense": 1})


@pytest.mark.parametrize(
    "text",
    ["PodCrashLooping fired, what now?", "podcrashlooping", "is PodCrashLooping's page wrong"],
)
def test_an_alert_by_name_finds_its_runbook_first(snapshot: Snapshot, text: str) -> None:
    hit = HybridRetriever(snapshot).retrieve(text)[0]
    assert (hit.doc_ref, hit.relevance) == (LOOP, 1.0)


def test_an_alert_out_of_scope_stays_out(snapshot: Snapshot) -> None:
    scope = Scope(doc_refs=frozenset({LAG}))
    assert [h.doc_ref for h in HybridRetriever(snapshot).retrieve("PodCrashLooping", scope)] in (
        [LAG],
        [],
    )


def test_mentioned_entities_lift_their_pages(snapshot: Snapshot) -> None:
    hybrid = HybridRetriever(snapshot)

    def score_of(*mentioned: str) -> float:
        hits = hybrid.retrieve("what should I know about the role", mentioned=mentioned)
        return next(h.score for h in hits if h.doc_ref == STRIPE)

    assert score_of("component:default/payment-service") > score_of()


def test_small_talk_stays_below_the_floor(snapshot: Snapshot) -> None:
    hybrid = HybridRetriever(snapshot)
    for text in ("what's the weather?", "tell me a joke", "??", ""):
        assert all((hit.relevance or 0) < FLOOR for hit in hybrid.retrieve(text))
    known = hybrid.retrieve("how do I rotate the Stripe key?")[0].relevance
    assert known is not None
    assert known >= FLOOR


@pytest.mark.parametrize(
    "text",
    [
        "TopicSkewTooHigh: scale the consumers up?",
        "the consumers in orders.values.yaml fall behind",
        "the consumers on Heroku fall behind",
        "how does @acme/orders-skew scale its consumers up",
    ],
)
def test_a_page_that_never_says_the_name_does_not_answer(snapshot: Snapshot, text: str) -> None:
    hybrid = HybridRetriever(snapshot)
    assert written_names(text)
    hits = hybrid.retrieve(text)
    assert hits[0].doc_ref == LAG  # it is still the nearest page
    assert max(hit.relevance or 0.0 for hit in hits) < FLOOR


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("QueueLagTooHigh: scale the consumers up?", id="said"),
        pytest.param("QueueLagTooHihg or QueueLagToHigh: scale the consumers up?", id="a slip"),
        pytest.param(
            "TopicSkewTooHigh or QueueLagTooHigh: scale the consumers up?", id="one of two"
        ),
        pytest.param("Monday, then Consumers fall behind: scale Consumers up?", id="English words"),
    ],
)
def test_a_name_that_is_said_or_slipped_binds_nothing(snapshot: Snapshot, text: str) -> None:
    hit = HybridRetriever(snapshot).retrieve(text)[0]
    assert hit.doc_ref == LAG
    assert (hit.relevance or 0.0) >= FLOOR


def test_the_name_of_something_known_need_not_be_repeated(snapshot: Snapshot) -> None:
    text = "how long does PaymentService keep its night dumps?"
    page = snapshot.pages.of_ref(BACKUPS)
    assert page is not None
    unknown = saying(text, [page], snapshot)
    assert unknown is not None
    assert not unknown.any()
    assert saying(text, [page], snapshot, known=["component:default/payment-service"]) is None


def test_entities_are_found_by_what_they_do(snapshot: Snapshot) -> None:
    assert (
        HybridRetriever(snapshot).retrieve("what charges cards")[0].doc_ref
        == "component:default/payment-service"
    )


def test_the_same_question_gives_the_same_answer(snapshot: Snapshot) -> None:
    assert HybridRetriever(snapshot).retrieve("the ledger") == HybridRetriever(snapshot).retrieve(
        "the ledger"
    )


@pytest.mark.parametrize(
    ("runs", "expect"),
    [
        pytest.param(
            [["a", "b"], ["b", "c"]], ["b", "a", "c"], id="agreement beats one first place"
        ),
        pytest.param([["a"], []], ["a"], id="absent from a run is no penalty"),
        pytest.param([["b"], ["a"]], ["b", "a"], id="equal scores keep first appearance"),
        pytest.param([], [], id="no runs, no results"),
    ],
)
def test_fusion_order(runs: list[list[str]], expect: list[str]) -> None:
    assert [item for item, _ in reciprocal_rank_fusion(runs)] == expect


@pytest.mark.parametrize(("k", "top_k"), [(0, 1), (60, 0)])
def test_fusion_refuses_senseless_numbers(k: int, top_k: int) -> None:
    with pytest.raises(ValueError, match="must be"):
        reciprocal_rank_fusion([["a"]], k=k, top_k=top_k)
