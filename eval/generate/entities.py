"""Families about entities themselves: owners, attributes, filters, counts, groups, ranks, yes and no."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from eval.generate.draft import Draft, family, named, results, some
from eval.generate.facts import PLACEHOLDER, Facts, Things
from eval.suites.feeds.catalog import Record

OWNED = ("component", "api", "resource", "system", "template")
GONE = ["empty", "no_such_fact"]
"""An owner that is not in the catalog, and a value that is not there: both are honest."""


def teams_of_things(
    facts: Facts, rng: random.Random, most: int = 60
) -> Iterator[tuple[Record, str]]:
    """Groups that own something, by a name that cannot be anything else, or said to be a team."""
    owners = {e["owner"] for e in facts.entities}
    groups = [e for e in facts.of_kind("group") if e["ref"] in owners]
    for group in some(rng, groups, most):
        forms = facts.forms(group)
        said = [f"the {group['title']} team", f"team {group['title']}"]
        if group["type"] != "team":
            said = []
        if forms or said:
            yield group, rng.choice([*forms, *said])


def _owners(facts: Facts, rng: random.Random, *, kinds: tuple[str, ...]) -> Iterator[Draft]:
    """Who owns a thing; what is owned by somebody unknown has no owner to name."""
    for entity, x in named(facts, rng, facts.of_kind(*OWNED)):
        owner = facts.catalog.entities.get(entity["owner"] or "")
        if owner is not None and owner["kind"] in kinds:
            yield Draft({"x": x}, results([owner["ref"]]), (entity["ref"],))
        elif entity["owner"] and owner is None:
            yield Draft({"x": x}, {"status": GONE}, (entity["ref"],))


@family(
    "owner",
    "lookup",
    "who owns {x}?",
    "{x} owner",
    "who maintains {x}",
    "who is {x} owned by?",
    "whose is {x}?",
    "who looks after {x}?",
    "who should I talk to about {x}?",
    "find the owner of {x}",
    "who do I ask about {x}",
    "who's in charge of {x}?",
    "point me to whoever owns {x}",
    "{x}: whose is it?",
    "name of the owner of {x}",
    share=3,
)
def owner(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """Who owns a thing, be it a team or a person."""
    return _owners(facts, rng, kinds=("group", "user"))


@family(
    "owning-team",
    "lookup",
    "which team is responsible for {x}?",
    "what team owns {x}?",
    "team behind {x}",
    "which team do I contact about {x}?",
)
def owning_team(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """Which team owns a thing."""
    return _owners(facts, rng, kinds=("group",))


def _attribute(
    facts: Facts, rng: random.Random, name: str, kinds: tuple[str, ...]
) -> Iterator[Draft]:
    for entity, x in named(facts, rng, facts.of_kind(*kinds)):
        value = entity.get(name)
        if isinstance(value, str) and value and not PLACEHOLDER.search(value):
            yield Draft({"x": x}, {"holds": [value]}, (entity["ref"],))


@family(
    "lifecycle",
    "lookup",
    "what is the lifecycle of {x}?",
    "{x} lifecycle",
    "what lifecycle stage is {x} in?",
    "lifecycle of {x} please",
)
def lifecycle(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """The lifecycle of a thing."""
    return _attribute(facts, rng, "lifecycle", ("component", "api"))


@family("type", "lookup", "what is the type of {x}?", "what type is {x}?", "{x} type")
def type_of(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """The type of a thing."""
    return _attribute(facts, rng, "type", ("component", "api", "resource"))


@family(
    "system",
    "lookup",
    "which system is {x} part of?",
    "what system does {x} belong to?",
    "system of {x}",
    "which system contains {x}",
)
def system_of(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """The system a thing belongs to."""
    for entity, x in named(facts, rng, facts.of_kind("component", "api", "resource")):
        if entity["system"] in facts.catalog.entities:
            yield Draft({"x": x}, {"holds": [entity["system"]]}, (entity["ref"],))


@family(
    "repository",
    "lookup",
    "where is the source code of {x}?",
    "which repo holds {x}?",
    "{x} repository",
    "github repo for {x}",
)
def repository(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """Where the code lies."""
    return _attribute(facts, rng, "repository", ("component",))


def _conditions(facts: Facts, rng: random.Random) -> list[tuple[str, str, Any]]:
    """Conditions that can be said after a noun: words, reference they name or nothing, test."""
    found: list[tuple[str, str, Any]] = []
    for group, t in teams_of_things(facts, rng, 12):
        found.append((f"owned by {t}", group["ref"], facts.owned_by(group["ref"])))
    for system, s in named(facts, rng, facts.of_kind("system"), 8):
        found.append((f"in the {s} system", system["ref"], _equals("system", system["ref"])))
    for domain, d in named(facts, rng, facts.of_kind("domain"), 5):
        found.append((f"in the {d} domain", domain["ref"], _equals("domain", domain["ref"])))
    tags = Counter(tag for e in facts.entities for tag in e["tags"])
    usual = sorted(t for t, n in tags.items() if 1 < n < 40)
    return found + [(f"tagged {tag}", "", _tagged(tag)) for tag in some(rng, usual, 8)]


def _equals(name: str, value: Any) -> Any:
    return lambda e: e[name] == value


def _tagged(tag: str) -> Any:
    return lambda e: tag in e["tags"]


def _lifecycles(things: Things) -> list[str]:
    found = Counter(e["lifecycle"] for e in things.members if e["lifecycle"])
    return sorted(name for name in found if not PLACEHOLDER.search(name))


def _filtered(
    facts: Facts, rng: random.Random, *, many: int
) -> Iterator[tuple[Things, str, list[Record], tuple[str, ...]]]:
    """Nouns with conditions that leave something: the noun, the words after it, what is left, what is named."""
    conditions = _conditions(facts, rng)
    things = [t for t in facts.things if len(t.members) > 1 and t.kind != "template"]
    for _ in range(40 * many):
        if not things or len(conditions) < many:
            return
        noun = rng.choice(things)
        chosen = rng.sample(conditions, many)
        members = [e for e in noun.members if all(test(e) for _, _, test in chosen)]
        sorts = {words.split(" ")[0] for words, _, _ in chosen}
        if members and len(sorts) == many:
            words = " ".join(words for words, _, _ in chosen)
            yield noun, words, members, tuple(ref for _, ref, _ in chosen if ref)


@family(
    "filter",
    "filters",
    "{things} {where}",
    "list all {things} {where}",
    "which {things} are {where}?",
    "show me the {things} {where}",
    "what {things} are there {where}",
    "give me every {thing} {where}",
    "I need a list of {things} {where}",
    "name all {things} {where}",
    "got any {things} {where}?",
    share=3,
)
def one_condition(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """A noun and one condition."""
    for noun, where, members, links in _filtered(facts, rng, many=1):
        slots = {"things": noun.many, "thing": noun.one, "where": where}
        yield Draft(slots, results(e["ref"] for e in members), links)


@family(
    "filter-two",
    "filters",
    "{things} {where}",
    "which {things} are {where}?",
    "find {things} {where}",
    share=2,
)
def two_conditions(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """A noun and two conditions."""
    for noun, where, members, links in _filtered(facts, rng, many=2):
        yield Draft(
            {"things": noun.many, "where": where}, results(e["ref"] for e in members), links
        )


@family(
    "possessive",
    "filters",
    "what {things} does {team} own?",
    "{things} of {team}",
    "which {things} belong to {team}?",
    "{things} maintained by {team}",
    "all {things} {team} owns",
    share=2,
)
def possessive(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """What a team owns of something, said in other ways."""
    for group, team in teams_of_things(facts, rng):
        for noun in facts.things:
            members = [e for e in noun.members if facts.owned_by(group["ref"])(e)]
            if members:
                slots = {"things": noun.many, "team": team}
                yield Draft(slots, results(e["ref"] for e in members), (group["ref"],))


@family(
    "lifecycle-filter",
    "filters",
    "{lifecycle} {things}",
    "{things} with lifecycle {lifecycle}",
    "which {things} are {lifecycle}?",
    "{things} in {lifecycle}",
    share=2,
)
def by_lifecycle(facts: Facts, rng: random.Random) -> Iterator[Draft]:  # noqa: ARG001
    """Things of one lifecycle."""
    for noun in facts.things:
        for value in _lifecycles(noun):
            members = [e["ref"] for e in noun.members if e["lifecycle"] == value]
            yield Draft({"lifecycle": value, "things": noun.many}, results(members))


@family(
    "not-lifecycle",
    "negation",
    "{things} owned by {team} that are not {lifecycle}",
    "non-{lifecycle} {things} of {team}",
    "{team}'s {things} except the {lifecycle} ones",
    "which {things} of {team} aren't {lifecycle}?",
    share=2,
)
def not_lifecycle(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """What a team owns, less one lifecycle."""
    for group, team in teams_of_things(facts, rng):
        for noun in facts.things:
            mine = [e for e in noun.members if facts.owned_by(group["ref"])(e)]
            for value in _lifecycles(noun):
                kept = [e["ref"] for e in mine if e["lifecycle"] != value]
                if 0 < len(kept) < len(mine):
                    slots = {"things": noun.many, "team": team, "lifecycle": value}
                    yield Draft(slots, results(kept), (group["ref"],))


@family(
    "without-system",
    "negation",
    "{things} without a system",
    "{things} that belong to no system",
    "which {things} are not part of any system?",
)
def without_system(facts: Facts, rng: random.Random) -> Iterator[Draft]:  # noqa: ARG001  every family is called alike
    """Things outside every system."""
    for noun in facts.things:
        if noun.kind in ("component", "api", "resource"):
            lacking = [e["ref"] for e in noun.members if e["system"] not in facts.catalog.entities]
            if 0 < len(lacking) < len(noun.members):
                yield Draft({"things": noun.many}, results(lacking))


@family(
    "count",
    "counts",
    "how many {things} does {team} own?",
    "number of {things} owned by {team}",
    "how many {things} belong to {team}",
    "count {team}'s {things}",
    "{team} owns how many {things}?",
    "total number of {things} owned by {team}",
    share=2,
)
def count_owned(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """How many things a team owns."""
    for group, team in teams_of_things(facts, rng):
        for noun in facts.things:
            number = sum(facts.owned_by(group["ref"])(e) for e in noun.members)
            if number:
                slots = {"things": noun.many, "team": team}
                yield Draft(slots, {"value": number}, (group["ref"],))


@family(
    "count-all",
    "counts",
    "how many {things} are there?",
    "number of {things}",
    "how many {things} do we have in the catalog?",
)
def count_all(facts: Facts, rng: random.Random) -> Iterator[Draft]:  # noqa: ARG001
    """How many things of a noun there are."""
    for noun in facts.things:
        yield Draft({"things": noun.many}, {"value": len(noun.members)})


@family(
    "group-by",
    "group-by",
    "how many {things} per {by}?",
    "{things} by {by}",
    "number of {things} for each {by}",
    "count of {things} grouped by {by}",
    "break down {things} by {by}",
    "{by} breakdown of {things}",
)
def group_by(facts: Facts, rng: random.Random) -> Iterator[Draft]:  # noqa: ARG001
    """Numbers per lifecycle, type or system."""
    for noun in facts.things:
        for by in ("lifecycle", "type", "system"):
            held = Counter(e[by] for e in noun.members if e[by])
            if by == "system":
                held = Counter({k: n for k, n in held.items() if k in facts.catalog.entities})
            if len(held) > 1 and not (
                by == "type" and noun.many not in ("components", "APIs", "resources")
            ):
                slots = {"things": noun.many, "by": by}
                yield Draft(slots, {"rows": dict(held), "rows_include": True})


@family(
    "most",
    "superlative",
    "which team owns the most {things}?",
    "who owns the most {things}?",
    "team with the most {things}",
    "rank teams by number of {things}",
    "who has the largest number of {things}?",
)
def most_owned(facts: Facts, rng: random.Random) -> Iterator[Draft]:  # noqa: ARG001
    """The team that owns most of something, where it is one."""
    teams = {e["ref"] for e in facts.of_kind("group") if e["type"] == "team"}
    for noun in facts.things:
        held = Counter(e["owner"] for e in noun.members if e["owner"] in facts.catalog.entities)
        ranked = held.most_common(2)
        if ranked and ranked[0][0] in teams and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]):
            yield Draft({"things": noun.many}, {"first": ranked[0][0]})


@family(
    "owned-by-whom",
    "yes-no",
    "is {x} owned by {team}?",
    "does {team} own {x}?",
    "does {x} belong to {team}?",
    "{x} is owned by {team}, right?",
    "is {team} the owner of {x}?",
    share=2,
)
def is_owned(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """Whether a thing belongs to a team: half of them do."""
    teams = list(teams_of_things(facts, rng))
    by_ref = {group["ref"]: (group, said) for group, said in teams}
    for entity, x in named(facts, rng, facts.of_kind(*OWNED)):
        mine = by_ref.get(entity["owner"] or "")
        if mine is None:
            continue
        group, team = mine if rng.random() < 0.5 else rng.choice(teams)
        slots = {"x": x, "team": team}
        yes = facts.owned_by(group["ref"])(entity)
        yield Draft(slots, {"value": yes}, (entity["ref"], group["ref"]))


@family("is-lifecycle", "yes-no", "is {x} {lifecycle}?", "is {x} in {lifecycle}?")
def is_lifecycle(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """Whether a thing is in a lifecycle."""
    values = sorted({v for things in facts.things for v in _lifecycles(things)})
    for entity, x in named(facts, rng, facts.of_kind("component", "api")):
        if entity["lifecycle"] and values:
            value = entity["lifecycle"] if rng.random() < 0.5 else rng.choice(values)
            yes = value == entity["lifecycle"]
            yield Draft({"x": x, "lifecycle": value}, {"value": yes}, (entity["ref"],))


@family(
    "fact",
    "facts",
    "{label} of {x}",
    "what is the {label} of {x}?",
    "{x} {label}",
    share=2,
)
def fact(facts: Facts, rng: random.Random) -> Iterator[Draft]:
    """A number that a table of facts brought."""
    for label, _, values in facts.columns.values():
        held = [facts.catalog.entities[ref] for ref in values if ref in facts.catalog.entities]
        for entity, x in named(facts, rng, held, 12):
            expect = {"value": values[entity["ref"]]}
            yield Draft({"label": label, "x": x}, expect, (entity["ref"],))


def _extreme(facts: Facts, end: int) -> Iterator[Draft]:
    """The thing at one end of a number, where it is alone there."""
    for label, _, values in facts.columns.values():
        for noun in facts.things:
            held = sorted((values[e["ref"]], e["ref"]) for e in noun.members if e["ref"] in values)
            beside = end - 1 if end < 0 else end + 1
            if len(held) > 2 and held[end][0] != held[beside][0]:
                yield Draft({"thing": noun.one, "label": label}, {"first": held[end][1]})


@family(
    "fact-highest",
    "superlative",
    "which {thing} has the highest {label}?",
    "{thing} with the highest {label}",
)
def fact_highest(facts: Facts, rng: random.Random) -> Iterator[Draft]:  # noqa: ARG001
    """The thing with the most of something."""
    return _extreme(facts, -1)


@family(
    "fact-lowest",
    "superlative",
    "which {thing} has the lowest {label}?",
    "{thing} with the lowest {label}",
)
def fact_lowest(facts: Facts, rng: random.Random) -> Iterator[Draft]:  # noqa: ARG001
    """The thing with the least of something."""
    return _extreme(facts, 0)
