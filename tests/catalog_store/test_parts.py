"""What a new snapshot takes from the one before, and when it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from catalog_store.content import CatalogContent
from catalog_store.embedder import HashEmbedder
from catalog_store.model.entity import Edge
from catalog_store.publish import publish
from catalog_store.snapshot import CATALOG, DENSE, LEXICAL, ROWS, open_snapshot

from .samples import NOW, content


def _publish(store: Path, what: CatalogContent) -> Path:
    return publish(store, what, now=NOW, embedder=HashEmbedder())


def _replaced(snapshot: Path) -> int:
    return int(json.loads((snapshot / ROWS).read_text("utf-8"))["replaced"])


def _described(what: CatalogContent, text: str) -> CatalogContent:
    """The same with another description of the first entity."""
    first, *rest = what.entities
    changed = replace(first, values={**first.values, "description": text})
    return replace(what, entities=[changed, *rest])


def test_only_rows_that_changed_are_replaced(tmp_path: Path) -> None:
    what = content()
    what.edges += [
        Edge(f"component:default/c{n}", "dependsOn", "component:default/ledger") for n in range(100)
    ]
    assert _replaced(_publish(tmp_path, what)) == 0
    assert _replaced(_publish(tmp_path, what)) == 0
    # its row in `entities` and `raw_entities`, and its passage
    assert _replaced(_publish(tmp_path, _described(what, "Takes money."))) == 3
    with open_snapshot(tmp_path) as snapshot:
        row = snapshot.catalog.entity("component:default/payment-service")
        assert row is not None
        assert row["description"] == "Takes money."
        assert len(snapshot.catalog.fetch("SELECT * FROM edges")) == 100


def test_tables_are_written_whole_before_the_gaps_outgrow_the_rows(tmp_path: Path) -> None:
    replaced = [
        _replaced(_publish(tmp_path, _described(content(), f"Text {n}."))) for n in range(12)
    ]
    assert 0 in replaced[1:]
    assert max(replaced) > 3


def test_what_is_the_same_is_one_file_of_both(tmp_path: Path) -> None:
    before, after = _publish(tmp_path, content()), _publish(tmp_path, content())
    (segment,) = {path.name for path in (before / LEXICAL).glob("*.store")}
    for name in (DENSE, f"{LEXICAL}/{segment}"):
        assert (before / name).samefile(after / name)


def test_a_passage_before_others_moves_their_numbers(tmp_path: Path) -> None:
    _publish(tmp_path, content())
    what = content()
    lead, *others = what.passages
    what.passages = [lead, replace(lead, ordinal=1, text="A second one."), *others]
    what.passages[2] = replace(what.passages[2], ordinal=2)
    _publish(tmp_path, what)
    with open_snapshot(tmp_path) as snapshot:
        every = snapshot.passages(range(20))
        assert [every[n].doc_ref for n in sorted(every)] == [
            page.ref for page in snapshot.pages for _ in range(page.first, page.last)
        ]


def test_damage_is_not_handed_on(tmp_path: Path) -> None:
    what = content()
    before = _publish(tmp_path, what)
    for name in (
        CATALOG,
        DENSE,
        *(f"{LEXICAL}/{p.name}" for p in (before / LEXICAL).glob("*.idx")),
    ):
        path = before / name
        held = bytearray(path.read_bytes())
        held[len(held) // 2] ^= 0xFF
        path.write_bytes(held)
    after = _publish(tmp_path, what)
    with open_snapshot(tmp_path) as snapshot:
        snapshot.verify()
        assert snapshot.catalog.raw_entities() == [{}, {}]
        assert [number for number, _ in snapshot.lexical.search(["ledger"], 3)]
    assert not (before / DENSE).samefile(after / DENSE)
