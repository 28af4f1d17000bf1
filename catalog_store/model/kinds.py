"""Every kind of thing a question may ask for: catalog entities, and the records that hang on them.

A kind is a row here; its columns are rows of the field table; its edges are rows of `relations.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Table(StrEnum):
    """The DuckDB tables that hold things. Every row of every table has a typed `ref`."""

    ENTITIES = "entities"
    DEPLOYMENTS = "deployments"
    CHANGES = "changes"
    INCIDENTS = "incidents"
    ALERTS = "alerts"
    FINDINGS = "findings"
    SLOS = "slos"
    SHIFTS = "shifts"
    DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing.

    Attributes:
        name: as people write it: "Component", "Deployment".
        table: where its rows lie.
        words: what people call it, singular, most usual first.
        doc: what it means to a person on call.
        agent: whether it can own, deploy or be on call ("who" may ask for it).
    """

    name: str
    table: Table
    words: tuple[str, ...]
    doc: str
    agent: bool = False


COMPONENT, API, RESOURCE, SYSTEM, DOMAIN = "Component", "API", "Resource", "System", "Domain"
GROUP, USER, LOCATION, TEMPLATE = "Group", "User", "Location", "Template"
DEPLOYMENT, INCIDENT, ALERT, FINDING = "Deployment", "Incident", "Alert", "Finding"
RUN, APPLY, CHANGE = "Run", "Apply", "Change"
SLO, SHIFT, DOC, RUNBOOK = "SLO", "Shift", "Doc", "Runbook"

KINDS: tuple[Kind, ...] = (
    Kind(
        COMPONENT,
        Table.ENTITIES,
        ("component", "app", "application", "thing", "software"),
        "A piece of software someone builds and runs; `type` says which sort.",
    ),
    Kind(
        API,
        Table.ENTITIES,
        ("api", "interface", "endpoint"),
        "A contract one component provides and others consume.",
    ),
    Kind(
        RESOURCE,
        Table.ENTITIES,
        ("resource", "infrastructure"),
        "Infrastructure a component needs: a database, a topic, a bucket.",
    ),
    Kind(
        SYSTEM,
        Table.ENTITIES,
        ("system", "product"),
        "Components and resources that together do one job.",
    ),
    Kind(
        DOMAIN,
        Table.ENTITIES,
        ("domain", "area", "business area"),
        "Systems that serve one part of the business.",
    ),
    Kind(
        GROUP,
        Table.ENTITIES,
        ("team", "group", "squad", "department", "crew", "tribe"),
        "People who own things together; departments hold teams.",
        agent=True,
    ),
    Kind(
        USER,
        Table.ENTITIES,
        ("user", "person", "people", "engineer", "member", "developer", "colleague", "employee"),
        "One person.",
        agent=True,
    ),
    Kind(LOCATION, Table.ENTITIES, ("location",), "A file or URL that lists other catalog files."),
    Kind(
        TEMPLATE,
        Table.ENTITIES,
        (
            "template",
            "scaffold",
            "scaffolder",
            "golden path",
            "starter",
            "blueprint",
            "boilerplate",
        ),
        "A golden path: scaffolds something new the way the organisation wants it.",
    ),
    Kind(
        DEPLOYMENT,
        Table.DEPLOYMENTS,
        ("deployment", "deploy", "release", "rollout"),
        "One rollout of one component to one environment.",
    ),
    Kind(
        RUN,
        Table.CHANGES,
        (
            "pipeline run",
            "workflow run",
            "ci run",
            "ci build",
            "ci job",
            "build run",
            "build",
        ),
        "One run of a pipeline: built, tested or released something, without deploying it.",
    ),
    Kind(
        APPLY,
        Table.CHANGES,
        ("apply", "terraform apply", "infrastructure change", "infra change"),
        "Infrastructure as code was applied: something was created, changed or destroyed.",
    ),
    Kind(
        CHANGE,
        Table.CHANGES,
        ("removal", "publication", "scaling", "restart"),
        "Something else was done to a component: it was removed, published, scaled or restarted.",
    ),
    Kind(
        INCIDENT,
        Table.INCIDENTS,
        ("incident", "outage", "page"),
        "Something broke and someone was called.",
    ),
    Kind(
        ALERT,
        Table.ALERTS,
        ("alert", "alarm", "alert rule", "alerting rule"),
        "An alert rule; firing or not.",
    ),
    Kind(
        FINDING,
        Table.FINDINGS,
        (
            "finding",
            "vulnerability",
            "cve",
            "security issue",
            "violation",
            "security finding",
            "weakness",
            "vuln",
            "breach",
        ),
        "A weakness a scanner reported, or a policy that is not kept.",
    ),
    Kind(
        SLO,
        Table.SLOS,
        ("slo", "service level objective", "objective"),
        "A promise about how well something works, and how it stands.",
    ),
    Kind(
        SHIFT,
        Table.SHIFTS,
        (
            "shift",
            "rota",
            "on-call shift",
            "on-call rota",
            "duty rota",
            "roster",
            "on-call schedule",
            "rotation",
            "on-call rotation",
        ),
        "Who is on call for what, from when to when.",
    ),
    Kind(
        DOC,
        Table.DOCUMENTS,
        ("doc", "page", "techdocs", "tech docs", "document", "documentation", "guide", "docs page"),
        "A page of documentation.",
    ),
    Kind(
        RUNBOOK,
        Table.DOCUMENTS,
        ("runbook", "playbook"),
        "A page that says what to do when something breaks.",
    ),
)

KIND_BY_NAME: dict[str, Kind] = {kind.name: kind for kind in KINDS}

ENTITY_KINDS: tuple[str, ...] = tuple(k.name for k in KINDS if k.table is Table.ENTITIES)


def table_of(kind: str) -> Table:
    """The table of a kind; kinds nobody declared are catalog entities, kept as they are.

    >>> table_of("Incident"), table_of("Spaceship")
    (<Table.INCIDENTS: 'incidents'>, <Table.ENTITIES: 'entities'>)
    """
    known = KIND_BY_NAME.get(kind)
    return known.table if known else Table.ENTITIES
