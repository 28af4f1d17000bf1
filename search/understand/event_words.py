"""Words for what happens: deploying, failing, lasting, being restored, going stale; and how often and how fast.

Every table maps a phrase, as typed in lower case, to what it does. Adding a wording is adding a line.
"""

from __future__ import annotations

# fmt: off
MOST_OFTEN: tuple[str, ...] = ("most often", "most frequently", "the most often", "most regularly", "more often", "more frequently")

LEAST_OFTEN: tuple[str, ...] = ("least often", "least frequently", "the least often", "less often", "less frequently", "least regularly")

SLOWEST: tuple[str, ...] = ("slowest", "slowest at", "the slowest", "slower")

FASTEST: tuple[str, ...] = ("fastest", "quickest", "the fastest", "the quickest", "faster", "quicker")

RESTORING: tuple[str, ...] = (
    "to resolve", "to recover", "to restore", "to restore service", "restoring service", "to recover from incidents", "to resolve incidents", "to fix", "to mitigate", "to close", "resolve", "resolves", "resolved", "recover",
    "recovers", "restore", "restores", "restored", "get resolved", "be resolved", "be restored", "take to resolve", "takes to resolve",
    "take to recover", "takes to recover", "take to restore", "takes to restore", "take to fix", "takes to fix", "recovering", "resolving",
    "restoring", "fix", "fixes", "fixed", "fixing", "closes", "close", "closing", "recovery", "resolution", "stay open", "stays open",
)
"""Beside a question for a duration: the time to restore is meant."""

TAKING: tuple[str, ...] = ("take", "takes", "took", "taking", "last", "lasts", "lasted")
"""Beside a question for a duration, verbs that say it once more."""

LASTED: tuple[str, ...] = (
    "lasted", "lasting", "lasts", "last", "took", "taking", "takes", "take", "open for", "been open for", "were open for", "stayed open for", "stayed open",
    "went on for", "ran for",
)
"""Beside a length of time: how long an incident lasted."""

RESOLVED_WITHIN: tuple[str, ...] = tuple(
    f"{done} {within}"
    for done in ("resolved", "fixed", "closed", "over", "restored", "mitigated")
    for within in ("in", "within", "after", "inside")
)
"""Before a length of time, with or without "under": how long an incident lasted."""

WITHIN_SLO: tuple[str, ...] = (
    "within", "within its", "within their", "inside its", "inside their", "meeting", "meeting its", "meeting their", "meets", "meet",
    "meets its", "meet its", "meet their", "hitting its", "hits its", "hit its", "keeping", "keeping its", "keeps its", "keep its",
    "keeping to its", "achieving its", "satisfying its", "satisfies its", "on target for its", "holding its", "inside", "keep their",
    "within all its", "within all their", "meet all their", "meeting all their", "meets all its", "meeting all its", "hitting",
)

BEYOND_SLO: tuple[str, ...] = (
    "missing its", "missing their", "misses its", "miss their", "miss its", "violating", "violating its", "violating their", "violates its",
    "violate their", "breaching", "breaching its", "breaching their", "breaches its", "breach their", "failing its", "failing their", "blowing its",
    "blowing through its", "burning through its", "burning its", "over its", "out of its", "outside its", "outside their", "in breach of its",
    "in breach of their", "in breach of", "breach", "breaches", "violate", "violates",
)
"""Beside an SLO: whether its promise is kept."""

RELIABLE: tuple[str, ...] = ("reliable", "reliable at deploying", "reliable deployments", "risky", "risky deployments", "flaky")
"""How well deployments go; read as their change failure rate, and said so."""

STALE: tuple[str, ...] = ("stale", "quiet", "gone quiet", "gone stale", "inactive", "dormant", "abandoned", "untouched", "idle", "neglected", "dusty", "rotting")

STALE_LIVE: tuple[str, ...] = tuple(f"{word} {place}" for word in STALE for place in ("in prod", "in production", "on prod", "on production"))

OUTDATED: tuple[str, ...] = ("outdated", *STALE)

DEPLOYED: tuple[str, ...] = (
    *(f"{moved} to {place}"
      for moved in ("ship", "ships", "shipped", "release", "released", "deploy", "push", "pushed", "rolled out", "roll out", "deployed", "deploys", "make it", "made it", "makes it",
                    "promoted", "moved", "got", "get", "came", "come")
      for place in ("production", "prod")),
    *(f"{had} {one} {deploy}" for had in ("run", "ran", "had", "have", "has", "seen", "got", "gotten") for one in ("a", "any", "one")
      for deploy in ("deploy", "deployment", "release", "rollout")),
    "deployed", "deploy", "deploys", "released", "release", "releases", "shipped", "ship", "ships", "rolled out", "roll out",
    "go out", "went out", "gone out", "goes out", "went live", "go live", "gone live", "goes live", "been live", "live in production", "reached production", "reach production",
    "pushed", "deployment", "deployments", "launched", "production deployment", "production deployments",
    "production release", "production releases", "prod deployment", "prod deploy", "prod release", "went to production", "production deploys", "prod deploys", "prod deployments",
    "shipped to production", "released to production", "deployed to production", "to production", "delivered", "changed", "changes", "rollout", "rollouts",
    "put live", "in production since",
)
"""Ways of saying that something was deployed."""

LIVE_DEPLOYMENTS: tuple[str, ...] = tuple(f"{place} {noun}" for place in ("production", "prod") for noun in ("deployments", "releases", "deploys"))
"""Nouns for deployments to production."""

DOING: tuple[str, ...] = ("made", "make", "makes", "performed", "carried out", "triggered", "did", "initiated", "executed", "kicked off")
"""Beside such a noun and "who": verbs that say no more than that it was done."""

LATEST: frozenset[str] = frozenset(("last", "latest", "newest"))

HAPPENED: frozenset[str] = frozenset(("deployed", "shipped", "released", "rolled", "launched", "pushed", "reverted"))
"""Verbs of the past: who did so, and when, stands in a record and on no page."""

DEPLOYMENTS: frozenset[str] = frozenset(("deployments", "deploys", "releases", "rollouts", "deployment", "release", "rollout"))
"""Of these, the nouns: what is asked for is the happening, not what it happened to."""

APPLIED: tuple[str, ...] = ("applied", "touched", "touch", "last touch", "last applied", "last touched", "provisioned", "last provisioned")
"""Ways of saying that infrastructure as code was at something."""

SEVERAL: frozenset[str] = frozenset(("deployments", "deploys", "releases", "rollouts", "changes"))
"""Several deployments: "the latest deployments" are a list, "the latest deployment" is one."""

EVENT_WORDS: tuple[tuple[str, ...], ...] = (MOST_OFTEN, LEAST_OFTEN, SLOWEST, FASTEST, RESTORING, TAKING, RELIABLE, STALE, DEPLOYED, APPLIED)
"""Of these, the tables whose words are never unknown or misspelt."""
