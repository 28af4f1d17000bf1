"""How many a day, a month or a quarter on average: a number of records over the stretches of a window."""

from __future__ import annotations

from datetime import datetime

from catalog_store.model import kinds as k
from catalog_store.model.kinds import table_of
from search.plan import Aggregate, Compare, Function, Op, Predicate, conjoin, conjuncts
from search.understand.grammar.events import MOMENT_OF
from search.understand.measured import said_window, window_of
from search.understand.selecting import select_of
from search.understand.semantics import Grouped

_SUCCESSFUL = (
    Compare(field="environment", op=Op.EQ, value="production"),
    Compare(field="outcome", op=Op.EQ, value="success"),
)
"""What a deployment frequency counts; a question that says otherwise is taken at its word."""


def rate_plan(grouped: Grouped, now: datetime) -> tuple[Aggregate, tuple[str, ...]] | None:
    """The average number of records a stretch of the calendar, and what was chosen for the asker."""
    of, by = grouped.of, grouped.by
    if by is None or by.every is None or len(of.kinds) != 1:
        return None
    moment = MOMENT_OF[table_of(of.kinds[0])]
    window, kept = None, list[Predicate]()
    for part in conjuncts(of.where):
        said = said_window(part) if isinstance(part, Compare) and part.field == moment else None
        if said is not None:
            window = said
        else:
            kept.append(part)
    fields = {part.field for part in kept if isinstance(part, Compare)}
    notes: tuple[str, ...] = ()
    if of.kinds == (k.DEPLOYMENT,) and not fields & {"environment", "outcome", "rolled_back"}:
        kept += _SUCCESSFUL
        notes = ("successful deployments to production are counted",)
    span, chosen = window_of(window, now)
    plan = Aggregate(
        function=Function.RATE,
        of=select_of(of.but(where=conjoin(*kept))),
        every=by.every,  # type: ignore[arg-type]  # a unit of the calendar, as the grammar knows no other
        window=span,
    )
    return plan, notes + chosen
