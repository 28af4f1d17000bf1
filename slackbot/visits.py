"""What people see of the bot without asking it anything in words: App Home, suggested prompts, unfurled links, the shortcut."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.callers import ANYONE
from app.observe import log
from assistant.answer import Answer, Status
from catalog_store.errors import CatalogError
from catalog_store.model import kinds as k
from slackbot.alerts import Alert, understand
from slackbot.asking import Found, Query, caller_of
from slackbot.blocks.alert import alert_message, nothing_found
from slackbot.blocks.home import Section, home_view
from slackbot.blocks.limits import PROMPTS, Block, clip
from slackbot.blocks.unfurl import document_unfurl, entity_unfurl
from slackbot.courier import Undelivered
from slackbot.desk import Desk, message_id, shown_of, spot_of
from slackbot.ledger import Job
from slackbot.links import ref_of
from slackbot.people import Person, one_by

HOME = (
    ("My services", "my services", "You own no services."),
    ("On call now", "who is on call for my services", "Nobody is on call for what is yours."),
    ("Open incidents", "open incidents of my services", "No open incident on what is yours."),
    (
        "Not deployed in 60 days",
        "my services not deployed in 60 days",
        "Everything of yours was deployed in the last 60 days.",
    ),
)
"""Heading, question, and what an empty answer means."""

MOST_LINKS = 10
"""Links unfurled of one message."""

TRIED = 6
"""Names of an alert message that are looked up."""


class Visits:
    """App Home, prompts, links and the message shortcut."""

    def __init__(self, desk: Desk) -> None:
        """Adds the shortcut to the desk's handlers."""
        self._desk = desk
        self._p = desk.premises
        desk.handlers["shortcut"] = self.about

    # ── App Home ─────────────────────────────────────────────────────────────────────────────────

    async def home(self, user: str) -> None:
        """Publish somebody's App Home; it says itself what could not be looked up."""
        person = await self._p.directory.person(user)
        if person.outsider and not self._p.external:
            view = home_view(
                [], base=None, note="The catalog is internal: guests see nothing here."
            )
        elif person.ref is None:
            view = home_view([], base=self._p.base, note=_unknown(person))
        else:
            sections = await asyncio.gather(
                *(self._section(person, title, question, none) for title, question, none in HOME)
            )
            as_of = f"{self._p.clock():%Y-%m-%d %H:%M} UTC"
            view = home_view(sections, base=self._p.base, as_of=as_of)
        try:
            await self._p.courier.call("views.publish", {"user_id": user, "view": view})
        except Undelivered as error:
            log(logging.ERROR, "slack home not published", error=str(error))

    async def _section(self, person: Person, title: str, question: str, nothing: str) -> Section:
        try:
            found = await self._ask(person.ref, question, asked=False)
        except Exception as error:  # noqa: BLE001  one section less is better than no home
            log(logging.ERROR, "slack home section failed", title=title, error=type(error).__name__)
            return Section(title, question, None, nothing)
        return Section(title, question, found.answer, nothing)

    async def _ask(self, asker: str | None, question: str, *, asked: bool = True) -> Found:
        query = Query(question, asker=asker, now=self._p.clock(), limit=25, asked=asked)
        return await self._p.asking.ask(query)

    # ── prompts ──────────────────────────────────────────────────────────────────────────────────

    async def prompts(self, channel: str, user: str, thread: str | None = None) -> None:
        """Suggest what can be asked, in the messages tab; missing prompts harm nobody, so a failure is only logged."""
        person = await self._p.directory.person(user)
        mine = [question for _, question, _ in HOME] if person.ref else []
        with self._p.asking.live.serving() as serving:
            seen = serving.seen_by(caller_of(person.ref))
            general = [s.text for s in seen.suggest("", limit=PROMPTS)]
        texts = [*mine[:2], *general][:PROMPTS]
        arguments: dict[str, Any] = {
            "channel_id": channel,
            "title": "Ask the software catalog",
            "prompts": [{"title": clip(t, 75), "message": t} for t in texts],
            **({"thread_ts": thread} if thread else {}),
        }
        try:
            await self._p.courier.call("assistant.threads.setSuggestedPrompts", arguments)
        except Undelivered as error:
            log(logging.WARNING, "slack prompts not set", error=str(error))

    # ── links ────────────────────────────────────────────────────────────────────────────────────

    async def unfurl(self, event: Mapping[str, Any], *, shared: bool | None) -> None:
        """Unfurl links to the catalog, with what everybody may see; never where other organisations read."""
        channel = str(event.get("channel") or "")
        if channel != "COMPOSER":
            place = await self._p.directory.place(
                channel, shared=shared, direct=channel.startswith("D")
            )
            if place.shared and not self._p.external:
                return
        elif shared and not self._p.external:
            return
        urls = [str(link["url"]) for link in event.get("links") or ()][:MOST_LINKS]
        unfurls = await asyncio.to_thread(self._unfurls, urls)
        if not unfurls:
            return
        where = (
            {"unfurl_id": event["unfurl_id"], "source": event.get("source")}
            if event.get("unfurl_id")
            else {"channel": channel, "ts": event["message_ts"]}
        )
        try:
            await self._p.courier.call("chat.unfurl", {**where, "unfurls": unfurls})
        except Undelivered as error:
            log(logging.WARNING, "slack links not unfurled", error=str(error))

    def _unfurls(self, urls: list[str]) -> dict[str, dict[str, list[Block]]]:
        made = {}
        with self._p.asking.live.serving() as whole:
            serving = whole.seen_by(ANYONE)
            for url in urls:
                ref = ref_of(url)
                if ref is None:
                    continue
                try:
                    if ref.startswith(("doc:", "runbook:")):
                        blocks = document_unfurl(serving.document(ref))
                    else:
                        blocks = entity_unfurl(serving.entity(ref))
                except CatalogError:  # nothing of ours: Slack shows the link as it is
                    continue
                made[url] = {"blocks": blocks}
        return made

    # ── the shortcut ─────────────────────────────────────────────────────────────────────────────

    async def about(self, job: Job) -> None:
        """Runbook, owner and who is on call for what a message is about."""
        payload = job.payload
        person = await self._p.directory.person(payload["user"])
        spot = spot_of(payload)
        refusal = await self._desk.refusal(payload, person)
        if refusal is not None:
            await self._p.courier.whisper(spot, refusal)
            return
        alert = understand(payload["message"])
        things = await asyncio.to_thread(self._known, alert, person.ref)
        founds = await self._answers(alert, things, person)
        if not founds:
            await self._p.courier.whisper(spot, nothing_found(alert))
            return
        owner = next((f.owner for f in founds if f.owner), None)
        first = replace(founds[0], owner=owner)
        question = f"runbook for {(*alert.alerts, *things)[0]}" if alert.alerts or things else ""
        shown = shown_of(first, message_id(job.key), spot, question)
        frame = self._desk.frame(shown, first, person)
        message = alert_message(alert, [f.answer for f in founds], replace(frame, pageable=None))
        await self._desk.deliver(job, spot, shown, message)

    async def _answers(self, alert: Alert, things: list[str], person: Person) -> list[Found]:
        """Everything the catalog answers about an alert, most useful first."""
        founds: list[Found] = []
        for name in alert.alerts[:2]:
            founds += await self._answered(person, f"runbook for {name}")
        if things:
            if not founds:
                founds += await self._answered(person, f"runbook for {things[0]}")
            founds += await self._answered(person, f"who owns {things[0]}")
            founds += await self._answered(person, f"who is on call for {things[0]}")
        elif alert.teams:
            founds += await self._answered(person, f"who is on call for the {alert.teams[0]} team")
        return founds

    async def _answered(self, person: Person, question: str) -> list[Found]:
        found = await self._ask(person.ref, question)
        answer: Answer = found.answer
        return [found] if answer.status is Status.ANSWERED and not answer.options else []

    def _known(self, alert: Alert, asker: str | None) -> list[str]:
        """Components that are called exactly so, words joined or apart, and alone; a near name would be the wrong owner at night."""
        known: list[str] = []
        with self._p.asking.live.serving() as whole:
            seen = whole.seen_by(caller_of(asker))
            for said in alert.things[:TRIED]:
                name = "-".join(said.rpartition("/")[2].lower().split())
                ref = one_by(seen, k.COMPONENT, "name", name, self._p.clock())
                if ref is not None:
                    known.append(ref.rpartition("/")[2])
        return list(dict.fromkeys(known))


def _unknown(person: Person) -> str:
    if person.trouble:
        return f"I could not look up who you are: Slack said {person.trouble}."
    return (
        "Your Slack e-mail address is not that of a user in the catalog, so nothing here is yours yet. The annotation "
        f"slack.com/user-id: {person.slack_id} on your User makes you known."
    )
