"""Alert → runbook, exactly: every alert a corpus has a runbook for is asked by its name.

What is right is read from the files themselves, not from the product's index: `alerts:` in front matter, else a file that is named like
an alert.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from catalog_store.snapshot import Snapshot
from search.retrieve.base import Scope
from search.retrieve.hybrid import HybridRetriever

_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_NAMED = re.compile(r"(?=.*[a-z])[A-Za-z]+[a-z0-9]*(?:[A-Z][A-Za-z0-9]*)+")
_POINTER = 200
"""Characters below which a page is no runbook of its own."""

WORDINGS = ("{} is firing, what do I do?", "runbook for {}", "{}")


@dataclass(frozen=True, slots=True)
class AlertsFound:
    """How many alerts lead to one of their runbooks first, in every wording.

    Attributes:
        alerts: alerts asked.
        exact: of them, those whose first hit is a runbook of theirs, certain (relevance 1).
        missed: names of the others.
    """

    alerts: int
    exact: int
    missed: tuple[str, ...]


def declared(corpus: Sequence[Path]) -> dict[str, set[str]]:
    """Alert → file names of its runbooks, read from the Markdown below some folders."""
    found: dict[str, set[str]] = {}
    for root in corpus:
        for path in sorted(root.rglob("*.md")):
            if not {"runbooks", "alerts"} & {part.lower() for part in path.parts}:
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            for alert in _alerts(path, text):
                found.setdefault(alert, set()).add(path.name)
    return found


def find_alerts(snapshot: Snapshot, corpus: Sequence[Path]) -> AlertsFound:
    """Ask for every alert of a corpus in every wording."""
    hybrid = HybridRetriever(snapshot)
    scope = Scope(kinds=frozenset({"doc", "runbook"}))
    missed = []
    alerts = declared(corpus)
    for alert, files in alerts.items():
        firsts = [hybrid.retrieve(w.format(alert), scope, 1) for w in WORDINGS]
        if not all(
            hits and hits[0].relevance == 1.0 and hits[0].doc_ref.rsplit("/", 1)[-1] in files
            for hits in firsts
        ):
            missed.append(alert)
    return AlertsFound(len(alerts), len(alerts) - len(missed), tuple(missed))


def _alerts(path: Path, text: str) -> list[str]:
    front = _FRONT.match(text)
    if front is not None:
        try:
            header = yaml.safe_load(front[1])
        except yaml.YAMLError:
            header = None
        named = header.get("alerts") if isinstance(header, dict) else None
        if isinstance(named, list) and named:
            return [str(name) for name in named]
    own = _NAMED.fullmatch(path.stem) is not None and len(text) >= _POINTER
    return [path.stem] if own else []
