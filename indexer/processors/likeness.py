"""Things that look described twice: one title, one name but for its spelling, or like names in one repository.

Only things of one kind and one type are compared: a component, its API and its team often share a name, on purpose. So do
things of several namespaces. People are left out: two of them may well be called alike.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations

from rapidfuzz.distance import Levenshtein

from catalog_store.model.entity import Entity
from indexer.catalog import SOFTWARE, Catalog
from indexer.reporting import Report

KINDS = (*SOFTWARE, "group")

_SHORT = {"svc": "service", "srv": "service", "db": "database", "app": "application"}
"""Spellings of one word in names."""

MOST_ALIKE = 50
"""A title or a repository that more things share is a placeholder or a monorepo, and says nothing."""


def mark_duplicates(catalog: Catalog, report: Report) -> None:  # noqa: ARG001 — the shape of a processor
    """Note with each thing what looks like another description of it."""
    alike: dict[str, set[str]] = defaultdict(set)
    for group in _groups(catalog.of_kinds(KINDS)):
        for one, other in group:
            alike[str(one.ref)].add(str(other.ref))
            alike[str(other.ref)].add(str(one.ref))
    for ref, others in alike.items():
        entity = catalog.entities[ref]
        values = {**entity.values, "duplicates": tuple(sorted(others))}
        catalog.entities[ref] = replace(entity, values=values)


def _groups(entities: Iterable[Entity]) -> Iterator[list[tuple[Entity, Entity]]]:
    titles: dict[tuple[object, ...], list[Entity]] = defaultdict(list)
    names: dict[tuple[object, ...], list[Entity]] = defaultdict(list)
    repositories: dict[tuple[object, ...], list[Entity]] = defaultdict(list)
    for entity in entities:
        sort = (entity.ref.kind, str(entity.values.get("type") or "").lower())
        title, repository = entity.values.get("title"), entity.values.get("repository")
        if isinstance(title, str):
            titles[*sort, entity.ref.namespace, " ".join(title.lower().split())].append(entity)
        if isinstance(repository, str):
            repositories[*sort, repository.lower()].append(entity)
        names[*sort, entity.ref.namespace, core(entity.ref.name, sort[1])].append(entity)
    for same in (*titles.values(), *names.values()):
        if len(same) <= MOST_ALIKE:
            yield list(combinations(same, 2))
    for same in repositories.values():
        if len(same) <= MOST_ALIKE:
            yield [pair for pair in combinations(same, 2) if _like_names(*pair)]


def core(name: str, type_: str) -> str:
    """What is left of a name once spelling, and a last word that only repeats the type, do not count.

    >>> core("foo_svc", "service"), core("Foo-Service", "service"), core("foo-api", "service")
    ('foo', 'foo', 'fooapi')
    """
    parts = [_SHORT.get(part, part) for part in re.split(r"[-_.]+", name.lower()) if part]
    if len(parts) > 1 and parts[-1] == type_:
        parts.pop()
    return "".join(parts)


def _like_names(one: Entity, other: Entity) -> bool:
    """Names a slip or a plural apart; a number that differs tells versions apart, on purpose."""
    a, b = (core(e.ref.name, str(e.values.get("type") or "").lower()) for e in (one, other))
    if re.sub(r"\D+", " ", a).split() != re.sub(r"\D+", " ", b).split():
        return False
    return min(len(a), len(b)) > 4 and Levenshtein.distance(a, b, score_cutoff=1) <= 1
