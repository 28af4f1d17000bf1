"""Read the feeds of an organisation into records, one list a feed.

Every record that belongs to components carries `component`, `owner`, `under`, `system` and
`domain` as tuples: one incident may belong to several components, one finding to every
component of its repository.
"""

import csv
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import yaml

from eval.suites.feeds.catalog import Catalog, Record, full_ref

PLACES = ("owner", "system", "domain", "lifecycle", "type", "tier")
CRITICAL, HIGH, MEDIUM = 9.0, 7.0, 4.0
"""Lower bounds of `security-severity`, as GitHub code scanning names its bands."""
LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "low"}


def instant(text: str | None) -> datetime | None:
    """An RFC 3339 instant in UTC, or None.

    >>> instant("2026-01-02T03:04:05Z").hour
    3
    """
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def located(components: Sequence[Record]) -> Record:
    """Where a record stands in the catalog: the places of all its components, as tuples."""
    places: Record = {"component": tuple(c["ref"] for c in components)}
    for place in PLACES:
        places[place] = tuple(sorted({c[place] for c in components if c[place]}))
    places["under"] = tuple(sorted({g for c in components for g in c["under"]}))
    return places


def read_incidents(organisation: Path, catalog: Catalog) -> list[Record]:
    """PagerDuty incidents; hours are from creation to resolution, None while open. People are users by their shown name."""
    people = {e["title"]: e["ref"] for e in catalog.entities.values() if e["kind"] == "user"}
    by_id: dict[str, list[Record]] = defaultdict(list)
    for component in catalog.components():
        by_id[component["service_id"]].append(component)
    incidents = []
    for item in _json(organisation / "feeds/incidents.json")["incidents"]:
        created, resolved = instant(item["created_at"]), instant(item["resolved_at"])
        incidents.append(
            {
                "ref": f"incident:{item['id']}",
                "title": item["title"],
                "status": item["status"],
                "open": item["status"] in {"triggered", "acknowledged"},
                "priority": (item.get("priority") or {}).get("name"),
                "urgency": item.get("urgency"),
                "number": item.get("incident_number"),
                "resolved": resolved,
                "acknowledgers": _named_in(people, item.get("acknowledgements"), "acknowledger"),
                "assignees": _named_in(people, item.get("assignments"), "assignee"),
                "at": created,
                "hours": (resolved - created).total_seconds() / 3600
                if resolved and created
                else None,
                **located(by_id.get(item["service"]["id"], [])),
            }
        )
    return incidents


def _named_in(people: Record, rows: Sequence[Record] | None, key: str) -> tuple[str, ...]:
    return tuple(people[row[key]["summary"]] for row in rows or ())


def read_deployments(organisation: Path, catalog: Catalog) -> list[Record]:
    """Deployments in order of time; a rollback event only marks the one before it."""
    events: dict[str, Any] = {}
    with (organisation / "feeds/deployments.ndjson").open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                event = json.loads(line)
                events.setdefault(event["context"]["id"], event)
    deployments: list[Record] = []
    latest: dict[tuple[str, str], Record] = {}
    for event in sorted(events.values(), key=lambda e: instant(e["context"]["timestamp"]) or 0):
        subject = event["subject"]
        component = full_ref(subject["id"], "component")
        environment = subject["content"]["environment"]["id"]
        if ".service.rolledback." in event["context"]["type"]:
            if (component, environment) in latest:
                latest[component, environment]["rolled_back"] = True
            continue
        known = catalog.entities.get(component)
        custom = event.get("customData") or {}
        deployment = {
            "ref": f"deployment:{event['context']['id']}",
            "subject": component,
            "environment": environment,
            "at": instant(event["context"]["timestamp"]),
            "failed": custom.get("outcome") != "success",
            "rolled_back": False,
            "person": full_ref(custom["actor"], "user") if custom.get("actor") else None,
            "actor": custom.get("actor"),
            "version": _version(subject["content"].get("artifactId")),
            **located([known] if known else []),
        }
        latest[component, environment] = deployment
        deployments.append(deployment)
    return deployments


def _version(artifact: str | None) -> str | None:
    tags = parse_qs(urlparse(artifact or "").query).get("tag")
    return tags[0] if tags else None


def read_oncalls(organisation: Path, catalog: Catalog, now: datetime) -> list[Record]:
    """Entries of the rota; `current` when the entry covers `now` or has no end at all."""
    people = {e["email"]: e["ref"] for e in catalog.entities.values() if e["email"]}
    teams = {e["team_id"]: e["ref"] for e in catalog.entities.values() if e["team_id"]}
    entries = []
    for item in _json(organisation / "feeds/oncalls.json")["oncalls"]:
        policy = item["escalation_policy"]
        team_ids = {team["id"] for team in policy.get("teams") or ()}
        entry = {
            "ref": people[item["user"]["email"]],
            "level": item["escalation_level"],
            "start": instant(item["start"]),
            "end": instant(item["end"]),
            "team_ids": team_ids,
            "service_ids": {service["id"] for service in policy.get("services") or ()},
            "groups": tuple(sorted(teams[one] for one in team_ids if one in teams)),
        }
        entries.append({**entry, "current": covers(entry, now)})
    return entries


def covers(entry: Record, moment: datetime) -> bool:
    """Whether a rota entry is on duty at `moment`; its end is not in it."""
    start, end = entry["start"], entry["end"]
    return (start is None or start <= moment) and (end is None or moment < end)


def read_slos(organisation: Path, catalog: Catalog) -> list[Record]:
    """OpenSLO objectives with the budget left, as percent; NaN and no sample are both None."""
    left: dict[str, float] = {}
    for sample in _json(organisation / "feeds/slo_status.json")["data"]["result"]:
        left[sample["metric"]["slo"]] = float(sample["value"][1])
    slos = []
    for path in sorted((organisation / "feeds/slos").iterdir()):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if not document or document.get("kind") != "SLO":
                continue
            spec, name = document["spec"], document["metadata"]["name"]
            objective = spec["objectives"][0]
            budget = left.get(name, math.nan)
            known = catalog.entities.get(full_ref(spec["service"], "component"))
            slos.append(
                {
                    "ref": f"slo:{name}",
                    "target": objective.get("targetPercent", objective.get("target", 0) * 100),
                    "window": spec["timeWindow"][0]["duration"],
                    "indicator": objective.get("displayName", "").lower(),
                    "budget": None if math.isnan(budget) else budget * 100,
                    "breached": budget <= 0,
                    **located([known] if known else []),
                }
            )
    return slos


def read_findings(organisation: Path, catalog: Catalog) -> list[Record]:
    """SARIF results, keyed by the repository that the file is named after."""
    findings = []
    for path in sorted((organisation / "feeds/sarif").glob("*.sarif")):
        owners = [c for c in catalog.components() if _stem(c["repository"]) == path.stem]
        for run in _json(path)["runs"]:
            driver = run["tool"]["driver"]
            rules = {rule["id"]: rule for rule in driver.get("rules") or ()}
            findings += [
                {
                    "tool": driver["name"],
                    "rule": result.get("ruleId"),
                    "severity": _severity(result, rules.get(result.get("ruleId"), {})),
                    "suppressed": bool(result.get("suppressions")),
                    **located(owners),
                }
                for result in run["results"]
            ]
    return findings


def _severity(result: Record, rule: Record) -> str:
    score = (rule.get("properties") or {}).get("security-severity")
    if score is not None:
        bands = ((CRITICAL, "critical"), (HIGH, "high"), (MEDIUM, "medium"))
        return next((name for bound, name in bands if float(score) >= bound), "low")
    default = (rule.get("defaultConfiguration") or {}).get("level", "warning")
    return LEVELS[result.get("level") or default]


def read_scorecards(organisation: Path) -> dict[str, Record]:
    """OpenSSF results by repository name; a check of -1 is inconclusive and becomes None."""
    scores: dict[str, Record] = {}
    for path in sorted((organisation / "feeds/scorecards").glob("*.json")):
        card = _json(path)
        checks = {c["name"]: c["score"] if c["score"] >= 0 else None for c in card["checks"]}
        scores[card["repo"]["name"].rsplit("/", 1)[-1]] = {"score": card["score"], **checks}
    return scores


def read_alerts(organisation: Path, catalog: Catalog) -> list[Record]:
    """Alert rules by name; a rule fires while one of its instances is active.

    Its runbook is the one it links to, else the page that names it, in its front matter or as code.
    """
    named = {
        alert: f"runbooks/{path.name}"
        for path in sorted((organisation / "runbooks").glob("*.md"))
        for text in (path.read_text(encoding="utf-8"),)
        for alert in (*(_front_matter(text).get("alerts") or ()), *re.findall(r"`(\w+)`", text))
    }
    states: dict[str, set[str]] = defaultdict(set)
    since: dict[str, datetime] = {}
    for alert in _json(organisation / "feeds/alertmanager.json"):
        name, state = alert["labels"]["alertname"], alert["status"]["state"]
        states[name].add(state)
        started = instant(alert["startsAt"])
        if started and state == "active":
            since[name] = min(started, since.get(name, started))
    rules = []
    for path in sorted((organisation / "feeds/alerts").iterdir()):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            for rule in (r for r in group["rules"] if "alert" in r):
                name, labels = rule["alert"], rule.get("labels") or {}
                known = catalog.entities.get(full_ref(labels.get("service", ""), "component"))
                rules.append(
                    {
                        "ref": f"alert:{name}",
                        "name": name,
                        "severity": labels.get("severity"),
                        "firing": "active" in states[name],
                        "silenced": states[name] == {"suppressed"},
                        "at": since.get(name),
                        "runbook": _runbook_path((rule.get("annotations") or {}).get("runbook_url"))
                        or named.get(name),
                        "linked": bool((rule.get("annotations") or {}).get("runbook_url")),
                        **located([known] if known else []),
                    }
                )
    return rules


def read_runbooks(organisation: Path, catalog: Catalog, alerts: Iterable[Record]) -> list[Record]:
    """Runbook pages with the components that a page, a link or an alert rule names."""
    pages: dict[str, set[str]] = {}
    reviewed: dict[str, date | None] = {}
    for path in sorted((organisation / "runbooks").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        front = _front_matter(text)
        name = front.get("service") or _named(text)
        key = f"runbooks/{path.name}"
        pages[key] = {full_ref(name, "component")} if name else set()
        reviewed[key] = date.fromisoformat(r) if (r := front.get("last_reviewed")) else None
    for alert in alerts:
        pages.setdefault(alert["runbook"], set()).update(alert["component"])
    for component in catalog.components():
        for url in component["links"]:
            pages.setdefault(_runbook_path(url) or "", set()).add(component["ref"])
    return [
        {
            "ref": f"runbook:{path}",
            "reviewed": reviewed[path],
            **located([catalog.entities[r] for r in sorted(refs) if r in catalog.entities]),
        }
        for path, refs in sorted(pages.items(), key=lambda page: str(page[0]))
        if path in reviewed
    ]


def _front_matter(text: str) -> Record:
    return dict(yaml.safe_load(text.split("---")[1])) if text.startswith("---") else {}


def _named(text: str) -> str | None:
    found = re.search(r"Component: `([^`]+)`", text)
    return found.group(1) if found else None


def _runbook_path(url: str | None) -> str | None:
    return "runbooks/" + url.rsplit("/", 1)[-1] if url else None


def read_facts(organisation: Path) -> dict[str, Record]:
    """Columns of every CSV under `feeds/facts`, by ref; an empty cell is no value."""
    facts: dict[str, Record] = defaultdict(dict)
    for path in sorted((organisation / "feeds/facts").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                ref = full_ref(row.pop("entity_ref"), "component")
                facts[ref].update({column: _typed(cell) for column, cell in row.items()})
    return facts


def _typed(cell: str) -> Any:
    if cell in {"true", "false"}:
        return cell == "true"
    for read in (int, float, date.fromisoformat):
        try:
            return read(cell)
        except ValueError:
            continue
    return cell or None


def _stem(repository: str | None) -> str:
    return (repository or "").rsplit("/", 1)[-1]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
