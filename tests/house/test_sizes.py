"""Files and functions stay small. Exceptions are named with a mark of their own, and the list only shrinks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.repository import ROOT, modules, tree

MOST_FILE_LINES = 500
MOST_FUNCTION_LINES = 80

LARGE_FILES: dict[str, int] = {}
"""Longer than `MOST_FILE_LINES` today → the most it may have. Lower a mark when the file has shrunk; add none."""

LARGE_FUNCTIONS: dict[str, int] = {}
"""Longer than `MOST_FUNCTION_LINES` today → the most it may have."""


def _files() -> dict[str, int]:
    return {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules()
    }


def _functions() -> Iterator[tuple[str, int]]:
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{path.relative_to(ROOT).as_posix()} {node.name}", lines


def test_files() -> None:
    long = {
        n: lines for n, lines in _files().items() if lines > LARGE_FILES.get(n, MOST_FILE_LINES)
    }
    assert not long, "split it along what changes together"


def test_functions() -> None:
    long = {
        n: lines for n, lines in _functions() if lines > LARGE_FUNCTIONS.get(n, MOST_FUNCTION_LINES)
    }
    assert not long, "give its steps names"


def test_exceptions_are_still_there() -> None:
    files, functions = _files(), {name for name, _ in _functions()}
    assert set(LARGE_FILES) <= set(files), "it is gone: take its line away"
    assert set(LARGE_FUNCTIONS) <= functions, "it is gone: take its line away"
