"""Who may see what: rules over things of the catalog. What no rule is about, everybody sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from catalog_store.model.globs import glob_covers

OWNERS = "owners"
"""Stands, in `VisibilityRule.seen_by`, for whoever owns the thing: the owning group or person."""


@dataclass(frozen=True, slots=True)
class Described:
    """What rules look at of one thing.

    Attributes:
        ref: typed reference.
        kind: as people write it: "Component", "Incident", "Runbook".
        path: the file it was read from, relative to the indexed root; empty when unknown.
        owner: reference of its owner; None when it has none.
        annotations, labels: of entities; keys as written.
        tags: of entities and pages.
    """

    ref: str
    kind: str
    path: str = ""
    owner: str | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VisibilityRule:
    """Things that only some people see. All conditions that are given must hold; values are compared in any case.

    Attributes:
        kinds: it is of one of these; empty for any.
        path: a glob over the file it was read from; None for any.
        annotations, labels: key → the values of which it holds one; no values mean any value.
        tags: it carries one of these; empty for any.
        seen_by: canonical references of groups and users, `role:<name>`, and `OWNERS`; empty for nobody.
    """

    kinds: tuple[str, ...] = ()
    path: str | None = None
    annotations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    seen_by: tuple[str, ...] = ()

    def about(self, thing: Described) -> bool:
        """Whether a thing is one of those the rule restricts.

        >>> rule = VisibilityRule(kinds=("Component",), path="secret/**")
        >>> rule.about(Described("component:default/a", "Component", "secret/a.yaml"))
        True
        >>> rule.about(Described("api:default/a", "API", "secret/a.yaml"))
        False
        """
        return (
            (not self.kinds or thing.kind.lower() in {kind.lower() for kind in self.kinds})
            and (self.path is None or glob_covers(self.path, thing.path))
            and _holds(thing.annotations, self.annotations)
            and _holds(thing.labels, self.labels)
            and (
                not self.tags
                or not {tag.lower() for tag in self.tags}.isdisjoint(map(str.lower, thing.tags))
            )
        )

    def admits(self, thing: Described) -> frozenset[str]:
        """Who sees a thing the rule is about: references and roles."""
        owner = {thing.owner} if OWNERS in self.seen_by and thing.owner else set()
        return frozenset({*self.seen_by, *owner} - {OWNERS})


def _holds(held: Mapping[str, str], wanted: Mapping[str, tuple[str, ...]]) -> bool:
    return all(
        key in held and (not values or _among(held[key], values)) for key, values in wanted.items()
    )


def _among(value: str, values: Iterable[str]) -> bool:
    return value.strip().lower() in {one.strip().lower() for one in values}
