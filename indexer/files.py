"""The files of a build: where each lies, what it is called in citations, and its text."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from io import BufferedIOBase
from pathlib import Path

from catalog_store.model.document import SourceSpan
from indexer.secrets import Secret, mask
from indexer.text import decode, decode_leniently

MIB = 1024 * 1024

TEXT_LIMIT_BYTES = 8 * MIB
"""Catalog files and pages: no hand-written one comes near it, and all are held in memory."""
JSON_LIMIT_BYTES = 64 * MIB
"""JSON exports and tables, which are parsed whole."""
FEED_LIMIT_BYTES = 512 * MIB
"""Line-delimited feeds, which are streamed."""

_HEAD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that may be read, and nothing outside of it.

    Attributes:
        directory: absolute, links resolved.
        name: the folder's own name.
    """

    directory: Path
    name: str

    @classmethod
    def of(cls, path: Path) -> Root:
        """The root an input path stands for: the folder itself, or the folder of the file."""
        absolute = Path(os.path.realpath(path))
        directory = absolute if absolute.is_dir() else absolute.parent
        return cls(directory, directory.name or "root")

    def holds(self, real: Path) -> bool:
        """Whether a resolved path lies inside."""
        return real.is_relative_to(self.directory)


@dataclass(frozen=True)
class InputFile:
    """One file of a root.

    Attributes:
        root: where it was found.
        location: the absolute path, links resolved.
        path: what citations call it: relative to the root, with forward slashes.
        size: in bytes.
    """

    root: Root
    location: Path
    path: str
    size: int

    @property
    def suffix(self) -> str:
        """The last extension in lower case, with its dot; empty when there is none."""
        return self.location.suffix.lower()

    @cached_property
    def data(self) -> bytes:
        """All bytes, secrets masked.

        Raises:
            OSError: the file cannot be read.
        """
        return self.masked(self.location.read_bytes())

    @cached_property
    def head_bytes(self) -> bytes:
        """The beginning, at most 64 KiB.

        Raises:
            OSError: the file cannot be read.
        """
        with self.location.open("rb") as file:
            return file.read(_HEAD_BYTES)

    @cached_property
    def head(self) -> str:
        """The beginning as text, for recognising a format; never fails on its encoding.

        Raises:
            OSError: the file cannot be read.
        """
        return decode_leniently(self.head_bytes)

    @property
    def received_at(self) -> datetime | None:
        """When someone sent it, UTC: the moment of an event that tells no time of its own. None for what lies in a folder."""
        return None

    @property
    def identity(self) -> str:
        """What tells this input apart from others at the same place."""
        return self.path

    def open(self) -> BufferedIOBase:
        """All bytes as a stream, as they are: whoever reads values from it masks them.

        Raises:
            OSError: the file cannot be read.
        """
        return self.location.open("rb")

    def status(self) -> tuple[int, int]:
        """Size in bytes and time of the last change in nanoseconds, as they are now.

        Raises:
            OSError: it is gone.
        """
        found = self.location.stat()
        return found.st_size, found.st_mtime_ns

    def digest(self) -> bytes:
        """SHA-256 of all bytes.

        Raises:
            OSError: the file cannot be read.
        """
        with self.open() as stream:
            return hashlib.file_digest(stream, "sha256").digest()

    def forget(self) -> None:
        """Drop the bytes that are held."""
        for name in ("data", "head", "head_bytes"):
            self.__dict__.pop(name, None)

    def text(self) -> str:
        """All of it as text.

        Raises:
            NotText: it is not text in a known encoding.
            OSError: the file cannot be read.
        """
        return decode(self.data)

    def masked(self, data: bytes, first: int = 1) -> bytes:
        """A part of it with its secrets masked; they are noted in `secrets`.

        Args:
            data: whole lines.
            first: the line the part begins on.
        """
        safe, found = mask(data)
        for secret in found:
            self._found[Secret(secret.kind, secret.line + first - 1)] = None
        return safe

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What was masked in the parts read so far, each line and kind once."""
        return tuple(self._found)

    @cached_property
    def _found(self) -> dict[Secret, None]:
        return {}

    def span(self, first: int = 1, last: int | None = None) -> SourceSpan:
        """Lines of this file, counted from 1; the first line stands for the whole file."""
        return SourceSpan(self.path, max(first, 1), max(last or first, first, 1), self.format)

    @property
    def format(self) -> str:
        """The source format that reads it; empty until one has claimed it."""
        claimed: str = self.__dict__.get("_format", "")
        return claimed

    def claimed_by(self, source: str) -> None:
        """Note the format that reads it: whatever is read from here on says so."""
        self.__dict__["_format"] = source


def size_limit(suffix: str) -> int:
    """Most bytes a file with this extension may have.

    >>> size_limit(".md") // MIB, size_limit(".ndjson") // MIB
    (8, 512)
    """
    if suffix in {".ndjson", ".jsonl"}:
        return FEED_LIMIT_BYTES
    if suffix in {".json", ".sarif", ".tfstate", ".csv", ".tsv", ".parquet"}:
        return JSON_LIMIT_BYTES
    return TEXT_LIMIT_BYTES
