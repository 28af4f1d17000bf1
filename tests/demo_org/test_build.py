"""The demo organisation: reproducible, relative to its day, and consistent in itself."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo_org import write_demo

NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=10)
ISO_DATE = re.compile(r"\b20\d\d-[01]\d-[0-3]\d(?!\d)")

# References that lead nowhere on purpose: a team that was dissolved, a resource and an API that
# were removed from the catalog before their users were.
DANGLING = {
    ("component:default/price-alerts", "owner", "group:default/growth-lab"),
    ("component:default/station-kiosk", "dependsOn", "resource:default/kiosk-print-queue"),
    ("component:default/coach-adapter", "consumesApis", "api:default/coach-manifest-v0"),
}

REFERENCE_KINDS = {
    "owner": "group",
    "system": "system",
    "domain": "domain",
    "parent": "group",
    "subcomponentOf": "component",
    "memberOf": "group",
    "children": "group",
    "providesApis": "api",
    "consumesApis": "api",
    "dependsOn": "component",
}

Entities = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("demo"), now=NOW)


@pytest.fixture(scope="module")
def entities(demo: Path) -> Entities:
    found: Entities = {}
    for path in catalog_files(demo):
        for entity in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            ref = f"{entity['kind'].lower()}:default/{entity['metadata']['name']}"
            assert ref not in found, f"{ref} is declared twice"
            found[ref] = entity
    return found


@pytest.fixture(scope="module")
def events(demo: Path) -> list[dict[str, Any]]:
    lines = (demo / "feeds" / "deployments.ndjson").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def catalog_files(demo: Path) -> list[Path]:
    """Return the files that the root Location points to."""
    catalog = demo / "catalog"
    root = yaml.safe_load((catalog / "all.yaml").read_text(encoding="utf-8"))
    paths: set[Path] = set()
    for target in root["spec"]["targets"]:
        matches = list(catalog.glob(target.removeprefix("./")))
        assert matches, f"{target} matches nothing"
        paths.update(matches)
    return sorted(paths)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def full_ref(reference: str, kind: str) -> str:
    head, _, tail = reference.rpartition(":")
    name = tail if "/" in tail else f"default/{tail}"
    return f"{head or kind}:{name}".lower()


def references(entity: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for field, kind in REFERENCE_KINDS.items():
        value = entity.get("spec", {}).get(field, [])
        values = value if isinstance(value, list) else [value]
        found.extend((field, full_ref(reference, kind)) for reference in values)
    return found


def spec_refs(entities: Entities, ref: str, field: str) -> list[str]:
    return [target for name, target in references(entities[ref]) if name == field]


def front_matter(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    if not text.startswith("---\n"):
        return {}
    loaded: dict[str, Any] = yaml.safe_load(text.split("---\n", 2)[1])
    return loaded


def last_success(events: list[dict[str, Any]], component: str) -> datetime | None:
    times = [
        datetime.fromisoformat(event["context"]["timestamp"])
        for event in events
        if event["subject"]["id"] == component
        and event["context"]["type"].startswith("dev.cdevents.service.deployed.")
        and event["subject"]["content"]["environment"]["id"] == "production"
        and event["customData"]["outcome"] == "success"
    ]
    return max(times, default=None)


def test_same_moment_gives_same_bytes(demo: Path, tmp_path: Path) -> None:
    again = write_demo(tmp_path / "again", now=NOW)
    assert tree(again) == tree(demo)


def test_naive_moment_is_utc(demo: Path, tmp_path: Path) -> None:
    again = write_demo(tmp_path / "naive", now=NOW.replace(tzinfo=None))
    assert tree(again) == tree(demo)


def test_ten_days_later_all_dates_move_by_ten_days(demo: Path, tmp_path: Path) -> None:
    later = tree(write_demo(tmp_path / "later", now=LATER))
    dated_files = 0

    def shift(match: re.Match[str]) -> str:
        return (date.fromisoformat(match[0]) + timedelta(days=10)).isoformat()

    for name, content in tree(demo).items():
        text = content.decode()
        moved = ISO_DATE.sub(shift, text)
        dated_files += moved != text
        assert later[name].decode() == moved, name
    assert dated_files > 40


def test_no_placeholder_is_left_and_rhythm_table_stays_home(demo: Path) -> None:
    for name, content in tree(demo).items():
        assert b"{{days_ago" not in content, name
    assert not list(demo.rglob("deploy_rhythm.yaml"))


def test_every_reference_resolves_except_the_declared_ones(entities: Entities) -> None:
    dangling = {
        (ref, field, target)
        for ref, entity in entities.items()
        for field, target in references(entity)
        if target not in entities
    }
    assert dangling == DANGLING


def test_every_file_of_the_catalog_is_reached(demo: Path) -> None:
    definitions = set((demo / "catalog").rglob("*.openapi.yaml"))
    everything = set((demo / "catalog").rglob("*.yaml")) - definitions
    assert everything - set(catalog_files(demo)) == {demo / "catalog" / "all.yaml"}
    for path in definitions:
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["openapi"]


def test_apis_are_provided_by_exactly_one_component(entities: Entities) -> None:
    provided = Counter(
        target for ref in entities for target in spec_refs(entities, ref, "providesApis")
    )
    assert set(provided) == {ref for ref in entities if ref.startswith("api:")}
    assert set(provided.values()) == {1}


def test_counts_per_kind(entities: Entities) -> None:
    kinds = Counter(ref.partition(":")[0] for ref in entities)
    assert kinds["component"] >= 60
    assert kinds["api"] >= 25
    assert kinds["resource"] >= 25
    assert kinds["user"] >= 45
    assert kinds["template"] == 6
    groups = Counter(
        entity["spec"]["type"] for ref, entity in entities.items() if ref.startswith("group:")
    )
    assert groups == {"organization": 1, "department": 3, "team": 12}


def test_deprecated_auth_api_still_has_consumers(entities: Entities) -> None:
    assert entities["api:default/auth-v1"]["spec"]["lifecycle"] == "deprecated"
    services = {
        ref.rpartition("/")[2]
        for ref, entity in entities.items()
        if "api:default/auth-v1" in spec_refs(entities, ref, "consumesApis")
        and entity["spec"]["type"] == "service"
    }
    assert services == {
        "chargeback-desk",
        "coach-adapter",
        "delay-claims",
        "group-booking",
        "legacy-wallet",
    }


def test_techdocs_references_lead_to_complete_sites(demo: Path) -> None:
    sites = 0
    for path in catalog_files(demo):
        for entity in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            annotations = entity["metadata"].get("annotations", {})
            reference = annotations.get("backstage.io/techdocs-ref")
            if reference is None:
                continue
            site = (path.parent / reference.removeprefix("dir:")).resolve()
            config = yaml.safe_load((site / "mkdocs.yml").read_text(encoding="utf-8"))
            pages = {page for entry in config["nav"] for page in entry.values()}
            assert pages == {page.name for page in (site / "docs").glob("*.md")}
            sites += 1
    assert sites == len(list((demo / "docs").iterdir()))


def test_runbooks_name_services_and_owners_that_exist(demo: Path, entities: Entities) -> None:
    without_front_matter = []
    for path in sorted((demo / "runbooks").glob("*.md")):
        meta = front_matter(path)
        if not meta:
            without_front_matter.append(path.stem)
            continue
        component = entities[f"component:default/{meta['service']}"]
        assert full_ref(component["spec"]["owner"], "group") == f"group:default/{meta['owner']}"
        assert meta["alerts"]
        date.fromisoformat(meta["last_reviewed"])
        text = path.read_text(encoding="utf-8")
        for section in ("Symptoms", "Diagnosis", "Mitigation", "Escalation"):
            assert f"\n## {section}\n" in text, path.name
    assert without_front_matter == [
        "ClickstreamCollectorDropping",
        "FeatureStoreStale",
        "NotificationDispatchDeadLetters",
    ]


def test_runbook_links_lead_to_runbooks(demo: Path, entities: Entities) -> None:
    for ref, entity in entities.items():
        for link in entity["metadata"].get("links", []):
            if link.get("type") == "runbook":
                name = link["url"].rpartition("/")[2]
                assert (demo / "runbooks" / name).is_file(), ref


def test_event_ids_are_unique_and_events_lie_in_the_past_year(
    events: list[dict[str, Any]],
) -> None:
    assert 2000 <= len(events) <= 3200
    assert len({event["context"]["id"] for event in events}) == len(events)
    times = [datetime.fromisoformat(event["context"]["timestamp"]) for event in events]
    assert times == sorted(times)
    assert times[-1] < NOW
    assert times[0] > NOW - timedelta(days=370)


def test_events_come_from_known_components_and_their_team(
    events: list[dict[str, Any]], entities: Entities
) -> None:
    for event in events:
        component = entities[f"component:default/{event['subject']['id']}"]
        actor = f"user:default/{event['customData']['actor']}"
        owner = full_ref(component["spec"]["owner"], "group")
        if owner in entities and owner.startswith("group:"):
            assert owner in spec_refs(entities, actor, "memberOf")
        else:
            assert actor in entities


def test_feed_has_failures_and_rollbacks(events: list[dict[str, Any]]) -> None:
    production = [
        event
        for event in events
        if event["subject"]["content"]["environment"]["id"] == "production"
    ]
    assert sum(event["customData"]["outcome"] == "failure" for event in production) > 20
    assert sum("rolledback" in event["context"]["type"] for event in production) > 20


def test_stale_payments_services(events: list[dict[str, Any]], entities: Entities) -> None:
    stale: dict[str, int | None] = {}
    for ref, entity in entities.items():
        if not ref.startswith("component:") or entity["spec"]["type"] != "service":
            continue
        if "group:default/payments" not in spec_refs(entities, ref, "owner"):
            continue
        name = ref.rpartition("/")[2]
        last = last_success(events, name)
        if last is None or NOW - last > timedelta(days=60):
            stale[name] = None if last is None else (NOW.date() - last.date()).days
    assert stale == {
        "payout-scheduler": 74,
        "invoice-renderer": 133,
        "voucher-service": 96,
        "chargeback-desk": 88,
        "legacy-wallet": 211,
        "sepa-direct-debit": None,
    }
