"""A hand-written assistant, so that surfaces are tested without the reading of questions."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from assistant.answer import (
    Answer,
    AnswerKind,
    Chip,
    Citation,
    Interpretation,
    Option,
    PassageHit,
    Result,
    Status,
    Unused,
    ValueRow,
)

SELECT = {"node": "select", "kinds": ["Component"]}
TIERED = {**SELECT, "where": {"node": "compare", "field": "tier", "op": "eq", "value": 1}}
STALE = {
    **SELECT,
    "where": {"node": "compare", "field": "last_deployed_at", "op": "lt", "value": "2026-09-23"},
}


def _span(question: str, words: str) -> tuple[int, int] | None:
    start = question.find(words)
    return (start, start + len(words)) if start >= 0 else None


class StandIn:
    """Answers a handful of questions, each of another shape."""

    def ask(
        self,
        question: str | None,
        *,
        now: datetime,
        asker: str | None = None,
        conversation: str | None = None,
        limit: int = 25,
        plan: dict[str, Any] | None = None,
    ) -> Answer:
        """The answer to a known question; out of scope for any other."""
        text = question or ""
        if plan is not None:
            answer = self._services("", now)
        elif "weather" in text:
            answer = self._refusal(text, now)
        elif text.startswith("how many"):
            answer = self._groups(text, now)
        elif "count" in text:
            answer = self._value(text, now)
        elif "runbook" in text or "rotate" in text:
            answer = self._passages(text, now)
        elif "chekcout" in text:
            answer = self._near(text, now)
        elif "services" in text or "only" in text:
            answer = self._services(text, now)
        else:
            answer = self._owner(text, now, asker)
        return answer.model_copy(
            update={
                "results": answer.results[:limit],
                "conversation": conversation or "c-1",
                "took_ms": 2.4,
            }
        )

    def _reading(self, question: str, now: datetime, text: str, **more: Any) -> Interpretation:
        unused = tuple(
            Unused(text=m.group(), span=m.span())
            for m in re.finditer(r"\b(?:pls|quickly)\b", question)
        )
        return Interpretation(text=text, as_of=now, unused=unused, **{"plan": SELECT, **more})

    def _owner(self, question: str, now: datetime, asker: str | None) -> Answer:
        name = re.sub(r"^who owns |\?$", "", question).strip()
        chip = Chip(field="name", op="eq", value=name, label=name, span=_span(question, name))
        return Answer(
            status=Status.ANSWERED,
            kind=AnswerKind.ENTITIES,
            text=f"**Payments** owns {name}. [1]" + (f" You are {asker}." if asker else ""),
            interpretation=self._reading(question, now, f"the owner of {name}", chips=(chip,)),
            results=(Result(ref="group:default/payments", kind="Group", title="Payments"),),
            total=1,
            citations=(
                Citation(
                    id=1,
                    path="catalog/checkout.yaml",
                    lines=(1, 9),
                    ref="component:default/checkout",
                ),
            ),
            suggestions=("services owned by payments", "who is in payments?"),
        )

    def _services(self, question: str, now: datetime) -> Answer:
        stale = Chip(
            field="last_deployed_at",
            op="lt",
            label="not deployed in 60 days",
            span=_span(question, "not deployed in 60 days"),
            remove=TIERED,
        )
        chips = (
            Chip(
                field="owner",
                op="eq",
                label="owned by Payments",
                span=_span(question, "payments"),
                remove=STALE,
            ),
            *((stale,) if question else ()),
        )
        names = [
            "checkout",
            "refund-service",
            "ledger",
            "card-vault",
            "payout-scheduler",
            "chargeback-desk",
            "fx-rates",
        ]
        results = tuple(
            Result(
                ref=f"component:default/{name}",
                kind="Component",
                title=name.replace("-", " ").title(),
                fields={
                    "owner": "group:default/payments",
                    "tier": 1 + i % 3,
                    "last_deployed_at": None if i == 3 else f"2026-0{9 - i % 6}-1{i}T10:00:00Z",
                },
            )
            for i, name in enumerate(names)
        )
        return Answer(
            status=Status.ANSWERED,
            kind=AnswerKind.ENTITIES,
            text="**7 services** owned by Payments were last deployed more than 60 days ago; 1 of them never was.",
            interpretation=self._reading(
                question,
                now,
                "services owned by group Payments, last production deployment before 2026-09-23 or never",
                chips=chips,
                assumptions=("never-deployed services are included and marked",),
                sql="SELECT ref, title FROM entities WHERE \"owner\" = 'group:default/payments'",
            ),
            results=results,
            total=len(results),
            citations=tuple(
                Citation(
                    id=i,
                    path=f"catalog/{n}/catalog-info.yaml",
                    lines=(1, 20),
                    ref=f"component:default/{n}",
                )
                for i, n in enumerate(names, 1)
            ),
            suggestions=("only tier 1", "and who is on call for those?"),
        )

    def _groups(self, question: str, now: datetime) -> Answer:
        rows = (
            ("payments", "Payments", 9),
            ("checkout", "Checkout", 7),
            ("data", "Data Platform", 4),
            ("web", "Web", 1),
        )
        return Answer(
            status=Status.ANSWERED,
            kind=AnswerKind.TABLE,
            text="**Payments** owns the most services: 9 of 21.",
            interpretation=self._reading(
                question, now, "number of services for each team, most first"
            ),
            rows=tuple(
                ValueRow(key=f"group:default/{k}", label=label, value=v) for k, label, v in rows
            ),
            unit="services",
            total=len(rows),
        )

    def _value(self, question: str, now: datetime) -> Answer:
        return Answer(
            status=Status.ANSWERED,
            kind=AnswerKind.VALUE,
            text="There are **21 services**.",
            interpretation=self._reading(question, now, "number of services"),
            value=21,
            unit="services",
        )

    def _passages(self, question: str, now: datetime) -> Answer:
        text = (
            "## Mitigation\n\nReplication lag is **almost always** a long transaction on the ledger.\n\n"
            "1. Look at the [dashboard](https://example.test/d/ledger).\n"
            "2. Find the oldest transaction:\n\n   ```sql\n   SELECT pid, now() - xact_start FROM pg_stat_activity;\n   ```\n\n"
            "3. Cancel it, then rotate the key.\n\n| lag | do |\n|---|---|\n| < 30 s | wait |\n| > 5 min | page `ledger` |\n\n"
            "<script>document.body.dataset.owned = 'yes'</script> <img src=x onerror=alert(1)>"
        )
        hits = tuple(
            PassageHit(
                path=path,
                ref=f"runbook:{path}",
                title=title,
                heading=heading,
                text=text,
                lines=(12, 31),
                score=0.8 - i / 10,
            )
            for i, (path, title, heading) in enumerate(
                [
                    ("runbooks/ledger-lag.md", "Ledger replication lag", "Mitigation"),
                    ("docs/keys.md", "Handling keys", "Rotating a key"),
                ]
            )
        )
        return Answer(
            status=Status.ANSWERED,
            kind=AnswerKind.PASSAGES,
            text="Replication lag is almost always a long transaction on the ledger. [1]",
            interpretation=self._reading(question, now, "pages about ledger lag"),
            results=(
                Result(
                    ref="runbook:runbooks/ledger-lag.md",
                    kind="Runbook",
                    title="Ledger replication lag",
                ),
            ),
            total=1,
            passages=hits,
            citations=(Citation(id=1, path="runbooks/ledger-lag.md", lines=(12, 31)),),
        )

    def _near(self, question: str, now: datetime) -> Answer:
        options = tuple(
            Option(label=f"component {n}", ref=f"component:default/{n}", question=f"who owns {n}?")
            for n in ("checkout", "checkout-web")
        )
        return Answer(
            status=Status.UNKNOWN_NAME,
            kind=AnswerKind.ENTITIES,
            text="No component named 'chekcout' in the catalog.",
            interpretation=self._reading(question, now, "the owner of 'chekcout'"),
            options=options,
        )

    def _refusal(self, question: str, now: datetime) -> Answer:
        return Answer(
            status=Status.OUT_OF_SCOPE,
            kind=AnswerKind.ENTITIES,
            text="That is not something the catalog or its pages know about.",
            interpretation=self._reading(question, now, ""),
            suggestions=("who owns checkout?",),
        )
