"""A run on disk: everything for programs, and the slim form that is committed as a baseline."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog_store.errors import InvalidSuite
from eval.measures import measured
from eval.outcome import Outcome

VERSION = 1
"""Of the file; a reader refuses what it does not know."""

_SHOWN = 160
"""Characters of an answer's text that a baseline keeps: enough to see what changed."""

_SLIM = (
    "id",
    "type",
    "question",
    "digest",
    "right",
    "why",
    "status",
    "silent",
    "refused",
    "read_as",
    "shown",
)


@dataclass(frozen=True, slots=True)
class Baseline:
    """An earlier run: suite → case id → outcome."""

    suites: Mapping[str, Mapping[str, Outcome]]
    path: str = ""

    def of(self, suite: str) -> Mapping[str, Outcome]:
        """The outcomes of one suite; empty when it was not run then."""
        return self.suites.get(suite, {})


def full(runs: Mapping[str, Sequence[Outcome]], *, identity: str) -> dict[str, Any]:
    """Everything about a run as JSON-compatible data.

    Args:
        runs: suite → outcomes.
        identity: of what answered.
    """
    return {
        "version": VERSION,
        "answered_by": identity,
        "suites": {
            name: {
                "measures": {n: f.to_json() for n, f in measured(outcomes).items()},
                "outcomes": [outcome.to_json() for outcome in outcomes],
            }
            for name, outcomes in runs.items()
        },
    }


def write_baseline(path: Path, runs: Mapping[str, Sequence[Outcome]]) -> None:
    """Only what a comparison needs, one case a line, without times: a diff of the file shows what changed.

    Args:
        path: the file; replaced whole.
        runs: suite → outcomes.
    """
    lines = [json.dumps({"version": VERSION})]
    for name, outcomes in sorted(runs.items()):
        for outcome in sorted(outcomes, key=lambda o: o.id):
            said = outcome.to_json()
            kept = {key: said[key] for key in _SLIM} | {"suite": name}
            kept["shown"] = str(kept["shown"])[:_SHOWN]
            if outcome.relevant is not None:
                kept |= {"relevant": outcome.relevant, "pages": outcome.pages[:10]}
            lines.append(json.dumps(kept, ensure_ascii=False, sort_keys=True))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_baseline(path: Path) -> Baseline:
    """What `write_baseline` wrote, or the `results.json` of a report.

    Raises:
        InvalidSuite: the file cannot be read as either; says where.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSuite([f"{path}: the baseline cannot be read ({error})"]) from error
    found: dict[str, dict[str, Outcome]] = {}
    try:
        for suite, said in _rows(text):
            found.setdefault(suite, {})[said["id"]] = Outcome.from_json({**_DEFAULTS, **said})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidSuite(
            [f"{path}: no baseline of this version ({error}); write it anew with --write-baseline"]
        ) from error
    return Baseline(found, str(path))


_DEFAULTS: Mapping[str, Any] = {"held_out": False, "wanted": ()}


def _rows(text: str) -> list[tuple[str, dict[str, Any]]]:
    first, _, rest = text.partition("\n")
    head = json.loads(first if first.rstrip().endswith("}") else text)
    if head.get("version") != VERSION:
        raise ValueError(f"version {head.get('version')}, expected {VERSION}")
    if "suites" in head:
        return [(name, o) for name, run in head["suites"].items() for o in run["outcomes"]]
    rows = [json.loads(line) for line in rest.splitlines() if line.strip()]
    return [(row.pop("suite"), row) for row in rows]
