"""Plan → one English sentence, in words the parser reads back."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from catalog_store.model.fields import Field, FieldTable, FieldType
from catalog_store.model.kinds import KIND_BY_NAME, Table, table_of
from catalog_store.model.quality import CHECK_BY_NAME
from catalog_store.model.relations import RELATION_BY_SIDE, ends, side_of
from search.explain_aggregates import (
    OPS,
    said_aggregate,
    said_among,
    said_comparison,
    said_first,
)
from search.explain_measures import EVERYTHING, moment
from search.explain_nouns import (
    ANYTHING,
    DATED_BY,
    article,
    kind_noun,
    plural,
    said_order,
    values_of,
)
from search.plan import (
    Aggregate,
    All,
    Among,
    AnyOf,
    Check,
    Compare,
    Comparison,
    Not,
    Op,
    Path,
    Plan,
    Predicate,
    Related,
    Retrieve,
    Review,
    Select,
    Traverse,
    conjuncts,
)
from search.quality import NOT_OWNED, ON_CALL_NOW
from search.sql.terms import as_select
from search.turns import stretch_of

_UNKNOWN_OWNER = (Compare(field="owner", op=Op.EXISTS), NOT_OWNED)
_NOTHING = {
    "ownedBy": "without an owner in the catalog",
    "ownedWithin": "without an owner in the catalog",
    "hasMember": "without members",
    "memberOf": "in no team",
    "usedBy": "used by nothing",
    "uses": "depending on nothing",
    "apiProvidedBy": "provided by nothing",
    "parentOf": "without teams under them",
}
"""Relations a thing stands in to nothing at all, as people say it."""


def _any_of(where: Related) -> Related:
    """The relation to anything at all, as the plan would say it."""
    return Related(relation=where.relation, to=Select(kinds=where.to.kinds), hops=where.hops)


Namer = Callable[[str], str]
"""Typed reference → how people call the thing, with its kind: "team Payments"."""

_NUMBER = {
    Op.GT: "more than",
    Op.GE: "at least",
    Op.LT: "fewer than",
    Op.LE: "at most",
    Op.EQ: "exactly",
    Op.NE: "not exactly",
}
"""How many are meant, in words."""

_OPPOSITE = {
    Op.EQ: Op.NE,
    Op.NE: Op.EQ,
    Op.LT: Op.GE,
    Op.GE: Op.LT,
    Op.GT: Op.LE,
    Op.LE: Op.GT,
}
_TIME_OPS = {
    Op.EQ: "at",
    Op.NE: "not at",
    Op.LT: "before",
    Op.LE: "until",
    Op.GT: "after",
    Op.GE: "since",
}
_MANY = frozenset(("uses", "usedBy", "hasMember", "contains", "parentOf"))
"""Relations whose far end usually holds several."""


class Explainer:
    """Says plans of one snapshot."""

    def __init__(self, fields: FieldTable, namer: Namer) -> None:
        """`namer` turns references into names people know."""
        self.fields = fields
        self.name = namer

    def explain(self, plan: Plan) -> str:
        """The plan as one sentence, without a full stop."""
        match plan:
            case Select():
                return self._select(plan, top=True)
            case Traverse():
                return self._traverse(plan)
            case Path():
                return f"path from {self.noun(plan.start)} to {self.noun(plan.end)}"
            case Aggregate():
                return said_aggregate(plan, self)
            case Comparison():
                return said_comparison(plan, self)
            case Retrieve():
                return self._retrieve(plan)
            case Review():
                return self._review(plan)
            case Check() if plan.every and plan.holds is not None:
                of = as_select(plan.of)
                table = table_of(of.kinds[0]) if of.kinds else Table.ENTITIES
                said = f"whether all {self.noun(of)} are {self.predicate(plan.holds, table)}"
                return said.replace(" are with ", " have ")
            case Check() if plan.holds is not None:
                of = as_select(plan.of)
                said = self.predicate(plan.holds, table_of(of.kinds[0]))
                bare = of.model_copy(update={"order": (), "limit": None})
                end = "latest" if of.order and of.order[0].descending else "first"
                return f"whether the {end} of {self.noun(bare)} is {said}".replace(
                    " is with ", " has "
                )
            case Check():
                if self._subject(plan.of):
                    return self._check(plan.of)
                things = plan.of
                said = self.noun(things) if isinstance(things, Select) else self.explain(things)
                return f"whether there {'is' if said.startswith(ANYTHING) else 'are'} {said}"
            case _:
                assert_never(plan)

    def predicate(self, where: Predicate, table: Table = Table.ENTITIES) -> str:
        """A condition, as it follows the noun: "owned by team Payments"."""
        match where:
            case All():
                return ", ".join(self.predicate(p, table) for p in where.of)
            case AnyOf():
                return " or ".join(self.predicate(p, table) for p in where.of)
            case Not():
                return self._negated(where.of, table)
            case Compare():
                return self._compare(where, table)
            case Related():
                return self._related(where)
            case Among():
                return said_among(where, self)
            case _:
                assert_never(where)

    def noun(self, select: Select) -> str:
        """A set as a noun phrase."""
        return self._select(select, top=False)

    # ── parts ────────────────────────────────────────────────────────────────────────────────────

    def _select(self, select: Select, *, top: bool) -> str:
        parts = list(conjuncts(select.where))
        if len(parts) == 1 and isinstance(parts[0], Among) and isinstance(parts[0].of, Select):
            return self._select(parts[0].of.model_copy(update={"fields": select.fields}), top=top)
        named = next(
            (
                p
                for p in parts
                if isinstance(p, Compare) and p.field == "ref" and p.op in (Op.EQ, Op.IN)
            ),
            None,
        )
        if named is not None:
            noun = " or ".join(self.name(str(ref)) for ref in values_of(named.value))
            parts.remove(named)
        else:
            noun, parts = kind_noun(select, parts)
        table = table_of(select.kinds[0]) if select.kinds else Table.ENTITIES
        said = []
        if set(_UNKNOWN_OWNER) <= set(parts):
            parts = [part for part in parts if part not in _UNKNOWN_OWNER]
            said.append("with an owner that is not in the catalog")
        adjectives = [p for p in parts if named is None and self._is_adjective(p, table)]
        firsts = [p for p in parts if isinstance(p, Among)]
        said += [self.predicate(p, table) for p in parts if p not in (*adjectives, *firsts)]
        if top and noun == ANYTHING:
            noun = EVERYTHING
        noun = " ".join([*(self.predicate(part, table) for part in adjectives), noun])
        noun = said_first(firsts, noun)
        said += [self.predicate(part, table) for part in firsts]
        text = f"{noun} {', '.join(said)}" if said else noun
        text += said_order(select, table, self.fields, self.label)
        if top and select.fields:
            labels = " and ".join(self.label(table, name) for name in select.fields)
            text = f"{labels} of {text}"
        return text

    def _is_adjective(self, part: Predicate, table: Table) -> bool:
        """Whether a condition is one word that stands before the noun: "open findings"."""
        row = self.fields.get(table, part.field) if isinstance(part, Compare) else None
        return (
            row is not None
            and row.type is FieldType.BOOLEAN
            and " " not in self.predicate(part, table)
        )

    def _compare(self, where: Compare, table: Table) -> str:
        row = self.fields.get(table, where.field)
        label = self.label(table, where.field)
        if where.op is Op.MISSING:
            return f"without {article(label)}"
        if where.op is Op.EXISTS and row is not None and row.type is FieldType.BOOLEAN:
            return f"whatever the {label}"
        if where.op is Op.EXISTS:
            return f"with {article(label)}"
        values = values_of(where.value)
        if where.field == "ref":
            return "named " + " or ".join(self.name(str(v)) for v in values)
        if row is not None and row.type is FieldType.BOOLEAN:
            words = next((w for w, v in row.value_words.items() if v is values[0]), None)
            said = f"{label} {'yes' if values[0] else 'no'}"
            return words or (f"with {said}" if row.discovered else said)
        if row is not None and row.type is FieldType.TIMESTAMP:
            label = f"with {label}" if row.discovered else label
            # what records are dated by goes without its name, or by a verb: "incidents since March"
            dated = "" if where.field in DATED_BY.get(table, ()) else f"{label} "
            said_of = "resolved " if where.field == "resolved_at" else dated
            if where.op is Op.BETWEEN:
                return f"{said_of}from {moment(values[0])} to before {moment(values[1])}"
            return f"{said_of}{_TIME_OPS[where.op]} {moment(values[0])}"
        unit = f" {row.unit}" if row is not None and row.unit not in (None, "count") else ""
        if where.op is Op.BETWEEN:
            return f"with {label} from {values[0]} to below {values[1]}{unit}"
        if where.op is Op.MATCHES:
            return f"with {label} containing {values[0]!r}"
        if row is not None and row.type is FieldType.REF:
            return f"with {label} {' or '.join(self.name(str(v)) for v in values)}"
        said = " or ".join(str(v) for v in values)
        if where.op is Op.HAS:
            return f"with {label} {said}"
        return f"with {label} {OPS.get(where.op, '')}{said}{unit}"

    def _related(self, where: Related) -> str:
        if where.relation == "hasDeployment":
            return self._deployed(where)
        if where.relation == "hasShift":
            return self._on_call(where)
        side = side_of(where.relation)
        directly = (
            ", directly or indirectly,"
            if where.hops is None and where.relation in ("uses", "usedBy")
            else ""
        )
        target = self.noun(where.to)
        if (where.op, where.count) != (Op.GE, 1):
            target = f"{_NUMBER[where.op]} {where.count} {target}"
        another = " of another owner" if where.apart else ""
        return f"{side.phrase}{directly} {target}{another}".replace(" ,", ",")

    def _on_call(self, where: Related) -> str:
        """ "on call for team Payments", as a person is; other shifts are said in full."""
        target, level, when = "", "", ""
        for part in conjuncts(where.to.where):
            if (turn := stretch_of(part)) is not None:
                when = f" from {moment(turn[0])} to before {moment(turn[1])}"
            elif isinstance(part, Compare) and part.field == "upcoming":
                level = f" next{level}"
                continue
            if isinstance(part, Related) and part.relation == "answersFor":
                target = f" for {self.noun(part.to)}"
            elif isinstance(part, Compare) and part.field == "level":
                level = f" at level {part.value}"
        return f"on call{level}{target}{when}"

    def _deployed(self, where: Related) -> str:
        """ "deployed to production since 2026-09-21"."""
        place, outcome, when, outside = "production", "", "", False
        for part in conjuncts(where.to.where):
            if isinstance(part, Compare) and part.field == "environment":
                place = str(part.value)
                outside = part.op is Op.NE
            elif isinstance(part, Compare) and part.field == "outcome" and part.value != "success":
                outcome = " without success"
            elif isinstance(part, Compare) and part.field == "rolled_back":
                outcome = " and rolled back" if part.value else " and not rolled back"
            elif isinstance(part, Compare) and part.field == "at":
                values = values_of(part.value)
                when = (
                    f" from {moment(values[0])} to before {moment(values[1])}"
                    if len(values) == 2
                    else f" {_TIME_OPS[part.op]} {moment(values[0])}"
                )
        if (where.op, where.count) != (Op.GE, 1):
            return f"deployed{outcome} to {place} {_NUMBER[where.op]} {where.count} times{when}"
        by = "".join(
            f" {self.predicate(part, Table.DEPLOYMENTS)}"
            for part in conjuncts(where.to.where)
            if isinstance(part, Related) or (isinstance(part, Compare) and part.field == "actor")
        )
        return f"deployed{outcome} {'outside of' if outside else 'to'} {place}{when}{by}"

    def _negated(self, where: Predicate, table: Table) -> str:
        if isinstance(where, Related):
            if where.relation == "hasDeployment":
                bare = all(
                    not (isinstance(p, Compare) and p.field == "at")
                    for p in conjuncts(where.to.where)
                )
                return ("never " if bare else "not ") + self._deployed(where)
            nothing = _NOTHING.get(where.relation)
            if nothing is not None and where == _any_of(where):
                return nothing
            if (where.op, where.count) != (Op.GE, 1):
                return self._related(where.model_copy(update={"op": _OPPOSITE[where.op]}))
            phrase = side_of(where.relation).phrase
            if phrase == "who made":
                return f"who made no {self.noun(where.to)}"
            if phrase == "with":
                return f"without {self.noun(where.to)}"
            if where.relation == "answeredBy" and where.to.where == ON_CALL_NOW:
                return "that nobody is on call for"
            return f"not {self._related(where)}"
        if (
            isinstance(where, Compare)
            and where.op in (Op.EQ, Op.IN)
            and where.field not in ("ref",)
        ):
            values = " or ".join(str(v) for v in values_of(where.value))
            return f"with {self.label(table, where.field)} other than {values}"
        row = self.fields.get(table, where.field) if isinstance(where, Compare) else None
        if row is not None and row.type is FieldType.TIMESTAMP:
            return f"without {article(row.label)} {self.predicate(where, table).removeprefix(row.label).strip()}"
        if isinstance(where, Compare) and where.field == "ref":
            return "other than " + " or ".join(self.name(str(v)) for v in values_of(where.value))
        return f"not {self.predicate(where, table)}"

    def _traverse(self, plan: Traverse) -> str:
        start = self.noun(plan.start)
        side = side_of(plan.relation)
        relation, inverse = RELATION_BY_SIDE[plan.relation]
        other = relation.forward if inverse else relation.inverse
        directly = ", directly or indirectly," if plan.hops is None else ""
        wanted = self._select(plan.to, top=True) if plan.to.kinds or plan.to.where else ""
        if side.nouns and not wanted and plan.hops is not None:
            noun = plural(side.nouns[0]) if plan.relation in _MANY else side.nouns[0]
            return f"{noun} of {start}"
        ends_ = ends(plan.relation)[1]
        if not wanted and len(ends_) == 1:
            wanted = plural(KIND_BY_NAME[ends_[0]].words[0])
        return f"{wanted or EVERYTHING} {other.phrase}{directly} {start}".replace(" ,", ",")

    def _retrieve(self, plan: Retrieve) -> str:
        kinds = " or ".join(
            plural(KIND_BY_NAME[kind].words[0] if kind in KIND_BY_NAME else kind.lower())
            for kind in plan.kinds
        )
        if plan.exact:
            return f"{kinds or 'pages'} for alert {plan.exact}"
        about = (
            f" (about {', '.join(self.name(ref) for ref in plan.about[:3])} first)"
            if plan.about
            else ""
        )
        within = f" of {self.noun(plan.scope)}" if plan.scope is not None else ""
        return f"{kinds or 'pages'}{within} that answer “{plan.text}”{about}"

    def _review(self, plan: Review) -> str:
        few = len(plan.checks) == 1 and CHECK_BY_NAME.get(plan.checks[0])
        said = f"number of {few.label}" if few else "gaps of the catalog, check by check"
        return f"{said}, within {self.noun(plan.scope)}" if plan.scope is not None else said

    def _subject(self, things: Select | Traverse) -> bool:
        return isinstance(things, Select) and any(
            isinstance(p, Compare) and p.field == "ref" for p in conjuncts(things.where)
        )

    def _check(self, things: Select | Traverse) -> str:
        assert isinstance(things, Select)
        parts = list(conjuncts(things.where))
        named = next(p for p in parts if isinstance(p, Compare) and p.field == "ref")
        rest = [p for p in parts if p is not named]
        subject = " or ".join(self.name(str(ref)) for ref in values_of(named.value))
        said = f"is {', '.join(self.predicate(p) for p in rest)}".replace("is with ", "has ")
        return f"whether {subject} {said}" if rest else f"whether there is {subject}"

    def label(self, table: Table, name: str) -> str:
        """What people call a field."""
        row: Field | None = self.fields.get(table, name)
        return row.label if row is not None else name.replace("_", " ")
