"""A name as an agent writes it → the thing it means, or an error that says what may have been meant."""

from __future__ import annotations

from assistant.search_box import SearchHit, SearchQuery
from catalog_store.errors import BadRequest, InvalidRef, UnknownEntity
from catalog_store.model.entity import EntityRef
from mcp_server.call import Call

LOOKED_AT = 20
"""Hits in which a name is looked for."""

NEAR = 4
"""Names offered when none fits."""


def resolve(call: Call, text: str, *, argument: str, prefer: str | None = None) -> str:
    """The reference of the one thing that is meant.

    Args:
        call: who asks, of what.
        text: a reference, a name or a title, in any case.
        argument: its name, for the error.
        prefer: the kind that is meant when things of several kinds are called so.

    Raises:
        BadRequest: nothing is called so, or several things are; names the nearest, or all of them.
    """
    if ":" in text:
        try:
            ref = str(EntityRef.parse(text))
            call.seen.entity(ref)
        except (InvalidRef, UnknownEntity) as error:
            raise BadRequest(f"{argument}: {error}{_near(call, text.rpartition('/')[2])}") from None
        return ref
    hits = _hits(call, text)
    called = [hit for hit in hits if text.lower() in (hit.title.lower(), _name(hit.ref))]
    preferred = [hit for hit in called if hit.kind == prefer] or called
    if len(preferred) == 1:
        return preferred[0].ref
    if preferred:
        refs = ", ".join(hit.ref for hit in preferred)
        raise BadRequest(f"{argument}: {text!r} may be {refs}; pass one of these references")
    raise BadRequest(f"{argument}: nothing in the catalog is called {text!r}{_near(call, text)}")


def _hits(call: Call, text: str) -> tuple[SearchHit, ...]:
    return call.seen.search(SearchQuery(text=text, only="entities", limit=LOOKED_AT)).hits


def _near(call: Call, text: str) -> str:
    """The nearest names, ready to follow an error: what fits the words, else what a misspelt question would be read as."""
    refs = [hit.ref for hit in _hits(call, text)[:NEAR]]
    if not refs:
        answer = call.seen.ask(f"who owns {text}", now=call.now, limit=NEAR)
        read = [chip.value for chip in answer.interpretation.chips if isinstance(chip.value, str)]
        refs = [ref for ref in read if ":" in ref] or [o.ref for o in answer.options if o.ref]
    return f"; nearest: {', '.join(refs[:NEAR])}" if refs else ""


def _name(ref: str) -> str:
    return ref.rpartition("/")[2]
