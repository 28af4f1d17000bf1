"""`find_runbook`: what to do, for an alert, a service or a symptom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from pydantic import Field, model_validator

from assistant.answer import Status
from assistant.entity_page import DocumentPage
from catalog_store.errors import UnknownEntity
from mcp_server.arguments import Arguments, count
from mcp_server.bounds import MAX_RESULT_CHARS, cut, fit
from mcp_server.call import Call
from mcp_server.names import resolve
from mcp_server.tools.answers import Part, source
from mcp_server.tools.base import ToolRow
from mcp_server.uris import uri_of

OUTLINE = 12
"""Headings shown of a runbook."""


class RunbookArguments(Arguments):
    """What is wrong, as far as it is known."""

    alert: str | None = Field(
        default=None,
        min_length=1,
        max_length=300,
        description="The alert's name, as it fires: CheckoutSlow.",
    )
    service: str | None = Field(
        default=None,
        min_length=1,
        max_length=300,
        description="Name or reference of the service that is affected.",
    )
    symptom: str | None = Field(
        default=None,
        min_length=1,
        max_length=1_000,
        description="What is seen, in plain words: replica lag keeps growing.",
    )
    limit: count(1, 10, 3, "Runbooks listed") = 3  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.alert or self.service or self.symptom):
            raise ValueError("expected at least one of alert, service, symptom")
        return self


class FoundRunbook(Part):
    """One runbook: why it is offered, the passage that fits, and what else is in it."""

    ref: str
    title: str
    why: str
    about: tuple[str, ...] = ()
    heading: str | None = None
    text: str | None = Field(default=None, description="The passage that fits, verbatim.")
    source: str
    headings: tuple[str, ...] = ()
    uri: str | None = Field(default=None, description="Resource with the whole runbook.")


class RunbookResult(Part):
    """What `find_runbook` gives, best first."""

    found: int
    runbooks: tuple[FoundRunbook, ...] = ()
    note: str | None = Field(default=None, description="What was not found, and what to try.")


def _find_runbook(call: Call, given: RunbookArguments) -> RunbookResult:
    ref = (
        resolve(call, given.service, argument="service", prefer="Component")
        if given.service
        else None
    )
    notes: list[str] = []
    found: dict[str, FoundRunbook] = {}
    for runbook in _candidates(call, given, ref, notes):
        found.setdefault(runbook.ref, runbook)
    runbooks = tuple(found.values())
    return fit(
        lambda n: RunbookResult(
            found=len(runbooks), runbooks=runbooks[:n], note=" ".join(notes) or None
        ),
        min(given.limit, len(runbooks)),
    )


def _candidates(
    call: Call, given: RunbookArguments, ref: str | None, notes: list[str]
) -> Iterator[FoundRunbook]:
    """The surest first: written for this alert, then of this service (what fits the symptom first), then what fits it."""
    if given.alert:
        by_alert = list(
            _passages(call, f"is written for {given.alert}", text=given.alert, exact=given.alert)
        )
        if not by_alert:
            notes.append(f"No runbook is written for the alert {given.alert!r}.")
        yield from by_alert
    fitting: list[FoundRunbook] = []
    if given.symptom:
        about = {"about": [ref]} if ref else {}
        fitting = list(_passages(call, "fits the symptom", text=given.symptom, **about))
        if not fitting:
            notes.append("No runbook fits the symptom; `search` looks through every page.")
    if ref:
        of_service = list(_of_service(call, ref))
        if not of_service:
            notes.append(f"{ref} has no runbook of its own.")
        own = {runbook.ref for runbook in of_service}
        yield from (runbook for runbook in fitting if runbook.ref in own)
        yield from of_service
    yield from fitting


def _passages(call: Call, why: str, *, text: str, **more: Any) -> Iterator[FoundRunbook]:
    plan = {"node": "retrieve", "text": text, "kinds": ["Runbook"], **more}
    answer = call.ask(None, plan=plan, limit=10)
    if answer.status is not Status.ANSWERED:
        return
    for hit in answer.passages:
        page = _page(call, f"runbook:{hit.path}")
        if page is not None and page.runbook:
            yield _found(page, why, heading=hit.heading, text=hit.text, lines=hit.lines)


def _of_service(call: Call, ref: str) -> Iterator[FoundRunbook]:
    start = {
        "node": "select",
        "where": {"node": "compare", "field": "ref", "op": "eq", "value": ref},
    }
    plan = {"node": "traverse", "start": start, "relation": "hasRunbook"}
    for result in call.ask(None, plan=plan, limit=10).results:
        page = _page(call, result.ref)
        if page is not None:
            lines = (
                (page.passages[0].lines[0], page.passages[-1].lines[1]) if page.passages else (1, 1)
            )
            yield _found(page, f"is a runbook of {ref}", lines=lines)


def _page(call: Call, ref: str) -> DocumentPage | None:
    try:
        return call.seen.document(ref)
    except UnknownEntity:
        return None


def _found(
    page: DocumentPage,
    why: str,
    *,
    lines: tuple[int, int],
    heading: str | None = None,
    text: str | None = None,
) -> FoundRunbook:
    headings = dict.fromkeys(cut(p.heading, 80) for p in page.passages if p.heading)
    return FoundRunbook(
        ref=page.ref,
        title=cut(page.title, 120),
        why=why,
        about=tuple(thing.ref for thing in page.about[:5]),
        heading=cut(heading, 120) if heading else None,
        text=cut(text) if text else None,
        source=source(page.path, lines),
        headings=tuple(headings)[:OUTLINE],
        uri=uri_of(page.ref),
    )


FIND_RUNBOOK = ToolRow(
    name="find_runbook",
    title="Find a runbook",
    description=(
        "The runbook to follow, for an alert by name, a service, a symptom in plain words, or any of them together. Gives the "
        "passage that fits, verbatim with its file and lines, and the headings of the rest; `uri` is the whole runbook. Says "
        f"so when none is written for it. At most {MAX_RESULT_CHARS:,} characters."
    ),
    arguments=RunbookArguments,
    result=RunbookResult,
    run=_find_runbook,
)
