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
from typing import Any, TypeAlias

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


def _this_file() -> InputFile:
    """Stands in what is written for the file a value was read from; values may refer to no other."""
    raise AssertionError("a reader takes the file in its place")


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
        # the pickler looks here by itself; asking `reducer_override` or `persistent_id` instead costs a call for every value
        self.dispatch_table = _Reducers(file)


_Reducer: TypeAlias = Callable[[Any], tuple[Any, ...]]


class _Reducers(dict[Any, _Reducer]):
    """Class → how its instances are written: value classes by their arguments, files as `_this_file`."""

    def __init__(self, file: InputFile | None) -> None:
        super().__init__()
        self._file = file

    def __missing__(self, kind: Any) -> _Reducer:
        if issubclass(kind, InputFile):
            return self._reduce_file
        found = _by_arguments(kind)
        if found is None:
            raise KeyError(kind)
        self[kind] = found
        return found

    def _reduce_file(self, value: InputFile) -> tuple[Any, ...]:
        if self._file is None or value.location != self._file.location:
            raise pickle.PicklingError(f"the value refers to {value.path}, another file")
        return _this_file, ()


@cache
def _by_arguments(kind: Any) -> _Reducer | None:
    """Value classes by their arguments: frozen ones are otherwise filled field by field, which takes longer."""
    if not kind.__module__.startswith(_OURS) or not is_dataclass(kind):
        return None
    names = [one.name for one in fields(kind)]
    if len(names) == 1:
        (name,) = names
        return lambda value: (kind, (getattr(value, name),))
    arguments = attrgetter(*names)
    return lambda value: (kind, arguments(value))


class _Reader(pickle.Unpickler):
    def __init__(self, buffer: io.BytesIO, file: InputFile | None) -> None:
        super().__init__(buffer)
        self._file = file

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (__name__, _this_file.__name__):
            if self._file is None:
                raise pickle.UnpicklingError("the value refers to a file, and there is none")
            file = self._file
            return lambda: file  # no way back to the reader, which remembers it
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
