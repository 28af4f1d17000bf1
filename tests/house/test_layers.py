"""Imports point one way, and modules say what they are for."""

from __future__ import annotations

import ast
import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.repository import PACKAGES, ROOT, modules, tree


def test_import_layers_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_package_has_its_layer() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    layers = contracts["importlinter:contract:layers"]["layers"].replace("|", " ").split()
    assert set(layers) == set(PACKAGES)
    assert set(contracts["importlinter"]["root_packages"].split()) == set(PACKAGES)


def test_every_package_is_shipped_and_checked() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    missing = [name for name in PACKAGES if f'"{name}*"' not in text or f'"{name}"' not in text]
    assert not missing


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert (ast.get_docstring(tree(path)) or "").strip(), "open it with a sentence"
