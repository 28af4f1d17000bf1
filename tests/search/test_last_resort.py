"""What may be answered from a page once the catalog has no place for it, and what stays refused however near a page comes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_store.embedder import HashEmbedder
from catalog_store.snapshot import open_snapshot
from eval.retrieval.indexing import built
from eval.retrieval.sets import RetrievalSet
from search.engine import SearchEngine
from search.last_resort import NOTE
from search.result import Outcome

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

FILES = {
    "freeze.md": "# Release freeze\n\nNo releases between 20 December and 6 January, nor on christmas eve.\n",
    "parrots.md": "# Parrots\n\nParrots are fed at noon with hazelnuts from the cupboard.\n",
    "ledger.md": "---\nservice: ledger\n---\n# Ledger\n\nThe ledger must never be drained while books are being closed.\n",
    "ledger.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: ledger}\nspec: {type: service, owner: books, lifecycle: production}\n",
    "feeder.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: feeder}\nspec: {type: service, owner: books, lifecycle: production}\n",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    folder: Path = tmp_path_factory.mktemp("org")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    embedder = HashEmbedder()
    asked = RetrievalSet("org", (folder,), {}, {})
    with open_snapshot(built(asked, folder / "store", embedder), embedder=embedder) as snapshot:
        yield SearchEngine(snapshot)


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("releases on christmas eve, ok?", id="asks for leave, names nothing"),
        pytest.param(
            "feed my parrots with hazelnuts from the cupboard", id="an order, of somebody unknown"
        ),
        pytest.param(
            "may the ledger be drained while books are being closed",
            id="of a thing, by its own page",
        ),
    ],
)
def test_a_page_answers_what_the_catalog_has_no_place_for(
    engine: SearchEngine, question: str
) -> None:
    found = engine.search(question, now=NOW)
    assert found.outcome is Outcome.PAGES


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("who owns the parrot-feeder", id="an owner"),
        pytest.param("is parrot-feeder-v2 fed at noon with hazelnuts", id="a name nobody bears"),
        pytest.param(
            "can we drain the feeder while books are being closed", id="a page of another thing"
        ),
        pytest.param(
            "write me a poem about parrots and hazelnuts from the cupboard", id="an amusement"
        ),
        pytest.param("is the ledger being drained right now", id="as it is this moment"),
    ],
)
def test_a_refusal_stands(engine: SearchEngine, question: str) -> None:
    found = engine.search(question, now=NOW)
    assert found.outcome is not Outcome.PAGES
    assert NOTE not in found.notes
