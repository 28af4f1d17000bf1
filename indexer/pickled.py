"""Values of the house as bytes and back. Reading makes plain values and our own value classes, and nothing else."""

from __future__ import annotations

import datetime as dt
import io
import pathlib
import pickle
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from operator import attrgetter
from typing import Any

from indexer.files import InputFile

_OURS = ("indexer.", "catalog_store.")
"""Packages whose value classes may be made."""

_PLAIN: Mapping[tuple[str, str], Any] = {
    ("datetime", "datetime"): dt.datetime,
    ("datetime", "date"): dt.date,
    ("datetime", "timezone"): dt.timezone,
    ("datetime", "timedelta"): dt.timedelta,
    ("pathlib", "PosixPath"): pathlib.PosixPath,
    ("pathlib", "WindowsPath"): pathlib.WindowsPath,
    ("collections", "Counter"): Counter,
}

_THIS_FILE = "file"
"""How values refer to the file they were read from; they may refer to no other."""


def dumps(value: object, file: InputFile | None = None) -> bytes:
    """A value as bytes.

    Args:
        value: of plain values and our value classes.
        file: the file it was read from, which is not written.

    Raises:
        pickle.PicklingError: it refers to another file.
    """
    buffer = io.BytesIO()
    _Writer(buffer, file).dump(value)
    return buffer.getvalue()


def loads(data: bytes, file: InputFile | None = None) -> Any:
    """What `dumps` wrote, with this file in the place of the one it was read from.

    Raises:
        pickle.UnpicklingError: the bytes hold something else than values; damaged bytes may raise others.
    """
    return _Reader(io.BytesIO(data), file).load()


class _Writer(pickle.Pickler):
    def __init__(self, buffer: io.BytesIO, file: InputFile | None) -> None:
        super().__init__(buffer, protocol=pickle.HIGHEST_PROTOCOL)
        self._file = file

    def persistent_id(self, value: object) -> str | None:
        if not isinstance(value, InputFile):
            return None
        if self._file is None or value.location != self._file.location:
            raise pickle.PicklingError(f"the value refers to {value.path}, another file")
        return _THIS_FILE

    def reducer_override(self, value: Any) -> Any:
        """Value classes by their arguments: frozen ones are otherwise filled field by field, which takes longer."""
        kind: Any = type(value)
        arguments = _arguments(kind)
        return NotImplemented if arguments is None else (kind, arguments(value))


@cache
def _arguments(kind: Any) -> Callable[[Any], tuple[Any, ...]] | None:
    """Takes the arguments out of an instance of a value class; None for other classes."""
    if not kind.__module__.startswith(_OURS) or not is_dataclass(kind):
        return None
    names = [one.name for one in fields(kind)]
    if len(names) == 1:
        (name,) = names
        return lambda value: (getattr(value, name),)
    return attrgetter(*names)


class _Reader(pickle.Unpickler):
    def __init__(self, buffer: io.BytesIO, file: InputFile | None) -> None:
        super().__init__(buffer)
        self._file = file

    def persistent_load(self, identity: object) -> InputFile:
        if identity != _THIS_FILE or self._file is None:
            raise pickle.UnpicklingError(f"unknown reference {identity!r}")
        return self._file

    def find_class(self, module: str, name: str) -> Any:
        return value_class(module, name)


@cache
def value_class(module: str, name: str) -> Any:
    """The value class of this name.

    Raises:
        pickle.UnpicklingError: it is no value class of the house.
    """
    if (module, name) in _PLAIN:
        return _PLAIN[module, name]
    if module.startswith(_OURS):
        found = getattr(import_module(module), name, None)
        if isinstance(found, type) and (is_dataclass(found) or issubclass(found, Enum)):
            return found
    raise pickle.UnpicklingError(f"{module}.{name} is no value class")
