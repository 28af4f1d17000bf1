"""What use teaches: who asks, what is refused and why, which words are missing, which pages answer, and how delivery goes.

Everything is computed from the usage log, the feedback log and the catalog, when somebody looks; nothing is kept of it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from app.feedback import FEEDBACK_FILE
from app.usage import read_usage
from catalog_store.analyzer import query_terms

WEEKS = 12
"""How far back insights look unless somebody says otherwise."""

REPHRASED_WITHIN = timedelta(minutes=10)
"""Two questions of one person so close together are one need, asked twice."""

MINUTES_EACH = 10
"""What asking a colleague costs, for the estimate: a few minutes of the asker, a few of the asked. An assumption, shown as one."""

ALIKE = 0.5
"""Share of words two questions have in common to be of one kind (Jaccard, over stems)."""

STALE_AFTER = timedelta(days=180)
"""A page reviewed longer ago than this is stale; one that was never reviewed is not judged."""

AGREED = 2
"""People who have to have meant the same before a word is proposed as a synonym: one may have changed his mind."""

MOST = 15
"""Rows of a list people read."""

ANSWERS = ("answered", "empty")


@dataclass(frozen=True, slots=True)
class Week:
    """One week of use.

    Attributes:
        start: its Monday, ISO date.
        people: pseudonyms that asked; questions by nobody known are not among them.
    """

    start: str
    people: int
    questions: int
    answered: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions of one kind that were not answered.

    Attributes:
        example: the one that has most in common with the others.
        times: how often one of them was asked.
        people: how many asked.
        statuses: how they ended.
    """

    example: str
    times: int
    people: int
    statuses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Synonym:
    """A word nobody knew, and the one that the same person then had success with.

    Attributes:
        times: how often the one was followed by the other.
        people: of how many people.
    """

    said: str
    meant: str
    times: int
    people: int


@dataclass(frozen=True, slots=True)
class StalePage:
    """A page that answers although nobody has reviewed it for long."""

    path: str
    title: str
    asked: int
    reviewed: str


@dataclass(frozen=True, slots=True)
class Insights:
    """Everything, for a page, a terminal or a program.

    Attributes:
        since, until: the stretch looked at.
        weeks: oldest first, weeks without a question too.
        surfaces: surface → status → questions.
        fields: which facts are asked for, most asked first.
        clusters, synonyms: empty where the words of questions are not kept.
        pages: path → how often it was among the first passages.
        opened: reference → how often it was opened.
        verdicts: thumbs, by verdict.
        rephrased: answers that the same person asked again for at once.
        deflected: answers nobody complained of or asked again for.
        words_kept: whether any question of the stretch was kept with its words.
        delivery: measure → its label, its unit, and a value a week (None where there was nothing).
        adoption: golden path → components made from it; and how many components there are.
    """

    since: datetime
    until: datetime
    weeks: tuple[Week, ...]
    surfaces: Mapping[str, Mapping[str, int]]
    fields: Sequence[tuple[str, int]] = ()
    clusters: Sequence[Cluster] = ()
    synonyms: Sequence[Synonym] = ()
    pages: Sequence[tuple[str, int]] = ()
    stale: Sequence[StalePage] = ()
    opened: Sequence[tuple[str, int]] = ()
    verdicts: Mapping[str, int] = field(default_factory=dict)
    rephrased: int = 0
    deflected: int = 0
    words_kept: bool = False
    delivery: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    adoption: Mapping[str, int] = field(default_factory=dict)
    components: int = 0

    @property
    def questions(self) -> int:
        """Asked in all."""
        return sum(week.questions for week in self.weeks)

    @property
    def answered(self) -> int:
        """Of them, answered or truthfully empty."""
        return sum(week.answered for week in self.weeks)

    @property
    def hours_saved(self) -> float:
        """The deflection estimate, in hours."""
        return self.deflected * MINUTES_EACH / 60


def read_insights(
    store: Path,
    *,
    now: datetime,
    weeks: int = WEEKS,
    reviewed: Mapping[str, tuple[str, datetime | None]] | None = None,
) -> Insights:
    """What the logs of a store say.

    Args:
        store: the folder of snapshots.
        now: timezone-aware.
        weeks: how far back, whole weeks from Monday on, this one included; ≥ 1.
        reviewed: page → title and when it was last reviewed, from the catalog.
    """
    this_week = (now - timedelta(days=now.weekday())).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    since = this_week - timedelta(weeks=weeks - 1)
    lines = [line for line in read_usage(store, since=since) if line["at"] <= now]
    asked = [line for line in lines if line.get("event") == "asked"]
    pages = Counter(page for line in asked for page in line.get("pages") or ())
    verdicts = _verdicts(store, since)
    again = _asked_again(asked)
    refused = [line for line in asked if line.get("status") not in ANSWERS]
    answered = len(asked) - len(refused)
    complained = min(verdicts.get("wrong", 0), answered)
    return Insights(
        since=since,
        until=now,
        weeks=tuple(_weeks(asked, since, weeks)),
        surfaces=_surfaces(asked),
        fields=Counter(name for line in asked for name in line.get("fields") or ()).most_common(
            MOST
        ),
        clusters=_clusters(refused)[:MOST],
        synonyms=_synonyms(asked)[:MOST],
        pages=pages.most_common(MOST),
        stale=_stale(pages, reviewed or {}, now)[:MOST],
        opened=Counter(line["ref"] for line in lines if line.get("event") == "opened").most_common(
            MOST
        ),
        verdicts=verdicts,
        rephrased=again,
        deflected=max(0, answered - again - complained),
        words_kept=any("question" in line for line in asked),
    )


def _weeks(asked: Sequence[Mapping[str, Any]], since: datetime, weeks: int) -> Iterable[Week]:
    for number in range(weeks):
        start = since + timedelta(weeks=number)
        part = [line for line in asked if start <= line["at"] < start + timedelta(weeks=1)]
        yield Week(
            start.date().isoformat(),
            len({line["who"] for line in part if line.get("who")}),
            len(part),
            sum(line.get("status") in ANSWERS for line in part),
        )


def _surfaces(asked: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in asked:
        found[str(line.get("surface"))][str(line.get("status"))] += 1
    return {surface: dict(found[surface]) for surface in sorted(found)}


def _verdicts(store: Path, since: datetime) -> dict[str, int]:
    return dict(Counter(str(said.get("verdict")) for said in read_feedback(store, since=since)))


def read_feedback(store: Path, *, since: datetime | None = None) -> list[dict[str, Any]]:
    """What people thought of answers, oldest first; a broken line is passed over.

    Args:
        store: the folder of snapshots.
        since: timezone-aware; from the first on when None.
    """
    try:
        text = (store / FEEDBACK_FILE).read_text("utf-8", "replace")
    except OSError:
        return []
    found = []
    for line in text.splitlines():
        try:
            said = json.loads(line)
            if since is None or datetime.fromisoformat(said["at"]) >= since:
                found.append(said)
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _by_person(asked: Iterable[Mapping[str, Any]]) -> Iterable[list[Mapping[str, Any]]]:
    """The questions of each person or conversation, in order."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in asked:
        key = line.get("who") or line.get("conversation")
        if key:
            found[str(key)].append(line)
    return found.values()


def _asked_again(asked: Iterable[Mapping[str, Any]]) -> int:
    """Answers that did not end it: the same person changed the reading, or asked alike again, at once."""
    times = 0
    for lines in _by_person(asked):
        for before, after in pairwise(lines):
            close = after["at"] - before["at"] <= REPHRASED_WITHIN
            alike = after.get("edited") or (
                "question" in before
                and "question" in after
                and before["question"] != after["question"]
                and _likeness(_words(before), _words(after)) >= ALIKE
            )
            times += bool(close and alike and before.get("status") in ANSWERS)
    return times


def _words(line: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(query_terms(str(line.get("question") or "")))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def _clusters(refused: Iterable[Mapping[str, Any]]) -> list[Cluster]:
    """Greedy, most frequent first: a question joins the first kind it is alike enough to."""
    lines: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in refused:
        if line.get("question"):
            lines[" ".join(str(line["question"]).lower().split())].append(line)
    kinds: list[tuple[frozenset[str], list[str]]] = []
    for question in sorted(lines, key=lambda q: (-len(lines[q]), q)):
        words = frozenset(query_terms(question))
        home = next((kind for kind in kinds if _likeness(kind[0], words) >= ALIKE), None)
        if home is None:
            kinds.append((words, [question]))
        else:
            home[1].append(question)
    found = []
    for _, questions in kinds:
        members = [line for question in questions for line in lines[question]]
        people = {line.get("who") or line.get("conversation") for line in members}
        found.append(
            Cluster(
                questions[0],
                len(members),
                len(people),
                dict(Counter(str(m.get("status")) for m in members)),
            )
        )
    return sorted(found, key=lambda cluster: (-cluster.times, cluster.example))


def _synonyms(asked: Iterable[Mapping[str, Any]]) -> list[Synonym]:
    """Where a question was refused and the same one, but for some words, was answered right after."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for lines in _by_person(asked):
        for before, after in pairwise(lines):
            pair = _exchanged(before, after)
            if pair is not None:
                seen[pair].append(str(before.get("who") or before.get("conversation")))
    found = [
        Synonym(*pair, len(people), len(set(people)))
        for pair, people in seen.items()
        if len(set(people)) >= AGREED
    ]
    return sorted(found, key=lambda s: (-s.people, -s.times, s.said))


def _exchanged(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, str] | None:
    """The words of a refused question that others took the place of, when the rest stayed as it was."""
    if before.get("status") in ANSWERS or after.get("status") != "answered":
        return None
    if after["at"] - before["at"] > REPHRASED_WITHIN:
        return None
    one = _plain(before.get("question"))
    other = _plain(after.get("question"))
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    said, meant = one[start : len(one) - end], other[start : len(other) - end]
    kept = start + end
    if not said or not meant or kept < 2 or len(said) > 3 or len(meant) > 3:
        return None
    return " ".join(said), " ".join(meant)


def _plain(question: object) -> list[str]:
    return [word.strip("?!.,;:\"'“”") for word in str(question or "").lower().split()]


def _stale(
    pages: Counter[str], reviewed: Mapping[str, tuple[str, datetime | None]], now: datetime
) -> list[StalePage]:
    found = []
    for path, times in pages.most_common():
        title, moment = reviewed.get(path, ("", None))
        if moment is not None and now - moment > STALE_AFTER:
            found.append(StalePage(path, title, times, moment.date().isoformat()))
    return found


def synonym_patch(synonyms: Sequence[Synonym], written: str) -> str:
    """A unified diff that adds synonyms to `callboard.yaml`; empty when there are none to add.

    Args:
        synonyms: what people seem to mean.
        written: the file as it is; empty when there is none.
    """
    import difflib  # noqa: PLC0415

    import yaml  # noqa: PLC0415

    known = (yaml.safe_load(written) or {}).get("synonyms") or {} if written else {}
    fresh = {s.said: s.meant for s in reversed(synonyms) if s.said not in known}
    if not fresh:
        return ""
    lines = [
        f"  {json.dumps(said, ensure_ascii=False)}: {json.dumps(meant, ensure_ascii=False)}\n"
        for said, meant in sorted(fresh.items())
    ]
    before = written.splitlines(keepends=True)
    head = next((n for n, line in enumerate(before) if line.startswith("synonyms:")), None)
    after = (
        [*before, "synonyms:\n", *lines]
        if head is None
        else [*before[: head + 1], *lines, *before[head + 1 :]]
    )
    return "".join(difflib.unified_diff(before, after, "a/callboard.yaml", "b/callboard.yaml"))
