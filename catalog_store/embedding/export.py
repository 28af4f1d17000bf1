"""Published weights → one ONNX file, int8, with pooling and normalisation inside.

Done once a machine. torch and transformers are imported only here and only then: serving needs neither.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

from catalog_store.embedding.weights import WEIGHTS_SHA256, find_weights, sha256_of
from catalog_store.errors import ModelUnavailable

EXPORT_VERSION = 2
"""Counts changes of this file that change the vectors; part of the identity."""

IDENTITY = f"all-minilm-l6-v2-int8-{WEIGHTS_SHA256[:8]}-{EXPORT_VERSION}"
"""Names the exact vectors: two embedders with this identity are interchangeable."""

DIMENSION = 384
MAX_LENGTH_TOKENS = 256
"""As published with the model: it was trained on no longer texts."""

MODEL_FILE, TOKENIZER_FILE, MANIFEST_FILE = "model.int8.onnx", "tokenizer.json", "manifest.json"

_OPSET = 17


def ensure_model(cache: Path) -> Path:
    """The folder of the serving model, exported on first use (about 10 seconds).

    Safe when several processes ask at once: each exports into a folder of its own, the first rename wins.

    Args:
        cache: folder that holds exported models, one folder per identity; created when missing.

    Returns:
        `<cache>/<identity>`, with `model.int8.onnx`, `tokenizer.json` and `manifest.json`.

    Raises:
        ModelUnavailable: the weights are missing or altered, or the exported files are damaged.
    """
    folder = cache / IDENTITY
    if (folder / MANIFEST_FILE).is_file():
        read_manifest(folder)
        return folder
    source = find_weights()
    cache.mkdir(parents=True, exist_ok=True)
    build = Path(tempfile.mkdtemp(prefix=f".{IDENTITY}.tmp-", dir=cache))
    try:
        _export(source, build)
        try:
            build.rename(folder)
        except OSError:
            # someone else was first; theirs is as good
            if not (folder / MANIFEST_FILE).is_file():
                raise
    finally:
        shutil.rmtree(build, ignore_errors=True)
    return folder


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a model folder says it is, after checking that its files have the stated sizes.

    Raises:
        ModelUnavailable: a file is missing, or has another size than when it was exported.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        sizes = {name: (folder / name).stat().st_size for name in manifest["files"]}
    except (OSError, ValueError, KeyError) as error:
        raise ModelUnavailable(
            f"no usable embedding model in {folder} ({error}); remove it and index again"
        ) from None
    for name, facts in manifest["files"].items():
        if sizes[name] != facts["bytes"]:
            raise ModelUnavailable(
                f"{folder / name} is damaged: expected {facts['bytes']} bytes, found {sizes[name]}; "
                "remove the folder and index again"
            )
    return manifest


def _export(source: Path, build: Path) -> None:
    full = build / "model.fp32.onnx"
    _trace(source, full)
    _quantize(full, build / MODEL_FILE)
    full.unlink()
    shutil.copyfile(source / TOKENIZER_FILE, build / TOKENIZER_FILE)
    manifest = {
        "identity": IDENTITY,
        "dimension": DIMENSION,
        "max_length_tokens": MAX_LENGTH_TOKENS,
        "weights_sha256": WEIGHTS_SHA256,
        "files": {
            name: {"bytes": (build / name).stat().st_size, "sha256": sha256_of(build / name)}
            for name in (MODEL_FILE, TOKENIZER_FILE)
        },
    }
    (build / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    # mkdtemp makes the folder private; a cache may be shared by the users of a machine
    build.chmod(0o755)


def _trace(source: Path, target: Path) -> None:
    """Write the full-precision graph: input_ids, attention_mask (batch, length) → embedding (batch, 384)."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch  # noqa: PLC0415
    from transformers import AutoModel  # noqa: PLC0415
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    class Pooled(torch.nn.Module):
        """Mean of the token vectors that are not padding, at unit length."""

        def __init__(self, bert: torch.nn.Module) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            weight = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * weight).sum(1) / weight.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, p=2.0, dim=1)

    # fused attention kernels do not trace; "eager" spells the arithmetic out
    bert = AutoModel.from_pretrained(source, attn_implementation="eager", local_files_only=True)
    # a ragged example, so that nothing about its shape or padding is taken for a constant
    input_ids = torch.tensor(
        [[101, 2040, 8617, 4638, 5833, 1029, 102], [101, 2448, 8654, 102, 0, 0, 0]]
    )
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Pooled(bert).eval(),
            (input_ids, (input_ids > 0).long()),
            str(target),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={
                "input_ids": {0: "batch", 1: "length"},
                "attention_mask": {0: "batch", 1: "length"},
                "embedding": {0: "batch"},
            },
            opset_version=_OPSET,
            # the newer exporter needs onnxscript, which is not otherwise used here
            dynamo=False,
        )


def _quantize(source: Path, target: Path) -> None:
    """Weights to int8, one scale per output channel; activations are quantised as they come."""
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    root = logging.getLogger()
    level = root.level
    # it advises a preparation step that only matters for convolutions
    root.setLevel(logging.ERROR)
    try:
        # 7-bit weights: processors without VNNI saturate on 8, and one page would rank differently on two machines
        quantize_dynamic(
            str(source),
            str(target),
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )
    finally:
        root.setLevel(level)
