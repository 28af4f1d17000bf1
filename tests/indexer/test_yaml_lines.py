from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from indexer.yaml_lines import read_yaml
from indexer.yaml_scalars import plain_value


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    values: list[object]
    faults: tuple[tuple[str, int], ...] = ()


CASES = [
    Case(
        "a broken later document keeps the earlier ones",
        "a: 1\n---\nb: [x\n",
        [{"a": 1}],
        (("invalid-yaml", 3),),
    ),
    Case(
        "a broken earlier document keeps the later ones",
        "b: [x\n---\na: 1\n",
        [{"a": 1}],
        (("invalid-yaml", 1),),
    ),
    Case("directives and comments are no document", "%YAML 1.2\n# hi\n---\na: 1\n", [{"a": 1}]),
    Case("nothing but separators holds nothing", "---\n---\n", [None, None]),
    Case(
        "dates stay text",
        "d: 2026-01-01\nt: 2026-01-01T00:00:00Z\n",
        [{"d": "2026-01-01", "t": "2026-01-01T00:00:00Z"}],
    ),
    Case(
        "yes and on are words, as in YAML 1.2",
        "a: yes\nb: on\nc: true\n",
        [{"a": "yes", "b": "on", "c": True}],
    ),
    Case(
        "unknown tags leave plain values",
        "a: !ENV [X, y]\nb: !!python/name:os.system\nc: !x {d: 1}\n",
        [{"a": ["X", "y"], "b": None, "c": {"d": 1}}],
    ),
    Case("quoted numbers stay text", "a: '1'\nb: !!str 2\n", [{"a": "1", "b": "2"}]),
    Case(
        "the later of two equal keys counts and is reported",
        "a: 1\na: 2\n",
        [{"a": 2}],
        (("duplicate-key", 2),),
    ),
    Case(
        "merge keys fill what is missing",
        "x: &x {a: 1, b: 2}\ny: {<<: *x, a: 3}\n",
        [{"x": {"a": 1, "b": 2}, "y": {"a": 3, "b": 2}}],
    ),
    Case("a value cannot hold itself", "a: &a [*a]\n", [], (("invalid-yaml", 1),)),
    Case("keys must be plain", "? [a, b]\n: 1\n", [], (("invalid-yaml", 1),)),
    Case("keys are text, whatever they look like", "1: a\ntrue: b\n", [{"1": "a", "true": "b"}]),
    Case("NUL characters are dropped", 'a: "x\\0y"\n', [{"a": "xy"}]),
    Case(
        "control characters are reported at their line",
        "a: 1\nb: \x01\n",
        [],
        (("invalid-yaml", 2),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_reading(case: Case) -> None:
    stream = read_yaml(case.text)
    assert [document.value for document in stream.documents] == case.values
    assert [(fault.code, fault.line) for fault in stream.faults] == list(case.faults)


def test_every_value_knows_its_lines() -> None:
    text = "# c\na:\n  b: |\n    one\n    two\n\n\n  c: [1,\n    2]\nd:\n  - e: >\n      x\n\n  - 'q\n    r'\n"
    (document,) = read_yaml(text).documents
    assert dict(document.lines) == {
        ("a", "b"): (3, 5),
        ("a", "c", 0): (8, 8),
        ("a", "c", 1): (9, 9),
        ("a", "c"): (8, 9),
        ("a",): (2, 9),
        ("d", 0, "e"): (11, 12),
        ("d", 0): (11, 12),
        ("d", 1): (14, 15),
        ("d",): (10, 15),
    }
    assert document.lines_of(("a", "missing", "deeper")) == (2, 9)
    assert (document.first, document.last) == (2, 15)


def test_lines_go_on_counting_in_later_documents() -> None:
    stream = read_yaml("a: 1\n---\n\nb: 2\n---\nc:\n  d: 3\n")
    assert [
        d.lines_of(path)
        for d, path in zip(stream.documents, [("a",), ("b",), ("c", "d")], strict=True)
    ] == [(1, 1), (4, 4), (7, 7)]


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
LONG_TEXT_BOMB = f"t: &t {'x' * 1_000_000}\n" + "".join(f"k{n}: *t\n" for n in range(1000))
DEEP = {
    "flow": "x: " + "[" * 100_000,
    "flow mappings": "x: " + "{a: " * 50_000,
    "block": "\n".join(" " * n + "a:" for n in range(1500)),
    "sequences": "- " * 5000 + "a",
}


@pytest.mark.parametrize("text", [BOMB, LONG_TEXT_BOMB], ids=["lists of lists", "one long text"])
def test_alias_bombs_are_refused_within_a_second(text: str) -> None:
    started = time.process_time()
    stream = read_yaml(text)
    # a guard against quadratic work, not a mark: the processor time of a slow machine under load stays far below it
    assert time.process_time() - started < 10
    assert ([d.value for d in stream.documents], [f.code for f in stream.faults]) == (
        [],
        ["alias-bomb"],
    )


def test_large_documents_without_aliases_are_no_bombs() -> None:
    (document,) = read_yaml("[" + ",".join(["1"] * 250_000) + "]").documents
    assert isinstance(document.value, list)
    assert len(document.value) == 250_000


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_deep_nesting_is_refused_quickly(text: str) -> None:
    started = time.process_time()
    stream = read_yaml(text)
    # a guard against quadratic work, not a mark: the processor time of a slow machine under load stays far below it
    assert time.process_time() - started < 10
    assert [fault.code for fault in stream.faults] == ["too-deep"]


def test_blank_lines_before_a_document_cost_no_time() -> None:
    started = time.process_time()
    assert len(read_yaml("\n \n" * 50_000 + "a: 1").documents) == 1
    assert time.process_time() - started < 10


# The dumper writes these line ends of YAML 1.1 raw; to YAML 1.2 they are ordinary characters.
_TEXTS = st.text(
    st.characters(exclude_characters="\x85\u2028\u2029", exclude_categories=["Cs"]), max_size=12
)
_SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | _TEXTS
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(_TREES)
def test_what_a_dumper_writes_is_read_back(tree: object) -> None:
    stream = read_yaml(yaml.safe_dump(tree, allow_unicode=True))
    assert [d.value for d in stream.documents] == [_without_nul(tree)]


def _without_nul(tree: object) -> object:
    if isinstance(tree, dict):
        return {key: _without_nul(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_without_nul(item) for item in tree]
    return tree.replace("\0", "") if isinstance(tree, str) else tree


@given(st.text(alphabet=st.sampled_from("ab: -[]{}&*!|>'\"#%\n\t,?\0~<"), max_size=60))
def test_any_text_gives_documents_or_faults(text: str) -> None:
    stream = read_yaml(text)
    lines = text.count("\n") + 1
    for fault in stream.faults:
        assert 1 <= fault.line <= lines
    for document in stream.documents:
        for first, last in document.lines.values():
            assert 1 <= first <= last <= lines


@given(st.text(alphabet=st.sampled_from("0123456789+-.eExo_ :TZ"), max_size=50))
def test_plain_scalars_never_fail(text: str) -> None:
    assert plain_value(text) is None or isinstance(plain_value(text), str | int | float)
