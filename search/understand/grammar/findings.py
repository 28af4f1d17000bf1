"""Policies and findings: "which rules does cart break", "services compliant with require-labels", "most violated policy"."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model import kinds as k
from catalog_store.model.fields import CORE_FIELDS, Field
from catalog_store.model.kinds import Table
from catalog_store.model.relations import ends
from search.plan import Compare, Not, Op, Predicate, Related, Select
from search.understand.finding_words import NAMING
from search.understand.grammar.base import Made, rule
from search.understand.grammar.filters import attach
from search.understand.semantics import (
    Complying,
    Condition,
    FieldWord,
    Grouped,
    Grouping,
    MostOf,
    Negation,
    RelationWord,
    SetOf,
    Superlative,
    kinds_of,
)

_BREAKS = "hasFinding"
UNPROVEN = "complying means that no finding is open; whether it was checked at all is not known"


def _named(word: FieldWord) -> tuple[Field, ...]:
    """The fields of a word that name what a finding breaks."""
    names = ("rule", "policy", "standards")
    return tuple(r for r in word.rows if r.table is Table.FINDINGS and r.name in names)


@rule(Complying, Condition)
def complies_with(_: Complying, condition: Condition) -> Iterator[Made]:
    """(services) compliant with require-labels."""
    if condition.kinds == (k.FINDING,):
        where = Not(
            of=Related(relation=_BREAKS, to=Select(kinds=(k.FINDING,), where=condition.where))
        )
        yield Made(Condition(where, ends(_BREAKS)[0]), 0.4, atoms=(where,), notes=(UNPROVEN,))


@rule(Negation, Complying)
def does_not_comply(negation: Negation, _: Complying) -> Iterator[Made]:
    """(services) not complying with …: they break it."""
    if not negation.after:
        yield Made(RelationWord((_BREAKS,)), 0.4)


@rule(FieldWord, Condition)
def rules_of(word: FieldWord, condition: Condition) -> Iterator[Made]:
    """Which policies does checkout break: its findings, one row a policy."""
    if condition.kinds == (k.FINDING,) and not isinstance(condition.where, Compare):
        things = SetOf(kinds=condition.kinds, where=condition.where)
        for row in _named(word):
            yield Made(Grouped(things, Grouping(row=row)), 0.3)


@rule(RelationWord, Superlative)
def broken_most(verb: RelationWord, superlative: Superlative) -> Iterator[Made]:
    """(which policies are) violated most."""
    if verb.sides == (_BREAKS,) and superlative.row is None:
        findings = SetOf(kinds=(k.FINDING,))
        yield Made(MostOf(findings, superlative.descending, superlative.limit), 0.3)


@rule(Superlative, RelationWord)
def most_broken(superlative: Superlative, verb: RelationWord) -> Iterator[Made]:
    """Most violated (policy)."""
    yield from broken_most(verb, superlative)


@rule(FieldWord, MostOf)
def rules_most(word: FieldWord, most: MostOf) -> Iterator[Made]:
    """Policies with the most findings · policies violated most."""
    if most.of.kinds == (k.FINDING,) and not most.of.named:
        for row in _named(word):
            yield Made(Grouped(most.of, Grouping(row=row), most=most), 0.35)


@rule(MostOf, FieldWord)
def most_rules(most: MostOf, word: FieldWord) -> Iterator[Made]:
    """Most violated policy."""
    yield from rules_most(word, most)


_RULE = next(row for row in CORE_FIELDS if row.table is Table.FINDINGS and row.name == "rule")


@rule(Superlative, SetOf)
def most_common(superlative: Superlative, things: SetOf) -> Iterator[Made]:
    """Most common vulnerabilities: by the rule they break."""
    if things.kinds == (k.FINDING,) and not things.named and superlative.row is None:
        limit = superlative.limit or (None if things.plural else 1)
        most = MostOf(things, superlative.descending, limit)
        yield Made(Grouped(things, Grouping(row=_RULE), most=most), -0.3)


@rule(Grouped, Condition)
def grouped_where(grouped: Grouped, condition: Condition) -> Iterator[Made]:
    """Findings by severity, without suppressed ones."""
    narrowed = attach(grouped.of, condition)
    if narrowed is not None and not grouped.of.named:
        yield Made(Grouped(narrowed, grouped.by, grouped.summary, grouped.most), 0.0)


@rule(SetOf, Condition)
def owners_of_breakers(agents: SetOf, condition: Condition) -> Iterator[Made]:
    """Teams that break a policy: those that own what breaks it."""
    where = condition.where
    if agents.named or not agents.kinds or not set(agents.kinds) <= {k.GROUP, k.USER}:
        return
    inner = where.of if isinstance(where, Not) else where
    if not isinstance(inner, Related) or inner.relation != _BREAKS:
        return
    owned = Related(relation="ownerOf", to=Select(kinds=(k.COMPONENT,), where=inner))
    owning = Not(of=owned) if isinstance(where, Not) else owned
    made = attach(agents, Condition(owning, agents.kinds))
    if made is not None:
        yield Made(made, 0.0, atoms=(owning,))


@rule(SetOf, Condition)
def things_with(things: SetOf, condition: Condition) -> Iterator[Made]:
    """Services with sql-injection: the name of a rule stands for the findings that break it."""
    where = condition.where.of if isinstance(condition.where, Not) else condition.where
    if (
        condition.kinds != (k.FINDING,)
        or not isinstance(where, Compare)
        or where.field not in NAMING | {"standards"}
    ):
        return
    found: Predicate = Related(relation=_BREAKS, to=Select(kinds=condition.kinds, where=where))
    if isinstance(condition.where, Not):
        found = Not(of=found)
    made = attach(things, Condition(found, ends(_BREAKS)[0]))
    if made is not None and (things.kinds or things.names):
        yield Made(made, -0.1, atoms=(found,))


@rule(RelationWord, FieldWord)
def fails_check(verb: RelationWord, word: FieldWord) -> Iterator[Made]:
    """(services) failing branch protection: the check of a scorecard got nothing."""
    if verb.sides != (_BREAKS,):
        return
    for row in word.rows:
        if row.name.startswith("scorecard_") and row.discovered:
            where = Compare(field=row.name, op=Op.EQ, value=0)
            note = f"failing {row.label} means that its check scores 0"
            yield Made(Condition(where, kinds_of(row)), 0.3, atoms=(where,), notes=(note,))
