"""Rules that SECURITY.md relies on, held over the whole source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from api.guard import _POLICY
from tests.house.repository import ROOT, modules, tree

NETWORK = frozenset(
    "socket ssl urllib.request http.client httpx requests aiohttp ftplib smtplib telnetlib fsspec websockets asyncio".split()
)
"""Modules that open connections."""

SCRIPTS = sorted((ROOT / "api" / "web").glob("*.js"))

MARKUP = re.compile(
    r"\.(?:inner|outer)HTML\s*\+?=|insertAdjacentHTML|document\.write|\beval\(|new Function|setHTMLUnsafe|javascript:"
)


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (name.name for name in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{name.name}" for name in node.names)


def test_the_indexer_opens_no_connection() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules()
        if path.relative_to(ROOT).parts[0] == "indexer"
        for node in ast.walk(tree(path))
        for name in _imports(node)
        if name in NETWORK or name.partition(".")[0] in NETWORK
    ]
    assert not found


def test_nothing_is_unpickled_but_by_our_own_reader() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func)
        in {"pickle.load", "pickle.loads", "pickle.Unpickler", "yaml.load", "marshal.loads", "shelve.open", "exec", "eval"}
    ]  # fmt: skip
    assert not found


def test_only_one_console_prints_what_files_say() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in modules()
        if path.relative_to(ROOT).parts[0] == "cli" and path.name != "terminal.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Console", "rich.print"}
    ]
    assert not found, "use cli.terminal.Terminal: it shows control sequences, it does not obey them"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_page_sets_text_never_markup(script: object) -> None:
    assert not MARKUP.findall((ROOT / str(script)).read_text(encoding="utf-8"))


def test_the_policy_lets_no_script_in() -> None:
    assert "unsafe" not in _POLICY
    assert "default-src 'none'" in _POLICY
    assert "frame-ancestors" in _POLICY
