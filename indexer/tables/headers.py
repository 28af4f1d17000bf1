"""Which columns of a table may name the entities its rows are about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

TELLING = (
    "entity_ref",
    "entityref",
    "catalog_ref",
    "backstage_ref",
    "entity",
    "entity_name",
    "component_ref",
    "service_ref",
    "system_ref",
    "group_ref",
    "team_ref",
)
"""Columns that say they name a catalog entity, whatever its kind; in snake case, most telling first."""

_SOFTWARE = ("component", "system", "api", "resource", "domain")

ANY_KIND = (*_SOFTWARE, "group", "user", "template")
"""Kinds a column that does not say which may hold a bare name of, likeliest first."""

NAMING: Mapping[str, tuple[str, ...]] = {
    "ref": ANY_KIND,  # of git as often as of a catalog
    "component": _SOFTWARE,
    "component_name": _SOFTWARE,
    "component_id": _SOFTWARE,
    "service": _SOFTWARE,
    "service_name": _SOFTWARE,
    "service_id": _SOFTWARE,
    "microservice": _SOFTWARE,
    "application": _SOFTWARE,
    "application_name": _SOFTWARE,
    "app": _SOFTWARE,
    "app_name": _SOFTWARE,
    "workload": _SOFTWARE,
    "website": _SOFTWARE,
    "library": _SOFTWARE,
    "api": ("api",),
    "api_name": ("api",),
    "resource": ("resource",),
    "resource_name": ("resource",),
    "database": ("resource",),
    "system": ("system",),
    "system_name": ("system",),
    "product": ("system", "domain", "component"),
    "domain": ("domain",),
    "domain_name": ("domain",),
    "team": ("group",),
    "team_name": ("group",),
    "squad": ("group",),
    "group": ("group",),
    "department": ("group",),
    "user": ("user",),
    "employee": ("user",),
    "person": ("user",),
}
"""Columns that name things of some kinds → those kinds, likeliest first; whether they do is for the catalog to say."""


def snake(name: str) -> str:
    """A column, annotation or label in snake case: its last segment.

    >>> snake("example.io/cost-centre"), snake("onCallRota"), snake("Monthly Cost (USD)"), snake("SLATarget")
    ('cost_centre', 'on_call_rota', 'monthly_cost_usd', 'sla_target')
    """
    last = name.strip().rpartition("/")[2]
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", last)
    spaced = spaced.replace("%", " pct ").replace("$", " usd ").replace("€", " eur ")
    return re.sub(r"[^a-z0-9]+", "_", spaced.replace("£", " gbp ").lower()).strip("_")


def key_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that may name the entities, likeliest first; empty when none looks like it.

    >>> key_columns(["Cost", "Service", "entityRef"])
    ('entityRef', 'Service')
    """
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(snake(column), column)
    return tuple(by_name[name] for name in (*TELLING, *NAMING) if name in by_name)


def kinds_of_key(column: str) -> tuple[str, ...]:
    """The kinds that the names in a key column may mean, likeliest first."""
    return NAMING.get(snake(column), ANY_KIND)
