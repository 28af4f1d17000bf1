"""One `callboard eval`: suites asked, held against baseline and gate, and reported."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from catalog_store.errors import UserError
from eval.gate import Rule, Verdict, check_gate, read_gate
from eval.outcome import Outcome
from eval.report.junit import junit
from eval.report.page import Section, page
from eval.results import Baseline, full, read_baseline
from eval.runner import UNFINISHED, Place, Run, run_suite
from eval.suite import Suite
from eval.suite_reader import read_suite

RESULTS, JUNIT, PAGE = "results.json", "junit.xml", "report.html"
"""Files of a report's folder."""


@dataclass(frozen=True, slots=True)
class Session:
    """Everything a run gave.

    Attributes:
        runs: one a suite, in the order they were named.
        verdicts: of the gate, rule by rule.
        baseline: suite → case id → earlier outcome.
    """

    runs: tuple[Run, ...]
    verdicts: tuple[Verdict, ...]
    baseline: Mapping[str, Mapping[str, Outcome]]

    @property
    def passed(self) -> bool:
        """No rule of the gate is broken."""
        return all(verdict.holds for verdict in self.verdicts)

    @property
    def outcomes(self) -> dict[str, tuple[Outcome, ...]]:
        """Suite → outcomes."""
        return {run.suite.name: run.outcomes for run in self.runs}


@dataclass(frozen=True, slots=True)
class Options:
    """How to run.

    Attributes:
        place: where to ask; without a store and an address each suite's own organisation is indexed.
        baseline, gate: used instead of those the suites name.
        types: only questions of these types, and what they follow up on; every type when empty.
    """

    place: Place
    baseline: Path | None = None
    gate: Path | None = None
    report: Path | None = None
    jobs: int | None = None
    resume: bool = False
    types: tuple[str, ...] = ()


def run_session(
    paths: Sequence[Path],
    options: Options,
    *,
    index: Callable[[Suite, Path], None],
    done: Callable[[str, int, int], None] | None = None,
) -> Session:
    """Ask every suite.

    Args:
        paths: suites: folders, `suite.yaml` files or files of cases.
        options: how.
        index: builds a suite's organisation into a store, for suites that bring one.
        done: told suite, cases asked and cases in all.

    Raises:
        InvalidSuite: a suite, baseline or gate cannot be used.
        UserError: there is nothing to ask.
    """
    suites = [_only(read_suite(path), options.types) for path in paths]
    names = [suite.name for suite in suites]
    if len(set(names)) < len(names):
        raise UserError(f"two suites have one name: {', '.join(sorted(names))}; rename one")
    rules = read_gate(options.gate) if options.gate else None
    given = read_baseline(options.baseline) if options.baseline else None
    runs, verdicts = [], []
    baselines: dict[str, Mapping[str, Outcome]] = {}
    for suite in suites:
        own_rules = rules if rules is not None else read_gate(suite.gate) if suite.gate else []
        before = given or _own_baseline(suite)
        with _somewhere(suite, options.place, index) as place:
            run = run_suite(
                suite,
                place,
                jobs=options.jobs,
                journal=_journal(options, suite),
                resume=options.resume,
                done=_told(done, suite.name),
            )
        runs.append(run)
        baselines[suite.name] = before.of(suite.name)
        verdicts += _checked(own_rules, run, baselines[suite.name], whole=not options.types)
    return Session(tuple(runs), tuple(verdicts), baselines)


def _told(
    done: Callable[[str, int, int], None] | None, name: str
) -> Callable[[int, int], None] | None:
    return None if done is None else lambda asked, total: done(name, asked, total)


def _journal(options: Options, suite: Suite) -> Path | None:
    return options.report / f"{suite.name}.{UNFINISHED}" if options.report else None


def _only(suite: Suite, types: Sequence[str]) -> Suite:
    if not types:
        return suite
    wanted = {case.id for case in suite.cases if case.type in types}
    for case in suite.cases:  # what a wanted case follows up on has to be asked before it
        current = case
        while case.id in wanted and current.after is not None:
            wanted.add(current.after)
            current = suite.by_id[current.after]
    kept = tuple(case for case in suite.cases if case.id in wanted)
    if not kept:
        known = ", ".join(sorted({case.type for case in suite.cases}))
        raise UserError(
            f"suite {suite.name!r} has no question of type {', '.join(types)}; it has {known}"
        )
    return replace(suite, cases=kept)


def _own_baseline(suite: Suite) -> Baseline:
    if suite.baseline is None or not suite.baseline.exists():
        return Baseline({})
    return read_baseline(suite.baseline)


def _checked(
    rules: Sequence[Rule], run: Run, baseline: Mapping[str, Outcome], *, whole: bool
) -> list[Verdict]:
    """Rules are about whole suites: a run over a part of one answers to none of them."""
    return check_gate(rules, run.suite.name, run.outcomes, baseline) if whole else []


@contextmanager
def _somewhere(suite: Suite, place: Place, index: Callable[[Suite, Path], None]) -> Iterator[Place]:
    """Where the suite is asked: what was named, or a store made from its own organisation."""
    if place.store is not None or place.url is not None:
        yield place
        return
    if not suite.organisation:
        raise UserError(
            f"nothing to ask for suite {suite.name!r}: pass --store DIR or --url URL, or give the suite an `organisation:`"
        )
    with tempfile.TemporaryDirectory(prefix="callboard-eval-") as folder:
        index(suite, Path(folder))
        yield Place(store=Path(folder))


def write_report(folder: Path, session: Session) -> list[Path]:
    """Write `report.html`, `results.json` and `junit.xml`.

    Args:
        folder: made when it is not there.
        session: what was run.

    Returns:
        The files, the page first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    identity = "; ".join(dict.fromkeys(run.identity for run in session.runs))
    sections = [
        Section(run.suite.name, run.suite.title, run.outcomes, session.baseline[run.suite.name])
        for run in session.runs
    ]
    verdicts = list(session.verdicts)
    files = {
        PAGE: page(sections, verdicts, identity=identity),
        RESULTS: json.dumps(full(session.outcomes, identity=identity), ensure_ascii=False) + "\n",
        JUNIT: junit(session.outcomes, verdicts),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]
