"""Rows → a sentence. Everything said here stands in the rows; nothing is worded that they do not hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.absent import dangling_owner, never_deployed, nothing
from assistant.answer import AnswerKind, Result, Status, ValueRow
from assistant.composed import LISTED, Composed
from assistant.health import Trouble, about_objectives, asks_for_health, troubles
from assistant.measures import compose_measure
from assistant.numbers import (
    Names,
    compose_comparison,
    compose_groups,
    compose_number,
    level_with,
)
from assistant.on_call import compose_on_call
from assistant.quality import (
    THROUGH_SYSTEM,
    owned_through_systems,
    owner_through_system,
    ranked,
    sentence,
)
from assistant.said import affirmed, denied, plain, shown
from catalog_store.model.fields import Field, FieldType
from catalog_store.model.kinds import Table, table_of
from catalog_store.model.measures import MEASURE_BY_NAME
from catalog_store.model.quality import CHECK_BY_NAME
from catalog_store.reader import Row
from search.engine import SearchEngine
from search.plan import (
    Aggregate,
    Check,
    Compare,
    Comparison,
    Function,
    Path,
    Predicate,
    Review,
    Select,
    Traverse,
)
from search.plan_parts import asks_for_an_owner, named_refs
from search.result import SearchResult
from search.sql import LEVEL, PLACE, STANDING, as_select

DETAILED = 3
"""Records that are described one by one; more are only named."""

_BOOKKEEPING = frozenset(("ref", "kind", "total", "title", STANDING, LEVEL, *PLACE))
"""Columns of a row that are not fields of the thing."""


FEW = 3
"""Things that a yes names of those there are."""


class Composer:
    """Words the rows of one snapshot."""

    def __init__(self, engine: SearchEngine) -> None:
        """The engine knows names and fields."""
        self._engine = engine

    def compose(self, result: SearchResult) -> Composed:
        """The sentence for rows that were found; what is not well is said with its reasons."""
        composed = self._composed(result)
        if result.plan is None or result.now is None or not asks_for_health(result.plan):
            return composed
        refs = [r.ref for r in composed.results[:LISTED]]
        if isinstance(result.plan, Check) and not refs:
            refs = list(
                named_refs(result.plan.of)
            )  # "no" finds nothing, and is about what it names
        objectives = about_objectives(result.plan)
        found = troubles(self._engine, refs, now=result.now, objectives=objectives)
        return self._with_reasons(composed, found)

    def _with_reasons(self, composed: Composed, found: Sequence[Trouble]) -> Composed:
        if not found:
            return composed
        by: dict[str, list[Trouble]] = {}
        for trouble in found:
            by.setdefault(trouble.on, []).append(trouble)
        several = len(by) > 1 or composed.kind is not AnswerKind.VALUE
        said = [
            (f"{self._engine.title(on)}: " if several else "") + ", ".join(t.text for t in reasons)
            for on, reasons in by.items()
        ]
        results = tuple(
            r.model_copy(update={"fields": {**r.fields, "reasons": [t.ref for t in by[r.ref]]}})
            if r.ref in by
            else r
            for r in composed.results
        )
        text = f"{composed.text} {said[0][:1].upper()}{'; '.join(said)[1:]}."
        rows = tuple(trouble.row for trouble in found)
        return replace(composed, text=text, results=results, cited=rows)

    def _composed(self, result: SearchResult) -> Composed:
        plan = result.plan
        if isinstance(plan, Check):
            return self._check(plan, result)
        if isinstance(plan, Aggregate):
            return self._aggregate(plan, result)
        if isinstance(plan, Comparison):
            return self._comparison(plan, result)
        if isinstance(plan, Path):
            return self._path(result)
        if isinstance(plan, Review):
            return self._review(plan, result)
        assert isinstance(plan, Select | Traverse)
        if isinstance(plan, Select) and plan.fields:
            return self._fields(plan, result)
        return self._things(plan, result)

    # ── yes or no ────────────────────────────────────────────────────────────────────────────────

    def _every(self, plan: Check, result: SearchResult) -> Composed:
        """Whether all of a set are so; those that are not are the answer."""
        assert result.now is not None
        whole = self._engine.run(plan.of, now=result.now, limit=1).total
        said = self._engine.explainer.explain(plan).removeprefix("whether ")
        if not whole:
            return Composed(Status.EMPTY, AnswerKind.VALUE, f"There are none to ask it of: {said}.")
        results = self._results(result)
        text = f"**Yes** — {said} ({whole})."
        if results:
            names = ", ".join(f"**{r.title}**" for r in results[:LISTED])
            more = f" and {result.total - LISTED} more" if result.total > LISTED else ""
            not_so = f"{result.total} of {whole} {'is' if result.total == 1 else 'are'} not"
            text = f"**No** — {denied(said)}; {not_so}: {names}{more}."
        return Composed(
            Status.ANSWERED, AnswerKind.VALUE, text, results, value=not results, total=result.total
        )

    def _check(self, plan: Check, result: SearchResult) -> Composed:
        if plan.every:
            return self._every(plan, result)
        yes = bool(result.rows)
        said = self._engine.explainer.explain(plan).removeprefix("whether ")
        text = f"**Yes** — {affirmed(said)}." if yes else f"**No** — {denied(said)}."
        refs = named_refs(plan.of)
        if not yes and len(refs) == 1 and asks_for_an_owner(plan.of):
            dangling = dangling_owner(self._engine, refs[0])
            text = f"**No** — {dangling}" if dangling is not None else text
        if plan.holds is not None and not yes and result.now is not None:
            result = self._engine.run(plan.of, now=result.now, limit=1)
            if not result.rows:  # there is no last one to say anything of
                return Composed(Status.EMPTY, AnswerKind.VALUE, f"Nothing matches: {said}.")
        results = self._results(result)
        if yes and not refs and results:
            names = ", ".join(f"**{r.title}**" for r in results[:FEW])
            more = f" and {result.total - FEW} more" if result.total > FEW else ""
            text = f"{text.removesuffix('.')}: {names}{more}."
        return Composed(
            Status.ANSWERED,
            AnswerKind.VALUE,
            text,
            results,
            value=yes,
            total=result.total if yes else 0,
        )

    # ── numbers ──────────────────────────────────────────────────────────────────────────────────

    def _aggregate(self, plan: Aggregate, result: SearchResult) -> Composed:
        said = self._engine.explainer.explain(plan)
        if plan.metric is not None:
            held = self._engine.lexicon.held_tables
            return compose_measure(plan, result, said, self._group, held)
        row = self._row(plan)
        rate = plan.function is Function.RATE
        unit = f"per_{plan.every}" if rate else _UNITS.get(plan.function, row.unit if row else None)
        if plan.group_by is None and (plan.every is None or rate):
            apart = owned_through_systems(self._engine, as_select(plan.of), result)
            return compose_number(result, said, unit, apart)
        return compose_groups(plan, result, said, unit, Names(self._engine.title, self._group))

    def _comparison(self, plan: Comparison, result: SearchResult) -> Composed:
        first = plan.sides[0].of
        row = self._row(first)
        measure = MEASURE_BY_NAME.get(first.metric or "")
        usual = _UNITS.get(first.function, row.unit if row else None)
        unit = measure.unit if measure is not None else usual
        said = self._engine.explainer.explain(plan).removeprefix("whether ")
        return compose_comparison(plan, result, said, unit, Names(self._engine.title, self._group))

    def _group(self, key: str) -> Result | None:
        """The thing a group is, when groups are things."""
        known = self._engine.lexicon.candidates.get(key)
        return Result(ref=key, kind=known.kind, title=known.title) if known else None

    def _row(self, plan: Aggregate) -> Field | None:
        if plan.field is None:
            return None
        return self._engine.snapshot.fields.get(_table(as_select(plan.of)), plan.field)

    # ── fields ───────────────────────────────────────────────────────────────────────────────────

    def _fields(self, plan: Select, result: SearchResult) -> Composed:
        """What was asked of one thing, or of each of several."""
        rows = [self._engine.snapshot.fields.get(_table(plan), name) for name in plan.fields]
        fields = [row for row in rows if row is not None]
        results = self._results(result)
        if not result.rows:
            return Composed(
                Status.EMPTY,
                AnswerKind.ENTITIES,
                f"Nothing matches: {self._engine.explainer.explain(plan)}.",
            )
        held = [r for r in result.rows if any(r.get(f.name) is not None for f in fields)]
        if not held:
            names = ", ".join(self._engine.name(r["ref"]) for r in result.rows[:3])
            labels = " or ".join(f.label for f in fields)
            return Composed(
                Status.NO_SUCH_FACT,
                AnswerKind.VALUE,
                f"The catalog holds no {labels} for {names}.",
                results,
                total=result.total,
            )
        if len(result.rows) == 1:
            return self._one_thing(result.rows[0], fields, results)
        lines = [
            f"{self._engine.name(r['ref'])}: {', '.join(self._shown(r.get(f.name), f) for f in fields)}"
            for r in held[:LISTED]
        ]
        more = f" (and {len(held) - LISTED} more)" if len(held) > LISTED else ""
        value_rows = tuple(
            ValueRow(
                key=r["ref"], label=self._engine.title(r["ref"]), value=plain(r.get(fields[0].name))
            )
            for r in held
        )
        values = [row.value for row in value_rows]
        # "when does the shift end": of two levels that end together
        alike = all(v == values[0] for v in values) and len(result.rows) == result.total
        return Composed(
            Status.ANSWERED,
            AnswerKind.TABLE,
            "; ".join(lines) + more + ".",
            results,
            value_rows,
            value=values[0] if alike else None,
            unit=fields[0].unit,
            total=result.total,
        )

    def _one_thing(
        self, row: Row, fields: Sequence[Field], results: tuple[Result, ...]
    ) -> Composed:
        if [f.name for f in fields] == ["healthy"]:
            well = "healthy" if row["healthy"] else "not healthy"
            text = f"**{'Yes' if row['healthy'] else 'No'}** — {self._engine.name(row['ref'])} is {well}."
            return Composed(
                Status.ANSWERED, AnswerKind.VALUE, text, results, value=row["healthy"], total=1
            )
        name = self._engine.name(row["ref"])
        known = [f for f in fields if row.get(f.name) is not None]
        said = " and ".join(f"{f.label} is **{self._shown(row[f.name], f)}**" for f in known)
        first = known[0]
        return Composed(
            Status.ANSWERED,
            AnswerKind.VALUE,
            f"{name[0].upper()}{name[1:]}: {said}.",
            results,
            value=plain(row[first.name]),
            unit=first.unit,
            total=1,
        )

    def _review(self, plan: Review, result: SearchResult) -> Composed:
        """One row per check, worst first; those that are passed stand with 0."""
        checked = ranked(result.rows)
        rows = tuple(
            ValueRow(
                key=row["key"],
                label=CHECK_BY_NAME[row["key"]].label,
                value=row["value"],
                of=row["checked"],
            )
            for row in checked
        )
        said = self._engine.explainer.explain(plan)
        if not rows:
            return Composed(Status.EMPTY, AnswerKind.TABLE, f"Nothing to check: {said}.")
        text = sentence(said, checked)
        return Composed(
            Status.ANSWERED, AnswerKind.TABLE, text, rows=rows, unit="count", total=len(rows)
        )

    # ── things ───────────────────────────────────────────────────────────────────────────────────

    def _things(self, plan: Select | Traverse, result: SearchResult) -> Composed:
        said = self._engine.explainer.explain(plan)
        kind = (
            AnswerKind.EVENTS
            if _table(as_select(plan)) not in (Table.ENTITIES, Table.DOCUMENTS)
            else AnswerKind.ENTITIES
        )
        results = self._results(result)
        if not results:
            through = owner_through_system(self._engine, plan)
            if through is not None:
                text, owner = through
                found = Result(ref=owner, kind=self._kind(owner), title=self._engine.title(owner))
                return Composed(
                    Status.ANSWERED, kind, text, (found,), total=1, notes=(THROUGH_SYSTEM,)
                )
            return Composed(Status.EMPTY, kind, nothing(self._engine, plan, said))
        if isinstance(plan, Select) and result.total == 1 and _only_named(plan.where):
            return Composed(Status.ANSWERED, kind, self._card(result.rows[0]), results, total=1)
        if kind is AnswerKind.EVENTS and len(results) <= DETAILED:
            return Composed(
                Status.ANSWERED, kind, self._events(plan, said, result), results, total=result.total
            )
        on_call = compose_on_call(self._engine, result, said, results)
        if on_call is not None:
            return on_call
        names = ", ".join(f"**{r.title}**" for r in results[:LISTED])
        named = min(len(results), LISTED)
        more = f" and {result.total - named} more" if result.total > named else ""
        more += level_with(result.rows)
        count = "" if result.total == 1 else f"{result.total} — "
        text = f"{said[0].upper()}{said[1:]}: {count}{names}{more}."
        apart = never_deployed(self._engine, plan, result) + owned_through_systems(
            self._engine, as_select(plan), result
        )
        return Composed(Status.ANSWERED, kind, text + apart, results, total=result.total)

    def _events(self, plan: Select | Traverse, said: str, result: SearchResult) -> str:
        """A few records, each with what its columns say."""
        rows = [
            f
            for f in self._engine.snapshot.fields.of_table(_table(as_select(plan)))
            if f.rank is not None
        ]
        lines = []
        for row in result.rows:
            held = [f for f in rows if row.get(f.name) is not None]
            head = next((f for f in held if f.rank == 0), None)
            name = self._shown(row[head.name], head) if head else self._engine.name(row["ref"])
            facts = [f"{f.label} {self._shown(row[f.name], f)}" for f in held if f is not head]
            lines.append(f"**{name}** ({', '.join(facts)})" if facts else f"**{name}**")
        return f"{said[0].upper()}{said[1:]}: {'; '.join(lines)}."

    def _shown(self, value: object, row: Field) -> str:
        """A value as people read it; references by name."""
        if row.type is FieldType.REF and isinstance(value, str):
            return self._engine.name(value)
        return shown(value, row)

    def _card(self, row: Row) -> str:
        """A thing named without a question about it: what it is."""
        full = self._engine.snapshot.catalog.entity(row["ref"]) or row
        text = f"**{self._engine.name(row['ref'])}**"
        if full.get("description"):
            text += f" — {full['description'].rstrip('.')}"
        facts = [
            f"owned by {self._engine.name(full['owner'])}" if full.get("owner") else "",
            full.get("lifecycle") or "",
        ]
        tail = ", ".join(f for f in facts if f)
        return f"{text} ({tail})." if tail else f"{text}."

    def _path(self, result: SearchResult) -> Composed:
        chain = list(result.rows[0]["chain"]) if result.rows else []
        if not chain:
            return Composed(
                Status.EMPTY,
                AnswerKind.PATH,
                "No chain of dependencies leads from one to the other.",
            )
        results = tuple(
            Result(ref=ref, kind=self._kind(ref), title=self._engine.title(ref)) for ref in chain
        )
        text = " → ".join(f"**{r.title}**" for r in results)
        return Composed(
            Status.ANSWERED,
            AnswerKind.PATH,
            f"{text} ({len(chain) - 1} steps).",
            results,
            value=len(chain) - 1,
            unit="count",
            total=len(chain),
        )

    def _kind(self, ref: str) -> str:
        candidate = self._engine.lexicon.candidates.get(ref)
        return candidate.kind if candidate else ref.split(":", 1)[0]

    def _results(self, result: SearchResult) -> tuple[Result, ...]:
        out = []
        for row in result.rows:
            fields = {n: plain(v) for n, v in row.items() if n not in _BOOKKEEPING}
            title = row.get("title") or self._engine.title(row["ref"])
            if title == row["ref"]:
                # a finding is called after the rule it breaks, an alert after its name
                title = row.get("name") or row.get("rule") or row["ref"].split(":", 1)[1]
            out.append(Result(ref=row["ref"], kind=row["kind"], title=title, fields=fields))
        return tuple(out)


_UNITS = {Function.COUNT: "count", Function.DISTINCT: "count", Function.SHARE: "percent"}
"""How a set is summed up → the unit of that, whatever the field."""


def _table(select: Select) -> Table:
    return table_of(select.kinds[0]) if select.kinds else Table.ENTITIES


def _only_named(where: Predicate | None) -> bool:
    return isinstance(where, Compare) and where.field == "ref"
