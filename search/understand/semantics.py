"""The typed pieces a reading is composed from: what a stretch of the question can mean before it is part of a plan.

Each meaning has a category (its class here); grammar rules combine neighbours of two categories into one of a third.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from catalog_store.model.fields import Field
from catalog_store.model.kinds import KINDS
from catalog_store.model.time_window import TimeWindow
from search.plan import Function, Op, Order, Predicate
from search.understand.amounts import Amount, Comparator, Judged, Judging, Number


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing a name may mean; `quality` is 1.0 for its exact name and less for looser matches."""

    ref: str
    kind: str
    type: str | None
    title: str
    quality: float


@dataclass(frozen=True, slots=True)
class SetOf:
    """A set of things.

    Attributes:
        kinds: what it may hold; empty means any catalog entity.
        where: its condition so far; does not repeat the names.
        names: for a set given by name, every thing the name may mean.
        unknown: words in the place of a name that name nothing.
        plural: the noun was plural; asks for several things, where a singular with "the" asks for one.
        mine: the asker's own.
        pronoun: refers to the answer before.
        order, limit: a superlative has been applied.
        count: for "more than 3 incidents": how the number of members compares.
        asked: fields asked of the things.
        checked: it is asked whether they are so.
        said: words a partial name was made of, for the reading.
        gap: beside a noun that fits, it only restricts: "duplicates", "of type redis".
    """

    kinds: tuple[str, ...] = ()
    where: Predicate | None = None
    names: tuple[Candidate, ...] = ()
    unknown: str | None = None
    plural: bool = False
    mine: bool = False
    pronoun: bool = False
    order: tuple[Order, ...] = ()
    limit: int | None = None
    count: tuple[Op, int] | None = None
    asked: tuple[str, ...] = ()
    checked: bool = False
    anyone: bool = False
    gap: bool = False

    @property
    def named(self) -> bool:
        """Whether it is given by name."""
        return bool(self.names) or self.unknown is not None

    @property
    def own(self) -> SetOf:
        """Of the asker's groups those they are a member of themselves; any other set as it is."""
        return (
            self.but(names=tuple(c for c in self.names if c.quality >= 1.0)) if self.mine else self
        )

    def but(self, **changes: object) -> SetOf:
        """A copy with some attributes changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition waiting for the things it restricts.

    Attributes:
        where: the condition.
        kinds: kinds it may restrict; empty means any entity.
        since: for a deployment condition with a bare age ("for more than 60 days"): the moment it means, so that a
            negation can turn it around.
        row: the field of a comparison with a number, for things that have it only through their parts.
        topic: what it is about stands before a verb of which it is no subject: "checkout: who owns it".
    """

    where: Predicate
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    row: Field | None = None
    topic: bool = False


@dataclass(frozen=True, slots=True)
class RelationWord:
    """A verb that needs the things at its other end: "depends on", "owned by". Several sides when the verb is shared."""

    sides: tuple[str, ...]
    hops: int | None = 1


@dataclass(frozen=True, slots=True)
class RelationNoun:
    """A noun for what stands at the other end: "owner of", "consumers of"."""

    sides: tuple[str, ...]
    plural: bool = False


@dataclass(frozen=True, slots=True)
class FieldWord:
    """A word for one or several fields.

    Attributes:
        rows: the fields.
        unknown: words in the place of a field that name none.
        of: "of" or "for" follows, so that it is asked and restricts nothing.
    """

    rows: tuple[Field, ...] = ()
    unknown: str | None = None
    of: bool = False


@dataclass(frozen=True, slots=True)
class Time:
    """A window, or a bare length with the moment it reaches back to; `today` when the window is the day that runs."""

    window: TimeWindow | None = None
    back: datetime | None = None
    days: float | None = None
    today: bool = False


@dataclass(frozen=True, slots=True)
class Ahead:
    """A window that has yet to begin: only rotas reach there."""

    window: TimeWindow


@dataclass(frozen=True, slots=True)
class Age:
    """How long ago, compared with a moment `back`; between two moments when `until` is set."""

    op: Op
    back: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventWord:
    """ "deployed": a deployment happened, or one `elsewhere`; `by`: who made it; `noun`: said as one, `plural` as several of them."""

    environment: str = "production"
    outcome: str | None = "success"
    by: Predicate | None = None
    elsewhere: bool = False
    noun: bool = field(default=False, compare=False)
    plural: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Negation:
    """ "not", "without", "never".

    Attributes:
        after: it follows what it negates.
        each: "or" does not make it deny both.
        unset: "isn't set", "is empty": said of a field only.
        things: it denies the things after it with all that is said of them: "no deprecated apis" are not apis that are not deprecated.
        again: "nor": it denies a further thing, and takes nothing away from the one before.
    """

    after: bool = False
    each: bool = False
    unset: bool = False
    things: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Lack:
    """ "without a runbook": things to be absent; `also` these, or `either` of them; `each` and `again` are the negation's."""

    of: SetOf
    also: tuple[SetOf, ...] = ()
    either: bool = False
    each: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Superlative:
    """ "most", "lowest", "top 5"; with a field once it is known.

    Attributes:
        good: for "best" and "worst", which wait for a field or a measure to say which end that is; None for the others.
        function: sums up the field where things are ranked by what belongs to them: "lowest average coverage".
        trend: "growing fastest": the field says how another one changes.
    """

    descending: bool
    limit: int | None = None
    row: Field | None = None
    plural: bool = False
    good: bool | None = None
    function: Function | None = None
    trend: bool = False

    @property
    def worst(self) -> bool | None:
        """Which end of a measure is meant; None for the largest or the smallest."""
        return None if self.good is None else not self.good


@dataclass(frozen=True, slots=True)
class MostOf:
    """ "most incidents": ranks by how many of a set; `side` leads from these to what is ranked, where a word said so."""

    of: SetOf
    descending: bool
    limit: int | None = None
    worst: bool | None = None
    side: str | None = None


@dataclass(frozen=True, slots=True)
class Recency:
    """ "last", "first"."""

    last: bool


@dataclass(frozen=True, slots=True)
class Direction:
    """ "descending", or the "first" of "newest first", which leaves the end to the word before it (None)."""

    descending: bool | None = None


@dataclass(frozen=True, slots=True)
class Sorting:
    """ "highest cost first", "newest first": all of a set in that order; without a field, in that of what it is dated or counted by."""

    descending: bool
    row: Field | None = None


@dataclass(frozen=True, slots=True)
class YesNo:
    """ "yes", "false": the value of a yes/no field beside it."""

    value: bool


@dataclass(frozen=True, slots=True)
class Grouping:
    """ "per team", "by language", "by month"; empty while it waits for what to group by. `then` is a second one: "and by month"."""

    by: SetOf | None = None
    row: Field | None = None
    every: str | None = None
    then: Grouping | None = None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """ "breakdown of": what comes before it is what the things after it are grouped by."""


@dataclass(frozen=True, slots=True)
class Promise:
    """ "within its", "breaching its": an SLO, which follows, is kept or not."""

    kept: bool


@dataclass(frozen=True, slots=True)
class Every:
    """ "by month", "per week": a stretch of the calendar to group by; `per` when it may also be the unit of a rate."""

    unit: str
    per: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """A delivery measure, with what is known of it so far.

    Attributes:
        measure: its name in the table of measures; None while only the unit is known ("how often").
        unit: the unit asked for, while the measure is not known.
        things: the catalog things it is taken of, or compared by.
        records: the records it is taken over, when the question restricts them.
        window: when.
        by: what it is grouped by.
        having: which values are wanted, in the measure's unit.
        most: (worst, descending, limit) of a ranking; `worst` as in `Superlative`.
        ranks: stood after "by": what comes before is ranked by it.
        counted: "how often did": a number of times, which only things that succeed are taken as a rate of.
    """

    measure: str | None = None
    unit: str | None = None
    things: SetOf | None = None
    records: SetOf | None = None
    window: TimeWindow | None = None
    by: Grouping | None = None
    having: tuple[Op, float] | None = None
    most: tuple[bool | None, bool, int | None] | None = None
    ranks: bool = False
    counted: bool = False

    def but(self, **changes: object) -> Measured:
        """A copy with some attributes changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Summary:
    """ "average", "total"; with a field once it is known."""

    function: Function
    row: Field | None = None


@dataclass(frozen=True, slots=True)
class Impact:
    """ "breaks if": everything that uses it, all hops; with the things it is asked of once they are known.

    `active`: the verb of what fails ("which services would the ledger affect"), which stands before it.
    """

    of: SetOf | None = None
    active: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """ "or", "and"; `nor` goes on with what is denied."""

    disjunctive: bool
    nor: bool = False


@dataclass(frozen=True, slots=True)
class Linked:
    """A link with its right side, waiting for the left."""

    disjunctive: bool
    right: Condition | SetOf | Number | FieldWord | Grouping | Measured
    nor: bool = False


@dataclass(frozen=True, slots=True)
class Stale:
    """ "stale", "abandoned": not deployed for a while."""


@dataclass(frozen=True, slots=True)
class Placing:
    """ "lives in", "runs on": says nothing beyond the place beside it."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """A set grouped by something, summed up, its groups wanted by their sum or number; `side`: the relation to them, where said.

    `averaged`: grouped by a stretch of the calendar: how many a stretch on average, as one number.
    """

    of: SetOf
    by: Grouping | None = None
    summary: Summary | None = None
    most: MostOf | None = None
    having: tuple[Op, float] | None = None
    side: str | None = None
    averaged: bool = False


@dataclass(frozen=True, slots=True)
class Absent:
    """ "not in the catalog", "does not exist"; with the kinds of the things that do not, once they are known."""

    kinds: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """ "the same database as": what is had in common, and the relation to it, once that is known."""

    of: SetOf | None = None
    side: str | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """ "refers to", "points to": any reference."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """ "instead of", "rather than": what follows only says what the things are not."""


@dataclass(frozen=True, slots=True)
class Quality:
    """ "catalog health", "what needs cleaning up"; with what it is asked of once that is known."""

    of: SetOf | None = None


@dataclass(frozen=True, slots=True)
class OnCall:
    """ "on call" now, next (`upcoming`) or at some time in `window`; `level` is 1 for the primary, 2 for the second, None for all."""

    level: int | None = None
    upcoming: bool = False
    window: TimeWindow | None = None


@dataclass(frozen=True, slots=True)
class Complying:
    """ "compliant with", "passing": waits for the rule or policy that is kept."""


@dataclass(frozen=True, slots=True)
class Way:
    """ "path from", and what it leads from and to once they are known; `between`: it stands between the two."""

    start: SetOf | None = None
    end: SetOf | None = None
    between: bool = False


@dataclass(frozen=True, slots=True)
class Skip:
    """Words that are passed over; their cost was paid when they were."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Fields asked of a set: "tier of checkout"."""

    of: SetOf
    rows: tuple[Field, ...] = ()
    unknown: str | None = None


# fmt: off
Meaning: TypeAlias = (
    SetOf | Condition | RelationWord | RelationNoun | FieldWord | Number | Comparator | Amount | Judging
    | Judged | Time | Ahead | Age | EventWord | Negation | Lack | Superlative | MostOf | Recency | Grouping
    | Every | Breakdown | Promise | Measured | Summary | Impact | Link | Linked | Stale | Placing
    | Grouped | Absent
    | Points | Contrast | Quality | OnCall | Complying | Way | Alike | Direction | Sorting | YesNo | Skip
    | Asked
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Item:
    """A meaning with the words it came from.

    Attributes:
        mask: bit i is set when token i is part of it.
        score: higher is better; sums over the parts.
        evidence: (condition, mask) pairs: which words made which atom of the plan.
        notes: choices that were made, to be said.
    """

    meaning: Meaning
    mask: int
    score: float
    evidence: tuple[tuple[object, int], ...] = ()
    notes: tuple[str, ...] = ()


def kinds_of(row: Field) -> tuple[str, ...]:
    """The kinds that may hold a field."""
    return row.kinds or tuple(kind.name for kind in KINDS if kind.table is row.table)
