"""What was asked and how it ended: an append-only log beside the store, as much of it as an organisation has agreed to.

One file of JSON lines a day in `<store>/usage/`; files older than the retention are deleted. Who asks is a pseudonym made with a secret of
this store, so that people are counted and not named. The words of a question are kept only where `callboard.yaml` says `usage: {keep: questions}`, and
then without e-mail addresses, tokens and long numbers.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.usage_section import REDACTED, UsagePolicy
from app.use import Use

if TYPE_CHECKING:
    from app.settings import Settings
    from assistant.answer import Answer

FOLDER, SALT = "usage", "salt"
"""Beside the snapshots of a store: the log's folder, and in it the secret that pseudonyms are made with."""

REDACTIONS: Mapping[str, re.Pattern[str]] = {
    "emails": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    # AKIAIOSFODNN7EXAMPLE, ghp_…, eyJhbGciOi…, 40 hexadecimal digits: long, without spaces, with letters and digits
    "tokens": re.compile(
        r"\b(?=[\w+/=.-]*\d)(?=[\w+/=.-]*[A-Za-z])(?:[A-Za-z]{2,6}_)?[A-Za-z0-9+/=_.]{20,}\b"
    ),
    # 4111 1111 1111 1111, +49 170 1234567: seven digits and more; 2026-11-20, a port or "60 days" stays
    "numbers": re.compile(r"\+?(?<!\d)(?!\d{4}-\d\d-\d\d(?!\d))\d(?:[ -]?\d){6,}"),
}
"""What is taken out of a question before it is kept, by the name the setting calls it."""

_FIELDS = 12
"""Conditions of one reading that are noted; more tell nothing further."""


def redacted(text: str, names: tuple[str, ...] = REDACTED) -> str:
    """A question without what must not be kept.

    >>> redacted("who is jane.doe@example.com, +49 170 1234567, deployed in the last 60 days")
    'who is [email], [number], deployed in the last 60 days'
    """
    for name in names:
        text = REDACTIONS[name].sub(f"[{name.removesuffix('s')}]", text)
    return text


class Usage:
    """The usage log of one store. Safe to share between threads and processes.

    A line that cannot be written is lost, and the answer is not: the log is for learning, never in the way.
    """

    def __init__(
        self,
        store: Path,
        policy: UsagePolicy,
        *,
        use: Use | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Takes the store's folder; nothing is written before there is something to write.

        Args:
            store: the folder of snapshots.
            policy: what may be kept.
            use: counts what is asked about, for the order of suggestions; None counts nothing.
            clock: tells the time.
        """
        self._folder = store / FOLDER
        self._policy, self._clock, self._use = policy, clock, use
        self._lock = threading.Lock()
        self._salt: bytes | None = None
        self._day: date | None = None

    def asked(
        self,
        surface: str,
        answer: Answer,
        *,
        question: str | None,
        asker: str | None,
        snapshot: str,
        seconds: float,
        edited: bool = False,
    ) -> None:
        """Note one answered question.

        Args:
            surface: where it was asked: "http", "slack", "mcp", "cli".
            answer: what was answered.
            question: the words; None for a plan without any.
            asker: who asked, where that is known.
            snapshot: id of the snapshot that answered.
            seconds: until the answer.
            edited: a condition of an earlier reading was changed.
        """
        if self._policy.keep == "off":
            return
        reading = answer.interpretation
        line: dict[str, Any] = {
            "event": "asked",
            "surface": surface,
            "status": answer.status.value,
            "kind": answer.kind.value,
            "snapshot": snapshot,
            "ms": round(seconds * 1000, 1),
            "fields": sorted({chip.field for chip in reading.chips})[:_FIELDS],
            "pages": [passage.path for passage in answer.passages[:3]],
        }
        if asker:
            line["who"] = self._pseudonym(asker)
        if answer.conversation:
            line["conversation"] = self._pseudonym(answer.conversation)
        if edited:
            line["edited"] = True
        if self._policy.keep == "questions":
            line |= {"reading": self._kept(reading.text)}
            if question:
                line |= {"question": self._kept(question)}
                line |= {"unused": [self._kept(unused.text) for unused in reading.unused]}
            if edited:
                line["plan"] = reading.plan
        self._write(line)
        if answer.status.value == "answered":
            # who is not known by name is told from others by the conversation
            words = question if self._policy.keep == "questions" and not edited else None
            who = line.get("who") or line.get("conversation")
            self._count(_named(answer), who, self._kept(words) if words else None)

    def opened(self, surface: str, ref: str, *, asker: str | None = None) -> None:
        """Note that somebody opened a thing or a page: which of what was found was of use."""
        if self._policy.keep == "off":
            return
        who = {"who": self._pseudonym(asker)} if asker else {}
        self._write({"event": "opened", "surface": surface, "ref": ref, **who})
        self._count((ref,), who.get("who"))

    def close(self) -> None:
        """Keep what was counted; nothing is lost of the log itself."""
        if self._use is not None:
            self._use.flush()

    def _count(self, refs: Iterable[str], who: str | None, question: str | None = None) -> None:
        if self._use is not None:
            redacted_away = question is not None and "[" in question
            self._use.note(refs, who=who, question=None if redacted_away else question)

    def _kept(self, text: str) -> str:
        return redacted(text, self._policy.redact)

    def _pseudonym(self, name: str) -> str:
        """The same for the same person within a store, and nothing anybody can turn back without the store's secret."""
        if self._salt is None:
            self._salt = _salt(self._folder / SALT)
        return hmac.new(self._salt, name.encode(), hashlib.sha256).hexdigest()[:12]

    def _write(self, line: dict[str, Any]) -> None:
        now = self._clock()
        data = json.dumps({"at": now.isoformat(timespec="seconds"), **line}, ensure_ascii=False)
        with suppress(OSError), self._lock:
            if self._day != now.date():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._forget(now.date())
                self._day = now.date()
            path = self._folder / f"{now.date().isoformat()}.ndjson"
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, data.encode() + b"\n")
            finally:
                os.close(handle)

    def _forget(self, today: date) -> None:
        """Delete the files of days that are too long ago."""
        oldest = today - timedelta(days=self._policy.retention_days)
        for path in self._folder.glob("*.ndjson"):
            day = _day_of(path)
            if day is not None and day < oldest:
                path.unlink(missing_ok=True)


def _named(answer: Answer) -> list[str]:
    """References of the things that the conditions of a reading name."""
    values = (chip.value for chip in answer.interpretation.chips)
    flat = (v for value in values for v in (value if isinstance(value, list | tuple) else (value,)))
    return [value for value in flat if isinstance(value, str) and _REF.fullmatch(value)]


_REF = re.compile(r"[a-z]+:[\w.-]+/[\w.-]+")


def _salt(path: Path) -> bytes:
    """The store's secret, made when it is not there; of two processes that make it at once the first wins."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(handle, secrets.token_bytes(32))
            finally:
                os.close(handle)
        return path.read_bytes()
    return secrets.token_bytes(32)


def _day_of(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.stem)
    except ValueError:
        return None


def read_usage(store: Path, *, since: datetime) -> Iterator[dict[str, Any]]:
    """The lines of a store's log from a moment on, oldest first; a line that was cut in two is passed over.

    Args:
        store: the folder of snapshots.
        since: timezone-aware.
    """
    for path in sorted((store / FOLDER).glob("*.ndjson")):
        day = _day_of(path)
        if day is None or day < since.date():
            continue
        for text in path.read_text("utf-8", "replace").splitlines():
            try:
                line = json.loads(text)
                moment = datetime.fromisoformat(line["at"])
            except (ValueError, KeyError, TypeError):
                continue
            if moment >= since:
                yield line | {"at": moment}


def usage_of(settings: Settings, store: Path) -> Usage:
    """The log of a store, as the settings allow it."""
    return Usage(store, settings.usage, use=use_of(settings.usage, store))


@cache
def use_of(policy: UsagePolicy, store: Path) -> Use | None:
    """What is counted for the order of suggestions, one a store; None where nothing may be kept or it is not wanted."""
    return Use(store / FOLDER) if policy.suggest and policy.keep != "off" else None
