"""Values of one family: GPL-2.0-only and GPL-3.0-or-later are GPL, postgresql-15 is postgresql, java 17 is java."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

_VERSIONED = re.compile(r"([a-z][a-z+#.]*[a-z+#]|[a-z]{2,})[-_ /:]?v?(\d[\w.+-]*)", re.IGNORECASE)
"""A name, and a version that begins with a digit: "GPL-2.0-only", "postgresql15", "java 17", "BSD-3-Clause"."""

MOST_MEMBERS = 12
"""Values of one family that are said; more are no family people have in mind."""

CALLED = {"postgresql": ("postgres",), "mongodb": ("mongo",), "elasticsearch": ("elastic",)}
"""What families are called besides."""


def families(values: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """First words of values with a version, and the values; none that is a value itself.

    >>> families(["GPL-2.0-only", "GPL-3.0-or-later", "MIT", "postgresql-15"])
    {'gpl': ('GPL-2.0-only', 'GPL-3.0-or-later'), 'postgresql': ('postgresql-15',), 'postgres': ('postgresql-15',)}
    >>> families(["java", "java 17", "eu-west-1", "p1"])
    {}
    """
    values = list(values)
    alone = {value.lower() for value in values}
    found: dict[str, list[str]] = defaultdict(list)
    for value in values:
        match = _VERSIONED.fullmatch(value)
        if match is not None and len(match[1]) > 1:
            head = match[1].lower()
            for name in (head, *CALLED.get(head, ())):
                found[name].append(value)
    return {
        head: tuple(sorted(members))
        for head, members in found.items()
        if head not in alone and len(members) <= MOST_MEMBERS
    }
