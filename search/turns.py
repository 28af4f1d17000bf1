"""Turns on call in a stretch of time, as plans write them."""

from __future__ import annotations

from search.plan import All, AnyOf, Compare, Op, Predicate

_PERMANENT = Compare(field="permanent", op=Op.EQ, value=True)


def turn_within(start: str, end: str) -> Predicate:
    """A shift runs at some time in [start, end), both ISO text; permanent ones always do."""
    overlaps = All(
        of=(
            Compare(field="starts_at", op=Op.LT, value=end),
            Compare(field="ends_at", op=Op.GT, value=start),
        )
    )
    return AnyOf(of=(overlaps, _PERMANENT))


def stretch_of(where: Predicate) -> tuple[str, str] | None:
    """The (start, end) of which `turn_within` made the predicate; None when it was made otherwise.

    >>> stretch_of(turn_within("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"))
    ('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')
    """
    if not isinstance(where, AnyOf) or where.of[1:] != (_PERMANENT,):
        return None
    overlaps = where.of[0]
    if not isinstance(overlaps, All):
        return None
    moments = {p.field: str(p.value) for p in overlaps.of if isinstance(p, Compare)}
    if set(moments) != {"starts_at", "ends_at"} or len(overlaps.of) != len(moments):
        return None
    return moments["ends_at"], moments["starts_at"]
