"""What the search box offers while someone types: names, values and fields of this catalog, and whole questions.

Among what fits equally well, what people ask about and open comes first.

A suggestion's text is what the box holds once it is taken, so "who owns pay" is offered as "who owns payment-service".
Everything is matched in memory, so a keystroke costs no query.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from assistant.name_index import NameIndex
from catalog_store.model import kinds as k
from catalog_store.model.fields import FieldTable, FieldType
from catalog_store.model.kinds import Table
from catalog_store.reader import CatalogReader
from search.understand.english import is_english

MAX_WORDS = 4
"""Most words at the end of the text that are tried as the start of a name."""

MIN_PREFIX = 2
"""Fewest characters that are completed; one letter says too little."""

VALUE_FIELDS = ("type", "lifecycle", "language")
"""Fields whose values people type as words of a question."""

MAX_VALUES = 200
"""Values kept per field; a field with more is not a list of words."""

MAX_FAME = 100
"""Most that the number of things referring to a name counts for, so that no hub crowds out every other name."""

KIND_FAME = {k.COMPONENT: 8, k.API: 4, k.SYSTEM: 4, k.GROUP: 4, k.USER: -20}
"""What a kind counts for: components are asked about most, people least."""

OFTEN = 3
"""Questions of other people that are offered at most: what this catalog can be asked is shown beside them."""

MIN_QUESTION = 3
"""Fewest characters that are completed to a question somebody else asked."""

_ENTITY_KINDS = (k.COMPONENT, k.API, k.SYSTEM, k.GROUP, k.DOMAIN, k.RESOURCE, k.TEMPLATE, k.USER)
"""Kinds that are offered, those asked about most first."""

_PATTERNS: dict[str, tuple[str, ...]] = {
    k.COMPONENT: ("who owns {}?", "what depends on {}?", "when was {} last deployed?"),
    k.API: ("who uses {}?", "who owns {}?"),
    k.RESOURCE: ("what breaks if {} goes down?", "who owns {}?"),
    k.SYSTEM: ("what is in {}?", "who owns {}?"),
    k.DOMAIN: ("what is in {}?",),
    k.GROUP: ("services owned by {}", "who is in {}?"),
}
"""Kind → questions that are offered about a name."""


class Suggestion(BaseModel):
    """One line under the box.

    Attributes:
        text: what the box holds once it is taken.
        label: what is shown; the name alone.
        detail: what it is ("Component", "language").
    """

    model_config = ConfigDict(frozen=True)

    text: str
    kind: Literal["entity", "field", "question", "value"]
    ref: str | None = None
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Name:
    """A phrase that can be completed."""

    phrase: str
    kind: Literal["entity", "field", "value"]
    detail: str
    entity_kind: str = ""
    ref: str | None = None
    label: str = ""
    weight: int = 0


class Use(Protocol):
    """What people ask about and open of late."""

    @property
    def version(self) -> int:
        """Rises whenever the weights may have changed."""
        ...

    def weights(self) -> Mapping[str, float]:
        """Reference of a thing → how much it is asked about, > 0."""
        ...

    def questions(self) -> Sequence[tuple[str, tuple[str, ...]]]:
        """(question, references of what it names), the most asked first."""
        ...


class Suggester:
    """Completes what is typed from the names of one snapshot."""

    def __init__(self, store: CatalogReader, fields: FieldTable, use: Use | None = None) -> None:
        """Read every name once; about a millisecond for each thousand entities.

        Args:
            store: whose names are offered.
            fields: words and values that are offered.
            use: ranks among what fits equally well; without it, the number of things that refer to a name does.
        """
        self._names = sorted(
            _names(store, fields), key=lambda n: (-n.weight, len(n.phrase), n.phrase)
        )
        self._index = NameIndex([(name.phrase, name.label) for name in self._names])
        self._examples = tuple(_examples(store))
        self._use = use
        self._of_ref = {name.ref: n for n, name in enumerate(self._names) if name.ref is not None}
        self._used: tuple[int, dict[int, float], tuple[str, ...]] = (-1, {}, ())

    def suggest(self, text: str, *, limit: int = 8) -> list[Suggestion]:
        """What may follow, best first.

        Args:
            text: what stands in the box; empty asks for example questions that this catalog can answer.
            limit: most suggestions, >= 1.
        """
        text = text.lstrip()
        if not text.strip():
            often = [_asked_often(q) for q in self._often()[: min(OFTEN, limit // 2)]]
            tries = [
                Suggestion(text=q, kind="question", label=q, detail="try") for q in self._examples
            ]
            return _distinct([*often, *tries], limit, typed=text)
        begun = [_asked_often(q) for q in self._beginning(text)]
        for head, typed in _tails(text):
            names = self._completions(typed, limit)
            if not names:
                continue
            found = [_complete(head, name) for name in names]
            if not head and names[0].kind == "entity":
                # A name alone is half a question: offer the rest of it, at once when the name is whole.
                place = 0 if names[0].phrase.lower() == typed.strip() else 1
                found[place:place] = [
                    *(_asked_often(q) for q in self._naming(names[0])),
                    *_questions(names[0]),
                ][:OFTEN]
            return _distinct([*begun, *found], limit, typed=text)
        return _distinct(begun, limit, typed=text)

    def _often(self) -> tuple[str, ...]:
        """Questions that people ask, all things of which are in this snapshot, the most asked first."""
        return self._in_use()[1]

    def _beginning(self, text: str) -> list[str]:
        typed = " ".join(text.lower().split())
        if len(typed) < MIN_QUESTION:
            return []
        return [q for q in self._often() if q.lower().startswith(typed)][:OFTEN]

    def _naming(self, name: _Name) -> list[str]:
        phrase = name.phrase.lower()
        return [q for q in self._often() if phrase in q.lower()][: OFTEN - 1]

    def _in_use(self) -> tuple[dict[int, float], tuple[str, ...]]:
        """(weights by number of a name, questions), worked out anew when there is something new."""
        if self._use is None:
            return {}, ()
        weights = self._use.weights()
        version, used, often = self._used
        if version != self._use.version:
            version = self._use.version
            of_ref = self._of_ref
            used = {of_ref[ref]: weight for ref, weight in weights.items() if ref in of_ref}
            often = tuple(
                text for text, refs in self._use.questions() if all(r in of_ref for r in refs)
            )
            self._used = (version, used, often)
        return used, often

    def _by_use(self, found: list[int]) -> list[int]:
        """Names that fit equally well: those asked about most first, the others as they stand."""
        used = self._in_use()[0]
        if not used:
            return found
        asked = sorted((n for n in found if n in used), key=lambda n: (-used[n], n))
        return asked + [n for n in found if n not in used]

    def _completions(self, typed: str, limit: int) -> list[_Name]:
        """At most `limit` names: those that are the text, that start so, in which a later word does; else holding it, or a slip away."""
        ended, typed = typed.endswith(" "), typed.strip()
        found = [n for n in self._index.whole(typed) if self._names[n].kind == "entity"]
        found = self._by_use(found)
        if not ended:
            found += self._by_use(self._index.starting(typed))
            if len(found) < limit:
                found += self._by_use(self._index.starting(typed, inside=True))
            if len(found) < limit and " " not in typed and not is_english(typed):
                found += self._by_use(
                    self._index.containing(typed) or ([] if found else self._index.slipped(typed))
                )
            said = {typed, *typed.split()}
            # a value or field that is typed already needs no completing
            found = [
                n
                for n in found
                if self._names[n].kind == "entity" or self._names[n].phrase.lower() not in said
            ]
        return [self._names[n] for n in list(dict.fromkeys(found))[:limit]]


def _tails(text: str) -> Iterator[tuple[str, str]]:
    """(what stays, what is completed), longest completion first.

    >>> list(_tails("who owns Pay"))
    [('', 'who owns pay'), ('who ', 'owns pay'), ('who owns ', 'pay')]
    """
    starts = [match.start() for match in re.finditer(r"\S+", text)][-MAX_WORDS:]
    for start in starts:
        typed = text[start:].lower()
        if len(typed.strip()) >= MIN_PREFIX:
            yield text[:start], typed


def _complete(head: str, name: _Name) -> Suggestion:
    return Suggestion(
        text=head + name.phrase, kind=name.kind, ref=name.ref, label=name.label, detail=name.detail
    )


def _asked_often(question: str) -> Suggestion:
    return Suggestion(text=question, kind="question", label=question, detail="asked often")


def _questions(name: _Name) -> list[Suggestion]:
    texts = [pattern.format(name.phrase) for pattern in _PATTERNS.get(name.entity_kind, ())]
    return [Suggestion(text=t, kind="question", label=t, detail="ask") for t in texts[:2]]


def _distinct(found: list[Suggestion], limit: int, *, typed: str) -> list[Suggestion]:
    """Each text once, however many things bear the name; what is typed already is not offered."""
    kept: dict[str, Suggestion] = {}
    for item in found:
        key = item.text.lower()
        if key == typed.strip().lower() and item.ref is None:
            continue
        if key not in kept:
            kept[key] = item
        elif item.detail not in kept[key].detail.split(" · "):
            kept[key] = kept[key].model_copy(
                update={"detail": f"{kept[key].detail} · {item.detail}"}
            )
    return list(kept.values())[:limit]


def _names(store: CatalogReader, fields: FieldTable) -> Iterator[_Name]:
    rows = store.fetch("SELECT ref, kind, name, title FROM entities ORDER BY ref")
    known = {
        row["target"]: min(int(row["edges"]), MAX_FAME)
        for row in store.fetch("SELECT target, count(*) AS edges FROM edges GROUP BY target")
    }
    for row in rows:
        if row["kind"] not in _ENTITY_KINDS:
            continue
        title = (
            row["title"] if row["title"] and row["title"].lower() != row["name"].lower() else None
        )
        # People are called by their name, software by its id.
        shown = title if title and row["kind"] == k.USER else row["name"]
        yield _Name(
            phrase=shown,
            kind="entity",
            detail=row["kind"],
            entity_kind=row["kind"],
            ref=row["ref"],
            label=title or row["name"],
            weight=known.get(row["ref"], 0) + KIND_FAME.get(row["kind"], 0),
        )
    for row_field in fields.of_table(Table.ENTITIES):
        for word in row_field.words[:1]:
            yield _Name(phrase=word, kind="field", detail="field", label=word, weight=5)
        if row_field.name in VALUE_FIELDS and row_field.type is FieldType.KEYWORD:
            for value in _values(store, row_field.name):
                yield _Name(
                    phrase=value,
                    kind="value",
                    detail=row_field.label,
                    label=value,
                    weight=8,
                )
    for kind in k.KINDS:
        plural = kind.words[0] + ("es" if kind.words[0].endswith("s") else "s")
        yield _Name(phrase=plural, kind="value", detail="kind", label=plural, weight=6)


def _values(store: CatalogReader, column: str) -> list[str]:
    rows = store.fetch(
        f'SELECT "{column}" AS value FROM entities WHERE "{column}" IS NOT NULL '  # noqa: S608  a name of VALUE_FIELDS
        f"GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MAX_VALUES}"
    )
    return [str(row["value"]) for row in rows]


def _examples(store: CatalogReader) -> Iterator[str]:
    """Questions of different kinds about the things this catalog knows most about."""

    def first(sql: str) -> str | None:
        rows = store.fetch(sql)
        return str(rows[0]["name"]) if rows else None

    used = (
        "SELECT e.name AS name FROM entities e JOIN edges d ON d.target = e.ref AND d.relation IN ('dependsOn', 'uses') "
        "WHERE e.kind = '{}' {} GROUP BY e.name ORDER BY count(*) DESC, e.name LIMIT 1"
    )
    owner = (
        "SELECT g.name AS name FROM entities g JOIN edges o ON o.target = g.ref AND o.relation = 'ownedBy' "
        "JOIN entities c ON c.ref = o.source AND c.kind = 'Component' "
        "GROUP BY g.name ORDER BY count(*) DESC, g.name LIMIT 1"
    )
    component = first(used.format(k.COMPONENT, "")) or first(
        "SELECT name FROM entities WHERE kind = 'Component' AND owner IS NOT NULL ORDER BY name LIMIT 1"
    )
    resource = first(used.format(k.RESOURCE, "AND e.type = 'database'")) or first(
        used.format(k.RESOURCE, "")
    )
    team = first(owner)
    alert = first(
        "SELECT p.alerts[1] AS name FROM documents p "
        "LEFT JOIN edges r ON r.source = p.ref AND r.relation = 'runbookFor' "
        "LEFT JOIN edges u ON u.target = r.target AND u.relation = 'uses' "
        "WHERE len(p.alerts) > 0 GROUP BY ALL ORDER BY count(u.source) DESC, name LIMIT 1"
    )
    deployed = store.fetch("SELECT 1 FROM deployments LIMIT 1")
    if component:
        yield f"who owns {component}?"
    if resource:
        yield f"what breaks if {resource} goes down?"
    if team:
        yield (
            f"services owned by {team} not deployed in 60 days"
            if deployed
            else f"services owned by {team}"
        )
    if alert:
        yield f"runbook for {alert}"
    if team:
        yield "how many services does each team own?"
    if component:
        yield f"what does {component} depend on?"
    howto = store.fetch(
        "SELECT title FROM documents WHERE kind = 'Doc' AND lower(title) LIKE 'how to %' ORDER BY path LIMIT 1"
    )
    if howto:
        title = str(howto[0]["title"])
        yield f"how do I {title[7:8].lower()}{title[8:]}?"
