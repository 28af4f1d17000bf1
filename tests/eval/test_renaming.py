"""An organisation whose every name is another one is understood as well: no name of ours is known to the program."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog_store.embedder import Embedder
from catalog_store.model.kinds import KINDS
from catalog_store.publish import publish
from eval.outcome import Outcome
from eval.suite import Suite
from eval.suite_reader import read_suite
from indexer.build import read_catalog
from search.understand import words
from search.understand.type_words import API_STYLES, TYPE_CLASSES
from tests.eval.conftest import SUITES, Asked, ask_all

RENAMED = ("orbital", "waterworks")
LOST = 0.05
"""Most of the share of right answers that other names may cost: some slips in the questions are slips in a name."""

_NAMED = ("Component", "API", "Resource", "System", "Domain", "Group")
_KNOWN = (
    words.ALL_WORDS
    | {word for kind in KINDS for phrase in kind.words for word in phrase.split()}
    | {word for family in (*TYPE_CLASSES, *API_STYLES) for word in family.split()}
    | {
        part
        for usual in (*TYPE_CLASSES.values(), *API_STYLES.values())
        for value in usual
        for part in value.split("-")
    }
)
"""Words that mean something whatever the catalog holds: those of a name that are among them stay."""

_FEWEST_LETTERS = 5


def _documents(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.rglob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if isinstance(document, dict) and document.get("kind") in _NAMED:
                yield document


def _other_names(folder: Path) -> dict[str, str]:
    """Word of a name → an invented one; what is also a value or a type stays, as it is no name alone."""
    found: set[str] = set()
    values: set[str] = set()
    for document in _documents(folder):
        meta, spec = document["metadata"], document.get("spec") or {}
        for text in (meta["name"], meta.get("title") or ""):
            found |= set(re.findall(r"[a-z]+", text.lower()))
        said = (*(meta.get("tags") or ()), *(v for v in spec.values() if isinstance(v, str)))
        values |= {
            w for v in said if ":" not in v and v != meta["name"] for w in re.findall(r"[a-z]+", v)
        }
        values |= set(re.findall(r"[a-z]+", str(spec.get("type", ""))))
    own = {w for w in found if len(w) >= _FEWEST_LETTERS and w not in _KNOWN}
    return {word: _invented(i) for i, word in enumerate(sorted(own - values))}


def _invented(i: int) -> str:
    """A word of no language: "bonazul"; different ones are far apart."""
    n = (i + 11) * 7_919
    word = ""
    for _ in range(3):
        n, consonant = divmod(n, 16)
        n, vowel = divmod(n + 3 * i, 5)
        word += "bdfgjklmnprstvzw"[consonant] + "aeiou"[vowel]
    return word + "xq"[i % 2]


class _Renaming:
    """Replaces every word of a name, in whatever text, in the case it is written."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        any_of = "|".join(sorted(names, key=len, reverse=True))
        titled = "|".join(sorted((n.title() for n in names), key=len, reverse=True))
        self._apart = re.compile(rf"(?<![A-Za-z])(?:{any_of})(?=s?(?![a-z]))", re.IGNORECASE)
        self._inside = re.compile(rf"(?<=[a-z])(?:{titled})(?![a-z])")

    def text(self, text: str) -> str:
        return self._inside.sub(self._other, self._apart.sub(self._other, text))

    def data(self, value: Any) -> Any:
        return json.loads(self.text(json.dumps(value, default=str)))

    def _other(self, match: re.Match[str]) -> str:
        other = self._names[match[0].lower()]
        return (
            other.upper()
            if match[0].isupper()
            else other.title()
            if match[0][0].isupper()
            else other
        )


def _copied(folder: Path, target: Path, renaming: _Renaming) -> None:
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        at = target / renaming.text(path.relative_to(folder).as_posix())
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(renaming.text(path.read_text(encoding="utf-8")), encoding="utf-8")


def _renamed(suite: Suite, renaming: _Renaming) -> Suite:
    cases = tuple(
        replace(
            case,
            question=renaming.text(case.question),
            expect=renaming.data(dict(case.expect)),
            asker=renaming.text(case.asker) if case.asker else None,
        )
        for case in suite.cases
    )
    return replace(suite, cases=cases)


def _share(outcomes: Mapping[str, Outcome], right: Callable[[Outcome], bool]) -> float:
    return sum(map(right, outcomes.values())) / len(outcomes)


@pytest.mark.parametrize("name", RENAMED)
def test_other_names_are_understood_as_well(
    name: str, asked: Callable[[str], Asked], embedder: Embedder, tmp_path: Path
) -> None:
    suite = read_suite(SUITES / name)
    assert suite.now is not None
    (folder,) = (Path(path) for path in suite.organisation)
    names = _other_names(folder)
    assert len(names) >= 15, "there is something to rename"
    renaming = _Renaming(names)
    _copied(folder, tmp_path / "org", renaming)
    content = read_catalog([tmp_path / "org"], now=suite.now)
    publish(tmp_path / "store", content, now=suite.now, embedder=embedder)

    before = asked(name).outcomes
    after = ask_all(_renamed(suite, renaming), tmp_path / "store").outcomes
    lost = _share(before, lambda o: o.right) - _share(after, lambda o: o.right)
    wrong = _share(after, lambda o: o.silent) - _share(before, lambda o: o.silent)
    assert lost <= LOST
    assert wrong <= LOST / 2
