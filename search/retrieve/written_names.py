"""Names that are written as such in a question: a page that never says them is about something else.

"CephMonQuorumLost: which node do I drain first?" shares every other word with the runbooks of its neighbours, and their steps
read like an answer. What is written as a name - in one piece, with dots, or with a capital in the middle of a sentence though it is no
English word - is therefore held against the page by itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from catalog_store.analyzer import index_terms, normalize, one_piece_names
from catalog_store.snapshot import Snapshot
from search.understand.english import is_english

ALL = 1 - 1e-9
"""Share from which a passage holds every term; shares are sums of floats."""

_DOTTED = re.compile(
    r"(?<![\w./@-])(?:@[A-Za-z][\w-]+/[A-Za-z][\w-]+|[A-Za-z][\w-]+(?:\.[A-Za-z][\w-]+)+)"
)
"""app.listen, values.yaml, @scope/package."""

_CAPITAL = re.compile(r"(?<=[a-z0-9,;:)] )[A-Z][a-z]+\b")
"""A word with a capital where no sentence starts."""


def written_names(text: str) -> list[tuple[str, ...]]:
    """The terms of each name a question writes as one; the last of several is the name as a whole.

    >>> written_names("why does KubePodLost fire on Heroku when the Node is full?")
    [('kube', 'pod', 'lost', 'kubepodlost'), ('heroku',)]
    """
    capitals = (word for word in _CAPITAL.findall(text) if not is_english(normalize(word)))
    said = (*one_piece_names(text), *_DOTTED.findall(text), *capitals)
    return list(dict.fromkeys(tuple(index_terms(name)) for name in said))


def saying(
    text: str, numbers: Sequence[int], snapshot: Snapshot, *, known: Collection[str] = ()
) -> npt.NDArray[np.bool_] | None:
    """Which pages say one of the names that a question writes.

    Args:
        text: the question.
        numbers: of the pages.
        snapshot: where they are.
        known: refs of what the question is known to mention; a page need not repeat the names of these.

    Returns:
        One truth a page; None when the question writes no name, or only such as may be slips of one that some page says.
    """
    said_of = [snapshot.pages[n] for ref in known if (n := snapshot.pages.of_ref(ref)) is not None]
    borne = {tuple(index_terms(name)) for page in said_of for name in (page.title, *page.names)}
    names = [
        name for name in written_names(text) if name not in borne and not _slip(name, snapshot)
    ]
    if not names:
        return None
    spans = [(snapshot.pages[n].first, snapshot.pages[n].last) for n in numbers]
    held = np.zeros(len(spans), bool)
    for *_, whole in names:
        held |= snapshot.terms.coverage({whole: 1.0}, spans).of_page > ALL
    # the title may write it apart: "Payment Service" for PaymentService
    titles = ["".join(index_terms(snapshot.pages[n].title)) for n in numbers]
    held |= [any(whole in title for *_, whole in names) for title in titles]
    return held


def _slip(name: Sequence[str], snapshot: Snapshot) -> bool:
    """Whether no passage holds a name, but one a letter away."""
    whole = name[-1]
    unheld = snapshot.lexical.idf(whole) >= snapshot.lexical.rarest_idf
    return unheld and bool(snapshot.lexical.search([whole], 1, forgiving=True))
