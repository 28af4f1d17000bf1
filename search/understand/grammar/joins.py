"""Which relation two sets stand in when no verb says it: "payments services", "runbook for checkout", "members of search"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog_store.model import kinds as k
from catalog_store.model.kinds import ENTITY_KINDS, Table, table_of
from catalog_store.model.relations import ends
from search.plan import Compare, Op, Predicate, Related, Select, conjuncts
from search.quality import ALERT_HAS_RUNBOOK
from search.sql.aggregates import OF_COMPONENT, TEAM_TYPES
from search.understand.selecting import select_of
from search.understand.semantics import SetOf

_ANY_RUNBOOK = Select(kinds=(k.RUNBOOK,))

_DIRECT: dict[tuple[str, str], str] = {
    (k.USER, k.GROUP): "memberOf",
    (k.GROUP, k.USER): "hasMember",
    (k.GROUP, k.GROUP): "childOf",
    (k.API, k.COMPONENT): "apiProvidedBy",
    (k.COMPONENT, k.API): "uses",
    (k.COMPONENT, k.RESOURCE): "uses",
    (k.RESOURCE, k.COMPONENT): "usedBy",
    (k.DEPLOYMENT, k.COMPONENT): "deploymentOf",
    (k.DEPLOYMENT, k.USER): "deployedBy",
    (k.USER, k.DEPLOYMENT): "madeDeployment",
    (k.INCIDENT, k.COMPONENT): "incidentOn",
    (k.ALERT, k.COMPONENT): "alertOn",
    (k.FINDING, k.COMPONENT): "findingIn",
    (k.SLO, k.COMPONENT): "sloOf",
    (k.COMPONENT, k.DEPLOYMENT): "hasDeployment",
    (k.COMPONENT, k.INCIDENT): "hasIncident",
    (k.COMPONENT, k.ALERT): "hasAlert",
    (k.COMPONENT, k.FINDING): "hasFinding",
    (k.COMPONENT, k.SLO): "hasSlo",
    (k.SHIFT, k.USER): "shiftOf",
    (k.USER, k.SHIFT): "hasShift",
    (k.SHIFT, k.GROUP): "covers",
    (k.SHIFT, k.COMPONENT): "covers",
    (k.GROUP, k.SHIFT): "coveredBy",
    (k.COMPONENT, k.SHIFT): "coveredBy",
    (k.COMPONENT, k.COMPONENT): "within",
    (k.SYSTEM, k.SYSTEM): "within",
}
for _change in (k.RUN, k.APPLY, k.CHANGE):
    for _changed in (k.COMPONENT, k.RESOURCE, k.SYSTEM):
        _DIRECT[_change, _changed], _DIRECT[_changed, _change] = "changeOf", "hasChange"
for _owned in (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.DOMAIN, k.TEMPLATE):
    for _agent in (k.GROUP, k.USER):
        _DIRECT[_owned, _agent] = "ownedWithin"
        _DIRECT[_agent, _owned] = "ownerOf"
for _page in (k.DOC, k.RUNBOOK):
    _DIRECT[_page, k.GROUP] = "ownedWithin"
    _DIRECT[_page, k.USER] = "ownedWithin"
for _part in (k.COMPONENT, k.API, k.RESOURCE):
    for _whole in (k.SYSTEM, k.DOMAIN):
        _DIRECT[_part, _whole] = "within"
        _DIRECT[_whole, _part] = "contains"
_DIRECT[k.SYSTEM, k.DOMAIN], _DIRECT[k.DOMAIN, k.SYSTEM] = "within", "contains"
for _thing in (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.ALERT):
    _DIRECT[k.RUNBOOK, _thing], _DIRECT[_thing, k.RUNBOOK] = "runbookFor", "hasRunbook"
    if _thing is not k.ALERT:
        _DIRECT[k.DOC, _thing], _DIRECT[_thing, k.DOC] = "documents", "hasDoc"

_RECORDS = (k.DEPLOYMENT, k.INCIDENT, k.ALERT, k.FINDING, k.SLO, k.RUNBOOK, k.DOC)
for _record in _RECORDS:
    _via_record = {k.RUNBOOK: "runbookFor", k.DOC: "documents"}.get(_record) or _DIRECT[
        _record, k.COMPONENT
    ]
    _DIRECT.setdefault((_record, k.COMPONENT), _via_record)

_BETWEEN = {k.APPLY: k.RESOURCE}
_FALLBACK_KIND = k.COMPONENT
"""Records hang on components, applies on resources: what relates to neither directly is joined through them."""

_NESTED = (k.COMPONENT, k.SYSTEM)
"""Kinds of which one may be part of another; said of several, and of a whole that is named: "modules of the ledger"."""

ENTITY_SUBJECTS = (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.DOMAIN, k.TEMPLATE)
"""What a subject without a kind may be, for finding a relation."""


@dataclass(frozen=True, slots=True)
class Join:
    """A condition that ties a subject to an object, and the subject kinds it fits."""

    where: Predicate
    kinds: tuple[str, ...]
    delta: float


def related(side: str, target: SetOf, *, hops: int | None = 1) -> Predicate:
    """Stands in the relation to enough of the target; a department or parent includes the teams under it."""
    kinds = {c.kind for c in target.names} or set(target.kinds)
    if side == "ownsWithin":
        side = "ownerOf"
    if target.mine and side in ("ownedWithin", "ownedBy"):
        side = "ownedBy"
    elif side == "ownedBy" and kinds and kinds <= {k.GROUP}:
        side = "ownedWithin"
    if side == "childOf":
        hops = None
    op, count = target.count or (Op.GE, 1)
    return Related(relation=side, to=select_of(target), hops=hops, op=op, count=count)  # type: ignore[arg-type]


def direct_side(subject: str, target: str) -> str | None:
    """The relation two kinds stand in when nothing says which."""
    return _DIRECT.get((subject, target))


def joins(subject: SetOf, target: SetOf) -> Iterator[Join]:
    """Every way the subject may be restricted by the target when no verb says how."""
    if _same_sort(subject, target):
        return
    subject_kinds = (
        subject.kinds or tuple(dict.fromkeys(c.kind for c in subject.names)) or ENTITY_SUBJECTS
    )
    target_kinds = tuple(dict.fromkeys(c.kind for c in target.names)) or target.kinds
    above = any(
        isinstance(p, Compare) and p.field == "type" and p.value not in TEAM_TYPES
        for p in conjuncts(subject.where)
    )  # "which department is the fares team in": what is above teams holds them
    by_where: dict[Predicate, list[str]] = {}
    deltas: dict[Predicate, float] = {}
    for subject_kind in subject_kinds:
        for target_kind in target_kinds:
            if subject_kind == target_kind in _NESTED and not (subject.plural and target.names):
                continue  # nothing is part of whatever has a tag, and no library of a library
            for where, delta in _ways(subject_kind, target_kind, target, above=above):
                by_where.setdefault(where, []).append(subject_kind)
                deltas[where] = delta
    for where, kinds in by_where.items():
        yield Join(where, tuple(dict.fromkeys(kinds)), deltas[where])


def _same_sort(subject: SetOf, target: SetOf) -> bool:
    """Whether the target only says of what sort the subject is: "everything that handles pii (components)"."""
    if target.named or target.mine or target.anyone or target.count or subject.names:
        return False
    one, other = set(subject.kinds), set(target.kinds)
    if not one:
        return bool(other) and other <= set(ENTITY_KINDS)
    return bool(one & other) and max(len(one), len(other)) > 1


def _ways(
    subject: str, target_kind: str, target: SetOf, *, above: bool
) -> Iterator[tuple[Predicate, float]]:
    side = direct_side(subject, target_kind)
    if (subject, target_kind) == (k.ALERT, k.RUNBOOK) and select_of(target) == _ANY_RUNBOOK:
        yield ALERT_HAS_RUNBOOK, 0.0
        return
    if subject == k.USER and side == "ownerOf":
        return  # "users of checkout" are not those who own it
    if side is not None:
        yield related(side, target), 0.0
        if (subject, target_kind) == (k.GROUP, k.GROUP):
            yield related("parentOf", target), 0.1 if above else -0.1
        if (subject, target_kind) == (k.API, k.COMPONENT):
            yield related("usedBy", target), -0.3
        return
    if subject == target_kind:
        return  # "deployments of deployments" is the same deployments said twice
    # through the components in between: incidents of a team, runbooks of a domain, teams with incidents
    if table_of(subject) is not Table.ENTITIES or table_of(target_kind) is not Table.ENTITIES:
        middle = _BETWEEN.get(subject) or _BETWEEN.get(target_kind) or _FALLBACK_KIND
        first, second = direct_side(subject, middle), direct_side(middle, target_kind)
    else:
        return
    if first is None or second is None:
        return
    if target.count is not None and subject in (k.GROUP, k.SYSTEM, k.DOMAIN):
        return  # how many they have together is not how many one component has
    between = Select(kinds=(middle,), where=related(second, target))
    yield Related(relation=first, to=between), -0.05


def side_fits(
    side: str, subject: tuple[str, ...], target: tuple[str, ...]
) -> tuple[str, ...] | None:
    """The subject kinds for which the side makes sense, or None when either end does not fit; () stands for any."""
    sources, targets = ends(side)
    if target and not set(target) & set(targets):
        return None
    if not subject:
        return sources
    fitting = tuple(kind for kind in subject if kind in sources)
    return fitting or None


def listed_end(part: Predicate) -> Select | None:
    """The things given by reference that a relation leads to, at once or through the component records hang on."""
    if not isinstance(part, Related):
        return None
    end = part.to
    if part.relation in OF_COMPONENT.values() and isinstance(end.where, Related):
        end = end.where.to
    return end if isinstance(end.where, Compare) and end.where.field == "ref" else None
