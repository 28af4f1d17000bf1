"""A store in PostgreSQL: published at once, followed, kept while it is in use, and back after a failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_store.embedder import HashEmbedder
from catalog_store.errors import IndexMismatch, StoreNotFound, StoreUnavailable, UnsafeSQL
from catalog_store.journal import Delivery, Position
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, Record, Value
from catalog_store.model.fields import Field, FieldType
from catalog_store.postgres.dialect import column_name
from catalog_store.postgres.store import PostgresStore
from catalog_store.reader import CatalogReader, Patch
from catalog_store.snapshot import KEPT_SNAPSHOTS, Snapshot, open_snapshot
from catalog_store.store import CatalogStore
from catalog_store.stores import store_at
from tests.catalog_store.samples import NOW, content
from tests.servers import execute

EMBEDDER = HashEmbedder()


@pytest.fixture
def url(database: Callable[[], str]) -> str:
    return database()


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[PostgresStore]:
    found = replica(url, tmp_path / "one")
    yield found
    found.close()


def replica(url: str, cache: Path) -> PostgresStore:
    """A machine of its own."""
    found = store_at(url, cache=cache)
    assert isinstance(found, PostgresStore)
    return found


def publish(store: PostgresStore, note: str = "", *, days: int = 0) -> str:
    store.publish(content(note), now=NOW + timedelta(days=days), embedder=EMBEDDER)
    return str(store.current_id())


def schemas(url: str) -> set[str]:
    rows = execute(url, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'callboard\\_%'")
    return {row[0] for row in rows}


# ── publishing ───────────────────────────────────────────────────────────────────────────────────


def test_what_is_published_can_be_read_on_another_machine(
    store: PostgresStore, url: str, tmp_path: Path
) -> None:
    name = publish(store)
    other = replica(url, tmp_path / "two")
    with other.open() as snapshot:
        assert snapshot.id == name == other.current_id()
        assert snapshot.catalog.entity("component:default/ledger") is not None
        assert len(snapshot.dense) == snapshot.passage_count + len(snapshot.pages)
        assert len(snapshot.lexical) == len(snapshot.terms) == snapshot.passage_count
        assert snapshot.embedder.identity == EMBEDDER.identity
        assert not list(snapshot.folder.glob("catalog*")), "tables stay where they are"
        snapshot.verify()
    other.close()


def test_nothing_published(store: PostgresStore) -> None:
    assert store.current_id() is None
    with pytest.raises(StoreNotFound, match="callboard index"):
        store.open()


def test_a_reader_keeps_its_snapshot_while_the_next_one_takes_over(store: PostgresStore) -> None:
    publish(store, " old")
    with store.open() as old:
        publish(store, " new", days=1)
        with store.open() as new:
            assert old.id != new.id == store.current_id()
            texts = [
                {
                    row["description"]
                    for row in one.catalog.fetch("SELECT description FROM documents")
                }
                for one in (old, new)
            ]
    assert all(text.endswith("old") for text in texts[0])
    assert all(text.endswith("new") for text in texts[1])


def test_old_schemas_go_when_nobody_reads_them(store: PostgresStore, url: str) -> None:
    first = store.open() if publish(store) else None
    assert first is not None
    for day in range(1, KEPT_SNAPSHOTS + 2):
        publish(store, days=day)
    kept = schemas(url)
    assert len(kept) == KEPT_SNAPSHOTS + 1, "the newest, and the one that is read"
    assert first.catalog.entity("component:default/ledger") is not None
    first.close()
    publish(store, days=KEPT_SNAPSHOTS + 2)
    assert len(schemas(url)) == KEPT_SNAPSHOTS
    owners = {row[0] for row in execute(url, "SELECT DISTINCT owner FROM callboard.files")}
    assert len(owners) == KEPT_SNAPSHOTS


def test_a_build_that_fails_leaves_the_last_one_serving_and_the_next_one_cleans_up(
    store: PostgresStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = publish(store)
    with monkeypatch.context() as patch:

        def fail(*_: object) -> None:
            raise OSError("power cut")

        patch.setattr("catalog_store.postgres.store.load_file", fail)
        with pytest.raises(OSError, match="power cut"):
            publish(store, days=1)
    assert store.current_id() == name
    assert len(schemas(url)) == 2
    publish(store, days=2)
    assert len(schemas(url)) == 2, "the broken one is gone, the new one is there"


def test_builders_at_the_same_moment_do_not_meet(url: str, tmp_path: Path) -> None:
    builders = [replica(url, tmp_path / str(n)) for n in range(3)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda n: publish(builders[n], f" {n}"), range(3)))
    assert len(schemas(url)) == 3
    with builders[0].open() as snapshot:
        assert snapshot.id == builders[1].current_id()
    for builder in builders:
        builder.close()


def test_vectors_come_along_when_another_machine_builds(
    store: PostgresStore, url: str, tmp_path: Path
) -> None:
    publish(store)

    class Counting(HashEmbedder):
        texts = 0

        def encode(self, texts: Any) -> Any:
            Counting.texts += len(texts)
            return super().encode(texts)

    other = replica(url, tmp_path / "two")
    other.publish(content(), now=NOW + timedelta(days=1), embedder=Counting())
    assert Counting.texts == 0
    other.close()


def test_a_file_that_was_altered_is_refused(store: PostgresStore, url: str, tmp_path: Path) -> None:
    publish(store)
    execute(url, "UPDATE callboard.files SET data = 'x' WHERE name = 'pages.ndjson'")
    other = replica(url, tmp_path / "two")
    with pytest.raises(IndexMismatch, match=r"pages\.ndjson"):
        other.open()
    other.close()


def test_names_and_characters_postgresql_has_no_room_for(url: str, tmp_path: Path) -> None:
    long = "x" * 40 + "ü" * 40
    assert column_name(long) != column_name(long + "y") != long
    store = replica(url, tmp_path)
    given_content = content("a\0b")
    given_content.fields += [
        Field(name, FieldType.KEYWORD, "d", words=(name,), discovered=True)
        for name in (long, "xmin")
    ]
    for entity in given_content.entities:
        entity.values.update({long: "v", "xmin": "w"})  # type: ignore[attr-defined]
    store.publish(given_content, now=NOW, embedder=EMBEDDER)
    with store.open() as snapshot:
        rows = snapshot.catalog.fetch(f'SELECT "{long}", xmin FROM entities LIMIT 1')
        assert rows == [{long: "v", "xmin": "w"}]
        pages = snapshot.catalog.fetch("SELECT description FROM documents")
        assert all(row["description"].endswith("a�b") for row in pages)
    store.close()


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def test_a_question_cannot_write(store: PostgresStore) -> None:
    publish(store)
    with store.open() as snapshot:
        with pytest.raises(UnsafeSQL):
            snapshot.catalog.fetch("DELETE FROM entities")
        with pytest.raises(UnsafeSQL, match="does not take"):
            snapshot.catalog.fetch("SELECT nothing FROM entities")
        assert snapshot.catalog.fetch("SELECT ref FROM entities")


def test_connections_that_broke_are_replaced(store: PostgresStore, url: str) -> None:
    publish(store)
    with store.open() as snapshot:
        assert snapshot.catalog.fetch("SELECT ref FROM entities")
        execute(
            url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        assert snapshot.catalog.fetch("SELECT ref FROM entities")
        assert store.current_id() == snapshot.id


def test_a_database_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    store = replica("postgresql://ann:geheim@127.0.0.1:9/callboard", tmp_path)
    with pytest.raises(StoreUnavailable, match=r"ann@127\.0\.0\.1:9") as raised:
        store.current_id()
    assert "geheim" not in str(raised.value)
    store.close()


def test_vectors_are_found_as_faiss_finds_them(store: PostgresStore) -> None:
    publish(store)
    folder = store.folder / "built"
    with store.open() as shared, open_snapshot(folder) as local:
        everything = np.arange(len(local.dense))
        assert np.array_equal(
            shared.dense.vectors(everything[::-1]), local.dense.vectors(everything[::-1])
        )
        for text in ("rotate the key", "consumers fall behind"):
            vector = EMBEDDER.encode([text])[0]
            for allowed in (None, everything[2:7], everything[:0]):
                found, expected = (
                    one.dense.search(vector, 5, allowed=allowed) for one in (shared, local)
                )
                assert len(found) == len(expected)
                assert np.allclose([s for _, s in found], [s for _, s in expected], atol=1e-6)


# ── the dialect ──────────────────────────────────────────────────────────────────────────────────

STATEMENTS = (
    "SELECT * FROM entities ORDER BY ref",
    "SELECT kind, count(*) AS n FROM entities GROUP BY ALL ORDER BY n DESC, kind",
    "SELECT * EXCLUDE (path, first_line, last_line, format) FROM documents ORDER BY ref",
    "SELECT name FROM entities WHERE list_contains(tags, 'go') OR contains(lower(name), 'led') ORDER BY name",
    "SELECT ref, len(alerts) AS n, alerts[1] AS first FROM documents ORDER BY ref",
    "SELECT sum(ordinal) AS s, avg(ordinal) AS a, median(ordinal) AS m, max(id) AS x, count(DISTINCT doc_ref) AS d FROM passages",
    "SELECT arg_max(heading, id) AS last, arg_min(heading, id) AS first FROM passages",
    "SELECT id / 7 AS whole, 100.0 * id / 7 AS part, id % 7 AS rest FROM passages ORDER BY id",
    "SELECT heading FROM passages ORDER BY heading DESC NULLS FIRST, id LIMIT 3",
    "SELECT DISTINCT unnest(heading_path) AS h FROM passages ORDER BY h",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n ORDER BY i",
    "SELECT json_object('name', raw->'$.metadata.name') AS parts FROM raw_entities ORDER BY ref",
    "SELECT strftime(date_trunc('quarter', m), '%Y-Q') || CAST(quarter(m) AS VARCHAR) AS q, "
    "strftime(date_trunc('week', m), '%Y-%m-%d') AS w FROM (SELECT CAST('2030-05-17 08:09:10' AS TIMESTAMP) AS m)",
    "SELECT greatest(a, b) AS g, least(a, b) AS l, b + INTERVAL '1' week AS w FROM "
    "(SELECT CAST('2030-01-31' AS TIMESTAMP) AS a, CAST('2030-02-01' AS TIMESTAMP) AS b)",
)


@pytest.fixture(scope="module")
def pair(
    database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CatalogReader, CatalogReader]]:
    """The same catalog in PostgreSQL and in DuckDB."""
    store = replica(database(), tmp_path_factory.mktemp("pair"))
    publish(store)
    with store.open() as shared:
        folder = store.folder / "built" / "snapshots"
        local = CatalogStore(next(folder.glob("*")) / "catalog.duckdb", shared.fields)
        yield shared.catalog, local
        local.close()
    store.close()


@pytest.mark.parametrize("statement", STATEMENTS)
def test_statements_mean_the_same(
    statement: str, pair: tuple[CatalogReader, CatalogReader]
) -> None:
    found, expected = (catalog.fetch(statement) for catalog in pair)
    assert expected
    assert _plain(found) == _plain(expected)


def _plain(rows: list[dict[str, Any]]) -> str:
    for row in rows:
        if isinstance(row.get("parts"), str):  # JSON, which each writes with spaces of its own
            row["parts"] = json.loads(row["parts"])
    return json.dumps(rows, default=str)


MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1))  # noqa: DTZ001  as they are stored


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(start=MOMENTS, end=MOMENTS, unit=st.sampled_from(["second", "hour", "day"]))
def test_spans_of_time_are_the_same(
    start: datetime, end: datetime, unit: str, pair: tuple[CatalogReader, CatalogReader]
) -> None:
    statement = (
        f"SELECT date_sub('{unit}', CAST('{start}' AS TIMESTAMP), CAST('{end}' AS TIMESTAMP)) AS passed, "
        f"date_diff('{unit}', CAST('{start}' AS TIMESTAMP), CAST('{end}' AS TIMESTAMP)) AS crossed"
    )
    found, expected = (catalog.fetch(statement) for catalog in pair)
    assert found == expected


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(TEXTS, min_size=2, max_size=6))
def test_order_and_parts_of_texts_are_the_same(
    texts: list[str], pair: tuple[CatalogReader, CatalogReader]
) -> None:
    statement = "SELECT t FROM (SELECT heading AS t FROM passages WHERE false UNION ALL SELECT unnest(CAST(? AS VARCHAR[]))) ORDER BY t"
    found, expected = (catalog.fetch(statement, [texts]) for catalog in pair)
    assert found == expected == [{"t": text} for text in sorted(texts)]


# ── events ───────────────────────────────────────────────────────────────────────────────────────


def delivery(number: int, body: str = "{}", source: str = "feed") -> Delivery:
    return Delivery(source, str(number), NOW, body, {"content-type": "application/json"})


def test_the_journal_keeps_every_delivery_once_and_in_order(store: PostgresStore, url: str) -> None:
    other = replica(url, store.folder)
    one, two = store.journal(), other.journal()
    assert one.size() == (1, 0)
    sent = [delivery(n, body) for n, body in enumerate(['{"a": "ü\\n"}', "{}\n{}", "\u2028 \x00"])]
    assert all(one.append(each) for each in sent)
    assert not two.append(delivery(1, body="other"))
    assert two.append(delivery(1, source="other")), "ids are unique within their source only"
    entries = list(two.entries())
    assert [entry.delivery for entry in entries[:3]] == sent
    assert [entry.end.line for entry in entries] == [1, 2, 3, 4], "a repetition takes no number"
    assert [e.delivery.source for e in one.entries(entries[2].end)] == ["other"]
    assert one.size() == two.size() == (1, 4)
    other.close()


def test_a_reader_that_has_seen_an_event_has_seen_all_before_it(store: PostgresStore) -> None:
    journal = store.journal()
    seen: list[int] = []
    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(journal.append, delivery(n % 90)) for n in range(100)]
        position = Position()
        while not all(write.done() for write in writes) or position.line < 90:
            for entry in journal.entries(position):
                position = entry.end
                seen.append(position.line)
    assert seen == list(range(1, 91))
    assert sum(write.result() for write in writes) == 90


def incident(number: int, title: str) -> Record:
    values: dict[str, Value] = {"title": title, "open": True, "created_at": NOW}
    return Record("Incident", str(number), values, SourceSpan("events/journal", number, number))


def test_what_one_replica_writes_the_others_read_and_still_tell_their_audiences(
    store: PostgresStore, url: str, tmp_path: Path
) -> None:
    publish(store)
    other = replica(url, tmp_path / "two")
    with store.open() as here, other.open() as there:
        first = Patch(
            [incident(1, "first")], [Edge("incident:1", "incidentOn", "component:default/ledger")]
        )
        here.catalog.patch(first, through=Position(1, 1, 1))
        assert titles(there) == ["first"]
        assert there.catalog.written_since(Position(1, 1, 1)) == {"incident:1"}
        assert there.catalog.written_since(Position(1, 2, 2)) == frozenset()

        # the other one comes late with what it made of the same event, and knows no more of it than that it must look again
        version = there.catalog.version
        there.catalog.patch(Patch([incident(1, "stale")]), through=Position(1, 1, 1))
        assert titles(here) == ["first"]
        assert there.catalog.version > version
        there.catalog.patch(Patch(), through=Position(1, 1, 1))
        assert there.catalog.version > version + 1

        there.catalog.patch(
            Patch([incident(1, "second"), incident(2, "new")], [], [incident(3, "x")]),
            through=Position(1, 2, 2),
        )
        assert titles(here) == ["new", "second"]
        assert here.catalog.edges("incident:1") == [], "edges are replaced with their record"
        here.catalog.patch(Patch(gone=[incident(2, "new")]), through=Position(1, 3, 3))
        assert titles(there) == ["second"]
    other.close()


def titles(snapshot: Snapshot) -> list[str]:
    rows = snapshot.catalog.fetch("SELECT title FROM incidents ORDER BY title")
    return [row["title"] for row in rows]


def test_a_graph_finds_what_comparing_all_finds(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog_store.postgres.vectors.EXACT_LIMIT", 4)
    monkeypatch.setattr("catalog_store.postgres.vectors.SMALL_SCOPE", 3)
    publish(store)
    with store.open() as shared, open_snapshot(store.folder / "built") as local:
        everything = np.arange(len(local.dense))
        vector = EMBEDDER.encode(["rotate the key"])[0]
        for allowed in (None, everything[2:4], everything[2:9]):
            found, expected = (
                one.dense.search(vector, 3, allowed=allowed) for one in (shared, local)
            )
            assert np.allclose([s for _, s in found], [s for _, s in expected], atol=1e-6)
