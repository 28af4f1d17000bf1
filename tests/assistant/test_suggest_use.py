"""Suggestions in the order of use: among what fits equally well, and only what this snapshot knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assistant.suggest import Suggester
from catalog_store.embedder import HashEmbedder
from catalog_store.snapshot import Snapshot, open_snapshot
from eval.retrieval.indexing import built
from eval.retrieval.sets import RetrievalSet

NAMES = ("pay-core", "pay-gate", "payment-desk", "edge-pay")


@dataclass(slots=True)
class Counted:
    """Use as it is told."""

    things: dict[str, float] = field(default_factory=dict)
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    version: int = 1

    def weights(self) -> Mapping[str, float]:
        return self.things

    def questions(self) -> Sequence[tuple[str, tuple[str, ...]]]:
        return self.asked


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    folder: Path = tmp_path_factory.mktemp("org")
    for name in NAMES:
        (folder / f"{name}.yaml").write_text(
            f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\n"
            "spec: {type: service, owner: books, lifecycle: production}\n"
        )
    embedder = HashEmbedder()
    store = built(RetrievalSet("org", (folder,), {}, {}), folder / "store", embedder)
    with open_snapshot(store, embedder=embedder) as opened:
        yield opened


def _entities(snapshot: Snapshot, typed: str, use: Counted) -> list[str]:
    found = Suggester(snapshot.catalog, snapshot.fields, use).suggest(typed)
    return [one.label for one in found if one.kind == "entity"]


def test_what_is_asked_about_comes_first_among_equals(snapshot: Snapshot) -> None:
    plain = _entities(snapshot, "pay", Counted())
    assert plain == ["pay-core", "pay-gate", "payment-desk", "edge-pay"]
    use = Counted({"component:default/payment-desk": 2.0, "component:default/edge-pay": 9.0})
    # a name that starts so stays before one that only holds the letters later
    assert _entities(snapshot, "pay", use) == ["payment-desk", "pay-core", "pay-gate", "edge-pay"]


def test_a_whole_name_stays_before_what_is_asked_about_more(snapshot: Snapshot) -> None:
    use = Counted({"component:default/pay-gate": 50.0})
    assert _entities(snapshot, "pay-core", use)[0] == "pay-core"


def test_new_counts_are_seen(snapshot: Snapshot) -> None:
    use = Counted()
    suggester = Suggester(snapshot.catalog, snapshot.fields, use)
    assert suggester.suggest("pay")[0].label == "pay-core"
    use.things["component:default/pay-gate"] = 1.0
    use.version += 1
    assert suggester.suggest("pay")[0].label == "pay-gate"


ASKED: list[tuple[str, tuple[str, ...]]] = [
    ("what breaks if pay-gate goes down?", ("component:default/pay-gate",)),
    ("who owns the hidden-thing?", ("component:default/hidden-thing",)),
]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        pytest.param("", True, id="nothing typed"),
        pytest.param("what breaks", True, id="its beginning"),
        pytest.param("pay-gate", True, id="what it names"),
        pytest.param("who owns the hid", False, id="another question"),
    ],
)
def test_a_question_asked_often_is_offered_where_everything_it_names_is_known(
    snapshot: Snapshot, typed: str, offered: bool
) -> None:
    suggester = Suggester(snapshot.catalog, snapshot.fields, Counted(asked=ASKED))
    texts = [one.text for one in suggester.suggest(typed)]
    assert (ASKED[0][0] in texts[:3]) is offered
    assert ASKED[1][0] not in texts
