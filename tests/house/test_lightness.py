"""A structured question pays only for what it needs: `callboard ask` loads no model and nothing that trains one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from catalog_store.embedder import HashEmbedder
from catalog_store.publish import publish
from tests.catalog_store.samples import NOW, content
from tests.house.repository import ROOT

HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "sklearn",
    "onnxruntime",
    "onnx",
    "fastapi",
    "uvicorn",
    "mcp",
    "opentelemetry",
)

PROGRAM = """
import json, sys
from cli.main import app
code = app(["ask", sys.argv[1], "--store", sys.argv[2], "--json"])
loaded = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({"code": code, "loaded": loaded}), file=sys.stderr)
"""


def test_a_structured_question_loads_nothing_heavy(tmp_path: Path) -> None:
    publish(tmp_path, content(), now=NOW, embedder=HashEmbedder())
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "coverage of the payment service", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer, facts = json.loads(done.stdout), json.loads(done.stderr.splitlines()[-1])
    assert facts["code"] == 0
    assert answer["status"] == "answered"
    assert answer["value"] == 91.5
    assert not set(facts["loaded"]) & set(HEAVY)
