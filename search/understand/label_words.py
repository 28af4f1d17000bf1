"""Labels beside the noun for them: "tagged github", "the golden-path tag"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from search.understand.lexicon import Lexicon
from search.understand.phrase_book import MAX_PHRASE
from search.understand.spans import Mention, Word, item_of, mention_of

_LABELLED = frozenset(
    ("tagged", "tag", "tags", "labelled", "labeled", "label", "labels", "hashtag")
)
LABEL_SAID = 1.3
"""Worth of a label with the noun for it: "the golden-path tag" asks for no golden path."""

_BEFORE_A_LABEL = frozenset(("with", "as", "by", "the", "of"))


def labelled(texts: Sequence[str], read: Sequence[Word], lexicon: Lexicon) -> Iterator[Mention]:
    """Tagged github · with the tag data platform · the golden-path tag: what is beside it is a tag, whatever else it means."""
    for i, text in enumerate(texts):
        if text not in _LABELLED:
            continue
        for start in range(max(0, i - MAX_PHRASE), i):
            label = lexicon.labels.get(tuple(w.token.text for w in read[start:i]))
            if label is not None and (start == 0 or not read[start].token.joined):
                yield mention_of(start, i + 1, [item_of(label, start, i + 1, LABEL_SAID)], read)
        start = i + 1
        while start < len(texts) and texts[start] in _BEFORE_A_LABEL:
            start += 1
        for end in range(start + 1, min(len(texts), start + MAX_PHRASE) + 1):
            label = lexicon.labels.get(tuple(w.token.text for w in read[start:end]))
            if label is not None:
                yield mention_of(i, end, [item_of(label, i, end, 0.95)], read)
