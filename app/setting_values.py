"""How what was written for a setting becomes its value; each raises ValueError for what it cannot read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from catalog_store.stores import is_url

TRACES = ("off", "otlp")

LOG_LEVELS = ("debug", "info", "warning", "error")


def text(value: object) -> str:
    """Text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def store(value: object) -> Path | str:
    """A folder, or the address of a store."""
    if isinstance(value, Path):
        return value
    given = text(value)
    return given if is_url(given) else Path(given).expanduser()


def path(value: object) -> Path:
    """A path, `~` expanded."""
    return value if isinstance(value, Path) else Path(text(value)).expanduser()


def address(value: object) -> str:
    """A web address, without the slash at its end."""
    given = text(value).rstrip("/")
    if not given.startswith(("https://", "http://")):
        raise ValueError
    return given


def token(prefix: str) -> Callable[[object], str]:
    """Text that begins with a prefix."""

    def read(value: object) -> str:
        given = text(value)
        if not given.startswith(prefix):
            raise ValueError
        return given

    return read


def whole(low: int, high: int) -> Callable[[object], int]:
    """A whole number within bounds."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError
        number = int(value)
        if not low <= number <= high:
            raise ValueError
        return number

    return read


def switch(value: object) -> bool:
    """Yes or no, in the words of YAML and of shells."""
    if isinstance(value, bool):
        return value
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    word = str(value).strip().lower()
    if word not in words:
        raise ValueError
    return words[word]


def origins(value: object) -> tuple[str, ...]:
    """Web origins, as a list or as text with commas: "https://portal.example.com, http://localhost:3000"."""
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    origins = tuple(str(part).strip().rstrip("/") for part in parts if str(part).strip())
    for origin in origins:
        if origin != "*" and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?", origin):
            raise ValueError
    return origins


def log_level(value: object) -> str:
    """One of `LOG_LEVELS`."""
    word = text(value).lower()
    if word not in LOG_LEVELS:
        raise ValueError
    return word


def traces(value: object) -> str:
    """One of `TRACES`."""
    word = "off" if value is False else text(value).lower()  # YAML reads a bare `off` as no
    if word not in TRACES:
        raise ValueError
    return word
