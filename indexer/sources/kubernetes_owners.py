"""OWNERS and OWNERS_ALIASES of Kubernetes projects: the approvers of a folder own what names no owner itself.

Read: the approvers of a folder, and of the filter `.*`; aliases stand for their members.

Joined: as CODEOWNERS, by the nearest folder above the catalog file; CODEOWNERS in the same folder is asked
first.

Ignored: reviewers, labels, filters for single files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from indexer import loose
from indexer.files import InputFile
from indexer.raw import OwnerAlias, OwnerRule
from indexer.sources.base import FeedReader, Harvest
from indexer.yaml_files import YamlPart, read_mappings

_KEYS = re.compile(r"^(?:approvers|reviewers|filters|aliases)\s*:", re.MULTILINE)


class KubernetesOwners(FeedReader):
    """Reads approvers; reviewers own nothing."""

    name: ClassVar[str] = "kubernetes-owners"
    suffixes: ClassVar[frozenset[str]] = frozenset()

    def claims(self, file: InputFile) -> bool:
        """A file of this name with one of the format's keys."""
        named = file.location.name in {"OWNERS", "OWNERS_ALIASES"}
        return named and bool(_KEYS.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one rule for the whole folder, the members of an alias behind it."""
        for part in read_mappings(file, harvest.report):
            names = tuple(dict.fromkeys(_approvers(part)))
            if file.location.name == "OWNERS" and names:
                key = "approvers" if "approvers" in part.value else "filters"
                rule = OwnerRule(file.location.parent, None, names, part.span(key))
                harvest.owner_rules.append(rule)
            for alias, members in loose.mapping(part.value.get("aliases")).items():
                harvest.owner_aliases.append(OwnerAlias(alias, tuple(_texts(members))))


SOURCE = KubernetesOwners


def _approvers(part: YamlPart) -> Iterator[str]:
    yield from _texts(part.value.get("approvers"))
    filters = loose.mapping(part.value.get("filters"))
    for pattern in (".*", "*"):
        yield from _texts(loose.at(filters, pattern, "approvers"))


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else []
    return [found for item in items if (found := loose.text(item)) is not None]
