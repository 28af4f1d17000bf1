"""What an unquoted YAML scalar means, by the core schema of YAML 1.2."""

from __future__ import annotations

import re

from yaml.composer import Composer
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_OTHER_BASE = re.compile(r"0o[0-7]{1,20}|0x[0-9a-fA-F]{1,15}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?", re.ASCII)
_CONSTANTS: dict[str, bool | None] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MAX_NUMBER = 40
"""Longer digits are identifiers, not numbers; converting them would lose digits."""


def plain_value(text: str, tag: str | None = None) -> str | int | float | bool | None:
    """The value of an unquoted scalar; dates, infinities and very long numbers stay text.

    >>> [plain_value(t) for t in ("1", "0x1F", "1.5", "yes", "true", "~", "2026-01-01")]
    [1, 31, 1.5, 'yes', True, None, '2026-01-01']
    >>> plain_value("1", "tag:yaml.org,2002:str")
    '1'
    """
    if tag in {"tag:yaml.org,2002:str", "!"}:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if len(text) > _MAX_NUMBER or text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if number not in {float("inf"), float("-inf")} else text
    return text


class PurePythonParser(Reader, Scanner, Parser, Composer):
    """PyYAML's own event parser, with the interface of libyaml's."""

    def __init__(self, stream: str) -> None:
        Reader.__init__(self, stream)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
