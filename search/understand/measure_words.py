"""The words of delivery measures: their names, ways of asking for a rate or a duration, and the periods things are put by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalog_store.model import kinds as k
from catalog_store.model.fields import CORE_FIELDS
from catalog_store.model.kinds import KIND_BY_NAME, Table
from catalog_store.model.measures import DELIVERY, DELIVERY_WORDS, MEASURES
from search.plan import Compare, Op
from search.understand import event_words, words
from search.understand.calendar_words import UNITS
from search.understand.forms import plural
from search.understand.semantics import Every, FieldWord, Meaning, Measured, Promise, SetOf

INCIDENT_NOUNS = frozenset(
    form for word in KIND_BY_NAME[k.INCIDENT].words for form in (word, plural(word))
)
"""What incidents are called."""

RECORD_NOUNS = INCIDENT_NOUNS | frozenset(
    form
    for kind in (k.ALERT, k.FINDING)
    for word in KIND_BY_NAME[kind].words
    for form in (word, plural(word))
)
"""What records that come up are called."""

RELIABILITY = "change_failure_rate"
"""What "reliable" is read as when it is said of deployments or of what is deployed."""


def measure_phrases() -> Iterator[tuple[str, Meaning, float]]:
    """(phrase, meaning, weight) of every wording, in lower case."""
    for measure in MEASURES:
        for phrase in measure.words:
            yield phrase, Measured(measure.name), 1.1
            if not phrase.endswith("s"):
                yield f"{phrase}s", Measured(measure.name), 1.1
    for phrase in DELIVERY_WORDS:
        yield phrase, Measured(DELIVERY), 1.1
    for phrase, unit in words.ASKED_UNIT.items():
        yield phrase, Measured(unit=unit), 0.7
    for phrase in event_words.MOST_OFTEN:
        yield phrase, Measured(unit="per_week", most=(None, True, None)), 0.9
    for phrase in event_words.LEAST_OFTEN:
        yield phrase, Measured(unit="per_week", most=(None, False, None)), 0.9
    for phrase in event_words.SLOWEST:
        yield phrase, Measured(unit="hours", most=(None, True, None)), 0.85
    for phrase in event_words.FASTEST:
        yield phrase, Measured(unit="hours", most=(None, False, None)), 0.85
    undone = Compare(field="rolled_back", op=Op.EQ, value=True)
    for phrase in ("rollback", "rollbacks", "roll backs", "rolled back deployments"):
        yield phrase, SetOf(kinds=(k.DEPLOYMENT,), where=undone, plural=True), 0.9
    yield from _reliability()
    yield from _periods()


_DURATION = frozenset(
    "long quickly fast soon slowly hours slowest fastest quickest slower faster quicker".split()
)
"""Words beside which "resolve", "recover" and the like ask for the time to restore."""

_OBJECTIVE = frozenset("slo slos objective objectives".split())
"""Words beside which "within" and "meets" say that a promise is kept."""

LONGEST = 4
"""Words of the longest phrase that only means something beside another."""


def beside(texts: Sequence[str]) -> Iterator[tuple[int, int, Meaning]]:
    """(start, end, meaning) of phrases that mean something of their own only beside a word elsewhere in the question."""
    duration = any(
        text in _DURATION and not (text == "hours" and i and _counts(texts[i - 1]))
        for i, text in enumerate(texts)
    )
    objective = not _OBJECTIVE.isdisjoint(texts)
    if not duration and not objective:
        return
    for i in range(len(texts)):
        for j in range(i + 1, min(len(texts), i + LONGEST) + 1):
            phrase = " ".join(texts[i:j])
            if duration and phrase in event_words.RESTORING:
                yield i, j, Measured("time_to_restore")
            adjective = phrase == "last" and i and texts[i - 1] in _BEFORE_AN_ADJECTIVE
            if duration and phrase in event_words.TAKING and not adjective:
                yield i, j, Measured(unit="hours")
            if objective and phrase in event_words.WITHIN_SLO:
                yield i, j, Promise(kept=True)
            if objective and phrase in event_words.BEYOND_SLO:
                yield i, j, Promise(kept=False)


_BEFORE_AN_ADJECTIVE = frozenset("the our its their my your this that".split())


def _counts(text: str) -> bool:
    return text in words.NUMBERS or text[:1].isdigit() or text in ("a", "an", "few")


_LENGTHS = frozenset(unit for unit in UNITS if len(unit) > 1)


def lasting(texts: Sequence[str]) -> Iterator[tuple[int, int, Meaning]]:
    """(start, end, meaning) of "lasted", "took … to resolve", "resolved in" beside a length of time and incidents."""
    if INCIDENT_NOUNS.isdisjoint(texts) or _LENGTHS.isdisjoint(texts):
        return
    for i in range(len(texts)):
        for j in range(i + 1, min(len(texts), i + LONGEST) + 1):
            phrase = " ".join(texts[i:j])
            to_an_end = phrase in event_words.RESTORING and phrase.startswith("to ")
            if phrase in event_words.LASTED or phrase in event_words.RESOLVED_WITHIN or to_an_end:
                yield i, j, FieldWord((_DURATION_FIELD,))


_DURATION_FIELD = next(
    f for f in CORE_FIELDS if f.table is Table.INCIDENTS and f.name == "duration_hours"
)


def _reliability() -> Iterator[tuple[str, Meaning, float]]:
    for word in event_words.RELIABLE:
        risky = word.startswith(("risk", "flak"))
        yield f"how {word}", Measured(RELIABILITY), 1.0
        yield f"most {word}", Measured(RELIABILITY, most=(risky, True, None)), 1.0
        yield f"least {word}", Measured(RELIABILITY, most=(not risky, True, None)), 1.0
    for word in ("reliability of deployments", "deployment reliability", "deploy reliability"):
        yield word, Measured(RELIABILITY), 1.0
    yield "riskiest", Measured(RELIABILITY, most=(True, True, None)), 1.0


def _periods() -> Iterator[tuple[str, Meaning, float]]:
    adverbs = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly"}
    for unit in words.PERIODS:
        for phrase in (f"per {unit}", f"a {unit}", f"times a {unit}", f"times per {unit}"):
            yield phrase, Every(unit, per=True), 0.9
        for lead in (
            "by",
            "each",
            "every",
            "for each",
            "grouped by",
            "split by",
            "per each",
            "in each",
        ):
            yield f"{lead} {unit}", Every(unit), 0.95
        for phrase in (f"{unit} by {unit}", f"over the {unit}s", f"{unit} over {unit}"):
            yield phrase, Every(unit), 0.95
        if unit in adverbs:
            yield adverbs[unit], Every(unit, per=True), 0.8
