"""The closed word classes of English that questions are built with. Open words live in the field table and the catalog.

Every table maps a phrase, as typed in lower case, to what it does. Adding a wording is adding a line.
"""

from __future__ import annotations

from collections.abc import Mapping

from search.plan import Function, Op
from search.understand.event_words import EVENT_WORDS
from search.understand.impact_words import ON_A_CHANGE
from search.understand.relating_words import CAUSING, RELATING

# fmt: off
UNHELD: tuple[str, ...] = (
    "mttd", "mean time to detect", "mean time to detection", "time to detect", "mtbf", "mean time between failures",
    "cycle time",
    *(f"{becoming} {how}" for becoming in ("got", "gotten", "getting", "became", "become", "becoming", "grew", "growing")
      for how in ("more", "less", "worse", "better", "slower", "faster", "bigger", "smaller", "cheaper", "pricier", "larger", "higher", "lower", "healthier",
                  "older")),
    *(f"{has} {moved}" for has in ("has", "have", "had") for moved in ("grown", "increased", "decreased", "improved", "worsened", "gone up", "risen", "dropped")),
    "going up", "going down", "getting better", "getting worse", "trending up", "trending down",
)
"""Measures known by name that nothing read so far can give, and trends; said to be missing rather than searched for."""

ASKED_UNIT: Mapping[str, str] = {
    **dict.fromkeys(("how often", "how frequently", "how regularly", "how many times a week", "how many times per week"), "per_week"),
    **dict.fromkeys(("how often did", "how often have", "how often has"), "times"),
    **dict.fromkeys((
        "percentage of", "percent of", "share of", "proportion of", "fraction of", "portion of", "what percentage", "what percent",
        "how many percent of", "how many percent", "what part of", "how large a share of", "how big a share of", "pct of", "what pct of",
        "what share of", "what percentage of", "what percent of", "what proportion of", "what fraction of",
        "what share", "what proportion", "what fraction", "percentage", "in percent", "as a percentage",
    ), "percent"),
    **dict.fromkeys((
        "how long", "how quickly", "how fast", "how soon", "how slowly", "how much time", "how many hours", "in hours", "hours",
    ), "hours"),
}
"""Ways of asking for a rate, a share or a duration → the unit of the measure that is meant."""

PERIODS: tuple[str, ...] = ("day", "week", "month", "quarter", "year")
"""Stretches of the calendar to group by."""

HAPPENING: frozenset[str] = frozenset(
    """deploy deploys deployed deployment deployments release releases released ship ships shipped rollout rollouts incident incidents
    outage outages pages cfr mttr dora failure rollback frequency often cadence run runs""".split()
)
"""Words beside which a period is one of time, not of a bill."""
COSTING: frozenset[str] = frozenset("cost costs costing spend spends spending price pay bill billed expense expenses expensive".split())
RUNNING: frozenset[str] = frozenset(("run", "runs"))
"""Of these, the verbs that beside costs, or in a name, count nothing."""

POLITE: frozenset[str] = frozenset(
    """please pls plz thanks thank thx cheers hi hey hello kindly could you can would show me list give tell display find get
    fetch i we us want wanna need know see a an the to like all every any of some there here just ok okay so well only
    names name it its exactly actually currently really very quick quickly question right now moment at present today
    me out up got have has had having do does did done doing is are was were be been being am that which who whose whom
    will shall should must may might its their them they thing things stuff these those this one ones what s t re m ll ve let
    set running lets about look complete existing total overall in on for with by from under to as also still ever yet already mine
    ours our my your whole entire entirely altogether together defined carrying carry carries sit sits sitting exist exists
    existing tagged labelled labeled marked flagged called named written classified works working lives living hold holds holding
    contains kind sort whichever among available basically maybe perhaps probably simply into onto within both goes going
    single particular respective anymore since up more less current actual possible possibly run's come comes came whoever someone
    everything anything if so then than because while whether use's saw see seen sees looks looking remain remains remaining left rank ranked ranking sort sorted order ordered
    finds found gets put compare compared brand across help retrieve enumerate identify determine locate analyze analyse provide gimme atm rn asap thx else either btw fyi anyway hmm um uh yo folks team's guys
    anywhere detected discovered opened created raised recorded known measured stated define defines declares declared happened happening occurred logged reported took place we're we've we'd we'll i've i'd i'll you're they're they've it'll personally ran straight away nowadays please-and-thank-you teh hte cannot morning afternoon evening sorry quickly urgently urgent super""".split()
)
"""Words that carry no condition by themselves; anything left over that is not here is listed as unused."""

WH: Mapping[str, str] = {
    "who": "who",
    "whom": "who",
    "whose": "who",
    "who's": "who",
    "whos": "who",
    "what": "what",
    "what's": "what",
    "whats": "what",
    "wat": "what",
    "which": "which",
    "wich": "which",
    "when": "when",
    "when's": "when",
    "where": "where",
    "where's": "where",
    "wheres": "where",
    "how": "how",
    "hows": "how",
    "how's": "how",
    "why": "why",
}

COUNT: tuple[str, ...] = (
    "how many times", "how many", "number of", "total number of", "count of", "count", "how much", "amount of", "total of", "no of",
)

HOW_TO: tuple[str, ...] = (
    "how do", "how can", "how to", "how should", "how does one", "how would", "how is", "how are", "how did", "why", "why do",
    "how quickly", "how fast", "how does", "what is the procedure", "what is the process", "procedure for", "process for",
    "policy for", "policy on", "rules for", "rule for", "guidelines", "guidelines for", "difference between", "steps to", "the steps",
    "steps for", "what are the steps", "instructions", "tell me how", "explain", "what do i do", "what now", "what should i do",
    "what do we do", "what to do", "show me how", "help me", "how must", "when do we", "when should", "guide to", "guide for",
    *(f"how {do}" for do in ("get", "make", "use", "deploy", "request", "order", "create", "set up", "setup", "connect", "rotate", "restart", "roll back", "rollback",
                             "reset", "enable", "disable", "install", "configure", "debug", "test", "build", "fix", "add", "remove", "migrate", "upgrade", "release")),
    "tutorial", "walk me through", "how come", "allowed to", "what does the runbook say", "what do the docs say", "what does the doc say", "what does the handbook say",
    *(f"{may} {who} {do}" for may in ("can", "may", "should", "could") for who in ("i", "we") for do in ("deploy", "release", "ship")),
)
"""Openings of a question that a page answers, not a row."""

REASON: tuple[str, ...] = (
    *(f"{what} {reason}{that}" for what in ("what", "what is", "what was", "what are") for reason in ("the reason", "the reasons", "the cause", "the causes")
      for that in ("", " that", " why", " for", " of")),
    "what makes", "what is making", "what causes", "what is causing", "how come",
)
"""Ways of asking why."""

CREATE: tuple[str, ...] = (
    "create", "start", "begin", "set up", "setup", "scaffold", "bootstrap", "spin up", "kick off", "generate", "make", "get",
    "provision", "launch", "add",
)
"""Verbs that, before "a new …", ask for a golden path."""

MAKE: tuple[str, ...] = (
    "create", "start", "begin", "set up", "setup", "scaffold", "bootstrap", "spin up", "generate", "provision",
)
"""Of these, the verbs that need no "new" to mean that something is to be made."""

COMPARATORS: Mapping[str, Op] = {
    "more than": Op.GT, "over": Op.GT, "above": Op.GT, "greater than": Op.GT, "higher than": Op.GT, "exceeding": Op.GT,
    "exceeds": Op.GT, "exceed": Op.GT, "bigger than": Op.GT, "larger than": Op.GT, ">": Op.GT, "beyond": Op.GT,
    "costlier than": Op.GT, "longer than": Op.GT, "older than": Op.GT, "staler than": Op.GT, "newer than": Op.LT, "younger than": Op.LT, "fresher than": Op.LT, "more recent than": Op.LT, "upwards of": Op.GE,
    "less than": Op.LT, "under": Op.LT, "below": Op.LT, "fewer than": Op.LT, "lower than": Op.LT, "smaller than": Op.LT,
    "<": Op.LT, "short of": Op.LT, "beneath": Op.LT, "shorter than": Op.LT,
    "at least": Op.GE, "no less than": Op.GE, "no fewer than": Op.GE, "minimum": Op.GE, "min": Op.GE, ">=": Op.GE,
    "not less than": Op.GE, "not under": Op.GE, "not below": Op.GE, "a minimum of": Op.GE,
    "at most": Op.LE, "no more than": Op.LE, "up to": Op.LE, "maximum": Op.LE, "max": Op.LE, "<=": Op.LE,
    "not more than": Op.LE, "not exceeding": Op.LE, "no higher than": Op.LE, "no greater than": Op.LE, "no longer than": Op.LE, "no older than": Op.LE,
    "not higher than": Op.LE, "no lower than": Op.GE, "not lower than": Op.GE, "not fewer than": Op.GE,  "not over": Op.LE, "not above": Op.LE,
    "exactly": Op.EQ, "equal to": Op.EQ, "equals": Op.EQ, "precisely": Op.EQ,
}

AFTER_NUMBER: Mapping[str, Op] = {
    "or more": Op.GE, "or higher": Op.GE, "or above": Op.GE, "or over": Op.GE, "and above": Op.GE, "and up": Op.GE, "plus": Op.GE,
    "or fewer": Op.LE, "or less": Op.LE, "or lower": Op.LE, "or below": Op.LE, "or under": Op.LE, "and below": Op.LE,
    "or longer": Op.GE, "or older": Op.GE, "or greater": Op.GE, "or larger": Op.GE, "or bigger": Op.GE, "and more": Op.GE, "and over": Op.GE,
    "and higher": Op.GE, "at the least": Op.GE, "at minimum": Op.GE, "upwards": Op.GE, "and upwards": Op.GE,
    "or shorter": Op.LE, "or smaller": Op.LE, "and under": Op.LE, "and lower": Op.LE, "and less": Op.LE, "and fewer": Op.LE, "or newer": Op.LE,
    "at the most": Op.LE, "at maximum": Op.LE, "tops": Op.LE, "downwards": Op.LE, "and down": Op.LE,
}

JUDGED_AFTER: Mapping[str, bool] = {"or better": True, "and better": True, "or worse": False, "and worse": False}
JUDGED_BEFORE: Mapping[str, bool] = {"better than": True, "worse than": False}
"""Comparisons that need to know which end of a field or measure is good → whether they ask for that end; "than" leaves the number out."""

NOT: tuple[str, ...] = (
    "not", "n't", "no", "without", "never", "isn't", "aren't", "wasn't", "weren't", "haven't", "hasn't", "hadn't", "don't", "doesn't",
    "didn't", "won't", "can't", "cannot", "lacking", "lack", "lacks", "missing", "miss", "except", "excluding", "except for",
    "other than", "but not", "neither", "nor", "nobody", "no one", "noone", "none", "nothing", "minus", "apart from", "aside from", "besides",
    "havent", "hasnt", "isnt", "arent", "dont", "doesnt", "didnt", "wasnt", "werent", "anything but", "non", "lacked", "off", "outside",
    "outside of", "w/o", "leaving out", "leave out", "not counting", "not including", "don't count", "do not count", "dont count", "don't include", "do not include",
    "without counting", "ignoring", "disregarding", "ignore", "discounting", "leave aside", "yet to be", "left without", "with no", "has no", "have no", "failing to", "fail to",
)

NOT_EACH: tuple[str, ...] = ("missing", "miss", "misses", "lacking", "lack", "lacks", "lacked")
"""Of these negations, those that "or" leaves apart: what lacks docs or a runbook may have one of them."""

NO_SUCH: tuple[str, ...] = (
    "no", "without", "w/o", "with no", "has no", "have no", "lacking", "lack", "lacks", "lacked", "left without", "missing", "zero",
)
"""Of these negations, those that stand before things rather than before what is said of them: "no deprecated apis"."""

UNSET: tuple[str, ...] = (*(
    f"{verb} {end}"
    for verb in ("is not", "isn't", "isnt", "are not", "aren't", "arent", "was not", "wasn't", "was never", "were never", "has not been",
                 "hasn't been", "hasnt been", "have not been", "haven't been", "not", "never")
    for end in ("set", "filled in", "filled", "given", "specified", "declared", "recorded", "stated", "provided", "entered", "maintained")
), "unset", "is unset", "are unset", "is missing", "are missing", "is empty", "is blank", "empty", "blank", "unfilled", "is undefined", "undefined",
     "unspecified", "is unspecified", "is absent")
"""Said of a field: the thing holds no value of it."""

NOT_AFTER: tuple[str, ...] = (
    *(f"{ones}{do} {count}" for ones in ("", "ones ") for do in ("do not", "don't", "dont", "does not", "should not", "shouldn't", "need not", "must not", "are not")
      for count in ("count", "be counted", "be included", "counted", "included")),
    "ones excluded", "ones aside", "left out", "excluded", "aside", "not included", "omitted", "ignored", "not counted", "skipped", "left aside",
)
"""Negations that follow what they negate: "services left out"."""

OR: tuple[str, ...] = ("or", "and/or", "as well as", "and also", "nor", "plus", "vs", "versus", "next to that of", "next to", "compared to", "compared with", "alongside", "against")
AND: tuple[str, ...] = ("and", "but", "also", "&", "as well")

GROUP: tuple[str, ...] = (
    "per", "by", "for each", "for every", "each", "every", "grouped by", "split by", "broken down by", "down by",
    "break down by", "by each", "per each", "in each", "split per", "broken down per", "breakdown by", "sorted into", "according to", "counted by",
    "ordered by", "sorted by", "ranked by", "order by", "sort by", "rank by", "count by", "counts by", "counted per", "split into", "grouped into", "group by",
)

BREAKDOWN: tuple[str, ...] = ("breakdown of", "breakdown", "break-down of", "distribution of", "distribution")
"""After what things are grouped by, or before things with what they are grouped by."""

WEAK_GROUP: frozenset[str] = frozenset(("each", "every"))
"""Words that group only where something is counted or summed up."""

LAST: tuple[str, ...] = ("last", "latest", "most recent", "most recently", "more recently", "more recent", "newest", "lately", "last time", "previous", "for the last time", "recent")
FIRST: tuple[str, ...] = ("longest ago", "the longest ago", "furthest back", "first", "earliest", "oldest", "first time")

DIRECTIONS: dict[str, bool | None] = {
    "first": None,
    **dict.fromkeys(("descending", "desc", "in descending order", "high to low", "highest to lowest", "largest to smallest", "newest to oldest"), True),
    **dict.fromkeys(("ascending", "asc", "in ascending order", "low to high", "lowest to highest", "smallest to largest", "oldest to newest"), False),
}
"""After what something is sorted by: from the high end down? None leaves it to the word before ("newest first")."""

TRUTH: dict[str, bool] = {"yes": True, "true": True, "no": False, "false": False}
"""Values of a yes/no field, beside its name."""

MOST: tuple[str, ...] = (
    "most", "the most", "highest", "largest", "biggest", "greatest", "maximum", "max", "top", "higest", "longest", "most common", "most frequent", "most often",
    *(f"{how} number of" for how in ("largest", "highest", "greatest", "biggest", "the largest", "the highest", "the greatest", "the biggest")),
    "commonest", "most frequently", "most other", "most of the", "most of our", *CAUSING,
)
LEAST: tuple[str, ...] = (
    *(f"{how} number of" for how in ("smallest", "lowest", "fewest", "the smallest", "the lowest")),
    "least", "the least", "fewest", "lowest", "smallest", "minimum", "min", "bottom", "shortest")

BY_NUMBER: tuple[str, ...] = tuple(
    f"{lead}{how}"
    for lead in ("", "ranked ", "sorted ", "ordered ", "rank ", "sort ")
    for how in ("by number of", "by the number of", "by count of", "by how many", "by amount of", "by total number of")
)
"""What follows is counted, and ranks what went before."""

COMPARATIVES: Mapping[str, bool] = {
    **dict.fromkeys(("more", "higher", "larger", "bigger", "greater", "longer"), True),
    **dict.fromkeys(("fewer", "less", "lower", "smaller", "shorter"), False),
}
"""Between two that are named → whether the larger one is meant."""
BETTER: Mapping[str, bool] = {"better": True, "healthier": True, "stronger": True, "worse": False, "poorer": False, "weaker": False}
"""Between two that are named, where the field says which end is good → whether that end is asked for."""

GROWING: tuple[str, ...] = ("growing", "rising", "increasing", "climbing")
SHRINKING: tuple[str, ...] = ("shrinking", "falling", "decreasing", "dropping", "declining")
TREND_PACE: tuple[str, ...] = ("fastest", "quickest", "the fastest", "the most", "most", "most quickly", "the quickest")
TREND_HEADS: frozenset[str] = frozenset(("trend", "growth", "change", "delta", "increase"))
"""Words in the name of a field that says how another one changes."""

JUDGED: Mapping[str, bool] = {
    "best": True, "the best": True, "best rated": True, "healthiest": True, "strongest": True,
    "worst": False, "the worst": False, "poorest": False, "weakest": False,
}
"""Superlatives that need to know which end of a field or measure is good → whether they ask for that end."""

WANTING: tuple[str, ...] = (
    "i need", "we need", "i want", "we want", "i would like", "need a list", "i'd like", "i am looking for", "looking for", "i look for",
    "i wonder", "or not", "do you know", "can you tell", "could you tell", "any idea", "does anyone know", "who knows", "tell me", "let me know",
    "help me find", "point me to", "remind me", "i mean", "i meant", "that is to say", "is it true that", "is it correct that", "is it right that", "is it the case that", "to be precise", "to be exact", "to be clear", "one clear", "a clear",
    *(f"{can} {who} {tell}" for can in ("can", "could", "would", "does", "will") for who in ("someone", "anyone", "somebody", "anybody")
      for tell in ("tell me", "tell us", "know", "remember", "remind me", "say")),
    *(f"{who} {tell}" for who in ("anyone", "someone", "anybody", "somebody") for tell in ("know", "knows", "remember")), "over at",
)
"""Ways of asking that ask for nothing by themselves."""

WORKING: frozenset[str] = frozenset("work works working sit sits".split())
"""Beside "where" and a person: the person's teams are meant."""
LIVING: frozenset[str] = frozenset(("live", "reside"))
"""Beside "where do" and "where does": nothing is said of being live."""

TROUBLED: tuple[str, ...] = (
    *(f"{keeps} {failing}" for keeps in ("keeps", "keeps on", "kept", "started", "starts", "has been") for failing in (
        "crashing", "failing", "restarting", "timing out", "flapping", "dying", "paging", "paging me", "paging us", "alerting", "hanging", "erroring",
        "throwing errors", "going down", "falling over", "breaking", "acting up", "misbehaving")),
    *(f"{being} {so}" for being in ("being", "is", "is being") for so in (
        "slow", "so slow", "very slow", "flaky", "weird", "odd", "strange", "laggy", "unstable", "unreachable", "acting up", "misbehaving", "timing out",
        "not responding", "not working", "broken", "throwing errors", "throwing 500s", "returning errors", "returning 500s", "on fire", "failing")),
    "acting up", "misbehaving", "times out", "timing out", "throws errors", "throwing errors", "does not respond",
    "doesn't respond", "does not work", "doesn't work", "isn't working", "isn't responding", "being down", "having problems", "having issues", "having trouble",
)
"""Beside "who" and a thing by its name: why somebody is looked for, no condition on anything."""

CONDUCTED: tuple[str, ...] = ("carried out", "conducted", "performed", "executed", "undertaken", "completed", "against")
"""Beside "when", of a test or a review: that it was done, and of what."""

PAPERS: frozenset[str] = frozenset("runbook runbooks playbook playbooks doc docs documentation page pages guide guides handbook adr adrs".split())
WIKIS: tuple[str, ...] = tuple(
    f"{at} {the}{wiki}" for at in ("in", "on", "from", "inside") for the in ("", "the ", "our ")
    for wiki in ("confluence", "wiki", "notion", "sharepoint", "gitbook", "google docs", "knowledge base", "intranet")
)
"""Where people think that pages are kept; beside a word for pages it restricts nothing."""

DESCRIBING: tuple[str, ...] = (
    *(f"{what} {of}" for what in ("overview", "an overview", "summary", "a summary", "rundown", "a rundown", "profile", "info", "information", "details", "facts",
                                  "everything you know", "all you know", "what you know", "background", "introduction")
      for of in ("of", "on", "about", "for")),
    "describe", "summarise", "summarize", "brief me on", "introduce me to", "fill me in on", "what do we know about", "what do you know about", "tell me everything about",
    "tell me more about", "everything about", "all about", "give me the details of",
)
"""Ways of asking for a thing as a whole: they restrict nothing."""

_TROUBLE = ("an incident", "an outage", "an alert", "a problem")
_AT = ("with", "on", "in", "of", "at")

WHO_TO_CALL: Mapping[str, int | None] = {
    **dict.fromkeys((
        "on call", "oncall", "on-call", "on duty", "on pager duty", "pager duty", "carrying the pager", "carries the pager", "has the pager",
        "holds the pager", "holding the pager", "got the pager", "gets the page", "gets paged", "do i call", "should i call", "do we call",
        "to call", "do i page", "should i page", "do we page", "to page", "do i wake", "do i wake up", "to wake", "do i ring", "on pager",
        "gets called", "gets woken", "on the rota", "on standby", "the pager", "pager", "responder", "can i page", "can i call",
        *(f"{should}{handle} {trouble} {at}" for should in ("to ", "should ", "must ", "can ", "would ")
          for handle in ("handle", "deal with", "look into", "report", "fix", "take", "see to") for trouble in _TROUBLE for at in _AT),
        *(f"{who} {call} {about} {trouble} {at}" for who in ("i", "we", "to") for call in ("call", "page", "wake", "contact", "ask", "ping")
          for about in ("about", "for", "on") for trouble in _TROUBLE for at in _AT),
        "to escalate to", "gets alerted", "is alerted", "gets notified", "gets woken up",
        *(f"{deals} {what}" for deals in ("to handle", "handles", "handling", "should handle", "deals with", "to deal with", "responds to", "to respond to",
                                          "takes care of", "would handle")
          for what in ("incidents", "an incident", "the incident", "outages", "an outage", "alerts", "an alert", "pages", "incidents with", "incidents on",
                       "an incident with", "an incident on", "an incident in", "alerts from", "alerts for", "an outage of", "outages of", "pages for")),
    )),
    **dict.fromkeys(("primary on call", "first on call", "first line on call", "level 1 on call", "l1 on call", "primary responder",
                     "primary oncall", "on call primary", "first oncall", "first responder"), 1),
    **dict.fromkeys(("secondary on call", "second on call", "backup on call", "level 2 on call", "l2 on call", "secondary oncall",
                     "on call secondary", "second level on call", "backup oncall",
                     *(f"{on}{level}" for on in ("on ", "on the ", "is ", "is the ") for level in ("second level", "second line", "level 2", "level two", "level2")),
                     "second level", "second line",
                     "who the backup", "who is the backup", "who is backup", "who the secondary", "who is the secondary", "is the backup", "the backup person", "second level engineer", "second level responder", "second level support", "2nd level", "2nd line", "next in line", "secondary responder", "backup responder", "second in line", "backup for"), 2),
}
"""Ways of asking who is on call → the escalation level that is meant; None for all of them."""

NEXT_ON_CALL: tuple[str, ...] = (
    "on call next", "next on call", "on-call next", "next on-call", "oncall next", "next oncall", "up next on call", "on call after that", "on call afterwards",
    "takes over on call", "taking over on call", "takes over the pager", "next responder", "gets the pager next", "has the pager next",
)
"""Ways of asking who is on call once the running shift ends."""

UNTIL_WHEN: tuple[str, ...] = ("hand over", "hands over", "handover", "hand off", "hands off", "handoff", "handed over", "until when", "till when", "til when", "for how much longer", "how much longer")
"""Ways of asking for the end of a shift."""

IN_OTHER_WORDS: Mapping[str, tuple[str, ...]] = {
    "headcount": ("number", "of", "members"),
    "headcounts": ("number", "of", "members"),
    "manpower": ("number", "of", "members"),
}
"""One word for what is asked in several."""

ITSELF: tuple[str, ...] = (
    "so far", "thus far", "to date", "the counts", "give me the counts", "counts please", "with counts", "with their counts", "with the counts", "and counts",
    "in the catalog", "in the catalogue", "in our catalog", "in our catalogue", "in the portal", "in backstage", "in callboard",
    "in the software catalog", "in total", "these days", "any more", "straight away", "right now", "as of now", "in the whole company", "in the company",
    "in the organisation", "in the organization", "in our organisation", "in our organization", "across the company", "of ours", "do we offer", "we offer", "do we run", "we run", "do we use", "we use", "do we have", "we have", "are we running", "we operate",
    *(f"{shows} as" for shows in ("shows up", "show up", "showing up", "is shown", "are shown", "appears", "appear", "is listed", "are listed", "counts", "count",
                                  "turns up", "is reported", "are reported", "is considered", "are considered")),
    *(f"{does}{my} {organization}{have}" for does, have in (("does ", " have"), ("has ", " got"), ("in ", "")) for my in ("my", "our", "this", "the")
      for organization in ("organization", "organisation", "org", "company")),
    "do we operate", "can i choose from", "to choose from", "can i pick from", "available to me", "can i use", "across all repos", "across all repositories", "across all our repos", "across all our repositories", "in all repos",
    "in all repositories", "over all repositories", "across the board", "across every repository",
)
"""Phrases about the catalog as such, or about the period a cost is kept for: they restrict nothing."""

BILLED: tuple[str, ...] = ("per month", "a month", "monthly", "each month")
"""The period a cost is kept for; beside things that happen it is a period of time instead."""

AGGREGATES: Mapping[str, Function] = {
    "average": Function.AVERAGE, "on average": Function.AVERAGE, "avg": Function.AVERAGE, "mean": Function.AVERAGE, "typical": Function.AVERAGE,
    "median": Function.MEDIAN, "sum": Function.SUM, "sum of": Function.SUM, "total": Function.SUM,
    "all together": Function.SUM, "together": Function.SUM, "altogether": Function.SUM, "combined": Function.SUM, "in total": Function.SUM,
}

DIRECT: tuple[str, ...] = ("directly", "direct", "immediately", "first hand")
ALL_HOPS: tuple[str, ...] = (
    "transitively", "transitive", "indirectly", "including indirectly", "directly or indirectly", "recursively", "all the way",
    "eventually", "ultimately", "deep", "full tree of", "direct and indirect", "direct or indirect", "directly and indirectly", "indirect", "both directly and indirectly",
)

IMPACT: tuple[str, ...] = (
    *(f"{fails} {when}" for fails in ("falls over", "fall over", "would stop", "stop", "stops", "crashes", "crash", "goes dark", "go dark", "falls down",
                                      "comes down", "goes away")
      for when in ("if", "when", "once")),
    *ON_A_CHANGE,
    *(f"downstream of {fault} of" for fault in ("an outage", "a failure", "the outage", "a crash", "the failure")),
    "breaks if", "break if", "breaks when", "break when", "is affected if", "are affected if", "is hit when", "is hit if",
    "are hit when", "is impacted if", "are impacted if", "affected by", "impacted by", "blast radius", "blast radius of",
    "go down with", "goes down with", "went down with", "go down without", "stops without", "stop without", "stop working without", "stops working without",
    "break without", "fails without", "fail without", "break with", "breaks with", "fall over with", "die with", "dies with",
    "goes down if", "go down if", "goes down when", "go down when", "goes dark when", "is broken if", "stops when", "stops if", "fails if", "fail if", "stops working if", "would break if", "happens if", "affected when",
    "is affected when", "are affected when", "impact of", "dies if", "die if", "suffer if", "suffers if", "suffers when",
    "stop working if", "knocked out by", "taken down by", "hurts if", "breaks without", "are affected", "is affected", "affected",
    "impacted", "is hit", "are hit", "suffer", "suffers", "would be affected", "gets affected", "breaks", "will break",
    "failure breaks", "failure affects", "failure would break", "failure hits", "failure takes down", "outage breaks", "outage affects",
    "outage takes down", "feel it", "feels it", "in danger if", "at risk if",
)
"""What breaks when something else does: everything that uses it, all hops."""

DOWN: tuple[str, ...] = (
    "went away", "went dark", "went offline", "died", "fell over", "blew up", "fell down",
    "goes down", "go down", "went down", "is down", "fails", "fail", "goes dark", "dies", "crashes", "breaks", "is gone",
    "disappears", "stops", "is broken", "broken", "is unavailable", "becomes unavailable", "has an outage", "goes away", "falls over", "down", "crashed",
    "goes offline", "is offline", "melts down", "is lost", "stops working", "is dead", "dead", "is unresponsive", "unresponsive", "is stuck", "stuck", "hung", "frozen", "wedged", "kaput", "hosed",
    "borked",
)

DOWN_PHRASES: tuple[str, ...] = (*(p for p in DOWN if " " in p), "goes", "if", "when")
"""What of an outage's wording may be passed over once an impact is asked for."""

YES_NO: frozenset[str] = frozenset(
    "whether is are was were do does did has have had am can could will isn't aren't doesn't don't hasn't haven't".split()
)
"""Words that open a yes/no question when nothing asks for a thing."""

MINE: frozenset[str] = frozenset("my mine our ours".split())
RESPONSIBLE: frozenset[str] = frozenset("responsible accountable own owns maintain maintains".split())
"""Beside "I": what is owned, by the asker or by the asker's groups."""

ME: frozenset[str] = frozenset("i me".split())
PRONOUNS: frozenset[str] = frozenset(
    ("it", "its", "they", "them", "their", "those", "these", "that one", "this one", "the same", "he", "she", "of them", "of these", "of those")
)

SPACE_WORDS: Mapping[str, str] = {
    "svc": "service", "svcs": "services", "db": "database", "dbs": "databases", "repo": "repository", "repos": "repositories",
    "env": "environment", "prod": "production", "k8s": "kubernetes", "config": "configuration", "doc": "documentation",
    "docs": "documentation", "app": "app", "msg": "message", "mgmt": "management", "ppl": "people", "dept": "department",
    "oncall": "on-call", "postgress": "postgres", "reco": "recommendation", "recs": "recommendation", "rec": "recommendation",
    "auth": "auth", "deps": "dependencies", "dep": "dependency", "infra": "infrastructure", "langs": "languages", "lang": "language",
    "comp": "component", "comps": "components", "tmpl": "template", "ver": "version", "vers": "version", "mtg": "meeting", "perf": "performance", "lib": "library",
    "libs": "libraries", "stg": "staging", "dev": "developer", "ownr": "owner", "ownz": "owns",
}
"""Usual abbreviations of the trade → the word the catalog uses."""

NUMBERS: Mapping[str, int] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "dozen": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
}

COMPLYING: tuple[str, ...] = (
    "comply with", "complies with", "complying with", "compliant with", "in compliance with", "conform to", "conforms to", "conforming to",
    "adhere to", "adheres to", "adhering to", "satisfy", "satisfies", "satisfying", "pass", "passes", "passing", "in line with",
)
"""Ways of saying that a rule or policy is kept."""
COMPLIANT: tuple[str, ...] = ("compliant", "policy compliant")
VIOLATING: tuple[str, ...] = ("non-compliant", "noncompliant", "not compliant", "out of compliance")
POLICY_FINDING: tuple[str, ...] = ("policy violation", "policy breach", "policy finding", "policy failure", "compliance violation")
VULNERABLE: tuple[str, ...] = ("vulnerable", "insecure", "with security problems")
"""Of a thing: something is found in it."""
ANY_STATE: tuple[str, ...] = (
    "including suppressed", "including waived", "including fixed", "suppressed or not", "waived or not", "open or not", "in any state",
    "with suppressed ones", "including the suppressed", "including the waived", "and suppressed ones", "including closed",
)
"""Of findings: fixed and waived ones count as well."""

PLACED: tuple[str, ...] = (
    "live in", "lives in", "living in", "located in", "hosted in", "hosted on", "run in", "runs in", "running in", "run on", "runs on",
    "running on", "run under", "runs under", "sit under", "sits under", "fall under", "falls under", "come under", "comes under", "filed under",
    "booked on", "booked under", "sit in", "sits in", "reside in", "resides in", "run", "runs", "running",
)
"""Verbs that, beside a region, a cloud, a namespace or an engine, add nothing to it."""

def _every_word() -> frozenset[str]:
    phrases: list[str] = []
    for table in (*RELATING, WH, WANTING, DESCRIBING, WHO_TO_CALL, NEXT_ON_CALL, UNTIL_WHEN, ITSELF, COUNT, HOW_TO, CREATE, COMPARATORS, AFTER_NUMBER, JUDGED_AFTER, JUDGED_BEFORE, NOT, NOT_AFTER, UNSET,
                  OR, AND, GROUP, BREAKDOWN, LAST, FIRST, MOST, LEAST, JUDGED,
                  ASKED_UNIT, *EVENT_WORDS, BILLED, AGGREGATES, DIRECT, ALL_HOPS, IMPACT, DOWN, YES_NO,
                  MINE, ME, PRONOUNS, NUMBERS, PLACED, COMPLYING, COMPLIANT,
                  VIOLATING, POLICY_FINDING, VULNERABLE, ANY_STATE, SPACE_WORDS):
        phrases += table
    return frozenset(word for phrase in phrases for word in phrase.split()) | POLITE | frozenset(SPACE_WORDS) | TIME_WORDS


TIME_WORDS: frozenset[str] = frozenset(
    """today yesterday tomorrow midnight day days week weeks month months quarter quarters year years hour hours minute minutes ago since until
    before after during within last this previous next january february march april may june july august september october november
    december jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday recently lately
    old older newer percent morning night half""".split()
)
"""Words of time, so that none of them is taken for a misspelling."""

IDIOMS: frozenset[tuple[str, str]] = frozenset(
    [("at", end) for end in ("risk", "work", "fault", "stake", "hand", "scale", "large", "rest")]
    + [("in", end) for end in ("order", "charge", "danger", "trouble", "place", "shape", "question", "terms", "general", "practice")]
    + [("on", end) for end in ("fire", "time", "track", "hold", "purpose")]
)
"""Two words that mean something together; the second is no part of a name there."""

STANDALONE: frozenset[str] = POLITE | {
    phrase
    for table in (COUNT, COMPARATORS, AFTER_NUMBER, NOT, OR, AND, GROUP, LAST, FIRST, MOST, LEAST, JUDGED, AGGREGATES, DIRECT, YES_NO, MINE, ME,
                  PRONOUNS, NUMBERS)
    for phrase in table
    if " " not in phrase
}
"""Words that mean something by themselves in any question: a value spelled like one needs its field beside it."""

ALL_WORDS: frozenset[str] = _every_word()
"""Every word of the closed classes; none of them is unknown or misspelt."""
