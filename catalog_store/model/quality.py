"""What counts as a gap in a catalog: one row per check. What each looks at, as a plan, stands in `search/quality.py`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from catalog_store.model import kinds as k

OWNED = (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.DOMAIN, k.TEMPLATE)
_PARTS = (k.COMPONENT, k.API, k.RESOURCE)

NOTICED = frozenset(
    {"system_owner", "dangling", "dangling_dependencies", "dependency_cycle", "duplicates"}
)
"""Fields of entities that every build works out: where none has a value, there is no such gap."""

UNDEPLOYED_DAYS = 180
"""A service that nobody deployed for so long may be dead, or its pipeline is; days."""

UNREVIEWED_DAYS = 365
"""A runbook nobody vouched for in so long should not be trusted at night; days."""

VITAL_TIER = 2
"""Things of this tier or a lower number wake someone: they need a runbook and a promise. So do things without a tier."""


class Severity(StrEnum):
    """How much a gap hurts, worst first."""

    HIGH = "high"
    """Someone looks for it at night and does not find it."""
    MEDIUM = "medium"
    """It misleads, or makes a question unanswerable."""
    LOW = "low"
    """Untidy."""


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """One kind of gap.

    Attributes:
        name: stable kebab-case name.
        label: what the things it finds are, after a number: "services [without a runbook]".
        doc: why it matters, in a sentence.
        severity: how much it hurts.
        kinds: what is looked at.
        also: kinds the words may restrict besides.
        adjectives: phrases that restrict things to those with the gap: "[undocumented] services".
        nouns: phrases for the things themselves: "[duplicates]".
        ask: a question that lists them.
    """

    name: str
    label: str
    doc: str
    severity: Severity
    kinds: tuple[str, ...]
    ask: str
    also: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()


# fmt: off
CHECKS: tuple[QualityCheck, ...] = (
    QualityCheck(
        "unowned", "things without an owner",
        "Nobody answers for it: it names no owner, and neither does its system.",
        Severity.HIGH, OWNED, "what has no owner?",
    ),
    QualityCheck(
        "unknown-owner", "things whose owner is not in the catalog",
        "Its owner was renamed, left, or is misspelt; whoever looks for help reaches nobody.",
        Severity.HIGH, OWNED, "things whose owner is not in the catalog",
        adjectives=(
            "unknown owner", "nonexistent owner", "non-existent owner", "invalid owner", "dangling owner", "dead owner", "stale owner", "broken owner",
            "owner nobody knows", "wrong owner",
        ),
    ),
    QualityCheck(
        "owned-through-system", "things owned only through their system",
        "It names no owner of its own; its system's owner probably answers for it, but nobody said so.",
        Severity.LOW, _PARTS, "things owned through their system",
        adjectives=(
            "owned through their system", "owned through its system", "owned through a system", "owned only through their system",
            "owned by their system", "inherited owner", "owner inherited from their system", "inheriting their owner",
        ),
    ),
    QualityCheck(
        "personal-owner", "things owned by one person",
        "People go on holiday and leave; a team stays.",
        Severity.MEDIUM, OWNED, "things owned by a person instead of a team",
        adjectives=("person as owner", "person as the owner", "personally owned", "personal owner", "individual owner", "individually owned"),
    ),
    QualityCheck(
        "dangling", "things with dangling references",
        "A reference it makes leads nowhere: the other thing was renamed, removed, or never described.",
        Severity.MEDIUM, (*OWNED, k.GROUP, k.USER), "broken references",
        nouns=(
            "dangling reference", "broken reference", "unresolved reference", "dead reference", "invalid reference", "dangling ref", "broken ref",
            "missing reference", "dangling relation", "broken relation", "dangling link", "unresolvable reference", "bad reference",
            "reference to nothing", "reference to unknown things", "reference that leads nowhere",
        ),
        adjectives=("pointing nowhere", "point nowhere", "points nowhere", "referring to nothing"),
    ),
    QualityCheck(
        "dangling-dependency", "things with dangling dependencies",
        "It depends on, provides or consumes something the catalog does not hold, so its blast radius is not known.",
        Severity.MEDIUM, (k.COMPONENT, k.RESOURCE), "dangling dependencies",
        nouns=(
            "dangling dependency", "broken dependency", "unresolved dependency", "missing dependency", "unknown dependency", "dead dependency",
            "invalid dependency", "dangling api", "unresolvable dependency",
        ),
    ),
    QualityCheck(
        "duplicate", "things that look described twice",
        "Two descriptions of one thing drift apart; facts and incidents land on either.",
        Severity.MEDIUM, (*OWNED, k.GROUP), "duplicates",
        nouns=("duplicate", "duplicate entity", "duplicate entry", "double entry", "duplicated entry", "probable duplicate", "possible duplicate"),
        adjectives=("duplicate", "duplicated", "described twice", "registered twice", "listed twice", "in the catalog twice", "defined twice",
                    "catalogued twice", "entered twice", "in there twice"),
    ),
    QualityCheck(
        "dependency-cycle", "things in a dependency cycle",
        "Each needs the other to start; none can be deployed, tested or taken down alone.",
        Severity.MEDIUM, (k.COMPONENT, k.RESOURCE), "circular dependencies",
        nouns=(
            "circular dependency", "cyclic dependency", "dependency cycle", "dependency loop", "circular reference", "cycle", "cycle of dependencies",
            "dependency circle", "mutual dependency", "import cycle", "loop",
        ),
        adjectives=(
            "in a dependency cycle", "in a cycle", "in a loop", "part of a dependency cycle", "part of a cycle", "part of a loop", "depend on each other",
            "depending on each other", "depend on one another", "depend on themselves", "depends on itself", "mutually dependent", "in a dependency loop",
            "circularly dependent", "caught in a dependency cycle", "caught in a cycle", "need each other", "use each other", "call each other",
        ),
    ),
    QualityCheck(
        "not-deployed", f"services not deployed to production for {UNDEPLOYED_DAYS} days",
        "It may be dead, or its pipeline is: nobody can tell whether the next fix will go out.",
        Severity.MEDIUM, (k.COMPONENT,), f"services not deployed for {UNDEPLOYED_DAYS} days",
    ),
    QualityCheck(
        "undocumented", "components without docs",
        "No page is about it; whoever meets it first has to read the code.",
        Severity.MEDIUM, (k.COMPONENT,), "undocumented components",
        also=(k.API, k.RESOURCE, k.SYSTEM, k.DOMAIN),
        adjectives=("undocumented", "not documented", "without any documentation", "lacking documentation", "documented nowhere", "not documented anywhere"),
    ),
    QualityCheck(
        "no-runbook", f"services of tier 1 to {VITAL_TIER}, or of none, without a runbook",
        "When it breaks at night, nobody knows what to try first.",
        Severity.HIGH, (k.COMPONENT,), "services without a runbook",
    ),
    QualityCheck(
        "no-slo", f"services of tier 1 to {VITAL_TIER}, or of none, without an SLO",
        "Nobody said how well it has to work, so nobody notices that it does not.",
        Severity.MEDIUM, (k.COMPONENT,), "services without an slo",
    ),
    QualityCheck(
        "nobody-on-call", "services nobody is on call for",
        "When it breaks, nobody is called.",
        Severity.HIGH, (k.COMPONENT,), "services nobody is on call for",
    ),
    QualityCheck(
        "team-without-rota", "teams that own components and have nobody on call",
        "What the team owns breaks without anybody being called.",
        Severity.HIGH, (k.GROUP,), "teams where nobody is on call",
    ),
    QualityCheck(
        "no-system", "components in no system",
        "It stands alone: no system says what it is a part of.",
        Severity.LOW, (k.COMPONENT,), "components in no system",
        also=(k.API, k.RESOURCE),
        adjectives=("standalone", "stand alone", "outside any system", "outside of any system", "not in a system", "part of nothing"),
    ),
    QualityCheck(
        "no-domain", "systems in no domain",
        "No part of the business claims it.",
        Severity.LOW, (k.SYSTEM,), "systems without a domain",
    ),
    QualityCheck(
        "no-description", "things without a description",
        "Only its owner knows what it is for, and search cannot find it by that.",
        Severity.LOW, OWNED, "things without a description",
        adjectives=("undescribed", "not described"),
    ),
    QualityCheck(
        "deprecated-in-use", "deprecated things that are still used",
        "It is meant to go, and something would break.",
        Severity.MEDIUM, (k.COMPONENT, k.API), "deprecated components and apis still in use",
    ),
    QualityCheck(
        "unfit-dependency", "production components that use something experimental or deprecated",
        "Production stands on what nobody promised to keep.",
        Severity.MEDIUM, (k.COMPONENT,), "production components that use something experimental or deprecated",
    ),
    QualityCheck(
        "api-without-provider", "APIs nobody provides",
        "A contract without anyone who keeps it: it is retired, or its provider forgot to say so.",
        Severity.LOW, (k.API,), "apis without a provider",
    ),
    QualityCheck(
        "alert-without-runbook", "alerts without a runbook",
        "It wakes somebody and does not say what to do.",
        Severity.HIGH, (k.ALERT,), "alerts without a runbook",
    ),
    QualityCheck(
        "unreviewed", f"pages last reviewed over {UNREVIEWED_DAYS} days ago",
        "Instructions nobody vouched for in a year may no longer be right.",
        Severity.MEDIUM, (k.RUNBOOK, k.DOC), "outdated docs and runbooks",
        adjectives=("outdated", "out of date", "out-of-date"),
    ),
    QualityCheck(
        "team-without-members", "teams with neither members nor teams under them",
        "What it owns is owned by nobody.",
        Severity.HIGH, (k.GROUP,), "teams without members",
        adjectives=("empty",),
    ),
    QualityCheck(
        "team-without-channel", "teams without a channel",
        "Nobody knows where to write to them.",
        Severity.LOW, (k.GROUP,), "teams without a slack channel",
    ),
    QualityCheck(
        "user-without-team", "people in no team",
        "They joined and were not added, or left and were not removed.",
        Severity.LOW, (k.USER,), "people in no team",
        adjectives=("teamless", "unassigned"),
    ),
)
"""In the order they are shown within one severity."""
# fmt: on

CHECK_BY_NAME: dict[str, QualityCheck] = {check.name: check for check in CHECKS}

REVIEWS: tuple[str, ...] = (
    "catalog health",
    "catalog quality",
    "data quality",
    "quality",
    "quality check",
    "quality gap",
    "gap",
    "hygiene",
    "catalog hygiene",
    "catalog gap",
    "catalog issue",
    "catalog problem",
    "catalog score",
    "catalog completeness",
    "health of the catalog",
    "health of our catalog",
    "quality of the catalog",
    "quality of our catalog",
    "state of the catalog",
    "state of our catalog",
    "good is our catalog",
    "good is the catalog",
    "healthy is our catalog",
    "healthy is the catalog",
    "complete is our catalog",
    "complete is the catalog",
    "clean is our catalog",
    "clean is the catalog",
    "well kept is our catalog",
    "well kept is the catalog",
    "bad is our catalog",
    "bad is the catalog",
    "needs cleaning up",
    "need cleaning up",
    "needs cleanup",
    "needs clean up",
    "needs a cleanup",
    "needs tidying",
    "needs tidying up",
    "need tidying up",
    "needs fixing",
    "need fixing",
    "to clean up",
    "clean up",
    "cleanup",
    "cleaning up",
    "tidy up",
    "loose end",
    "is incomplete",
    "is missing",
    "is wrong with the catalog",
    "is wrong with our catalog",
    "wrong with the catalog",
    "wrong with our catalog",
    "wrong in the catalog",
    "wrong in our catalog",
    "missing in the catalog",
    "missing in our catalog",
    "missing from the catalog",
    "problems in the catalog",
    "problems in our catalog",
    "problems of the catalog",
    "problems with the catalog",
    "holes in the catalog",
    "holes in our catalog",
    "gaps in the catalog",
    "gaps in our catalog",
)
"""Ways of asking for the whole table of checks; what it is to be restricted to stands beside them."""
