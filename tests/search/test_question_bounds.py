"""Whatever is typed: an answer or a refusal, within a bounded number of steps and little memory."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.assistant import MAX_QUESTION, Assistant
from catalog_store.errors import BadRequest
from search.plan import AnyOf, Compare, Op, Predicate, _rank, depth
from search.understand import parser, reader

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MOST_MIB = 120
"""Python's own memory for one question; the worst ones take a third of it."""

WORDS = (
    "services team payments checkout not without never and or but with that which depend on owned by deployed since yesterday in the "
    "last 3 days tier > 1 except neither nor who owns how many per most least before after 2026-01-01 #!? ( ) \" ' , ; - ,"
).split(" ")


@pytest.fixture(scope="module")
def tried() -> list[parser.Chart]:
    """The charts of the questions asked so far."""
    return []


@pytest.fixture(autouse=True)
def _watched(monkeypatch: pytest.MonkeyPatch, tried: list[parser.Chart]) -> None:
    def made(clause: parser.Clause | None) -> parser.Chart:
        tried.append(parser.Chart(clause))
        return tried[-1]

    monkeypatch.setattr(reader, "Chart", made)


LONG = {
    "one word, again and again": "services " * 250,
    "one letter": "a" * MAX_QUESTION,
    "nested negations": "services not owned by " + "not " * 400 + "payments",
    "things without things": "services without " * 120,
    "things of things": "services that depend on " * 80 + "checkout",
    "and": " and ".join(["tier 1 services"] * 110),
    "or": " or ".join(["payments"] * 180),
    "commas": "," * MAX_QUESTION,
    "brackets": "(" * 1000 + ")" * 1000,
    "quotes": '"' * 1999,
    "digits": "1" * MAX_QUESTION,
    "windows": "since yesterday " * 120,
    "one hyphenated word": "-".join("a" * 900),
    "joined emoji": "👩‍👩‍👧" * 400,
    "marks on one letter": "e" + "\u0301" * 1900,
    "turned around": "\u202eservices " * 20,
    "halves of pairs": "who owns \ud83d checkout \ude00",
    "NUL": "\x00" * 1000,
    "no spaces": "支付服务的所有者是谁" * 200,
    "letters that grow in lower case": "İ" * 1999,
    "comparisons": "services with tier " + "> 1 " * 480,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_questions(text: str, demo: Assistant, tried: list[parser.Chart]) -> None:
    tracemalloc.start()
    try:
        answer = demo.ask(text[:MAX_QUESTION], now=NOW)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.text
    assert most < MOST_MIB * 1024 * 1024
    # beyond the budget every stretch of at most 60 words costs two more tries, in each of up to four cuts
    assert tried[-1].tried < parser.BUDGET + parser.CELL**2 * 60 + 2 * 4 * 60 * 60


def test_ten_thousand_characters_are_refused_before_they_are_read(demo: Assistant) -> None:
    with pytest.raises(BadRequest, match="10000 characters"):
        demo.ask("a " * 4999 + "bc", now=NOW)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    text=st.text(max_size=60)
    | st.text(alphabet=st.characters(), max_size=40)
    | st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
)
def test_any_text_is_answered_or_refused(text: str, demo: Assistant) -> None:
    try:
        answer = demo.ask(text, now=NOW)
    except BadRequest:
        assert not text.strip()
        return
    assert answer.text
    for chip in answer.interpretation.chips if answer.interpretation is not None else ():
        if chip.span is not None:
            assert 0 <= chip.span[0] <= chip.span[1] <= len(text)


def test_the_order_of_conditions_is_as_long_as_they_are() -> None:
    one = Compare(field="owner", op=Op.EQ, value='it\'s "quoted" \\ twice')
    part: Predicate = one
    for _ in range(40):
        part = AnyOf(of=(part, one))
    assert len(_rank(part)) < 41 * 60
    assert depth(part) == 41
