"""A store under kill -9, a full disk and a long life: each a loop that anyone can repeat.

    python -m tests.faults kill --every 1        a build is killed at each of its steps on disk
    python -m tests.faults kill --moments 200    and at moments drawn at random, in the middle of native code too
    python -m tests.faults events --rounds 200   a writer of events is killed while it writes
    python -m tests.faults full                  the disk is full after so many bytes, for many such numbers
    python -m tests.faults soak --rounds 200     builds, swaps, questions and events: memory and handles

Every loop prints what it did and exits with 1 at the first promise that was broken. The suite runs short ones.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from catalog_store.content import CatalogContent
from catalog_store.embedder import HashEmbedder
from catalog_store.journal import Delivery, Journal
from catalog_store.model.document import Document, Passage, SourceSpan
from catalog_store.model.entity import Entity, EntityRef
from catalog_store.publish import publish
from catalog_store.snapshot import current_id, open_snapshot

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
STEPS = frozenset({"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.truncate", "shutil.rmtree", "shutil.copyfile"})  # fmt: skip
"""What Python reports before it changes something on disk (`sys.addaudithook`)."""


def content(note: str, size: int = 12) -> CatalogContent:
    """A small catalog whose every entity and page names one build."""
    found = CatalogContent(sources={"test": size})
    span = SourceSpan("a.yaml", 1, 3)
    for number in range(size):
        ref = EntityRef("component", "default", f"thing-{number}")
        found.entities.append(Entity(ref, "Component", {"name": f"thing-{number}", "title": note, "description": f"{note} {number}"}, span))  # fmt: skip
        page = Document(f"doc:{number}.md", f"{number}.md", note, "", "doc", (str(ref),), (), None, None, None, ())  # fmt: skip
        found.documents.append(page)
        found.passages.append(Passage(page.ref, 0, note, (note,), f"{note} number {number}", span))
    return found


def _build(store: Path, note: str, at: datetime = NOW) -> None:
    publish(store, content(note), now=at, embedder=HashEmbedder())


def _forked(work: Callable[[], None], kill_after_s: float | None = None) -> int:
    """Run something in a child; its exit code, negative when a signal ended it."""
    child = os.fork()
    if not child:
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            work()
            code = 0
        finally:
            os._exit(code)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _check_serves(store: Path, allowed: set[str], what: str) -> str:
    """What serves is whole, and of one build alone; returns which."""
    with open_snapshot(store, embedder=HashEmbedder()) as snapshot:
        snapshot.verify()
        titles = {
            row["title"] for row in snapshot.catalog.fetch("SELECT DISTINCT title FROM entities")
        }
        pages = {
            row["title"] for row in snapshot.catalog.fetch("SELECT DISTINCT title FROM documents")
        }
    assert len(titles) == 1, f"{what}: a mixture of builds serves: {titles}"
    assert titles == pages, f"{what}: entities of {titles}, pages of {pages}"
    assert titles <= allowed, f"{what}: {titles} serves, expected one of {allowed}"
    return str(titles.pop())


def kill(every: int, moments: int, seed: int = 0) -> str:
    """Kill builds; whatever is left must serve the build before or the new one, and take the next build."""
    with tempfile.TemporaryDirectory(prefix="callboard-kill-") as home:
        store = Path(home) / "store"
        assert _forked(lambda: _build(store, "first")) == 0
        begun = time.monotonic()
        steps = _steps_of(store)
        length = time.monotonic() - begun
        served = {"old": 0, "new": 0}
        rng = random.Random(seed)
        plans: list[tuple[str, float]] = (
            [("step", n) for n in range(1, steps + 1, every)] if every else []
        )
        plans += [("moment", rng.uniform(0, length)) for _ in range(moments)]
        before = _check_serves(store, {"first", "counted"}, "at the start")
        for number, (how, where) in enumerate(plans):
            fresh = f"build-{number}"
            at = NOW + timedelta(minutes=number + 1)
            if how == "step":
                code = _forked(partial(_killed_at, store, fresh, at, int(where)))
            else:
                code = _forked(partial(_build, store, fresh, at), kill_after_s=where)
            assert code in (0, -signal.SIGKILL), f"{how} {where}: the build failed with {code}"
            now = _check_serves(store, {before, fresh}, f"{how} {where}")
            served["new" if now == fresh else "old"] += 1
            before = now
        _forked(lambda: _build(store, "last", NOW + timedelta(days=9)))
        _check_serves(store, {"last"}, "the build after all kills")
        left = [p.name for p in (store / "snapshots").iterdir() if ".tmp-" in p.name]
        assert not left, f"left behind: {left}"
    return (
        f"{len(plans)} builds killed ({steps} steps, {moments} moments): {served['old']} times the one before served on, "
        f"{served['new']} times the new one; never half of one"
    )


def _steps_of(store: Path) -> int:
    """Steps on disk of one whole build."""
    reader, writer = os.pipe()

    def counted() -> None:
        count = _watched(lambda _: None, store)
        _build(store, "counted", NOW + timedelta(seconds=30))
        os.write(writer, str(count()).encode())

    assert _forked(counted) == 0
    return int(os.read(reader, 20))


def _killed_at(store: Path, note: str, at: datetime, step: int) -> None:
    def look(number: int) -> None:
        if number == step:
            os.kill(os.getpid(), signal.SIGKILL)

    _watched(look, store)
    _build(store, note, at)


def _watched(look: Callable[[int], None], store: Path) -> Callable[[], int]:
    """Call `look` with the number of each step below the store, from 1; returns how many there were."""
    count = [0]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in STEPS and str(store) in str(arguments[0]):
            count[0] += 1
            look(count[0])

    sys.addaudithook(hook)
    return lambda: count[0]


def events(rounds: int, seed: int = 0) -> str:
    """Kill writers of events: what was acknowledged is there, once, and the next writer goes on."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="callboard-events-") as home:
        store = Path(home)
        acknowledged: list[str] = []
        for number in range(rounds):
            reader, writer = os.pipe()

            def write(n: int = number, w: int = writer) -> None:
                journal = Journal(store, segment_bytes=20_000)
                for k in range(10_000):
                    journal.append(Delivery("fault", f"{n}-{k}", NOW, "x" * rng.randint(1, 3000)))
                    os.write(w, f"{n}-{k}\n".encode())

            _forked(write, kill_after_s=rng.uniform(0.0, 0.05))
            os.close(writer)
            with os.fdopen(reader) as stream:
                acknowledged += stream.read().split()
        found = [entry.delivery.id for entry in Journal(store).entries()]
        lost = set(acknowledged) - set(found)
        assert not lost, f"{len(lost)} acknowledged events are gone: {sorted(lost)[:3]}"
        assert len(found) == len(set(found)), "an event is there twice"
    return f"{rounds} writers killed: {len(acknowledged)} events acknowledged, {len(found)} there, none lost, none twice"


def full(limits: int = 24) -> str:
    """Let every file be at most so long; a build that finds no room says so, and the one before serves on."""
    refused = 0
    with tempfile.TemporaryDirectory(prefix="callboard-full-") as home:
        store = Path(home) / "store"
        assert _forked(lambda: _build(store, "first")) == 0
        serves = {"first"}
        for number in range(limits):
            most = int(512 * 1.5**number)
            note = f"room-{number}"

            def cramped(limit: int = most, n: str = note, k: int = number) -> None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
                _build(store, n, NOW + timedelta(minutes=k + 1))

            code = _forked(cramped)
            assert code >= 0, f"at {most} bytes a signal ended the build: {code}"
            refused += code != 0
            serves = {
                _check_serves(store, serves | ({note} if code == 0 else set()), f"{most} bytes")
            }
            left = [p.name for p in (store / "snapshots").iterdir() if ".tmp-" in p.name]
            assert not left, f"at {most} bytes it left {left} behind"
    return f"{limits} builds with room for 512 bytes to {most / 1e6:.0f} MB a file: {refused} refused, the build before served on each time"


def soak(rounds: int) -> str:
    """Builds, swaps, questions and events, round after round; memory and handles of the second half against the first."""
    from app.live import LiveAssistant

    logging.disable(logging.WARNING)  # an event of no known format is logged
    seen: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory(prefix="callboard-soak-") as home:
        store = Path(home) / "store"
        _build(store, "first")
        live = LiveAssistant(store, poll_s=3600)
        try:
            for number in range(rounds):
                _forked(
                    partial(_build, store, f"build-{number}", NOW + timedelta(minutes=number + 1))
                )
                assert live.check()
                Journal(store).append(Delivery("soak", str(number), NOW, "{}"))
                with live.serving() as serving:
                    assert serving.id == current_id(store)
                    for question in (
                        "how many components are there?",
                        "who owns thing-3?",
                        "thing-4",
                    ):
                        assert serving.ask(question, now=NOW).text
                gc.collect()
                seen.append((_rss_kib(), len(os.listdir("/proc/self/fd"))))  # noqa: PTH208  no Path per handle
        finally:
            live.close()
    half = seen[rounds // 2 :]
    slope = (half[-1][0] - half[0][0]) / max(len(half) - 1, 1)
    handles = half[-1][1] - half[0][1]
    assert handles <= 2, f"{handles} handles more after {len(half)} rounds"
    assert slope < 600, f"{slope:.0f} KiB more with every round"
    return f"{rounds} rounds: {half[-1][0] // 1024} MiB, {slope:+.0f} KiB a round over the second half; {half[-1][1]} handles, {handles:+d}"


def _rss_kib() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * resource.getpagesize() // 1024


def main() -> None:
    """One loop, as told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("loop", choices=["kill", "events", "full", "soak"])
    parser.add_argument("--every", type=int, default=1, help="kill at every n-th step; 0 for none")
    parser.add_argument("--moments", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=50)
    chosen = parser.parse_args()
    loops: dict[str, Callable[[], str]] = {
        "kill": lambda: kill(chosen.every, chosen.moments),
        "events": lambda: events(chosen.rounds),
        "full": full,
        "soak": lambda: soak(chosen.rounds),
    }
    begun = time.monotonic()
    text = loops[chosen.loop]()
    print(f"{chosen.loop}: {text} ({time.monotonic() - begun:.0f} s)")  # noqa: T201  a command


if __name__ == "__main__":
    main()
