"""Events over a real socket: who may send them, what they change, and that a killed server loses none it acknowledged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from app.building import build_index
from app.live import LiveAssistant
from app.serving import open_serving
from app.settings import Settings
from catalog_store.embedder import HashEmbedder
from catalog_store.journal import Journal
from tests.api.conftest import running, write_organisation

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 5, 4, 8, 30, tzinfo=UTC)


def deployment(number: int, subject: str = "checkout") -> dict[str, Any]:
    return {
        "context": {
            "version": "0.4.1",
            "id": f"d{number}",
            "source": "/ci",
            "type": "dev.cdevents.service.deployed.0.1.1",
            "timestamp": (AT + timedelta(minutes=number)).isoformat(),
        },
        "subject": {
            "id": subject,
            "content": {
                "environment": {"id": "production"},
                "artifactId": f"pkg:oci/c?tag=1.0.{number}",
            },
        },
    }


PAGE = {
    "event": {
        "id": "01ABC",
        "event_type": "incident.triggered",
        "resource_type": "incident",
        "occurred_at": AT.isoformat(),
        "data": {
            "id": "Q1",
            "type": "incident",
            "number": 7,
            "status": "triggered",
            "title": "Cards are declined",
            "created_at": AT.isoformat(),
            "service": {"id": "P1", "summary": "checkout"},
            "urgency": "high",
        },
    }
}


@pytest.fixture
def events_store(tmp_path: Path) -> Path:
    files = write_organisation(tmp_path / "files")
    build_index([files], store=tmp_path / "store", now=AT, embedder=HashEmbedder)
    return tmp_path / "store"


@contextmanager
def client(store: Path, settings: Settings) -> Iterator[httpx.Client]:
    live = LiveAssistant(store, open_store=open_serving)
    with running(settings, live) as url, httpx.Client(base_url=url, trust_env=False) as http:
        yield http
    live.close()


def last_deployed(http: httpx.Client) -> str:
    body = http.post("/v1/ask", json={"question": "when was checkout last deployed?"}).json()
    return str(body.get("value") or body["status"])


def test_the_next_question_sees_the_event(events_store: Path, settings: Settings) -> None:
    with client(events_store, settings) as http:
        assert last_deployed(http) == "no_such_fact"
        for number in (1, 2):
            answer = http.post("/v1/events", json=deployment(number))
            assert (answer.status_code, answer.json()["events"]) == (202, 1)
            assert last_deployed(http).startswith(f"2026-05-04T08:3{number}")
        entity = http.get("/v1/entities/component/default/checkout").text
        assert "1.0.2" in entity


def test_an_event_sent_again_counts_once(events_store: Path, settings: Settings) -> None:
    with client(events_store, settings) as http:
        answers = [http.post("/v1/events", json=deployment(1)) for _ in range(3)]
        assert [a.status_code for a in answers] == [202, 200, 200]
        assert [a.json()["duplicate"] for a in answers] == [False, True, True]
        assert len(list(Journal(events_store).entries())) == 1


def test_events_outlive_the_next_build(
    events_store: Path, settings: Settings, tmp_path: Path
) -> None:
    with client(events_store, settings) as http:
        http.post("/v1/events", json=deployment(3))
        build_index([tmp_path / "files"], store=events_store, now=AT, embedder=HashEmbedder)
    with client(events_store, settings) as http:
        assert last_deployed(http).startswith("2026-05-04T08:33")


@dataclass(frozen=True)
class Refused:
    """A body that is not taken."""

    id: str
    body: bytes
    status: int
    says: str


REFUSED = [
    Refused("no JSON", b"hello", 400, "no JSON"),
    Refused("not UTF-8", b'{"a": "\xff"}', 400, "no JSON"),
    Refused("JSON of no format", b'{"hello": "world"}', 422, "no event format"),
    Refused("empty", b"", 400, "no JSON"),
    Refused("a list of nothing", b"[]", 422, "no event format"),
    Refused("too large", b'{"a": "' + b"x" * 2**20 + b'"}', 413, "larger than 1024 KiB"),
    Refused(
        "an entity",
        json.dumps(
            {
                "apiVersion": "backstage.io/v1alpha1",
                "kind": "Component",
                "metadata": {"name": "evil"},
                "spec": {"type": "service", "owner": "x", "lifecycle": "production"},
            }
        ).encode(),
        422,
        "it is no event",
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_what_is_no_event_is_refused(case: Refused, events_store: Path, settings: Settings) -> None:
    with client(events_store, settings) as http:
        answer = http.post("/v1/events", content=case.body)
        assert answer.status_code == case.status, answer.text
        assert case.says in answer.json()["detail"]
        assert list(Journal(events_store).entries()) == []


def test_what_the_catalog_does_not_keep_is_taken_and_left_alone(
    events_store: Path, settings: Settings
) -> None:
    """A sender must not be told off for events we have no use for: it would stop sending the others."""
    ignored = deployment(1)
    ignored["context"]["type"] = "dev.cdevents.artifact.signed.0.1.0"
    with client(events_store, settings) as http:
        answer = http.post("/v1/events", json=ignored)
        assert (answer.status_code, answer.json()["events"]) == (200, 0)


SECRET, TOKEN = "s3cret-of-the-sender", "t0ken-of-ours"
SVIX = "whsec_" + base64.b64encode(b"twenty-four bytes secret").decode()


def _hex(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_signatures_are_checked_where_a_secret_is_set(
    events_store: Path, settings: Settings
) -> None:
    body = json.dumps(PAGE).encode()
    with client(events_store, replace(settings, pagerduty_secret=SECRET)) as http:
        wrong: tuple[dict[str, str], ...] = (
            {},
            {"X-PagerDuty-Signature": f"v1={_hex(body, 'other')}"},
            {"X-PagerDuty-Signature": "v1="},
        )
        for headers in wrong:
            answer = http.post("/v1/events", content=body, headers=headers)
            assert answer.status_code == 401, answer.text
            assert SECRET not in answer.text
        assert list(Journal(events_store).entries()) == []
        rotated = {"X-PagerDuty-Signature": f"v1={_hex(body, 'old')},v1={_hex(body)}"}
        assert http.post("/v1/events", content=body, headers=rotated).status_code == 202
        assert "signature" not in next(iter(Journal(events_store).entries())).delivery.headers


def test_a_sender_cannot_pass_for_another(events_store: Path, settings: Settings) -> None:
    """The format decides whose signature is needed, not the header that happens to be there."""
    body = json.dumps(PAGE).encode()
    with client(
        events_store, replace(settings, pagerduty_secret=SECRET, github_secret="g")
    ) as http:
        signed = {"X-Hub-Signature-256": f"sha256={_hex(body, 'g')}"}
        assert http.post("/v1/events", content=body, headers=signed).status_code == 401


def test_github_signs_with_its_own_header(events_store: Path, settings: Settings) -> None:
    at = AT.isoformat()
    status = {
        "action": "created",
        "deployment_status": {
            "id": 1,
            "state": "success",
            "environment": "production",
            "created_at": at,
        },
        "deployment": {"id": 1, "sha": "abc", "ref": "main", "task": "deploy", "created_at": at},
        "repository": {"full_name": "shop/checkout"},
    }
    body = json.dumps(status).encode()
    with client(events_store, replace(settings, github_secret=SECRET)) as http:
        assert http.post("/v1/events", content=body).status_code == 401
        signed = {"X-Hub-Signature-256": f"sha256={_hex(body)}", "X-GitHub-Delivery": "g-1"}
        assert http.post("/v1/events", content=body, headers=signed).json()["id"] == "g-1"


def test_a_token_is_asked_of_those_who_sign_nothing(events_store: Path, settings: Settings) -> None:
    with client(events_store, replace(settings, events_token=TOKEN)) as http:
        assert http.post("/v1/events", json=deployment(1)).status_code == 401
        with_token = {"Authorization": f"Bearer {TOKEN}"}
        assert http.post("/v1/events", json=deployment(1), headers=with_token).status_code == 202


def test_standard_webhooks_are_checked_and_must_be_recent() -> None:
    from app.events import SCHEMES

    body = b'{"event_type": "x"}'
    now = datetime.now(UTC)
    for age, accepted in ((0, True), (600, False)):
        moment = now - timedelta(seconds=age)
        headers = {
            "svix-id": "m1",
            "svix-timestamp": str(int(moment.timestamp())),
            "svix-signature": Webhook(SVIX).sign("m1", moment, body.decode()),
        }
        assert SCHEMES["incident-io"](SVIX, body, headers) is accepted
    assert not SCHEMES["incident-io"](SVIX, body, {"svix-signature": "v1"})


SERVER = """
import sys
from pathlib import Path
from app.settings import load_settings
from app.live import LiveAssistant
from app.serving import open_serving
from app.wiring import Wiring
from api.server import address_of, listen, serve
store = Path(sys.argv[1])
sock = listen("127.0.0.1", 0)
live = LiveAssistant(store, open_store=open_serving)
serve(Wiring(load_settings({"store": store}, env={}), live), sock, ready=lambda: print(address_of(sock), flush=True))
"""


def test_a_killed_server_loses_no_acknowledged_event(events_store: Path) -> None:
    """kill -9 in a loop, while events come in; whatever was acknowledged is in the answers of the next server."""
    acknowledged: list[int] = []
    number = 0
    for round_ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", SERVER, str(events_store)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as server:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            with httpx.Client(base_url=address, trust_env=False, timeout=30) as http:
                kill = threading.Timer(0.01, server.send_signal, [signal.SIGKILL])
                for so_far in itertools.count():
                    number += 1
                    if so_far == 6 + 5 * round_:
                        kill.start()  # while the next ones are on their way
                    try:
                        if http.post("/v1/events", json=deployment(number)).status_code == 202:
                            acknowledged.append(number)
                    except httpx.HTTPError:
                        break
    kept = {
        json.loads(entry.delivery.body)["context"]["id"]
        for entry in Journal(events_store).entries()
    }
    assert {f"d{n}" for n in acknowledged} <= kept
    assert len(acknowledged) > 20
    serving = open_serving(events_store)
    try:
        counted = serving.ask("how many deployments are there?", now=AT + timedelta(days=30))
        assert counted.value == len(kept)
    finally:
        serving.close()
