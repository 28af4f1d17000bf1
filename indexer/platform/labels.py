"""Tags and labels of clouds and clusters: everybody has an owner tag, and everybody spells it differently."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from indexer.collectors.deployments import environment_of
from indexer.foreign import known_text
from indexer.platform.statements import Labelled
from indexer.processors.discover_fields import is_tooling
from indexer.processors.values import WrongType, read_moment

OWNERS = (
    *("owner", "team", "owned-by", "owner-team", "team-owner", "owning-team", "team-name"),
    *("squad", "service-owner", "responsible", "owner-name", "maintainer"),
)
SERVICES = (
    *("kubernetes-id", "service", "service-name", "microservice", "component", "application"),
    *("app", "app-name", "application-name"),
)
ENVIRONMENTS = ("environment", "env", "stage", "environment-name")
APPLIED = ("last-applied", "last-applied-at", "applied-at", "last-apply")
"""Keys in plain form, surest first."""

_MACHINE = re.compile(
    r"^(?:aws:|goog-|crossplane|hidden-|ms-resource|pulumi|[\w.]*crossplane\.io/)"
)
_NOT_TAGS = frozenset({"name", "managed-by", "managedby", "terraform", "last-applied"})
_MAX_TAG = 120


def plain(key: str) -> str:
    """A key the way keys are compared.

    >>> plain("OwnerTeam"), plain("owner_team"), plain("example.io/owner-team"), plain("OWNER")
    ('owner-team', 'owner-team', 'owner-team', 'owner')
    """
    last = key.rpartition("/")[2]
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", last)
    return re.sub(r"[^a-z0-9]+", "-", spaced.lower()).strip("-")


def read_labels(pairs: Mapping[str, Any]) -> Labelled:
    """What tags or labels say.

    >>> read_labels({"Team": "payments", "env": "prd", "cost-centre": "42"})
    Labelled(owner='payments', service=None, environment='production', name=None, applied_at=None, tags=('cost-centre:42',))
    """
    found: dict[str, str] = {}
    for key, value in pairs.items():
        text = known_text(value)
        if text is not None and isinstance(key, str):
            found.setdefault(plain(key), text)
    used = {*OWNERS, *SERVICES, *ENVIRONMENTS, *APPLIED, *_NOT_TAGS}
    tags = [
        f"{key}:{text}"[:_MAX_TAG]
        for key, value in pairs.items()
        if isinstance(key, str)
        and (text := known_text(value)) is not None
        and plain(key) not in used
        and not _MACHINE.match(key.lower())
        and not is_tooling(key)
    ]
    environment = _first(found, ENVIRONMENTS)
    return Labelled(
        owner=_first(found, OWNERS),
        service=_first(found, SERVICES),
        environment=environment_of(environment) if environment else None,
        name=found.get("name"),
        applied_at=_moment(_first(found, APPLIED)),
        tags=tuple(tags),
    )


def latest(*moments: datetime | None) -> datetime | None:
    """The last of several moments; None when there is none."""
    return max((one for one in moments if one is not None), default=None)


def tags_of(value: Any) -> dict[str, Any]:
    """Tags as a mapping, also when they are written as a list of pairs.

    >>> tags_of([{"key": "team", "value": "payments"}]), tags_of(["a"]), tags_of({"team": "payments"})
    ({'team': 'payments'}, {}, {'team': 'payments'})
    """
    if isinstance(value, dict):
        return value
    pairs: dict[str, Any] = {}
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            low = {str(key).lower(): inner for key, inner in item.items()}
            if isinstance(low.get("key"), str):
                pairs[low["key"]] = low.get("value")
    return pairs


def _first(found: Mapping[str, str], keys: tuple[str, ...]) -> str | None:
    return next((found[key] for key in keys if key in found), None)


def _moment(text: str | None) -> datetime | None:
    try:
        return read_moment(text) if text else None
    except WrongType:
        return None
