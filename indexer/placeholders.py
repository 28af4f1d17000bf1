"""`$text`, `$json` and `$yaml`: values written in a file of their own, read from inside the roots only."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.files import MIB, InputFile
from indexer.json_text import JsonFault, parse_json
from indexer.reporting import SECRET_MASKED, secret_message
from indexer.secrets import Secret, mask
from indexer.text import NotText, decode
from indexer.yaml_lines import KeyPath, YamlDocument, read_yaml

if TYPE_CHECKING:
    from indexer.sources.base import Harvest

KEYS = frozenset({"$text", "$json", "$yaml", "$openapi", "$asyncapi"})
MAX_BYTES = 2 * MIB
"""The largest public OpenAPI documents are around 10 MiB; what people ask of them is in the first pages."""

_REMOTE = re.compile(r"(?!file:)[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class _Left(Exception):
    pass


def resolve_placeholders(
    raw: dict[str, Any], document: YamlDocument, file: InputFile, harvest: Harvest
) -> dict[str, Any]:
    """A copy of an entity with every placeholder replaced by what it names.

    What cannot be replaced is left out: a file outside of the roots is never opened, and web addresses are not
    fetched.
    """
    copied = _copy(raw, (), _Resolver(document, file, harvest))
    return copied if isinstance(copied, dict) else {}


class _Resolver:
    def __init__(self, document: YamlDocument, file: InputFile, harvest: Harvest) -> None:
        self._document = document
        self._file = file
        self._harvest = harvest

    def value(self, key: str, target: object, path: KeyPath) -> Any:
        """What a placeholder stands for.

        Raises:
            _Left: nothing; the reason is in the report.
        """
        if not isinstance(target, str):
            raise self._error(
                path, "wrong-type", f"{key} is {target!r}, expected the path of a file"
            )
        if _REMOTE.match(target):
            self._harvest.report.skip("placeholder on the web")
            raise _Left
        text = self._read(key, target, path)
        if key == "$json":
            return self._json(target, text, path)
        if key == "$yaml":
            return self._yaml(target, text, path)
        return text

    def _read(self, key: str, target: str, path: KeyPath) -> str:
        plain = target[len("file://") :] if target.lower().startswith("file://") else target
        try:
            location = Path(os.path.realpath(self._file.location.parent / plain))
        except ValueError as error:
            raise self._error(
                path, "missing-target", f"{key} names {target!r}, which is no path"
            ) from error
        if self._harvest.walk.root_of(location) is None:
            raise self._error(
                path,
                "leaves-root",
                f"{key} names {target!r}, outside the indexed folders; it was not read",
            )
        self._harvest.volatile = True  # the file it names may change on its own
        try:
            if not location.is_file():
                raise self._error(
                    path, "missing-target", f"{key} names {target!r}, which does not exist"
                )
            if location.stat().st_size > MAX_BYTES:
                raise self._error(
                    path,
                    "file-too-large",
                    f"{key} names {target!r}, larger than {MAX_BYTES // MIB} MiB",
                )
            safe, found = mask(location.read_bytes())
            self._report(found, key, target, path)
            return decode(safe).replace("\x00", "")
        except OSError as error:
            raise self._error(
                path,
                "unreadable-file",
                f"{key} names {target!r}, which cannot be read: {error.strerror}",
            ) from error
        except NotText as error:
            raise self._error(
                path, "not-utf8", f"{key} names {target!r}: {error.reason}"
            ) from error

    def _report(self, found: Sequence[Secret], key: str, target: str, path: KeyPath) -> None:
        span = self._file.span(*self._document.lines_of(path))
        for secret in found:
            self._harvest.report.warning(
                SECRET_MASKED,
                secret_message(secret.kind, f"{key} {target!r}, line {secret.line},"),
                span,
            )

    def _json(self, target: str, text: str, path: KeyPath) -> Any:
        try:
            return parse_json(text)
        except JsonFault as error:
            raise self._error(path, error.code, f"$json names {target!r}: {error}") from error

    def _yaml(self, target: str, text: str, path: KeyPath) -> Any:
        stream = read_yaml(text)
        if not stream.documents:
            reason = stream.faults[0].message if stream.faults else "it is empty"
            raise self._error(path, "invalid-yaml", f"$yaml names {target!r}: {reason}")
        return stream.documents[0].value

    def _error(self, path: KeyPath, code: str, message: str) -> _Left:
        span = self._file.span(*self._document.lines_of(path))
        self._harvest.report.error(
            code, f"{'.'.join(map(str, path))}: {message}; the value was left out", span
        )
        return _Left()


def _copy(value: Any, path: KeyPath, resolver: _Resolver) -> Any:
    # Depth is bounded by the YAML reader.
    if isinstance(value, dict):
        if len(value) == 1 and (key := next(iter(value))) in KEYS:
            return resolver.value(key, value[key], path)
        return _copied_items(value, path, resolver)
    if isinstance(value, list):
        found = []
        for number, item in enumerate(value):
            try:
                found.append(_copy(item, (*path, number), resolver))
            except _Left:
                continue
        return found
    return value


def _copied_items(value: dict[str, Any], path: KeyPath, resolver: _Resolver) -> dict[str, Any]:
    found = {}
    for key, item in value.items():
        try:
            found[key] = _copy(item, (*path, key), resolver)
        except _Left:
            continue
    return found
