"""Where a field's value stands in a raw entity: `Field.paths`, resolved.

`metadata.annotations.<rest>` and `metadata.labels.<rest>` take the rest as one key, since annotation keys hold
dots; `*/tier` there stands for any key that ends in `/tier`. `links.…` and `template.…` are computed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from indexer.raw import RawEntity
from indexer.yaml_lines import KeyPath

MAPS = ("annotations", "labels")

LINK_WORDS = {
    "dashboard": re.compile(r"dashboard|grafana|kibana|datadog|\bmetrics?\b", re.IGNORECASE),
    "docs": re.compile(
        r"\bdocs?\b|documentation|techdocs|\bwiki\b|confluence|\bguide\b", re.IGNORECASE
    ),
    "slack": re.compile(r"slack", re.IGNORECASE),
    "runbook": re.compile(r"run-?\s?book|play-?\s?book", re.IGNORECASE),
    "logs": re.compile(
        r"\blogs?\b|\blogging\b|kibana|\bloki\b|splunk|papertrail|graylog|loggly", re.IGNORECASE
    ),
    "traces": re.compile(
        r"\btraces?\b|\btracing\b|\btempo\b|jaeger|zipkin|honeycomb|lightstep|x-?ray\b|\bapm\b",
        re.IGNORECASE,
    ),
    "secrets": re.compile(r"\bvault\b|\bsecrets?\b|secrets[-_ ]?manager", re.IGNORECASE),
    "ci": re.compile(
        r"\bci(?:/cd)?\b|jenkins|circle-?ci|buildkite|teamcity|\bbuilds?\b|\bpipelines?\b|github actions",
        re.IGNORECASE,
    ),
}
"""What a link's type, title or icon says when it is of this sort."""

ADDRESSES = {
    "logs": re.compile(
        r"kibana|splunk|/app/discover|datadoghq\.(?:com|eu)/logs|logz\.io|papertrailapp|graylog|/explore\?.*loki"
        r"|cloudwatch/.*logs|/logs/(?:query|viewer)",
        re.IGNORECASE,
    ),
    "traces": re.compile(
        r"jaeger|zipkin|honeycomb\.io|datadoghq\.(?:com|eu)/apm/traces|lightstep|/explore\?.*tempo|/xray/|/traces(?:[/?]|$)",
        re.IGNORECASE,
    ),
    "ci": re.compile(
        r"/actions/workflows/|/-/pipelines|circleci\.com|buildkite\.com|jenkins|teamcity",
        re.IGNORECASE,
    ),
}
"""What the address of a link says when its words say nothing."""

_PLAIN_DASHBOARD = re.compile(r"dashboard|grafana|\bmetrics?\b", re.IGNORECASE)
_ELSEWHERE = ("logs", "traces")
"""Sorts that share their tools with dashboards: Kibana and Datadog show all three."""

_SLACK_CHANNEL = re.compile(r"#[a-z0-9][\w-]*|(?<=/channels/)[a-z0-9][\w-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A raw value and where it stands.

    Attributes:
        value: anything YAML can hold, never None.
        path: of the value, or of what it was computed from.
        from_map: it is an annotation or a label, which can only hold text.
    """

    value: Any
    path: KeyPath
    from_map: bool = False


def find_value(entity: RawEntity, path: str) -> Found | None:
    """The value at one path of the field table; None when the entity holds none."""
    head, _, rest = path.partition(".")
    if head == "links":
        return _link_value(entity, rest)
    if head == "template":
        return _parameters(entity)
    name, _, key = rest.partition(".")
    if head == "metadata" and name in MAPS and key:
        return _from_map(entity, name, key)
    steps = tuple(path.split("."))
    value = entity.at(steps)
    return None if value is None else Found(value, steps)


def _from_map(entity: RawEntity, name: str, key: str) -> Found | None:
    values = entity.section("metadata", name)
    if key.startswith("*/"):
        key = next((k for k in values if k.endswith(key[1:]) and values[k] is not None), "")
    value = values.get(key)
    return None if value is None else Found(value, ("metadata", name, key), from_map=True)


def links(entity: RawEntity) -> list[tuple[dict[str, str], KeyPath]]:
    """Every usable link: its texts (url, title, icon, type) and where it stands."""
    rows = entity.at(("metadata", "links"))
    found: list[tuple[dict[str, str], KeyPath]] = []
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict) and isinstance(row.get("url"), str) and row["url"].strip():
            texts = {
                k: str(row[k]).strip()
                for k in ("url", "title", "icon", "type")
                if isinstance(row.get(k), str | int)
            }
            found.append((texts, ("metadata", "links", number)))
    return found


def links_of_sort(entity: RawEntity, sort: str) -> list[tuple[dict[str, str], KeyPath]]:
    """Links whose type, title or icon says they are of a sort of `LINK_WORDS`; else those whose address does."""
    found = links(entity)
    said = [(link, path) for link, path in found if _says(link, sort)]
    if said or sort not in ADDRESSES:
        return said
    return [
        (link, path)
        for link, path in found
        if ADDRESSES[sort].search(link["url"]) and not any(_says(link, one) for one in LINK_WORDS)
    ]


def _says(link: dict[str, str], sort: str) -> bool:
    words = " ".join(link.get(part, "") for part in ("type", "title", "icon"))
    if not LINK_WORDS[sort].search(words):
        return False
    if sort != "dashboard" or _PLAIN_DASHBOARD.search(words):
        return True
    return not any(LINK_WORDS[other].search(words) for other in _ELSEWHERE)


def _link_value(entity: RawEntity, sort: str) -> Found | None:
    if sort == "*":
        rows = [
            f"{link['title']} <{link['url']}>" if link.get("title") else f"<{link['url']}>"
            for link, _ in links(entity)
        ]
        return Found(rows, ("metadata", "links")) if rows else None
    fitting = links_of_sort(entity, sort) if sort in LINK_WORDS else []
    if not fitting:
        return None
    link, path = fitting[0]
    return Found(slack_channel(link) if sort == "slack" else link["url"], path)


def slack_channel(link: dict[str, str]) -> str:
    """The channel a link leads to as people write it, or its address when it does not say.

    >>> slack_channel({"title": "Ask in #payments", "url": "https://x.slack.com/archives/C01"})
    '#payments'
    """
    match = _SLACK_CHANNEL.search(link.get("title", "")) or _SLACK_CHANNEL.search(link["url"])
    return f"#{match[0].removeprefix('#')}" if match else link["url"]


def _parameters(entity: RawEntity) -> Found | None:
    """What a template asks for, as "Title (name, required)"."""
    steps = entity.at(("spec", "parameters"))
    rows: list[str] = []
    for step in steps if isinstance(steps, list) else [steps]:
        if not isinstance(step, dict) or not isinstance(step.get("properties"), dict):
            continue
        required = step.get("required")
        wanted = (
            {name for name in required if isinstance(name, str)}
            if isinstance(required, list)
            else set()
        )
        rows += [
            _parameter(str(name), spec, name in wanted) for name, spec in step["properties"].items()
        ]
    return Found(list(dict.fromkeys(rows)), ("spec", "parameters")) if rows else None


def _parameter(name: str, spec: object, required: bool) -> str:
    title = spec.get("title") if isinstance(spec, dict) else None
    shown = f"{name}: {title}" if isinstance(title, str) and title.strip() else name
    return f"{shown} (required)" if required else shown
