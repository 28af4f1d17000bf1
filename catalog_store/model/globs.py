"""Patterns over the paths of files, as the settings write them."""

from __future__ import annotations

import re


def glob_covers(pattern: str, path: str) -> bool:
    """Whether a glob covers a path: `*` within a folder, `**` through folders.

    >>> glob_covers("facts/*.csv", "facts/a.csv"), glob_covers("*.csv", "facts/a.csv"), glob_covers("**/a.csv", "a.csv")
    (True, False, True)
    """
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.removeprefix("./"))
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.fullmatch("".join(wild.get(p, re.escape(p)) for p in parts), path) is not None
