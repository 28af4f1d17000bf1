"""What someone wants to make → the templates that make it: "new python service", "spin up a postgres", "one like checkout".

Nothing names a template here. A question that wants something made has its words held against the templates of the catalog;
"like X" takes kind, type and language from X, and where no template makes that, shows what else is of its sort.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from catalog_store.analyzer import STOP_WORDS, index_terms, query_terms, tokenize
from catalog_store.model import kinds as k
from catalog_store.reader import CatalogReader
from search.plan import Compare, Op, Select
from search.understand.english import LANGUAGES
from search.understand.understanding import Understanding

FIELD_WEIGHT: Mapping[str, float] = {
    "name": 1.0,
    "title": 1.0,
    "tags": 0.95,
    "type": 0.9,
    "description": 0.7,
}
"""What a word counts for by where the template holds it."""

STATED, HINTED = 0.99, 0.5
"""Share of the wanted words a template must hold: all of them when the question only mentions a need, half when it says that
something is to be made."""

NEAR_BEST, MOST = 0.85, 5
"""Templates shown beside the best one: those nearly as fitting, and no more than this in all."""

SIBLINGS = 5

ALIKE = 6
"""Letters two words must share at their start to be taken for one; "reactor" is no React."""

_SAID_OF_IT = r"(?<!that )(?<!which )\b(?:is|isn't|are|aren't|was|were|does|doesn't|don't|did|didn't|cannot|can't|won't|keeps?|fails?|failed|stays?)\b"
"""A verb that says something of what is new: "new patients are missing on the boards" wants nothing made."""

_STRONG = re.compile(
    r"^\W*(?:(?:a|the|my|our)\s+)?(?:brand[ -])?new\s+(?!\w+s\b\W*$)(?!.*"
    + _SAID_OF_IT
    + r")|\bscaffold|\bbootstrap|\bspin(?:ning)? up\b|\bgolden path for\b"
    r"|\btemplate (?:for|to|that)\b|\b(?:is|are) there (?:a|any) templates?\b|^\W*(?:on-?board|set ?up|create|provision|start) (?:a|an|another|my|our)\b",
    re.IGNORECASE,
)
"""Something is to be made: "new python service", "spin up a postgres", "a template for a website". "new services" asks which are new."""

_WEAK = re.compile(
    r"\b(?:i|we)(?:'d like| need| want|'ll need| would like)(?: to (?:make|build|create|start|have|get))? (?:a|an|another|some)\b"
    r"|^\W*(?:need|want|give me|get me|order) (?:a|an|another)\b",
    re.IGNORECASE,
)
"""A need is mentioned, which may also be one for an answer: "we need a data pipeline", "I need a list of owners"."""

_LIKE = re.compile(
    r"\b(?:one|something|anything|another|an?|new|templates?|(?:micro)?services?|components?|apps?|websites?|sites?|librar(?:y|ies)|pipelines?|jobs?"
    r"|databases?|apis?|models?)\s+(?:just\s+|much\s+)?(?P<like>like|similar to|modelled on|modeled on|based on)\s+",
    re.IGNORECASE,
)
"""What is wanted resembles a thing: "one like checkout", "a service similar to basket"; not "what does it look like"."""

_CLAUSE_END = re.compile(
    r"[,;?!\n]|\.(?:\s|$)|\s(?:where|what|how|which|who|and|but)\s", re.IGNORECASE
)
"""Where the name after "like" ends: "a service like basket, where do I start"."""

_MADE_WITH = LANGUAGES | frozenset(
    "node nodejs deno dotnet flutter react angular vue svelte nextjs django flask fastapi spring rails laravel express quarkus ktor".split()
)
"""Languages and frameworks by name: a template for another one is none at all."""

_INTENT = frozenset(
    query_terms(
        "new brand another make making create creating start begin set up setup scaffold scaffolding scaffolder bootstrap spin kick off "
        "generate get provision launch add build order need want like template templates golden path paths way project please give my our own "
        "some there any begin fresh would i'd want have one something that lets help for from scratch pls plz asap thx thanks kindly"
    )
)
"""Terms that say that something is wanted, not what."""

_DEPRECATED = re.compile(r"deprecat|do not use|obsolete|retired", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GoldenPath:
    """What makes the thing that is wanted.

    Attributes:
        plan: the templates, best first; or what is of the same sort, where no template makes it.
        templates: refs in order of fit; empty when no template fits.
        unmet: words of the question that none of the templates holds, as typed; they make the sort of thing, not quite the thing.
        other: of these, languages: what the templates make is no such thing, and they are only the nearest.
        like: ref of the thing it shall resemble.
        siblings: refs of things of that thing's sort, those of the same owner first.
    """

    plan: Select
    templates: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    like: str | None = None
    siblings: tuple[str, ...] = ()


class GoldenPaths:
    """The templates of one snapshot."""

    def __init__(self, catalog: CatalogReader) -> None:
        """They are read by the first question that wants something made."""
        self._catalog = catalog

    def find(
        self, text: str, u: Understanding, meaning: Callable[[str], Sequence[str]]
    ) -> GoldenPath | None:
        """The golden path a question asks for; None when it asks for something else, or nothing fits.

        Args:
            text: as typed.
            u: what was made of it.
            meaning: description of what is wanted → refs of templates that mean it, best first; asked when words do not decide.
        """
        if u.frame.count or (u.frame.yes_no and not _STRONG.search(text)):
            return None
        like = _LIKE.search(text)
        if like is not None:
            rest = text[like.end() :]
            end = _CLAUSE_END.search(rest)
            return self._resembling(u, (rest[: end.start()] if end else rest).lower())
        strong = _STRONG.search(text) is not None or u.frame.create
        if u.frame.how_to or not (strong or _WEAK.search(text)) or not self._templates:
            return None
        wanted = [term for term in query_terms(text) if term not in _INTENT]
        if not wanted:
            return None
        fitting = self._fitting(wanted, HINTED if strong else STATED)
        if fitting or not strong:
            return self._of(fitting, self._unmet(text, fitting) if fitting else ())
        sort = tuple(term for term in wanted if term in self._types)
        if sort:
            written = tuple(term for term in wanted if self._is_language(term))
            made = self._fitting((*written, *sort), STATED) if written else ()
            return self._of(made or self._fitting(sort, STATED), self._unmet(text, made))
        return self._of(tuple(meaning(" ".join(wanted))), ())

    def wished(self, text: str) -> bool:
        """Whether a question says that something is to be made, and there are templates to make things with."""
        return _STRONG.search(text) is not None and bool(self._templates)

    @property
    def all(self) -> Select:
        """Every template."""
        return Select(kinds=(k.TEMPLATE,))

    # ── by words ─────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _templates(self) -> dict[str, dict[str, Any]]:
        rows = self._catalog.fetch(
            "SELECT ref, name, title, description, type, tags, lifecycle FROM entities WHERE kind = 'Template' ORDER BY ref"
        )
        return {row["ref"]: row for row in rows}

    @cached_property
    def _terms(self) -> dict[str, dict[str, float]]:
        """Template → term → what it counts for."""
        found: dict[str, dict[str, float]] = {}
        for ref, row in self._templates.items():
            terms = found.setdefault(ref, {})
            for name, weight in FIELD_WEIGHT.items():
                value = row[name]
                for term in index_terms(
                    " ".join(value) if isinstance(value, list) else value or ""
                ):
                    terms[term] = max(weight, terms.get(term, 0.0))
        return found

    @cached_property
    def _languages(self) -> frozenset[str]:
        """Languages that things of the catalog are written in, in lower case."""
        rows = self._catalog.fetch(
            "SELECT DISTINCT lower(language) AS language FROM entities WHERE language IS NOT NULL"
        )
        return frozenset(row["language"] for row in rows)

    def _is_language(self, word: str) -> bool:
        return word in _MADE_WITH or word in self._languages

    @cached_property
    def _holding(self) -> Counter[str]:
        return Counter(term for terms in self._terms.values() for term in terms)

    def _weight(self, term: str) -> float:
        return math.log(1 + (len(self._templates) + 0.5) / (self._holding[term] + 0.5))

    @cached_property
    def _types(self) -> frozenset[str]:
        """Terms that name what templates make: "service", "website"."""
        return frozenset(
            t for row in self._templates.values() for t in index_terms(row["type"] or "")
        )

    def _fitting(self, wanted: Sequence[str], least: float) -> tuple[str, ...]:
        """Templates that hold the most of the words, at least a share of them, best first.

        What is named as a type has to be the type: a template of a model that is called "model service" makes no service.
        """
        kinds = [term for term in wanted if term in self._types]
        total = sum(self._weight(term) for term in wanted)
        shares, scores = {}, {}
        for ref, terms in self._terms.items():
            made = set(index_terms(self._templates[ref]["type"] or ""))
            if kinds and not made & set(kinds):
                continue
            held = {term: _held(term, terms) for term in wanted}
            shares[ref] = sum(self._weight(term) for term in wanted if held[term]) / total
            scores[ref] = sum(self._weight(term) * held[term] for term in wanted) / total
        most = max(shares.values(), default=0.0)
        if most < least:
            return ()
        best = max(scores[ref] for ref in shares if shares[ref] == most)
        fitting = [r for r in scores if shares[r] == most and scores[r] >= NEAR_BEST * best]
        return self._ranked(fitting, scores)

    def _unmet(self, text: str, refs: Sequence[str]) -> tuple[str, ...]:
        """Words of a wish that the best template does not hold."""
        held = self._terms[refs[0]] if refs else dict.fromkeys(self._types, 1.0)
        wanted = [t for t in tokenize(text) if t.stem not in _INTENT and t.text not in STOP_WORDS]
        return tuple(t.text for t in wanted if not _held(t.stem, held))

    def _ranked(self, refs: Sequence[str], scores: Mapping[str, float]) -> tuple[str, ...]:
        """Recommended ones first among those that fit alike; deprecated ones only when nothing else fits."""

        def recommended(ref: str) -> int:
            return len({"recommended", "golden-path"} & set(self._templates[ref]["tags"] or ()))

        current = [ref for ref in refs if not self._deprecated(ref)] or list(refs)
        ordered = sorted(current, key=lambda r: (-round(scores[r], 1), -recommended(r), r))
        return tuple(ordered[:MOST])

    def _deprecated(self, ref: str) -> bool:
        row = self._templates[ref]
        said = (row["title"], row["description"], row["lifecycle"], *(row["tags"] or ()))
        return any(_DEPRECATED.search(text) for text in said if text)

    # ── by likeness ──────────────────────────────────────────────────────────────────────────────

    def _resembling(self, u: Understanding, named: str) -> GoldenPath | None:
        """Templates for what the thing named after "like" is; else things of its sort."""
        seed = next((row for row in self._described(u.about) if _said(row, named)), None)
        seed = seed or self._named_after(named)
        if seed is None or not seed["type"]:
            return None
        same_type = [r for r, row in self._templates.items() if row["type"] == seed["type"]]
        language = set(index_terms(seed["language"] or ""))
        exact = [r for r in same_type if language <= self._terms[r].keys()]
        fitting = exact if language and exact else same_type
        siblings = self._siblings(seed)
        if fitting:
            unmet = () if exact or not seed["language"] else (seed["language"],)
            path = self._of(self._ranked(fitting, dict.fromkeys(fitting, 1.0)), unmet)
        elif siblings:
            path = GoldenPath(_named((seed["kind"],), siblings))
        else:
            return None
        return replace(path, like=seed["ref"], siblings=siblings) if path else None

    def _named_after(self, words: str) -> dict[str, Any] | None:
        """The thing whose name starts with the words: "checkout" for checkout-api; a service before anything else."""
        slug = "-".join(re.findall(r"[a-z0-9]+", words))
        rows = self._catalog.fetch(
            "SELECT ref, kind, name, title, type, language, owner FROM entities "
            "WHERE kind IN ('Component', 'Resource', 'API') AND (name = $slug OR starts_with(name, $slug || '-')) "
            "ORDER BY kind <> 'Component', type <> 'service', name LIMIT 1",
            {"slug": slug},
        )
        return rows[0] if slug and rows else None

    def _described(self, refs: Sequence[str]) -> list[dict[str, Any]]:
        found = [
            row
            for ref in refs
            for row in self._catalog.fetch(
                "SELECT ref, kind, name, title, type, language, owner FROM entities WHERE ref = ?",
                [ref],
            )
        ]
        return [row for row in found if row["kind"] in (k.COMPONENT, k.RESOURCE, k.API)]

    def _siblings(self, seed: Mapping[str, Any]) -> tuple[str, ...]:
        rows = self._catalog.fetch(
            "SELECT ref FROM entities WHERE kind = $kind AND type = $type AND language IS NOT DISTINCT FROM $language AND ref <> $ref "
            "AND coalesce(lifecycle, '') <> 'deprecated' ORDER BY owner IS DISTINCT FROM $owner, ref LIMIT $most",
            {n: seed[n] for n in ("kind", "type", "language", "ref", "owner")} | {"most": SIBLINGS},
        )
        return tuple(row["ref"] for row in rows)

    def _of(self, refs: tuple[str, ...], unmet: tuple[str, ...]) -> GoldenPath | None:
        other = tuple(word for word in unmet if self._is_language(word))
        return GoldenPath(_named((k.TEMPLATE,), refs), refs, unmet, other) if refs else None


def _held(term: str, terms: Mapping[str, float]) -> float:
    """What a term counts for in a template; of longer words the start is enough ("postgres" of "postgresql")."""
    if term in terms:
        return terms[term]
    alike = (
        weight
        for other, weight in terms.items()
        if min(len(term), len(other)) >= ALIKE
        and (other.startswith(term) or term.startswith(other))
    )
    return max(alike, default=0.0)


def _said(row: Mapping[str, Any], text: str) -> bool:
    """Whether the words are the thing's name, wholly or in part, and say nothing else."""
    kinds = {row["type"], row["kind"].lower()}
    words = [w for w in re.findall(r"\w+", text) if w not in STOP_WORDS and w not in kinds]
    parts = {p for n in (row["name"], row["title"]) if n for p in re.findall(r"\w+", n.lower())}
    return bool(words) and parts.issuperset(words)


def _named(kinds: tuple[str, ...], refs: Sequence[str]) -> Select:
    single = len(refs) == 1
    value = refs[0] if single else tuple(refs)
    return Select(
        kinds=kinds, where=Compare(field="ref", op=Op.EQ if single else Op.IN, value=value)
    )
