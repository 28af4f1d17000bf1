"""Figures as Markdown: one table a set, then what int8 costs, then refusals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.retrieval.alerts import AlertsFound
from eval.retrieval.measures import MEASURES, Floats, difference, mean
from eval.retrieval.refusals import Refusals
from eval.retrieval.sets import RetrievalSet

OURS = "ours"


@dataclass(frozen=True, slots=True)
class SetResult:
    """What was measured on one set.

    Attributes:
        asked: the set.
        pages, passages: size of its index.
        values: system → measure → values by question.
        times_ms: system → median time of a question.
        full: measure → values of our retrieval with full-precision vectors; None when not measured.
        refused: how the floor does.
        alerts: how many alerts lead to their runbook.
    """

    asked: RetrievalSet
    pages: int
    passages: int
    values: Mapping[str, Mapping[str, Floats]]
    times_ms: Mapping[str, float]
    full: Mapping[str, Floats] | None
    refused: Refusals
    alerts: AlertsFound


def markdown(results: Sequence[SetResult]) -> str:
    """All tables, sets in the order given."""
    lines: list[str] = []
    for result in results:
        lines += [*_ranking(result), ""]
    if any(result.full for result in results):
        lines += [*_precision(results), ""]
    lines += [*_refusals(results), ""]
    if any(result.alerts.alerts for result in results):
        lines += [*_alerts(results), ""]
    return "\n".join(lines)


def _ranking(result: SetResult) -> Iterator[str]:
    asked = result.asked
    part = "used for tuning" if asked.tuned else "held out"
    yield f"### {asked.name} ({part})"
    yield ""
    yield f"{len(asked.answerable)} questions, {result.pages} pages, {result.passages} passages."
    yield ""
    yield f"| | {' | '.join(MEASURES)} | ours is better by (nDCG@10) | p | median ms |"
    yield f"|---|{'---|' * (len(MEASURES) + 3)}"
    ours = result.values[OURS]["nDCG@10"]
    for system, values in result.values.items():
        cells = []
        for measure in MEASURES:
            m = mean(values[measure])
            cells.append(f"{m.value:.3f} ({m.low:.3f}–{m.high:.3f})")
        if system == OURS:
            gap = ["", ""]
        else:
            d = difference(ours, values["nDCG@10"])
            gap = [f"{d.value:+.3f} ({d.low:+.3f} to {d.high:+.3f})", _p(d.p)]
        yield f"| {' | '.join([system, *cells, *gap, f'{result.times_ms[system]:.1f}'])} |"


def _precision(results: Sequence[SetResult]) -> Iterator[str]:
    yield "### int8 against full precision"
    yield ""
    yield "| set | nDCG@10 int8 | nDCG@10 full | difference |"
    yield "|---|---|---|---|"
    for result in results:
        if result.full is not None:
            ours, full = result.values[OURS]["nDCG@10"], result.full["nDCG@10"]
            d = difference(ours, full)
            yield (
                f"| {result.asked.name} | {ours.mean():.4f} | {full.mean():.4f} "
                f"| {d.value:+.4f} ({d.low:+.4f} to {d.high:+.4f}) |"
            )


def _refusals(results: Sequence[SetResult]) -> Iterator[str]:
    yield "### Refusals"
    yield ""
    yield (
        "| set | refused when the page is taken away | refused of the set's own unanswerable | falsely refused | AUC | AUC, page first |"
    )
    yield "|---|---|---|---|---|---|"
    for result in results:
        r = result.refused
        own = "–" if r.unanswerable is None else f"{r.unanswerable:.0%}"
        name = f"{result.asked.name} ({'tuned' if result.asked.tuned else 'held out'})"
        yield f"| {name} | {r.removed:.0%} | {own} | {r.falsely:.1%} | {r.auc:.3f} | {r.auc_found:.3f} |"


def _alerts(results: Sequence[SetResult]) -> Iterator[str]:
    yield "### Alert → runbook"
    yield ""
    yield "| corpus | alerts with a runbook | first and certain in three wordings | missed |"
    yield "|---|---|---|---|"
    for result in results:
        found = result.alerts
        if found.alerts:
            missed = ", ".join(found.missed[:5]) or "none"
            share = f"{found.exact} ({found.exact / found.alerts:.1%})"
            yield f"| {result.asked.name} | {found.alerts} | {share} | {missed} |"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
