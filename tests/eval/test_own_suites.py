"""The repository's own suites hold against their gates, and a change that does harm is caught by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from catalog_store.embedder import HashEmbedder
from catalog_store.model.relations import RELATIONS
from catalog_store.publish import publish
from demo_org import write_demo
from eval.gate import Verdict, check_gate, read_gate
from eval.outcome import Outcome
from eval.results import read_baseline
from eval.suite_reader import read_suite
from indexer.build import read_catalog
from search.plan import Predicate
from tests.eval.conftest import OWN, SUITES, Asked, ask_all


def _verdicts(name: str, outcomes: Mapping[str, Outcome]) -> list[Verdict]:
    suite = read_suite(SUITES / name)
    assert suite.gate is not None, "an own suite has a gate"
    assert suite.baseline is not None, "and a baseline"
    baseline = read_baseline(suite.baseline).of(name)
    return check_gate(read_gate(suite.gate), name, list(outcomes.values()), baseline)


def _worst(outcomes: Mapping[str, Outcome]) -> str:
    """The silently wrong, one a line; nothing of the part that is kept out of sight."""
    wrong = [o for o in outcomes.values() if o.silent and not o.held_out]
    return "\n".join(f"{o.id} {o.question!r}: {o.why}; read as {o.read_as}" for o in wrong)


@pytest.mark.parametrize("name", OWN)
def test_gates_hold(asked: Callable[[str], Asked], name: str) -> None:
    outcomes = asked(name).outcomes
    broken = [v for v in _verdicts(name, outcomes) if not v.holds]
    assert not broken, f"{broken}\n{_worst(outcomes)}"


@pytest.mark.parametrize("name", OWN)
def test_baselines_still_speak_of_the_cases_that_are_asked(name: str) -> None:
    suite = read_suite(SUITES / name)
    assert suite.baseline is not None
    kept = read_baseline(suite.baseline).of(name)
    same = [case for case in suite.cases if case.id in kept and kept[case.id].digest == case.digest]
    hint = f"callboard eval eval/suites/{name} --write-baseline eval/suites/{name}/baseline.json"
    assert len(same) >= 0.7 * len(suite.cases), f"too many new or changed cases; run: {hint}"


def _negation_broken(patch: pytest.MonkeyPatch) -> None:
    """ "not" is read, and means nothing."""

    def unchanged(where: Predicate) -> Predicate:
        return where

    patch.setattr("search.understand.grammar.negation.negated", unchanged)


def _synonyms_dropped(patch: pytest.MonkeyPatch) -> None:
    """No verb says any more who owns something: "who looks after", "who runs", …"""
    changed = tuple(
        replace(r, inverse=replace(r.inverse, verbs=())) if r.inverse.name == "ownerOf" else r
        for r in RELATIONS
    )
    patch.setattr("search.understand.lexicon.RELATIONS", changed)


HARM = {"negation broken": _negation_broken, "synonyms dropped": _synonyms_dropped}


@pytest.fixture
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as context:
        yield context


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_a_harmful_change_is_caught(
    harm: Callable[[pytest.MonkeyPatch], None],
    patch: pytest.MonkeyPatch,
    store_of: Callable[[str], Path],
) -> None:
    harm(patch)
    outcomes = ask_all(read_suite(SUITES / "waybright"), store_of("waybright")).outcomes
    broken = [v for v in _verdicts("waybright", outcomes) if not v.holds]
    assert broken


def test_another_model_is_caught(tmp_path: Path) -> None:
    suite = read_suite(SUITES / "waybright")
    assert suite.now is not None
    content = read_catalog([write_demo(tmp_path / "files", now=suite.now)], now=suite.now)
    publish(tmp_path / "store", content, now=suite.now, embedder=HashEmbedder())
    outcomes = ask_all(suite, tmp_path / "store").outcomes
    broken = [v for v in _verdicts("waybright", outcomes) if not v.holds]
    assert any("worse at" in v.rule for v in broken), "a paired test sees what single marks may not"
