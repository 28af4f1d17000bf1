"""Ask every question of a suite, side by side, and keep what is known so far on disk: a run that was cut off goes on."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    as_completed,
)
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from app.settings import load_settings
from eval.outcome import Outcome, outcome_of
from eval.suite import Case, Suite
from eval.targets import StoreTarget, Target, UrlTarget

UNFINISHED = "unfinished.ndjson"
"""In the report's folder: outcomes of a run that has not ended."""

CASES_PER_PROCESS = 100
"""A process of its own opens the store anew, about a second: worth it from here on."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a suite is asked: a store's folder or URL, or a server's address."""

    store: Path | str | None = None
    url: str | None = None
    token: str | None = field(default=None, repr=False)

    def open(self) -> Target:
        """Ready to be asked.

        Raises:
            StoreNotFound: nothing was published there.
            UserError: no server answers there.
        """
        if self.url is not None:
            return UrlTarget(self.url, token=self.token)
        return StoreTarget(load_settings({"store": self.store}).require_store())


@dataclass(frozen=True, slots=True)
class Run:
    """A suite, asked.

    Attributes:
        outcomes: in the order of the suite.
        identity: of what answered.
    """

    suite: Suite
    outcomes: tuple[Outcome, ...]
    identity: str


def ask_chain(target: Target, chain: Sequence[Case], clock: datetime | None) -> list[Outcome]:
    """Ask cases that belong to one conversation, in order.

    Args:
        target: what answers.
        chain: each question before those that follow up on it.
        clock: for cases that fix no moment; without one, the moment the data was built for.
    """
    conversations: dict[str, str | None] = {}
    outcomes = []
    for case in chain:
        if case.search:
            answer, wall_ms = target.search(case.question)
        else:
            answer, wall_ms = target.ask(
                case.question,
                now=case.now or clock or target.built_at,
                asker=case.asker,
                conversation=conversations.get(case.after) if case.after else None,
            )
        conversations[case.id] = answer.get("conversation")
        outcomes.append(outcome_of(case, answer, wall_ms=wall_ms))
    return outcomes


def ask_suite(target: Target, suite: Suite) -> list[Outcome]:
    """Ask every case of what is open already, one after the other; outcomes in the order of the suite."""
    found = {
        outcome.id: outcome
        for chain in suite.conversations()
        for outcome in ask_chain(target, chain, suite.now)
    }
    return [found[case.id] for case in suite.cases]


def run_suite(
    suite: Suite,
    place: Place,
    *,
    jobs: int | None = None,
    journal: Path | None = None,
    resume: bool = False,
    done: Callable[[int, int], None] | None = None,
) -> Run:
    """Ask every case.

    Args:
        suite: what to ask.
        place: where.
        jobs: processes over a store, connections to a server; None chooses.
        journal: outcomes are appended to this file as they come, and it is removed when all are there.
        resume: outcomes in the journal count, if the same program over the same data gave them.
        done: told how many cases are asked, and of how many.

    Raises:
        UserError: the store or the server is not there.
    """
    target = place.open()
    try:
        identity = target.identity
        known = _known(journal, identity) if journal and resume else {}
        chains = [
            chain
            for chain in suite.conversations()
            if not all((case.id, case.digest) in known for case in chain)
        ]
        found = dict(known)
        workers = jobs or _workers(place, sum(map(len, chains)))
        with _journal(journal, identity, known) as note:
            for outcomes in _asked(target, place, chains, suite.now, workers):
                for outcome in outcomes:
                    found[outcome.id, outcome.digest] = outcome
                    note(outcome)
                if done:
                    done(len(found), len(suite.cases))
    finally:
        target.close()
    if journal is not None:
        journal.unlink(missing_ok=True)
    ordered = tuple(found[case.id, case.digest] for case in suite.cases)
    return Run(suite, ordered, identity)


def _workers(place: Place, cases: int) -> int:
    if place.url is not None:
        return 4
    return max(1, min(os.cpu_count() or 1, cases // CASES_PER_PROCESS))


_TARGET: Target
"""Of a process that asks; set once when it starts."""


def _start(place: Place) -> None:
    global _TARGET  # noqa: PLW0603  one store is opened once a process
    _TARGET = place.open()


def _ask_here(chain: Sequence[Case], clock: datetime | None) -> list[Outcome]:
    return ask_chain(_TARGET, chain, clock)


def _asked(
    target: Target,
    place: Place,
    chains: Sequence[Sequence[Case]],
    clock: datetime | None,
    workers: int,
) -> Iterator[list[Outcome]]:
    if workers <= 1:
        for chain in chains:
            yield ask_chain(target, chain, clock)
        return
    executor: Executor
    futures: list[Future[list[Outcome]]]
    if place.url is not None:
        executor = ThreadPoolExecutor(workers)
        futures = [executor.submit(ask_chain, target, chain, clock) for chain in chains]
    else:  # answering is work for the interpreter: threads would wait for each other
        executor = ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), initializer=_start, initargs=(place,)
        )
        futures = [executor.submit(_ask_here, chain, clock) for chain in chains]
    try:
        for future in as_completed(futures):
            yield future.result()
    finally:
        executor.shutdown(cancel_futures=True)


def _known(journal: Path, identity: str) -> dict[tuple[str, str], Outcome]:
    """Outcomes of a run that was cut off; a last line that was cut in two is asked again."""
    if not journal.exists():
        return {}
    lines = journal.read_text("utf-8").splitlines()
    try:
        if not lines or json.loads(lines[0]).get("identity") != identity:
            return {}
    except ValueError:
        return {}
    known = {}
    for line in lines[1:]:
        try:
            outcome = Outcome.from_json(json.loads(line))
        except (ValueError, TypeError):
            continue
        known[outcome.id, outcome.digest] = outcome
    return known


@contextmanager
def _journal(
    path: Path | None, identity: str, known: dict[tuple[str, str], Outcome]
) -> Iterator[Callable[[Outcome], None]]:
    if path is None:
        yield lambda _: None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:

        def write(data: dict[str, Any], to: IO[str] = file) -> None:
            to.write(json.dumps(data, ensure_ascii=False) + "\n")
            to.flush()

        write({"identity": identity})
        for outcome in known.values():
            write(outcome.to_json())
        yield lambda outcome: write(outcome.to_json())
