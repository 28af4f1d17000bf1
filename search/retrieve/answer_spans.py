"""From a passage that answers to the sentences that do: cut out verbatim, with the lines they stand on.

No model: a piece is worth the idf-weighted share of the question it holds, a little more when it holds the
sort of thing that was asked for (a number, a person, a step, a command). Steps keep their numbers, code
blocks and table rows come whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from catalog_store.analyzer import index_terms, query_terms

MAX_SPANS = 3
MIN_SHARE = 0.6
"""A further span is worth showing when it scores at least this share of the best one."""

MAX_STEPS = 12
"""Steps shown of one list; a question about how to do something is answered by all of them."""

HEADING_SHARE = 0.3
"""What words of the headings above add to every piece below them, against words of the piece itself."""

CUE = 0.15
"""Added when a piece holds the sort of thing asked for; comparable with one word in seven."""


class PieceKind(StrEnum):
    """What sort of Markdown a piece is; tells a surface how to show it."""

    SENTENCE = "sentence"
    STEP = "step"
    ITEM = "item"
    ROW = "row"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """A piece of a passage that answers.

    Attributes:
        text: as written; a table row comes with the table's header before it.
        first: its first line, counted from 1 in the file the passage was cut from; of a row, that of its table's header.
        last: its last line, >= `first`.
        kind: sentence, numbered step, list item, table row or code block.
        score: share of the question it holds plus cues, 0..2; comparable within one question.
    """

    text: str
    first: int
    last: int
    kind: PieceKind
    score: float


_FENCE = re.compile(r"\s*(```|~~~)")
_STEP = re.compile(r"\s*\d+[.)]\s+\S")
_ITEM = re.compile(r"\s*[-*+]\s+\S")
_ROW = re.compile(r"\s*\|.*\|\s*$")
_RULE = re.compile(r"\s*\|?[\s:|-]+\|[\s:|-]*$")
_HEADING = re.compile(r"\s*#{1,6}\s")
_SENTENCE_END = re.compile(r"(?<=[.!?])[)\"'*_`]*\s+(?=[A-Z`*\[(\"'])")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|no|approx)|\b[A-Z])\.$", re.IGNORECASE)

_CUES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    # how long, how many, which port, what limit → a number
    (
        re.compile(
            r"\bhow (?:long|many|much|often|big|old|far)\b|\b(?:limit|port|timeout|retention|threshold|size|version)\b",
            re.I,
        ),
        re.compile(r"\d"),
    ),
    (
        re.compile(r"\bhow (?:long|often)\b|\bwhen\b", re.I),
        re.compile(
            r"\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|daily|weekly|monthly|nightly|\d+ ?(?:s|ms|m|h|d))\b",
            re.I,
        ),
    ),
    (
        re.compile(r"\bwho\b|\bwhom\b|\bwhose\b", re.I),
        re.compile(r"@|#\w|\b(?:team|owner|owned|contact|ask|on[- ]call|lead|group)\b", re.I),
    ),
    (
        re.compile(r"\bwhere\b", re.I),
        re.compile(r"https?://|`[^`]*/[^`]*`|\b(?:in|at|under|on) (?:the|your|`)", re.I),
    ),
    (
        re.compile(r"\bwhy\b", re.I),
        re.compile(r"\b(?:because|since|due to|so that|reason|therefore|caused? by)\b", re.I),
    ),
    (
        re.compile(r"\b(?:command|one-liner|run|cli|kubectl|query)\b", re.I),
        re.compile(r"```|~~~|`[^`]+`|^\s*\$", re.M),
    ),
)
"""(what the question says, what the piece should hold)."""

_HOW_TO = re.compile(
    r"\bhow (?:do|can|to|should|would|does)\b|\bhow\W*$|\bsteps?\b|\bprocedure\b|^\W*(?:rotate|restart|create|deploy|set up|setup|add|run|fix|enable|reset|restore|roll)\b",
    re.I,
)


def answer_spans(
    question: str,
    text: str,
    *,
    first_line: int = 1,
    heading: str = "",
    idf: Callable[[str], float] = lambda _term: 1.0,
    top_k: int = MAX_SPANS,
) -> list[AnswerSpan]:
    """The pieces of a passage that answer a question, in the order they stand in.

    Args:
        question: as asked.
        text: the passage, Markdown as written.
        first_line: line of the file the passage starts on, from 1.
        heading: title and headings above it; what they say need not be said again by a sentence.
        idf: weight of a term, > 0; `Snapshot.lexical.idf` in service.
        top_k: most spans; when a numbered list answers, its steps come together and count as one.

    Returns:
        Spans whose `text` is found verbatim in the passage, except for a table header before a row.
        Empty only when the passage holds nothing but headings.

    >>> [span.text for span in answer_spans(
    ...     "how long are backups kept?", "Backups run at night. They are kept for 30 days. Ask us.")]
    ['They are kept for 30 days.']
    """
    cut = pieces(text, first_line)
    if not cut:
        return []
    weights = {term: idf(term) for term in query_terms(question)}
    said_above = frozenset(index_terms(heading))
    cues = [wanted for asked, wanted in _CUES if asked.search(question)]
    scored = [replace(p, score=_score(p.text, weights, said_above, cues)) for p in cut]
    steps = _step_run(question, scored)
    if steps:
        return steps
    ranked = sorted(scored, key=lambda p: (-p.score, p.first))[:top_k]
    kept = (
        [p for p in ranked if p.score >= MIN_SHARE * ranked[0].score]
        if ranked[0].score
        else ranked[:1]
    )
    return sorted(kept, key=scored.index)


def _score(
    text: str, weights: dict[str, float], said_above: frozenset[str], cues: list[re.Pattern[str]]
) -> float:
    total = sum(weights.values()) or 1.0
    held = set(index_terms(text))
    own = sum(weight for term, weight in weights.items() if term in held)
    above = sum(
        weight for term, weight in weights.items() if term in said_above and term not in held
    )
    if not own and not above:
        return 0.0
    cue = CUE * sum(1 for wanted in cues if wanted.search(text))
    return (own + HEADING_SHARE * above) / total + cue


def _step_run(question: str, pieces: list[AnswerSpan]) -> list[AnswerSpan]:
    """The best numbered list whole, with what stands between its steps, when the question asks how."""
    if not _HOW_TO.search(question) or not any(p.kind is PieceKind.STEP for p in pieces):
        return []
    best_piece = max(pieces, key=lambda p: p.score)
    best_run = max(_runs(pieces), key=lambda run: max(p.score for p in run))
    # a sentence that says clearly more than any step is the answer, not the list
    if max(p.score for p in best_run) < MIN_SHARE * best_piece.score:
        return []
    return best_run


def _runs(pieces: list[AnswerSpan]) -> list[list[AnswerSpan]]:
    """Numbered lists: a list goes on while its numbers grow, whatever prose or code explains a step."""
    runs: list[list[AnswerSpan]] = []
    between: list[AnswerSpan] = []
    last, steps = 0, 0
    for piece in pieces:
        number = int(found[0]) if (found := re.findall(r"\d+", piece.text[:8])) else 1
        if piece.kind is not PieceKind.STEP:
            between.append(piece)
        elif runs and number > last and steps < MAX_STEPS:
            runs[-1] += [*between, piece]
            between, last, steps = [], number, steps + 1
        else:
            _close(runs, between)
            runs.append([piece])
            between, last, steps = [], number, 1
    _close(runs, between)
    return runs


def _close(runs: list[list[AnswerSpan]], after: list[AnswerSpan]) -> None:
    """Code right after the last step belongs to it; prose after it does not."""
    for piece in after if runs else ():
        if piece.kind is not PieceKind.CODE:
            return
        runs[-1].append(piece)


def pieces(text: str, first_line: int = 1) -> list[AnswerSpan]:
    """Every sentence, step, list item, table row and code block of a passage, in order, each with score 0."""
    return list(_pieces(text, first_line))


# ── cutting ─────────────────────────────────────────────────────────────────────────────────────────


def _pieces(text: str, first_line: int) -> Iterator[AnswerSpan]:
    """Every sentence, step, item, table row and code block, in order, unscored."""
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        kind, end = _block(lines, at)
        if kind is PieceKind.ROW:
            yield from _rows(lines, at, end, first_line)
        elif kind is PieceKind.SENTENCE:
            yield from _sentences(lines, at, end, first_line)
        elif kind is not None:
            yield _piece(lines, at, end, kind, first_line)
        at = end


def _block(lines: list[str], at: int) -> tuple[PieceKind | None, int]:
    """What starts at a line, and the line after its end; None for blank lines and headings."""
    line = lines[at]
    if not line.strip() or _HEADING.match(line):
        return None, at + 1
    if fence := _FENCE.match(line):
        closing = (n for n in range(at + 1, len(lines)) if lines[n].strip().startswith(fence[1]))
        return PieceKind.CODE, next(closing, len(lines) - 1) + 1
    if _ROW.match(line):
        return PieceKind.ROW, _while(lines, at + 1, lambda n: bool(_ROW.match(lines[n])))
    for pattern, kind in ((_STEP, PieceKind.STEP), (_ITEM, PieceKind.ITEM)):
        if pattern.match(line):
            return kind, _while(lines, at + 1, lambda n: not _starts_block(lines[n]))
    return PieceKind.SENTENCE, _while(lines, at + 1, lambda n: not _starts_block(lines[n]))


def _starts_block(line: str) -> bool:
    patterns = (_FENCE, _ROW, _STEP, _ITEM, _HEADING)
    return not line.strip() or any(pattern.match(line) for pattern in patterns)


def _while(lines: list[str], at: int, holds: Callable[[int], bool]) -> int:
    while at < len(lines) and holds(at):
        at += 1
    return at


def _piece(lines: list[str], start: int, end: int, kind: PieceKind, first_line: int) -> AnswerSpan:
    text = "\n".join(lines[start:end])
    return AnswerSpan(text.strip("\n"), first_line + start, first_line + end - 1, kind, 0.0)


def _rows(lines: list[str], start: int, end: int, first_line: int) -> Iterator[AnswerSpan]:
    header = end - start > 2 and _RULE.match(lines[start + 1])
    head = "\n".join(lines[start : start + 2]) + "\n" if header else ""
    for number in range(start + 2 if header else start, end):
        row = _piece(lines, number, number + 1, PieceKind.ROW, first_line)
        yield replace(row, text=head + row.text, first=first_line + start) if head else row


def _sentences(lines: list[str], start: int, end: int, first_line: int) -> Iterator[AnswerSpan]:
    paragraph = "\n".join(lines[start:end])
    begin = 0
    for cut in [*_sentence_ends(paragraph), len(paragraph)]:
        sentence = paragraph[begin:cut]
        if sentence.strip():
            lead = len(sentence) - len(sentence.lstrip())
            first = start + paragraph.count("\n", 0, begin + lead)
            last = start + paragraph.count("\n", 0, begin + len(sentence.rstrip()))
            yield AnswerSpan(
                sentence.strip(), first_line + first, first_line + last, PieceKind.SENTENCE, 0.0
            )
        begin = cut


def _sentence_ends(paragraph: str) -> Iterator[int]:
    for match in _SENTENCE_END.finditer(paragraph):
        if not _ABBREVIATION.search(paragraph[max(match.start() - 12, 0) : match.start()]):
            yield match.end()
