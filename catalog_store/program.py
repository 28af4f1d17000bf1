"""Which program made something: what was kept of an earlier build is only used by the program that wrote it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def source_digest(*names: str) -> bytes:
    """A digest of the source of some modules, and of everything in those that are packages, 32 bytes.

    >>> source_digest("catalog_store.rows") == source_digest("catalog_store.model")
    False
    """
    digest = hashlib.sha256()
    for name in names:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(name)
        origin = Path(spec.origin)
        paths = sorted(origin.parent.rglob("*.py")) if spec.submodule_search_locations else [origin]
        for path in paths:
            digest.update(path.read_bytes())
    return digest.digest()
