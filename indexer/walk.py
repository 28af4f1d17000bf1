"""Every readable file under the input paths, in sorted order, never outside of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from catalog_store.model.document import SourceSpan
from indexer.files import MIB, InputFile, Root, size_limit
from indexer.reporting import Report

OWNERSHIP_FILES = (".github/CODEOWNERS", ".gitlab/CODEOWNERS")
"""The only files of hidden folders that are read."""

SKIPPED_FOLDERS = frozenset({"node_modules", "bower_components", "__pycache__"})
"""Other people's files; hidden folders (.git, .venv, …) are skipped as well."""


@dataclass(slots=True)
class Walk:
    """The roots of a build and the files found in them.

    Attributes:
        roots: one per input path.
        suffixes: extensions somebody can read; other files are counted, not listed.
        files: sorted by root, then by path.
    """

    roots: tuple[Root, ...]
    suffixes: frozenset[str]
    report: Report
    files: list[InputFile] = field(default_factory=list)
    _by_location: dict[Path, InputFile] = field(default_factory=dict)
    _paths: set[str] = field(default_factory=set)

    def admit(self, root: Root, location: Path) -> InputFile | None:
        """Take in one file, once; None when it cannot or need not be read.

        Args:
            root: the root it belongs to.
            location: absolute, links resolved, inside the root.
        """
        known = self._by_location.get(location)
        if known is not None:
            return known
        path = location.relative_to(root.directory).as_posix()
        size = self._readable_size(path, location)
        if size is None:
            return None
        file = InputFile(root, location, self._free_path(root, path), size)
        self._by_location[location] = file
        self._paths.add(file.path)
        self.files.append(file)
        return file

    def root_of(self, real: Path) -> Root | None:
        """The root a resolved path lies in; None outside of all."""
        return next((root for root in self.roots if root.holds(real)), None)

    def has(self, location: Path) -> bool:
        """Whether this file was taken in already."""
        return location in self._by_location

    def at(self, location: Path) -> InputFile | None:
        """The file taken in from this place."""
        return self._by_location.get(location)

    def _readable_size(self, path: str, location: Path) -> int | None:
        span = SourceSpan(path, 1, 1)
        try:
            status = location.stat()
            if not stat.S_ISREG(status.st_mode):
                self.report.skip("not a regular file")
                return None
            if not os.access(location, os.R_OK):
                raise PermissionError("permission denied")
        except OSError as error:
            self.report.error(
                "unreadable-file",
                f"cannot read it: {error.strerror or error}; make it readable or leave it out",
                span,
            )
            return None
        limit = size_limit(location.suffix.lower())
        if status.st_size > limit:
            message = f"{status.st_size / MIB:.0f} MiB, at most {limit // MIB} MiB are read; split it or leave it out"
            self.report.error("file-too-large", message, span)
            return None
        return status.st_size

    def _free_path(self, root: Root, path: str) -> str:
        """A later root's file with a taken path carries its root's name, then a number."""
        if path not in self._paths:
            return path
        prefixes = (
            root.name if n == 1 else f"{root.name}-{n}" for n in range(1, len(self._paths) + 2)
        )
        return next(p for prefix in prefixes if (p := f"{prefix}/{path}") not in self._paths)


def walk(paths: Sequence[Path], *, suffixes: Iterable[str], report: Report) -> Walk:
    """List the files of all input paths.

    Args:
        paths: folders, or single files; a file's root is its folder, but only the file is listed.
        suffixes: extensions (with dot, lower case) worth listing; files without one are listed too.
        report: receives unreadable, huge, missing and escaping files.
    """
    present = [path for path in paths if _exists(path, report)]
    found = Walk(tuple(Root.of(path) for path in present), frozenset({*suffixes, ""}), report)
    for path, root in zip(present, found.roots, strict=True):
        if path.is_dir():
            for location in _files_under(root, found):
                found.admit(root, location)
        else:
            found.admit(root, Path(os.path.realpath(path)))
    return found


def _exists(path: Path, report: Report) -> bool:
    if path.exists():
        return True
    report.error(
        "missing-input",
        f"{str(path)!r} does not exist; name a file or folder",
        SourceSpan(str(path), 1, 1),
    )
    return False


def _files_under(root: Root, found: Walk) -> Iterator[Path]:
    # An explicit stack: folders may nest deeper than Python recurses.
    stack = [root.directory]
    while stack:
        folder = stack.pop()
        entries = _entries(folder, root, found.report)
        for entry in entries:
            if entry.is_symlink():
                _judge_link(Path(entry.path), root, found)
            elif entry.is_file(follow_symlinks=False):
                if PurePosixPath(entry.name).suffix.lower() in found.suffixes:
                    yield Path(entry.path)
                else:
                    found.report.skip("extension nobody reads")
            elif not entry.is_dir(follow_symlinks=False):
                found.report.skip("not a regular file")
        hidden = [folder / name for name in OWNERSHIP_FILES]
        yield from (path for path in hidden if path.is_file() and not path.is_symlink())
        stack += [Path(entry.path) for entry in reversed(entries) if _is_open_folder(entry)]


def _entries(folder: Path, root: Root, report: Report) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as scan:
            return sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        span = SourceSpan(folder.relative_to(root.directory).as_posix(), 1, 1)
        report.error(
            "unreadable-folder",
            f"cannot list it: {error.strerror or error}; make it readable or leave it out",
            span,
        )
        return []


def _is_open_folder(entry: os.DirEntry[str]) -> bool:
    skipped = entry.name.startswith(".") or entry.name in SKIPPED_FOLDERS
    return not skipped and not entry.is_symlink() and entry.is_dir(follow_symlinks=False)


def _judge_link(link: Path, root: Root, found: Walk) -> None:
    """Links are never followed: what they point at inside the roots is read where it lies."""
    span = SourceSpan(link.relative_to(root.directory).as_posix(), 1, 1)
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        found.report.warning(
            "broken-link",
            "a link that leads nowhere or to itself; remove it or mend its target",
            span,
        )
        return
    if found.root_of(target) is None:
        found.report.error(
            "leaves-root",
            "a link out of the indexed folders is not followed; index its target as an input of its own",
            span,
        )
    elif link.is_relative_to(target):
        found.report.warning(
            "link-loop", "a link to a folder above itself is not followed; nothing is lost", span
        )
    else:
        found.report.skip("link to a file read elsewhere")
