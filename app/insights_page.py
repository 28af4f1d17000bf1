"""The insights as one page of HTML that needs nothing else: no script, no network, charts as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from app.charts import Bar, bars, lines
from app.insights import MINUTES_EACH, STALE_AFTER, Insights
from app.page_style import STYLE


def insights_page(insights: Insights, *, patch: str = "", stylesheet: str | None = None) -> str:
    """The page.

    Args:
        insights: what was learnt.
        patch: a diff of `callboard.yaml` with the proposed synonyms.
        stylesheet: address of `STYLE`, for a server whose policy lets no style into a page; None writes it into the page.
    """
    weeks = [week.start[5:] for week in insights.weeks]
    parts = [
        "<h1>Insights</h1>",
        f'<p class="muted">{insights.since:%d %B %Y} to {insights.until:%d %B %Y}. Computed from the usage log, the feedback log and the catalog; people are pseudonyms.</p>',
        _tiles(insights),
        "<h2>People and questions a week</h2>",
        lines(
            weeks,
            {
                "questions": [float(week.questions) for week in insights.weeks],
                "answered": [float(week.answered) for week in insights.weeks],
                "people": [float(week.people) for week in insights.weeks],
            },
            title="Questions, answers and people a week",
        ),
        "<h2>By surface</h2>",
        _surfaces(insights),
        *_unanswered(insights, patch),
        *_pages(insights),
        *_catalog(insights, weeks),
    ]
    style = (
        f'<link rel="stylesheet" href="{escape(stylesheet)}">'
        if stylesheet
        else f"<style>{STYLE}</style>"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<link rel="icon" href="data:,"><title>Insights · Callboard</title>{style}</head>'
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows of text; numbers are set to the right."""
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in heads)
    body = "".join(
        "<tr>" + "".join(f"<td{_number(cell)}>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _number(cell: object) -> str:
    return ' class="n"' if isinstance(cell, int | float) else ""


def _tiles(insights: Insights) -> str:
    share = insights.answered / insights.questions if insights.questions else 0.0
    people = insights.weeks[-1].people if insights.weeks else 0
    right, wrong = insights.verdicts.get("right", 0), insights.verdicts.get("wrong", 0)
    tiles = (
        ("questions", f"{insights.questions:,}", f"{share:.0%} answered"),
        ("people this week", str(people), "those who are known"),
        ("thumbs", f"{right} up, {wrong} down", "each down is a pending eval case"),
        (
            "deflected",
            f"≈ {insights.hours_saved:.0f} h",
            f"{insights.deflected:,} answers not asked again, at {MINUTES_EACH} minutes each",
        ),
    )
    boxes = "".join(
        f'<div class="box"><b>{escape(name)}</b><span class="big">{escape(value)}</span><br>'
        f'<span class="muted">{escape(note)}</span></div>'
        for name, value, note in tiles
    )
    return f'<div class="tiles">{boxes}</div>'


def _surfaces(insights: Insights) -> str:
    items = []
    for surface, statuses in insights.surfaces.items():
        asked = sum(statuses.values())
        answered = statuses.get("answered", 0) + statuses.get("empty", 0)
        refused = ", ".join(
            f"{n} {name.replace('_', ' ')}"
            for name, n in statuses.items()
            if name not in ("answered", "empty")
        )
        note = f"{answered / asked:.0%} answered" + (f"; {refused}" if refused else "")
        items.append(Bar(surface, float(asked), note=f"{asked}: {note}"))
    return (
        bars(items, title="Questions by surface")
        if items
        else "<p>Nobody has asked anything yet.</p>"
    )


def _unanswered(insights: Insights, patch: str) -> Iterable[str]:
    yield "<h2>Not answered, by kind of question</h2>"
    if not insights.words_kept:
        yield "<p>The words of questions are not kept; <code>usage: {keep: questions}</code> in <code>callboard.yaml</code> allows it, with people’s consent.</p>"
        return
    rows = (
        (
            c.example,
            c.times,
            c.people,
            ", ".join(f"{n} {s.replace('_', ' ')}" for s, n in c.statuses.items()),
        )
        for c in insights.clusters
    )
    yield table(("for example", "times", "people", "how it ended"), rows)
    yield "<h2>Words people seem to mean</h2>"
    if not insights.synonyms:
        yield "<p>None: no question was asked again in other words right after it was refused.</p>"
        return
    yield table(
        ("said", "then asked as", "times", "people"),
        ((s.said, s.meant, s.times, s.people) for s in insights.synonyms),
    )
    if patch:
        yield f'<p>As a patch, for review:</p><pre class="scroll" tabindex="0">{escape(patch)}</pre>'


def _pages(insights: Insights) -> Iterable[str]:
    if insights.pages:
        yield "<h2>Pages that answer</h2>"
        yield bars(
            [Bar(path, float(times), note=str(times)) for path, times in insights.pages],
            title="Pages by how often they were among the first passages",
            series=2,
        )
    if insights.stale:
        yield f"<h2>Stale pages people rely on</h2><p>Reviewed more than {STALE_AFTER.days} days ago.</p>"
        yield table(
            ("page", "title", "asked about", "last reviewed"),
            ((page.path, page.title, page.asked, page.reviewed) for page in insights.stale),
        )
    if insights.opened:
        yield "<h2>Opened most</h2>"
        yield table(("what", "times"), insights.opened)
    if insights.fields:
        yield "<h2>What is asked for</h2>"
        yield bars(
            [
                Bar(name.replace("_", " "), float(times), note=str(times))
                for name, times in insights.fields
            ],
            title="Facts by how often a reading used them",
            series=3,
        )


def _catalog(insights: Insights, weeks: Sequence[str]) -> Iterable[str]:
    if insights.adoption:
        followed = sum(insights.adoption.values())
        share = followed / insights.components if insights.components else 0.0
        yield "<h2>Golden paths</h2>"
        yield f"<p>{followed} of {insights.components} components follow one: {share:.0%}.</p>"
        yield bars(
            [
                Bar(name, float(number), note=str(number))
                for name, number in insights.adoption.items()
            ],
            title="Components by golden path",
            most=float(insights.components or 1),
            series=2,
        )
    for row in insights.delivery.values():
        unit = str(row["unit"]).replace("_", " ")
        yield f"<h2>{escape(str(row['label']).capitalize())}</h2>"
        yield lines(
            weeks, {unit or "value": row["values"]}, title=f"{row['label']} by week", unit=unit
        )
