"""Comparisons that judge: "99.9% or better", "a failure rate worse than 15%". The field or measure says which way that is."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model.fields import Polarity
from catalog_store.model.measures import MEASURE_BY_NAME
from search.understand.amounts import Judged, Judging, Number
from search.understand.grammar.base import Made, rule
from search.understand.grammar.filters import field_then_amount
from search.understand.grammar.measures import having
from search.understand.semantics import FieldWord, Measured


@rule(Number, Judging)
def or_better(number: Number, judging: Judging) -> Iterator[Made]:
    """99.9% or better."""
    if judging.after and len(number.values) == 1:
        yield Made(Judged(judging, number.values[0], number.unit), 0.25)


@rule(Judging, Number)
def better_than(judging: Judging, number: Number) -> Iterator[Made]:
    """Better than 99.9%."""
    if not judging.after and len(number.values) == 1:
        yield Made(Judged(judging, number.values[0], number.unit), 0.2)


@rule(FieldWord, Judged)
def field_judged(word: FieldWord, judged: Judged) -> Iterator[Made]:
    """Coverage of 80 or better; a field of which neither end is good cannot be asked so."""
    for row in word.rows:
        if row.polarity is not None:
            amount = judged.amount(high_is_good=row.polarity is Polarity.HIGHER)
            yield from field_then_amount(FieldWord((row,)), amount)


@rule(Judged, FieldWord)
def judged_field(judged: Judged, word: FieldWord) -> Iterator[Made]:
    """80 or better coverage."""
    for made in field_judged(word, judged):
        yield Made(made.meaning, made.delta - 0.15, made.atoms)


@rule(Measured, Judged)
def measure_judged(measured: Measured, judged: Judged) -> Iterator[Made]:
    """Change failure rate worse than 15%."""
    row = MEASURE_BY_NAME.get(measured.measure or "")
    if row is not None and row.more_is_worse is not None:
        yield from having(measured, judged.amount(high_is_good=not row.more_is_worse), 0.45)


@rule(Judged, Measured)
def judged_measure(judged: Judged, measured: Measured) -> Iterator[Made]:
    """Worse than 15% change failure rate."""
    for made in measure_judged(measured, judged):
        yield Made(made.meaning, made.delta - 0.15, made.atoms)
