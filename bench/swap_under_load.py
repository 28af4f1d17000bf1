"""Many clients at once, with a new snapshot in the middle: no request may fail, and how long one waits.

    python bench/swap_under_load.py STORE [--clients 64] [--seconds 40]

Serves a copy of a store with `callboard serve`, asks it from that many clients as fast as it answers, and publishes a second snapshot of the same
catalog half-way. Prints the share of failures and the percentiles, before, during and after the swap. Exits 1 when a request failed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]

SWAP_WINDOW_S = 5.0
"""Seconds after the new snapshot is published that count as "during": it is opened beside the old one in them."""

REQUESTS: tuple[tuple[str, str, dict[str, object] | None], ...] = (
    ("POST", "/v1/ask", {"question": "how many services does each team own?"}),
    ("POST", "/v1/ask", {"question": "tier 1 services"}),
    ("POST", "/v1/ask", {"question": "deployments last week"}),
    ("POST", "/v1/ask", {"question": "APIs without documentation"}),
    ("GET", "/v1/suggest?q=who%20owns%20pay", None),
    ("GET", "/v1/search?q=rollback", None),
    ("GET", "/readyz", None),
)
"""What people's pages ask, in the mix of a search box: half questions, half typing."""


@contextmanager
def served(store: Path) -> Iterator[str]:
    """`callboard serve` on a free port; gives its address."""
    command = [sys.executable, "-u", "-m", "cli", "serve", "--store", str(store), "--port", "0"]
    with subprocess.Popen(  # noqa: S603  our own command
        command,
        cwd=ROOT,
        env={**os.environ, "CALLBOARD_LOG_LEVEL": "error"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        else:
            raise SystemExit("the server did not start")
        try:
            yield found.group()
        finally:
            process.terminate()


def publish_again(store: Path) -> str:
    """Publish a second snapshot with the content of the first, at once, as a build does."""
    current = (store / "CURRENT").read_text().strip()
    fresh = f"{current}-again"
    shutil.copytree(store / "snapshots" / current, store / "snapshots" / fresh)
    pending = store / "CURRENT.next"
    pending.write_text(fresh)
    pending.replace(store / "CURRENT")
    return fresh


async def client(
    address: str, number: int, until: float, seen: list[tuple[float, float, str]]
) -> None:
    """Ask one request after the other; notes (when it began, how long it took, what went wrong)."""
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as http:
        turn = number
        while time.perf_counter() < until:
            method, path, body = REQUESTS[turn % len(REQUESTS)]
            turn += 1
            begun = time.perf_counter()
            try:
                response = await http.request(method, path, json=body)
                wrong = "" if response.status_code == 200 else f"{path}: {response.status_code}"
            except httpx.HTTPError as error:
                wrong = f"{path}: {type(error).__name__}"
            seen.append((begun, time.perf_counter() - begun, wrong))


async def run(address: str, store: Path, clients: int, seconds: float) -> bool:
    """Ask from all clients, publish half-way, report; whether nothing failed."""
    seen: list[tuple[float, float, str]] = []
    begun = time.perf_counter()
    tasks = [asyncio.create_task(client(address, n, begun + seconds, seen)) for n in range(clients)]
    await asyncio.sleep(seconds / 2)
    fresh = await asyncio.to_thread(publish_again, store)
    swapped = time.perf_counter()
    await asyncio.gather(*tasks)
    now_served = httpx.get(f"{address}/readyz", trust_env=False).json()["snapshot"]
    failures = [wrong for _, _, wrong in seen if wrong]
    print(
        f"{len(seen)} requests from {clients} clients in {seconds:g} s, {len(failures)} failed; serving {now_served}"
    )
    for name, low, high in (
        ("before the swap", begun, swapped),
        ("during", swapped, swapped + SWAP_WINDOW_S),
        ("after", swapped + SWAP_WINDOW_S, float("inf")),
    ):
        took = sorted(t for at, t, _ in seen if low <= at < high)
        if took:
            said = ", ".join(
                f"p{p} {took[min(len(took) - 1, len(took) * p // 100)] * 1000:.0f} ms"
                for p in (50, 95, 99)
            )
            print(f"  {name}: {len(took)} requests, {said}")
    for wrong in failures[:10]:
        print(f"  {wrong}")
    return not failures and now_served == fresh


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(
        description="Many clients at once, with a new snapshot in the middle."
    )
    parser.add_argument("store", type=Path)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(shutil.copytree(given.store, Path(folder) / "store"))
        with served(store) as address:
            return 0 if asyncio.run(run(address, store, given.clients, given.seconds)) else 1


if __name__ == "__main__":
    sys.exit(main())
