from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from catalog_store.analyzer import index_terms, query_terms
from catalog_store.embedder import Vectors
from catalog_store.errors import IndexMismatch
from catalog_store.indexes import dense, lexical, terms
from catalog_store.indexes.lexical import LexicalDoc


def _doc(
    number: int,
    ref: str,
    kind: str,
    *texts: str,
    names: str = "",
    entity_refs: tuple[str, ...] = (),
) -> LexicalDoc:
    parts = (" ".join(index_terms(text)) for text in (*texts, names))
    title, heading, body, found_by = parts
    return LexicalDoc(number, ref, kind, title, heading, body, found_by, entity_refs)


DOCS = [
    _doc(
        0,
        "doc:a.md",
        "doc",
        "Stripe keys",
        "Rotate",
        "Make a new key in the dashboard.",
        entity_refs=("component:default/pay",),
    ),
    _doc(
        1,
        "doc:b.md",
        "doc",
        "Backups",
        "Schedule",
        "Every night the ledger is dumped. A key is not needed.",
    ),
    _doc(
        2,
        "runbook:c.md",
        "runbook",
        "QueueLagTooHigh",
        "Meaning",
        "Consumers fall behind.",
        names="QueueLagTooHigh",
    ),
    _doc(
        3,
        "component:default/pay",
        "entity",
        "Payment service",
        "",
        "Charges cards.",
        names="payment-service",
    ),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> lexical.LexicalIndex:
    path = tmp_path_factory.mktemp("lexical")
    assert lexical.build(path, DOCS) == len(DOCS)
    return lexical.LexicalIndex(path)


def found(index: lexical.LexicalIndex, text: str, **scope: list[str]) -> list[int]:
    return [row for row, _ in index.search(query_terms(text), 10, **scope)]  # type: ignore[arg-type]


def test_title_counts_more_than_body(index: lexical.LexicalIndex) -> None:
    assert found(index, "where are the keys") == [0, 1]


@pytest.mark.parametrize(
    "text", ["payment service", "payment-service", "PaymentService", "paymentservice"]
)
def test_every_spelling_of_a_name_finds_it(index: lexical.LexicalIndex, text: str) -> None:
    assert found(index, text) == [3]


def test_scope_filters_without_changing_scores(index: lexical.LexicalIndex) -> None:
    everywhere = dict(index.search(["key"], 10))
    ((row, score),) = index.search(["key"], 10, doc_refs=["doc:b.md", "doc:none.md"])
    assert row == 1
    assert score == pytest.approx(everywhere[1])
    assert found(index, "key", kinds=["runbook"]) == []
    assert found(index, "key", entity_refs=["component:default/pay"]) == [0]
    assert found(index, "key", doc_refs=[]) == []


def test_no_terms_no_results(index: lexical.LexicalIndex) -> None:
    assert index.search([], 10) == []


def test_rare_terms_weigh_more(index: lexical.LexicalIndex) -> None:
    assert index.idf("key") < index.idf("ledger") < index.idf("unheard")
    assert index.idf("unheard") == pytest.approx(index.rarest_idf)


def test_a_folder_that_is_no_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexMismatch, match="index the sources again"):
        lexical.LexicalIndex(tmp_path)


def unit_vectors(count: int, dimension: int = 32) -> Vectors:
    vectors = np.random.default_rng(7).normal(size=(count, dimension)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize(
    "allowed", [None, np.array([3, 17, 250, 251], np.int64)], ids=["all", "scoped"]
)
def test_dense_is_exact(tmp_path: Path, allowed: dense.Ids | None) -> None:
    vectors = unit_vectors(500)
    dense.build(tmp_path / "d.faiss", vectors)
    index = dense.DenseIndex(tmp_path / "d.faiss")
    for question in unit_vectors(5):
        cosines = vectors @ question
        rows = np.arange(500) if allowed is None else allowed
        expect = rows[np.argsort(-cosines[rows], kind="stable")][:10]
        got = index.search(question, 10, allowed=allowed)
        assert [row for row, _ in got] == expect.tolist()
        assert [score for _, score in got] == pytest.approx(cosines[expect].tolist(), abs=1e-5)


def test_dense_cells_find_nearly_all_and_small_scopes_exactly(tmp_path: Path) -> None:
    vectors = unit_vectors(2000)
    dense.build(tmp_path / "d.faiss", vectors, exact_limit=100)
    index = dense.DenseIndex(tmp_path / "d.faiss")
    allowed = np.arange(0, 2000, 50, dtype=np.int64)
    hits = 0
    for question in unit_vectors(20):
        nearest = set(np.argsort(-(vectors @ question))[:10].tolist())
        hits += len(nearest & {row for row, _ in index.search(question, 10)})
        scoped = [row for row, _ in index.search(question, 5, allowed=allowed)]
        assert (
            scoped
            == allowed[np.argsort(-(vectors[allowed] @ question), kind="stable")][:5].tolist()
        )
    assert hits >= 0.95 * 20 * 10


def test_dense_of_nothing(tmp_path: Path) -> None:
    dense.build(tmp_path / "d.faiss", np.zeros((0, 8), np.float32))
    index = dense.DenseIndex(tmp_path / "d.faiss")
    assert index.search(np.ones(8, np.float32), 5) == []


def test_a_file_that_is_no_dense_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d.faiss").write_bytes(b"nothing")
    with pytest.raises(IndexMismatch, match="index the sources again"):
        dense.DenseIndex(tmp_path / "d.faiss")


def test_coverage_of_passages_and_of_their_page(tmp_path: Path) -> None:
    passages = [["a", "b", "b"], ["c"], [], ["a", "z"]]
    terms.save(tmp_path, [terms.distinct(passage) for passage in passages])
    held = terms.PassageTerms(tmp_path)
    result = held.coverage({"a": 1.0, "b": 1.0, "c": 2.0}, [(0, 2), (3, 4), (2, 3)])
    assert result.rows.tolist() == [0, 1, 3, 2]
    assert result.of_passage.tolist() == [0.5, 0.5, 0.25, 0.0]
    assert result.of_page.tolist() == [1.0, 0.25, 0.0]


def test_coverage_of_nothing(tmp_path: Path) -> None:
    terms.save(tmp_path, [])
    held = terms.PassageTerms(tmp_path)
    assert len(held) == 0
    assert held.coverage({"a": 1.0}, []).of_page.tolist() == []
    assert held.coverage({}, []).rows.tolist() == []
