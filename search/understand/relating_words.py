"""Closed word classes that relate two things, or say that one relates to nothing: paths, what is had in common, what is unowned or unused."""

from __future__ import annotations

# fmt: off
WAY: tuple[str, ...] = (
    "path", "route", "chain", "path between", "connection between", "shortest path", "dependency path", "path from", "route from", "link between",
    "way from",
)
"""Words that, with two names after them, ask how one thing leads to the other."""

CONNECTED: tuple[str, ...] = (
    *(f"{how} {to}" for how in ("connected", "linked", "related", "wired", "tied", "hooked up") for to in ("to", "with")),
    "lead to", "leads to", "get to", "gets to",
)
"""Between two names: ask how one thing leads to the other."""

ALIKE: tuple[str, ...] = ("same", "the same", "share", "shares", "sharing", "in common with", "shared with")
"""Before a noun and a name: what both have."""

ANOTHERS: tuple[str, ...] = (
    *(f"{owned} {other}" for owned in ("owned by", "belonging to", "that belong to", "belong to", "belongs to", "run by", "maintained by", "of", "from", "managed by")
      for other in ("another team", "other teams", "a different team", "different teams", "someone else", "somebody else", "another group", "other people",
                    "another squad", "other squads", "another owner", "a different owner")),
    *(f"{other} {owns}" for other in ("another team", "some other team", "other teams", "a different team", "someone else", "somebody else", "another squad")
      for owns in ("owns", "own", "runs", "maintains", "is responsible for")),
    "outside the team", "outside their team", "outside its team", "outside of their team", "not owned by the same team", "with another owner", "with a different owner",
)
"""Said of a thing tied to another: its owner is not that one's."""

UNOWNED: tuple[str, ...] = ("unowned", "ownerless", "orphaned", "orphan", "owned by nobody", "owned by no one", "owned by anyone", "owned by noone",
                            "no owner", "nobody owns", "no one owns", "belonging to nobody", "belongs to nobody", "belong to nobody", "belong to no one",
                            "nobody looks after", "nobody is responsible for", "nobody feels responsible for", "without owners")

ORPHANS: tuple[str, ...] = ("orphans", "orphan entities", "orphaned entities", "orphaned things")

ABSENT: tuple[str, ...] = (
    *(f"{verb} {end}"
    for verb in ("not", "no longer", "is not", "isn't", "isnt", "is no longer", "are not", "aren't", "are no longer", "cannot be found", "missing", "is missing",
                 "are missing", "not found", "is not found", "unknown", "is nowhere")
    for end in ("in the catalog", "in the catalogue", "in our catalog", "in our catalogue", "in backstage", "from the catalog", "from the catalogue",
                "to the catalog", "to the catalogue")),
    "does not exist", "do not exist", "doesn't exist", "don't exist", "doesnt exist", "dont exist", "no longer exists", "no longer exist", "doesn't resolve",
    "don't resolve", "does not resolve", "do not resolve", "is gone", "are gone", "not there", "is not there", "are not there", "isn't there", "aren't there",
    "is unknown", "are unknown", "is not known", "unknown", "nonexistent", "non-existent", "not a known", "isn't a known", "not an existing", "isn't an existing",
    "not a real", "isn't a real", "not one of the known", "doesn't exist anymore", "no longer there", "has ceased to exist", "never existed",
)
"""Said of what is referred to: nothing of that name is in the catalog."""

POINTS: tuple[str, ...] = (
    "refer to", "refers to", "referring to", "references", "reference to", "references to", "reference", "referencing", "point to", "points to", "pointing to",
    "point at", "points at", "pointing at", "link to", "links to", "linking to", "mention", "mentions", "naming", "declares", "declare", "declaring",
)

CONTRAST: tuple[str, ...] = ("not the", "and not the", "but not the", "instead of", "rather than", "and not by", "and not", "not by", "as opposed to", "in place of", "but not by")
"""What follows, a bare noun, only says what the things before it are not."""

IN_USE: tuple[str, ...] = (
    *(f"{how} {used}" for how in ("being", "still being", "still", "actively")
      for used in ("used", "called", "consumed", "needed", "depended on", "depended upon", "relied on", "relied upon", "referenced", "imported")),
    "in use", "still in use", "used by someone", "used by somebody", "used by anything", "used by something",
    *(f"{who}{still} {use}" for who in ("somebody", "someone", "something", "anyone", "anybody", "anything", "people") for still in ("", " still", " actually")
      for use in ("uses", "use", "calls", "call", "consumes", "consume", "depends on", "depend on", "relies on", "rely on", "needs", "need")),
    "in active use",
)

UNUSED: tuple[str, ...] = ("unused", "unreferenced", "used by nobody", "used by nothing", "used by no one", "nothing uses", "nobody uses", "no one uses",
                           "nothing depends on", "nobody depends on", "no one depends on", "no longer used", "no longer in use")

BREAKING: tuple[str, ...] = tuple(
    f"{what} {broke}"
    for what in ("anything", "something", "things", "stuff", "what", "what has", "what's", "whatever")
    for broke in ("break", "broke", "go down", "went down", "gone down", "blow up", "blew up", "go wrong", "went wrong", "gone wrong", "fall over", "fell over")
)
"""Things breaking at some time: incidents. What is "down" or "broken" now is a state of things."""

CAUSING: tuple[str, ...] = tuple(f"{verb} the most" for verb in ("caused", "causes", "causing", "suffered", "suffers", "experienced", "experiences", "triggered", "triggers", "produced", "produces", "generated", "generates", "racked up", "attracted", "attracts"))
"""Verbs that say of things only how many records they have."""

RELATING: tuple[tuple[str, ...], ...] = (WAY, CONNECTED, ALIKE, ANOTHERS, UNOWNED, ORPHANS, ABSENT, POINTS, CONTRAST, IN_USE, UNUSED, BREAKING)
"""All of these tables."""
