"""Insights over HTTP: closed until the settings open them, and true to what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from app.live import LiveAssistant
from app.settings import Settings
from app.usage_section import UsagePolicy
from tests.api.conftest import publish_store, running, write_organisation


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[str]:
    """A server over a store of its own that keeps questions and shows what it learnt."""
    folder = tmp_path_factory.mktemp("insights")
    store = publish_store(write_organisation(folder / "files"), folder / "store")
    policy = UsagePolicy(keep="questions", insights_page=True)
    live = LiveAssistant(store)
    with running(replace(settings, store=store, usage=policy), live) as url:
        yield url
    live.close()


def test_closed_until_the_settings_open_it(client: httpx.Client) -> None:
    assert client.get("/insights").status_code == 404
    assert client.get("/v1/insights").status_code == 404


def test_what_was_asked_is_counted_and_shown(opened: str) -> None:
    with httpx.Client(base_url=opened, timeout=30, trust_env=False) as client:
        for question in (
            "who owns checkout?",
            "who owns the zorblax service?",
            "who owns the zorblax service?",
        ):
            client.post(
                "/v1/ask", json={"question": question, "as": "user:default/jane"}
            ).raise_for_status()
        client.get("/v1/entities/component/default/checkout").raise_for_status()
        down = {"verdict": "wrong", "question": "who owns checkout?", "status": "answered"}
        client.post("/v1/feedback", json=down).raise_for_status()
        mended = {
            "verdict": "right",
            "question": "all services",
            "edited": True,
            "plan": {"node": "select"},
        }
        client.post("/v1/feedback", json=mended).raise_for_status()
        said = client.get("/v1/insights", params={"weeks": 2}).json()
        page = client.get("/insights")
    assert (said["questions"], said["answered"], said["pending_cases"]) == (3, 1, 2)
    assert said["weeks"][-1]["people"] == 1
    assert said["surfaces"]["http"] == {"answered": 1, "unknown_name": 2}
    assert said["clusters"][0]["example"] == "who owns the zorblax service?"
    assert said["opened"] == [["component:default/checkout", 1]]
    assert said["components"] == 2
    assert page.headers["content-type"].startswith("text/html")
    assert "zorblax" in page.text
    assert "user:default/jane" not in page.text
