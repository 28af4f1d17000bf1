"""A composed meaning and the sort of question → a plan, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from catalog_store.model import kinds as k
from catalog_store.model.fields import Field, FieldType
from catalog_store.model.kinds import KIND_BY_NAME
from catalog_store.model.relations import ends, implied, opposite
from search.explain_nouns import ordinal
from search.plan import (
    Aggregate,
    All,
    Check,
    Compare,
    Function,
    Not,
    Op,
    Order,
    Path,
    Plan,
    Predicate,
    Related,
    Review,
    Select,
    Traverse,
    conjoin,
    conjuncts,
)
from search.understand.apart import set_apart
from search.understand.chains import all_the_way, one_of_several
from search.understand.defaults import arrived, open_findings
from search.understand.deployers import by_person, not_by_person, tells_when
from search.understand.frame import Frame
from search.understand.grammar.aggregates import ACTOR
from search.understand.grammar.filters import overlap
from search.understand.grammar.firsts import first_of
from search.understand.grammar.joins import listed_end, side_fits
from search.understand.grammar.negation import things_without
from search.understand.grammar.on_call import on_call, shifts_of
from search.understand.grouping import grouped_plans
from search.understand.heads import (
    BESIDE_THE_HEAD,
    bare_object,
    beside_the_head,
    head_inside,
    named_after,
)
from search.understand.latest import happening, latest_change, latest_elsewhere
from search.understand.measured import measure_plans
from search.understand.ordinals import placed
from search.understand.people import of_people
from search.understand.rates import rate_plan
from search.understand.reading import Reading
from search.understand.selecting import select_of
from search.understand.semantics import (
    Asked,
    Condition,
    Grouped,
    Grouping,
    Item,
    Lack,
    Measured,
    MostOf,
    OnCall,
    Quality,
    SetOf,
    Summary,
    Superlative,
    Way,
    kinds_of,
)
from search.understand.shares import all_so, share_plan

AGENTS = (k.GROUP, k.USER)

ONE_OF_BOTH = 1.5
"""Charged for taking one of two where both were said."""

UNMEASURED = 0.6
"""Charged for saying that nothing measures what was asked: a measure that fits goes first."""

_UNMEASURED = {
    "hours": "how long that takes",
    "per_week": "how often that happens",
    "times": "how often that happened",
    "percent": "what share that is",
}
"""Unit that was asked for → what is not held, when no measure of it is known."""


def finish(item: Item, frame: Frame, *, now: datetime) -> Iterator[Reading]:
    """The plans a meaning of the whole question may stand for; `now` is where windows end that are open."""
    for reading in _finished(item, frame, now):
        plan = (
            all_the_way(reading.plan)
            if frame.all_hops and reading.plan is not None
            else reading.plan
        )
        plan = set_apart(plan) if plan is not None else None
        if plan is None and reading.plan is not None:
            continue
        if frame.place is not None and plan is not None:
            plan = placed(plan, frame.place)
            if plan is None:
                yield replace(reading, plan=None, missing=f"who is {ordinal(frame.place)}")
                continue
        if frame.every is not None and plan is not None and not _of_every(plan):
            yield replace(reading, plan=None, missing=f"whether that is so of {frame.every}")
            continue
        if isinstance(plan, Check) and not frame.happenings:
            plan = arrived(plan)
        bare = plan is not None and bare_object(plan, frame, reading)
        score = reading.score - (BESIDE_THE_HEAD if bare else 0.0)
        if frame.both and plan is not None and one_of_several(plan):
            both = "what does so with both"
            yield replace(reading, plan=None, missing=both, score=score - ONE_OF_BOTH)
            continue
        evidence = tuple((open_findings(atom), mask) for atom, mask in reading.evidence)
        yield replace(reading, plan=open_findings(plan), score=score, evidence=evidence)


def _finished(item: Item, frame: Frame, now: datetime) -> Iterator[Reading]:
    base = Reading(None, item.score, item.mask, item.evidence, item.notes)
    meaning = item.meaning
    if isinstance(meaning, SetOf):
        yield from _things(meaning, frame, base)
    elif isinstance(meaning, Condition):
        yield from _condition(meaning, frame, base)
    elif isinstance(meaning, Asked):
        yield from _asked(meaning, frame, base)
    elif isinstance(meaning, Way) and meaning.start is not None and meaning.end is not None:
        start, end = select_of(meaning.start), select_of(meaning.end)
        yield replace(base, plan=Path(start=start, end=end))
        if meaning.between:  # "connected to" does not say which of them depends on the other
            yield replace(base, plan=Path(start=end, end=start), score=base.score - 0.01)
    elif isinstance(meaning, Lack):
        subject = SetOf(kinds=(k.USER,) if frame.wh == "who" else (), plural=True)
        for made in things_without(subject, meaning):  # "who has no team", "what has no runbook"
            if isinstance(made.meaning, SetOf):
                lead = made.delta - (0.2 if meaning.of.where is None or meaning.of.named else 0.7)
                headless = replace(base, score=base.score + lead, headless=True)
                evidence = base.evidence + tuple((atom, base.mask) for atom in made.atoms)
                yield from _things(made.meaning, frame, replace(headless, evidence=evidence))
    elif isinstance(meaning, Quality):
        scope = select_of(meaning.of) if meaning.of is not None else None
        yield replace(base, plan=Review(scope=scope))
    elif isinstance(meaning, OnCall):
        yield replace(
            base,
            plan=Select(
                kinds=(k.USER,),
                where=on_call(meaning.level, upcoming=meaning.upcoming, window=meaning.window),
            ),
        )
    elif isinstance(meaning, Grouped) and frame.inside and (team := first_of(meaning)):
        yield from _things(team, frame, base)
    elif isinstance(meaning, Grouped) and frame.wh == "who" and _of_no_people(meaning):
        yield replace(base, missing="who that is of the first in a ranking")
    elif isinstance(meaning, Grouped) and meaning.averaged:
        rate = rate_plan(meaning, now)
        if rate is not None:
            yield replace(base, plan=rate[0], notes=base.notes + rate[1])
    elif isinstance(meaning, Grouped):
        ranks = frame.yes_no and meaning.most is not None  # no ranking is a yes or a no
        score = base.score - (BESIDE_THE_HEAD if ranks else 0.0)
        yield from grouped_plans(meaning, replace(base, score=score))
    elif isinstance(meaning, Superlative | Summary) and meaning.row is not None:
        yield from _of_all(meaning, meaning.row, base)
    elif isinstance(meaning, Measured) and meaning.measure is None:
        # a rate, a share or a duration of something that no measure is taken of
        if meaning.things is not None and meaning.unit == "percent":
            yield from _share(meaning, meaning.things, frame, base)
        if meaning.things is not None:
            missing = _UNMEASURED.get(meaning.unit or "", "that")
            score = base.score - UNMEASURED
            yield replace(base, missing=missing, subject=meaning.things.names, score=score)
    elif isinstance(meaning, Measured) and not frame.age:  # "how long ago": no length of time
        for measured in measure_plans(meaning, now=now):
            plan = measured.plan
            if frame.count and plan.having is not None and plan.group_by is not None:
                plan = plan.model_copy(update={"function": Function.COUNT})  # how many such groups
            records = plan.group_by is None and beside_the_head((), frame, base)
            cost = BESIDE_THE_HEAD if records and frame.wh in ("which", None) else 0.0
            score = base.score - cost  # "which incidents lasted 2 hours" wants them, not their mean
            yield replace(base, plan=plan, score=score, notes=base.notes + measured.notes)
    elif isinstance(meaning, MostOf) and frame.wh == "who" and _of_owned(meaning):
        ranked = replace(meaning, limit=meaning.limit or 1)
        by_team = Grouping(by=SetOf(kinds=(k.GROUP,), plural=True))
        yield from grouped_plans(Grouped(meaning.of, by_team, most=ranked, side="ownedBy"), base)
    elif isinstance(meaning, MostOf) and frame.wh == "who" and meaning.of.kinds == (k.DEPLOYMENT,):
        limit = meaning.limit or 1
        by = Grouped(
            meaning.of,
            Grouping(row=ACTOR),
            most=MostOf(meaning.of, meaning.descending, limit),
        )
        yield from grouped_plans(by, base)


def _of_every(plan: Plan) -> bool:
    """A yes or no about all of a set, or one that a single number gives."""
    return isinstance(plan, Check) and plan.every


def _of_no_people(grouped: Grouped) -> bool:
    """ "Who owns the most deployed service": the ranking is of services, and none of them is who was asked for."""
    if grouped.most is None or grouped.by is None or grouped.by.by is None:
        return False
    ranked = grouped.by.by
    return not {c.kind for c in ranked.names} & set(AGENTS) and not set(ranked.kinds) & set(AGENTS)


def _of_owned(most: MostOf) -> bool:
    """ "Who owns the most services", "who has the most databases"."""
    owned = side_fits("ownedBy", most.of.kinds, ()) is not None and bool(most.of.kinds)
    return most.side == "ownedBy" or (most.side is None and owned and not most.of.named)


def _share(meaning: Measured, things: SetOf, frame: Frame, base: Reading) -> Iterator[Reading]:
    """What percentage of a set satisfies a condition; per group where one is named."""
    plan = share_plan(things, frame, base)
    if plan is None:
        return
    if meaning.by is None:
        yield replace(base, plan=plan)
        return
    for grouped in grouped_plans(Grouped(things, meaning.by), base):
        if isinstance(grouped.plan, Aggregate):
            change = {"function": plan.function, "of": plan.of, "part": plan.part}
            yield replace(grouped, plan=grouped.plan.model_copy(update=change))


def _of_all(meaning: Superlative | Summary, row: Field, base: Reading) -> Iterator[Reading]:
    """ "Worst coverage", "median coverage", "biggest blast radius": of everything that holds it."""
    base = replace(base, headless=True, score=base.score - (0.2 if row.discovered else 0.3))
    everything = Select(kinds=kinds_of(row), where=Compare(field=row.name, op=Op.EXISTS))
    if isinstance(meaning, Superlative):
        order = Order(field=row.name, descending=meaning.descending)
        ranked = everything.model_copy(update={"order": (order,), "limit": meaning.limit or 1})
        yield replace(base, plan=ranked)
    elif row.discovered:
        summed = Aggregate(function=meaning.function, of=everything, field=row.name)
        yield replace(base, plan=summed)


def _things(things: SetOf, frame: Frame, base: Reading) -> Iterator[Reading]:
    if things.unknown is not None:
        if frame.count and not things.kinds:
            yield replace(base, missing=things.unknown)
        else:
            yield replace(base, unknown=things.unknown, unknown_kinds=things.kinds)
        return
    if (whole := all_so(things, frame, base)) is not None:
        yield replace(base, plan=whole)
        return
    if frame.every is not None:
        score = base.score - UNMEASURED
        yield replace(base, missing=f"whether that is so of {frame.every}", score=score)
        return
    if frame.head_before is not None and named_after(things, frame.head_before, base):
        base = replace(
            base, score=base.score - 0.6
        )  # "which of its parts have a runbook": the parts
    itself = things.names and things.where is None and not things.mine and not things.order
    if itself and frame.wh in ("which", "what") and beside_the_head((), frame, base):
        base = replace(base, score=base.score - BESIDE_THE_HEAD)  # "which department is fares in"
    if not things.names and beside_the_head(things.kinds, frame, base):
        base = replace(base, score=base.score - BESIDE_THE_HEAD)
    if things.count is not None and things.count[0] is not Op.EQ:
        base = replace(
            base, score=base.score - 1.0
        )  # "more than 2 incidents" counts for something else
    if things.checked and not things.names and not frame.yes_no:
        return  # "the service with the most incidents in production" is not asked whether it is there
    if things.names and things.plural and frame.wh == "who" and _is_deployed(things.where):
        yield replace(base, plan=_fields_of(things, ("last_deployed_by", "last_deployed_at")))
        return
    if (happened := happening(things, frame)) is not None:
        yield replace(base, plan=happened)
        return
    if things.names and things.where is not None and not things.plural:
        yield from _about_one(things, things.where, frame, base)
        return
    if (asked := of_people(things, frame, base)) is not None:
        yield from asked
        return
    if (
        things.names
        and things.where is None
        and frame.yes_no
        and not things.pronoun
        and not frame.existence
    ):
        yield replace(base, missing="that", subject=things.names, score=base.score - 0.3)
        return
    if frame.wh == "who" and things.kinds == (k.DEPLOYMENT,) and things.limit == 1:
        yield replace(base, plan=select_of(things.but(asked=("actor", "at", "component"))))
        return
    if frame.yes_no and not frame.existence and (latest := latest_change(things)) is not None:
        yield replace(base, plan=latest)
        return
    selected = select_of(things)
    side_by_side = frame.compare and not things.names and _counted(selected, base)
    if side_by_side and side_by_side.group_by is not None:
        yield replace(base, plan=side_by_side)  # "compare the incidents of cart and checkout"
    elif frame.count and not things.names:
        yield replace(base, plan=_counted(selected, base))
    elif frame.age and (things.names or things.kinds == (k.COMPONENT,)):
        yield replace(base, plan=select_of(things.but(asked=("days_since_deployed",))))
    elif frame.yes_no and things.where is not None and not things.names:
        yield replace(base, plan=Check(of=selected))
    elif (
        frame.wh == "who"
        and things.kinds
        and not set(things.kinds) & set(AGENTS)
        and not things.names
    ):
        yield replace(base, plan=_reach(selected), score=base.score - 0.3)
    else:
        yield replace(base, plan=_reach(selected), score=base.score - (0.2 if frame.count else 0.0))


def _about_one(things: SetOf, where: Predicate, frame: Frame, base: Reading) -> Iterator[Reading]:
    """What is asked of one thing by its name, with a condition: who or when it was, or whether it is so."""
    if frame.wh in ("when", "who") and (latest := latest_elsewhere(things, frame.wh)):
        yield replace(base, plan=latest)
        return
    if (frame.wh == "when" or frame.age) and _is_deployed(where):
        asked = "days_since_deployed" if frame.age else "last_deployed_at"
        yield replace(base, plan=_fields_of(things, (asked,)))
        return
    if frame.wh == "where" and _is_deployed(where):
        of = Related(relation="deploymentOf", to=select_of(things.but(where=None)))
        done = Compare(field="outcome", op=Op.EQ, value="success")
        made = Select(kinds=(k.DEPLOYMENT,), where=conjoin(of, done))
        plan = Aggregate(function=Function.COUNT, of=made, group_by="environment", descending=True)
        yield replace(base, plan=plan)
        return
    if frame.wh == "who" and _is_deployed(where) and tells_when(where):
        of = Related(relation="deploymentOf", to=select_of(things.but(where=None)))
        yield replace(base, plan=by_person(where, of))
        return
    if frame.wh == "who" and _is_deployed(where):
        yield replace(base, plan=_fields_of(things, ("last_deployed_by", "last_deployed_at")))
        return
    if frame.wh == "what" and (shifts := shifts_of(things)) is not None:
        covered = Related(relation="coveredBy", to=select_of(shifts))
        yield replace(base, plan=Select(where=covered))  # "what am I on call for"
        return
    # a question for things is no question whether something is so
    penalty = 0.0 if frame.yes_no else 0.3 if _is_flag(where) else 3.0 if frame.wh else 1.5
    yield replace(base, plan=Check(of=select_of(things)), score=base.score - penalty)


def _counted(selected: Select, base: Reading) -> Aggregate:
    """How many there are; of several things listed by name ("fern vs juniper"), how many each has."""
    for part in conjuncts(selected.where):
        listed = listed_end(part)
        if not isinstance(part, Related) or listed is None:
            continue
        assert isinstance(listed.where, Compare)
        refs = listed.where.value
        alone = any(
            isinstance(refs, tuple) and {c.ref for c in x.names} >= set(refs) for x in base.choices
        )
        if isinstance(refs, tuple) and not alone:
            rest = conjoin(*(p for p in conjuncts(selected.where) if p is not part))
            side = "ownedBy" if part.relation == "ownedWithin" else part.relation
            return Aggregate(
                function=Function.COUNT,
                of=selected.model_copy(update={"where": rest}),
                group_by=side,
                group_to=listed,
                descending=True,
            )
    return Aggregate(function=Function.COUNT, of=_reach(selected))


def _is_flag(where: Predicate) -> bool:
    """A yes/no field: "checkout healthy?" asks whether, even without a question word."""
    return isinstance(where, Compare) and isinstance(where.value, bool)


def _is_deployed(where: Predicate | None) -> bool:
    return isinstance(where, Related) and where.relation == "hasDeployment"


def _fields_of(things: SetOf, fields: tuple[str, ...]) -> Select:
    return select_of(things.but(where=None, asked=fields))


def _condition(condition: Condition, frame: Frame, base: Reading) -> Iterator[Reading]:
    if condition.topic and frame.wh != "who":
        return  # "the gateway keeps crashing" asks for nobody
    base = replace(base, headless=True)
    kinds = condition.kinds
    if beside_the_head(kinds, frame, base) or head_inside(frame, base):
        base = replace(base, score=base.score - BESIDE_THE_HEAD)
    if frame.wh == "who" and _is_deployed(condition.where):
        yield replace(base, plan=by_person(condition.where))
        return
    if frame.wh == "who" and isinstance(condition.where, Not) and _is_deployed(condition.where.of):
        yield replace(base, plan=not_by_person(condition.where.of))
        return
    if frame.happenings and _is_deployed(condition.where):
        base = replace(base, score=base.score - 0.8)  # "failed deployments" are no components
    if frame.wh == "who":
        fitting = overlap(kinds, AGENTS)
        if fitting is None:
            base = replace(base, score=base.score - 0.6)
        else:
            kinds = fitting
    elif set(kinds) & set(AGENTS) and set(kinds) - set(AGENTS):
        kinds = tuple(x for x in kinds if x not in AGENTS)
    if frame.wh == "what" and kinds and set(kinds) <= set(AGENTS):
        base = replace(base, score=base.score - 0.8)  # "what" never asks for people
    part = condition.where
    if frame.yes_no and isinstance(part, Related) and _named(part.to.where) and not frame.existence:
        yield replace(base, missing="whether that is so")  # "is checkout used": not what it uses
        return
    held = tuple(x for x in kinds if x in KIND_BY_NAME)
    selected = Select(kinds=implied(held), where=condition.where)
    if frame.count:
        yield replace(base, plan=Aggregate(function=Function.COUNT, of=_reach(selected)))
    else:
        # "what does it use" asks for things of any kind; without a question word some noun should have said which
        yield replace(base, plan=_reach(selected), score=base.score - (0.05 if frame.wh else 0.45))


def _reach(selected: Select) -> Select | Traverse:
    """A set given by one relation from named things reads as going there from them."""
    where = selected.where
    if (
        isinstance(where, Related)
        and _named(where.to.where)
        and not where.to.kinds
        and not selected.order
        and (where.op, where.count) == (Op.GE, 1)
    ):
        side = opposite(where.relation)
        rest = selected.model_copy(update={"where": None})
        if set(rest.kinds) == set(implied(ends(side)[1])):
            rest = rest.model_copy(update={"kinds": ()})
        return Traverse(start=where.to, relation=side, hops=where.hops, to=rest)
    return selected


def _named(where: Predicate | None) -> bool:
    if isinstance(where, All):
        return any(_named(part) for part in where.of)
    return isinstance(where, Compare) and where.field == "ref"


def _asked(asked: Asked, frame: Frame, base: Reading) -> Iterator[Reading]:
    things = asked.of.own  # "my team's channel" is no channel of the department above it
    if asked.unknown is not None:
        yield replace(base, missing=asked.unknown, subject=things.names)
        return
    refs = [row for row in asked.rows if row.type is FieldType.REF and row.relation]
    if refs and len(asked.rows) == 1 and things.names:
        relation = refs[0].relation
        assert relation is not None
        to = (
            Select(kinds=(k.SYSTEM,))
            if refs[0].name == "system"
            else Select(kinds=(k.DOMAIN,))
            if refs[0].name == "domain"
            else Select()
        )
        side = "within" if relation == "partOf" else relation
        yield replace(base, plan=Traverse(start=select_of(things), relation=side, to=to))
        return
    if frame.wh == "which" and not (things.names or things.plural or things.mine):
        base = replace(base, score=base.score - 0.3)  # "which one was deployed last" wants the one
    names = tuple(row.name for row in asked.rows)
    if frame.wh == "who" and "last_deployed_at" in names:
        names = ("last_deployed_by", "last_deployed_at")
    if frame.age and "last_deployed_at" in names:
        names = ("days_since_deployed",)
    if frame.count and not things.names:
        base = replace(base, score=base.score - 0.8)
    if frame.wh == "which" and names == ("last_deployed_at",) and len(things.names) > 1:
        latest = (Order(field="last_deployed_at", descending=True),)  # of those listed, the latest
        things = things.but(order=latest)
    yield replace(base, plan=select_of(things.but(asked=names)))
