"""What needs a process of its own: a cold question, a server, memory, and the model beside its floor."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.figures import Figure, quantiles
from bench.organisation import Organisation

_AS_INSTALLED = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
"""An installed program is compiled: without its bytecode half of a cold start would be compiling."""


def _best(command: Sequence[str], rounds: int = 5) -> float:
    """Shortest of a few runs, in ms: what else the machine does only adds."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=_AS_INSTALLED)  # noqa: S603  our own commands
        taken.append((time.perf_counter() - begun) * 1000)
    return min(taken)


def cold_ask(store: Path, name: str, size: str) -> Figure:
    """`callboard ask` from nothing, beside importing the two engines it stands on."""
    floor = _best([sys.executable, "-c", "import duckdb, onnxruntime"])
    ours = _best([sys.executable, "-m", "cli", "ask", f"who owns {name}?", "--store", str(store)])
    return Figure("cold `callboard ask`", size, ours, floor=floor, mark="≤ 2 × `import duckdb, onnxruntime`", met=ours <= 2 * floor)  # fmt: skip


@contextmanager
def _server(store: Path) -> Iterator[tuple[int, float, int]]:
    """Port, milliseconds until it was ready, and process id of a server."""
    begun = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "cli",
        "serve",
        "--store",
        str(store),
        "--port",
        "0",
        "--trust-caller",
    ]
    process = subprocess.Popen(  # noqa: S603  our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_AS_INSTALLED
    )
    try:
        assert process.stdout is not None
        port = 0
        for line in process.stdout:
            match = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if match:
                port = int(match[1])
                break
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                pass
            time.sleep(0.01)
        yield port, (time.perf_counter() - begun) * 1000, process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def start_up(store: Path, size: str) -> Figure:
    """`callboard serve` until it answers `/readyz`."""
    taken = []
    for _ in range(3):
        with _server(store) as (_, ready, _pid):
            taken.append(ready)
    ready = min(taken)
    return Figure("`serve` ready", size, ready, mark="≤ 2 s at 10,000", met=ready <= 2000)


def over_http(store: Path, questions: Sequence[str], size: str) -> Figure:
    """What HTTP adds to an answer: what the client waits, less what the answer says it took."""
    with _server(store) as (port, _, _pid):
        waited = _asked(port, questions)
    p50, p95 = quantiles([total - taken for total, taken in waited[len(waited) // 6 :]])
    return Figure("what HTTP adds", size, p50, p95, mark="p50 ≤ 2 ms", met=p50 <= 2)


def clients(store: Path, questions: Sequence[str], size: str, count: int) -> Figure:
    """What each of so many clients waits who ask at once, without a pause; the machine serves and asks."""
    with _server(store) as (port, _, _pid), ThreadPoolExecutor(count) as pool:
        _asked(port, questions[:20])
        begun = time.perf_counter()
        turns = [[*questions[n:], *questions[:n]] for n in range(count)]
        waited = [w for each in pool.map(lambda turn: _asked(port, turn), turns) for w in each]
        rate = len(waited) / (time.perf_counter() - begun)
    p50, p95 = quantiles([total for total, _ in waited])
    return Figure(f"answer over HTTP, {count} at once: {rate:.0f} a second", size, p50, p95)


def _asked(port: int, questions: Sequence[str]) -> list[tuple[float, float]]:
    """What one client waits for each answer, and what the answer says it took, in ms."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    found = []
    for question in questions:
        body = json.dumps({"question": question, "now": "2026-11-20T12:00:00Z"})
        begun = time.perf_counter()
        connection.request("POST", "/v1/ask", body, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        found.append(((time.perf_counter() - begun) * 1000, float(answer["took_ms"])))
    return found


def memory_kib(store: Path, size: str) -> Figure:
    """Memory of a server that has searched, for each passage, beside its vector and text."""
    code = (
        "import sys, json; from pathlib import Path\n"
        "def rss(): return int(Path('/proc/self/statm').read_text().split()[1]) * 4\n"
        "from app.serving import open_serving; from assistant.search_box import SearchQuery\n"
        "from catalog_store.snapshot import open_snapshot\n"
        "import faiss, tantivy, onnxruntime, duckdb\n"
        "s = open_serving(Path(sys.argv[1])); snap = open_snapshot(Path(sys.argv[1])); snap.embedder.encode(['x'])\n"
        "before = rss()\n"
        "s.warm_up(); [s.search(SearchQuery(text=t)) for t in ('order payment', 'refund the customer', 'who is')]\n"
        "text = snap.catalog.fetch('SELECT SUM(LENGTH(text)) AS n, COUNT(*) AS c FROM passages')[0]\n"
        "print(json.dumps({'rss': rss() - before, 'passages': text['c'], 'text': int(text['n'] or 0)}))"
    )
    done = subprocess.run(  # noqa: S603  our own code
        [sys.executable, "-c", code, str(store)], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout.strip().splitlines()[-1])
    each = found["rss"] / found["passages"]
    floor = (found["text"] / found["passages"] + 384 * 4) / 1024
    return Figure("memory a passage", size, each, unit="KiB", floor=floor, mark="≤ 2 × vector and text", met=each <= 2 * floor)  # fmt: skip


def embedding(made: Organisation, cache: Path, texts: int = 384) -> list[Figure]:
    """Passages a second: ours, the bare model on the same length-sorted batches, and sentence-transformers as usually written."""
    import numpy as np  # noqa: PLC0415

    from catalog_store.embedder import OnnxEmbedder, _batches, ensure_model  # noqa: PLC0415
    from catalog_store.embedding.weights import find_weights  # noqa: PLC0415

    pages = sorted(made.folder.rglob("*.md"))
    parts = [
        part.strip()
        for page in pages
        for part in page.read_text(encoding="utf-8").split("\n## ")[1:]
    ][:texts]
    embedder = OnnxEmbedder(ensure_model(cache / "models"))
    embedder.encode(parts[:8])
    tokenizer, session = embedder._load()
    ids = [encoding.ids for encoding in tokenizer.encode_batch_fast(parts)]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    feeds = []
    for batch in _batches(order, [len(item) for item in ids]):
        tokens = np.zeros((len(batch), len(ids[batch[-1]])), np.int64)
        mask = np.zeros_like(tokens)
        for row, number in enumerate(batch):
            tokens[row, : len(ids[number])] = ids[number]
            mask[row, : len(ids[number])] = 1
        feeds.append({"input_ids": tokens, "attention_mask": mask})
    ours, bare = [], []
    for _ in range(3):
        begun = time.perf_counter()
        embedder.encode(parts)
        ours.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        for feed in feeds:
            session.run(None, feed)
        bare.append(time.perf_counter() - begun)
    rate, floor = len(parts) / min(ours), len(parts) / min(bare)
    found = [Figure("passages embedded a second", "", rate, unit="/s", floor=floor, mark="≥ 90 % of the bare model", met=rate >= 0.9 * floor)]  # fmt: skip
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        plain = SentenceTransformer(str(find_weights()), device="cpu")
    except (ImportError, OSError, ValueError):
        return found
    plain.encode(parts[:8])
    begun = time.perf_counter()
    plain.encode(parts)
    theirs = len(parts) / (time.perf_counter() - begun)
    found.append(Figure("passages embedded a second, beside `SentenceTransformer.encode`", "", rate, unit="/s", floor=theirs, mark="≥ 2 ×", met=rate >= 2 * theirs))  # fmt: skip
    return found
