"""One sampled question before it is worded, and the table of families that sample them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eval.generate.facts import Facts


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with its answer, not worded yet.

    Attributes:
        slots: what stands in the holes of a wording.
        expect: what must come back.
        links: references the slots name, for the measure of value links.
        asker: who asks.
        then: questions that follow up on it: their text and what must come back.
    """

    slots: Mapping[str, str]
    expect: Mapping[str, Any]
    links: tuple[str, ...] = ()
    asker: str | None = None
    then: tuple[tuple[str, Mapping[str, Any]], ...] = ()


Sampler = Callable[[Facts, random.Random], Iterable[Draft]]


@dataclass(frozen=True, slots=True)
class Family:
    """Questions of one shape.

    Attributes:
        name: becomes part of the case's id.
        type: what results are reported by.
        wordings: ways of asking, with `{slots}`.
        sample: gives every draft the organisation allows, or as many as one would want.
        share: how many cases it gets, relative to others.
    """

    name: str
    type: str
    wordings: tuple[str, ...]
    sample: Sampler
    share: int = 1


FAMILIES: list[Family] = []
"""In the order of the modules that declare them."""


def family(name: str, type_: str, *wordings: str, share: int = 1) -> Callable[[Sampler], Sampler]:
    """Declare a family: the function below gives its drafts."""

    def declare(sample: Sampler) -> Sampler:
        if any(known.name == name for known in FAMILIES):
            raise ValueError(f"two families are called {name!r}")
        FAMILIES.append(Family(name, type_, wordings, sample, share))
        return sample

    return declare


def some(rng: random.Random, items: Sequence[Any], most: int) -> list[Any]:
    """At most so many of the items, drawn without repeats."""
    return rng.sample(list(items), min(most, len(items)))


def results(refs: Iterable[str]) -> dict[str, Any]:
    """Exactly these."""
    return {"results": sorted(set(refs))}


def named(
    facts: Facts, rng: random.Random, entities: Iterable[Any], most: int = 60
) -> Iterator[tuple[Any, str]]:
    """Some entities, each with one of the names that mean nothing else."""
    pool = [(e, forms) for e in entities if (forms := facts.forms(e))]
    for entity, forms in some(rng, pool, most):
        yield entity, rng.choice(forms)


@dataclass(frozen=True, slots=True)
class Said:
    """A worded question of the suite to be."""

    id: str
    type: str
    question: str
    expect: Mapping[str, Any]
    asker: str | None = None
    after: str | None = None
    links: tuple[str, ...] = field(default=())
