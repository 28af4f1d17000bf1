"""How records hang on the catalog: what was deployed, what an incident is on, who answers for what."""

from __future__ import annotations

from catalog_store.model import kinds as k
from catalog_store.model.relation import Relation, Side

RECORD_RELATIONS: tuple[Relation, ...] = (
    Relation(
        Side("deploymentOf", (), (), "of"),
        Side("hasDeployment", (), (), "with"),
        (k.DEPLOYMENT,),
        (k.COMPONENT,),
    ),
    Relation(
        Side("deployedBy", (), (), "by"),
        Side("madeDeployment", (), (), "who made"),
        (k.DEPLOYMENT,),
        (k.USER,),
    ),
    Relation(
        Side("changeOf", (), (), "of"),
        Side("hasChange", (), (), "with"),
        (k.RUN, k.APPLY, k.CHANGE),
        (k.COMPONENT, k.RESOURCE, k.SYSTEM),
    ),
    Relation(
        Side(
            "incidentOn",
            (
                "affecting",
                "affect",
                "affected",
                "hit",
                "hitting",
                "impacting",
                "impacted",
                "striking",
            ),
            (),
            "on",
        ),
        Side("hasIncident", (), (), "with"),
        (k.INCIDENT,),
        (k.COMPONENT,),
    ),
    Relation(
        Side("assignedTo", ("assigned to", "worked on by", "handled by"), (), "assigned to"),
        Side(
            "hasAssignment",
            ("assigned to", "work on", "handle", "look into", "deal with", "lead"),
            (),
            "working on",
        ),
        (k.INCIDENT,),
        (k.USER,),
    ),
    Relation(
        Side("acknowledgedBy", ("acknowledged by", "acked by"), (), "acknowledged by"),
        Side("hasAcknowledged", (), (), "who acknowledged"),
        (k.INCIDENT,),
        (k.USER,),
    ),
    Relation(
        Side("resolvedBy", ("resolved by", "closed by"), (), "resolved by"),
        Side("hasResolved", (), (), "who resolved"),
        (k.INCIDENT,),
        (k.USER,),
    ),
    Relation(
        Side("alertOn", (), (), "on"),
        Side("hasAlert", (), (), "with"),
        (k.ALERT,),
        (k.COMPONENT, k.RESOURCE, k.SYSTEM),
    ),
    Relation(
        Side(
            "findingIn",
            (
                "broken by",
                "violated by",
                "breached by",
                "failed by",
                "found in",
                "reported in",
                "reported for",
                "reported against",
            ),
            (),
            "in",
        ),
        Side(
            "hasFinding",
            ("break", "broke", "violate", "breach", "fail", "contravene", "fall foul of"),
            (),
            "with",
        ),
        (k.FINDING,),
        (k.COMPONENT, k.RESOURCE, k.API),
    ),
    Relation(
        Side("sloOf", ("cover", "guard", "apply to"), (), "of"),
        Side("hasSlo", ("covered by", "guarded by"), (), "with"),
        (k.SLO,),
        (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM),
    ),
    Relation(
        Side("shiftOf", (), (), "held by"), Side("hasShift", (), (), "on"), (k.SHIFT,), (k.USER,)
    ),
    Relation(
        Side("covers", ("cover",), (), "covering"),
        Side("coveredBy", ("covered by",), (), "covered by"),
        (k.SHIFT,),
        (k.COMPONENT, k.GROUP, k.RESOURCE, k.SYSTEM),
    ),
    Relation(
        Side("answersFor", (), (), "on call for"),
        Side("answeredBy", (), (), "answered for by"),
        (k.SHIFT,),
        (k.COMPONENT, k.GROUP, k.RESOURCE, k.SYSTEM, k.API),
        derived=True,
    ),
)
"""Rows of `relations.py`: records at one end, entities at the other."""
