"""The command line as a stranger meets it: output, exit codes, and one line for whatever goes wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import write_organisation

ROOT = Path(__file__).resolve().parents[2]
NOW = "2026-11-20T12:00:00Z"

BROKEN = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: [\n"


@dataclass(frozen=True)
class Ran:
    """A finished command."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Without settings of the machine; the model is prepared once a run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CALLBOARD_")}
    cache = tmp_path_factory.getbasetemp().parent / "callboard-cache"
    return {
        **kept,
        "CALLBOARD_CACHE_DIR": str(cache),
        "PYTHONPATH": str(ROOT),
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small organisation with one broken file and one dangling reference."""
    folder = write_organisation(tmp_path_factory.mktemp("cli") / "files")
    (folder / "catalog" / "broken.yaml").write_text(BROKEN)
    (folder / "catalog" / "lost.yaml").write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: lost}\n"
        "spec: {type: service, lifecycle: production, owner: nobody-here}\n"
    )
    return folder


def run(environment: dict[str, str], *arguments: str, cwd: Path | None = None) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        env=environment,
        cwd=cwd or ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def indexed(
    files: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Ran]:
    """A store made by the command, and what the command said."""
    store = tmp_path_factory.mktemp("cli-store")
    return store, run(environment, "index", str(files), "--store", str(store), "--now", NOW)


def test_index_reports_counts_and_problems_with_their_place_and_still_succeeds(
    indexed: tuple[Path, Ran],
) -> None:
    _, ran = indexed
    assert ran.code == 0, ran.err
    assert re.search(r"Indexed \d+ files into .* in \d+\.\d s", ran.out)
    assert re.search(r"Component +3", ran.out)
    assert re.search(r"Runbook +1", ran.out)
    assert re.search(r"Problems: \d+ errors?, \d+ warnings?", ran.out)
    assert re.search(r"catalog/broken\.yaml:\d+  ", ran.out)
    assert re.search(r"catalog/lost\.yaml:\d+ .*nobody-here", ran.out)
    assert re.search(r"Catalog quality: [\d.]+ % in order", ran.out)
    assert re.search(r"1 of \d+ +things whose owner is not in the catalog", ran.out)


def test_index_of_nothing_fails_and_keeps_the_snapshot_before(
    indexed: tuple[Path, Ran], environment: dict[str, str], tmp_path: Path
) -> None:
    store, _ = indexed
    before = (store / "CURRENT").read_text()
    (tmp_path / "broken.yaml").write_text(BROKEN)
    ran = run(environment, "index", str(tmp_path), "--store", str(store))
    assert ran.code == 1
    assert "broken.yaml" in ran.out
    assert ran.err.startswith("callboard: nothing was indexed")
    assert (store / "CURRENT").read_text() == before


def test_ask_prints_the_sentence_the_reading_and_the_source(
    indexed: tuple[Path, Ran], environment: dict[str, str]
) -> None:
    ran = run(environment, "ask", "who owns checkout?", "--store", str(indexed[0]))
    assert ran.code == 0, ran.err
    assert "Payments" in ran.out
    assert "Read as" in ran.out
    assert re.search(r"\[1\] catalog/all\.yaml:\d+", ran.out)
    assert "**" not in ran.out


def test_ask_json_is_the_body_of_the_api(
    indexed: tuple[Path, Ran], environment: dict[str, str], tmp_path: Path
) -> None:
    store = indexed[0]
    ran = run(
        environment,
        "ask",
        "which services are there?",
        "--store",
        str(store),
        "--now",
        NOW,
        "--limit",
        "1",
        "--json",
    )
    printed = json.loads(ran.out)
    log_file = tmp_path / "log"
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
    with (
        log_file.open("w") as log_end,
        subprocess.Popen(
            command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=log_end, text=True
        ) as server,
    ):
        assert server.stdout is not None
        line = server.stdout.readline()
        address = re.search(r"http://[\d.]+:\d+", line)
        assert address, line
        body = {"question": "which services are there?", "now": NOW, "limit": 1}
        answered = httpx.post(
            f"{address.group()}/v1/ask", json=body, trust_env=False, timeout=30
        ).json()
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)
    for changing in ("took_ms", "conversation", "next_cursor"):  # a terminal turns no pages
        printed.pop(changing), answered.pop(changing)
    assert printed == answered
    assert len(printed["results"]) == 1
    log = [json.loads(entry) for entry in log_file.read_text().splitlines()]
    assert [entry["status"] for entry in log if entry["event"] == "question answered"] == [
        "answered"
    ]
    assert "which services" not in log_file.read_text()


SAVES_LATE = """
import sys
from pathlib import Path
import app.building
from cli.main import app as command
real, saved = app.building.build_index, Path(sys.argv[1]) / "catalog" / "late.yaml"
def build(*given, **more):
    report = real(*given, **more)
    saved.exists() or saved.write_text("apiVersion: backstage.io/v1alpha1\\nkind: Group\\nmetadata: {name: late}\\nspec: {type: team, children: []}\\n")
    return report
app.building.build_index = build
sys.exit(command(["index", sys.argv[1], "--watch", "--store", sys.argv[2]]))
"""
"""A file is saved behind the back of the first build, before its report."""


def test_index_watch_misses_nothing_saved_before_it_says_that_it_watches(
    environment: dict[str, str], tmp_path: Path
) -> None:
    files = write_organisation(tmp_path / "files")
    with subprocess.Popen(
        [sys.executable, "-c", SAVES_LATE, str(files), str(tmp_path / "store")],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        killed = threading.Timer(120, watching.kill)  # a missed change would be waited for for ever
        killed.start()
        followed = next((line for line in watching.stdout if "1 file changed" in line), None)
        watching.send_signal(signal.SIGINT)
        killed.cancel()
    assert followed is not None
    assert "no problems" in followed
    assert watching.returncode == 130


def test_ask_loads_neither_torch_nor_the_web_framework_nor_the_model(
    indexed: tuple[Path, Ran], environment: dict[str, str]
) -> None:
    code = (
        "import sys; from cli.main import app; "
        f"code = app(['ask', 'who owns checkout?', '--json', '--store', {str(indexed[0])!r}]); "
        "heavy = {'torch', 'fastapi', 'onnxruntime', 'transformers', 'rich', 'indexer', 'prometheus_client', 'faiss'} & set(sys.modules); "
        "print(sorted(heavy), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr.strip() == "[]"
    assert done.returncode == 0


@dataclass(frozen=True)
class Misuse:
    """A call that cannot work, its exit code, and what has to be said."""

    id: str
    arguments: tuple[str, ...]
    code: int
    says: str


MISUSES = [
    Misuse("no store", ("ask", "who owns checkout?"), 2, "--store DIR"),
    Misuse(
        "a store that is none",
        ("ask", "x", "--store", "nowhere"),
        1,
        "no published snapshot in 'nowhere'",
    ),
    Misuse("an empty question", ("ask", " ", "--store", "x"), 2, "empty"),
    Misuse("a question too long", ("ask", "x" * 2001, "--store", "x"), 2, "2001 characters"),
    Misuse("a clock that is none", ("ask", "x", "--store", "x", "--now", "noon"), 2, "ISO 8601"),
    Misuse(
        "an asker that is none",
        ("ask", "x", "--store", "x", "--as", "a b"),
        2,
        "not an entity reference",
    ),
    Misuse("a limit that is none", ("ask", "x", "--store", "x", "--limit", "many"), 2, "1 to 1000"),
    Misuse("an unknown command", ("aks",), 2, "invalid choice: 'aks'"),
    Misuse("an unknown option", ("serve", "--prot", "1"), 2, "--prot"),
    Misuse("nothing to index", ("index", "--store", "x"), 2, "PATH"),
    Misuse(
        "inputs that are not there", ("index", "nowhere", "--store", "x"), 1, "nothing at nowhere"
    ),
    Misuse("a port that is none", ("serve", "--store", "x", "--port", "http"), 2, "0 to 65535"),
    Misuse(
        "an address that is not ours",
        ("serve", "--store", "x", "--host", "203.0.113.7"),
        1,
        "cannot listen on 203.0.113.7",
    ),
]


@pytest.mark.parametrize("case", MISUSES, ids=lambda case: case.id)
def test_a_mistake_is_one_clear_line(
    case: Misuse, environment: dict[str, str], tmp_path: Path
) -> None:
    ran = run(environment, *case.arguments, cwd=tmp_path)
    assert ran.code == case.code, ran
    assert case.says in ran.err
    assert ran.err.startswith("callboard: ")
    assert ran.err.count("\n") == 1
    assert ran.out == ""


def test_help_names_every_command(environment: dict[str, str]) -> None:
    ran = run(environment, "--help")
    assert ran.code == 0
    assert all(f"  {command} " in ran.out for command in ("demo", "index", "serve", "ask"))


def test_the_version_is_printed(environment: dict[str, str]) -> None:
    assert re.fullmatch(r"callboard \d+\.\d+\.\d+\n", run(environment, "--version").out)
