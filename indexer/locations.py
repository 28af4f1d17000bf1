"""Location entities: which further files they name, inside the roots only."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog_store.model.document import SourceSpan
from indexer.files import InputFile
from indexer.raw import RawEntity

if TYPE_CHECKING:
    from indexer.sources.base import Harvest

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_GLOB = re.compile(r"[*?\[{]")
_MAX_MATCHES = 10_000
"""Files one glob may name; more is a slip, and would hide it."""


def follow_location(entity: RawEntity, harvest: Harvest) -> None:
    """Take in the files a Location names; addresses on the web are counted and skipped."""
    harvest.volatile = True  # which files there are may change on its own
    for target, span in targets_of(entity, harvest):
        if _is_remote(target):
            harvest.report.skip("Location target on the web")
            continue
        for location in _locations(target, entity, span, harvest):
            root = harvest.walk.root_of(location)
            if root is not None:
                harvest.walk.admit(root, location)


def targets_of(entity: RawEntity, harvest: Harvest | None = None) -> list[tuple[str, SourceSpan]]:
    """Every target of a Location with its lines; what is no text goes to the report."""
    spec = entity.section("spec")
    many = spec.get("targets")
    values: list[tuple[Any, SourceSpan]] = []
    if spec.get("target") is not None:
        values.append((spec["target"], entity.span_of(("spec", "target"))))
    if isinstance(many, list):
        values += [(value, entity.span_of(("spec", "targets", n))) for n, value in enumerate(many)]
    elif many is not None:
        values.append((many, entity.span_of(("spec", "targets"))))
    found = []
    for value, span in values:
        if isinstance(value, str) and value.strip():
            found.append((value.strip(), span))
        elif harvest is not None:
            harvest.report.error(
                "wrong-type",
                f"a Location target is {value!r}, expected the path of a file; mend it",
                span,
            )
    return found


def listed_locations(entity: RawEntity, files: frozenset[Path]) -> set[Path]:
    """Those of the given files that a Location names."""
    found: set[Path] = set()
    for target, _ in targets_of(entity):
        if not _is_remote(target):
            found.update(p for p in _matches(target, entity.file) if p in files)
    return found


def _is_remote(target: str) -> bool:
    # `type: url` with a relative target means: next to this very file, wherever it was fetched from.
    return bool(_URL.match(target)) and not target.lower().startswith("file://")


def _locations(target: str, entity: RawEntity, span: SourceSpan, harvest: Harvest) -> list[Path]:
    report = harvest.report
    found = _matches(target, entity.file)
    inside = [path for path in found if harvest.walk.root_of(path) is not None]
    if not _GLOB.search(target):
        if not inside and harvest.walk.root_of(_absolute(target, entity.file)) is None:
            report.error(
                "leaves-root",
                f"the target {target!r} lies outside the indexed folders and was not read; index its folder as well",
                span,
            )
        elif not found:
            report.error(
                "missing-target",
                f"the target {target!r} does not exist; mend the path or remove it",
                span,
            )
    elif not inside:
        report.warning(
            "missing-target",
            f"the target {target!r} matches no file inside the indexed folders; mend it or remove it",
            span,
        )
    return inside


def _absolute(target: str, file: InputFile) -> Path:
    if target.lower().startswith("file://"):
        target = target[len("file://") :]
    return Path(os.path.realpath(file.location.parent / target))


def _matches(target: str, file: InputFile) -> list[Path]:
    """Existing files a target names, links resolved, sorted."""
    try:
        if not _GLOB.search(target):
            path = _absolute(target, file)
            return [path] if path.is_file() else []
        return _glob(target, file)
    except (OSError, ValueError):
        # NUL bytes and names longer than the file system takes: nothing of that name exists.
        return []


def _glob(target: str, file: InputFile) -> list[Path]:
    base, pattern = file.location.parent, target
    while pattern.startswith(("./", "../")):
        head, _, pattern = pattern.partition("/")
        base = base / head
    base = Path(os.path.realpath(base))
    if pattern.startswith("/") or not file.root.holds(base) or ".." in pattern:
        return []
    found: list[Path] = []
    for path in base.glob(pattern):
        if path.is_file():
            found.append(Path(os.path.realpath(path)))
        if len(found) >= _MAX_MATCHES:
            break
    return sorted(set(found))
