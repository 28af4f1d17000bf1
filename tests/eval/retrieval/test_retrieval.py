"""The measuring itself: what sets are read, what figures come out, and that a taken-away page is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from catalog_store.embedder import HashEmbedder
from catalog_store.errors import BadRequest
from eval.retrieval.__main__ import measure
from eval.retrieval.indexing import LISTING
from eval.retrieval.measures import difference, mean, per_question
from eval.retrieval.report import markdown
from eval.retrieval.sets import RetrievalSet, read_set, read_sets
from eval.retrieval.systems import SYSTEMS

PAGES = {
    "keys.md": "# Rotating the Stripe key\n\nAsk payments for a second key, then switch traffic to it.\n",
    "backups.md": "# Backups\n\nDumps are taken at night and are kept for thirty days in the vault.\n",
    "sub/index.md": "# Deploying the storefront\n\nMerge, wait for the canary, then promote the image.\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in PAGES.items():
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text(text)
    questions = [("a", "rotate the Stripe key"), ("b", "how long are dumps kept?"), ("c", "pets?")]
    (tmp_path / "queries.jsonl").write_text(
        "".join(json.dumps({"_id": key, "text": text}) + "\n" for key, text in questions)
    )
    (tmp_path / "qrels.tsv").write_text("a\tdocs/keys.md\t2\nb\tdocs/backups.md\t1\n")
    return tmp_path


def test_a_set_is_read_as_ours_and_as_beir_writes_it(folder: Path) -> None:
    ours = read_set(folder, ())
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\n" + (folder / "qrels.tsv").read_text()
    )
    (folder / "qrels.tsv").unlink()
    assert read_set(folder, ()) == ours
    assert (ours.answerable, ours.unanswerable) == (("a", "b"), ("c",))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("qrels.tsv", "z\tdocs/keys.md\t1\n"),
        ("qrels.tsv", "a\tdocs/keys.md\tvery\n"),
        ("queries.jsonl", "{}\n"),
        ("queries.jsonl", "not json\n"),
    ],
)
def test_a_damaged_set_is_refused(folder: Path, file: str, text: str) -> None:
    (folder / file).write_text(text)
    with pytest.raises(BadRequest, match=folder.name):
        read_set(folder, ())


def test_the_committed_set_judges_pages_that_exist() -> None:
    (asked,) = read_sets(LISTING, [LISTING.parents[2]])
    (corpus,) = asked.corpus
    judged = {path for pages in asked.qrels.values() for path in pages}
    assert [path for path in judged if not (corpus / path).is_file()] == []
    assert asked.unanswerable
    assert not asked.tuned


def test_figures_of_a_known_run() -> None:
    qrels = {"a": {"x": 1}, "b": {"y": 1}, "c": {"z": 1}}
    run = {"a": {"x": 2.0, "y": 1.0}, "b": {"x": 2.0, "y": 1.0}}
    values = per_question(run, qrels, ("a", "b", "c"))
    assert values["MRR@10"].tolist() == [1.0, 0.5, 0.0]
    assert values["hit@1"].tolist() == [1.0, 0.0, 0.0]
    assert values["nDCG@10"][1] == pytest.approx(1 / np.log2(3))


def test_an_interval_holds_its_mean_and_a_clear_gap_has_a_small_p() -> None:
    rng = np.random.default_rng(1)
    values = rng.random(200)
    interval = mean(values)
    assert interval.low < interval.value < interval.high
    clear = difference(values + 0.2, values)
    assert clear.value == pytest.approx(0.2)
    assert clear.p < 0.001
    noise = difference(rng.permutation(values), values)
    assert noise.p > 0.05
    assert noise.low < 0 < noise.high


def test_every_system_is_measured_over_one_index(folder: Path, tmp_path: Path) -> None:
    read = read_set(folder, (folder / "docs",))
    asked = RetrievalSet("tiny", read.corpus, read.queries, read.qrels)
    result = measure(asked, tmp_path / "stores", HashEmbedder())
    assert tuple(result.values) == SYSTEMS
    assert result.values["ours"]["hit@1"].tolist() == [1.0, 1.0]
    assert result.refused.removed + result.refused.falsely < 2
    assert result.refused.unanswerable == 1.0
    assert result.refused.auc_found >= result.refused.auc
    said = markdown([result])
    assert "### tiny (held out)" in said
    assert said.count("\n| ours |") == 1
