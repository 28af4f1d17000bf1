"""Two sides set against each other: this month and the last, one team and another.

Such a question is two questions that differ in one part. Each is read by itself, like any other; the plan holds both numbers.
Where the two cannot be read the whole is not: nothing of it is answered as if the other side had not been said.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog_store.analyzer import Token
from catalog_store.model.kinds import table_of
from catalog_store.model.measures import DEFAULT_DAYS, MEASURE_BY_NAME
from catalog_store.model.time_window import TimeWindow
from search.plan import Aggregate, Comparison, Function, Op, Plan, Select, Side, Traverse, conjoin
from search.plan_parts import named_refs, selects
from search.understand import words
from search.understand.calendar_words import UNITS, calendar, calendar_at, number_of
from search.understand.follow_up import rewindowed
from search.understand.grammar.events import MOMENT_OF, in_window, iso
from search.understand.reading import Reading
from search.understand.semantics import SetOf
from search.understand.spans import Mention
from search.understand.time_words import TimeKind, TimeMention, time_mentions

Reads = Callable[[str], Reading | None]
"""A question of its own → its best reading, if every word of it has a place there."""

_MORE = frozenset(
    "more higher larger bigger greater longer increased rising rose risen grown grew up".split()
)
_LESS = frozenset(
    "fewer less lower smaller shorter decreased falling fell fallen shrunk shrank dropped dropping down".split()
)
_BETTER = frozenset("better improved improving healthier faster quicker".split())
_WORSE = frozenset("worse worsened worsening deteriorated slower degraded".split())
_COMPARATIVES = _MORE | _LESS | _BETTER | _WORSE
_MOVING = frozenset("gone going went got getting been become becoming trending trend".split())
_VERSUS = (("vs",), ("versus",), ("compared", "to"), ("compared", "with"), ("against",))
_AUXILIARIES = words.YES_NO | frozenset(("there", "we", "they", "you", "i", "had", "did"))
_BEFORE_THIS = frozenset(
    "last before previous previously one the week month quarter year day that it".split()
)
_SHIPPING = frozenset("deploy deployed ship shipped released push pushed".split())
_SHIPPED = "successful production deployments"


@dataclass(frozen=True, slots=True)
class Sides:
    """What a question sets against each other, as positions of its words.

    Attributes:
        cut: the words that only compare, and the second side.
        first, second: the windows; None when things are compared.
        names: where the first thing stands, and the second.
        said: the comparative; None for a mere "versus".
        notes: choices made.
    """

    cut: frozenset[int]
    first: TimeWindow | None = None
    second: TimeWindow | None = None
    names: tuple[tuple[int, int], tuple[int, int]] | None = None
    said: str | None = None
    added: str = ""
    notes: tuple[str, ...] = ()


def versus(
    text: str, tokens: Sequence[Token], mentions: Sequence[Mention], now: datetime, reads: Reads
) -> Reading | None:
    """The reading of a question that compares two sides; None when it compares none.

    Args:
        text: as typed.
        tokens: its words.
        mentions: what its spans may mean.
        now: where open windows end.
        reads: reads one side.
    """
    texts = [t.text for t in tokens]
    sides = _periods(tokens, texts, now) or _things(texts, mentions, tokens, now)
    if sides is None:
        return None
    whole = (1 << len(tokens)) - 1
    for wording in _wordings(text, tokens, sides):
        read = [reads(w) for w in wording]
        if any(r is not None and r.unknown is not None for r in read):
            unknown = next(r for r in read if r is not None and r.unknown is not None)
            return Reading(None, unknown.score, whole, unknown=unknown.unknown)
        plan = _plan([r.plan for r in read if r is not None], sides, now) if all(read) else None
        if plan is not None:
            evidence = tuple((x, whole) for r in read if r is not None for x, _ in r.evidence)
            notes = tuple(dict.fromkeys(n for r in read if r is not None for n in r.notes))
            return Reading(plan, 50.0, whole, evidence, (*sides.notes, *notes))
    return Reading(
        None, 50.0, whole, missing=_slice(text, tokens, range(min(sides.cut), max(sides.cut) + 1))
    )


# ── what is set against what ─────────────────────────────────────────────────────────────────────


def _periods(tokens: Sequence[Token], texts: Sequence[str], now: datetime) -> Sides | None:
    windows = (m for m in time_mentions(tokens, now) if m.kind is TimeKind.WINDOW)
    found = [m for m in windows if m.window and not m.joined]
    found += _bare(texts, {m.start for m in found}, now)
    found.sort(key=lambda m: (m.start, -m.end))
    times = [m for n, m in enumerate(found) if not any(m.start < o.end for o in found[:n])]
    said = _comparative(texts)
    for first, second in itertools.pairwise(times):
        between = tuple(texts[first.end : second.start])
        linked = between in _VERSUS or (
            between in (("or",), ("and",), ("to",), ("with",), ("than",), ("than", "in"))
            and (said is not None or "compare" in texts)
        )
        if linked:
            cut = frozenset(range(first.end, second.end))
            op = said if between[0] == "than" else None
            return _sides(texts, cut, first.window, second.window, op, now)
    for link in _VERSUS:
        for one in times:
            after = one.end + len(link)
            rest = texts[after:]
            if tuple(texts[one.end : after]) == link and rest and set(rest) <= _BEFORE_THIS:
                cut = frozenset(range(one.end, len(texts)))
                return _sides(texts, cut, one.window, _before(one.window, now), None, now)
    if said is None:
        return None
    if "than" in texts:
        return _than_before(texts, times, said, now)
    since = [m for m in times if texts[m.start] == "since"]
    if len(since) == 1 and (moved := _moved(texts, said)) is not None:
        window = since[0].window
        cut = frozenset((*moved, *range(since[0].start, since[0].end)))
        return _sides(texts, cut, window, _before(window, now), said, now)
    if (
        not times
        and (moved := _moved(texts, said)) is not None
        and not {"is", "are"}.isdisjoint(texts[:2])
    ):
        window = TimeWindow(now - timedelta(days=DEFAULT_DAYS), None)
        note = f"the last {DEFAULT_DAYS} days are set against the {DEFAULT_DAYS} before them, as no time was named"
        sides = _sides(texts, moved, window, _before(window, now), said, now)
        return (
            Sides(sides.cut, sides.first, sides.second, said=said, notes=(note,)) if sides else None
        )
    return None


def _bare(texts: Sequence[str], known: set[int], now: datetime) -> list[TimeMention]:
    """Months and the like without a preposition, on either side of what links them: "march vs april", "in april or may"."""
    linking = {word for link in _VERSUS for word in link} | {"or", "than", "and"}
    found = []
    for i in range(len(texts)):
        if i in known or linking.isdisjoint((*texts[i + 1 : i + 2], *texts[max(i - 1, 0) : i])):
            continue
        said = calendar_at(texts, i, now)
        if said is not None:
            found.append(TimeMention(i, said[1], TimeKind.WINDOW, window=said[0]))
    return found


def _than_before(
    texts: Sequence[str], times: Sequence[TimeMention], said: str, now: datetime
) -> Sides | None:
    """ "This month than last", "than the week before", "than last month" beside no other time."""
    than = len(texts) - 1 - list(reversed(texts)).index("than")
    after = [m for m in times if m.start in (than + 1, than + 2)]
    before = [m for m in times if m.end <= than]
    if after and after[-1].end >= len(texts) - 1 and not before:
        window = after[0].window
        unit = _unit(window)
        if unit is None:
            return None
        current = calendar(UNITS[unit], now, 0)
        note = f"set against this {unit}, as no other time was named"
        sides = _sides(texts, frozenset(range(than, len(texts))), current, window, said, now)
        return (
            Sides(sides.cut, current, window, said=said, notes=(note, *sides.notes))
            if sides
            else None
        )
    rest = texts[than + 1 :]
    if len(before) == 1 and rest and set(rest) <= _BEFORE_THIS:
        window = before[0].window
        cut = frozenset(range(than, len(texts)))
        return _sides(texts, cut, window, _before(window, now), said, now)
    return None


def _sides(
    texts: Sequence[str],
    cut: frozenset[int],
    first: TimeWindow | None,
    second: TimeWindow | None,
    said: str | None,
    now: datetime,
) -> Sides | None:
    if first is None or second is None or first == second:
        return None
    compared = {
        i for i, t in enumerate(texts) if t in _COMPARATIVES or t in ("compare", "comparing")
    }
    running = first.end is not None and first.end > now
    notes = ("the first of the two is not over yet",) if running else ()
    return Sides(cut | compared, first, second, said=said, notes=notes)


def _before(window: TimeWindow | None, now: datetime) -> TimeWindow | None:
    """The stretch right before: the calendar unit before, or as long a time."""
    if window is None or window.start is None:
        return None
    unit = _unit(window)
    if unit is not None:
        return calendar(UNITS[unit], window.start, -1)
    return TimeWindow(window.start - ((window.end or now) - window.start), window.start)


def _unit(window: TimeWindow | None) -> str | None:
    if window is None or window.start is None or window.end is None:
        return None
    start = window.start
    return next((u for u in words.PERIODS if calendar(UNITS[u], start, 0) == window), None)


def _comparative(texts: Sequence[str]) -> str | None:
    return next((t for t in texts if t in _COMPARATIVES), None)


def _moved(texts: Sequence[str], said: str) -> frozenset[int] | None:
    """Where "has gone up", "is improving" stands; None when the comparative says something else."""
    at = list(texts).index(said)
    if said in ("up", "down") and texts[at - 1] not in _MOVING:
        return None
    if said in ("more", "less", "fewer", "longer", "shorter") or "than" in texts:
        return None
    return frozenset(i for i in range(len(texts)) if i == at or (texts[i] in _MOVING and i < at))


def _things(
    texts: Sequence[str], mentions: Sequence[Mention], tokens: Sequence[Token], now: datetime
) -> Sides | None:
    """ "Does playout own more services than encoding"."""
    if "than" not in texts:
        return None
    than = list(texts).index("than")
    said = next((i for i in range(than - 1, -1, -1) if texts[i] in _COMPARATIVES), None)
    if said is None or than + 1 >= len(texts):
        return None
    named = [
        (m.start, m.end)
        for m in mentions
        if any(isinstance(i.meaning, SetOf) and i.meaning.names for i in m.items)
    ]
    start = than + 1
    while start < len(texts) - 1 and texts[start] in ("the", "that", "those", "of"):
        start += 1
    second = max((n for n in named if n[0] == start), key=lambda n: n[1], default=None)
    if second is None:
        counted = number_of(texts[start]) is not None or texts[start][:1].isdigit()
        adjacent = than == said + 1 or counted or texts[start] in ("a", "an", "half")
        return None if adjacent else Sides(frozenset(range(said, len(texts))), said=texts[said])
    clear = [m.start for m in time_mentions(tokens, now) if m.start >= second[1]]
    end = min(clear, default=len(texts))
    first = min((n for n in named if n[1] <= said), key=lambda n: (n[0], -n[1]), default=None)
    asks = texts[0] in words.YES_NO
    cut = frozenset((said, *range(than, end)))
    if first is None or not asks or end - second[1] > 1:
        return Sides(frozenset(range(said, end)), said=texts[said])
    return Sides(cut, names=(first, second), said=texts[said])


# ── each side as a question of its own ───────────────────────────────────────────────────────────


def _wordings(text: str, tokens: Sequence[Token], sides: Sides) -> list[tuple[str, ...]]:
    """Ways of asking for each side by itself."""
    if sides.names is None and sides.first is None:
        return []
    kept = [i for i in range(len(tokens)) if i not in sides.cut]
    body = [i for i in kept if tokens[i].text not in _AUXILIARIES]
    shipped = [tokens[i].text in _SHIPPING for i in body]
    if sides.names is None:
        plain = _slice(text, tokens, body)
        rest = _slice(
            text, tokens, [i for i, ships in zip(body, shipped, strict=True) if not ships]
        )
        made = f"number of {_SHIPPED} of {rest}", f"number of {_SHIPPED} {rest}"
        asked_for = plain, f"number of {plain}", _slice(text, tokens, kept)
        return [(wording,) for wording in (*(made if any(shipped) else ()), *asked_for)]
    (start, end), (from_, to) = sides.names
    than = min(i for i in sides.cut if tokens[i].text == "than")
    said = min(sides.cut)
    other = text[tokens[from_].start : tokens[to - 1].end]
    own = text[tokens[start].start : tokens[end - 1].end]
    lead = [i for i in body if i < said and not start <= i < end]
    noun_ = [i for i in body if said < i < than]
    tail = [i for i in body if i > than]
    ways = []
    for name in (own, other):
        after = _slice(text, tokens, tail)
        asked, verb = _slice(text, tokens, noun_), _slice(text, tokens, lead)
        deployed = any(tokens[i].text in _SHIPPING for i in lead)
        ways.append(
            (
                f"when was {name} last deployed" if "recently" in asked else "",
                f"number of {asked} {name} {verb} {after}" if asked else "",
                f"number of {asked} of {name} {after}" if asked else "",
                f"number of {_SHIPPED} of {name} {after}" if deployed and not asked else "",
                f"{asked} of {name} {after}" if asked else "",
                f"{verb} of {name} {after}" if verb and not deployed else "",
            )
        )
    return [pair for pair in zip(*ways, strict=True) if all(pair)]


def _slice(text: str, tokens: Sequence[Token], positions: Sequence[int]) -> str:
    """The words at some positions, as they were typed; those that were one word stay one."""
    out = ""
    for n, i in enumerate(positions):
        joined = n > 0 and positions[n - 1] == i - 1
        out += (
            text[tokens[i - 1].end : tokens[i].end]
            if joined
            else f" {text[tokens[i].start : tokens[i].end]}"
        )
    return out.strip()


# ── both as one plan ─────────────────────────────────────────────────────────────────────────────


def _plan(plans: Sequence[Plan | None], sides: Sides, now: datetime) -> Comparison | None:
    numbers = [_number(plan) for plan in plans]
    if sides.names is not None:
        first, second = numbers
        keys = [_named(plan) for plan in plans]
        if first is None or second is None or None in keys or keys[0] == keys[1]:
            return None
        if (first.function, first.metric, first.field) != (
            second.function,
            second.metric,
            second.field,
        ):
            return None
        key, other = keys
    else:
        assert sides.first is not None
        assert sides.second is not None
        number = numbers[0]
        first = _at(number, sides.first, now) if number is not None else None
        second = _at(number, sides.second, now) if number is not None else None
        if first is None or second is None or first == second:
            return None
        key, other = (_interval(w, now) for w in (sides.first, sides.second))
    op = _op(sides.said, first) if sides.said is not None else None
    if sides.said is not None and op is None:
        return None
    return Comparison(sides=(Side(key=str(key), of=first), Side(key=str(other), of=second)), op=op)  # type: ignore[arg-type]


def _at(number: Aggregate, window: TimeWindow, now: datetime) -> Aggregate | None:
    """The number at another time; None when it is of no time."""
    moved = rewindowed(number, window, now)
    if isinstance(moved, Aggregate):
        return moved
    of = number.of
    if not isinstance(of, Select) or len(of.kinds) != 1 or number.metric is not None:
        return None
    moment = MOMENT_OF.get(table_of(of.kinds[0]))
    where = in_window(moment, window) if moment is not None else None
    if where is None:
        return None
    dated = of.model_copy(update={"where": conjoin(of.where, where)})
    return number.model_copy(update={"of": dated})


def _number(plan: Plan | None) -> Aggregate | None:
    """A plan as one number: itself, the one field that is asked of one thing, or how many records there are."""
    if isinstance(plan, Aggregate):
        grouped = plan.group_by or plan.every or plan.having or plan.metric == "delivery"
        return None if grouped else plan
    if isinstance(plan, Select) and plan.fields:
        bare = plan.model_copy(update={"fields": ()})
        one = len(plan.fields) == 1 and _ref(plan) is not None
        return Aggregate(function=Function.MAX, of=bare, field=plan.fields[0]) if one else None
    if isinstance(plan, Select) and plan.kinds and not plan.order and plan.limit is None:
        return Aggregate(function=Function.COUNT, of=plan)
    return None


def _ref(plan: Select | Traverse) -> str | None:
    refs = named_refs(plan)
    return refs[0] if refs else None


def _named(plan: Plan | None) -> str | None:
    """The reference a plan is about."""
    return next((ref for select in selects(plan) if (ref := _ref(select)) is not None), None)


def _op(said: str, plan: Aggregate) -> Op | None:
    """Which way the first side has to lie; "better" needs a number of which one end is good."""
    if said in _MORE:
        return Op.GT
    if said in _LESS:
        return Op.LT
    measure = MEASURE_BY_NAME.get(plan.metric or "")
    if measure is None or measure.more_is_worse is None:
        return None
    return Op.LT if (said in _BETTER) is bool(measure.more_is_worse) else Op.GT


def _interval(window: TimeWindow, now: datetime) -> str:
    """A window as an ISO 8601 interval."""
    end = min(window.end or now, now)
    return f"{iso(window.start) if window.start else '..'}/{iso(end)}"
