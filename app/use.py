"""What people ask about and open of late: counts that fade, so that suggestions put first what is wanted most.

Kept in `<store>/usage/use.json`, as much of it as an organisation agreed to (`usage:` in `callboard.yaml`): a weight a thing, and - only where
words are kept at all - questions that several people asked. Who asks is never kept here but for the pseudonyms that tell several
people from one. Processes over one store add what they saw to the same file.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = "use.json"
"""In the folder of the usage log."""

HALF_LIFE_DAYS = 30.0
"""After so many days a question counts half: what a team asked about in spring is not what it asks about in autumn."""

MOST_THINGS, MOST_QUESTIONS = 2_000, 200
"""What is kept at most, the weightiest; the file stays some hundred kilobytes."""

LEAST = 0.05
"""Weight below which a thing is forgotten: asked about once, some four months ago."""

PEOPLE = 3
"""How many different people must have asked a question before it is suggested to others."""

LONGEST = 160
"""Characters of a question that may be suggested; longer ones tell a story."""

FLUSH_S = 60.0
"""Seconds between two meetings with the file: what other processes saw counts within that time."""

MOST_SEEN = 50_000
"""(person, thing) pairs of one day that are remembered, so that asking often counts once."""


@dataclass(slots=True)
class _Question:
    """A question as it was first typed, what it names, and some of those who asked."""

    text: str
    weight: float = 0.0
    refs: tuple[str, ...] = ()
    people: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Counts:
    """Weights as they were at a moment."""

    at: datetime
    things: dict[str, float] = field(default_factory=dict)
    questions: dict[str, _Question] = field(default_factory=dict)

    def faded(self, now: datetime) -> None:
        """Let the time pass until `now`; what weighs next to nothing is forgotten."""
        days = max((now - self.at).total_seconds() / 86_400, 0.0)
        factor = 0.5 ** (days / HALF_LIFE_DAYS)
        for one in self.questions.values():
            one.weight *= factor
        heaviest = sorted(self.things.items(), key=lambda pair: (-pair[1], pair[0]))
        self.things = {r: w * factor for r, w in heaviest[:MOST_THINGS] if w * factor >= LEAST}
        asked = sorted(self.questions.items(), key=lambda pair: (-pair[1].weight, pair[0]))
        self.questions = {k: q for k, q in asked[:MOST_QUESTIONS] if q.weight >= LEAST}
        self.at = now

    def add(self, other: _Counts) -> None:
        """Join what another process, or this one since the last time, counted."""
        for ref, weight in other.things.items():
            self.things[ref] = self.things.get(ref, 0.0) + weight
        for key, one in other.questions.items():
            mine = self.questions.setdefault(key, _Question(one.text))
            mine.weight += one.weight
            mine.refs = one.refs
            mine.people = set(sorted(mine.people | one.people)[:PEOPLE])


class Use:
    """What is asked about and opened in one store. Safe to share between threads and processes.

    A file that cannot be read or written costs the order of suggestions and nothing else.
    """

    def __init__(
        self, folder: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """`folder` is that of the usage log; nothing is written before there is something to write."""
        self._path, self._clock = folder / FILE, clock
        self._lock = threading.Lock()
        self._seen: set[tuple[str, str]] = set()
        self._day = clock().date()
        self._fresh = _Counts(clock())
        self._known = _read(self._path, clock())
        self._met = clock()
        self.version = 0
        """Rises whenever the weights may have changed."""

    def note(self, refs: Iterable[str], *, who: str | None, question: str | None = None) -> None:
        """Count that somebody asked about things, or opened one.

        Args:
            refs: the things.
            who: a pseudonym; the same person counts once a day for a thing. None counts as one person of its own each time.
            question: the words, where they may be kept and the question was answered.
        """
        named = tuple(dict.fromkeys(refs))
        with self._lock:
            now = self._clock()
            if now.date() != self._day or len(self._seen) > MOST_SEEN:
                self._day, self._seen = now.date(), set()
            for ref in named:
                if self._first(who, ref):
                    self._fresh.things[ref] = self._fresh.things.get(ref, 0.0) + 1.0
            key = _key(question) if question else ""
            if question and key and len(question) <= LONGEST and self._first(who, key):
                one = self._fresh.questions.setdefault(key, _Question(" ".join(question.split())))
                one.weight += 1.0
                one.refs = named
                one.people |= {who} if who else set()
            self._meet(now)

    def weights(self) -> Mapping[str, float]:
        """Reference of a thing → how much it is asked about; larger is more, things nobody asked about are absent."""
        with self._lock:
            self._meet(self._clock())
            return self._known.things

    def questions(self) -> list[tuple[str, tuple[str, ...]]]:
        """(question, references of what it names) of those that several people asked, the most asked first."""
        with self._lock:
            often = [q for q in self._known.questions.values() if len(q.people) >= PEOPLE]
        return [(q.text, q.refs) for q in sorted(often, key=lambda q: (-q.weight, q.text))]

    def flush(self) -> None:
        """Meet the file now, whatever the time: before a process ends."""
        with self._lock:
            self._meet(self._clock(), force=True)

    def _first(self, who: str | None, what: str) -> bool:
        """Whether this is news today."""
        if who is None:
            return True
        if (who, what) in self._seen:
            return False
        self._seen.add((who, what))
        return True

    def _meet(self, now: datetime, *, force: bool = False) -> None:
        """Add what is new to the file and take over what others added; at most once in `FLUSH_S`."""
        if not force and abs((now - self._met).total_seconds()) < FLUSH_S:
            return
        self._met = now
        fresh, self._fresh = self._fresh, _Counts(now)
        if not fresh.things and not fresh.questions:
            self._known = _read(self._path, now)
            self.version += 1
            return
        with suppress(OSError), _locked(self._path):
            merged = _read(self._path, now)
            merged.add(fresh)
            merged.faded(now)
            _write(self._path, merged)
            self._known = merged
            self.version += 1


def _key(question: str) -> str:
    """Questions that differ in case, spaces and the mark at their end alone are one."""
    return " ".join(question.lower().split()).rstrip("?!. ")


def _read(path: Path, now: datetime) -> _Counts:
    """What a file holds, faded until now; nothing of one that is missing or damaged."""
    try:
        held = json.loads(path.read_text("utf-8"))
        counts = _Counts(datetime.fromisoformat(held["at"]))
        counts.things = {str(ref): float(weight) for ref, weight in held["things"].items()}
        for key, row in held["questions"].items():
            counts.questions[key] = _Question(
                str(row["text"]), float(row["weight"]), tuple(row["refs"]), set(row["people"])
            )
        counts.faded(now)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _Counts(now)
    return counts


def _write(path: Path, counts: _Counts) -> None:
    held: dict[str, Any] = {
        "at": counts.at.isoformat(),
        "things": {ref: round(weight, 4) for ref, weight in counts.things.items()},
        "questions": {
            key: {
                "text": q.text,
                "weight": round(q.weight, 4),
                "refs": list(q.refs),
                "people": sorted(q.people),
            }
            for key, q in counts.questions.items()
        },
    }
    beside = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(held, file, ensure_ascii=False)
    beside.replace(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time between reading the file and writing it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
