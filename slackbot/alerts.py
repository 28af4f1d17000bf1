"""What a message in a channel is about, when an alerting tool wrote it: alert, service, team, runbook.

Read are the texts, attachments, fields and blocks of a message, as Alertmanager, Grafana, PagerDuty, Opsgenie and others
post them; nothing is guessed from prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_LINK = re.compile(r"<(https?://[^|>\s]+)(?:\|([^>]*))?>")
_URL = re.compile(r"https?://[^\s|<>\"')]+")

_STATE = re.compile(
    r"\[(?:FIRING|RESOLVED|ALERTING|OK|NO DATA)(?::\s*\d+)?\]\s*(?:\[[^\]]*\]\s*)?([A-Za-z_][\w.:-]*)",
    re.IGNORECASE,
)
"""`[FIRING:2] LedgerReplicaLag (ledger production)`: Alertmanager's and Grafana's titles."""

_LABEL = re.compile(
    r"(?:^|[\s*•\-{(,`])(alertname|alert|service|app|application|component|job|team|owner|runbook(?:_url)?)\*?\s*[=:]\*?\s*"
    r"[`\"']?(<[^>]+>|[\w./:@-]+)",
    re.IGNORECASE | re.MULTILINE,
)
"""`alertname=X`, `*Service:* ledger`, `- service = ledger`."""

_CAMEL = re.compile(r"\b[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+\b")
"""`LedgerReplicaLag`: how Prometheus alerts are named."""

_KEBAB = re.compile(r"\b[a-z0-9]+(?:-[a-z0-9]+)+\b")
"""`ledger-core`: how services are named."""

MOST = 12
"""Names considered; a message with more of them is a page of logs."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What a message says it is about.

    Attributes:
        alerts: alert names, surest first.
        things: names of services or components, surest first.
        teams: names of teams.
        runbooks: links to runbooks.
        title: the first line, plain.
    """

    alerts: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    runbooks: tuple[str, ...] = ()
    title: str = ""


def understand(message: Mapping[str, Any]) -> Alert:
    """What a message is about.

    Args:
        message: as Slack hands it over.

    >>> understand({"text": "[FIRING:1] LedgerLag (ledger-core prod)"}).alerts
    ('LedgerLag',)
    """
    texts = list(_texts(message))
    whole = "\n".join(text for _, text in texts)
    things: list[str] = []
    teams: list[str] = []
    runbooks: list[str] = []
    alerts = [match[1] for match in _STATE.finditer(_unlinked(whole))]
    for name, text in texts:
        if name:
            _sort(name, text, alerts, things, teams, runbooks)
    for match in _LABEL.finditer(whole):
        _sort(match[1], match[2], alerts, things, teams, runbooks)
    for url, shown in _LINK.findall(whole):
        if "runbook" in f"{url} {shown}".lower():
            runbooks.append(url)
    runbooks += [url for url in _URL.findall(whole) if "runbook" in url.lower()]
    plain = _URL.sub(" ", _unlinked(whole))
    alerts += _CAMEL.findall(plain)
    things += _KEBAB.findall(plain)
    title = next((line.strip() for line in plain.splitlines() if line.strip()), "")
    return Alert(_unique(alerts), _unique(things), _unique(teams), _unique(runbooks), title[:200])


def _sort(
    name: str,
    text: str,
    alerts: list[str],
    things: list[str],
    teams: list[str],
    runbooks: list[str],
) -> None:
    link = _LINK.search(text)
    key = name.strip(" *:_").lower().replace(" ", "_")
    if key.startswith("runbook"):
        found = link[1] if link else next(iter(_URL.findall(text)), "")
        runbooks.extend([found] if found else [])
        return
    value = (link[2] or "" if link else text).strip(" `*\"'")
    if not value or len(value) > 100 or value.startswith("http"):
        return
    if key in ("alertname", "alert", "alert_name", "rule"):
        alerts.append(value)
    elif key in ("service", "app", "application", "component", "job", "impacted_service"):
        things.append(value)
    elif key in ("team", "owner", "responders", "assigned_team"):
        teams.append(value)


def _texts(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(field's name or "", text), in reading order."""
    yield "", str(message.get("text") or "")
    for block in message.get("blocks") or ():
        yield from _of_block(block)
    for attachment in message.get("attachments") or ():
        for key in ("pretext", "title", "text", "fallback", "footer"):
            yield "", str(attachment.get(key) or "")
        if "runbook" in str(attachment.get("title_link") or "").lower():
            yield "runbook", str(attachment["title_link"])
        for field in attachment.get("fields") or ():
            yield str(field.get("title") or ""), str(field.get("value") or "")
        for action in attachment.get("actions") or ():
            yield str(action.get("text") or ""), str(action.get("url") or "")
        for block in attachment.get("blocks") or ():
            yield from _of_block(block)


def _of_block(block: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text of a block, and its links as Slack writes them."""
    kind = block.get("type")
    if kind == "link":
        yield "", f"<{block.get('url')}|{block.get('text') or ''}>"
    elif kind == "button" and block.get("url"):
        yield str((block.get("text") or {}).get("text") or ""), str(block["url"])
    elif isinstance(block.get("text"), str):
        yield "", str(block["text"])
    elif isinstance(block.get("text"), dict):
        yield "", str(block["text"].get("text") or "")
    for name in ("fields", "elements"):
        for inner in block.get(name) or ():
            if isinstance(inner, dict):
                yield from _of_block(inner)


def _unlinked(text: str) -> str:
    return _LINK.sub(lambda m: m[2] or " ", text)


def _unique(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:MOST]
