"""Measures agree with the tools the field uses, on data nobody chose."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import RR, P, R, nDCG
from scipy import stats
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from eval import ranking
from eval.expectations import STATUSES
from eval.measures import by_field, by_type, confusion, latencies, measured
from eval.outcome import Outcome, citation_support
from eval.statistics import difference_interval, mcnemar, ratio_interval, sign_flips

PAGES = [f"p{number}" for number in range(12)]

rankings = st.lists(st.sampled_from(PAGES), unique=True, max_size=12)
judgements = st.dictionaries(st.sampled_from(PAGES), st.integers(0, 3), min_size=1)


@settings(deadline=None, max_examples=80)
@given(rankings, judgements)
def test_ranking_measures_agree_with_ir_measures(pages: list[str], grades: dict[str, int]) -> None:
    ours = {
        nDCG @ 10: ranking.ndcg(pages, grades, k=10),
        nDCG @ 3: ranking.ndcg(pages, grades, k=3),
        RR: ranking.reciprocal_rank(pages, grades),
        R @ 5: ranking.recall(pages, grades, k=5),
        P @ 1: ranking.precision(pages, grades, k=1),
    }
    relevant = any(grade > 0 for grade in grades.values())
    assert all((value is not None) is relevant for value in ours.values())
    if relevant and pages:
        run = {"q": {page: float(-rank) for rank, page in enumerate(pages)}}
        theirs = ir_measures.calc_aggregate(list(ours), {"q": grades}, run)
        assert {str(m): v for m, v in ours.items()} == pytest.approx(
            {str(m): v for m, v in theirs.items()}
        )


def outcome(**parts: Any) -> Outcome:
    """A case that went well, with some things otherwise."""
    usual: dict[str, Any] = {
        "id": "a",
        "type": "t",
        "question": "q",
        "digest": "d",
        "held_out": False,
        "right": True,
        "why": "",
        "status": "answered",
        "wanted": ("answered",),
        "silent": False,
        "refused": False,
    }
    return Outcome(**usual | parts)


pairs = st.lists(
    st.tuples(st.sampled_from(STATUSES), st.sampled_from(STATUSES)), min_size=1, max_size=60
)


@settings(deadline=None, max_examples=60)
@given(pairs)
def test_precision_and_recall_of_refusals_agree_with_scikit_learn(
    said: Sequence[tuple[str, str]],
) -> None:
    outcomes = [outcome(wanted=(wanted,), status=status) for wanted, status in said]
    found = measured(outcomes)
    labels = [status for status in STATUSES if status != "answered"]
    precision, recall, _, _ = precision_recall_fscore_support(
        [w for w, _ in said], [s for _, s in said], labels=labels, zero_division=np.nan
    )
    for at, label in enumerate(labels):
        for name, theirs in (("precision", precision[at]), ("recall", recall[at])):
            figure = found.get(f"{name}[{label}]")
            assert (figure.value if figure else np.nan) == pytest.approx(theirs, nan_ok=True)
    grid = confusion_matrix([w for w, _ in said], [s for _, s in said], labels=list(STATUSES))
    ours = confusion(outcomes)
    for row, wanted in enumerate(STATUSES):
        assert list(ours.get(wanted, dict.fromkeys(STATUSES, 0)).values()) == grid[row].tolist()


@settings(deadline=None, max_examples=80)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80))
def test_mcnemar_is_the_exact_binomial_test(cases: list[tuple[bool, bool]]) -> None:
    before, after = [b for b, _ in cases], [a for _, a in cases]
    better = sum(a and not b for b, a in cases)
    changed = sum(a is not b for b, a in cases)
    expected = stats.binomtest(better, changed).pvalue if changed else 1.0
    assert mcnemar(before, after) == pytest.approx(expected)


def test_sign_flips_agree_with_scipy() -> None:
    draw = random.Random(3)
    for size in (4, 9, 60):
        before = [draw.random() for _ in range(size)]
        after = [b + draw.gauss(0.1, 0.3) for b in before]
        theirs = stats.permutation_test(
            (after, before),
            lambda a, b, axis: np.mean(a - b, axis=axis),
            permutation_type="samples",
            vectorized=True,
            n_resamples=20_000,
            rng=np.random.default_rng(1),
        ).pvalue
        assert sign_flips(before, after) == pytest.approx(theirs, abs=0.03)


def test_bootstrap_agrees_with_scipy() -> None:
    draw = random.Random(5)
    values = [float(draw.random() < 0.8) for _ in range(150)]
    theirs = stats.bootstrap(
        (np.array(values),), np.mean, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    ours = ratio_interval(values, [1.0] * len(values))
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.015)


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 5)), min_size=1, max_size=30))
def test_a_ratio_lies_in_its_interval_and_comes_out_the_same_again(
    parts: list[tuple[float, float]],
) -> None:
    over, under = [p[0] for p in parts], [p[1] for p in parts]
    found = ratio_interval(over, under)
    assert found is not None
    assert found == ratio_interval(over, under)
    low, high = min(o / u for o, u in parts), max(o / u for o, u in parts)
    assert low - 1e-9 <= found.low <= found.high <= high + 1e-9


def test_a_difference_of_nothing_is_nothing() -> None:
    assert ratio_interval([], []) is None
    assert ratio_interval([0.0], [0.0]) is None
    assert difference_interval([], []) is None
    found = difference_interval([0.0, 1.0], [1.0, 1.0])
    assert found is not None
    assert found.value == 0.5


def test_filters_are_counted_field_by_field() -> None:
    case = outcome(
        wanted_filters=(
            {"field": "owner", "op": "eq", "value": "group:default/Payments"},
            {"field": "tier", "op": "le", "value": 2},
        ),
        chips=(
            {"field": "owner", "op": "eq", "value": "group:default/payments"},
            {"field": "tier", "op": "ge", "value": 2},
            {"field": "kind", "op": "eq", "value": "Component"},
        ),
    )
    found = measured([case], only=["filter_precision", "filter_recall"])
    assert found["filter_precision"].value == pytest.approx(1 / 3)
    assert found["filter_recall"].value == pytest.approx(1 / 2)
    assert by_field([case]) == {"kind": (0, 1, 0), "owner": (1, 1, 1), "tier": (1, 1, 0)}


def test_links_are_whole_references() -> None:
    case = outcome(
        wanted_links=("component:default/pay", "group:default/x"),
        chips=(
            {
                "field": "ref",
                "op": "in",
                "value": ["component:default/payments", "group:default/X"],
            },
        ),
    )
    assert measured([case], only=["link_accuracy"])["link_accuracy"].value == 0.5


def test_passages_are_supported_by_lines_that_meet_theirs() -> None:
    answer = {
        "passages": [{"path": "a.md", "lines": [5, 9]}, {"path": "a.md", "lines": [20, 22]}],
        "citations": [{"path": "a.md", "lines": [8, 12]}],
    }
    assert citation_support(answer) == (2, 1)


def test_figures_by_type_and_times() -> None:
    cases = [
        outcome(id="a", type="x", took_ms=1.0, wall_ms=2.0),
        outcome(id="b", type="y", right=False, took_ms=3.0, wall_ms=4.0, stages_ms={"sql": 0.5}),
    ]
    assert {name: f.value for name, f in by_type(cases, "right").items()} == {"x": 1.0, "y": 0.0}
    times = latencies(cases)
    assert times["took_ms_p50"].value == 2.0
    assert times["sql_ms_p95"].cases == 1
    assert measured(cases)["right"].value == 0.5
    assert "nDCG@10" not in measured(cases)
    assert Outcome.from_json(cases[1].to_json()) == replace(cases[1])
