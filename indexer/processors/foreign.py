"""Entities of other catalogs beside Backstage's: new ones join it, known ones only fill what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from indexer.raw import RawEntity
from indexer.reporting import Report

COMPASS_ID = "atlassian.com/component-id"
"""The annotation that keeps a Compass component's own id, by which others refer to it."""


def settle_foreign(
    raws: Sequence[RawEntity], foreign: Sequence[RawEntity], report: Report
) -> tuple[list[RawEntity], list[RawEntity]]:
    """Sort out which foreign descriptors are entities of their own.

    Args:
        raws: Backstage's, one per reference.
        foreign: those of other catalogs, in the order they were read.
        report: told how many were joined.

    Returns:
        All entities, and the descriptors that add to one of them, with its reference.
    """
    entities = list(raws)
    supplements: list[RawEntity] = []
    known: dict[tuple[str, str], list[RawEntity]] = {}
    for raw in raws:
        known.setdefault((raw.ref.kind, raw.ref.name), []).append(raw)
    people = _people(raws)
    ids = {
        raw.section("metadata", "annotations").get(COMPASS_ID): f"component:{raw.ref.name}"
        for raw in foreign
    }
    for raw in foreign:
        tidy = _with_known_names(raw, people, ids, report)
        same = known.get((raw.ref.kind, raw.ref.name), [])
        if len(same) == 1:
            supplements.append(replace(tidy, ref=same[0].ref))
            report.skip("descriptor of another catalog, joined with the entity of its name")
        elif not same:
            entities.append(tidy)
            known[raw.ref.kind, raw.ref.name] = [tidy]
        else:
            names = ", ".join(str(one.ref) for one in same)
            message = f"{raw.ref.name!r} may be {names}; it was left out, rename it"
            report.warning("ambiguous-name", message, raw.span)
    return entities, supplements


def _people(raws: Sequence[RawEntity]) -> dict[str, str]:
    """Ways to write a group or user, in lower case → its reference; what two share means neither."""
    found: dict[str, str] = {}
    for kind in ("user", "group"):  # a group's name beats a user's
        seen: dict[str, set[str]] = {}
        for raw in raws:
            if raw.ref.kind != kind:
                continue
            profile = raw.section("spec", "profile")
            slug = raw.section("metadata", "annotations").get("github.com/team-slug")
            names = [raw.ref.name, profile.get("displayName"), profile.get("email"), slug]
            names.append(raw.section("metadata").get("title"))
            for name in names:
                if isinstance(name, str):
                    seen.setdefault(name.strip().lower(), set()).add(str(raw.ref))
        found |= {name: next(iter(refs)) for name, refs in seen.items() if len(refs) == 1}
    return found


def _with_known_names(
    raw: RawEntity, people: Mapping[str, str], ids: Mapping[Any, str], report: Report
) -> RawEntity:
    spec = dict(raw.section("spec"))
    owner = spec.get("owner")
    if isinstance(owner, str):
        plain = owner.strip().lower()
        known = people.get(plain) or people.get(plain.replace("_", "-").replace(" ", "-"))
        spec["owner"] = known or "-".join(owner.split())
    wanted = spec.get("dependsOn")
    if isinstance(wanted, list):
        spec["dependsOn"] = [ids.get(text, text) for text in wanted]
        strangers = [text for text in spec["dependsOn"] if text.startswith("ari:")]
        spec["dependsOn"] = [text for text in spec["dependsOn"] if text not in strangers]
        if strangers:
            report.skip("dependency on a Compass component that was not indexed")
    return replace(raw, raw={**raw.raw, "spec": spec})
