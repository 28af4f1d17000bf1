from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_store.analyzer import index_terms, normalize, query_terms, stem, tokenize


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    terms: str


INDEXED = [
    Case("hyphens split and join", "payment-service", "payment servic paymentservic"),
    Case("underscores do the same", "node_disk_full", "node disk full nodediskful"),
    Case("slashes only separate", "docs/setup", "doc setup"),
    Case(
        "camelCase splits and joins", "KubePodCrashLooping", "kube pod crash loop kubepodcrashloop"
    ),
    Case("acronym before a word", "HTTPServer", "http server httpserver"),
    Case("plural acronym stays whole", "APIs", "api"),
    Case("short names with digits stay whole", "k8s s3 v2", "k8s s3 v2"),
    Case("longer words split at digits", "python3", "python 3 python3"),
    Case("versions split", "v1.2.3", "v1 2 3 v123"),
    Case("decimals stay whole", "above 99.9.", "abov 99.9"),
    Case("thousands stay whole", "1,000 rows", "1,000 row"),
    Case("possessive s goes", "checkout's owner", "checkout owner"),
    Case("contractions stay", "don't", "don't"),
    Case("signs that name languages", "C++ and C#", "c++ and c#"),
    Case("compatibility forms fold", "ＡＢＣ ﬁle", "abc file"),
    Case("long chains are not joined", "a-b-c-d-e-f", "a b c d e f"),
    Case("a sentence end is no compound", "Stop. Then go", "stop then go"),
    Case("nothing in, nothing out", " -- ", ""),
]

ASKED = [
    Case("stop words go", "how do I rotate the Stripe key?", "rotat stripe key"),
    Case("each term once", "deploy the deployments", "deploy"),
    Case("stop words stay when alone", "who is it", "who is it"),
    Case("stop words inside a name stay", "sign-on", "sign on signon"),
    Case(
        "alert names keep their whole",
        "QueueLagTooHigh fired",
        "queue lag too high queuelagtoohigh fire",
    ),
]


@pytest.mark.parametrize("case", INDEXED, ids=lambda case: case.id)
def test_index_terms(case: Case) -> None:
    assert index_terms(case.text) == case.terms.split()


@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.id)
def test_query_terms(case: Case) -> None:
    assert query_terms(case.text) == case.terms.split()


def test_joined_marks_words_without_a_space_before_them() -> None:
    tokens = tokenize("component:default/payment-service, at 14:30")
    assert [(t.text, t.joined) for t in tokens] == [
        ("component", False),
        ("default", True),
        ("payment", True),
        ("service", True),
        ("at", False),
        ("14", False),
        ("30", True),
    ]


@given(st.text() | st.text(alphabet="aB1-_.'’s /c+#,ﬁ "))
def test_offsets_give_the_word_back(text: str) -> None:
    end = 0
    for token in tokenize(text):
        assert end <= token.start < token.end <= len(text)
        assert normalize(text[token.start : token.end]) == token.text
        assert token.stem == stem(token.text)
        end = token.end


@given(st.text())
def test_what_is_asked_is_a_part_of_what_is_indexed(text: str) -> None:
    assert set(query_terms(text)) <= set(index_terms(text))


def test_threads_stem_alike() -> None:
    words = [f"{a}{b}ations" for a in "bcdfghjklm" for b in "aeiou"]
    stem.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(stem, words * 20))
    stem.cache_clear()
    assert together == [stem(word) for word in words] * 20
