"""The doctor finds each thing that can be wrong, and says what to do: every case breaks a real store or a real machine's state."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.doctor import Finding, Level, examine
from app.doctor.machine import LEAST_ROOM
from app.live import LiveAssistant
from app.settings import load_settings
from catalog_store.embedding.export import IDENTITY, MANIFEST_FILE
from catalog_store.snapshot import current_id
from cli.main import app
from tests.api.conftest import NOW, open_stand_in, publish_store, running, write_organisation

EVENT = """\
{"context": {"version": "0.4.1", "id": "%s", "source": "/ci", "type": "dev.cdevents.service.deployed.0.1.1", "timestamp": "%s"},
 "subject": {"id": "checkout", "content": {"environment": {"id": "production"}, "artifactId": "pkg:oci/checkout?tag=1"}}}
"""


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of this machine; a cache with the model prepared."""
    for name in ("CALLBOARD_STORE", "CALLBOARD_CONFIG", "CALLBOARD_HOST", "CALLBOARD_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    prepared = tmp_path / "cache" / "models" / IDENTITY
    prepared.mkdir(parents=True)
    (prepared / MANIFEST_FILE).write_text("{}")
    monkeypatch.setenv("CALLBOARD_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def own(store: Path, tmp_path: Path) -> Path:
    """A copy of the store, to break."""
    return Path(shutil.copytree(store, tmp_path / "own"))


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Published once for this file."""
    folder = tmp_path_factory.getbasetemp() / "doctor-store"
    if not folder.exists():
        files = write_organisation(tmp_path_factory.mktemp("doctor"))
        publish_store(files, folder)
    return folder


def look(
    store: Path | None, *, now: datetime = NOW, quick: bool = False, **given: Any
) -> dict[str, Finding]:
    """Findings by check; the worst of each."""
    order = list(Level)
    worst: dict[str, Finding] = {}
    for finding in examine({"store": store, "port": 0, **given}, now=now, quick=quick):
        known = worst.get(finding.check)
        if known is None or order.index(finding.level) > order.index(known.level):
            worst[finding.check] = finding
    return worst


def test_a_sound_installation_has_nothing_to_do(store: Path) -> None:
    found = look(store, now=NOW + timedelta(hours=1))
    assert {finding.level for finding in found.values()} == {Level.OK}
    assert set(found) >= {
        "settings",
        "store",
        "checksums",
        "model",
        "age",
        "feeds",
        "events",
        "permissions",
        "disk",
        "port",
        "exposure",
        "packages",
        "indexing",
    }
    assert all(finding.next is None for finding in found.values())


def test_quick_reads_no_bytes_and_loads_no_model(store: Path) -> None:
    assert {"checksums", "model"}.isdisjoint(look(store, quick=True))


def _flip(store: Path) -> None:
    path = store / "snapshots" / str(current_id(store)) / "pages.ndjson"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _no_model(store: Path) -> None:
    manifest = store / "snapshots" / str(current_id(store)) / "manifest.json"
    facts = json.loads(manifest.read_text())
    facts["model"]["identity"] = IDENTITY
    manifest.write_text(json.dumps(facts))


def _forget(store: Path) -> None:
    (store / "CURRENT").unlink()


def _lost(store: Path) -> None:
    (store / "CURRENT").write_text("20990101T000000Z-000\n")


def _older(store: Path) -> None:
    manifest = store / "snapshots" / str(current_id(store)) / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 1}))


def _open_to_all(store: Path) -> None:
    store.chmod(0o777)


@pytest.mark.parametrize(
    ("breaks", "check", "step"),
    [
        (_flip, "checksums", "callboard index"),
        (_no_model, "model", "index again"),
        (_forget, "store", "callboard index"),
        (_lost, "store", "callboard index"),
        (_older, "store", "callboard index"),
        (_open_to_all, "permissions", "chmod o-w"),
    ],
)
def test_a_broken_store_fails(
    own: Path, breaks: Callable[[Path], None], check: str, step: str
) -> None:
    breaks(own)
    found = look(own)
    assert found[check].level is Level.FAIL
    assert step in (found[check].next or "")


def test_an_old_index_is_to_be_looked_at(store: Path) -> None:
    found = look(store, now=NOW + timedelta(days=30))
    assert found["age"].level is Level.WARN
    assert "30 days" in found["age"].message


def test_a_quiet_feed_is_named(tmp_path: Path) -> None:
    files = write_organisation(tmp_path / "files")
    lines = [
        json.dumps(json.loads(EVENT % (f"e{day}", (NOW - timedelta(days=day)).isoformat())))
        for day in range(60, 30, -1)
    ]
    (files / "deployments.ndjson").write_text("\n".join(lines) + "\n")
    found = look(publish_store(files, tmp_path / "quiet"))
    assert found["feeds"].level is Level.WARN
    assert "cdevents has brought no deployments" in found["feeds"].message


def test_a_setting_that_cannot_be_read_is_the_first_thing_to_mend() -> None:
    found = look(None, port="many")
    assert list(found) == ["settings"]
    assert found["settings"].level is Level.FAIL
    assert "port" in found["settings"].message


def test_no_store_is_said_so() -> None:
    assert "--store" in (look(None)["store"].next or "")


def test_a_secret_that_others_may_read(store: Path, tmp_path: Path) -> None:
    config = tmp_path / "callboard.yaml"
    config.write_text("events_token: hunter2\n")
    config.chmod(0o644)
    found = look(store)["secrets"]
    assert found.level is Level.WARN
    assert "events_token" in found.message
    assert "hunter2" not in found.message
    config.chmod(0o600)
    assert look(store)["secrets"].level is Level.OK


@pytest.mark.parametrize(
    ("host", "lines", "level", "says"),
    [
        ("127.0.0.1", "trust_caller: yes", Level.OK, "only this machine"),
        ("0.0.0.0", "", Level.WARN, "whoever reaches it"),
        ("0.0.0.0", "access: {anonymous: no}", Level.WARN, "send events"),
        ("0.0.0.0", "access: {anonymous: no}\nevents_token: x", Level.OK, "are checked"),
        ("0.0.0.0", "events_token: x\ntrust_caller: yes", Level.FAIL, "anyone may ask as anyone"),
    ],
)
def test_what_is_open_to_the_network(
    store: Path, tmp_path: Path, host: str, lines: str, level: Level, says: str
) -> None:
    (tmp_path / "callboard.yaml").write_text(lines)
    found = look(store, quick=True, host=host)["exposure"]
    assert found.level is level
    assert says in found.message


@pytest.mark.parametrize(("free", "level"), [(1_000, Level.FAIL), (LEAST_ROOM // 2, Level.WARN)])
def test_little_room(store: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    usage = shutil.disk_usage(store)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free))
    assert look(store, quick=True)["disk"].level is level


class _Other(BaseHTTPRequestHandler):
    """Some other program."""

    def do_GET(self) -> None:
        """Says something."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: Any) -> None:
        """Says nothing about it."""


@pytest.fixture
def other() -> Iterator[int]:
    """The port of another program."""
    server = HTTPServer(("127.0.0.1", 0), _Other)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_port_that_another_program_holds(store: Path, other: int) -> None:
    found = look(store, quick=True, port=other)["port"]
    assert found.level is Level.FAIL
    assert "--port" in (found.next or "")


def test_a_port_on_which_callboard_answers(store: Path) -> None:
    live = LiveAssistant(store, open_store=open_stand_in)
    with running(load_settings({"store": store}, env={}), live) as address:
        found = look(store, quick=True, port=int(address.rpartition(":")[2]))["port"]
    live.close()
    assert found.level is Level.OK
    assert "Callboard" in found.message


def test_a_free_port(store: Path) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    assert "is free" in look(store, quick=True, port=port)["port"].message


def test_an_address_of_another_machine(store: Path) -> None:
    found = look(store, quick=True, host="192.0.2.1", port=0)
    assert found["port"].level is Level.OK


def test_what_is_not_installed(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    real = importlib.util.find_spec
    gone = {"faiss", "torch", "onnx"}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name in gone else real(name, *a)
    )
    monkeypatch.setenv("CALLBOARD_CACHE_DIR", "empty")
    found = look(store, quick=True)
    assert found["packages"].level is Level.FAIL
    assert "faiss" in found["packages"].message
    assert found["indexing"].level is Level.WARN
    assert "callboard model" in (found["indexing"].next or "")


def test_the_command_exits_with_what_it_found(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = ["--now", NOW.isoformat(), "--port", "0"]
    assert app(["doctor", "--store", str(own), "--json", *now]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["healthy"] is True
    _flip(own)
    assert app(["doctor", "--store", str(own), "--json", *now]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["healthy"] is False
    assert {f["check"] for f in said["findings"] if f["level"] == "fail"} == {"checksums"}
    assert app(["doctor", "--store", str(own), *now]) == 1
    text = capsys.readouterr().out
    assert "FAIL  checksums" in text
    assert "→ build it again" in text
    assert text.rstrip().endswith("1 failed, 0 to look at.")
