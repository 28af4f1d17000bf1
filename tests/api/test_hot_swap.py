"""New snapshots are published while clients ask: nobody sees an error, and everybody soon sees the new one."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import httpx

from app.live import LiveAssistant
from app.settings import Settings
from tests.api.conftest import open_stand_in, publish_store, running, write_organisation

CLIENTS = 8


def test_no_request_fails_while_snapshots_are_swapped(tmp_path: Path, settings: Settings) -> None:
    files = write_organisation(tmp_path / "files")
    store = publish_store(files, tmp_path / "store")
    live = LiveAssistant(store, open_store=open_stand_in, poll_s=0.02)
    failures: list[str] = []
    seen: set[str] = set()
    stop = threading.Event()

    def work(url: str) -> None:
        with httpx.Client(base_url=url, timeout=20, trust_env=False) as client:
            while not stop.is_set():
                responses = (
                    client.post("/v1/ask", json={"question": "who owns checkout?"}),
                    client.get("/v1/search", params={"q": "checkout"}),
                    client.get("/v1/entities/component/default/checkout"),
                )
                failures.extend(r.text for r in responses if r.status_code != 200)
                seen.add(client.get("/readyz").json()["snapshot"])

    with running(settings, live) as url:
        threads = [threading.Thread(target=work, args=(url,)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for number in range(5):
            (files / "catalog" / f"new-{number}.yaml").write_text(
                f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: new-{number}}}\n"
                "spec: {type: service, lifecycle: production, owner: payments}\n"
            )
            publish_store(files, store)
            time.sleep(0.2)
        stop.set()
        for thread in threads:
            thread.join()
        newest = httpx.get(f"{url}/v1/entities/component/default/new-4", trust_env=False)
    live.close()
    assert not failures
    assert len(seen) > 2
    assert newest.status_code == 200
