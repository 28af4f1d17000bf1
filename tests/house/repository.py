"""The files of the repository, as the house rules look at them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PACKAGES = (
    "api",
    "app",
    "assistant",
    "catalog_store",
    "cli",
    "demo_org",
    "eval",
    "indexer",
    "mcp_server",
    "search",
    "slackbot",
)

_SKIPPED = frozenset({"node_modules", "__pycache__", "build", "dist"})
"""Besides hidden folders: what tools leave behind. `.ci` is ours."""

PAGES = (
    "README.md",
    "CHANGELOG.md",
    *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md"))),
)

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")


@cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the repository, tracked or about to be."""
    return tuple(sorted(_under(ROOT)))


def _under(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            hidden = path.name.startswith(".") and path.name != ".ci"
            if not (hidden or path.name in _SKIPPED or path.name.endswith(".egg-info")):
                yield from _under(path)
        elif not path.is_symlink():
            yield path


@cache
def names() -> frozenset[str]:
    """Every file and folder, relative to the root; folders end in a slash."""
    found = {path.relative_to(ROOT).as_posix() for path in files()}
    folders = {f"{parent.as_posix()}/" for name in found for parent in Path(name).parents}
    return frozenset(found | folders - {"./"})


@cache
def modules(*, tests: bool = False) -> tuple[Path, ...]:
    """The Python files of the house, its scripts included."""
    wanted = (*PACKAGES, "scripts", *(("tests",) if tests else ()))
    return tuple(
        path
        for path in files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in wanted
    )


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def page(name: str) -> str:
    """A page of documentation."""
    return (ROOT / name).read_text(encoding="utf-8")


def fences(text: str) -> str:
    """Only the fenced blocks of a page."""
    return "\n".join(_FENCE.findall(text))


def inline_code(text: str) -> list[str]:
    """What stands between backticks, outside of fenced blocks."""
    return [code.strip() for code in _CODE.findall(_FENCE.sub("", text))]
