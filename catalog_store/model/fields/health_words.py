"""How people say that something is well, or is not."""

from __future__ import annotations

from collections.abc import Mapping

HEALTH_WORDS: Mapping[str, bool] = {
    "healthy": True,
    "ok": True,
    "fine": True,
    "all good": True,
    "unhealthy": False,
    "broken": False,
    "in trouble": False,
    "not healthy": False,
    "needs attention": False,
    "need attention": False,
    "having trouble": False,
    "having problems": False,
    "struggling": False,
    "misbehaving": False,
    "acting up": False,
    **{
        f"{failing} {whose}health {check}": False
        for failing in ("failing", "fail", "fails", "not passing", "failing on")
        for whose in ("", "its ", "their ", "the ", "a ")
        for check in ("check", "checks")
    },
}
"""Phrase → whether it says "healthy"."""
