"""Prompts for people on call: the facts are gathered here, each by a plan, so that the model only has to word them.

A brief that is written at 3 a.m. must not depend on a model choosing the right questions: every section is always there, and
says so when it is empty or when no source provides it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import mcp_types as types

from assistant.answer import Answer, Result, Status
from catalog_store.errors import BadRequest
from mcp_server.arguments import meant
from mcp_server.bounds import brief, cut
from mcp_server.call import Call
from mcp_server.names import resolve
from mcp_server.tools.answers import source

MOST_DAYS, USUAL_DAYS = 31, 7
"""How far a hand-over looks back."""

LISTED, NAMED, SECTION_CHARS, LINE_CHARS, CITED = 15, 3, 1_500, 200, 5
"""Of one section: things in it, those its sentence tells all about, characters of the sentence and of a line, sources."""

Plan = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PromptRow:
    """One prompt.

    Attributes:
        name, title, description: as they are listed.
        arguments: what it takes.
        write: gathers the facts and says what to make of them.
    """

    name: str
    title: str
    description: str
    arguments: tuple[types.PromptArgument, ...]
    write: Callable[[Call, dict[str, str]], str]

    @property
    def listed(self) -> types.Prompt:
        """As `prompts/list` shows it."""
        return types.Prompt(
            name=self.name,
            title=self.title,
            description=self.description,
            arguments=list(self.arguments),
        )


def get_prompt(call: Call, name: str, given: dict[str, str]) -> types.GetPromptResult:
    """A prompt with its facts filled in.

    Raises:
        BadRequest: no prompt is called so, or an argument is missing or fits nothing.
    """
    row = next((row for row in PROMPTS if row.name == name), None)
    names = [row.name for row in PROMPTS]
    if row is None:
        raise BadRequest(
            f"no prompt is called {name!r}{meant(name, names)}; known are {', '.join(names)}"
        )
    known = [argument.name for argument in row.arguments]
    for other in given:
        if other not in known:
            raise BadRequest(
                f"{other}: no such argument{meant(other, known)}; known are {', '.join(known)}"
            )
    for argument in row.arguments:
        if argument.required and not given.get(argument.name, "").strip():
            raise BadRequest(f"{argument.name}: missing; {argument.description}")
    text = types.TextContent(type="text", text=row.write(call, given))
    return types.GetPromptResult(
        description=row.description, messages=[types.PromptMessage(role="user", content=text)]
    )


# ── sets and sections ────────────────────────────────────────────────────────────────────────────


def _is(field: str, value: Any, op: str = "eq") -> Plan:
    return {"node": "compare", "field": field, "op": op, "value": value}


def _the(ref: str) -> Plan:
    return {"node": "select", "where": _is("ref", ref)}


def _records(kind: str, relation: str, of: Plan, *where: Plan) -> Plan:
    parts = [*where, {"node": "related", "relation": relation, "to": of}]
    return {"node": "select", "kinds": [kind], "where": {"node": "all", "of": parts}}


def _on_call(ref: str) -> Plan:
    shifts = _records("Shift", "answersFor", _the(ref), _is("active", value=True))
    where = {"node": "related", "relation": "hasShift", "to": shifts}
    return {"node": "select", "kinds": ["User"], "where": where}


def _along(ref: str, relation: str, hops: int | None = 1) -> Plan:
    return {"node": "traverse", "start": _the(ref), "relation": relation, "hops": hops}


def _bad_deployments(of: Plan, since: str) -> Plan:
    went_wrong = {"node": "any", "of": [_is("outcome", "failure"), _is("rolled_back", value=True)]}
    return _records("Deployment", "deploymentOf", of, _is("at", since, "ge"), went_wrong)


def _since(now: datetime, days: int) -> str:
    return (now - timedelta(days=days)).isoformat()


def _section(call: Call, heading: str, plan: Plan) -> str:
    answer = call.seen.ask(None, now=call.now, asker=call.asker, plan=plan, limit=LISTED)
    return f"## {heading}\n\n{_said(answer)}"


def _said(answer: Answer) -> str:
    """An answer in a few lines, with where it was read; an empty one keeps its own words."""
    lines = [cut(answer.text, SECTION_CHARS)]
    if answer.status is Status.ANSWERED:
        if answer.total > NAMED:
            lines += [_line(result) for result in answer.results]
        places = [source(c.path, c.lines) for c in answer.citations[:CITED]]
        if places:
            lines.append("Read in: " + ", ".join(places))
    return "\n".join(lines)


def _line(result: Result) -> str:
    """One thing with what is known of it: the sentence above names only a few, and records have no name worth reading."""
    known = "; ".join(
        f"{key} {brief(value)}" for key, value in result.fields.items() if value is not None
    )
    return f"- {result.ref}" + (f": {cut(known, LINE_CHARS)}" if known else "")


_RULES = (
    "Use only the facts below; they were read from the catalog a moment ago. Keep names, times and references as they are. "
    "Where a section says that nothing matches, or that the catalog does not hold it, say so in a word rather than leave it out: "
    "whoever reads this must be able to tell 'none' from 'not known'. Guess nothing."
)


# ── the prompts ──────────────────────────────────────────────────────────────────────────────────


def _page_brief(call: Call, given: dict[str, str]) -> str:
    ref = resolve(call, given["service"], argument="service", prefer="Component")
    page = call.seen.entity(ref)
    the = _the(ref)
    sections: tuple[tuple[str, Plan], ...] = (
        ("Owner", _along(ref, "ownedBy")),
        ("On call now", _on_call(ref)),
        ("Open incidents", _records("Incident", "incidentOn", the, _is("open", value=True))),
        ("Firing alerts", _records("Alert", "alertOn", the, _is("state", "active"))),
        ("Breached SLOs", _records("SLO", "sloOf", the, _is("breached", value=True))),
        (
            "Deployed in the last three days",
            _records("Deployment", "deploymentOf", the, _is("at", _since(call.now, 3), "ge")),
        ),
        ("Runbooks", _along(ref, "hasRunbook")),
        ("Unhealthy among what it uses", _unhealthy_below(ref)),
        ("What breaks with it, all hops", _along(ref, "usedBy", None)),
    )
    body = "\n\n".join(_section(call, heading, plan) for heading, plan in sections)
    described = f" — {cut(page.description, 300)}" if page.description else ""
    return (
        f"Write a brief for the person who has just been paged about {page.title} ({ref}){described}. "
        "Five to ten short lines, most urgent first: what is broken now, what changed lately, who to call, which runbook to "
        f"open, what else breaks with it. {_RULES}\n\nAs of {call.now.isoformat(timespec='minutes')}.\n\n{body}\n"
    )


def _unhealthy_below(ref: str) -> Plan:
    used = {"node": "related", "relation": "usedBy", "to": _the(ref), "hops": None}
    where = {"node": "all", "of": [_is("healthy", value=False), used]}
    return {"node": "select", "kinds": ["Component"], "where": where}


def _hand_over(call: Call, given: dict[str, str]) -> str:
    ref = resolve(call, given["team"], argument="team", prefer="Group")
    days = _days(given.get("days") or str(USUAL_DAYS))
    page = call.seen.entity(ref)
    since = _since(call.now, days)
    owned: Plan = {
        "node": "select",
        "kinds": ["Component"],
        "where": {"node": "related", "relation": "ownedWithin", "to": _the(ref)},
    }
    sections: tuple[tuple[str, Plan], ...] = (
        ("On call now", _on_call(ref)),
        ("Open incidents", _records("Incident", "incidentOn", owned, _is("open", value=True))),
        (
            f"Incidents opened in the last {days} days",
            _records("Incident", "incidentOn", owned, _is("created_at", since, "ge")),
        ),
        ("Firing alerts", _records("Alert", "alertOn", owned, _is("state", "active"))),
        ("Breached SLOs", _records("SLO", "sloOf", owned, _is("breached", value=True))),
        (
            f"Deployments that failed or were rolled back in the last {days} days",
            _bad_deployments(owned, since),
        ),
        (
            f"Deployments in the last {days} days",
            _records("Deployment", "deploymentOf", owned, _is("at", since, "ge")),
        ),
    )
    body = "\n\n".join(_section(call, heading, plan) for heading, plan in sections)
    return (
        f"Write the on-call hand-over of {page.title} ({ref}) for the last {days} days. Open matters first, each with its next "
        f"step where one is known; then what happened and is over; then what to keep an eye on. {_RULES}\n\n"
        f"As of {call.now.isoformat(timespec='minutes')}.\n\n{body}\n"
    )


def _days(text: str) -> int:
    try:
        days = int(text)
    except ValueError:
        days = 0
    if not 1 <= days <= MOST_DAYS:
        raise BadRequest(f"days: expected a whole number from 1 to {MOST_DAYS}, got {text!r}")
    return days


PROMPTS: tuple[PromptRow, ...] = (
    PromptRow(
        "page_brief",
        "Page brief for a service",
        "What the person paged about a service needs to know: what is broken, what changed, who to call, which runbook.",
        (
            types.PromptArgument(
                name="service", description="The service's name or reference.", required=True
            ),
        ),
        _page_brief,
    ),
    PromptRow(
        "hand_over",
        "On-call hand-over of a team",
        "What the next person on call takes over: open incidents, firing alerts, breached SLOs, deployments that went wrong.",
        (
            types.PromptArgument(
                name="team", description="The team's name or reference.", required=True
            ),
            types.PromptArgument(
                name="days",
                description=f"How many days it looks back, 1 to {MOST_DAYS}; {USUAL_DAYS} when left out.",
                required=False,
            ),
        ),
        _hand_over,
    ),
)
