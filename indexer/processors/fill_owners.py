"""Owners for entities that name none, from the ownership files of the repository they are described in.

A declared owner is never overwritten, also when it is wrong: whoever wrote it shall see it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from catalog_store.model.entity import Edge
from catalog_store.model.fields import FieldTable
from indexer.catalog import Catalog
from indexer.people import People
from indexer.raw import OwnerAlias, OwnerRule, RawEntity
from indexer.reporting import Report


def fill_owners(catalog: Catalog, report: Report) -> None:
    """Add an owner and its edge where a rule names one that the catalog knows."""
    if not catalog.owner_rules:
        return
    row = next(row for row in FieldTable() if row.name == "owner" and row.relation == "ownedBy")
    people = People(catalog)
    reported: set[tuple[str, int]] = set()
    for raw in catalog.raws:
        entity = catalog.entities[str(raw.ref)]
        if raw.kind not in row.kinds or raw.section("spec").get("owner") not in (None, ""):
            continue
        rule = rule_for(raw.file.location, catalog.owner_rules)
        if rule is None or not rule.names or "owner" in entity.values:
            continue
        owner = _owner(rule, people)
        if owner is None:
            _report(rule, raw, reported, report)
            continue
        catalog.entities[str(raw.ref)] = replace(
            entity,
            values={**entity.values, "owner": owner},
            spans={**entity.spans, "owner": rule.span},
        )
        catalog.edges.append(Edge(str(raw.ref), "ownedBy", owner, rule.span))


def with_members(rules: Sequence[OwnerRule], aliases: Sequence[OwnerAlias]) -> list[OwnerRule]:
    """Rules for folders with the members of an alias behind it: a catalog may know the people but not the alias."""
    people = {alias.name: alias.members for alias in aliases}
    found = []
    for rule in rules:
        if rule.pattern is None:
            members = [one for name in rule.names for one in people.get(name, ())]
            found.append(replace(rule, names=tuple(dict.fromkeys([*rule.names, *members]))))
        else:
            found.append(rule)
    return found


def rule_for(location: Path, rules: Sequence[OwnerRule]) -> OwnerRule | None:
    """The rule for a file: of the nearest folder with one that fits; there the last one that fits.

    CODEOWNERS says more than OWNERS, so in one folder its patterns are asked first.
    """
    best: OwnerRule | None = None
    for rule in rules:
        if not location.is_relative_to(rule.folder):
            continue
        if rule.pattern is not None:
            path = location.relative_to(rule.folder).as_posix()
            if not matcher(rule.pattern).fullmatch(path):
                continue
        if best is None or _rank(rule) >= _rank(best):
            best = rule
    return best


def _rank(rule: OwnerRule) -> tuple[int, bool]:
    return len(rule.folder.parts), rule.pattern is not None


@lru_cache(maxsize=4096)
def matcher(pattern: str) -> re.Pattern[str]:
    """A CODEOWNERS pattern as a regular expression over paths relative to the repository.

    >>> [bool(matcher("/apps/").fullmatch(p)) for p in ("apps/cart/a.yaml", "x/apps/a.yaml")]
    [True, False]
    >>> [bool(matcher("*.yaml").fullmatch(p)) for p in ("a.yaml", "x/a.yaml", "a.md")]
    [True, True, False]
    """
    anchored = "/" in pattern.rstrip("/")
    body = pattern.strip("/")
    parts: list[str] = []
    for piece in re.findall(r"\*\*/|/\*\*|\*+|\?|\\.|[^*?\\/]+|/|\\", body):
        if piece == "**/":
            parts.append("(?:.*/)?")
        elif piece == "/**":
            parts.append("/.*")
        elif piece.startswith("*"):
            parts.append(".*" if len(piece) > 1 else "[^/]*")
        elif piece == "?":
            parts.append("[^/]")
        else:
            parts.append(re.escape(piece[1:] if len(piece) == 2 and piece[0] == "\\" else piece))
    # `docs/*` are the files of one folder; any other name also stands for everything below it.
    tail = "" if body.endswith("/*") else "/.*" if pattern.endswith("/") else "(?:/.*)?"
    return re.compile(("" if anchored else "(?:.*/)?") + "".join(parts) + tail)


def _owner(rule: OwnerRule, people: People) -> str | None:
    """The first owner the catalog knows, a group rather than a person."""
    known = [found for name in rule.names if (found := people.owner(name)) is not None]
    return next((ref for ref in known if ref.startswith("group:")), next(iter(known), None))


def _report(
    rule: OwnerRule, raw: RawEntity, reported: set[tuple[str, int]], report: Report
) -> None:
    key = (rule.span.path, rule.span.first)
    if key in reported:
        return
    reported.add(key)
    names = ", ".join(rule.names)
    message = f"{names} would own {raw.ref}, which names no owner, but the catalog knows none of them; add the group or annotate it with github.com/team-slug"
    report.warning("unknown-owner", message, rule.span)
