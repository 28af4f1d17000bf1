"""Random visibility rules and questions over the organisations of the tests: what is hidden must be as what is missing.

    python scripts/leak_check.py --seeds 20 [--org lantern]

Exits with 1 and shows the first differences when a body differs from that of a catalog without the hidden things.
"""

from __future__ import annotations

import argparse
import difflib
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.building import local_embedder
from app.settings import load_settings
from catalog_store.publish import publish
from tests.leaks import differences, hidden_things, questions, random_rules, read_org


def main() -> int:
    """Compare seed by seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--org", action="append", default=[])
    given = parser.parse_args()
    embedder = local_embedder(load_settings({}).cache_dir)
    failed = 0
    for name in given.org or ["lantern", "orbital", "clinic"]:
        org = read_org(name)
        with tempfile.TemporaryDirectory() as home:
            whole = Path(home) / "whole"
            publish(whole, org.content, now=org.now, embedder=embedder)
            for seed in range(given.first, given.first + given.seeds):
                chance = random.Random(f"{name}{seed}")  # noqa: S311
                rules = random_rules(org, chance)
                asked = questions(org, chance, given.questions)
                folder = Path(home) / str(seed)
                folder.mkdir()
                found = differences(org, rules, asked, folder, embedder, whole)
                hidden = len(hidden_things(org.content, rules))
                print(f"{name} seed {seed}: {hidden} hidden, {len(found)} differences", flush=True)
                failed += len(found)
                for what, one, other in found[:3]:
                    print(f"  {rules}\n  {what}")
                    lines = difflib.unified_diff(
                        other.splitlines(), one.splitlines(), "missing", "hidden", lineterm="", n=1
                    )
                    print("\n".join(f"    {line[:240]}" for line in list(lines)[:30]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
