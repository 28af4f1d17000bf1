"""What is no question to a catalog: an order to do something, a wish to be entertained, a sum. Nothing of it is ever a filter."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from search.understand import words

_OPENING = frozenset(
    """hi hey hello please pls plz kindly ok okay so well and then now just quickly urgently urgent asap can could would will you
    i we need want to you're bot hi, thanks go ahead let's lets somebody someone anybody anyone""".split()
)
"""Words that may stand before the verb of an order."""

_COMMANDS = frozenset(
    """silence mute unmute snooze acknowledge ack restart reboot delete erase destroy assign reassign unassign rename disable enable
    kill undeploy redeploy decommission deprovision notify grant revoke reject reopen rerun translate recommend sing invent hire
    pretend imagine remind""".split()
)
"""Verbs whose bare form opens an order and nothing else."""

_NOUN_COMMANDS = frozenset(
    """deploy release ship page ping call close open fix run change update upgrade patch set stop shut turn move add remove drop
    clear reset merge push block lock unlock book send write post tag pin roll switch transfer promote increase decrease lower
    scale resolve revert drain trigger retry approve archive cancel pause resume email invite escalate draw paint buy sell""".split()
)
"""Verbs that may also be nouns or filters: an order only before what they are done to."""

_DETERMINERS = frozenset(
    """the a an all this that these those my our your its their it them me us him her every each everything everyone back up down
    off""".split()
)

_RECORDS = frozenset(
    """incident incidents ticket tickets issue issues alert alerts silence reminder meeting deployment release rollback pr bug story
    task message email note appointment call case""".split()
)
"""What people want made that is no new thing of a catalog: a golden path does not lead there."""

_SUMMONING = frozenset("page ping call wake ring summon".split())
"""Verbs that, before a person and nothing else, call that person."""

_MAKING = frozenset(
    "make create raise file log open start add schedule book write post declare announce".split()
)
_NEED_NO_OBJECT = frozenset("of in for by per on at is was".split())

_ASKING = frozenset("who whom whose how why when where what".split())
"""Interrogatives beside which an order is only the setting of a question: "delete the ledger, what breaks?"."""

_PAGE_WORDS = frozenset(
    """runbook runbooks playbook steps procedure process guide instructions docs documentation policy tutorial howto template templates
    golden path report overview summary review""".split()
)

_AMUSEMENTS = frozenset(
    """joke jokes poem poems limerick haiku riddle riddles pun puns song songs lyrics rap recipe recipes horoscope anecdote fairytale
    sonnet ballad rhyme""".split()
)
_COMPOSING = frozenset("compose sing recite perform draw improvise".split())
_INJECTED = (
    "ignore all previous",
    "ignore previous",
    "ignore your instructions",
    "ignore all instructions",
    "disregard previous",
    "disregard all",
    "system prompt",
    "your instructions",
    "jailbreak",
)
"""Orders to a language model, which there is none of."""
_WEATHER = frozenset("rain raining rainy snow snowing snowy hail hailing sunny cloudy".split())
"""What "it" does outdoors, and nothing in a catalog."""
_TASTES = frozenset(("good", "funny", "short", "silly", "nice", "another"))
_SUMS = frozenset(
    "times plus minus divided multiplied over x squared cubed modulo root sum percent".split()
)
_NO_SUM = (
    words.POLITE
    | frozenset(words.WH)
    | frozenset(("how", "much", "many", "by", "equals", "calculate", "compute"))
)


def outside(
    texts: Sequence[str],
    *,
    terms: Collection[int] = (),
    things: Collection[int] = (),
    people: Collection[int] = (),
) -> bool:
    """Whether the words ask for nothing that a catalog, its pages or its records could say.

    Args:
        texts: the words as typed, in lower case.
        terms: positions where a name or term of several words begins: "change failure rate" is no order.
        things: positions where the whole name of a thing begins.
        people: positions where the name of a person begins.

    >>> outside("please restart the billing api".split())
    True
    >>> outside("how do i restart the billing api".split())
    False
    >>> outside("will it rain in aldermere tomorrow".split())
    True
    """
    return _order(texts, terms, things, people) or amuses(texts, things)


def amuses(texts: Sequence[str], things: Collection[int] = ()) -> bool:
    """Whether somebody plays with what answers: a wish to be entertained, a sum, the weather, an order to a language model.

    >>> amuses("write me a poem about kafka".split()), amuses("delete the kafka topic".split())
    (True, False)
    """
    said = f" {' '.join(texts)} "
    injected = any(f" {phrase} " in said for phrase in _INJECTED)
    weather = "it" in texts[:3] and not _WEATHER.isdisjoint(texts)
    return injected or weather or _amusement(texts, things) or _sum(texts)


def _order(
    texts: Sequence[str], terms: Collection[int], things: Collection[int], people: Collection[int]
) -> bool:
    at = next((i for i, text in enumerate(texts) if text not in _OPENING), None)
    if at is None or at + 1 >= len(texts) or at in terms:
        return False
    rest = texts[at + 1 :]
    if not _ASKING.isdisjoint(texts) or not _PAGE_WORDS.isdisjoint(rest):
        return False
    if not {"i", "we"}.isdisjoint(texts[:at]) and "you" not in texts[:at]:
        return False  # "i need to restart checkout" asks how
    verb, after = texts[at], rest[0]
    if verb in _COMMANDS:
        return after not in _NEED_NO_OBJECT
    if verb in _MAKING and after in _DETERMINERS and not _RECORDS.isdisjoint(rest[1:3]):
        return True
    if verb not in _NOUN_COMMANDS or "new" in rest[:2]:
        return False
    if verb in _SUMMONING and at + 1 in people:
        return True
    return after in _DETERMINERS or (at + 1 in things and "to" in rest)


def _amusement(texts: Sequence[str], things: Collection[int]) -> bool:
    told = next((i for i, text in enumerate(texts) if text in _AMUSEMENTS), None)
    if told is None or told in things:
        return False
    before = [t for t in texts[:told] if t not in _COMPOSING]
    if not before and texts[1:2] not in ([], ["about"]):
        return False
    return all(t in words.POLITE or t in words.WH or t in _MAKING or t in _TASTES for t in before)


def _sum(texts: Sequence[str]) -> bool:
    numbers = [t for t in texts if t.replace(".", "").isdigit() or t in words.NUMBERS]
    others = [t for t in texts if t not in numbers and t not in _NO_SUM]
    return len(numbers) > 1 and bool(others) and all(t in _SUMS for t in others)
