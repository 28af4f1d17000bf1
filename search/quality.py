"""The checks of `catalog_store/model/quality.py` as plans: which things each looks at, and what makes one a gap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog_store.model import kinds as k
from catalog_store.model.kinds import Table, table_of
from catalog_store.model.quality import (
    CHECK_BY_NAME,
    UNDEPLOYED_DAYS,
    UNREVIEWED_DAYS,
    VITAL_TIER,
    QualityCheck,
)
from search.plan import AnyOf, Compare, Not, Op, Predicate, Related, Select, conjoin

RETIRED = ("deprecated", "sunset", "retired", "end-of-life", "eol", "obsolete", "decommissioned")
"""Lifecycles of what is meant to go; Backstage's own is the first."""
UNFINISHED = ("experimental", "alpha", "incubating", "prototype", "poc")
LIVE = ("production", "live", "ga", "active", "stable")

USABLE = (k.COMPONENT, k.RESOURCE, k.API)
IN_USE = Related(relation="usedBy", to=Select(kinds=USABLE))
"""Anything needs it to work."""


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _has(relation: str, *kinds: str, where: Predicate | None = None) -> Predicate:
    return Related(relation=relation, to=Select(kinds=kinds, where=where))


def _lacks(relation: str, *kinds: str, where: Predicate | None = None) -> Predicate:
    return Not(of=_has(relation, *kinds, where=where))


def _missing(field: str) -> Predicate:
    return Compare(field=field, op=Op.MISSING)


def _holds(field: str) -> Predicate:
    return Compare(field=field, op=Op.EXISTS)


def _one_of(field: str, values: tuple[str, ...]) -> Predicate:
    return Compare(field=field, op=Op.IN, value=values)


def _both(*parts: Predicate) -> Predicate:
    joined = conjoin(*parts)
    assert joined is not None
    return joined


ON_CALL_NOW = Compare(field="active", op=Op.EQ, value=True)
NOT_OWNED = _lacks("ownedBy", k.GROUP, k.USER)
"""No owner, or one that the catalog does not hold."""
UNKNOWN_OWNER = _both(NOT_OWNED, _holds("owner"))
ALERT_HAS_RUNBOOK = AnyOf(of=(_has("hasRunbook", k.RUNBOOK), _holds("runbook_url")))
"""A page of ours, or an address outside of the index."""

_SERVICE = Compare(field="type", op=Op.EQ, value="service")
_VITAL = _both(
    _SERVICE,
    AnyOf(of=(Compare(field="tier", op=Op.LE, value=VITAL_TIER), _missing("tier"))),
)


def _not_deployed(now: datetime) -> Predicate:
    return _lacks(
        "hasDeployment",
        k.DEPLOYMENT,
        where=_both(
            Compare(field="environment", op=Op.EQ, value="production"),
            Compare(field="outcome", op=Op.EQ, value="success"),
            Compare(field="at", op=Op.GE, value=_iso(now - timedelta(days=UNDEPLOYED_DAYS))),
        ),
    )


def _unreviewed(now: datetime) -> Predicate:
    return Compare(field="reviewed_at", op=Op.LT, value=_iso(now - timedelta(days=UNREVIEWED_DAYS)))


@dataclass(frozen=True, slots=True)
class _Look:
    """What makes a thing a gap, and which things of the check's kinds are looked at; None means all."""

    gap: Predicate | Callable[[datetime], Predicate]
    on: Predicate | None = None


_LOOKS: Mapping[str, _Look] = {
    "unowned": _Look(_both(_missing("owner"), NOT_OWNED, _missing("system_owner"))),
    "unknown-owner": _Look(UNKNOWN_OWNER),
    "owned-through-system": _Look(_both(_missing("owner"), _holds("system_owner"))),
    "personal-owner": _Look(_has("ownedBy", k.USER)),
    "dangling": _Look(_holds("dangling")),
    "dangling-dependency": _Look(_holds("dangling_dependencies")),
    "duplicate": _Look(_holds("duplicates")),
    "dependency-cycle": _Look(_holds("dependency_cycle")),
    "not-deployed": _Look(_not_deployed, _SERVICE),
    "undocumented": _Look(_lacks("hasDoc", k.DOC)),
    "no-runbook": _Look(_lacks("hasRunbook", k.RUNBOOK), _VITAL),
    "no-slo": _Look(_lacks("hasSlo", k.SLO), _VITAL),
    "nobody-on-call": _Look(_lacks("answeredBy", k.SHIFT, where=ON_CALL_NOW), _SERVICE),
    "team-without-rota": _Look(
        _lacks("answeredBy", k.SHIFT, where=ON_CALL_NOW), _has("ownerOf", k.COMPONENT)
    ),
    "no-system": _Look(_lacks("within", k.SYSTEM)),
    "no-domain": _Look(_lacks("within", k.DOMAIN)),
    "no-description": _Look(_missing("description")),
    "deprecated-in-use": _Look(IN_USE, _one_of("lifecycle", RETIRED)),
    "unfit-dependency": _Look(
        _has("uses", k.COMPONENT, k.API, where=_one_of("lifecycle", (*RETIRED, *UNFINISHED))),
        _one_of("lifecycle", LIVE),
    ),
    "api-without-provider": _Look(_lacks("apiProvidedBy", k.COMPONENT)),
    "alert-without-runbook": _Look(Not(of=ALERT_HAS_RUNBOOK)),
    "unreviewed": _Look(_unreviewed, _holds("reviewed_at")),
    "team-without-members": _Look(_both(_lacks("hasMember", k.USER), _lacks("parentOf", k.GROUP))),
    "team-without-channel": _Look(_missing("slack_channel")),
    "user-without-team": _Look(_lacks("memberOf", k.GROUP)),
}


def gap(name: str, now: datetime) -> Predicate:
    """What makes a thing a gap of a check.

    Raises:
        KeyError: no check is called so.
    """
    found = _LOOKS[name].gap
    return found(now) if callable(found) else found


def standing_gap(name: str) -> Predicate | None:
    """The gap of a check that does not depend on the time; None for those that do."""
    found = _LOOKS[name].gap
    return None if callable(found) else found


def looked_at(name: str, scope: Select | None = None) -> Select | None:
    """The things a check looks at, all of them or those of a scope.

    Args:
        name: of the check.
        scope: things by name: a team, a system, a domain, or one thing.

    Returns:
        The set; None when the check has nothing to do with such a scope: no person is part of a system.
    """
    check = CHECK_BY_NAME[name]
    where = _LOOKS[name].on
    if scope is None:
        return Select(kinds=check.kinds, where=where)
    within = _within(check, scope)
    return None if within is None else Select(kinds=check.kinds, where=conjoin(where, within))


def found_by(name: str, now: datetime, scope: Select | None = None) -> Select | None:
    """The things with a check's gap, as a plan anyone may run; None as for `looked_at`."""
    things = looked_at(name, scope)
    if things is None:
        return None
    return things.model_copy(update={"where": conjoin(things.where, gap(name, now))})


def _within(check: QualityCheck, scope: Select) -> Predicate | None:
    """The condition that a check's things belong to a scope: to a team, to a whole, or that they are the thing itself."""
    anchors = anchors_of(scope)
    kinds = {ref.split(":", 1)[0] for ref in anchors}
    itself = Compare(field="ref", op=Op.IN, value=anchors)
    if kinds <= {"group", "user"}:
        return _of_team(check, scope, itself)
    if kinds <= {"system", "domain"}:
        return _of_whole(check, scope, itself)
    return itself if table_of(check.kinds[0]) is Table.ENTITIES else None


def anchors_of(scope: Select) -> tuple[str, ...]:
    """The references a scope is given by."""
    where = scope.where
    if not isinstance(where, Compare) or where.field != "ref":
        return ()
    return tuple(
        str(v) for v in (where.value if isinstance(where.value, tuple) else (where.value,))
    )


def _of_team(check: QualityCheck, scope: Select, itself: Predicate) -> Predicate:
    owned = Related(relation="ownedWithin", to=scope)
    if check.kinds == (k.GROUP,):
        return AnyOf(of=(itself, Related(relation="childOf", to=scope, hops=None)))
    if check.kinds == (k.USER,):
        return Related(relation="memberOf", to=scope)
    return _carried(check, owned)


def _of_whole(check: QualityCheck, scope: Select, itself: Predicate) -> Predicate | None:
    part = AnyOf(of=(itself, Related(relation="within", to=scope)))
    if check.kinds == (k.GROUP,):
        return _has("ownerOf", k.COMPONENT, where=part)
    if check.kinds == (k.USER,):
        return None
    return _carried(check, part)


def _carried(check: QualityCheck, of_entity: Predicate) -> Predicate:
    """A condition of entities, for the check's own things: alerts and pages hang on components."""
    if check.kinds == (k.ALERT,):
        return _has("alertOn", k.COMPONENT, where=of_entity)
    if table_of(check.kinds[0]) is Table.DOCUMENTS:
        return AnyOf(
            of=(
                _has("documents", k.COMPONENT, where=of_entity),
                _has("runbookFor", k.COMPONENT, where=of_entity),
            )
        )
    return of_entity
