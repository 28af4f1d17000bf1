"""A build that remembers says what a build that reads everything says; what it remembers is data, never a program."""

from __future__ import annotations

import os
import pickle
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_store.content import CatalogContent
from demo_org import write_demo
from indexer.build import read_catalog
from indexer.memory import ReadMemory
from indexer.pickled import loads, value_class
from tests.indexer.support import NOW

CASES = Path(__file__).parent / "cases"


def _read(folder: Path, memory: Path | None = None) -> CatalogContent:
    """What a build holds; its statements as values, since one value may be written in several ways."""
    if memory is None:
        content = read_catalog([folder], now=NOW)
    else:
        with ReadMemory(memory) as kept:
            content = read_catalog([folder], now=NOW, memory=kept)
    said: list[Any] = [(s.collector, s.group, loads(s.data)) for s in content.statements]
    return replace(content, statements=said)


@pytest.mark.parametrize(
    "folder", sorted(path for path in CASES.iterdir() if path.is_dir()), ids=lambda path: path.name
)
def test_every_format_is_remembered_as_it_was_read(folder: Path, tmp_path: Path) -> None:
    whole = _read(folder / "input")
    first = _read(folder / "input", tmp_path / "m")
    again = _read(folder / "input", tmp_path / "m")
    assert whole == first == again


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("organisation") / "files", now=NOW)


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["touch", "append", "delete", "rename", "add", "same size"]),
        st.integers(0, 10**6),
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rounds=st.lists(EDITS, min_size=1, max_size=3))
def test_a_build_after_edits_says_what_a_full_build_says(
    rounds: list[list[tuple[str, int]]],
    organisation: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("edited")
    folder = shutil.copytree(organisation, home / "files")
    _read(folder, home / "m")
    for edits in rounds:
        for kind, at in edits:
            _edit(folder, kind, at)
        assert _read(folder, home / "m") == _read(folder)


def _edit(folder: Path, kind: str, at: int) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = files[at % len(files)]
    text = path.read_text("utf-8")
    if kind == "touch":
        os.utime(path, ns=(at, at))
    elif kind == "append":
        path.write_text(text + "\n" + text[: at % 400], "utf-8")
    elif kind == "delete":
        path.unlink()
    elif kind == "rename":
        path.rename(path.with_name(f"moved-{at}{path.suffix}"))
    elif kind == "add":
        path.with_name(f"copy-{at}{path.suffix}").write_text(text, "utf-8")
    else:
        status = path.stat()
        path.write_text(text.swapcase(), "utf-8")
        os.utime(path, ns=(status.st_mtime_ns + 1, status.st_mtime_ns + 1))


def test_only_changed_files_are_read(organisation: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(organisation, tmp_path / "files")
    _read(folder, tmp_path / "m")
    page = next(iter(sorted(folder.rglob("*.md"))))
    page.write_text(page.read_text("utf-8") + "\nOne more line.\n", "utf-8")
    with ReadMemory(tmp_path / "m") as memory:
        read_catalog([folder], now=NOW, memory=memory)
        always = memory.read - 1
        assert memory.reused > 10 * memory.read
    with ReadMemory(tmp_path / "m") as memory:
        read_catalog([folder], now=NOW, memory=memory)
        assert memory.read == always  # Locations and placeholders look at other files


def test_a_file_behind_a_placeholder_is_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "catalog-info.yaml").write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: cart}\n"
        "spec: {type: openapi, lifecycle: production, owner: shop, definition: {$text: ./cart.txt}}\n"
    )
    (folder / "cart.txt").write_text("one")
    _read(folder, tmp_path / "m")
    (folder / "cart.txt").write_text("two")
    (entity,) = _read(folder, tmp_path / "m").entities
    assert "two" in str(entity.raw)


def test_a_broken_memory_costs_one_full_reading(organisation: Path, tmp_path: Path) -> None:
    memory = tmp_path / "m"
    memory.write_bytes(b"no database at all" * 100)
    assert _read(organisation, memory) == _read(organisation)
    with sqlite3.connect(memory) as connection:
        connection.execute("UPDATE parts SET payload = x'80'")
    assert _read(organisation, memory) == _read(organisation)


def test_another_program_or_other_options_read_everything_again(
    organisation: Path, tmp_path: Path
) -> None:
    _read(organisation, tmp_path / "m")
    with ReadMemory(tmp_path / "m", options="other") as memory:
        read_catalog([organisation], now=NOW, memory=memory)
        assert memory.reused == 0


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("subprocess", "Popen"),
        ("indexer.build", "read_catalog"),
        ("indexer.pickled", "import_module"),
        ("catalog_store.store", "duckdb"),
        ("nowhere", "Thing"),
    ],
)
def test_nothing_but_value_classes_is_made(module: str, name: str) -> None:
    with pytest.raises(pickle.UnpicklingError, match="no value class"):
        value_class(module, name)
