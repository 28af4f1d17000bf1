"""Families about what happened, and about what must be refused."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from eval.generate.draft import Draft, family, named, results, some
from eval.generate.entities import OWNED, teams_of_things
from eval.generate.facts import Facts, key_of

UNKNOWN = {"status": "unknown_name"}

_ONSETS = ("br", "dr", "fl", "gl", "kr", "pl", "sk", "tr", "v", "z")
_MIDDLES = ("amb", "eld", "int", "olv", "und", "ark", "osp", "irb")
_ENDS = ("ax", "ek", "ini", "oth", "usk", "ero")


@family(
    "last-deployed",
    "events",
    "when was {x} last deployed?",
    "last deployment of {x}",
    "latest production deploy of {x}",
    "when did {x} last ship?",
    "when was the last time {x} got deployed to prod?",
    "date of the last production deployment of {x}",
    share=2,
)
def last_deployed(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """The moment of the latest successful deployment to production."""
    seen = {ref: row for ref, row in facts.last_deployed.items() if ref in facts.catalog.entities}
    pool = [facts.catalog.entities[ref] for ref in sorted(seen)]
    for entity, x in named(facts, rng, pool):
        moment = seen[entity["ref"]]
        expect = {"holds": [f"{moment:%Y-%m-%d}"]}
        yield Draft({"x": x}, expect, (entity["ref"],))


@family(
    "not-deployed",
    "time",
    "services owned by {team} not deployed in {n} days",
    "which services of {team} haven't been deployed for {n} days?",
    "{team}'s services with no deployment in the last {n} days",
    "services of {team} that were not shipped to production in {n} days",
    share=2,
)
def not_deployed(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """What has not been deployed lately, the never deployed among it."""
    if not facts.deployments:
        return
    services = [t for t in facts.things if t.one == "service"]
    for group, team in teams_of_things(facts, rng):
        for noun in services:
            for days in (14, 30, 45, 60, 90, 120):
                since = facts.now - timedelta(days=days)
                mine = [e["ref"] for e in noun.members if facts.owned_by(group["ref"])(e)]
                old = [
                    r
                    for r in mine
                    if r not in facts.last_deployed or facts.last_deployed[r] < since
                ]
                if mine:
                    slots = {"team": team, "n": str(days)}
                    yield Draft(slots, results(old), (group["ref"],))


@family(
    "deployments",
    "counts",
    "how many times was {x} deployed in the last {n} days?",
    "number of production deployments of {x} in the last {n} days",
    "how many deployments to production did {x} have in the past {n} days?",
)
def deployments(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """How often something went to production, successes and failures alike where the wording does not tell."""
    for entity, x in named(facts, rng, facts.of_kind("component")):
        days = rng.choice([7, 14, 30, 60, 90])
        since = facts.now - timedelta(days=days)
        rows = [
            row
            for row in facts.deployments
            if entity["ref"] in row["components"]
            and row["environment"] == "production"
            and since <= row["at"] < facts.now
        ]
        if rows and all(row["outcome"] == "success" for row in rows):
            yield Draft({"x": x, "n": str(days)}, {"value": len(rows)}, (entity["ref"],))


@family(
    "incidents",
    "events",
    "incidents of {x} in the last {n} days",
    "what incidents did {x} have in the past {n} days?",
    "show incidents on {x} from the last {n} days",
    "anything that went wrong with {x} in the last {n} days?",
    "outages of {x} over the last {n} days",
)
def incidents(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """What went wrong with something lately."""
    held = {ref for row in facts.incidents for ref in row["components"]}
    pool = [e for e in facts.of_kind("component") if e["ref"] in held]
    for entity, x in named(facts, rng, pool):
        for days in (30, 90, 180):
            since = facts.now - timedelta(days=days)
            found = [
                row["ref"]
                for row in facts.incidents
                if entity["ref"] in row["components"] and since <= row["created_at"] < facts.now
            ]
            yield Draft({"x": x, "n": str(days)}, results(found), (entity["ref"],))


@family(
    "open-incidents", "events", "open incidents of {team}", "what incidents are open for {team}?"
)
def open_incidents(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """What is going wrong for a team now."""
    if not facts.incidents:
        return
    for group, team in teams_of_things(facts, rng):
        found = [
            row["ref"]
            for row in facts.incidents
            if row["open"]
            and any(
                facts.owned_by(group["ref"])(facts.catalog.entities[ref])
                for ref in row["components"]
                if ref in facts.catalog.entities
            )
        ]
        yield Draft({"team": team}, results(found), (group["ref"],))


def _invented(facts: Facts, rng: random.Random) -> str:
    """A name that nothing has, and no word of the catalog's resembles."""
    while True:
        name = rng.choice(_ONSETS) + rng.choice(_MIDDLES) + rng.choice(_ENDS)
        if not any(word.startswith(name[:4]) for word in facts.words):
            return name


@family(
    "unknown-name",
    "unknown-name",
    "who owns {x}?",
    "services owned by team {x}",
    "what depends on the {x} service?",
    "who is in the {x} team?",
    "is {x} deprecated?",
    "what does {x} depend on?",
    share=2,
)
def unknown_name(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """A name that names nothing."""
    for _ in range(60):
        yield Draft({"x": _invented(facts, rng)}, UNKNOWN)


@family(
    "misspelt",
    "loose-name",
    "who owns {x}?",
    "what depends on {x}?",
)
def misspelt(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """Two letters of a long name change places: it is still that name, or nearest to it. Only where nothing else is near."""
    for entity, x in named(facts, rng, facts.of_kind(*OWNED)):
        long = [w for w in x.split() if len(w) >= 7 and w.isalpha()]
        if not long or entity["owner"] not in facts.catalog.entities:
            continue
        word = rng.choice(long)
        at = rng.randrange(2, len(word) - 2)
        wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if wrong != word and key_of(wrong) not in facts.words:
            slots = {"x": x.replace(word, wrong)}
            # Which of the wordings is asked decides the answer, so only what both must not do is expected.
            yield Draft(
                slots,
                {
                    "status": ["answered", "empty", "ambiguous", "unknown_name"],
                    "links": [entity["ref"]],
                },
            )


@family(
    "no-such-fact",
    "no-such-fact",
    "how many lines of code does {x} have?",
    "what is the uptime of {x}?",
    "how many users does {x} have?",
    "when was {x} created?",
    "what is the annual revenue of {x}?",
)
def no_such_fact(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """Facts that catalogs do not hold, of things they do."""
    for entity, x in named(facts, rng, facts.of_kind("component")):
        yield Draft({"x": x}, {"status": "no_such_fact"}, (entity["ref"],))


@family(
    "no-feed",
    "no-such-fact",
    "{question}",
)
def no_feed(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """What no source of this organisation provides at all."""
    asked = {
        "deployments": ("when was {x} last deployed?", "deployments of {x} last week"),
        "incidents": ("does {x} have open incidents?", "incidents of {x} last month"),
        "shifts": ("who is on call for {x}?",),
        "alerts": ("is anything firing for {x}?",),
        "slos": ("how much error budget does {x} have left?",),
        "findings": ("critical vulnerabilities of {x}",),
    }
    for entity, x in named(facts, rng, facts.of_kind("component")):
        for table, questions in asked.items():
            if table not in facts.held:
                for question in questions:
                    expect = {"status": "no_such_fact"}
                    yield Draft({"question": question.format(x=x)}, expect, (entity["ref"],))


@family(
    "out-of-scope",
    "out-of-scope",
    "{question}",
)
def out_of_scope(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """Nothing to do with a catalog."""
    asked = (
        "what's the weather tomorrow?",
        "write me a poem about the sea",
        "who won the football yesterday?",
        "translate good morning into French",
        "what is 17 times 23?",
        "book me a flight to Lisbon",
        "tell me a joke",
        "restart the database",
    )
    if Counter(facts.words) & Counter(("weather", "poem", "football", "flight")):
        return
    for question in some(rng, asked, len(asked)):
        yield Draft({"question": question}, {"status": "out_of_scope"})
