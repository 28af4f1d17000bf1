"""Entities of the catalog, the references between them, and the other facts that hang on them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

from catalog_store.errors import InvalidRef
from catalog_store.model.document import SourceSpan

Value: TypeAlias = str | int | float | bool | datetime | tuple[str, ...] | None
"""What a field may hold. Timestamps are timezone-aware UTC; lists are tuples of text."""

_REF = re.compile(
    r"(?:(?P<kind>[^:/\s]+):)?(?:(?P<namespace>[^:/\s]+)/)?(?P<name>[^:/\s]+)", re.ASCII
)

DEFAULT_NAMESPACE = "default"


@dataclass(frozen=True, slots=True, order=True)
class EntityRef:
    """A Backstage entity reference, always lower-case.

    >>> str(EntityRef.parse("Component:Checkout"))
    'component:default/checkout'
    >>> str(EntityRef.parse("payments", default_kind="Group", default_namespace="eu"))
    'group:eu/payments'
    """

    kind: str
    namespace: str
    name: str

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        default_kind: str | None = None,
        default_namespace: str = DEFAULT_NAMESPACE,
    ) -> EntityRef:
        """Read `[kind:][namespace/]name`, case-insensitively.

        Args:
            text: the reference as written.
            default_kind: used when the text names no kind; None makes the kind compulsory.
            default_namespace: used when the text names no namespace.

        Raises:
            InvalidRef: the text has another shape, or no kind and no default for it.
        """
        return _parsed(text, default_kind, default_namespace)

    def __str__(self) -> str:
        return f"{self.kind}:{self.namespace}/{self.name}"


@lru_cache(maxsize=100_000)
def _parsed(text: str, default_kind: str | None, default_namespace: str) -> EntityRef:
    """The same few references are written again and again."""
    match = _REF.fullmatch(text.strip())
    if match is None:
        raise InvalidRef(text)
    kind = match["kind"] or default_kind
    if not kind:
        raise InvalidRef(text)
    return EntityRef(
        kind.lower(), (match["namespace"] or default_namespace).lower(), match["name"].lower()
    )


@dataclass(frozen=True, slots=True)
class Entity:
    """One catalog entity: its typed values by field name, and where each was written.

    Attributes:
        ref: the canonical reference.
        kind: the kind as a person writes it ("Component"); unknown kinds are kept as they are.
        values: field name → value; an absent name means the entity holds no value.
        span: the lines of the whole entity.
        spans: field name → the lines its value was read from; absent names fall back to `span`.
        raw: the document as it was written, placeholders resolved, JSON-compatible.
    """

    ref: EntityRef
    kind: str
    values: Mapping[str, Value]
    span: SourceSpan
    spans: Mapping[str, SourceSpan] = field(default_factory=dict)
    raw: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """A fact that is not a catalog entity: a deployment, an incident, an alert, a finding, an SLO, a shift.

    Attributes:
        kind: the record kind's name in `kinds.py`, for example "Deployment".
        id: unique within the kind; the typed ref is `<kind in lower case>:<id>`.
        values: field name → value, as for entities.
        span: where it was read from.
    """

    kind: str
    id: str
    values: Mapping[str, Value]
    span: SourceSpan

    @property
    def ref(self) -> str:
        """The typed reference, for example `deployment:42`.

        >>> Record("Deployment", "42", {}, SourceSpan("feed.ndjson", 1, 1)).ref
        'deployment:42'
        """
        return f"{self.kind.lower()}:{self.id}"


@dataclass(frozen=True, slots=True)
class Edge:
    """One directed relation between two things, stored once in its canonical direction.

    Attributes:
        source: typed ref of the start.
        relation: canonical relation name of `relations.py` ("ownedBy", never "ownerOf").
        target: typed ref of the end; it may name something the catalog does not hold (dangling).
        span: where it was declared; None when it was derived from other edges.
    """

    source: str
    relation: str
    target: str
    span: SourceSpan | None = None
