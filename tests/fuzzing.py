"""Real inputs, mutated: what readers, the store and the questions must survive.

    python -m tests.fuzzing --seconds 600 [--seed N]

runs as long as told and stops at the first failure, naming the seed that repeats it. The suite runs a few rounds.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from assistant.assistant import Assistant
from catalog_store.embedder import HashEmbedder
from catalog_store.journal import Delivery, Journal
from catalog_store.publish import publish
from catalog_store.snapshot import open_snapshot
from indexer.build import read_catalog

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CASES = Path(__file__).parent / "indexer" / "cases"
ORGS = Path(__file__).parent / "orgs"

FILES_A_ROUND = 12
MOST_SECONDS = 60.0
"""One round may take at most this long, on a machine that has much else to do; a quiet one takes two seconds."""
MOST_MIB = 1500
"""Memory of the whole process: an input that makes it grow past this has found an amplification."""

HOSTILE: tuple[bytes, ...] = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\r", b"\x1b[2J", b"\x85", b"\xe2\x80\xae",
    b"null", b"[]", b"{}", b"[[[[", b"{{", b"- - - -", b"&a *a", b"<<: *x", b"!!python/object:os.system", b"${{ x }}", b"{% x %}",
    b"-1", b"0", b"1e999", b"99999999999999999999999", b"NaN", b"Infinity", b"-0", b"0x7f", b"1_000",
    b"9999-99-99T99:99:99Z", b"0000-00-00", b"2026-02-30", b"1970-01-01T00:00:00+99:99", b"P1D", b"-P99999999Y",
    b"../../../../etc/passwd", b"file:///etc/passwd", b"http://169.254.169.254/latest/meta-data", b"%00", b"con", b"a" * 3000,
    b"component:default/a:b/c", b":::", b"///", b"@", b"' OR 1=1 --", b"\"'`", b"<script>alert(1)</script>", b"[x](javascript:alert(1))",
    b"---\n", b"...\n", b"\n\n\n", b"\t", b"#", b"|\n", b">-\n", b"```", b"|---|", b"RRULE:FREQ=SECONDLY", b"BEGIN:VEVENT\n",
)  # fmt: skip


def samples() -> list[Path]:
    """One input of every shape the tests know, in order."""
    found = [p for p in CASES.rglob("*") if p.is_file() and p.name != "expected.json"]
    return sorted(found) + sorted(
        p for p in ORGS.rglob("*") if p.is_file() and p.stat().st_size < 20_000
    )


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The same bytes with a few parts cut, doubled, moved or replaced."""
    for _ in range(rng.randint(1, 4)):
        at, end = sorted((rng.randint(0, len(data)), rng.randint(0, len(data))))
        end = min(end, at + rng.choice((1, 4, 40, 400)))
        part = data[at:end]
        other = rng.choice(
            (
                b"",
                part * 2,
                part[::-1],
                rng.choice(HOSTILE),
                rng.choice(HOSTILE) * 3,
                rng.randbytes(3),
            )
        )
        data = data[:at] + other + data[end:]
    return data


def play(folder: Path, inputs: Sequence[Path], seed: int) -> None:
    """One round: a folder of mutated inputs is read, published and asked about, and a mutated event arrives."""
    rng = random.Random(seed)
    root = folder / "root"
    for number in range(FILES_A_ROUND):
        source = rng.choice(inputs)
        place = root / f"{number:02d}" / source.name
        place.parent.mkdir(parents=True)
        place.write_bytes(mutated(source.read_bytes(), rng))
    (root / "page.md").write_bytes(mutated(b"# Page\n\nWords.\n", rng) + b"\nsomething\n")
    journal = Journal(folder / "store")
    body = mutated(rng.choice([p for p in inputs if p.suffix == ".json"]).read_bytes(), rng)
    journal.append(Delivery("fuzz", str(seed), NOW, body.decode("utf-8", "replace")))
    content = read_catalog([root], now=NOW, journal=journal)
    assert len({record.ref for record in content.records}) == len(content.records)
    for problem in content.problems:
        assert 1 <= problem.span.first <= problem.span.last, problem
        assert "\n" not in problem.message, problem
    publish(folder / "store", content, now=NOW, embedder=HashEmbedder())
    with open_snapshot(folder / "store", embedder=HashEmbedder()) as snapshot:
        assistant = Assistant(snapshot)
        for question in (
            "how many services are there?",
            "who owns checkout?",
            _words(rng, content.passages),
        ):
            answer = assistant.ask(question, now=NOW)
            assert answer.text


def _words(rng: random.Random, passages: Sequence[object]) -> str:
    text = " ".join(str(getattr(p, "text", "")) for p in passages[:5]).split() or ["nothing"]
    return " ".join(rng.choices(text, k=8))[:500]


def run(seed: int, inputs: Sequence[Path]) -> float:
    """One round in a folder of its own, within its bounds; how long it took, in seconds."""
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="callboard-fuzz-"))
    try:
        play(folder, inputs, seed)
    finally:
        shutil.rmtree(folder)
    took = time.monotonic() - begun
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    assert took < MOST_SECONDS, f"seed {seed} took {took:.0f} s"
    assert used < MOST_MIB, f"seed {seed} took {used} MiB"
    return took


def main() -> None:
    """Rounds until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    inputs, begun, seed, slowest = samples(), time.monotonic(), chosen.seed, 0.0
    while time.monotonic() - begun < chosen.seconds:
        try:
            slowest = max(slowest, run(seed, inputs))
        except BaseException:
            print(f"failed with --seed {seed}", flush=True)  # noqa: T201  a command
            raise
        seed += 1
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rounds = seed - chosen.seed
    text = f"{rounds} rounds, {rounds * FILES_A_ROUND} mutated files, slowest {slowest:.1f} s, {used} MiB at most"
    print(text)  # noqa: T201  a command


if __name__ == "__main__":
    main()
