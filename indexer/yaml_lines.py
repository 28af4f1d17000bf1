"""YAML that remembers the lines of every value, and cannot be used to exhaust this process.

Built on libyaml's events rather than on PyYAML's composer: events keep their line marks, need no recursion,
and let aliases be counted before anything is expanded. Plain scalars are read as YAML 1.2 does (`yes` and
dates stay text), which is how Backstage reads them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from indexer.yaml_scalars import PurePythonParser, plain_value

try:
    from yaml import _yaml
except ImportError:  # a PyYAML built without libyaml: slower, same events
    _Parser: Callable[[str], Any] = PurePythonParser
else:
    _Parser = _yaml.CParser

KeyPath: TypeAlias = tuple[str | int, ...]

MAX_DEPTH = 100
"""Levels of nesting; real descriptors stay below 20."""
MAX_EXPANDED = 200_000
"""Values of one document, aliases counted as often as they are used."""

_CHARS_PER_VALUE = 64

_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels; this document was left out, flatten it"

_OTHER_BREAKS = re.compile("[\x85\u2028\u2029]")
"""Line ends to libyaml (YAML 1.1), but neither to YAML 1.2 nor to editors: line numbers would drift."""
_MARKER = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_ONLY_DIRECTIVES = re.compile(r"(?:[ \t]*(?:[%#][^\n]*)?\n)*[ \t]*(?:[%#][^\n]*)?")


@dataclass(frozen=True, slots=True)
class YamlFault:
    """Something wrong in a YAML text.

    Attributes:
        code: "invalid-yaml", "alias-bomb", "too-deep" or "duplicate-key".
        message: what was wrong and what to do.
        line: counted from 1.
        fatal: the document it stands in was dropped.
    """

    code: str
    message: str
    line: int
    fatal: bool = True


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One document of a stream.

    Attributes:
        value: dicts (keys are text), lists, str, int, float, bool, None. Aliased values are shared.
        lines: path of keys and indexes → first and last line, counted from 1. A mapping value's lines start
            at its key. Paths below an alias are absent.
        first, last: the lines of the whole document.
    """

    value: object
    lines: Mapping[KeyPath, tuple[int, int]]
    first: int
    last: int

    def lines_of(self, path: KeyPath) -> tuple[int, int]:
        """The lines of a value, or of the nearest value around it that has lines."""
        for length in range(len(path), 0, -1):
            if (found := self.lines.get(path[:length])) is not None:
                return found
        return self.first, self.last


@dataclass(slots=True)
class YamlStream:
    """All documents that could be read, and what was wrong with the rest."""

    documents: list[YamlDocument] = field(default_factory=list)
    faults: list[YamlFault] = field(default_factory=list)


def read_yaml(text: str) -> YamlStream:
    r"""Read every document; a broken one is reported and costs none of the others.

    >>> stream = read_yaml("a: 1\n---\nb: [x\n---\nc: {d: e}")
    >>> [d.value for d in stream.documents], [f.line for f in stream.faults]
    ([{'a': 1}, {'c': {'d': 'e'}}], [3])
    >>> stream.documents[1].lines_of(("c", "d"))
    (5, 5)
    """
    stream = YamlStream()
    for offset, chunk in _chunks(_OTHER_BREAKS.sub(" ", text)):
        builder = _Builder(offset, stream.faults)
        try:
            stream.documents += builder.build(chunk)
        except _Refused as refused:
            stream.faults.append(refused.fault)
        except (yaml.YAMLError, ValueError) as error:
            stream.faults.append(_syntax_fault(error, chunk, offset))
    return stream


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """(number of lines before it, text) of each document: a `---` in the first column always starts one."""
    starts = [
        0,
        *(match.start() for match in _MARKER.finditer(text) if match.start() > 0),
        len(text),
    ]
    line = 0
    for start, end in itertools.pairwise(starts):
        chunk = text[start:end]
        if not _ONLY_DIRECTIVES.fullmatch(chunk):
            yield line, chunk
        line += chunk.count("\n")


def _syntax_fault(error: Exception, chunk: str, offset: int) -> YamlFault:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        line = mark.line
    else:
        position = getattr(error, "position", 0) or 0
        line = chunk.encode("utf-8", errors="replace")[:position].count(b"\n")
    # An error at the very end is reported one past the last line.
    line = min(line, chunk.rstrip("\n").count("\n"))
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    if (
        "nesting depth" in problem
    ):  # libyaml stops at a bound of its own before a long run of brackets is read
        return YamlFault("too-deep", _TOO_DEEP, line + 1 + offset)
    return YamlFault(
        "invalid-yaml",
        f"not valid YAML: {problem}; this document was left out, mend it",
        line + 1 + offset,
    )


class _Refused(Exception):
    def __init__(self, code: str, message: str, line: int) -> None:
        super().__init__(message)
        self.fault = YamlFault(code, message, line)


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been seen."""

    value: Any
    first: int
    path: KeyPath
    anchor: str | None
    flow: bool
    size: int = 1
    last: int = 1
    key: str | None = None
    key_line: int = 0
    merging: bool = False
    merges: list[object] = field(default_factory=list)


class _Builder:
    """Turns the events of one chunk into documents."""

    def __init__(self, offset: int, faults: list[YamlFault]) -> None:
        self._offset = offset
        self._faults = faults
        self._rows: list[str] = []
        self._reset()

    def _reset(self) -> None:
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[object, int]] = {}
        self._lines: dict[KeyPath, tuple[int, int]] = {}
        self._root: object = None
        self._aliased = False

    def build(self, chunk: str) -> list[YamlDocument]:
        parser = _Parser(chunk)
        self._rows = chunk.split("\n")
        documents: list[YamlDocument] = []
        first = last = 1
        try:
            while (event := parser.get_event()) is not None:
                # What is missing at the very end is reported one past the last line.
                line = min(event.start_mark.line + 1, len(self._rows)) + self._offset
                if isinstance(event, yaml.DocumentStartEvent):
                    self._reset()
                    first = last = line
                elif isinstance(event, yaml.DocumentEndEvent):
                    documents.append(YamlDocument(self._root, self._lines, first, last))
                elif isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
                    last = max(last, self._take(event, line))
        finally:
            parser.dispose()
        return documents

    def _take(self, event: Any, line: int) -> int:
        """Add one node event; returns the last line it reaches."""
        if isinstance(event, yaml.ScalarEvent):
            end = self._last_line(event) + self._offset
            self._scalar(event, line, end)
            return end
        if isinstance(event, yaml.AliasEvent):
            self._alias(event, line)
            return line
        if isinstance(event, yaml.CollectionStartEvent):
            self._open(event, line)
            return line
        return self._close(event)

    def _scalar(self, event: Any, line: int, end: int) -> None:
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._key(top, event.value, line)
            top.merging = event.value == "<<" and bool(event.implicit[0])
            return
        text = event.value.replace("\x00", "")
        value = plain_value(text, event.tag) if event.implicit[0] or event.tag else text
        # Long texts weigh more: a text may be aliased as well.
        size = 1 + len(text) // _CHARS_PER_VALUE
        if event.anchor:
            self._anchors[event.anchor] = (value, size)
        self._add(value, line, end, size)

    def _key(self, top: _Open, key: str, line: int) -> None:
        if key in top.value:
            message = (
                f"the key {key!r} stands twice in one mapping; the later one counts, remove one"
            )
            self._faults.append(YamlFault("duplicate-key", message, line, fatal=False))
        top.key, top.key_line = key, line

    def _alias(self, event: Any, line: int) -> None:
        if event.anchor not in self._anchors:
            message = f"*{event.anchor} names no finished anchor before it (a value cannot hold itself); mend it"
            raise _Refused("invalid-yaml", message, line)
        value, size = self._anchors[event.anchor]
        self._aliased = True
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            if isinstance(value, dict | list):
                raise _Refused(
                    "invalid-yaml",
                    "a mapping key must be text, not a list or a mapping; mend it",
                    line,
                )
            self._key(top, str(value), line)
            return
        self._add(value, line, line, size)

    def _open(self, event: Any, line: int) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise _Refused(
                "too-deep",
                _TOO_DEEP,
                line,
            )
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            raise _Refused(
                "invalid-yaml", "a mapping key must be text, not a list or a mapping; mend it", line
            )
        value: object = {} if isinstance(event, yaml.MappingStartEvent) else []
        first = top.key_line if top is not None and isinstance(top.value, dict) else line
        self._stack.append(
            _Open(value, first, self._next_path(), event.anchor, bool(event.flow_style), last=line)
        )

    def _close(self, event: Any) -> int:
        done = self._stack.pop()
        if done.flow:
            done.last = max(done.last, event.end_mark.line + 1 + self._offset)
        if done.merges:
            _merge(done.value, done.merges)
        if done.anchor:
            self._anchors[done.anchor] = (done.value, done.size)
        self._add(done.value, done.first, done.last, done.size)
        return done.last

    def _last_line(self, event: Any) -> int:
        start, end = event.start_mark, event.end_mark
        if event.style not in {"|", ">"} or end.column > 0:
            return min(int(end.line) + 1, len(self._rows))
        # A block scalar ends where the next token starts: blank lines in between are not part of it.
        last = min(int(end.line), len(self._rows))
        while last > start.line + 1 and not self._rows[last - 1].strip():
            last -= 1
        return last

    def _next_path(self) -> KeyPath:
        if not self._stack:
            return ()
        top = self._stack[-1]
        return (*top.path, len(top.value) if isinstance(top.value, list) else str(top.key))

    def _add(self, value: object, first: int, last: int, size: int) -> None:
        if not self._stack:
            self._root = value
            return
        top = self._stack[-1]
        top.size += size
        if top.size > MAX_EXPANDED and self._aliased:
            message = f"more than {MAX_EXPANDED:,} values once its aliases are expanded; this document was left out, write it without aliases of aliases"
            raise _Refused("alias-bomb", message, top.first)
        path = self._next_path()
        if isinstance(top.value, list):
            top.value.append(value)
        else:
            first = top.key_line
            if top.merging and _mergeable(value):
                top.merges += value if isinstance(value, list) else [value]
            else:
                top.value[top.key] = value
            top.key, top.merging = None, False
        top.last = max(top.last, last)
        self._lines[path] = (first, max(first, last))


def _mergeable(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, dict) for item in value)
    return isinstance(value, dict)


def _merge(into: dict[str, object], others: list[object]) -> None:
    """YAML 1.1 merge keys: own keys win, then earlier mappings over later ones."""
    for other in others:
        if isinstance(other, dict):
            for key, value in other.items():
                into.setdefault(key, value)
