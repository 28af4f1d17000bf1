"""The few best ways to cut a question into mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from search.understand import words
from search.understand.frame import Frame
from search.understand.semantics import Item, Skip
from search.understand.spans import Mention, Word

BEAM = 10
"""How many ways of cutting are followed from word to word."""

KEPT_CUTS = 4
"""How many ways of cutting the question are composed."""

CUT_PENALTY = 0.55
"""Charged when a cut falls inside a hyphenated word."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One way of cutting a question into mentions; `penalty` is for cuts inside hyphenated words."""

    mentions: tuple[Mention, ...]
    penalty: float


def cuts(mentions: Sequence[Mention], read: Sequence[Word], frame: Frame) -> list[Cut]:
    """The best ways to cut the question into mentions, best first; words in no mention are passed over."""
    starting: dict[int, list[Mention]] = {}
    for mention in mentions:
        if not all(i in frame.taken for i in range(mention.start, mention.end)):
            starting.setdefault(mention.start, []).append(mention)
    merged = {start: _merge(group) for start, group in starting.items()}
    n = len(read)
    beams: list[list[tuple[float, Cut]]] = [[] for _ in range(n + 1)]
    beams[0] = [(0.0, Cut((), 0.0))]
    for i in range(n):
        for score, cut in sorted(beams[i], key=lambda b: -b[0])[:BEAM]:
            free = read[i].text in words.POLITE or i in frame.taken or read[i].text in words.DOWN
            beams[i + 1].append((score + (0.01 if free else -0.6), cut))
            for mention in merged.get(i, ()):
                cost = CUT_PENALTY * (
                    _inside_compound(read, mention.start) + _inside_compound(read, mention.end)
                )
                longer = Cut((*cut.mentions, mention), cut.penalty + cost)
                beams[mention.end].append((score + mention.worth - cost, longer))
    best: list[Cut] = []
    for _, cut in sorted(beams[n], key=lambda b: -b[0]):
        if all(cut.mentions != known.mentions for known in best):
            best.append(cut)
        if len(best) == KEPT_CUTS:
            break
    return best


def _inside_compound(read: Sequence[Word], position: int) -> bool:
    return position < len(read) and read[position].token.joined


def _merge(mentions: list[Mention]) -> list[Mention]:
    """Mentions of the same span become one with all meanings."""
    spans: dict[int, list[Mention]] = {}
    for mention in mentions:
        spans.setdefault(mention.end, []).append(mention)
    out = []
    for end, group in spans.items():
        items: list[Item] = []
        for mention in group:
            items += [i for i in mention.items if not isinstance(i.meaning, Skip)]
        skip = max(
            (i for m in group for i in m.items if isinstance(i.meaning, Skip)),
            key=lambda i: -i.score,
        )
        out.append(
            Mention(
                group[0].start,
                end,
                (*sorted(items, key=lambda i: -i.score)[:10], skip),
                max(m.worth for m in group),
            )
        )
    return out
