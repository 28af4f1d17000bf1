"""The table of quality checks: as an answer, and as the body of `GET /v1/quality`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from assistant.answer import Option
from catalog_store.errors import UnknownEntity
from catalog_store.freshness import Feed, feeds
from catalog_store.model.quality import CHECK_BY_NAME, QualityCheck, Severity
from catalog_store.reader import Row
from search.engine import SearchEngine
from search.plan import All, Compare, Op, Review, Select, Traverse, conjoin
from search.quality import NOT_OWNED, anchors_of, found_by
from search.result import SearchResult

EXAMPLES = 3
"""Things named per check."""

SPELLED_OUT = 6
"""Checks with gaps that the sentence names; the table holds the rest."""

_WORST_FIRST = {severity: place for place, severity in enumerate(Severity)}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Example(_Part):
    """One thing with the gap."""

    ref: str
    kind: str
    title: str


class CheckResult(_Part):
    """One check over the catalog, or over a part of it.

    Attributes:
        label: what the things with the gap are, in words.
        doc: why it matters.
        severity: "high", "medium" or "low".
        count: things with the gap; `total`: things it was checked on; `share`: the percentage without the gap, 0-100, null
            when there was nothing to check.
        examples: the first few of them.
        ask: a question that lists them all, over the whole catalog.
        plan: lists exactly these; send it as `plan` to `POST /v1/ask`.
    """

    name: str
    label: str
    doc: str
    severity: str
    count: int
    total: int
    share: float | None
    examples: tuple[Example, ...]
    ask: str
    plan: dict[str, Any]


class FeedState(_Part):
    """One sort of event from one format: when it last brought something, and whether that is longer ago than usual."""

    format: str
    kind: str
    events: int
    last: datetime
    longest_gap_hours: float
    silent_hours: float
    quiet: bool


class QualityPage(_Part):
    """Every check that can be made, worst first.

    Attributes:
        as_of: the moment it is true at.
        scope: what was looked at, in words; null for the whole catalog.
        share: over all checks and things, the percentage that is in order, 0-100; null when there was nothing to check.
        not_checked: checks that no source provides the facts for.
        feeds: where events come from, over the last half year; those that have gone quiet first. Only for the whole catalog.
    """

    as_of: datetime
    scope: str | None
    share: float | None
    checks: tuple[CheckResult, ...]
    not_checked: tuple[str, ...]
    feeds: tuple[FeedState, ...] = ()


def quality_page(engine: SearchEngine, *, now: datetime, refs: Sequence[str] = ()) -> QualityPage:
    """All checks over the catalog.

    Args:
        engine: over one snapshot.
        now: the moment, timezone-aware.
        refs: restrict to what belongs to these: teams, systems, domains, or things themselves; all of one sort.

    Raises:
        UnknownEntity: one of them is not in the catalog.
    """
    for ref in refs:
        if engine.snapshot.catalog.entity(ref) is None:
            raise UnknownEntity(ref)
    scope = scope_of(refs)
    result = engine.run(Review(scope=scope), now=now)
    rows = ranked(result.rows)
    checks = tuple(_check_result(engine, row, now, scope) for row in rows)
    known = {row["key"] for row in rows}
    return QualityPage(
        as_of=now,
        scope=engine.explainer.noun(scope) if scope is not None else None,
        share=_share(sum(c.count for c in checks), sum(c.total for c in checks)),
        checks=checks,
        not_checked=tuple(name for name in CHECK_BY_NAME if name not in known),
        feeds=() if refs else tuple(map(_feed_state, feeds(engine.snapshot.catalog, now))),
    )


def _feed_state(feed: Feed) -> FeedState:
    return FeedState(
        format=feed.format,
        kind=feed.kind,
        events=feed.events,
        last=feed.last,
        longest_gap_hours=round(feed.longest_gap.total_seconds() / 3600, 1),
        silent_hours=round(feed.silent_for.total_seconds() / 3600, 1),
        quiet=feed.quiet,
    )


def scope_of(refs: Sequence[str]) -> Select | None:
    """A scope given by references; None for the whole catalog."""
    if not refs:
        return None
    if len(refs) == 1:
        return Select(where=Compare(field="ref", op=Op.EQ, value=refs[0]))
    return Select(where=Compare(field="ref", op=Op.IN, value=tuple(refs)))


def ranked(rows: Sequence[Row]) -> list[Row]:
    """Checks with gaps first, the worst first, then those that find most; others as they are declared."""
    order = {name: place for place, name in enumerate(CHECK_BY_NAME)}
    return sorted(
        (row for row in rows if row["checked"]),
        key=lambda row: (
            row["value"] == 0,
            _WORST_FIRST[CHECK_BY_NAME[row["key"]].severity],
            -row["value"],
            order[row["key"]],
        ),
    )


def _check_result(
    engine: SearchEngine, row: Row, now: datetime, scope: Select | None
) -> CheckResult:
    check = CHECK_BY_NAME[row["key"]]
    plan = found_by(check.name, now, scope)
    assert plan is not None  # it was counted
    found = engine.run(plan, now=now, limit=EXAMPLES).rows if row["value"] else ()
    examples = tuple(
        Example(
            ref=one["ref"], kind=one["kind"], title=one.get("title") or title_of(engine, one["ref"])
        )
        for one in found
    )
    return CheckResult(
        name=check.name,
        label=check.label,
        doc=check.doc,
        severity=check.severity.value,
        count=row["value"],
        total=row["checked"],
        share=_share(row["value"], row["checked"]),
        examples=examples,
        ask=check.ask,
        plan=plan.model_dump(mode="json"),
    )


def title_of(engine: SearchEngine, ref: str) -> str:
    """How people call a thing, without its kind."""
    candidate = engine.lexicon.candidates.get(ref)
    return candidate.title if candidate is not None else ref.split(":", 1)[-1]


def _share(failed: int, checked: int) -> float | None:
    return round(100 * (checked - failed) / checked, 1) if checked else None


def sentence(said: str, rows: Sequence[Row]) -> str:
    """A review in words: how many gaps, and the worst of them."""
    failing = [row for row in rows if row["value"]]
    if not failing:
        return f"No gaps: all {len(rows)} checks are passed ({said})."
    gaps = sum(row["value"] for row in failing)
    worst = "; ".join(
        f"**{row['value']:,}** {CHECK_BY_NAME[row['key']].label} (of {row['checked']:,})"
        for row in failing[:SPELLED_OUT]
    )
    more = len(failing) - SPELLED_OUT
    rest = f"; and {more} more" if more > 0 else ""
    number = "gap" if gaps == 1 else "gaps"
    return f"{gaps:,} {number} in {len(failing)} of {len(rows)} checks ({said}): {worst}{rest}."


def options(result: SearchResult, rows: Sequence[Row]) -> tuple[Option, ...]:
    """For each check with gaps, the plan that lists them."""
    plan, now = result.plan, result.now
    if not isinstance(plan, Review) or now is None:
        return ()
    found = []
    for row in rows:
        select = found_by(row["key"], now, plan.scope) if row["value"] else None
        if select is not None:
            check: QualityCheck = CHECK_BY_NAME[row["key"]]
            question = check.ask if plan.scope is None else None
            found.append(
                Option(label=check.label, question=question, plan=select.model_dump(mode="json"))
            )
    return tuple(found)


THROUGH_SYSTEM = "a thing that names no owner is taken to be owned by the owner of its system"


def owner_through_system(engine: SearchEngine, plan: Select | Traverse) -> tuple[str, str] | None:
    """For "who owns X" where X names no owner and its system has one: the sentence, and that owner's reference."""
    if not isinstance(plan, Traverse) or plan.relation not in ("ownedBy", "ownedWithin"):
        return None
    anchors = anchors_of(plan.start)
    entity = engine.snapshot.catalog.entity(anchors[0]) if len(anchors) == 1 else None
    if entity is None or not entity.get("system_owner"):
        return None
    name, owner = engine.name(anchors[0]), entity["system_owner"]
    said = f"{name[0].upper()}{name[1:]} names no owner of its own; its {engine.name(entity['system'])} is owned by"
    return f"{said} **{title_of(engine, owner)}**.", owner


def owned_through_systems(engine: SearchEngine, select: Select, result: SearchResult) -> str:
    """Of things without an owner, those whose system has one, counted apart; empty when there are none."""
    parts = select.where.of if isinstance(select.where, All) else (select.where,)
    if NOT_OWNED not in parts or result.now is None:
        return ""
    held = Compare(field="system_owner", op=Op.EXISTS)
    apart = select.model_copy(
        update={"where": conjoin(select.where, held), "fields": ("system_owner",)}
    )
    found = engine.run(apart, now=result.now, limit=SPELLED_OUT)
    if not found.rows:
        return ""
    named = ", ".join(
        f"{title_of(engine, row['ref'])} ({title_of(engine, row['system_owner'])})"
        for row in found.rows
    )
    more = f" and {found.total - SPELLED_OUT} more" if found.total > SPELLED_OUT else ""
    return f" Owned through their system: {found.total} of them ({named}{more})."
