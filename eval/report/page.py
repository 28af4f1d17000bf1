"""A run as one page of HTML that needs nothing else: no script, no network, no other file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from app.charts import Bar, bars, distribution, matrix
from app.page_style import STYLE
from eval.gate import Verdict, p_value, paired, shown
from eval.measures import (
    MEASURE_BY_NAME,
    PERCENTILES,
    Figure,
    by_field,
    by_type,
    confusion,
    latencies,
    measured,
)
from eval.outcome import Outcome
from eval.statistics import difference_interval

_LEFT_OUT = frozenset({"tokens"})
"""Measures that are shown only when they are not 0."""


@dataclass(frozen=True, slots=True)
class Section:
    """One suite of the page.

    Attributes:
        outcomes: of the run.
        baseline: case id → earlier outcome; empty without one.
    """

    name: str
    title: str
    outcomes: Sequence[Outcome]
    baseline: Mapping[str, Outcome]


def page(sections: Sequence[Section], verdicts: Sequence[Verdict], *, identity: str) -> str:
    """The whole page as HTML text.

    Args:
        sections: one a suite.
        verdicts: of the gate; may be empty.
        identity: of what answered.
    """
    failed = sum(not verdict.holds for verdict in verdicts)
    if not verdicts:
        said = '<span class="verdict muted">no gate</span>'
    elif failed:
        said = f'<span class="verdict bad">gate: {failed} of {len(verdicts)} rules fail</span>'
    else:
        said = f'<span class="verdict good">gate: all {len(verdicts)} rules hold</span>'
    body = [
        "<h1>Evaluation report</h1>",
        f"<p>{said}</p>",
        f'<p class="muted">Answered by {escape(identity)}</p>',
        _gate(verdicts),
    ]
    for section in sections:
        body += _section(section)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<link rel="icon" href="data:,"><title>Evaluation report</title><style>{STYLE}</style></head>'
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _gate(verdicts: Sequence[Verdict]) -> str:
    rows = [
        f'<tr><td class="{"good" if v.holds else "bad"}">{"holds" if v.holds else "fails"}</td>'
        f"<td>{escape(v.suite)}</td><td>{escape(v.rule)}</td><td>{escape(v.said)}</td></tr>"
        for v in sorted(verdicts, key=lambda v: v.holds)
    ]
    return _table(("", "suite", "rule", "found"), rows) if rows else ""


def _table(heads: Sequence[str], rows: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in heads)
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _section(section: Section) -> Iterator[str]:
    outcomes = section.outcomes
    yield f'<h2 id="{escape(section.name)}">{escape(section.title or section.name)}</h2>'
    yield f'<p class="muted">{len(outcomes)} cases, {sum(o.held_out for o in outcomes)} of them held out.</p>'
    yield _measures(section)
    accuracy, before = by_type(outcomes, "right"), by_type(list(section.baseline.values()), "right")
    yield "<h3>Right, by type of question</h3>"
    legend = " A thick tick is the baseline." if section.baseline else ""
    yield f'<p class="muted">Whiskers are 95 % bootstrap intervals.{legend}</p>'
    yield bars(
        [
            Bar(
                name,
                figure.value,
                figure.low,
                figure.high,
                f"{figure.value:.0%} of {figure.cases}",
                before[name].value if name in before else None,
            )
            for name, figure in accuracy.items()
        ],
        title=f"Share of right answers by type of question in {section.name}",
        most=1.0,
    )
    yield "<h3>Statuses: wanted, and what came</h3>"
    yield matrix(
        confusion(outcomes), title="Confusion of statuses", down="wanted ↓", across="answered as →"
    )
    yield "<h3>Latency</h3>"
    times = {
        "answering": [o.took_ms for o in outcomes if o.took_ms],
        "as seen": [o.wall_ms for o in outcomes],
    }
    yield distribution(
        {name: series for name, series in times.items() if series},
        title="Distribution of answer times",
        unit="ms",
    )
    yield _stages(outcomes)
    yield _fields(outcomes)
    yield from _changes(section)
    yield _misses(section)


def _measures(section: Section) -> str:
    figures = measured(section.outcomes)
    pairs = _pairs(section)
    rows = []
    for name, figure in figures.items():
        if name in _LEFT_OUT and not figure.value:
            continue
        doc = MEASURE_BY_NAME[name].doc if name in MEASURE_BY_NAME else ""
        rows.append(
            f'<tr><td><code>{escape(name)}</code></td><td class="n">{_value(figure)}</td>'
            f'<td class="n">{_range(figure)}</td><td class="n">{figure.cases}</td>'
            f"<td>{_against(name, pairs)}</td><td>{escape(doc)}</td></tr>"
        )
    return _table(
        ("measure", "value", "95 % interval", "cases", "against the baseline", "meaning"), rows
    )


def _pairs(section: Section) -> list[tuple[Outcome, Outcome]]:
    """Before and after of cases that are the same case still."""
    return [
        (before, o)
        for o in section.outcomes
        if (before := section.baseline.get(o.id)) is not None and before.digest == o.digest
    ]


def _value(figure: Figure) -> str:
    return f"{figure.value:.1%}" if figure.unit == "share" else f"{figure.value:.1f} {figure.unit}"


def _range(figure: Figure) -> str:
    if figure.unit == "share":
        return f"{figure.low:.1%} – {figure.high:.1%}"
    return f"{figure.low:.1f} – {figure.high:.1f}"


_COMPARED = frozenset({"right", "silent_wrong", "refused_wrongly", "nDCG@10", "RR", "R@10", "P@1"})
"""Measures a slim baseline holds enough for."""


def _against(name: str, pairs: Sequence[tuple[Outcome, Outcome]]) -> str:
    if not pairs or name not in _COMPARED:
        return ""
    before, after = paired(name, pairs)
    change = difference_interval(before, after)
    if change is None:
        return ""
    p = p_value(before, after)
    better = (change.value > 0) is MEASURE_BY_NAME[name].higher_is_better
    tone = "" if not change.value or p >= 0.05 else "good" if better else "bad"
    return f'<span class="{tone}">{change.value:+.1%} [{change.low:+.1%}, {change.high:+.1%}], p = {p:.2g}</span>'


def _stages(outcomes: Sequence[Outcome]) -> str:
    """Where the time went, where the run could see it: a store that was opened here."""
    figures = latencies(outcomes)
    stages = sorted({stage for o in outcomes for stage in o.stages_ms})
    if not stages:
        return ""
    rows = [
        f"<tr><td>{escape(stage)}</td>"
        + "".join(
            f'<td class="n">{figures[f"{stage}_ms_p{p}"].value:.2f}</td>' for p in PERCENTILES
        )
        + "</tr>"
        for stage in stages
    ]
    return _table(("stage", *(f"p{p}, ms" for p in PERCENTILES)), rows)


def _fields(outcomes: Sequence[Outcome]) -> str:
    fields = by_field(outcomes)
    if not fields:
        return ""
    rows = [
        f'<tr><td><code>{escape(name)}</code></td><td class="n">{expected}</td><td class="n">{found}</td>'
        f'<td class="n">{_share(both, found)}</td><td class="n">{_share(both, expected)}</td></tr>'
        for name, (expected, found, both) in fields.items()
    ]
    return "<h3>Conditions, field by field</h3>" + _table(
        ("field", "expected", "found", "precision", "recall"), rows
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def _changes(section: Section) -> Iterator[str]:
    if not section.baseline:
        return
    pairs = [
        (b, a)
        for b, a in _pairs(section)
        if (b.right, b.status, b.read_as) != (a.right, a.status, a.read_as)
    ]
    groups = (
        ("Right before, wrong now", [p for p in pairs if p[0].right and not p[1].right], True),
        ("Wrong before, right now", [p for p in pairs if p[1].right and not p[0].right], False),
        (
            "Read otherwise, with the same outcome",
            [p for p in pairs if p[0].right == p[1].right],
            False,
        ),
    )
    same = {after.id for _, after in _pairs(section)}
    fresh = [o.id for o in section.outcomes if o.id not in same]
    gone = sorted(set(section.baseline) - {o.id for o in section.outcomes})
    yield "<h3>Against the baseline, case by case</h3>"
    said = [f"{len(group)} {name.lower()}" for name, group, _ in groups]
    yield f"<p>{'; '.join(said)}; {len(fresh)} new or changed cases; {len(gone)} gone.</p>"
    for name, group, unfold in groups:
        for before, after in group:
            yield _change(name, before, after, unfold=unfold)


def _change(name: str, before: Outcome, after: Outcome, *, unfold: bool) -> str:
    tone = "bad" if unfold else "good" if after.right and not before.right else "muted"
    return (
        f"<details{' open' if unfold else ''}><summary><span class='{tone}'>{escape(name)}</span> · "
        f"<code>{escape(after.id)}</code> {escape(after.question)}</summary>"
        f'<div class="two">{_reading("baseline", before)}{_reading("now", after)}</div></details>'
    )


def _reading(label: str, outcome: Outcome) -> str:
    why = (
        f'<p class="bad">{escape(outcome.why)}</p>' if outcome.why else '<p class="good">right</p>'
    )
    return (
        f'<div class="box"><b>{label} · {escape(outcome.status)}</b><p>{escape(outcome.read_as) or "–"}</p>'
        f"{why}<p class='muted'>{escape(outcome.shown)}</p></div>"
    )


def _misses(section: Section) -> str:
    """What is wrong now; held-out cases are counted, and stay out of sight."""
    wrong = [o for o in section.outcomes if not o.right]
    rows = [
        f"<tr><td><code>{escape(o.id)}</code></td><td>{escape(o.question)}</td><td>{escape(o.read_as)}</td>"
        f"<td>{escape(o.why)}</td><td class='{'bad' if o.silent else 'muted'}'>{'silent' if o.silent else escape(o.status)}</td></tr>"
        for o in sorted(wrong, key=lambda o: (not o.silent, o.type, o.id))
        if not o.held_out
    ]
    hidden = sum(o.held_out for o in wrong)
    said = f"{len(wrong)} wrong" + (f", {hidden} of them held out and not shown" if hidden else "")
    return f"<h3>Misses</h3><p>{said}.</p>" + (
        _table(("case", "question", "read as", "why it is wrong", ""), rows) if rows else ""
    )


def summary_line(name: str, outcomes: Sequence[Outcome]) -> str:
    """A suite in one line, for logs."""
    figures = measured(outcomes, only=["right", "silent_wrong"])
    return (
        f"{name}: right {shown(figures['right'])}, silently wrong {shown(figures['silent_wrong'])}"
    )
