"""What the bot must not forget: which requests it has taken, what became of them, and what each of its messages shows.

One SQLite file in the store. A request is on disk before Slack is told that it arrived, so a retry, a restart or a second
copy of an event finds it there, and nothing is answered twice or not at all.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.observe import log

FILE = "slack.sqlite"

KEPT = timedelta(days=30)
"""How long a message can be worked with; afterwards its row is removed, and with it the question."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    key TEXT PRIMARY KEY, state TEXT NOT NULL, payload TEXT NOT NULL, taken_at TEXT NOT NULL, attempts INTEGER NOT NULL,
    stream TEXT);
CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, changed_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS threads (
    channel TEXT NOT NULL, thread TEXT NOT NULL, conversation TEXT NOT NULL, plan TEXT, changed_at TEXT NOT NULL,
    PRIMARY KEY (channel, thread));
CREATE TABLE IF NOT EXISTS verdicts (
    message TEXT NOT NULL, person TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT, changed_at TEXT NOT NULL,
    PRIMARY KEY (message, person));
"""


@dataclass(frozen=True, slots=True)
class Job:
    """A question that was taken.

    Attributes:
        key: what makes it one request, however often it is sent.
        payload: everything needed to answer it again after a restart.
        attempts: how often answering it was begun.
        stream: the message that was begun for it with the streaming API, if any.
    """

    key: str
    payload: dict[str, Any]
    taken_at: datetime
    attempts: int = 0
    stream: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What one message shows, and where: what its buttons need.

    Attributes:
        id: carried by the buttons.
        channel: where it stands.
        ts: the message; None for one that only its reader sees.
        thread: the thread it stands in.
        asker: Slack id of who asked.
        public: shown to a channel, so what everybody may see is all it may hold.
        question: as asked, empty for an edited plan.
        plan: what it ran.
        removals: the plans behind its chips.
        options: plan or question behind each option.
        suggestions: the questions behind its suggestions.
        conversation: what a follow-up leans on.
        owner: title and channel of who can be asked.
        status: how the question ended.
    """

    id: str
    channel: str
    ts: str | None
    thread: str | None
    asker: str
    public: bool
    version: int = 0
    question: str = ""
    plan: dict[str, Any] | None = None
    removals: list[dict[str, Any] | None] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)
    conversation: str | None = None
    owner: list[str] | None = None
    status: str = "answered"
    shareable: bool = False


class Ledger:
    """Safe to call from several threads; each call is one short transaction."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it; rows older than `KEPT` go.

        Raises:
            sqlite3.Error: it cannot be opened or written.
        """
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, check_same_thread=False, timeout=10)
        path.chmod(0o600)  # it holds questions, which are nobody else's business
        self._file.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._file.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._file:
            yield self._file

    def forget(self, now: datetime) -> None:
        """Remove what is older than `KEPT`."""
        before = _iso(now - KEPT)
        with self._writing() as file:
            file.execute("DELETE FROM jobs WHERE taken_at < ? AND state = 'done'", [before])
            for table in ("messages", "threads", "verdicts"):
                file.execute(f"DELETE FROM {table} WHERE changed_at < ?", [before])  # noqa: S608

    # ── requests ─────────────────────────────────────────────────────────────────────────────────

    def take(self, requests: Sequence[tuple[str, dict[str, Any]]], now: datetime) -> list[bool]:
        """Take requests, by key and payload, in one transaction; of each, False when it was taken before."""
        with self._lock:
            # What Slack will not send again has to survive a power cut too; everything else can be made again.
            self._file.execute("PRAGMA synchronous=FULL")
        with self._writing() as file:
            new = [
                file.execute(
                    "INSERT OR IGNORE INTO jobs VALUES (?, 'taken', ?, ?, 0, NULL)",
                    [key, json.dumps(payload), _iso(now)],
                ).rowcount
                == 1
                for key, payload in requests
            ]
        with self._lock:
            self._file.execute("PRAGMA synchronous=NORMAL")
        return new

    def begin(self, key: str) -> None:
        """Answering it begins, or begins again."""
        with self._writing() as file:
            file.execute("UPDATE jobs SET attempts = attempts + 1 WHERE key = ?", [key])

    def streaming(self, key: str, ts: str | None) -> None:
        """A message was begun for it with the streaming API, or is about to be ("?")."""
        with self._writing() as file:
            file.execute("UPDATE jobs SET stream = ? WHERE key = ?", [ts, key])

    def finish(self, key: str) -> None:
        """It was answered; what was asked is no longer needed."""
        with self._writing() as file:
            file.execute("UPDATE jobs SET state = 'done', payload = '{}' WHERE key = ?", [key])

    def open_jobs(self) -> list[Job]:
        """Requests that were taken and not finished, oldest first."""
        with self._lock:
            rows = self._file.execute(
                "SELECT key, payload, taken_at, attempts, stream FROM jobs WHERE state = 'taken' ORDER BY taken_at, key"
            ).fetchall()
        return [
            Job(key, json.loads(payload), datetime.fromisoformat(at), attempts, stream)
            for key, payload, at, attempts, stream in rows
        ]

    def job(self, key: str) -> Job | None:
        """An unfinished request."""
        return next((job for job in self.open_jobs() if job.key == key), None)

    # ── messages ─────────────────────────────────────────────────────────────────────────────────

    def keep(self, shown: Shown, now: datetime) -> None:
        """Remember what a message shows."""
        held = {name: getattr(shown, name) for name in Shown.__slots__}
        with self._writing() as file:
            file.execute(
                "INSERT OR REPLACE INTO messages VALUES (?, ?, ?)",
                [shown.id, json.dumps(held), _iso(now)],
            )

    def shown(self, message: str) -> Shown | None:
        """What a message shows; None when it is too old."""
        with self._lock:
            row = self._file.execute(
                "SELECT state FROM messages WHERE id = ?", [message]
            ).fetchone()
        return Shown(**json.loads(row[0])) if row else None

    # ── threads ──────────────────────────────────────────────────────────────────────────────────

    def join(
        self,
        channel: str,
        thread: str,
        conversation: str,
        plan: dict[str, Any] | None,
        now: datetime,
    ) -> None:
        """A question was asked in this thread; without a plan the one before stays."""
        with self._writing() as file:
            file.execute(
                "INSERT INTO threads VALUES (?, ?, ?, ?, ?) ON CONFLICT (channel, thread) DO UPDATE SET "
                "conversation = excluded.conversation, plan = coalesce(excluded.plan, plan), changed_at = excluded.changed_at",
                [channel, thread, conversation, plan and json.dumps(plan), _iso(now)],
            )

    def thread(self, channel: str, thread: str) -> tuple[str, dict[str, Any] | None] | None:
        """Conversation and last plan of a thread; None when nothing was asked in it."""
        with self._lock:
            row = self._file.execute(
                "SELECT conversation, plan FROM threads WHERE channel = ? AND thread = ?",
                [channel, thread],
            ).fetchone()
        return (row[0], json.loads(row[1]) if row[1] else None) if row else None

    def recent(
        self, channel: str, thread: str, now: datetime, gap_s: float
    ) -> tuple[str, dict[str, Any] | None] | None:
        """The same, unless nothing was asked there for `gap_s` seconds."""
        with self._lock:
            row = self._file.execute(
                "SELECT 1 FROM threads WHERE channel = ? AND thread = ? AND changed_at >= ?",
                [channel, thread, _iso(now - timedelta(seconds=gap_s))],
            ).fetchone()
        return self.thread(channel, thread) if row else None

    # ── verdicts ─────────────────────────────────────────────────────────────────────────────────

    def judge(
        self, message: str, person: str, verdict: str, now: datetime, reason: str | None = None
    ) -> None:
        """What a person thinks of an answer; the last verdict is the one that counts, and a new one drops the old reason."""
        with self._writing() as file:
            file.execute(
                "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?)",
                [message, person, verdict, reason, _iso(now)],
            )

    def verdicts(self, message: str) -> dict[str, tuple[str, str | None]]:
        """Verdict and reason by person."""
        with self._lock:
            rows = self._file.execute(
                "SELECT person, verdict, reason FROM verdicts WHERE message = ? ORDER BY person",
                [message],
            ).fetchall()
        return {person: (verdict, reason) for person, verdict, reason in rows}


async def written(write: Callable[..., None], *given: Any) -> None:
    """Write in a thread; a disk that refuses is logged, and costs a button or a resumption, but no answer."""
    try:
        await asyncio.to_thread(write, *given)
    except sqlite3.Error as error:
        log(logging.ERROR, "slack ledger cannot be written", error=str(error))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
