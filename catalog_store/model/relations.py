"""How things hang together: one row per relation, with both directions and the words for each.

Edges are stored once, in the canonical direction; the inverse is read by swapping the columns.
"""

from __future__ import annotations

from catalog_store.model import kinds as k
from catalog_store.model.record_relations import RECORD_RELATIONS
from catalog_store.model.relation import Relation, Side

_OWNABLE = (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.DOMAIN, k.TEMPLATE, k.DOC, k.RUNBOOK)
_AGENTS = (k.GROUP, k.USER)
_PARTS = (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.DOMAIN)


_FOR_A_CHANGE = tuple(
    f"{ask} {about} {change} {to}"
    for ask in ("ask", "go to", "talk to", "speak to", "contact", "turn to")
    for about in ("about", "for")
    for change in ("a change", "changes")
    for to in ("in", "to", "of", "on")
)
"""Whom one asks to change a thing: its owner."""

RELATIONS: tuple[Relation, ...] = (
    Relation(
        Side(
            "ownedBy",
            (),
            (
                "owner",
                "owning team",
                "responsible team",
                "responsible person",
                "right person",
                "right person to ask",
                "person to ask",
                "contact person",
                "point of contact",
                "go-to person",
                "maintainer",
                "team responsible",
                "team in charge",
                "owning group",
            ),
            "owned directly by",
        ),
        Side(
            "ownerOf",
            (
                "own",
                "maintain",
                "run",
                "manage",
                "look after",
                "take care of",
                "responsible for",
                "in charge of",
                "operate",
                "build",
                "accountable for",
                "on the hook for",
                "behind",
                "support",
                "keep",
                "develop",
                "answer for",
                "ping about",
                "talk to about",
                "ask about",
                "contact about",
                "contact for",
                "speak to about",
                "reach out to about",
                "reach out to for",
                "go to for",
                "go to about",
                "bug about",
                "write to about",
                "turn to for",
                "steward",
                "handle",
                *_FOR_A_CHANGE,
                *(
                    f"{do} {ping}"
                    for do in ("do i", "do we", "should i", "should we", "can i", "to")
                    for ping in ("ping", "contact", "message", "reach out to", "get in touch with")
                ),
                "ping for",
            ),
            (),
            "owning",
        ),
        _OWNABLE,
        _AGENTS,
    ),
    Relation(
        Side(
            "ownedWithin",
            (
                "owned by",
                "belonging to",
                "belong to",
                "belongs to",
                "maintained by",
                "run by",
                "managed by",
                "built by",
                "operated by",
                "looked after by",
                "kept by",
                "assigned to",
                "taken care of by",
                "developed by",
                "under the care of",
                "in the hands of",
                "handled by",
                "stewarded by",
                "supported by",
                "administered by",
            ),
            (),
            "owned by",
        ),
        Side("ownsWithin", (), (), "owning, themselves or through their teams,"),
        _OWNABLE,
        _AGENTS,
        derived=True,
    ),
    Relation(
        Side("partOf", (), (), "directly part of"),
        Side("hasPart", (), (), "made up directly of"),
        _PARTS,
        (k.COMPONENT, k.SYSTEM, k.DOMAIN),
    ),
    Relation(
        Side(
            "within",
            (
                "part of",
                "inside",
                "within",
                "run in",
                "sit in",
                "belong to",
                "belongs to",
                "belonging to",
            ),
            (),
            "part of",
        ),
        Side(
            "contains",
            ("contain", "include", "consist of", "made up of", "made of"),
            ("part", "subcomponent", "piece"),
            "containing",
        ),
        _PARTS,
        (k.COMPONENT, k.SYSTEM, k.DOMAIN),
        derived=True,
    ),
    Relation(
        Side("dependsOn", (), (), "declaring a dependency on"),
        Side("dependencyOf", (), (), "a declared dependency of"),
        (k.COMPONENT, k.RESOURCE),
        (k.COMPONENT, k.RESOURCE, k.API),
    ),
    Relation(
        Side(
            "providesApi",
            ("provide", "expose", "offer", "serve", "publish", "implement"),
            ("provided api", "exposed api"),
            "providing",
        ),
        Side(
            "apiProvidedBy",
            (
                "provided by",
                "exposed by",
                "served by",
                "offered by",
                "implemented by",
                "published by",
            ),
            ("provider", "implementation"),
            "provided by",
        ),
        (k.COMPONENT,),
        (k.API,),
    ),
    Relation(
        Side("consumesApi", ("consume", "subscribe to"), ("consumed api",), "consuming"),
        Side("apiConsumedBy", ("consumed by",), ("api consumer",), "consumed by"),
        (k.COMPONENT,),
        (k.API,),
    ),
    Relation(
        Side(
            "uses",
            (
                "depend on",
                "depend upon",
                "use",
                "call",
                "talk to",
                "rely on",
                "rely upon",
                "need",
                "require",
                "hit",
                "connect to",
                "read from",
                "write to",
                "read",
                "write",
                "read and write",
                "share",
                "invoke",
                "reach",
                "lean on",
                "still on",
                "integrate with",
                "communicate with",
                "speak to",
                "query",
                "speak with",
                "talk with",
                "make calls to",
                "send requests to",
                "call into",
                "hook into",
                "plug into",
                "hooked up to",
                "built on",
                "built on top of",
                "sit on top of",
                "run on top of",
                "backed by",
                "powered by",
                "pull from",
                "fetch from",
                "pull data from",
                "get data from",
                "store data in",
                "persist to",
                "load from",
                "need to run",
                "need to work",
                "need to function",
                "require to run",
                "require to work",
                "consult",
            ),
            ("dependency", "upstream", "upstream dependency", "prerequisite", "requirement"),
            "depending on",
        ),
        Side(
            "usedBy",
            (
                "used by",
                "called by",
                "needed by",
                "required by",
                "depended on by",
                "shared by",
                "relied on by",
                "relied upon by",
                "depended upon by",
                "referenced by",
                "invoked by",
                "accessed by",
                "queried by",
                *(f"{used} from" for used in ("used", "called", "accessed", "invoked", "queried")),
            ),
            ("dependent", "caller", "client", "downstream", "consumer", "dependant"),
            "used by",
        ),
        (k.COMPONENT, k.RESOURCE, k.API),
        (k.COMPONENT, k.RESOURCE, k.API),
        derived=True,
    ),
    Relation(
        Side(
            "memberOf",
            (
                "member of",
                "work in",
                "work on",
                "work for",
                "work at",
                "part of",
                "work",
                "sit in",
                "belong to",
                "belonging to",
                "belongs to",
            ),
            (),
            "in",
        ),
        Side(
            "hasMember", (), ("member", "everybody", "everyone", "staff", "teammate"), "with member"
        ),
        (k.USER,),
        (k.GROUP,),
    ),
    Relation(
        Side(
            "childOf",
            (
                "report to",
                "report into",
                "roll up to",
                "roll up into",
                "under",
                "sit under",
                "below",
                "beneath",
                "underneath",
                "belong to",
                "belonging to",
                "part of",
                "inside",
                "within",
            ),
            ("parent", "parent team", "parent group"),
            "directly under",
        ),
        Side("parentOf", (), ("child", "sub-team", "subteam", "child team"), "directly above"),
        (k.GROUP,),
        (k.GROUP,),
    ),
    *RECORD_RELATIONS,
    Relation(
        Side("documents", (), (), "about"),
        Side("hasDoc", (), (), "with"),
        (k.DOC,),
        (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.DOMAIN, k.TEMPLATE, k.GROUP),
    ),
    Relation(
        Side("runbookFor", (), (), "for"),
        Side("hasRunbook", (), (), "with"),
        (k.RUNBOOK,),
        (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.ALERT),
    ),
)

RELATION_BY_SIDE: dict[str, tuple[Relation, bool]] = {}
"""Either side's name → (relation, whether it is the inverse side)."""
for _relation in RELATIONS:
    RELATION_BY_SIDE[_relation.forward.name] = (_relation, False)
    RELATION_BY_SIDE[_relation.inverse.name] = (_relation, True)


def side_of(name: str) -> Side:
    """The side with this name.

    >>> side_of("usedBy").phrase
    'used by'

    Raises:
        KeyError: no relation has such a side.
    """
    relation, inverse = RELATION_BY_SIDE[name]
    return relation.inverse if inverse else relation.forward


def opposite(name: str) -> str:
    """The other direction's name.

    >>> opposite("ownedBy")
    'ownerOf'
    """
    relation, inverse = RELATION_BY_SIDE[name]
    return relation.forward.name if inverse else relation.inverse.name


def ends(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(source kinds, target kinds) of a side, read in its own direction.

    >>> ends("hasMember")
    (('Group',), ('User',))
    """
    relation, inverse = RELATION_BY_SIDE[name]
    return (relation.targets, relation.sources) if inverse else (relation.sources, relation.targets)


def implied(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The catalog entities of a relation's end that mixes them with pages, as long as nobody named its kinds.

    A set lies in one table: what a team owns is its components, apis and systems; its docs are asked for by name.

    >>> implied(ends("ownsWithin")[1])
    ('Component', 'API', 'Resource', 'System', 'Domain', 'Template')
    >>> implied(("Component", "Doc"))
    ('Component', 'Doc')
    """
    return _IMPLIED.get(frozenset(kinds), kinds)


_IMPLIED: dict[frozenset[str], tuple[str, ...]] = {
    frozenset(end): tuple(kind for kind in end if kind in k.ENTITY_KINDS)
    for relation in RELATIONS
    for end in (relation.sources, relation.targets)
    if not set(end) <= set(k.ENTITY_KINDS) and set(end) & set(k.ENTITY_KINDS)
}
