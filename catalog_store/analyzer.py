"""Text → words → index terms: the same code when a page is indexed and when a question is asked.

`tokenize` keeps exact character offsets and is what the question parser reads. `index_terms` and
`query_terms` add what search needs: stems, the parts of camelCase and of hyphenated names, and each
such name joined together, so that `payment-service`, `paymentService` and "payment service" meet.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(
    r"""
    (?P<word>
        \b[cf](?:\+\+|\#)                       # c++, c#, f#
      | \d{1,3}(?:,\d{3})+(?![\w,])            # 1,000
      | (?<![\w.])\d+\.\d+(?!\.?\w)           # 99.9, but not a piece of 1.2.3
      | [^\W_]+(?:['’](?!s\b)[^\W_]+)*         # word, don't
    )
    (?:['’]s\b)?                               # a possessive 's stays outside
    """,
    re.VERBOSE | re.IGNORECASE,
)
_JOINER = re.compile("[-_./:@\u2010\u2011]")
"""What holds a compound together when it stands alone between two words; includes U+2010 and U+2011."""

_COMPOUND_JOINERS = frozenset("-_.\u2010\u2011")
"""Joiners whose two sides are also indexed as one word; a slash or colon only separates."""

_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
"""KubePodCrashLooping → Kube Pod Crash Looping; HTTPServer → HTTP Server; python3 → python 3."""

MAX_COMPOUND_PARTS = 5
"""Longer chains (file names, domain names) are not joined: nobody types them as one word."""

STOP_WORDS = frozenset(
    """a about after all also am an and any are as at be been before being but by can could did do does doing
    don't for from get gets getting got had has have having he her here him his how i i'd i'm i've if in into is
    isn't it its just let me mine my need no not now of off on once only onto or our out please re she should so
    some someone tell than that the their them then there these they this those through to too under until up
    upon us use used using want was we were what when where which while who whom whose why will with would you
    your""".split()
)
"""Words that say nothing about what a question is looking for; left out of queries, never out of the index."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text.

    Attributes:
        text: the word, NFKC-normalised and lower-cased.
        stem: its English stem.
        start: offset of its first character in the text as given.
        end: offset after its last character; `text[start:end]` is the word as written.
        joined: whether it continues the token before it without a space ("payment-service",
            "default/checkout", "14:30").
    """

    text: str
    stem: str
    start: int
    end: int
    joined: bool = False


def well_formed(text: str) -> str:
    r"""Text with the replacement character for what no encoding can write: halves of surrogate pairs.

    >>> well_formed("who owns \ud83d checkout") == "who owns \ufffd checkout"
    True
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def tokenize(text: str) -> tuple[Token, ...]:
    """The words of a text, in order, with exact offsets.

    Splits at white space and punctuation, so hyphens, underscores, dots and slashes separate; decimal
    numbers, `c++` and `c#` stay whole, contractions too, and a possessive 's is left out. camelCase is
    not split here: a reader wants an alert name in one piece.

    >>> [(t.text, t.joined) for t in tokenize("Who owns the payment-service's API?")][3:]
    [('payment', False), ('service', True), ('api', False)]
    """
    tokens: list[Token] = []
    end = 0
    for match in _WORD.finditer(text):
        word = normalize(match["word"])
        joined = bool(tokens) and _JOINER.fullmatch(text, end, match.start()) is not None
        tokens.append(Token(word, stem(word), match.start(), match.end("word"), joined))
        end = match.end()
    return tuple(tokens)


def words_of(text: str) -> tuple[str, ...]:
    """The words of `tokenize` alone: names are read by the thousand when a catalog is opened, and nobody asks where a word stood.

    >>> words_of("The payment-service's API")
    ('the', 'payment', 'service', 'api')
    """
    if text.isascii():
        apart = text.replace("-", " ").replace("_", " ")
        if apart.replace(" ", "").isalnum():  # as most names are: nothing that needs a closer look
            return tuple(apart.lower().split())
    return tuple([normalize(match["word"]) for match in _WORD.finditer(text)])


def index_terms(text: str) -> list[str]:
    """Every term a text is found by, in order: stems, parts of compounds, and the compounds joined.

    >>> index_terms("KubePodCrashLooping on payment-service")
    ['kube', 'pod', 'crash', 'loop', 'kubepodcrashloop', 'on', 'payment', 'servic', 'paymentservic']
    """
    return [term for run in _compounds(text) for term in _run_terms(run)]


def query_terms(text: str) -> list[str]:
    """The terms of a question: like `index_terms`, each once, without stop words.

    A question of stop words only keeps them all, so that it can still find something.

    >>> query_terms("how do I rotate the Stripe key?")
    ['rotat', 'stripe', 'key']
    """
    runs = list(_compounds(text))
    content = [run for run in runs if len(run) > 1 or normalize(run[0]) not in STOP_WORDS]
    return list(dict.fromkeys(term for run in content or runs for term in _run_terms(run)))


def normalize(word: str) -> str:
    """NFKC and lower case: what makes two spellings of a word the same.

    >>> normalize("Ｐayments")
    'payments'
    """
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFKC", word).lower().replace("’", "'")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """English stem of one normalised word (Snowball); words with digits or signs stay as they are.

    British and American spellings have one stem.

    >>> stem("deployments"), stem("k8s")
    ('deploy', 'k8s')
    >>> [stem(a) == stem(b) for a, b in (("catalogue", "catalog"), ("personaliser", "personalizer"), ("centre", "center"))]
    [True, True, True]
    """
    if not word.isalpha():
        return word
    # the stemmer keeps the word it works on in itself, so two threads must not share one
    stemmer = getattr(_LOCAL, "stemmer", None)
    if stemmer is None:
        stemmer = _LOCAL.stemmer = snowballstemmer.stemmer("english")
    return str(stemmer.stemWord(_one_spelling(word)))


_SPELLINGS = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"(?<=[a-z]{3})is(e|ed|er|ers|es|ing|ation|ations|able)$", r"iz\1"),
        (r"(?<=[a-z]{2}l)ys(e|ed|er|ers|es|ing)$", r"yz\1"),
        (r"(?<=[a-z]{3})our(s|ed|ing|al|able|ful|ite|ites)?$", r"or\1"),
        (r"(?<=[a-z]{3})ogue(s|d)?$", r"og\1"),
        (r"(?<=[io])lment(s)?$", r"llment\1"),
        (r"(cent|met|lit|fib|theat|calib)re(s|d)?$", r"\1er\2"),
        (r"(lic|def|off|pret)ence(s|d)?$", r"\1ense\2"),
        (r"^grey", "gray"),
    )
)
"""British endings → American ones; applied to both sides of every comparison, so that "promise" may safely become "promize"."""


_PERHAPS_BRITISH = re.compile("is[aei]|ys[ei]|our|ogue|lment|re[sd]?$|ence|^grey")
"""Most words are of one spelling anywhere, and are not tried further."""


def _one_spelling(word: str) -> str:
    if _PERHAPS_BRITISH.search(word) is None:
        return word
    for pattern, to in _SPELLINGS:
        word = pattern.sub(to, word)
    return word


_LOCAL = threading.local()


def _run_terms(words: list[str]) -> list[str]:
    """Stems of the parts of one compound, then the compound joined when it has several parts."""
    parts = [part for word in words for part in _camel_parts(word)]
    terms = [stem(part) for part in parts]
    if len(parts) > 1 and (len(words) == 1 or len(parts) <= MAX_COMPOUND_PARTS):
        terms.append(stem("".join(parts)))
    return terms


def _compounds(text: str) -> Iterator[list[str]]:
    """Runs of words held together by a hyphen, underscore or dot, as written."""
    run: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        if run and text[end : match.start()] not in _COMPOUND_JOINERS:
            yield run
            run = []
        run.append(match["word"])
        end = match.end()
    if run:
        yield run


_ONE_PIECE = re.compile(r"\b(?:\w*[a-z0-9][A-Z]\w*|[A-Z]{2,}[a-z]\w+|[^\W_]+(?:_[^\W_]+)+)\b")
_SEAM = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")


def one_piece_names(text: str) -> list[str]:
    """Names written in one piece, as written: only what bears a name is called so, whoever asks.

    >>> one_piece_names("why is KubePodCrashLooping firing on node_disk_full?")
    ['KubePodCrashLooping', 'node_disk_full']
    """
    return _ONE_PIECE.findall(text)


def spelled_out(text: str) -> str:
    """A text in which names written in one piece have their words apart, for a model that knows only words.

    Meaning is looked up by embeddings of this, of pages and of questions alike: to MiniLM "KubePodCrashLooping" is noise,
    "Kube Pod Crash Looping" is a crash of a pod.

    >>> spelled_out("KubePodCrashLooping on node_disk_full")
    'Kube Pod Crash Looping on node disk full'
    """
    return _ONE_PIECE.sub(lambda name: _SEAM.sub(" ", name.group()), text)


@lru_cache(maxsize=100_000)
def _camel_parts(word: str) -> tuple[str, ...]:
    """The normalised parts of one word as written; one part when nothing is to be split."""
    whole = normalize(word)
    if not word.isascii() or not word.isalnum() or (word.islower() and word.isalpha()):
        return (whole,)
    parts = _CAMEL.findall(word)
    # k8s, s3 and v2 are words of their own; only longer letter runs are cut at digits
    shortest = min((len(part) for part in parts if part.isalpha()), default=0)
    if len(parts) < 2 or (shortest < 3 and any(c.isdigit() for c in word)):
        return (whole,)
    # plurals of acronyms: URLs → ur ls would be noise
    if re.fullmatch(r"[A-Z]+s", word):
        return (whole,)
    return tuple(part.lower() for part in parts)
