"""What visibility rules cost: questions and searches behind them against none, within one run, and the making of an audience.

    python bench/permissions.py --store STORE --suite QUESTIONS.yaml [--rounds 3] [--limit 60]

Processor time is compared, the best of some rounds for each question, so that other programs on the machine matter little.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.callers import ANYONE, OPERATOR
from app.serving import Serving, open_serving
from app.visibility_section import read_visibility
from assistant.search_box import SearchQuery

RULES = read_visibility(
    [{"kind": "Resource", "owners": True}, {"kind": "API", "groups": []}], "bench"
)


def main() -> None:
    """Print one line a view: milliseconds for a question and a search, and the ratio to no rules at all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--suite", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=60)
    given = parser.parse_args()
    suite: dict[str, Any] = yaml.safe_load(given.suite.read_text("utf-8"))
    now = datetime.fromisoformat(suite["now"])
    asked = [str(q.get("ask") or q["question"]) for q in suite["questions"]][: given.limit]

    plain, ruled = open_serving(given.store, rules=()), open_serving(given.store, rules=RULES)
    begun = time.process_time()
    ruled.seen_by(ANYONE)
    print(f"making an audience: {time.process_time() - begun:.2f} s")
    views: dict[str, Callable[[], Serving]] = {
        "no rules": lambda: plain,
        "rules, sees everything": lambda: ruled.seen_by(OPERATOR),
        "rules, sees a part": lambda: ruled.seen_by(ANYONE),
    }
    best = {name: [float("inf")] * len(asked) for name in views}
    for _ in range(given.rounds):
        for name, view in views.items():
            for number, question in enumerate(asked):
                best[name][number] = min(best[name][number], _seconds(view, question, now))
    base = sum(best["no rules"])
    for name, times in best.items():
        print(f"{name:24} {1000 * sum(times) / len(asked):7.2f} ms  {sum(times) / base:5.2f}")
    plain.close()
    ruled.close()


def _seconds(view: Callable[[], Serving], question: str, now: datetime) -> float:
    begun = time.process_time()
    seen = view()
    seen.ask(question, now=now)
    seen.search(SearchQuery(text=question))
    return time.process_time() - begun


if __name__ == "__main__":
    main()
