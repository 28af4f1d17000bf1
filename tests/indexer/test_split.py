from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.markdown.blocks import BlockKind, read_blocks
from indexer.markdown.flavours import plain_lines
from indexer.markdown.front_matter import read_front_matter
from indexer.split import MOST_WORDS, WHOLE_WORDS, Piece, count_words, split_page


def split(text: str, title: str = "Title") -> list[Piece]:
    lines = text.split("\n")
    return split_page(lines, read_blocks(lines), title)


def words(count: int, word: str = "word") -> str:
    return " ".join([word] * count)


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    expect: list[tuple[str, tuple[str, ...], int, int]]


L = words(40)
CASES = [
    Case(
        "the title is no part of any heading path",
        f"# Title\n\n{L}\n\n## A\n\n{L}\n\n### B\n\n{L}",
        [("Title", (), 0, 2), ("A", ("A",), 4, 6), ("B", ("A", "B"), 8, 10)],
    ),
    Case(
        "a second top heading is",
        f"# Title\n\n{L}\n\n# Two\n\n{L}",
        [("Title", (), 0, 2), ("Two", ("Two",), 4, 6)],
    ),
    Case(
        "underlined headings count",
        f"A\n=\n\n{L}\n\nB\n---\n\n{L}",
        [("Title", (), 0, 3), ("B", ("B",), 5, 8)],
    ),
    Case(
        "a tiny section goes forward, under the longer one's heading",
        f"## A\n\ntiny\n\n## B\n\n{L}",
        [("B", ("B",), 0, 6)],
    ),
    Case("a tiny last section goes back", f"## A\n\n{L}\n\n## B\n\ntiny", [("A", ("A",), 0, 6)]),
    Case(
        "a tiny section does not leave its parent",
        f"# Title\n\n{L}\n\n## A\n\n{L}\n\n### B\n\ntiny\n\n## C\n\n{L}",
        [("Title", (), 0, 2), ("A", ("A",), 4, 10), ("C", ("C",), 12, 14)],
    ),
    Case(
        "a parent without text is in the path only",
        f"## A\n\n### B\n\n{L}\n\n### C\n\n{L}",
        [("B", ("A", "B"), 2, 4), ("C", ("A", "C"), 6, 8)],
    ),
    Case(
        "headings inside code are code",
        f"## A\n\n```sh\n# no heading\n```\n\n{L}",
        [("A", ("A",), 0, 6)],
    ),
    Case("a page that is only a title is found by it", "# Title", [("Title", (), 0, 0)]),
    Case("nothing gives nothing", "\n\n", []),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_sections(case: Case) -> None:
    assert [(p.heading, p.heading_path, p.first, p.last) for p in split(case.text)] == case.expect


def test_the_heading_of_a_passage_is_not_repeated_but_inner_ones_are_kept() -> None:
    (alone,) = split(f"## A\n\n{L}")
    assert alone.text == L
    (joined,) = split(f"## A\n\ntiny\n\n## B\n\n{L}")
    assert joined.text == f"## A\n\ntiny\n\n## B\n\n{L}"


def test_long_sections_are_cut_between_blocks() -> None:
    pieces = split("## A\n\n" + "\n\n".join(words(120, f"w{n}") for n in range(6)))
    assert len(pieces) == 3
    assert all(p.words <= MOST_WORDS and p.heading_path == ("A",) for p in pieces)


CODE = "```\n" + "\n".join(words(8, f"c{n}") for n in range(60)) + "\n```"
TABLE = "| a | b |\n|---|---|\n" + "\n".join(f"| {words(6)} | r{n} |" for n in range(60))
LIST = "\n".join(f"- {words(8)} i{n}" for n in range(60))


@pytest.mark.parametrize("block", [CODE, TABLE, LIST], ids=["code", "table", "list"])
def test_blocks_below_the_cap_are_whole(block: str) -> None:
    assert MOST_WORDS < count_words(block) <= WHOLE_WORDS
    pieces = split(f"{words(200)}\n\n{block}\n\n{words(200)}")
    assert [block in p.text for p in pieces].count(True) == 1


def test_monsters_are_cut() -> None:
    pieces = split("\n".join([f"```\n{words(5000)}", words(30), "```"]))
    assert len(pieces) > 10
    assert all(p.words <= WHOLE_WORDS for p in pieces)


def test_one_line_of_five_megabytes_takes_no_time() -> None:
    started = time.monotonic()
    pieces = split("# T\n\n" + "lorem ipsum " * 450_000)
    assert time.monotonic() - started < 3
    assert all(p.words <= WHOLE_WORDS for p in pieces)


@pytest.mark.parametrize(
    "line",
    [
        "|" + "     |" * 1500 + "x",
        "!!!" + " " * 9000 + "x\x01",
        "`" * 9000 + "{{",
        "{{<" * 3000,
        "[" * 9000,
        "# " + "<a" * 4000,
        "- " * 4000,
        " " * 9000 + "=",
        "status:" + "*" * 9000,
    ],
)
def test_no_line_makes_a_pattern_explode(line: str) -> None:
    started = time.monotonic()
    lines = plain_lines(["a | b", line, line])
    split_page(lines, read_blocks(lines), "t")
    assert time.monotonic() - started < 1


MARKDOWN = st.lists(
    st.sampled_from(
        [
            "# T",
            "## A",
            "### B",
            "A\n=",
            "B\n---",
            "text here",
            words(30),
            words(120),
            "- item",
            "  nested",
            "1. one",
            "```",
            "```sh",
            "~~~",
            "    code",
            "| a | b |",
            "|---|---|",
            "> q",
            "",
            "",
            "***",
            "!!! note",
            '=== "T"',
            ":::tip",
            "<!-- c",
            "-->",
            "<% x %>",
            '{{< ref "a" >}}',
            "{% if %}",
            "#",
            "##",
            "\x00",
            "é\u2028",
        ]
    ),
    max_size=40,
)


@given(MARKDOWN)
def test_passages_cover_the_page_and_point_into_it(rows: list[str]) -> None:
    lines = "\n".join(rows).split("\n")
    plain = plain_lines(lines)
    assert len(plain) == len(lines)
    blocks = read_blocks(plain)
    pieces = split_page(plain, blocks, "T")
    said = " ".join(
        [
            *(p.text for p in pieces),
            *(text for p in pieces for text in (*p.heading_path, p.heading)),
            "T",
        ]
    ).split()
    for line in plain:
        for word in line.strip("#= \t").split():
            # a heading is kept without its markup
            assert {word, word.strip("*")} & set(said) or set(word) <= set("#=-*")
    last = -1
    for piece in pieces:
        assert last < piece.last
        assert 0 <= piece.first <= piece.last < len(plain)
        assert piece.text.strip()
        last = piece.last
        if not piece.cut:
            assert piece.text == "\n".join(plain[piece.text_first : piece.last + 1])
    for block in blocks:
        text = "\n".join(plain[block.first : block.last + 1]).strip("\n")
        if block.kind is BlockKind.CODE and count_words(text) <= WHOLE_WORDS:
            assert any(text in piece.text for piece in pieces)


@given(MARKDOWN)
def test_every_line_that_is_not_blank_is_in_one_block(rows: list[str]) -> None:
    lines = "\n".join(rows).split("\n")
    covered = [n for block in read_blocks(lines) for n in range(block.first, block.last + 1)]
    assert len(covered) == len(set(covered))
    assert {n for n, line in enumerate(lines) if line.strip()} <= set(covered)


@given(st.text(max_size=200))
def test_any_text_can_be_split(text: str) -> None:
    lines = text.split("\n")
    header = read_front_matter(lines)
    plain = plain_lines(lines[header.body_start :])
    split_page(plain, read_blocks(plain), "t")


FLAVOURS = [
    ("erb is dropped", ["a <%= link_to 'x' %> b"], ["a  b"]),
    ("comments over lines are dropped", ["a <!-- b", "c", "d --> e"], ["a ", "", " e"]),
    (
        "code keeps everything",
        ["```", "<!-- x --> {{ y }}", "```"],
        ["```", "<!-- x --> {{ y }}", "```"],
    ),
    ("inline code keeps everything", ["`{{ x }}` {{ y }}"], ["`{{ x }}` "]),
    (
        "template variables stay",
        ["${{ values.name }} {{ $labels.x }}"],
        ["${{ values.name }} {{ $labels.x }}"],
    ),
    ("relrefs become their page", ['[a]({{< relref "b.md" >}})'], ["[a](b.md)"]),
    ("paired shortcodes keep their text", ["{{% alert %}}x{{% /alert %}}"], ["x"]),
    ("liquid is dropped", ["{% include a.html %}b"], ["b"]),
    (
        "admonitions keep title and text",
        ['!!! danger "Stop"', "    text", "", "    more", "after"],
        ["**Stop**", "text", "", "more", "after"],
    ),
    (
        "tabs keep code as code",
        ['=== "A"', "    ```", "    x", "    ```"],
        ["**A**", "```", "x", "```"],
    ),
    ("containers keep their title", [":::tip Do", "x", ":::"], ["**Do**", "x", ""]),
    ("attribute lists are dropped", ["{: .wide}", "[TOC]", "a{:.b}"], ["", "", "a"]),
]


@pytest.mark.parametrize(("name", "lines", "expect"), FLAVOURS, ids=[row[0] for row in FLAVOURS])
def test_flavours(name: str, lines: list[str], expect: list[str]) -> None:
    assert plain_lines(lines) == expect
