"""The header of a page: YAML between `---` lines, or TOML between `+++` lines."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from indexer.yaml_lines import KeyPath, YamlFault, read_yaml

MAX_LINES = 500
"""A header that is not closed by then is a horizontal rule."""


@dataclass(frozen=True)
class FrontMatter:
    """What stands above a page.

    Attributes:
        values: keys as written; empty when there is none or it is broken.
        body_start: index of the first line of the body, counted from 0.
        faults: what was wrong with it, lines counted in the file.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    body_start: int = 0
    faults: tuple[YamlFault, ...] = ()
    _lines: Mapping[KeyPath, tuple[int, int]] = field(default_factory=dict)

    def line_of(self, key: str) -> int:
        """The line of a key, counted from 1; the first line when it is not known."""
        return self._lines.get((key,), (1, 1))[0]

    @cached_property
    def _written(self) -> Mapping[str, str]:
        """Plain key → key as written; a page is asked for some thirty of them."""
        return {plain_key(key): key for key in self.values}

    def first(self, *keys: str) -> tuple[str, Any] | None:
        """The first of several keys that holds something, and its value; keys match in any case, `-` as `_`."""
        for key in keys:
            written = self._written.get(key)
            if written is not None and self.values[written] not in (None, "", [], {}):
                return written, self.values[written]
        return None


def plain_key(key: str) -> str:
    """A key without its spelling habits.

    >>> plain_key("Last-Reviewed"), plain_key("lastReviewed on")
    ('last_reviewed', 'lastreviewed_on')
    """
    return key.strip().lower().replace("-", "_").replace(" ", "_")


def read_front_matter(lines: Sequence[str]) -> FrontMatter:
    """Read the header of a page; a broken one is reported and the body starts after it all the same.

    >>> read_front_matter(["---", "title: A", "---", "text"]).values
    {'title': 'A'}
    """
    opening = lines[0].rstrip() if lines else ""
    if opening not in {"---", "+++"}:
        return FrontMatter()
    end = next(
        (
            n
            for n, line in enumerate(lines[1:MAX_LINES], start=1)
            if line.rstrip() in {opening, "..."}
        ),
        None,
    )
    if end is None:
        return FrontMatter()
    header = lines[1:end]
    return _toml(header, end) if opening == "+++" else _yaml(header, end)


def _yaml(header: Sequence[str], end: int) -> FrontMatter:
    # The empty first line stands for the `---`, so that lines are those of the file.
    stream = read_yaml("\n".join(["", *header]))
    value = stream.documents[0].value if stream.documents else None
    if isinstance(value, dict):
        return FrontMatter(value, end + 1, tuple(stream.faults), stream.documents[0].lines)
    if stream.faults or value is None:
        return FrontMatter({}, end + 1, tuple(stream.faults))
    return FrontMatter()  # prose between two horizontal rules


def _toml(header: Sequence[str], end: int) -> FrontMatter:
    try:
        values = tomllib.loads("\n".join(header))
    except (ValueError, RecursionError) as error:
        return FrontMatter({}, end + 1, (YamlFault("invalid-toml", f"not valid TOML: {error}", 1),))
    lines: dict[KeyPath, tuple[int, int]] = {}
    for number, line in enumerate(header, start=2):
        key = line.partition("=")[0].strip()
        lines.setdefault((key,), (number, number))
    return FrontMatter(values, end + 1, (), lines)
