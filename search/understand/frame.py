"""What sort of question it is: who, how many, yes or no, how to. Read once from its function words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from catalog_store.analyzer import Token
from search.understand import event_words, impact_words, words
from search.understand.answer_form import ANSWER_FORM
from search.understand.measure_words import INCIDENT_NOUNS, RECORD_NOUNS
from search.understand.ordinals import place_said
from search.understand.quantifiers import all_or_none


@dataclass(frozen=True, slots=True)
class Frame:
    """The sort of a question.

    Attributes:
        wh: "who", "what", "which", "when", "where", "how", "why"; None for statements and yes/no questions.
        count: asks for a number of things.
        times: asks how many times something happened.
        inside: asks who is in something.
        definite: opens with "are the", "do our": what it asks whether is asked of all of them.
        age: asks how long ago, in days.
        whose: asks for an owner.
        unheld: a fact everyone knows the name of and no source of ours holds.
        how_to: asks for instructions or reasons: a page answers.
        create: wants to make something new: a golden path answers.
        yes_no: opens like a yes/no question; existence: and asks whether there is such a thing.
        happenings: asks for deployments by their noun.
        happened: asks who did, or when, or which of a ranking, what only a record tells: no page answers.
        direct: "directly" was said; all_hops: "indirectly" was.
        head_before: of "which of its parts have …": where the verb stands; what is asked for was named before it.
        compare: asks for several things side by side.
        place: asks for another place of a ranking than the first.
        every: asks whether all of some things are so, or none: "all", "none"; None otherwise.
        outside: an order, an amusement or a sum: nothing a catalog answers.
        taken: positions of tokens the frame itself explains.
        verb: position of the last "have" or "are": what follows is said of the things.
        head: position of the noun that says what things are wanted: "services" of "which tier 1 services have alerts".
        links: positions of "and", "or", "but": what follows them goes with what stood before, not with the noun beside them.
        both: what follows "both" has to hold together: "using both the jobs api and the geo api".
        weighty: positions of words that say when or who here, whatever they say elsewhere: none is passed over in silence.
        asked: the leading noun is what a verb at the end lacks: "which database | does checkout use".
    """

    wh: str | None = None
    count: bool = False
    times: bool = False
    inside: bool = False
    definite: bool = False
    age: bool = False
    whose: bool = False
    unheld: str | None = None
    how_to: bool = False
    create: bool = False
    yes_no: bool = False
    existence: bool = False
    happenings: bool = False
    happened: bool = False
    direct: bool = False
    all_hops: bool = False
    head_before: int | None = None
    compare: bool = False
    place: int | None = None
    every: str | None = None
    outside: bool = False
    taken: frozenset[int] = frozenset()
    verb: int | None = None
    head: int | None = None
    links: frozenset[int] = frozenset()
    weighty: frozenset[int] = frozenset()
    both: bool = False
    asked: bool = False


_LEAD = frozenset(
    [
        "hi",
        "hey",
        "hello",
        "please",
        "pls",
        "so",
        "ok",
        "okay",
        "and",
        "but",
        "also",
        "thanks",
        "tell",
        "me",
        "show",
        "list",
        "give",
        "us",
        "could",
        "can",
        "you",
        "kindly",
        "quick",
        "question",
        "um",
        "well",
        "just",
        "to",
        "for",
        "of",
        "in",
        "on",
        "by",
        "from",
    ]
)
_INSIDE = re.compile(r" who(?:'?s)? (?:is |are |works |sits )?(?:all )?(?:in|on) (?!call |duty )")
_DEFINITE = re.compile(r"(?:are|were|do|did|have) (?:the|our|their|those|these) ")
_NEW = frozenset(["new", "fresh", "own", "another", "brand"])
_COMPARED = re.compile(
    r" how (?:do|does|did|is|are) .* (?:scor(?:e|es|ed|ing)|rank|ranks|rated?|fare|fares) "
)
""" "How does cart score on …" asks for a value, not for instructions."""
_COMPARING = frozenset(["compare", "comparing", "compared", "comparison", "vs", "versus"])
_CHOOSING = frozenset(["which", "any", "some", "many", "what", "all", "none", "each"])
"""Words that, before "of", pick from what follows."""
_AFTER_HOW_MANY = frozenset(["day", "days", "hour", "hours", "week", "weeks", "long"])


@cache
def _by_first_word(phrases: tuple[str, ...]) -> dict[str, list[list[str]]]:
    """The words of each phrase, by the first of them; there are some hundreds, and a question begins few."""
    found: dict[str, list[list[str]]] = {}
    for phrase in phrases:
        parts = phrase.split()
        found.setdefault(parts[0], []).append(parts)
    return found


@dataclass(slots=True)
class _Said:
    """The words of a question, and the positions of those that its frame explains."""

    texts: list[str]
    taken: set[int] = field(default_factory=set)

    def has(self, phrases: Sequence[str]) -> bool:
        """Take every one of the phrases that occurs; whether any does."""
        found = False
        beginning = _by_first_word(tuple(phrases))
        for i, text in enumerate(self.texts):
            for parts in beginning.get(text, ()):
                if self.texts[i : i + len(parts)] == parts:
                    self.taken.update(range(i, i + len(parts)))
                    found = True
        return found


_MANY = frozenset(
    "services components apis things systems teams everything anything that which whose".split()
)
"""Of such things "is slow" may be a condition."""
_AFTER_NAME = frozenset("the me us all every any some each a an our".split()) | frozenset(
    words.NUMBERS
)


def _pass_over(said: _Said, wh: str | None, *, how_to: bool, age: bool) -> None:
    """Take the words that only frame this sort of question."""
    texts = said.texts
    costs = not words.COSTING.isdisjoint(texts)
    said.has([phrase for phrase in words.ITSELF if not costs or phrase not in words.AGGREGATES])
    said.has(ANSWER_FORM)
    happening = words.HAPPENING
    if costs:
        happening -= words.RUNNING  # "what does the bill run cost per month"
    if happening.isdisjoint(texts):
        said.has(words.BILLED)
    if wh == "when":
        said.has(words.CONDUCTED)
    if {"who", "whom"} & set(texts) and not _MANY & set(texts):
        said.has(words.TROUBLED)
    if texts[:1] == ["name"] and len(texts) > 1 and texts[1] in _AFTER_NAME:
        said.taken.add(0)  # "name three services" lists them
    if not words.PAPERS.isdisjoint(texts):
        said.has(words.WIKIS)
    if "by" in texts and {"break", "down"} <= set(texts):
        said.taken.update(i for i, t in enumerate(texts) if t in ("break", "down"))
    if not how_to:
        said.has(words.WANTING)
        said.has(words.DESCRIBING)
    said.taken |= _of_an_age(texts) if age else set()
    asked = bool(_impact_positions(texts))
    if asked or "if" in texts:
        before_down = set(said.taken)
        said.has(words.DOWN_PHRASES)
        if asked:
            said.has(impact_words.FAULTS)
        said.taken = before_down | (said.taken - _impact_positions(texts))
    said.taken |= _of_working(texts) if wh == "where" else set()


def read_frame(tokens: Sequence[Token]) -> Frame:
    """The sort of a question, from its words.

    >>> from catalog_store.analyzer import tokenize
    >>> read_frame(tokenize("How many services do we have?")).count
    True
    """
    texts = [t.text for t in tokens]
    said = _Said(texts)
    wh, at = _wh(texts)
    if said.has(words.REASON):
        wh = "why"
    direct = said.has(words.DIRECT)
    all_hops = said.has(words.ALL_HOPS)
    before = set(said.taken)
    count = said.has(words.COUNT)
    age = _age(texts, count)
    how_to = not count and not age and _opens(texts, words.HOW_TO, wh)
    if not count:
        said.taken = before
    _pass_over(said, wh, how_to=how_to, age=age)
    happenings = not event_words.DEPLOYMENTS.isdisjoint(texts)
    last = not event_words.LATEST.isdisjoint(texts) and (happenings or "deploy" in texts)
    if (wh in ("who", "which", "what") or count) and (happenings or last):
        said.has(event_words.DOING)
    create = _creates(texts)
    _records(texts, wh, said.has, create=create)
    yes_no = wh is None and not count and (_first(texts) in words.YES_NO or _asserts(texts))
    if at is not None:
        said.taken.add(at)
    place = place_said(texts)
    said.taken |= place[1] if place is not None else frozenset()
    every = all_or_none(texts) if yes_no else None
    if every == "none":
        said.taken.add(texts.index("none"))
    existence = yes_no and not {"there", "have", "got", "exist", "exists"}.isdisjoint(texts)
    return Frame(
        wh=wh,
        count=count and not age,
        times=" how many times " in f" {' '.join(texts)} ",
        inside=_INSIDE.search(f" {' '.join(texts)} ") is not None,
        age=age,
        whose=at is not None and texts[at] == "whose",
        unheld=_unheld(texts),
        how_to=how_to,
        create=create,
        yes_no=yes_no,
        existence=existence,
        definite=yes_no and _DEFINITE.match(" ".join(texts)) is not None,
        happenings=happenings,
        happened=place is not None
        or (wh in ("who", "when") and (last or not event_words.HAPPENED.isdisjoint(texts))),
        direct=direct,
        all_hops=all_hops,
        head_before=_head_before(texts),
        compare=not _COMPARING.isdisjoint(texts),
        place=place[0] if place is not None else None,
        every=every,
        verb=_verb(texts),
        links=frozenset(i for i, t in enumerate(texts) if t in ("and", "or", "but", "nor", "yet")),
        taken=frozenset(said.taken),
        both=_both(texts),
    )


def _records(
    texts: Sequence[str], wh: str | None, has: Callable[[Sequence[str]], bool], *, create: bool
) -> None:
    """Words that, beside incidents and their like, say no more than that they came up."""
    if not create and not RECORD_NOUNS.isdisjoint(texts):
        has(("new",))  # "any new incidents since noon": whatever began then
    if wh == "when" and not INCIDENT_NOUNS.isdisjoint(texts):
        has(("start", "started", "begin", "began", "occur", "occurred", "open", "break out"))


_TAGS = (
    "right",
    "correct",
    "true",
    "yes",
    "no",
    "isn't it",
    "isnt it",
    "doesn't it",
    "aren't they",
    "is that right",
)


def _asserts(texts: Sequence[str]) -> bool:
    """Whether a statement asks to be confirmed: "checkout is owned by search, right?"."""
    joined = " ".join(texts)
    return not {"is", "are", "was", "does", "has", "have", "uses", "depends"}.isdisjoint(
        texts
    ) and any(joined.endswith(f" {tag}") for tag in _TAGS)


_OF_EACH = frozenset("of for from are is was were do does did have has can will to".split())
"""Words before a "both" that speaks of each by itself: "owners of both", "are both …"."""


def _both(texts: Sequence[str]) -> bool:
    return any(
        text == "both" and i and texts[i - 1] not in _OF_EACH and "and" in texts[i:]
        for i, text in enumerate(texts)
    )


def _verb(texts: Sequence[str]) -> int | None:
    """Position of the last finite verb after a noun: "services owned by payments | have | a runbook"."""
    return next(
        (
            i
            for i in range(len(texts) - 1, 1, -1)
            if texts[i] in (_FINITE_OF_MANY if texts[i - 1] in _RELATIVE else _FINITE)
            and texts[i - 1] not in ("we", "they", "you", "i")
        ),
        None,
    )


_RELATIVE = frozenset(("that", "which", "who"))
_FINITE_OF_MANY = frozenset("have had are were use run lack".split())
"""After a relative pronoun, what speaks of several things: "services calling an api that | is" speaks of the one."""
_FINITE = frozenset("have has had are is were was use uses run runs lack lacks".split())


def _head_before(texts: Sequence[str]) -> int | None:
    """Position of the "have" that follows a "which of", "any of", "how many of"."""
    start = next(
        (i for i in range(1, len(texts)) if texts[i] == "of" and texts[i - 1] in _CHOOSING), None
    )
    if start is None:
        return None
    return next((i for i in range(start, len(texts)) if texts[i] in ("have", "has", "had")), None)


_BEFORE = (
    r"than (?:last|the last|the previous|previous|in|before|yesterday|a (?:day|week|month|quarter|year) ago|usual|normal|"
    r"it was|they were)\b"
)
_THAN_BEFORE = re.compile(
    rf" (?:(?:more|less|fewer|higher|lower) (?:\w+ ){{1,6}}?|(?:better|worse|faster|slower) (?:\w+ ){{0,6}}?){_BEFORE}"
)
""" "More incidents this month than last month": two stretches of time are not set against each other."""


def _unheld(texts: Sequence[str]) -> str | None:
    joined = f" {' '.join(texts)} "
    compared = _THAN_BEFORE.search(joined)
    if compared is not None:
        return compared[0].strip()
    return next((phrase for phrase in words.UNHELD if f" {phrase} " in joined), None)


_IMPACTS = {
    tuple(phrase.split()): rank
    for rank, phrase in enumerate(
        sorted((*words.IMPACT, *impact_words.ACTIVE), key=len, reverse=True)
    )
}
"""The words of what asks for an impact → its place, the longest first. There are thousands: a question looks up its own stretches."""

_MOST_IMPACT_WORDS = max(map(len, _IMPACTS))


def _impact_positions(texts: Sequence[str]) -> set[int]:
    """Positions of the words that ask for an impact, the longest such phrase only."""
    found = [
        (rank, i, j)
        for i in range(len(texts))
        for j in range(i + 1, min(len(texts), i + _MOST_IMPACT_WORDS) + 1)
        if (rank := _IMPACTS.get(tuple(texts[i:j]))) is not None
    ]
    return set(range(*min(found)[1:])) if found else set()


def _first(texts: Sequence[str]) -> str | None:
    return next((t for t in texts if t not in _LEAD or (t == "can" and texts[0] == "can")), None)


def _wh(texts: Sequence[str]) -> tuple[str | None, int | None]:
    """The interrogative, unless it only links a relative clause ("services which use …")."""
    for i, text in enumerate(texts):
        wh = words.WH.get(text)
        if wh is None:
            continue
        relative = text == "whose" and i and texts[i - 1] not in _LEAD | words.YES_NO
        if relative and texts[i + 1 : i + 2] not in (["is"], ["are"], ["was"], []):
            continue  # "services whose last deploy failed"
        if text == "which" and _links(texts, i):
            continue  # "a service which is in production"
        opening = all(t in _LEAD or t in words.YES_NO for t in texts[:i])
        closing = i >= len(texts) - 2 or (wh == "who" and set(texts[i + 1 :]) <= _BACK)
        after_pause = i > 0 and texts[i - 1] in (
            "by",
            "to",
            "know",
            "tell",
            "me",
            "that",
            "then",
            "and",
        )
        if (
            opening
            or closing
            or after_pause
            or wh in ("how", "when")
            or (text in ("which", "wich", "what") and i > 2 and wh != "who")
        ):
            return wh, i
        if wh == "who" and i <= 2:
            return wh, i
    return None, None


def _links(texts: Sequence[str], i: int) -> bool:
    """Whether a "which" goes on about the noun before it rather than asks: a verb follows, and no pause goes before."""
    verb = " ".join(texts[i + 1 : i + 2]) in _FINITE
    return i > 2 and verb and texts[i - 1] not in _LEAD | {"or", "know"}


_BACK = frozenset("is it are they that this those these one them s".split())
"""Words with which "whose" points back: "checkout: whose is it"."""
_AGES = frozenset(("stale", "fresh", "recent", "outdated"))
_DATED = frozenset("deployment deploy release rollout".split())


def _age(texts: Sequence[str], count: bool) -> bool:
    for i, text in enumerate(texts[:-1]):
        if texts[i - 1] == "how" and (text in _AGES or (text == "old" and _DATED & set(texts))):
            return True
        if text in ("many", "long") and texts[i - 1] == "how":
            since = text == "long" and "since" in texts[i + 1 : i + 5]
            return (
                since
                or (text == "long" and "ago" in texts)
                or (count and texts[i + 1] in _AFTER_HOW_MANY)
            )
    return False


def _of_an_age(texts: Sequence[str]) -> set[int]:
    """Positions of the words that ask how long ago something was."""
    return {
        i
        for i, t in enumerate(texts)
        if t in ("many", "days", "hours", "weeks", "long", "ago", "day")
        or (t in _AGES | {"old"} and texts[i - 1] == "how")
    }


def _of_working(texts: Sequence[str]) -> set[int]:
    """Positions of the verbs that, beside "where", ask for somebody's team or something's place: "where does its code live"."""
    return {
        i
        for i, t in enumerate(texts)
        if t in words.WORKING or (t in words.LIVING and not {"do", "does"}.isdisjoint(texts[:i]))
    }


def _opens(texts: Sequence[str], phrases: Sequence[str], wh: str | None) -> bool:
    joined = " " + " ".join(texts) + " "
    if any(
        f" {p} " in joined
        for p in ("how many", "how much", "how often", "how long ago", "how come so many")
    ):
        return False
    if wh == "why":
        return True
    if _COMPARED.search(joined):
        return False
    return any(f" {phrase} " in joined for phrase in phrases)


def _creates(texts: Sequence[str]) -> bool:
    joined = " " + " ".join(texts) + " "
    verb = any(f" {verb} " in joined for verb in words.CREATE)
    made = any(
        f" {verb} {article} " in joined for verb in words.MAKE for article in ("a", "an", "another")
    )
    return (
        made
        or (verb and bool(_NEW & set(texts)))
        or any(f" {w} " in joined for w in ("scaffold", "scaffolder", "bootstrap"))
    )
