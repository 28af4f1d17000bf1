"""THE FIELD TABLE: one row per fact a question can use.

Columns, SQL schema, lexicon, filters, passage text and docs/fields.md are derived from these rows; adding a
row is the whole extension. Snapshots add rows of their own for annotations, labels and fact columns nobody
declared (`discovered`), which are askable the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from catalog_store.model import kinds as k
from catalog_store.model.kinds import Table


class FieldType(StrEnum):
    """The closed set of value types; each has one DuckDB type, in `derive.py`."""

    KEYWORD = "keyword"
    """Short text out of a modest number of values: compared whole, its values are words of the lexicon."""
    TEXT = "text"
    """Prose: shown and searched, never compared whole."""
    LIST = "list"
    """Several keywords."""
    URL = "url"
    REF = "ref"
    """A typed reference to another thing."""
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    """A moment in UTC."""


@dataclass(frozen=True, slots=True)
class Field:
    """One fact about one table of things.

    Attributes:
        name: the column; unique within its table.
        type: see `FieldType`.
        doc: what it means to a person on call.
        words: nouns people use for it, most usual first.
        table: the table it is a column of.
        kinds: kinds that may hold it; empty means every kind of the table.
        paths: where the value stands in a raw entity, first match wins; dots separate keys, `*` matches one
            annotation or label prefix ("metadata.annotations.*/tier").
        value_words: phrase → value, for values people call by another name ("live" → "production").
        unit: "days", "percent", "usd", …; None for a bare value.
        more: superlative adjectives that mean the largest value ("newest"); less: the smallest.
        derived: computed from other tables at query time; the compiler holds its SQL under this name.
        needs: tables that must hold something for the fact to exist at all; else the answer is `no_such_fact`.
        relation: a REF field that is also an edge: the canonical relation of `relations.py`.
        discovered: added by a snapshot, not declared here.
        searchable: part of the text that is indexed for search.
        rank: position of the column in a result table; None hides it unless asked for.
        examples: questions that use it, for the docs.
    """

    name: str
    type: FieldType
    doc: str
    words: tuple[str, ...] = ()
    table: Table = Table.ENTITIES
    kinds: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    value_words: Mapping[str, str | int | float | bool] = field(default_factory=dict, hash=False)
    unit: str | None = None
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    derived: bool = False
    needs: tuple[Table, ...] = ()
    relation: str | None = None
    discovered: bool = False
    searchable: bool = False
    rank: int | None = None
    examples: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name as shown to people.

        >>> Field("last_deployed_at", FieldType.TIMESTAMP, "").label
        'last deployed at'
        """
        return self.words[0] if self.words else self.name.replace("_", " ")

    def holds(self, kind: str) -> bool:
        """Whether things of this kind may hold the field."""
        return k.table_of(kind) is self.table and (not self.kinds or kind in self.kinds)


_OWNED = (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.DOMAIN, k.TEMPLATE)
_RUN = (k.COMPONENT,)
_F = FieldType

CORE_FIELDS: tuple[Field, ...] = (
    # ── what every entity has ────────────────────────────────────────────────────────────────────
    Field("ref", _F.REF, "The canonical reference.", rank=0),
    Field("kind", _F.KEYWORD, "The entity kind.", words=("kind",), paths=("kind",)),
    Field(
        "namespace",
        _F.KEYWORD,
        "The Backstage namespace.",
        words=("namespace",),
        paths=("metadata.namespace",),
    ),
    Field(
        "name",
        _F.KEYWORD,
        "The entity's name.",
        words=("name",),
        paths=("metadata.name",),
        searchable=True,
    ),
    Field(
        "title",
        _F.TEXT,
        "The name people read.",
        words=("title", "display name"),
        paths=("metadata.title", "spec.profile.displayName"),
        searchable=True,
    ),
    Field(
        "description",
        _F.TEXT,
        "What it is for, in a sentence.",
        words=("description", "purpose", "summary"),
        paths=("metadata.description",),
        searchable=True,
        examples=("what is checkout for?",),
    ),
    Field(
        "type",
        _F.KEYWORD,
        "The sort of thing within its kind: service, website, library; database, bucket; team, department.",
        words=("type",),
        paths=("spec.type",),
        searchable=True,
        rank=2,
    ),
    Field(
        "lifecycle",
        _F.KEYWORD,
        "How far along it is: experimental, production, deprecated.",
        words=("lifecycle", "lifecycle stage", "maturity"),
        kinds=(k.COMPONENT, k.API),
        paths=("spec.lifecycle",),
        value_words={"live": "production"},
        searchable=True,
        rank=5,
        examples=("deprecated apis", "lifecycle of the cart service"),
    ),
    Field(
        "owner",
        _F.REF,
        "The team or person who answers for it.",
        words=("owner", "owning team", "responsible team", "team", "maintainer"),
        kinds=_OWNED,
        paths=("spec.owner",),
        relation="ownedBy",
        rank=1,
        examples=("who owns checkout?",),
    ),
    Field(
        "system",
        _F.REF,
        "The system it is part of.",
        words=("system",),
        kinds=(k.COMPONENT, k.API, k.RESOURCE),
        paths=("spec.system",),
        relation="partOf",
    ),
    Field(
        "domain",
        _F.REF,
        "The business domain of its system.",
        words=("domain",),
        kinds=(k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM),
        paths=("spec.domain",),
        relation="partOf",
    ),
    Field(
        "tags",
        _F.LIST,
        "Free labels.",
        words=("tag", "label"),
        paths=("metadata.tags",),
        searchable=True,
    ),
    Field(
        "aliases",
        _F.LIST,
        "Other names people use for it.",
        words=("alias", "nickname"),
        paths=("metadata.annotations.*/aliases", "metadata.aliases"),
        searchable=True,
    ),
    Field(
        "tier",
        _F.INTEGER,
        "How much it hurts when this is down: 1 pages someone at night, 4 nobody notices.",
        words=("tier", "criticality", "service tier"),
        kinds=(k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM),
        paths=(
            "spec.tier",
            "metadata.annotations.*/tier",
            "metadata.labels.*/tier",
            "metadata.labels.tier",
        ),
        rank=3,
        examples=("tier 1 services", "tier of the ledger"),
    ),
    Field(
        "language",
        _F.KEYWORD,
        "The main programming language.",
        words=("language", "programming language"),
        kinds=(k.COMPONENT,),
        paths=(
            "metadata.annotations.*/language",
            "metadata.labels.*/language",
            "metadata.labels.language",
            "spec.language",
        ),
        value_words={
            "golang": "go",
            "js": "javascript",
            "ts": "typescript",
            "py": "python",
            "c sharp": "csharp",
        },
        searchable=True,
        rank=4,
        examples=("go services", "how many services per language"),
    ),
    # ── links and addresses ──────────────────────────────────────────────────────────────────────
    Field(
        "repository",
        _F.KEYWORD,
        "Where its code lives.",
        words=(
            "repository",
            "repo",
            "github repo",
            "git repo",
            "github repository",
            "github",
            "code",
            "source",
            "source code",
            "codebase",
        ),
        kinds=(k.COMPONENT, k.API, k.RESOURCE, k.TEMPLATE),
        paths=(
            "metadata.annotations.github.com/project-slug",
            "metadata.annotations.gitlab.com/project-slug",
            "metadata.annotations.bitbucket.org/project-slug",
            "metadata.annotations.backstage.io/source-location",
        ),
    ),
    Field(
        "dashboard",
        _F.URL,
        "The dashboard to look at first.",
        words=("dashboard", "metrics dashboard", "grafana", "metrics page", "graph"),
        kinds=(k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.DOMAIN),
        paths=("links.dashboard", "metadata.annotations.grafana/overview-dashboard"),
    ),
    Field(
        "slack_channel",
        _F.KEYWORD,
        "Where to write to the people behind it.",
        words=("slack channel", "slack", "channel", "chat", "chat channel"),
        kinds=(k.GROUP, k.COMPONENT, k.SYSTEM, k.USER, k.RESOURCE, k.API),
        paths=(
            "metadata.annotations.slack.com/channel",
            "metadata.annotations.*/slack-channel",
            "metadata.annotations.*/slack",
            "links.slack",
        ),
    ),
    Field(
        "email",
        _F.KEYWORD,
        "The address to write to.",
        words=("email", "e-mail", "mail contact", "mail", "email address"),
        kinds=(k.GROUP, k.USER),
        paths=("spec.profile.email", "metadata.annotations.*/email"),
    ),
    Field(
        "docs_url",
        _F.URL,
        "Where its documentation is published.",
        words=("docs link", "documentation link", "docs url"),
        kinds=(k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.DOMAIN, k.TEMPLATE),
        paths=("links.docs",),
    ),
    Field(
        "links", _F.LIST, "All links, as `title <url>`.", words=("link", "url"), paths=("links.*",)
    ),
    Field(
        "parameters",
        _F.LIST,
        "What a template asks for.",
        words=("parameter", "input"),
        kinds=(k.TEMPLATE,),
        paths=("template.parameters",),
    ),
    # ── security, as seen from the component ─────────────────────────────────────────────────────
    Field(
        "scorecard",
        _F.NUMBER,
        "How carefully its repository is kept, 0–10, by OpenSSF Scorecard.",
        words=(
            "scorecard",
            "openssf score",
            "security score",
            "openssf scorecard",
            "scorecard score",
        ),
        kinds=_RUN,
        more=("most secure",),
        less=("least secure",),
        examples=("services with a scorecard under 5",),
    ),
    Field(
        "scorecard_at",
        _F.TIMESTAMP,
        "When its repository was scored.",
        words=("scorecard date",),
        kinds=_RUN,
    ),
    # ── deployments, as seen from the component ──────────────────────────────────────────────────
    Field(
        "last_deployed_at",
        _F.TIMESTAMP,
        "Latest successful deployment to production; one that was rolled back later still counts.",
        words=(
            "last deployment",
            "last deploy",
            "last release",
            "last production deployment",
            "deployment date",
        ),
        kinds=_RUN,
        derived=True,
        needs=(Table.DEPLOYMENTS,),
        more=("most recently deployed", "freshest"),
        less=(
            "least recently deployed",
            "stalest",
            "longest undeployed",
            "longest without a deployment",
            "gone longest without a deployment",
            "not deployed for the longest",
        ),
        rank=6,
        examples=("when was checkout last deployed?", "least recently deployed service"),
    ),
    Field(
        "days_since_deployed",
        _F.NUMBER,
        "Whole days since the latest successful deployment to production.",
        words=("days since last deployment", "days since deployed"),
        kinds=_RUN,
        unit="days",
        derived=True,
        needs=(Table.DEPLOYMENTS,),
    ),
    Field(
        "last_deployed_by",
        _F.KEYWORD,
        "Who made the latest successful deployment to production.",
        words=("last deployed by", "deploying person"),
        kinds=_RUN,
        derived=True,
        needs=(Table.DEPLOYMENTS,),
    ),
    Field(
        "version",
        _F.KEYWORD,
        "The version that the latest successful production deployment brought.",
        words=("version", "deployed version", "running version"),
        kinds=_RUN,
        derived=True,
        needs=(Table.DEPLOYMENTS,),
    ),
    Field(
        "healthy",
        _F.BOOLEAN,
        "No open incident, no firing alert, no breached SLO.",
        words=("health", "health status", "healthy"),
        kinds=_RUN,
        value_words={
            "healthy": True,
            "ok": True,
            "fine": True,
            "all good": True,
            "unhealthy": False,
            "broken": False,
            "in trouble": False,
            "not healthy": False,
        },
        derived=True,
        needs=(Table.INCIDENTS, Table.ALERTS, Table.SLOS),
    ),
    # ── deployments ──────────────────────────────────────────────────────────────────────────────
    Field(
        "at",
        _F.TIMESTAMP,
        "When it finished.",
        words=("time", "date"),
        table=Table.DEPLOYMENTS,
        more=("latest", "newest", "most recent", "last"),
        less=("earliest", "oldest", "first"),
        rank=1,
    ),
    Field(
        "component",
        _F.REF,
        "What was deployed.",
        words=("component", "service"),
        table=Table.DEPLOYMENTS,
        relation="deploymentOf",
        rank=0,
    ),
    Field(
        "environment",
        _F.KEYWORD,
        "Where it was deployed to.",
        words=("environment", "env", "stage"),
        table=Table.DEPLOYMENTS,
        value_words={"prod": "production", "live": "production"},
        rank=2,
    ),
    Field(
        "outcome",
        _F.KEYWORD,
        "success or failure.",
        words=("outcome", "result"),
        table=Table.DEPLOYMENTS,
        value_words={
            "successful": "success",
            "succeeded": "success",
            "failed": "failure",
            "failing": "failure",
            "unsuccessful": "failure",
        },
        rank=3,
    ),
    Field(
        "rolled_back",
        _F.BOOLEAN,
        "It was rolled back later.",
        words=("rollback",),
        table=Table.DEPLOYMENTS,
        value_words={"rolled back": True, "reverted": True},
        rank=4,
    ),
    Field(
        "actor",
        _F.KEYWORD,
        "Who deployed it.",
        words=("actor", "deployer", "author"),
        table=Table.DEPLOYMENTS,
        rank=5,
    ),
    Field(
        "version",
        _F.KEYWORD,
        "The version that was deployed.",
        words=("version",),
        table=Table.DEPLOYMENTS,
        rank=6,
    ),
    Field(
        "duration_seconds",
        _F.NUMBER,
        "How long the deployment took.",
        words=("duration",),
        unit="seconds",
        table=Table.DEPLOYMENTS,
        more=("longest", "slowest"),
        less=("shortest", "fastest", "quickest"),
    ),
    # ── incidents ────────────────────────────────────────────────────────────────────────────────
    Field(
        "created_at",
        _F.TIMESTAMP,
        "When it was opened.",
        words=("opening time", "creation time"),
        table=Table.INCIDENTS,
        more=("latest", "newest", "most recent", "last"),
        less=("earliest", "oldest", "first"),
        rank=1,
    ),
    Field(
        "resolved_at",
        _F.TIMESTAMP,
        "When it was resolved.",
        words=("resolution time", "resolved at"),
        table=Table.INCIDENTS,
        rank=4,
    ),
    Field(
        "title",
        _F.TEXT,
        "What went wrong, in a line.",
        words=("title",),
        table=Table.INCIDENTS,
        rank=0,
    ),
    Field(
        "status",
        _F.KEYWORD,
        "triggered, acknowledged or resolved.",
        words=("status",),
        table=Table.INCIDENTS,
        rank=2,
    ),
    Field(
        "open",
        _F.BOOLEAN,
        "Not resolved yet.",
        words=("open status",),
        table=Table.INCIDENTS,
        value_words={
            "open": True,
            "unresolved": True,
            "ongoing": True,
            "resolved": False,
            "closed": False,
        },
    ),
    Field(
        "priority",
        _F.KEYWORD,
        "How bad: P1 is worst.",
        words=("priority", "severity"),
        table=Table.INCIDENTS,
        rank=3,
    ),
    Field(
        "urgency",
        _F.KEYWORD,
        "high pages someone, low can wait.",
        words=("urgency",),
        table=Table.INCIDENTS,
    ),
    Field(
        "number",
        _F.INTEGER,
        "The number people call it by.",
        words=("incident number",),
        table=Table.INCIDENTS,
    ),
    Field(
        "url",
        _F.URL,
        "Where it is worked on.",
        words=("incident link", "incident url"),
        table=Table.INCIDENTS,
    ),
    Field(
        "assignees",
        _F.LIST,
        "Who is working on it.",
        words=("assignee", "incident assignee"),
        table=Table.INCIDENTS,
    ),
    Field(
        "service_name",
        _F.KEYWORD,
        "What the incident tool calls the service.",
        words=("pagerduty service",),
        table=Table.INCIDENTS,
    ),
    # ── alerts, findings, SLOs, shifts: readers come with later sources, the columns stand ───────
    Field("name", _F.KEYWORD, "The alert's name.", words=("name",), table=Table.ALERTS, rank=0),
    Field(
        "state",
        _F.KEYWORD,
        "active, suppressed or inactive.",
        words=("state",),
        table=Table.ALERTS,
        value_words={"firing": "active", "silenced": "suppressed"},
        rank=1,
    ),
    Field(
        "severity", _F.KEYWORD, "How loud it is.", words=("severity",), table=Table.ALERTS, rank=2
    ),
    Field(
        "runbook_url",
        _F.URL,
        "The page its rule points at.",
        words=("runbook url",),
        table=Table.ALERTS,
    ),
    Field(
        "summary",
        _F.TEXT,
        "What the alert means, in a line.",
        words=("alert summary",),
        table=Table.ALERTS,
    ),
    Field(
        "expr",
        _F.TEXT,
        "The PromQL that fires it.",
        words=("expression", "promql", "alert expression"),
        table=Table.ALERTS,
    ),
    Field("since", _F.TIMESTAMP, "Firing since.", words=("since",), table=Table.ALERTS),
    Field(
        "rule",
        _F.KEYWORD,
        "The rule that was broken.",
        words=("rule",),
        table=Table.FINDINGS,
        rank=0,
    ),
    Field(
        "severity",
        _F.KEYWORD,
        "critical, high, medium or low.",
        words=("severity",),
        table=Table.FINDINGS,
        rank=1,
    ),
    Field(
        "suppressed",
        _F.BOOLEAN,
        "Waived.",
        words=("suppressed",),
        table=Table.FINDINGS,
        value_words={"suppressed": True, "waived": True},
    ),
    Field(
        "open",
        _F.BOOLEAN,
        "Neither fixed nor waived.",
        words=("open",),
        table=Table.FINDINGS,
        value_words={"open": True, "unsuppressed": True},
    ),
    Field(
        "message",
        _F.TEXT,
        "What is wrong, in a sentence.",
        words=("finding message",),
        table=Table.FINDINGS,
        rank=2,
    ),
    Field(
        "tool",
        _F.KEYWORD,
        "The scanner that reported it.",
        words=("scanner", "tool"),
        table=Table.FINDINGS,
        rank=3,
    ),
    Field(
        "file",
        _F.KEYWORD,
        "The file it was found in.",
        words=("affected file",),
        table=Table.FINDINGS,
    ),
    Field(
        "line",
        _F.INTEGER,
        "The line it was found in.",
        words=("affected line",),
        table=Table.FINDINGS,
    ),
    Field("name", _F.KEYWORD, "The SLO's name.", words=("name",), table=Table.SLOS, rank=0),
    Field(
        "objective",
        _F.NUMBER,
        "The promised share, 0–100.",
        words=("objective", "target"),
        unit="percent",
        table=Table.SLOS,
        rank=1,
    ),
    Field(
        "budget_left",
        _F.NUMBER,
        "Error budget left, 0–100; at or below 0 the SLO is breached.",
        words=("error budget", "budget"),
        unit="percent",
        table=Table.SLOS,
        rank=2,
    ),
    Field(
        "breached",
        _F.BOOLEAN,
        "No error budget left.",
        words=("breached",),
        table=Table.SLOS,
        value_words={"breached": True, "blown": True, "burning": True},
    ),
    Field(
        "title",
        _F.TEXT,
        "The SLO's name as people read it.",
        words=("slo title",),
        table=Table.SLOS,
    ),
    Field(
        "description",
        _F.TEXT,
        "What is promised, in a sentence.",
        words=("slo description",),
        table=Table.SLOS,
    ),
    Field(
        "indicator",
        _F.KEYWORD,
        "What is measured: availability, latency, freshness, correctness or throughput.",
        words=("indicator", "sli"),
        table=Table.SLOS,
        rank=3,
        examples=("availability objective of checkout",),
    ),
    Field(
        "window",
        _F.KEYWORD,
        "The stretch of time it is measured over.",
        words=("slo window", "time window"),
        table=Table.SLOS,
    ),
    Field(
        "measured_at",
        _F.TIMESTAMP,
        "When the budget was measured.",
        words=("slo measurement",),
        table=Table.SLOS,
    ),
    Field(
        "starts_at",
        _F.TIMESTAMP,
        "When the shift begins; empty for a permanent one.",
        words=("start",),
        table=Table.SHIFTS,
        rank=1,
    ),
    Field(
        "ends_at",
        _F.TIMESTAMP,
        "When the shift ends; empty for a permanent one.",
        words=("end",),
        table=Table.SHIFTS,
        rank=2,
    ),
    Field(
        "user",
        _F.REF,
        "Who is on call.",
        words=("user", "person"),
        table=Table.SHIFTS,
        relation="shiftOf",
        rank=0,
    ),
    Field(
        "level",
        _F.INTEGER,
        "Escalation level, 1 first.",
        words=("level", "escalation level"),
        table=Table.SHIFTS,
        rank=3,
    ),
    Field(
        "permanent",
        _F.BOOLEAN,
        "On call without an end, usually the last level.",
        words=("permanent shift",),
        table=Table.SHIFTS,
    ),
    Field(
        "schedule",
        _F.KEYWORD,
        "The schedule the turn comes from.",
        words=("on-call schedule",),
        table=Table.SHIFTS,
    ),
    Field(
        "policy",
        _F.KEYWORD,
        "The escalation policy it is part of.",
        words=("escalation policy",),
        table=Table.SHIFTS,
    ),
    Field(
        "active",
        _F.BOOLEAN,
        "The shift is running now; a permanent one always is.",
        words=("active shift",),
        value_words={"running now": True, "over": False},
        table=Table.SHIFTS,
        derived=True,
    ),
    # ── documents ────────────────────────────────────────────────────────────────────────────────
    Field(
        "title",
        _F.TEXT,
        "The page's title.",
        words=("title",),
        table=Table.DOCUMENTS,
        rank=0,
        searchable=True,
    ),
    Field(
        "description",
        _F.TEXT,
        "What the page is about.",
        words=("description",),
        table=Table.DOCUMENTS,
        searchable=True,
    ),
    Field(
        "path",
        _F.KEYWORD,
        "Where the page lies, relative to the indexed root.",
        words=("path", "file"),
        table=Table.DOCUMENTS,
        rank=1,
    ),
    Field(
        "owner",
        _F.REF,
        "Who keeps the page.",
        words=("owner", "author", "maintainer"),
        table=Table.DOCUMENTS,
        relation="ownedBy",
        rank=2,
    ),
    Field(
        "alerts",
        _F.LIST,
        "Alerts the page answers.",
        words=("alert",),
        table=Table.DOCUMENTS,
        searchable=True,
    ),
    Field(
        "reviewed_at",
        _F.TIMESTAMP,
        "When a person last vouched for it.",
        words=("last review", "last reviewed", "review date", "reviewed", "review"),
        table=Table.DOCUMENTS,
        less=("oldest", "stalest"),
        more=("newest", "freshest"),
        rank=3,
    ),
    Field(
        "status",
        _F.KEYWORD,
        "Standing of a decision record.",
        words=("status",),
        table=Table.DOCUMENTS,
    ),
    Field("tags", _F.LIST, "Free labels.", words=("tag",), table=Table.DOCUMENTS, searchable=True),
)


class FieldTable:
    """The rows in force for one snapshot: the declared ones plus what that snapshot discovered."""

    def __init__(self, discovered: Iterable[Field] = ()) -> None:
        """Raises ValueError when two rows of one table share a name."""
        self._rows: dict[tuple[Table, str], Field] = {}
        for row in (*CORE_FIELDS, *discovered):
            key = (row.table, row.name)
            if key in self._rows:
                raise ValueError(f"field {row.name!r} is declared twice for {row.table.value}")
            self._rows[key] = row

    def __iter__(self) -> Iterator[Field]:
        return iter(self._rows.values())

    def get(self, table: Table, name: str) -> Field | None:
        """The row, or None."""
        return self._rows.get((table, name))

    def of_kind(self, kind: str) -> Iterator[Field]:
        """Rows that things of this kind may hold."""
        return (row for row in self if row.holds(kind))

    def of_table(self, table: Table) -> Iterator[Field]:
        """Rows of one table, in declared order."""
        return (row for row in self if row.table is table)

    @property
    def discovered(self) -> tuple[Field, ...]:
        """The rows this snapshot added."""
        return tuple(row for row in self if row.discovered)
