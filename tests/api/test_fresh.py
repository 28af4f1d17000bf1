"""What is read often is sent once: ETags, 304, and a page of catalog health that is worked out once."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from app.live import LiveAssistant
from app.serving import open_serving
from app.settings import Settings
from tests.api.conftest import publish_store, running, write_organisation

ROUTES = [
    "/v1/search?q=checkout",
    "/v1/suggest?q=check",
    "/v1/entities/component/default/checkout",
    "/v1/pages?ref=runbook:runbooks/checkout-slow.md",
    "/v1/graph?ref=component:default/checkout&hops=1",
    "/v1/quality",
]


@pytest.mark.parametrize("route", ROUTES)
def test_what_the_client_holds_is_not_sent_again(route: str, real: httpx.Client) -> None:
    first = real.get(route)
    assert first.status_code == 200
    tag = first.headers["etag"]
    again = real.get(route, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert real.get(route, headers={"If-None-Match": '"other"'}).content


def test_a_tag_says_nothing_of_a_thing_that_is_not_there(real: httpx.Client) -> None:
    """`*` matches whatever there is; there is nothing."""
    missing = real.get("/v1/entities/component/default/nope", headers={"If-None-Match": "*"})
    assert missing.status_code == 404


def test_a_new_event_makes_a_new_page(tmp_path: Path, settings: Settings) -> None:
    store = publish_store(write_organisation(tmp_path / "files"), tmp_path / "store")
    live = LiveAssistant(store, open_store=open_serving)
    deployed = {
        "context": {
            "version": "0.4.1",
            "id": "1",
            "source": "/pipelines/checkout",
            "type": "dev.cdevents.service.deployed.0.1.1",
            "timestamp": "2026-11-20T11:58:03Z",
        },
        "subject": {
            "id": "checkout",
            "content": {
                "environment": {"id": "production"},
                "artifactId": "pkg:oci/checkout?tag=5.2.0",
            },
        },
    }
    with running(settings, live) as url, httpx.Client(base_url=url, trust_env=False) as client:
        route = "/v1/entities/component/default/checkout"
        before = client.get(route)
        assert client.post("/v1/events", json=deployed).status_code == 202
        after = client.get(route, headers={"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        assert after.json()["deployments"] != before.json()["deployments"]
    live.close()


def test_catalog_health_is_worked_out_once_until_something_happens(store: Path) -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    serving = open_serving(store)
    first = serving.quality((), now=now)
    assert serving.quality((), now=now) is first
    assert serving.quality(("group:default/payments",), now=now) is not first
    serving.close()
