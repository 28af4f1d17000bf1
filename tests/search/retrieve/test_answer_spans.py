from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.retrieve.answer_spans import AnswerSpan, PieceKind, answer_spans

PAGE = """\
Keys are checked every Monday. A key expires after 90 days, e.g. in April. Nobody
is told when that happens.

1. Open the vault.
2. Create the new key:

   ```sh
   vault write stripe/key value=-
   ```
3. Revoke the old key.

| Environment | Port |
|---|---|
| staging | 8081 |
| production | 8443 |

- Ask the payments team for access.
"""


def ask(question: str) -> list[AnswerSpan]:
    return answer_spans(question, PAGE, first_line=11)


def test_the_sentence_that_says_it() -> None:
    span = ask("how long until a key expires?")[0]
    assert (span.text, span.first, span.last) == (
        "A key expires after 90 days, e.g. in April.",
        11,
        11,
    )


def test_a_sentence_over_two_lines_keeps_both() -> None:
    span = ask("is anybody told when that happens?")[-1]
    assert (span.first, span.last, span.kind) == (11, 12, PieceKind.SENTENCE)


def test_steps_come_together_with_their_numbers_and_code() -> None:
    spans = ask("how do I create a new key?")
    assert [s.text.split("\n")[0].strip() for s in spans] == [
        "1. Open the vault.",
        "2. Create the new key:",
        "```sh",
        "3. Revoke the old key.",
    ]
    assert spans[2].text == "   ```sh\n   vault write stripe/key value=-\n   ```"
    assert (spans[2].first, spans[2].last, spans[2].kind) == (17, 19, PieceKind.CODE)


def test_a_table_row_comes_with_its_header() -> None:
    (span,) = ask("which port does production use?")
    assert span.text.split("\n") == ["| Environment | Port |", "|---|---|", "| production | 8443 |"]
    assert (span.first, span.last, span.kind) == (22, 25, PieceKind.ROW)


def test_who_prefers_a_team() -> None:
    assert ask("who can give me access?")[0].text == "- Ask the payments team for access."


def test_a_heading_above_says_it_for_the_sentence() -> None:
    spans = answer_spans(
        "stripe key retention", "It is long. We keep 30.", heading="Stripe key retention"
    )
    assert spans


def test_nothing_but_headings_holds_no_answer() -> None:
    assert answer_spans("anything", "# Title\n\n## More\n") == []


@given(
    st.text(alphabet="ab .!\n|-#`1)*A~", max_size=200),
    st.sampled_from(["a b", "how do I a", "who", ""]),
)
def test_spans_are_verbatim_and_on_their_lines(text: str, question: str) -> None:
    lines = text.split("\n")
    for span in answer_spans(question, text):
        own = span.text.split("\n")[-1] if span.kind is PieceKind.ROW else span.text
        assert 1 <= span.first <= span.last <= len(lines)
        assert own in "\n".join(lines[span.first - 1 : span.last])


def test_long_input_is_cut_in_time() -> None:
    assert pytest.approx(3, abs=3) == len(answer_spans("key", ("a key. " * 2000 + "\n") * 3))
