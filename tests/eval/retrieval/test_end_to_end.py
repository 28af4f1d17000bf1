"""What becomes of a question: the right page, another one, rows of the catalog, or a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog_store.embedder import HashEmbedder
from eval.retrieval.end_to_end import Given, ask_all, table
from eval.retrieval.indexing import built
from eval.retrieval.sets import RetrievalSet

FILES = {
    "keys.md": "# Rotating the Stripe key\n\nAsk payments for a second key, then switch traffic to it.\n",
    "backups.md": "# Backups\n\nDumps are taken at night and are kept for thirty days in the vault.\n",
    "ledger.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: ledger}\nspec: {type: service, owner: books, lifecycle: production}\n",
}
QUERIES = {
    "right": "how do I rotate the Stripe key?",
    "other": "how long are dumps kept in the vault?",
    "rows": "which services are there?",
    "refused": "who owns the blockchain service?",
    "none": "what's the weather?",
}


@pytest.fixture
def asked(tmp_path: Path) -> RetrievalSet:
    for name, text in FILES.items():
        (tmp_path / "corpus").mkdir(exist_ok=True)
        (tmp_path / "corpus" / name).write_text(text)
    judged = {query: {"keys.md": 2} for query in QUERIES if query != "none"}
    return RetrievalSet("tiny", (tmp_path / "corpus",), QUERIES, judged, tuned=True)


def test_every_question_is_counted_once_for_what_became_of_it(
    asked: RetrievalSet, tmp_path: Path
) -> None:
    embedder = HashEmbedder()
    one = ask_all(asked, built(asked, tmp_path / "store", embedder), embedder, asked.name)
    assert dict(one.answerable) == dict.fromkeys(Given, 1)
    assert dict(one.unanswerable) == {Given.REFUSED: 1}
    assert [text for text, *_ in one.misses] == [QUERIES[q] for q in ("other", "rows", "refused")]
    assert one.quoted > 2
    assert one.unheld == ()
    assert f"| tiny | 4 | 1 | 1 | 1 | 1 | 1 | 1 | {one.quoted} of {one.quoted} |" in table([one])
