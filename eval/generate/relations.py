"""Families about how things hang together: dependencies, APIs, people and teams, who asks, and questions that follow up."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from eval.generate.draft import Draft, family, named, results, some
from eval.generate.entities import teams_of_things
from eval.generate.facts import Facts
from eval.suites.feeds.catalog import Record

LINKED = ("component", "resource")


def _linked(facts: Facts, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Things that depend on something or are depended on, by a name that means nothing else."""
    linked = {*facts.catalog.depends, *facts.catalog.dependents}
    pool = [e for e in facts.of_kind(*LINKED) if e["ref"] in linked]
    for entity, x in named(facts, rng, pool):
        yield entity["ref"], x


@family(
    "depends-on",
    "relations",
    "what does {x} depend on?",
    "dependencies of {x}",
    "{x} dependencies",
    "what does {x} need to run",
    "what is {x} built on?",
    share=2,
)
def depends_on(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """What a thing needs, one hop: what it declares, the APIs it consumes, and who provides those."""
    for ref, x in _linked(facts, rng):
        needed = {*facts.catalog.depends[ref], *facts.catalog.entities[ref]["consumes"]}
        yield Draft({"x": x}, results(facts.known(needed)), (ref,))


@family(
    "dependents",
    "relations",
    "what depends on {x}?",
    "who uses {x}?",
    "dependents of {x}",
    "what relies on {x}",
    "which components use {x}?",
    "list everything that uses {x}",
    "which components need {x}?",
    share=2,
)
def dependents(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """What needs a thing, one hop."""
    for ref, x in _linked(facts, rng):
        found = facts.known(facts.catalog.dependents[ref])
        if all(facts.catalog.entities[f]["kind"] == "component" for f in found):
            yield Draft({"x": x}, results(found), (ref,))


@family(
    "breaks",
    "relations",
    "what breaks if {x} goes down?",
    "blast radius of {x}",
    "what is affected when {x} is down?",
    "what depends on {x} directly or indirectly?",
    "what will be impacted if we take {x} down?",
    "if {x} fails, what else is affected?",
    "everything downstream of an outage of {x}",
    share=2,
)
def breaks(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """Everything above a thing."""
    for ref, x in _linked(facts, rng):
        yield Draft({"x": x}, results(facts.known(facts.catalog.upstream(ref))), (ref,))


@family(
    "depends-yes-no",
    "yes-no",
    "does {x} depend on {y}?",
    "is {y} used by {x}?",
    "does {x} use {y}?",
)
def depends_yes_no(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """Whether one thing needs another; half do."""
    for ref, x in _linked(facts, rng):
        needed = facts.known(facts.catalog.depends[ref])
        pool = needed if rng.random() < 0.5 else [e["ref"] for e in facts.of_kind(*LINKED)]
        for other in some(rng, [r for r in pool if r != ref], 1):
            if forms := facts.forms(facts.catalog.entities[other]):
                slots = {"x": x, "y": rng.choice(forms)}
                yield Draft(slots, {"value": other in needed}, (ref, other))


@family(
    "provides",
    "relations",
    "which APIs does {x} provide?",
    "APIs provided by {x}",
    "what APIs does {x} expose?",
)
def provides(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """The APIs of a component."""
    for entity, x in named(facts, rng, facts.of_kind("component")):
        if apis := facts.known(entity["provides"]):
            yield Draft({"x": x}, results(apis), (entity["ref"],))


@family(
    "provider",
    "relations",
    "which component provides {x}?",
    "who provides {x}?",
    "what implements {x}",
    "provider of {x}",
)
def provider(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """Who serves an API."""
    for api, x in named(facts, rng, facts.of_kind("api")):
        if found := facts.known(facts.catalog.providers.get(api["ref"], ())):
            yield Draft({"x": x}, results(found), (api["ref"],))


@family(
    "consumers",
    "relations",
    "which components consume {x}?",
    "consumers of {x}",
    "what calls {x}?",
    "who consumes {x}",
)
def consumers(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """Who calls an API."""
    for api, x in named(facts, rng, facts.of_kind("api")):
        found = facts.known(facts.catalog.consumers.get(api["ref"], ()))
        yield Draft({"x": x}, results(found), (api["ref"],))


@family(
    "nested",
    "nested",
    "{things} that depend on {x}",
    "which {things} use {x}?",
    "{things} relying on {x}",
)
def nested(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """Things of a noun that need something."""
    for ref, x in _linked(facts, rng):
        for noun in facts.things:
            found = [
                e["ref"] for e in noun.members if ref in facts.catalog.depends.get(e["ref"], ())
            ]
            if found and noun.kind == "component":
                yield Draft({"things": noun.many, "x": x}, results(found), (ref,))


@family(
    "members",
    "lookup",
    "who is in {team}?",
    "members of {team}",
    "who works in {team}",
    "list the people in {team}",
    "who belongs to {team}?",
    "everyone in {team}",
    "people on {team}",
)
def members(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """The people of a team that has no groups under it."""
    parents = {facts.parents(e["ref"]) for e in facts.of_kind("group")}
    groups = [e for e in facts.of_kind("group") if e["ref"] not in parents]
    for group, _ in named(facts, rng, groups):
        found = facts.members_of(group["ref"])
        if found:
            said = rng.choice([f"the {group['title']} team", f"team {group['title']}"])
            yield Draft({"team": said}, results(found), (group["ref"],))


@family(
    "teams-of",
    "lookup",
    "which team is {x} in?",
    "what teams does {x} belong to?",
    "{x}'s team",
    "which group is {x} a member of?",
    "where does {x} work?",
)
def teams_of(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """The groups of a person."""
    for user, x in named(facts, rng, facts.of_kind("user")):
        if found := facts.known(user["groups"]):
            yield Draft({"x": x}, results(found), (user["ref"],))


@family(
    "parent",
    "lookup",
    "what is the parent of {team}?",
    "which group is {team} part of?",
    "who does {team} report to",
    "parent group of {team}",
)
def parent(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """The group over a group."""
    for group, team in named(facts, rng, facts.of_kind("group")):
        over = facts.parents(group["ref"])
        if over in facts.catalog.entities:
            said = team if group["type"] != "team" else f"the {group['title']} team"
            yield Draft({"team": said}, results([str(over)]), (group["ref"],))


@family(
    "mine",
    "identity",
    "what {things} do I own?",
    "my {things}",
    "which {things} does my team own?",
    "list my team's {things}",
    share=2,
)
def mine(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """What the asker's groups own, and the parents of those directly."""
    owners = {e["owner"] for e in facts.entities}
    people = [u for u in facts.of_kind("user") if u["groups"] and u["ref"] not in owners]
    for user in some(rng, people, 60):
        own = {g for g in user["groups"] if g in facts.catalog.entities}
        own |= {p for g in own for p in facts.catalog.above(g)}
        for noun in facts.things:
            found = [e["ref"] for e in noun.members if e["owner"] in own]
            below = [e["ref"] for e in noun.members if own & set(e["under"])]
            if found and sorted(found) == sorted(below):
                yield Draft({"things": noun.many}, results(found), asker=user["ref"])


def _lists(facts: Facts, rng: random.Random) -> Iterator[tuple[Draft, str, list[Record]]]:
    """Lists of what a team owns, with the noun's plural and the members."""
    for group, team in teams_of_things(facts, rng, 12):
        for noun in facts.things:
            found = [e for e in noun.members if facts.owned_by(group["ref"])(e)]
            if found:
                slots = {"things": noun.many, "team": team}
                refs = results(e["ref"] for e in found)
                yield Draft(slots, refs, (group["ref"],)), noun.many, found


@family("narrow", "follow-up", "{things} owned by {team}", "which {things} does {team} own?")
def narrow(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """A list, then less of it, then how much that is."""
    for draft, _, found in _lists(facts, rng):
        for value in sorted({e["lifecycle"] for e in found if e["lifecycle"]}):
            less = [e["ref"] for e in found if e["lifecycle"] == value]
            if len(less) < len(found):
                then = (
                    (f"only the {value} ones", results(less)),
                    ("how many are there?", {"value": len(less)}),
                )
                yield replace(draft, then=then)


@family("swap", "follow-up", "{things} owned by {team}", "what {things} does {team} own?")
def swap(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """A list, then the same of another team."""
    teams = list(teams_of_things(facts, rng, 12))
    nouns = {noun.many: noun for noun in facts.things}
    for draft, many, _ in _lists(facts, rng):
        other, said = rng.choice(teams)
        theirs = [e["ref"] for e in nouns[many].members if facts.owned_by(other["ref"])(e)]
        asked = rng.choice([f"and {said}?", f"what about {said}?", f"same for {said}"])
        if theirs:
            yield replace(draft, then=((asked, results(theirs)),))
