"""The docs are true: generated pages are up to date, and what pages name exists."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from cli.main import app
from tests.house.repository import PAGES, ROOT, fences, inline_code, names, page

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*(?:/|\.(?:py|md|toml|cfg|yaml|js|css|html|png))")
"""`search/plan.py`, `docs/`, `grammar/filters.py`: the end of a path of the repository."""

_NAMED_IN = re.compile(r"`([\w.]+)`(?:, [^`.]+,)? (?:in|of|from) `([\w/]+\.py)`")
""" "`compose` in `search/understand/parser.py`"."""

_ELSEWHERE = frozenset(
    {
        "catalog-info.yaml",
        "callboard.yaml",
        "catalog/ledger/catalog-info.yaml",
        "lexical/",
        "models/",
        "runbooks/",
        "dist/",
        "report.html",
        "suites/ours/gate.yaml",
    }
)
"""Paths that lie with the reader, not in the repository."""

COMMANDS = (
    "demo",
    "index",
    "serve",
    "ask",
    "mcp",
    "doctor",
    "model",
    "slack",
    "insights",
    "eval",
    *(f"eval {tool}" for tool in ("generate", "import", "export", "pending")),
)
"""Every command with options."""

_SUBCOMMAND = re.compile(r"(?<![\w./-])callboard ([a-z]+)(?![\w-])")
_CALL = re.compile(r"(?<![\w.-])callboard [a-z].*")
"""A call of our command within a line: "docker run --rm callboard index /catalog" holds one, without options."""

_OPTION = re.compile(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*")
_MAKE = re.compile(r"\bmake ([a-z]+)\b")
_ROUTE = re.compile(r"(GET|POST) (/[\w/{}.-]*)")


def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "gen_docs.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"run: make docs\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    folder = (ROOT / name).parent
    targets = [t for t in _LINK.findall(page(name)) if "://" not in t and not t.startswith("#")]
    missing = [t for t in targets if not (folder / t.partition("#")[0]).exists()]
    assert not missing


@pytest.mark.parametrize("name", PAGES)
def test_paths_in_backticks_exist(name: str) -> None:
    paths = {code for code in inline_code(page(name)) if _PATH.fullmatch(code)} - _ELSEWHERE
    known = names()
    missing = [p for p in paths if p not in known and not any(k.endswith(f"/{p}") for k in known)]
    assert not missing


@pytest.mark.parametrize("name", PAGES)
def test_names_are_defined_where_the_page_says(name: str) -> None:
    missing = []
    for symbol, path in _NAMED_IN.findall(page(name)):
        text = (ROOT / path).read_text(encoding="utf-8") if path in names() else ""
        last = re.escape(symbol.rpartition(".")[2])
        if not re.search(rf"^\s*(?:def |class )?{last}\b(?=[(:\[ ])", text, re.MULTILINE):
            missing.append(f"{symbol} in {path}")
    assert not missing


def test_make_targets_that_pages_name_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {t for name in PAGES for t in _MAKE.findall(_commands(name))}
    assert {"demo", "test"} <= named
    assert named <= targets


def _commands(name: str) -> str:
    """Everything on a page that is set as code."""
    text = page(name)
    return "\n".join([fences(text), *inline_code(text)])


def test_subcommands_that_pages_name_exist(capsys: pytest.CaptureFixture[str]) -> None:
    named = {s for name in PAGES for s in _SUBCOMMAND.findall(_commands(name))}
    assert {"demo", "index", "serve", "ask", "mcp", "doctor"} <= named
    unknown = [s for s in sorted(named) if not _help(s, capsys)]
    assert not unknown


def test_options_that_pages_name_exist(capsys: pytest.CaptureFixture[str]) -> None:
    known = set(_OPTION.findall("\n".join(_help(s, capsys) for s in COMMANDS)))
    named = set(_ours())
    assert "--store" in named
    assert named <= known


def _ours() -> Iterator[str]:
    """Options of lines that call our command, and options named on their own."""
    for name in PAGES:
        text = page(name)
        for line in fences(text).splitlines():
            for call in _CALL.findall(line.partition("#")[0]):
                yield from _OPTION.findall(call)
        for code in inline_code(text):
            if code.startswith(("--", "callboard ")):
                yield from _OPTION.findall(code)


def _help(subcommand: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The subcommand's help; empty when there is no such subcommand."""
    try:
        app([*subcommand.split(), "--help"])
    except SystemExit as stopped:
        text = capsys.readouterr().out
        return text if stopped.code == 0 else ""
    capsys.readouterr()
    return ""


def test_routes_that_pages_name_exist() -> None:
    modules = sorted((ROOT / "api").glob("*.py"))
    source = "\n".join(path.read_text(encoding="utf-8") for path in modules)
    found = re.findall(r"@(?:app|router)\.(get|post)\(\s*\"([^\"]+)\"", source)
    routes = {f"{method.upper()} {path}" for method, path in found}
    named = {f"{method} {path}" for method, path in _ROUTE.findall(page("docs/api.md"))}
    assert named <= routes
    public = {
        r
        for r in routes
        if r.split()[1] not in ("/", "/docs", "/favicon.ico", "/v1/ask", "/v1/feedback")
    }
    assert public <= named, "docs/api.md leaves a route out"


def test_statuses_that_pages_list_are_those_of_answers() -> None:
    from assistant.answer import Status

    for name in ("README.md", "docs/api.md", "docs/glossary.md"):
        rows = set(re.findall(r"^\| `([a-z_]+)` \|", page(name), re.MULTILINE))
        assert {s.value for s in Status} <= rows, name
