"""What is not there, worded: nothing that matches, an owner nobody holds, things that were never deployed."""

from __future__ import annotations

from assistant.composed import LISTED
from search.engine import SearchEngine
from search.plan import All, Not, Predicate, Related, Select, Traverse
from search.plan_parts import named_refs
from search.result import SearchResult
from search.sql import as_select


def nothing(engine: SearchEngine, plan: Select | Traverse, said: str) -> str:
    """Nothing matches; when an owner is named that the catalog does not hold, say so."""
    if isinstance(plan, Traverse) and plan.relation == "ownedBy":
        refs = named_refs(plan.start)
        dangling = dangling_owner(engine, refs[0]) if len(refs) == 1 else None
        if dangling is not None:
            return dangling
    return f"Nothing matches: {said}."


def dangling_owner(engine: SearchEngine, ref: str) -> str | None:
    """A sentence about the owner a thing declares and the catalog does not hold; None when there is none."""
    catalog = engine.snapshot.catalog
    owners = (e["target"] for e in catalog.edges(ref, "ownedBy"))
    missing = next((owner for owner in owners if catalog.entity(owner) is None), None)
    if missing is None:
        return None
    return (
        f"{engine.name(ref)} declares the owner `{missing}`, which is not in the catalog, "
        "so nobody is known to own it."
    )


def never_deployed(engine: SearchEngine, plan: Select | Traverse, result: SearchResult) -> str:
    """ "Not deployed in 60 days" includes what never was; they are counted apart."""
    if not _not_deployed(as_select(plan).where):
        return ""
    never = [r for r in result.rows if "last_deployed_at" in r and r["last_deployed_at"] is None]
    if not never:
        return ""
    names = ", ".join(engine.title(r["ref"]) for r in never[:LISTED])
    return f" Never deployed to production: {len(never)} of them ({names})."


def _not_deployed(where: Predicate | None) -> bool:
    if isinstance(where, All):
        return any(_not_deployed(part) for part in where.of)
    return (
        isinstance(where, Not)
        and isinstance(where.of, Related)
        and where.of.relation == "hasDeployment"
    )
