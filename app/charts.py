"""Charts as SVG text: no script, no network, no font of their own, readable in light and dark, with a title for those who listen.

Colours are CSS variables with a fallback, so that the page they stand in decides. Every chart carries its numbers as text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

INK, MUTED, GRID = "var(--ink, #1c1d21)", "var(--muted, #6b7280)", "var(--line, #d7dae0)"
SERIES = (
    "var(--series-1, #2f6f9f)",
    "var(--series-2, #b4552d)",
    "var(--series-3, #4c8a4c)",
    "var(--series-4, #7a5aa6)",
    "var(--series-5, #94813a)",
    "var(--series-6, #5b6472)",
)
"""Told apart in light and dark, and by people who see few colours."""

_CHAR = 6.6
"""Width of a character of the small sans-serif text, in pixels."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes:
        value: its length; low and high: an interval around it, drawn as a whisker.
        note: what is written beside it.
        before: an earlier value, drawn as a tick.
    """

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""
    before: float | None = None


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="{width:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'role="img" aria-label="{escape(title)}" font-size="12" font-family="system-ui,sans-serif">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", fill: str = INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(text)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str = GRID, width: float = 1) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" stroke-width="{width}"/>'


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def bars(items: Sequence[Bar], *, title: str, most: float | None = None, series: int = 0) -> str:
    """Horizontal bars with whiskers.

    Args:
        items: drawn in this order, values ≥ 0.
        title: said by screen readers.
        most: the value of the full width; the largest one when None.
        series: which colour.
    """
    top = most or max((max(i.value, i.high or 0) for i in items), default=1) or 1
    left = min(260.0, 14 + _CHAR * max((len(_shortened(i.label, 38)) for i in items), default=1))
    right = 14 + _CHAR * max((len(i.note) for i in items), default=0)
    plot, row = 340.0, 24.0
    width, height = left + plot + right + 8, row * len(items) + 8
    parts = []
    for number, item in enumerate(items):
        y = 4 + row * number
        middle = y + row / 2
        parts.append(_text(left - 8, middle + 4, _shortened(item.label, 38), anchor="end"))
        parts.append(_line(left, middle, left + plot, middle))
        length = plot * min(1.0, item.value / top)
        parts.append(
            f'<rect x="{left:.1f}" y="{y + 5:.1f}" width="{max(length, 0.5):.1f}" height="{row - 10:.0f}" '
            f'fill="{SERIES[series]}" rx="2"/>'
        )
        if item.low is not None and item.high is not None:
            a, b = left + plot * item.low / top, left + plot * min(1.0, item.high / top)
            parts += [_line(a, middle, b, middle, INK, 1.5)]
            parts += [_line(x, middle - 4, x, middle + 4, INK, 1.5) for x in (a, b)]
        if item.before is not None:
            x = left + plot * min(1.0, item.before / top)
            parts.append(_line(x, y + 2, x, y + row - 2, SERIES[1], 3))
        parts.append(_text(left + plot + 8, middle + 4, item.note, fill=MUTED))
    return _svg(width, height, title, parts)


def matrix(rows: Mapping[str, Mapping[str, int]], *, title: str, down: str, across: str) -> str:
    """Numbers in a grid, shaded by their share of the row; the diagonal is framed.

    Args:
        rows: row label → column label → number.
        title: said by screen readers.
        down: what rows are.
        across: what columns are.
    """
    columns = list(dict.fromkeys(name for row in rows.values() for name in row))
    left, cell, row_height = 130.0, 92.0, 30.0
    width, height = left + cell * len(columns) + 8, 44 + row_height * len(rows) + 8
    parts = [
        _text(left - 8, 34, down, anchor="end", fill=MUTED),
        _text(left + 4, 14, across, fill=MUTED),
    ]
    for c, name in enumerate(columns):
        parts.append(_text(left + cell * (c + 0.5), 34, name, anchor="middle"))
    for r, (label, row) in enumerate(rows.items()):
        y = 44 + row_height * r
        parts.append(_text(left - 8, y + row_height / 2 + 4, label, anchor="end"))
        total = sum(row.values()) or 1
        for c, name in enumerate(columns):
            number = row.get(name, 0)
            colour = SERIES[0] if name == label else SERIES[1]
            frame = INK if name == label else GRID
            x = left + cell * c
            parts.append(
                f'<rect x="{x + 1:.1f}" y="{y + 1:.1f}" width="{cell - 2:.0f}" height="{row_height - 2:.0f}" '
                f'fill="{colour}" fill-opacity="{0.75 * number / total:.2f}" stroke="{frame}"/>'
            )
            if number:
                parts.append(
                    _text(x + cell / 2, y + row_height / 2 + 4, str(number), anchor="middle")
                )
    return _svg(width, height, title, parts)


def distribution(
    samples: Mapping[str, Sequence[float]],
    *,
    title: str,
    unit: str,
    marks: Mapping[str, float] | None = None,
) -> str:
    """Share of samples at or below each value, on a logarithmic axis: one step line a series.

    Args:
        samples: series → values; what is not above 0 is drawn at the left edge.
        title: said by screen readers.
        unit: of the values.
        marks: label → value, drawn as vertical lines.
    """
    values = [v for series in samples.values() for v in series if v > 0]
    if not values:
        return _svg(420, 30, title, [_text(8, 20, "nothing was timed", fill=MUTED)])
    low, high = math.log10(min(values)), math.log10(max(values))
    low, high = math.floor(low * 2) / 2, max(math.ceil(high * 2) / 2, math.floor(low * 2) / 2 + 0.5)
    left, top, plot, tall = 52.0, 14.0, 480.0, 180.0

    def across(value: float) -> float:
        at = math.log10(value) if value > 0 else low
        return left + plot * (max(at, low) - low) / (high - low)

    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = top + tall * (1 - share)
        parts += [
            _line(left, y, left + plot, y),
            _text(left - 8, y + 4, f"{share:.0%}", anchor="end", fill=MUTED),
        ]
    for step in range(math.ceil(low), math.floor(high) + 1):
        x = across(10**step)
        parts += [
            _line(x, top, x, top + tall),
            _text(x, top + tall + 18, f"{10**step:g} {unit}", anchor="middle", fill=MUTED),
        ]
    for number, (name, series) in enumerate(samples.items()):
        ordered = sorted(series)
        points = [
            f"{across(v):.1f},{top + tall * (1 - n / len(ordered)):.1f}"
            for n, v in enumerate(ordered, 1)
        ]
        colour = SERIES[number % len(SERIES)]
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(_text(left + plot + 12, top + 16 + 18 * number, name, fill=colour))
    for label, value in (marks or {}).items():
        x = across(value)
        parts += [_line(x, top, x, top + tall, MUTED, 1), _text(x + 3, top + 10, label, fill=MUTED)]
    return _svg(left + plot + 150, top + tall + 28, title, parts)


def lines(
    labels: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    *,
    title: str,
    unit: str = "",
) -> str:
    """One line a series over the same labels, from 0 up; None leaves a gap.

    Args:
        labels: of the horizontal axis, in order.
        series: name → a value for every label.
        title: said by screen readers.
        unit: written on the axis.
    """
    values = [v for points in series.values() for v in points if v is not None]
    top_value = max(values, default=1) or 1
    left, top, plot, tall = 60.0, 14.0, 480.0, 160.0
    step = plot / max(1, len(labels) - 1)
    parts = []
    for share in (0, 0.5, 1):
        y = top + tall * (1 - share)
        said = f"{top_value * share:.3g}{f' {unit}' if unit else ''}"
        parts += [
            _line(left, y, left + plot, y),
            _text(left - 6, y + 4, said, anchor="end", fill=MUTED),
        ]
    every = max(1, math.ceil(len(labels) / 8))
    for number, label in enumerate(labels):
        if number % every == 0:
            parts.append(
                _text(left + step * number, top + tall + 18, label, anchor="middle", fill=MUTED)
            )
    for number, (name, points) in enumerate(series.items()):
        colour = SERIES[number % len(SERIES)]
        for piece in _pieces(points):
            drawn = [
                f"{left + step * at:.1f},{top + tall * (1 - value / top_value):.1f}"
                for at, value in piece
            ]
            parts.append(
                f'<polyline points="{" ".join(drawn)}" fill="none" stroke="{colour}" stroke-width="2"/>'
            )
            parts += [
                f'<circle cx="{xy.partition(",")[0]}" cy="{xy.partition(",")[2]}" r="3" fill="{colour}"/>'
                for xy in drawn
            ]
        parts.append(
            _text(left + plot + 12, top + 16 + 18 * number, _shortened(name, 22), fill=colour)
        )
    return _svg(left + plot + 170, top + tall + 28, title, parts)


def _pieces(points: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Stretches without a gap."""
    found: list[list[tuple[int, float]]] = [[]]
    for at, value in enumerate(points):
        if value is None:
            found.append([])
        else:
            found[-1].append((at, value))
    return [piece for piece in found if piece]
