"""What people call a column: words out of its name, without the unit it ends in; and the words of units themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from catalog_store.model.fields import CORE_FIELDS, Field, FieldType, Polarity
from catalog_store.model.kinds import KINDS
from catalog_store.model.relations import RELATIONS

CURRENCY_CODES = frozenset(
    "usd eur gbp chf jpy cny inr sek nok dkk isk pln czk huf ron bgn try cad aud nzd sgd hkd krw zar brl mxn ils aed".split()
)
"""ISO 4217 codes that columns are named or cells are written with."""

CURRENCY_SIGNS: Mapping[str, str] = {
    "$": "usd", "US$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "₹": "inr", "A$": "aud", "C$": "cad",
}  # fmt: skip

SECONDS: Mapping[str, float] = {
    "milliseconds": 0.001,
    "seconds": 1,
    "minutes": 60,
    "hours": 3600,
    "days": 86400,
    "weeks": 604800,
    "months": 2592000,
    "years": 31536000,
}
"""Units of time → seconds; a month is 30 days, a year 365."""

SIZES: Mapping[str, float] = {"bytes": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12}

UNIT_WORDS: Mapping[str, str] = {
    "%": "percent", "pct": "percent", "percent": "percent", "percentage": "percent",
    "ms": "milliseconds", "millis": "milliseconds", "milliseconds": "milliseconds", "msec": "milliseconds",
    "s": "seconds", "sec": "seconds", "secs": "seconds", "second": "seconds", "seconds": "seconds",
    "m": "minutes", "min": "minutes", "mins": "minutes", "minute": "minutes", "minutes": "minutes",
    "h": "hours", "hr": "hours", "hrs": "hours", "hour": "hours", "hours": "hours",
    "d": "days", "day": "days", "days": "days", "w": "weeks", "wk": "weeks", "week": "weeks", "weeks": "weeks",
    "mo": "months", "month": "months", "months": "months", "y": "years", "yr": "years", "year": "years", "years": "years",
    "b": "bytes", "byte": "bytes", "bytes": "bytes", "kb": "kb", "mb": "mb", "gb": "gb", "tb": "tb",
    "kib": "kb", "mib": "mb", "gib": "gb", "tib": "tb",
}  # fmt: skip
"""A word beside a number → the unit it states."""

_NAME_UNITS: Mapping[str, str] = {
    **{code: code for code in sorted(CURRENCY_CODES - {"try"})},
    "pct": "percent", "percent": "percent", "percentage": "percent", "perc": "percent",
    "ratio": "ratio", "fraction": "ratio", "share": "ratio",
    "days": "days", "hours": "hours", "hrs": "hours", "minutes": "minutes", "mins": "minutes", "seconds": "seconds", "secs": "seconds",
    "ms": "milliseconds", "millis": "milliseconds", "weeks": "weeks", "months": "months", "years": "years",
    "bytes": "bytes", "kb": "kb", "mb": "mb", "gb": "gb", "tb": "tb",
}  # fmt: skip
"""Last word of a name → the unit it states."""

_COUNTING = frozenset(("count", "cnt", "num"))
_PERIODS = frozenset(("monthly", "yearly", "annual", "weekly", "daily", "quarterly"))
_LATEST = frozenset(("last", "latest", "recent"))
_DATE_HEADS = frozenset(("date", "at", "on", "day", "time", "timestamp"))

MONEY_NOUNS = frozenset(
    "cost costs spend spending bill price expense expenses charge charges".split()
)
_COST_WORDS = ("cost", "costs", "bill", "spend", "spending", "price", "expense", "pay")
_EXPENSIVE = ("most expensive", "costliest", "priciest", "most costly", "dearest", "biggest spender", "biggest spenders")  # fmt: skip
_CHEAP = ("cheapest", "least expensive", "least costly")

BOOLEAN_OPENINGS = frozenset(
    "is has in uses needs can does was are supports requires handles holds".split()
)
BOOLEAN_HEADS = frozenset(
    "scope enabled disabled compliant compliance certified required ready approved covered configured flag allowed "
    "public exposed encrypted audited supported active used present".split()
)
"""Last words of names that ask yes or no."""

_DROPPED_HEADS = BOOLEAN_HEADS - {"public", "encrypted", "exposed", "audited"}
_PEOPLE = frozenset(
    "owner owners team squad contact lead manager steward approver reviewer maintainer champion sponsor custodian responsible "
    "accountable assignee architect officer oncall owned by".split()
)
_GENERIC = frozenset(
    "date type name id status state level count number value version class at on by code key time day total group tag tags label "
    "url link note notes comment test tests open closed new old item items flag score rate last latest open the of is has in".split()
)
"""Words that say too little to stand for a field by themselves."""

_HIGHER = frozenset(
    "coverage score availability uptime maturity compliance compliant satisfaction quality reliability health healthy adoption pass "
    "rating grade readiness margin revenue throughput tested documented encrypted success".split()
)
_LOWER = frozenset(
    "cost costs spend bill price expense debt vulnerability vulnerabilities latency errors error failure failures risk risks age lag "
    "incidents findings bugs defects issues churn violations complexity duplication downtime toil backlog trend".split()
)  # fmt: skip
"""Words of names that say which end is good."""


@dataclass(frozen=True, slots=True)
class Naming:
    """A name in snake case, taken apart.

    Attributes:
        tokens: its words.
        base: without the unit at its end or a counting word around it; never empty.
        unit: the unit it states.
        rate: it is called a rate.
        people: it asks for a person or a group.
    """

    tokens: tuple[str, ...]
    base: tuple[str, ...]
    unit: str | None
    rate: bool
    people: bool

    @classmethod
    def of(cls, name: str) -> Naming:
        """Take a name apart.

        >>> Naming.of("monthly_cost_usd").base, Naming.of("monthly_cost_usd").unit, Naming.of("num_open_bugs").base
        (('monthly', 'cost'), 'usd', ('open', 'bugs'))
        """
        tokens = tuple(part for part in name.split("_") if part) or ("fact",)
        unit = _NAME_UNITS.get(tokens[-1]) if len(tokens) > 1 else None
        base = tokens[:-1] if unit else tokens
        if len(base) > 2 and base[-1] in ("in", "per"):
            base = base[:-1]  # cost_in_eur
        if len(base) > 1 and base[-1] in _COUNTING:
            base = base[:-1]
        if len(base) > 1 and base[0] in _COUNTING:
            base = base[1:]
        if len(base) > 2 and base[:2] in (("number", "of"), ("no", "of")):
            base = base[2:]
        if len(base) > 1 and base[0] in BOOLEAN_OPENINGS:
            base = base[1:]
        return cls(
            tokens, base, unit, tokens[-1] == "rate", bool(_PEOPLE & {tokens[-1], tokens[0]})
        )


def words_of(name: str, kind: FieldType) -> tuple[str, ...]:
    """Nouns for a field, the most usual first; the first is its label.

    >>> words_of("last_pen_test", FieldType.TIMESTAMP)[:3]
    ('last pen test', 'pen test', 'pen test date')
    >>> words_of("test_coverage_pct", FieldType.NUMBER)
    ('test coverage', 'test coverage pct')
    """
    naming = Naming.of(name)
    base = naming.base
    found = [" ".join(base)]
    short = base
    if kind is FieldType.TIMESTAMP:
        if len(short) > 1 and short[-1] in _DATE_HEADS:
            short = short[:-1]
        if len(short) > 1 and short[0] in _LATEST:
            short = short[1:]
        plain = " ".join(short)
        found += [plain, f"{plain} date", f"last {plain}", f"last {plain} date"]
        if len(short) == 2:  # "when was it last pentested": what is done is said as one verb
            found += ["".join(short), f"last {''.join(short)}"]
    if kind is FieldType.BOOLEAN and len(short) > 1 and short[-1] in _DROPPED_HEADS:
        found.append(" ".join(short[:-1]))
    if len(base) > 1 and base[0] in _PERIODS:
        found.append(" ".join(base[1:]))
    found.append(" ".join(naming.tokens))
    return tuple(dict.fromkeys(found))


def is_money(row: Field) -> bool:
    """Whether a field holds what something costs."""
    base = Naming.of(row.name).base
    return row.unit in CURRENCY_CODES or (
        row.unit is None and base[-1] in MONEY_NOUNS and row.type in _NUMERIC
    )


_NUMERIC = (FieldType.INTEGER, FieldType.NUMBER)


def polarity_of(row: Field) -> Polarity | None:
    """Which end of a number or a yes/no is the good one, where its name tells."""
    if row.type not in (*_NUMERIC, FieldType.BOOLEAN):
        return None
    tokens = Naming.of(row.name).base
    if _LOWER & set(tokens):
        return Polarity.LOWER
    if _HIGHER & set(tokens):
        return Polarity.HIGHER
    return Polarity.LOWER if is_money(row) else None


def with_weak_words(rows: Sequence[Field]) -> list[Field]:
    """The rows with words that only stand for one of them: the head of a compound, the first word of an adjective's.

    Money is called cost, bill and spend by everyone; where no field is called so, any money is meant.
    """
    taken = _taken()
    said = Counter(word for row in rows for word in row.words)
    heads: Counter[str] = Counter()
    weak = {row.name: _weak(row) for row in rows}
    for words in weak.values():
        heads.update(words)
    money = [row for row in rows if is_money(row)]
    named = [row for row in money if MONEY_NOUNS & set(Naming.of(row.name).base)] or money
    out = []
    for row in rows:
        more = [w for w in weak[row.name] if heads[w] == 1 and w not in said and w not in taken]
        dated = row.type is FieldType.TIMESTAMP  # "reviewed" may be said of pages and of services
        own = [w for i, w in enumerate(row.words) if i == 0 or dated or w not in taken]
        if row in named:
            more += _COST_WORDS
        words = tuple(dict.fromkeys((*own, *more)))
        more_ends, less_ends = (_EXPENSIVE, _CHEAP) if row in named else ((), ())
        out.append(replace(row, words=words, more=more_ends, less=less_ends))
    return out


def _weak(row: Field) -> tuple[str, ...]:
    """Parts of a name that may stand for all of it: "tech debt" of open_tech_debt_items, "coverage" of test_coverage."""
    base = Naming.of(row.name).base
    if len(base) < 2:
        return ()
    kept = base
    while len(kept) > 1 and kept[-1] in _GENERIC:
        kept = kept[:-1]
    found = [" ".join(kept[i:]) for i in range(len(kept))]
    if len(kept) < len(base):
        found += [" ".join(base[i:]) for i in range(1, len(kept))]  # "tech debt items"
    if len(kept) == 1 and len(base) > 1 and row.type in _NUMERIC:
        found = []  # "error" is not the error count
    if row.type in (FieldType.KEYWORD, FieldType.BOOLEAN):
        found.append(base[0])
    forms = [f"{word[:-7]}ied" for word in found if word.endswith("ication")]
    return tuple(
        w for w in (*found, *forms) if w not in _GENERIC and len(w) > 2 and w != " ".join(base)
    )


def _taken() -> Collection[str]:
    """Words with a meaning of their own: declared fields, kinds, relations."""
    words = {word for row in CORE_FIELDS for word in (*row.words, *row.value_words)}
    for kind in KINDS:
        words |= {form for word in kind.words for form in (word, f"{word}s")}
    for relation in RELATIONS:
        for side in (relation.forward, relation.inverse):
            words |= {*side.verbs, *side.nouns, *(f"{noun}s" for noun in side.nouns)}
    return words | {"service", "services", "microservice"}
