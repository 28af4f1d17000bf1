"""Short runs of the loops in `tests/faults.py`, each in a process of its own: it forks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.repository import ROOT

LOOPS = [
    "kill --every 6",
    "kill --every 0 --moments 4",
    "events --rounds 6",
    "full",
    "soak --rounds 24",
]


@pytest.mark.parametrize("loop", LOOPS)
def test_promises_hold(loop: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", *loop.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
