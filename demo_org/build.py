"""Write the demo organisation to a folder, with dates relative to a given day."""

from __future__ import annotations

import hashlib
import json
import random
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

RHYTHM_FILE = "deploy_rhythm.yaml"
HISTORY_DAYS = 365
PRODUCTION = "production"
STAGING = "staging"

_DAYS_AGO = re.compile(r"\{\{days_ago:(-?\d+)\}\}")
_DEPLOYED = "dev.cdevents.service.deployed.0.2.0"
_ROLLED_BACK = "dev.cdevents.service.rolledback.0.2.0"
_NEVER_LIVE_HISTORY_DAYS = 200
_FAILURE_SHARE = 0.06
_ROLLBACK_SHARE = 0.045
_STAGING_ONLY_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often one component is deployed.

    Attributes:
        every: Mean days between two production deployments.
        since: Days since the last successful production deployment.
        never: Staging only; production was never reached.
        staging_since: Days since a later deployment that reached staging only.
        failed_since: Days since a later production deployment that failed.
        actors: Who deploys it, in place of the owning team's members.
    """

    every: float
    since: int
    never: bool = False
    staging_since: int | None = None
    failed_since: int | None = None
    actors: tuple[str, ...] = ()


def write_demo(target: Path, *, now: datetime) -> Path:
    """Write the demo organisation.

    The same ``now`` always gives the same bytes. Existing files of the demo are overwritten.

    Args:
        target: Folder to write to; created if missing.
        now: The moment all dates are relative to. Without a time zone it is taken as UTC.

    Returns:
        The target folder, with ``catalog``, ``docs``, ``handbook``, ``runbooks`` and ``feeds``.
    """
    moment = now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)
    data = _data_root()
    for relative, source in _walk(data):
        if relative == RHYTHM_FILE:
            continue
        text = fill_dates(source.read_text(encoding="utf-8"), moment.date())
        _write_text(target / relative, text)
    lines = [json.dumps(event, separators=(",", ":")) for event in deployment_events(now=moment)]
    _write_text(target / "feeds" / "deployments.ndjson", "\n".join(lines) + "\n")
    return target


def fill_dates(text: str, today: date) -> str:
    """Replace ``{{days_ago:N}}`` by the ISO date N days before today.

    Args:
        text: Text with placeholders. A negative N gives a date in the future.
        today: The day to count from.

    Returns:
        The text without placeholders.
    """
    return _DAYS_AGO.sub(
        lambda match: (today - timedelta(days=int(match[1]))).isoformat(),
        text,
    )


def deployment_events(*, now: datetime) -> list[dict[str, Any]]:
    """Generate about a year of deployment events in CDEvents form, oldest first.

    Args:
        now: Aware moment the events lead up to; the latest one is on the day before or earlier.

    Returns:
        Deployed and rolled-back events for staging and production.
    """
    data = _data_root()
    owners, members = _owners_and_members(data)
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    events: list[dict[str, Any]] = []
    for name, rhythm in _rhythms(data).items():
        owner = owners[name]
        actors = rhythm.actors or members.get(owner) or (owner,)
        events.extend(_ComponentHistory(name, rhythm, actors, midnight).events())
    events.sort(key=lambda event: (event["context"]["timestamp"], event["context"]["id"]))
    return events


class _ComponentHistory:
    """The generated deployments of one component.

    Each component has its own random numbers, so that a change to one leaves the others alone.
    """

    def __init__(
        self, name: str, rhythm: Rhythm, actors: tuple[str, ...], midnight: datetime
    ) -> None:
        self._name = name
        self._rhythm = rhythm
        self._actors = actors
        self._midnight = midnight
        self._rng = random.Random(f"waybright/{name}")  # noqa: S311 - demo data, not secrets
        self._version = (
            self._rng.randint(1, 6),
            self._rng.randint(0, 28),
            self._rng.randint(0, 9),
        )
        self._healthy = self._tag()
        self._events: list[dict[str, Any]] = []

    def events(self) -> list[dict[str, Any]]:
        """Generate the history from the oldest release to the newest."""
        rhythm = self._rhythm
        days = self._release_days()
        for day in days:
            at = self._office_hour(day)
            if rhythm.never:
                self._bump()
                self._stage(at)
            else:
                self._release(at, newest=day == rhythm.since)
        if rhythm.failed_since is not None:
            at = self._office_hour(rhythm.failed_since)
            self._bump()
            self._stage(at - timedelta(hours=3))
            self._emit(_DEPLOYED, PRODUCTION, at, outcome="failure")
        if rhythm.staging_since is not None:
            self._bump()
            self._stage(self._office_hour(rhythm.staging_since))
        return self._events

    def _release_days(self) -> list[int]:
        """Return the days before today with a release, oldest first."""
        limit = _NEVER_LIVE_HISTORY_DAYS if self._rhythm.never else HISTORY_DAYS
        days: list[int] = []
        day = self._rhythm.since
        while day <= limit:
            days.append(day)
            day += max(1, round(self._rhythm.every * self._rng.uniform(0.4, 1.6)))
        return days[::-1]

    def _release(self, at: datetime, *, newest: bool) -> None:
        """Take one release through staging to production, sometimes with trouble on the way."""
        rng = self._rng
        if rng.random() < _STAGING_ONLY_SHARE:
            self._bump()
            self._stage(at - timedelta(hours=rng.uniform(21, 44)))
        previous = self._healthy
        self._bump()
        if rng.random() < _FAILURE_SHARE:
            broken_at = at - timedelta(minutes=rng.randint(70, 230))
            self._stage(broken_at - timedelta(minutes=rng.randint(45, 400)))
            self._emit(_DEPLOYED, PRODUCTION, broken_at, outcome="failure")
            self._bump()
            self._stage(at - timedelta(minutes=rng.randint(25, 60)))
        else:
            self._stage(at - timedelta(minutes=rng.randint(45, 1100)))
        self._emit(_DEPLOYED, PRODUCTION, at)
        if rng.random() < _ROLLBACK_SHARE and not newest:
            back_at = at + timedelta(minutes=rng.randint(12, 150))
            self._emit(_ROLLED_BACK, PRODUCTION, back_at, tag=previous)
        else:
            self._healthy = self._tag()

    def _stage(self, at: datetime) -> None:
        """Deploy the current version to staging; now and then the first try fails."""
        if self._rng.random() < _FAILURE_SHARE:
            earlier = at - timedelta(minutes=self._rng.randint(8, 30))
            self._emit(_DEPLOYED, STAGING, earlier, outcome="failure")
        self._emit(_DEPLOYED, STAGING, at)

    def _bump(self) -> None:
        """Move on to the next version."""
        major, minor, patch = self._version
        draw = self._rng.random()
        if draw < 0.02:
            self._version = (major + 1, 0, 0)
        elif draw < 0.35:
            self._version = (major, minor + 1, 0)
        else:
            self._version = (major, minor, patch + 1)

    def _tag(self) -> str:
        return ".".join(str(part) for part in self._version)

    def _office_hour(self, days_ago: int) -> datetime:
        """Return a moment between 08:00 and 17:00 UTC on a day before today."""
        seconds = self._rng.randint(8 * 3600, 17 * 3600)
        return self._midnight - timedelta(days=days_ago) + timedelta(seconds=seconds)

    def _emit(
        self,
        kind: str,
        environment: str,
        at: datetime,
        *,
        outcome: str = "success",
        tag: str | None = None,
    ) -> None:
        """Append one event."""
        version = tag or self._tag()
        digest = hashlib.sha256(f"{self._name}:{version}".encode()).hexdigest()
        artifact = f"pkg:oci/{self._name}@sha256%3A{digest}?tag={version}"
        self._events.append(
            {
                "context": {
                    "version": "0.4.1",
                    "id": str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
                    "source": f"/waybright/deploy-runner/{environment}",
                    "type": kind,
                    "timestamp": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                },
                "subject": {
                    "id": self._name,
                    "source": f"/clusters/{environment}",
                    "type": "service",
                    "content": {
                        "environment": {"id": environment},
                        "artifactId": artifact,
                    },
                },
                "customData": {
                    "outcome": outcome,
                    "durationSeconds": self._rng.randint(95, 1500),
                    "actor": self._rng.choice(self._actors),
                },
                "customDataContentType": "application/json",
            }
        )


def _data_root() -> Traversable:
    return files("demo_org") / "data"


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    """Yield every file below a folder with its relative path, in a fixed order."""
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _rhythms(data: Traversable) -> dict[str, Rhythm]:
    """Read the table of deployment rhythms."""
    table = yaml.safe_load((data / RHYTHM_FILE).read_text(encoding="utf-8"))
    rhythms: dict[str, Rhythm] = {}
    for name, row in table["components"].items():
        fields = dict(row)
        fields["actors"] = tuple(fields.get("actors", ()))
        rhythms[name] = Rhythm(**fields)
    return rhythms


def _owners_and_members(data: Traversable) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Read who owns each component and who belongs to each group.

    Returns:
        Owner name by component name, and user names by group name. Both without kind and
        namespace; an owner that is not among the groups is a user or dangling.
    """
    owners: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for relative, source in _walk(data / "catalog"):
        if not relative.endswith(("catalog-info.yaml", "org.yaml")):
            continue
        for entity in yaml.safe_load_all(source.read_text(encoding="utf-8")):
            name = entity["metadata"]["name"]
            if entity["kind"] == "Component":
                owners[name] = _short_name(entity["spec"]["owner"])
            elif entity["kind"] == "User":
                for group in entity["spec"]["memberOf"]:
                    members.setdefault(_short_name(group), []).append(name)
    return owners, {group: tuple(users) for group, users in members.items()}


def _short_name(reference: str) -> str:
    """Return the name in an entity reference such as ``group:default/payments``."""
    return reference.rsplit(":", 1)[-1].rsplit("/", 1)[-1].lower()
