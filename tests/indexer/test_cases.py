"""Folders of input with what must come out of them: `cases/<name>/input/` and `cases/<name>/expected.json`.

To add a case, add a folder. `UPDATE_CASES=1 pytest tests/indexer/test_cases.py` writes what comes out today;
read it before committing it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from indexer.build import read_catalog
from tests.indexer.support import NOW, summary

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_case(folder: Path) -> None:
    found = json.loads(json.dumps(summary(read_catalog([folder / "input"], now=NOW))))
    expected = folder / "expected.json"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(
            json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    assert found == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_reading_twice_gives_the_same(folder: Path) -> None:
    first, second = (summary(read_catalog([folder / "input"], now=NOW)) for _ in range(2))
    assert first == second
