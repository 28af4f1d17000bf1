"""What people ask of a server is suggested to the next, over a restart, and to nobody once it is switched off."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
import pytest

from app.live import LiveAssistant, open_warm
from app.settings import Settings
from app.usage import use_of
from app.usage_section import UsagePolicy
from app.use import PEOPLE
from tests.api.conftest import publish_store, running, write_organisation

QUESTION = "who owns orders-db?"


@pytest.mark.parametrize("wanted", [True, False])
def test_questions_asked_often_are_suggested_after_a_restart(
    tmp_path: Path, settings: Settings, wanted: bool
) -> None:
    store = publish_store(write_organisation(tmp_path / "files"), tmp_path / "store")
    policy = UsagePolicy(keep="questions", suggest=wanted)

    def suggested(ask: bool) -> list[str]:
        live = LiveAssistant(store, open_store=partial(open_warm, rules=(), policy=policy))
        chosen = replace(settings, store=store, usage=policy)
        with (
            running(chosen, live) as url,
            httpx.Client(base_url=url, timeout=30, trust_env=False) as client,
        ):
            for person in range(PEOPLE if ask else 0):
                asked = {"question": QUESTION, "as": f"user:default/p{person}"}
                client.post("/v1/ask", json=asked).raise_for_status()
            found = client.get("/v1/suggest").json()["suggestions"]
        live.close()
        return [one["text"] for one in found if one["detail"] == "asked often"]

    assert suggested(ask=True) == []
    use_of.cache_clear()
    assert suggested(ask=False) == ([QUESTION] if wanted else [])
