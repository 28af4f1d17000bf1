"""OpenSSF Scorecard results: the score of a repository, and of every check, as fields of its components.

Read: the fields `scorecard` and `scorecard_at`, and one discovered field per check, each with its own lines.
The latest result of a repository counts.

Joined: `repo.name` by the project slug of components.

Ignored: inconclusive checks (score -1), details, repositories of no component, which are reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from catalog_store.content import CatalogContent
from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Value
from catalog_store.model.fields import CORE_FIELDS, Field, FieldType
from catalog_store.model.relations import RELATIONS
from indexer import loose
from indexer.catalog import Catalog
from indexer.collectors.findings import components_of
from indexer.files import InputFile
from indexer.json_items import value_lines
from indexer.json_stream import read_events
from indexer.processors.discover_fields import field_name
from indexer.reporting import Report
from indexer.repositories import Repositories
from indexer.sources.base import FeedReader, Harvest
from indexer.text import NotText

_CHECKS = re.compile(r"\"checks\"\s*:\s*(?:\[|null)", re.IGNORECASE)
_MARK = re.compile(r"\"scorecard\"\s*:|\"Repo(?:sitory)?\"\s*:|ossf/scorecard", re.IGNORECASE)

SCALE = (0, 10)
"""Scores of Scorecard; -1 stands for "could not be told"."""


@dataclass(frozen=True, slots=True)
class Card:
    """One scorecard: the score of a repository and of each check, with their lines."""

    repository: str
    at: datetime | None
    path: str
    span: SourceSpan
    score: tuple[float, SourceSpan] | None
    checks: Mapping[str, tuple[int, SourceSpan]]


class Scorecard(FeedReader):
    """Reads results in the JSON that `scorecard --format json` and its API give, one or one a line."""

    name: ClassVar[str] = "scorecard"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """A list `checks` of a scored repository."""
        return bool(_CHECKS.search(file.head) and _MARK.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over every result."""
        for first, last, value in read_events(file, harvest.report):
            card = _card(value, file, file.span(first, last), harvest.report)
            if card is not None:
                harvest.tell(card)


SOURCE = Scorecard


class Scorecards:
    """Keeps the latest result of every repository."""

    takes: ClassVar[tuple[type, ...]] = (Card,)

    def __init__(self) -> None:
        self._cards: dict[str, Card] = {}

    def add(self, statement: Card, report: Report) -> None:  # noqa: ARG002
        """Take one result; of several the latest counts."""
        known = self._cards.get(statement.repository)
        if known is None or _moment(known) <= _moment(statement):
            self._cards[statement.repository] = statement

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:  # noqa: ARG002
        """Fill the fields of every component of the scored repositories."""
        repositories = catalog.once(Repositories)
        checks: set[str] = set()
        for card in self._cards.values():
            targets = components_of(repositories, (card.repository,), card.path)
            if not targets:
                message = f"a scorecard of {card.repository!r}, a repository of no component; it was left out, annotate its component with github.com/project-slug"
                harvest.report.warning("unknown-repository", message, card.span)
                continue
            checks.update(card.checks)
            for ref in targets:
                _fill(catalog, ref, card)
        catalog.fields += [_field(name) for name in sorted(checks)]


def _moment(card: Card) -> datetime:
    return card.at or datetime.min.replace(tzinfo=UTC)


def _card(value: Any, file: InputFile, span: SourceSpan, report: Report) -> Card | None:
    result = {key.lower(): inner for key, inner in loose.mapping(value).items()}
    repository = loose.first_text(
        loose.at(result, "repo", "name"), result.get("repo"), result.get("repository")
    )
    if repository is None or "checks" not in result:
        report.error(
            "wrong-shape", "no `repo` with `checks`, expected a scorecard; it was left out", span
        )
        return None
    at = loose.moment(result.get("date"), f"date of the scorecard of {repository!r}", span, report)
    score = loose.number(result.get("score", result.get("aggregate_score")))
    valid = score is not None and SCALE[0] <= score <= SCALE[1]
    checks: dict[str, tuple[int, SourceSpan]] = {}
    spans = _spans_of(file, span)
    for number, raw in enumerate(loose.mappings(result["checks"])):
        check = {key.lower(): inner for key, inner in raw.items()}
        name, points = loose.text(check.get("name")), loose.integer(check.get("score"))
        if name is not None and points is not None and SCALE[0] <= points <= SCALE[1]:
            checks[name] = (points, spans.get(number, span))
    scored = (score, _span_of(file, span, "score")) if score is not None and valid else None
    return Card(repository, at, file.path, span, scored, checks)


def _span_of(file: InputFile, span: SourceSpan, key: str) -> SourceSpan:
    lines = next(iter(_lines(file, span, (key,))), None)
    return file.span(*lines[1]) if lines else span


def _spans_of(file: InputFile, span: SourceSpan) -> dict[int, SourceSpan]:
    return {
        int(path[-1]): file.span(*lines) for path, lines in _lines(file, span, ("checks", None))
    }


def _lines(
    file: InputFile, span: SourceSpan, pattern: tuple[str | None, ...]
) -> Iterator[tuple[tuple[str | int, ...], tuple[int, int]]]:
    """Lines inside a file that holds one result over several lines; nothing for results on one line."""
    if span.first == span.last:
        return
    try:
        yield from value_lines(file.text(), pattern).items()
    except NotText:
        return


def _fill(catalog: Catalog, ref: str, card: Card) -> None:
    entity = catalog.entities[ref]
    values: dict[str, Value] = dict(entity.values)
    spans = dict(entity.spans)
    facts: dict[str, tuple[Value, SourceSpan]] = {
        column(name): found for name, found in card.checks.items()
    }
    if card.score is not None:
        facts["scorecard"] = card.score
    if card.at is not None:
        facts["scorecard_at"] = (card.at, card.span)
    for name, (value, span) in facts.items():
        values[name], spans[name] = value, replace(span, as_of=card.at)
    catalog.entities[ref] = replace(entity, values=values, spans=spans)


_SCORED = (("score", "on"), ("score", "for"), ("score", "in"), ("result", "for"), ("result", "of"))
"""How people ask for a check: "how does it score on …", "the result for …"."""


def column(check: str) -> str:
    """The field of a check.

    >>> column("Branch-Protection"), column("CI-Tests")
    ('scorecard_branch_protection', 'scorecard_ci_tests')
    """
    return f"scorecard_{field_name(check)}"


def words_of(check: str) -> tuple[str, ...]:
    """What people call a check; its bare name only when it means nothing else.

    >>> words_of("Branch-Protection")[:4]
    ('branch protection', 'branch protection check', 'branch protection score', 'score on branch protection')
    >>> words_of("Maintained")[:2]
    ('maintained check', 'maintained score')
    """
    plain = re.sub(r"[\W_]+", " ", check).strip().lower()
    said = [f"{plain} check", f"{plain} score", *(f"{noun} {to} {plain}" for noun, to in _SCORED)]
    if not _means_something_else(plain):
        said = [plain, *said]
    written = check.lower()
    return tuple(
        dict.fromkeys([*said, *([written] if written != plain and "-" in written else [])])
    )


def _means_something_else(word: str) -> bool:
    spoken = {word, word.removesuffix("s"), word.removesuffix("ed"), re.sub("ies$", "y", word)}
    return not _TAKEN.isdisjoint(spoken)


def _taken() -> frozenset[str]:
    kinds = {word for kind in k.KINDS for word in kind.words}
    fields = {word for row in CORE_FIELDS for word in (*row.words, *row.value_words)}
    sides = [side for row in RELATIONS for side in (row.forward, row.inverse)]
    verbs = {part for side in sides for verb in side.verbs for part in (verb, verb.split()[0])}
    return frozenset(kinds | fields | verbs | {noun for side in sides for noun in side.nouns})


_TAKEN = _taken()


def _field(check: str) -> Field:
    return Field(
        name=column(check),
        type=FieldType.INTEGER,
        doc=f"OpenSSF Scorecard's check {check}, 0–10.",
        words=words_of(check),
        kinds=(k.COMPONENT,),
        discovered=True,
    )
