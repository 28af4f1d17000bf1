"""Who did what to a record: "who acknowledged incident 42", "by whom was it resolved".

The participles also say how a record stands ("acknowledged incidents"), so they are verbs only where a person is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from catalog_store.model.relations import opposite
from search.understand.frame import Frame
from search.understand.semantics import RelationWord

ACTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("acknowledged", "acked", "acknowledge", "ack", "acknowledges"), ("hasAcknowledged",)
    ),
    **dict.fromkeys(
        ("resolved", "closed", "resolve", "close", "mitigated", "solved", "fixed", "fix"),
        ("hasResolved",),
    ),
    **dict.fromkeys(("waived", "suppressed", "silenced", "muted", "remediated", "patched"), ()),
}
"""Verb → the sides of relations from whoever did it; none where no format we read says who."""

_BESIDE = frozenset("has have had did just last first already finally was is it were".split())
"""Words between "who" and what they did."""
_BY_WHOM = frozenset((("by", "whom"), ("by", "who")))


def acts(texts: Sequence[str], frame: Frame) -> Iterator[tuple[int, RelationWord]]:
    """(position, what was done) of verbs whose doer the question asks for."""
    if frame.wh != "who":
        return
    by_whom = any(pair in _BY_WHOM for pair in pairwise(texts))
    at = next((i for i, text in enumerate(texts) if text in ("who", "whom", "who's", "whos")), 0)
    for i, text in enumerate(texts):
        between = texts[at + 1 : i] if i > at else ()
        if text in ACTS and by_whom:
            yield i, RelationWord(tuple(map(opposite, ACTS[text])))
        elif text in ACTS and i > at and _BESIDE.issuperset(between):
            yield i, RelationWord(ACTS[text])
