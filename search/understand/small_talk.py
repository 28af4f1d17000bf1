"""Small talk in a question → blanks: greetings, excuses, hedges, thanks, and what an answer is wanted for. Offsets stay.

"Sorry to bother, who owns checkout? It's for the audit" asks what "who owns checkout" asks. Only closed phrases are blanked,
at the start, at the end, in brackets or between commas; whatever is left has to ask something by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_GAP = r"[\s,;:.!?…–—-]*"
_DETERMINER = r"(?:an?|the|my|our|this|some|tomorrow's|today's|tonight's|next week's|an upcoming|the upcoming|tomorrows|todays)"
_OCCASION = (
    r"(?:audit|auditors?|report|reporting|call|meeting|slides?|slide deck|deck|presentation|demo|spreadsheet|sheet|e-?mail|newsletter"
    r"|review|retro|retrospective|post-?mortem|interview|workshop|hand-?over|onboarding|on-?boarding|doc|document|write-?up|wiki page|ticket"
    r"|customer|client|boss|manager|colleague|coworker|friend|cto|ceo|vp|board|exec|steering committee|planning|roadmap|budget|survey|"
    r"questionnaire|standup|stand-?up|offsite|training|talk|blog post|summary|overview|status update)"
)
_MODIFIER = (
    r"(?:customer|client|quarterly|monthly|weekly|yearly|annual|next|upcoming|internal|external|security|compliance|management|leadership|big|short"
    r"|important|all-?hands|team|sales|architecture|design|incident|new|company|status|board|cost|q[1-4]|soc2?|iso|it|pci|gdpr)"
)
_PURPOSE = (
    rf"(?:(?:it's|its|it is|this is|that's|asking|needed|need it|need this|i need it|i need this|we need it|we need this) )?(?:for|in) {_DETERMINER} (?:{_MODIFIER} ){{0,2}}?{_OCCASION}"
    r"(?: (?:with|about|to|at|on|in) (?:[\w']+ ?){1,3}?)?(?: (?:today|tomorrow|later|later today|tonight|next week|this (?:morning|afternoon|evening|week)))?"
)
"""What an answer is wanted for; "for the payments team" restricts, and is no occasion."""

_SOMEBODY = (
    r"(?:you|u|anyone|anybody|someone|somebody|one of you)(?: here| else| guys| all| folks)*"
)
_ADDRESSED = r"(?: there| all| folks| everyone| everybody| guys| people| y'all| again| callboard| bot| dear)*"
_GREETING = (
    r"(?:hi+|hello|he+y+|hiya|heya|howdy|yo|greetings|dear|bonjour|hola|moin|hallo|servus|ahoy|aloha|good (?:morning|afternoon|evening|day)|morning|evening|"
    r"afternoon|g'day)"
)
_THANKS = (
    r"(?:(?:many|much|lots of|a big|big|ok|okay) )?(?:thanks|thank you|thank u|thx|thanx|tnx|cheers|ta|tia|ty|tysm|merci|danke|kthx|kthxbye|kudos)"
    r"(?: (?:a lot|so much|very much|in advance|again|all|everyone|everybody|folks|guys|y'all|a bunch|a million|a ton|heaps|mate|team"
    r"|(?:for|in) (?:the|your|any) (?:help|info|pointers|time|patience)))*"
)

_OPENINGS = (
    rf"{_GREETING}{_ADDRESSED}(?: team)?(?=[\s]*[,;:.!?…–—-]|\s+(?:who|what|which|when|where|how|is|are|does|do)\b)",
    rf"(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)){_ADDRESSED}",
    r"(?:(?:an?|one|another|my|just|last|this is|probably|maybe|here's|sorry) )*(?:quick(?:ie)?|short|small|silly|stupid|dumb|noob|newbie|newcomer|beginner|basic|simple|random|naive|honest|another|last|one more|one|final|real)"
    r" (?:question|q|thing|ask|one)(?: here| from me| for (?:you|everyone|the (?:group|team|room|channel|list)|all))*(?: but)?(?=\s*[,;:.!…–—-]|\s+but\b|\s+(?:who|what|which|when|where|how|is|are|does|do)\b)",
    r"(?:so |i'm |i am |we're )?sorry,? (?:to (?:bother|bug|disturb|interrupt|ask|trouble)(?: (?:you|u|all|everyone|everybody|again|about this))*|for (?:the|asking|bothering|another|this)[^,.:;?!–—()]{0,40}|if (?:this|that|it)[^,.:;?!–—()]{0,60}|but)(?=\s*[,;:.!…–—-]|\s+but\b)(?:,? but)?",
    r"(?:i'm |i am |im |i was |was )?(?:just )?(?:curious|wondering|checking|asking)(?: about| (?:if|whether) (?:you|anyone|anybody|somebody|someone)(?: here)? (?:knows?|could tell me|can tell me))?(?=\s*[,;:.!…–—-])",
    rf"(?:i|we) (?:was|were|am|are)(?: just)? (?:wondering|curious|asking myself)(?: (?:if|whether) {_SOMEBODY} (?:knows?|(?:could|can) (?:tell|help) (?:me|us)(?: out)?))?",
    r"(?:do you|does anyone|does anybody|does someone|does somebody|anyone|anybody|would you|would anyone|might you)(?: here| else)?(?: (?:happen to|by any chance|perhaps|maybe|possibly))? know(?: by any chance)?(?=\s*,|\s+(?:who|what|which|when|where|how|why|if|whether|about|the)\b)",
    r"(?:do you happen to know|does (?:anyone|anybody|someone|somebody)(?: here)?(?: happen to)? know)",
    r"(?:would|do) you mind (?:telling|showing|giving|listing)(?: (?:me|us))?",
    r"(?:i|we)(?:'d| would) (?:like|love) to (?:know|find out|see|understand)",
    r"(?:today |now |right now )?(?:i|we) (?:just |really |only |urgently |quickly )?(?:need|want|have|try|am trying|are trying|'m trying) to (?:know|find out|figure out|understand|check|see)(?=\s+(?:who|what|which|when|where|how|if|whether)\b)",
    rf"(?:can|could|would|will) {_SOMEBODY}(?: (?:please|kindly|quickly|maybe|pls))*(?: help me(?: (?:find|figure) out)?| tell (?:me|us)| remind (?:me|us))(?=\s+(?:who|what|which|when|where|how many|how much|how often|if|whether)\b)",
    r"(?:can|could|would) (?:you|someone|somebody|anyone|anybody)(?: please)? tell (?:me|us)",
    r"(?:please |pls )?remind me(?: again)?(?!\s+(?:to|about|in|on|at|that|when|tomorrow)\b)",
    r"(?:(?:please|pls|plz) )?help(?: (?:me|us))?(?: out)?(?: (?:here|please|pls))*(?=\s*[,:!–—-])",
    r"(?:just )?out of (?:pure |sheer |mere )?(?:curiosity|interest)",
    rf"(?:just )?asking (?:for {_DETERMINER} {_OCCASION}|because[^,.:;?!–—()]{{0,60}}|again)(?=\s*[,;:.!…–—-])",
    rf"{_PURPOSE}(?=\s*[,;:.!…–—-])",
    r"(?:before i forget|while (?:i have you|i'm at it|i am at it|we're at it|you're here|you are here)|for (?:context|reference|the record|what it's worth)|by the way|btw|fyi|incidentally)",
    rf"(?:in case|if) {_SOMEBODY} (?:knows?|remembers?|happens? to know)(?: (?:this|that|it))?",
    r"(?:i'm |i am |im )?not (?:quite |really |100% )?sure (?:if|whether|where|who)(?: (?:this|it|here|i|to))[^,.:;?!–—()]{0,60}?(?:,? but|(?=\s*[,;:.–—-]))",
    r"(?:my|our|the) (?:boss|manager|lead|team lead|ceo|cto|director|vp|pm|customer|client|auditors?|colleague|product owner|po)(?: (?:is|are|just|keeps?))? (?:asking|asks|asked|wants to know|want to know|wondering|wonders)(?: (?:me|us|again|about this))*(?=\s*[,;:.!…–—-]|\s+(?:who|what|which|when|where|how|if|whether)\b)",
    r"(?:fyi |i |we )*(?:need|want) (?:this|it|that|an answer) (?:fast|asap|quickly|urgently|now|soon|quick)(?=\s*[,;:.!…–—-])",
    r"let(?:'s| us| me) (?:see|think|ask)(?=\s*[,;:.!…–—-])",
    r"(?:ok(?:ay)?|right|alright|so|well|um+|uh+|er+m?|hm+|ah|oh|anyway|now then|look|listen|right then|ok(?:ay)? so|so yeah|yeah|yep|cool|great|good|perfect|nice)(?=\s*[,;:…–—-]|\s*\.\.)",
    r"(?:real |really )?(?:quick|quickly|urgent|asap)(?=\s*[,:!–—])",
    r"(?:ok(?:ay)?|right|alright)[ ,]+so",
    r"@?callboard",
)
"""What a message may open with; anchored, one after the other."""

_URGENT = r"(?:kind of |kinda |pretty |very |quite |really |super |rather |a bit |somewhat )*(?:urgent|important|time[- ]critical|an emergency|not urgent)"
_LOOSE = (
    rf"{_THANKS}",
    r"(?:if (?:possible|you (?:can|could|don't mind|have (?:a (?:sec|second|minute|moment)|time)))|by any chance|per ?chance|whenever you (?:can|have time)|when you (?:can|have (?:a (?:sec|second|minute|moment)|time)))",
    r"(?:i think|i guess|i suppose|i believe|i wonder|iirc|afaik|imo|imho|tbh|to be honest|honestly|just curious|just wondering|just checking|for now|out of (?:curiosity|interest))",
    r"(?:lol|lmao|rofl|ha(?:ha)+|hehe|xd|xx+|xoxo|mate|buddy|dude|bro|man|folks|guys|team|all|everyone|please|pls+|plz+|asap|rn|real quick|right quick|btw|fyi|eh|huh|hm+|ugh|argh)",
    r"(?:or something(?: like that)?|and stuff|and so on|and such|etc)",
    r"(?:once )?again|for real|(?:in|at|across) (?:our|the|this) (?:company|organi[sz]ation|place|shop)|over here|around here|these days",
)
"""What a message may close with, with or without a mark before it."""

_MARKED = (
    rf"{_PURPOSE}",
    rf"(?:it's|its|it is|this is|that's|that is) (?:{_URGENT}|\d{{1,2}} ?(?:am|pm)(?: (?:here|lol|already))*|late|getting late)",
    rf"{_URGENT}",
    r"(?:i |we )?(?:need|want) (?:it|this|that|them|these|those|an answer)(?: (?:asap|now|soon|quickly|fast|urgently|today|by (?:tomorrow|tonight|noon|eod|\w+day)|before (?:lunch|noon|the (?:call|meeting|demo))))*",
    r"(?:my|our|the|some) (?:boss|manager|lead|team lead|ceo|cto|director|vp|pm|customers?|clients?|auditors?|colleagues?|product owner|po)(?: (?:is|are|just|keeps?))? (?:asking|asks|asked|wants? to know|wondering|wonders|waiting|needs? (?:it|this|to know))(?: (?:me|us|again|now|about (?:this|it)|for (?:this|it)))*",
    rf"asking (?:for {_DETERMINER} {_OCCASION}|because[^,.:;?!()]{{0,60}})",
    rf"(?:we|i) have (?:an? |our |the )?(?:{_MODIFIER} )?{_OCCASION}(?: (?:in (?:\d+|an?|five|ten)(?: (?:min|mins|minutes|hour|hours))?|today|tomorrow|soon|now|later|at \d+(?:am|pm)?))*",
    r"(?:i'm|im|i am|we're|we are) (?:still |just |quite |totally |really |kind of |a bit )*(?:new(?: here| to this| to the (?:team|company)| around here)*|in a (?:hurry|rush|meeting|call)|on the phone|lost|confused|desperate|clueless|not sure|curious|only asking|just asking)",
    r"(?:i )?(?:can't|cant|cannot|can not|couldn't|could not) (?:find|see|seem to find|figure) (?:it|them|that|this|anything)(?: (?:out|anywhere|in the docs|in the wiki|myself))*",
    r"no (?:rush|hurry|worries|pressure|stress)",
    r"(?:(?:much|greatly|really|any help|any help is|any help would be|help|any pointers|pointers) )*appreciated",
    r"sorry(?:,? (?:if|for|to|about) [^,.:;?!()]{0,60})?",
    r"(?:any (?:idea|ideas|clue|clues|hints?|pointers?|help|info|thoughts?)|(?:does )?(?:anyone|anybody|someone|somebody)(?: here)?(?: knows?)?|do you know|you know|if you know|if (?:anyone|anybody|someone) knows|dunno)",
    r"(?:see you|have a (?:nice|good|great) (?:day|one|weekend)|best(?: regards| wishes)?|kind regards|regards|cheerio|bye)",
)
"""What closes a message only behind a mark: "it's urgent" after a question mark."""

_TO_SOMEBODY = frozenset("folks guys team all everyone man mate ta".split())
"""Of the loose ones, words that are only said to somebody behind a mark: "alerts of the team" ends in a noun."""

_BETWEEN = (
    r"if (?:any(?:one|body|thing)?|possible|you know|at all)|by the way|btw|please|pls|roughly|perhaps|maybe|again|i think|i guess|i suppose|"
    r"i believe|i wonder|as far as (?:i|we|you) know|afaik|iirc|say|by any chance|out of curiosity|for example|in your opinion|if i may ask|quickly"
)


def _any(patterns: tuple[str, ...]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


_OPENING = re.compile(rf"{_GAP}(?:{_any(_OPENINGS)})(?![\w'’]|-\w){_GAP}", re.IGNORECASE)
_CLOSING = re.compile(
    rf"(?:[,;.!?…:(–—]+|\s-+)\s*(?:(?:and|so|but|oh|ok|also)\s+)?(?:{_any((*_LOOSE, *_MARKED))})\W*\Z",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    rf"\s+(?P<said>{_any(_LOOSE)})\W*\Z",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    rf"\((?:{_any((*_LOOSE, *_MARKED))}|{_BETWEEN})[\s.!?]*\)|\s*,\s*(?:{_BETWEEN})\s*,",
    re.IGNORECASE,
)

_TELLS = re.compile(r"\A\W*[^?]*\b(?:is|are|was|were|keeps?|got|went|has|have)\b", re.IGNORECASE)
_OPENS = re.compile(
    r"\W*(?:who|whose|what|which|when|where|how|is|are|was|were|does|do|did|has|have|can|any|list|show)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w")
_HELP = re.compile(r"\b(?:help|idea|clue|pointers?|anyone|anybody|someone|somebody|know)", re.I)
TAIL = 240
"""Characters at the end of a message that are searched for a closing."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """A question without its small talk.

    Attributes:
        text: as typed, blanks in the place of small talk; as long as the text was.
        aside: what was set aside, as typed.
    """

    text: str
    aside: tuple[str, ...] = ()


def quieted(text: str, is_name: Callable[[str], bool]) -> Quiet:
    """The question with its small talk blanked.

    Args:
        text: as typed.
        is_name: whether something of the catalog is called so: "for the review board" may be a team.

    >>> quieted("hi all, who owns checkout? it's for the audit", lambda said: False).text.strip()
    'who owns checkout?'
    """
    spans: list[tuple[int, int]] = []
    left = text
    for start, end in _stretches(text, is_name):
        if not left[start:end].strip():
            continue
        blanked = left[:start] + " " * (end - start) + left[end:]
        if _WORD.search(blanked) is None or not _still_asks(text[start:end], blanked):
            continue
        left = blanked
        spans.append((start, end))
    said = (text[start:end].strip(" ,;:.!?…–—()-") for start, end in sorted(spans))
    return Quiet(left, tuple(s for s in said if _WORD.search(s)))


def _still_asks(said: str, left: str) -> bool:
    """Whether a question is left when a cry for help is taken away."""
    return (
        not _HELP.search(said)
        or ("?" in left or _TELLS.search(left) is None)
        or bool(_OPENS.match(left))
    )


def _stretches(text: str, is_name: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Stretches of small talk, as offsets: those that open, those inside, those that close."""
    start = 0
    while (match := _OPENING.match(text, start)) is not None and match.end() > start:
        if _named(match[0], is_name):
            break
        yield match.start(), match.end()
        start = match.end()
    for match in _INSIDE.finditer(text, start):
        if not _named(match[0], is_name):
            yield match.start(), match.end()
    end = len(text)
    while (found := _closing(text, start, end)) is not None:
        if _named(text[found[0] : found[1]], is_name):
            break
        yield found
        end = found[0]


def _closing(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The closing of text[start:end]; the mark before it stays where it is a question mark."""
    first = max(start, end - TAIL)
    match = _CLOSING.search(text, first, end)
    if match is None:
        match = _TRAILING.search(text, first, end)
        if match is None or match["said"].lower() in _TO_SOMEBODY:
            return None
        return match.start(), match.end()
    mark = re.match(r"[,;.!?…:(–—\s-]*", match[0])
    kept = mark[0].rfind("?") + 1 if mark is not None else 0
    return match.start() + kept, match.end()


def _named(said: str, is_name: Callable[[str], bool]) -> bool:
    """Whether what follows a "for the" is the name of something."""
    match = re.search(rf"\b(?:for|in) {_DETERMINER} (.+?)[\s,;:.!?…–—)-]*\Z", said, re.IGNORECASE)
    return match is not None and is_name(match[1])
