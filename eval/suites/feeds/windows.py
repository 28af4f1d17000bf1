"""Windows of time, half-open and in UTC, by the names that hints use."""

import re
from datetime import UTC, datetime, timedelta

MONTHS = "january february march april may june july august september october november december"


def between(name: str, now: datetime) -> tuple[datetime, datetime]:
    """Start and end of a window; the end is not in it.

    Args:
        name: `30 days`, `6 hours`, `today`, `yesterday`, `this week`, `last week` (ISO weeks),
            `this month`, `last month`, `this quarter`, `last quarter`, `2026-Q2`, a month's
            name (the latest one begun) or `since 2026-11-01`.
        now: the moment that relative windows end at or are counted from.

    Raises:
        ValueError: the name is none of these.

    >>> between("last week", datetime(2026, 11, 20, 12, tzinfo=UTC))[0].date().isoformat()
    '2026-11-09'
    """
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    monday, month = day - timedelta(days=day.weekday()), day.replace(day=1)
    quarter = month.replace(month=3 * ((month.month - 1) // 3) + 1)
    fixed = {
        "today": (day, day + timedelta(days=1)),
        "yesterday": (day - timedelta(days=1), day),
        "this week": (monday, monday + timedelta(days=7)),
        "last week": (monday - timedelta(days=7), monday),
        "this month": (month, _later(month, 1)),
        "last month": (_later(month, -1), month),
        "this quarter": (quarter, _later(quarter, 3)),
        "last quarter": (_later(quarter, -3), quarter),
    }
    if name in fixed:
        return fixed[name]
    if name in MONTHS.split():
        start = month.replace(month=MONTHS.split().index(name) + 1)
        start = start if start <= now else _later(start, -12)
        return start, _later(start, 1)
    if found := re.fullmatch(r"(\d+) (day|hour)s?", name):
        return now - timedelta(**{found[2] + "s": int(found[1])}), now
    if found := re.fullmatch(r"(\d{4})-Q([1-4])", name):
        start = datetime(int(found[1]), 3 * int(found[2]) - 2, 1, tzinfo=UTC)
        return start, _later(start, 3)
    if found := re.fullmatch(r"since (\d{4}-\d\d-\d\d)", name):
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC), now
    raise ValueError(f"no window {name!r}")


def _later(first_of_month: datetime, months: int) -> datetime:
    count = first_of_month.year * 12 + first_of_month.month - 1 + months
    return first_of_month.replace(year=count // 12, month=count % 12 + 1)
