"""A store as one file, and back: whole, or an error that names the next step."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from catalog_store.backup import back_up, restore
from catalog_store.embedder import HashEmbedder
from catalog_store.errors import StoreNotFound, UserError
from catalog_store.journal import Delivery, Journal
from catalog_store.publish import publish
from catalog_store.snapshot import Snapshot, current_id, open_snapshot
from cli.main import app

from .samples import NOW, content


def opened(store: Path) -> Snapshot:
    return open_snapshot(store, embedder=HashEmbedder())


@pytest.fixture
def store(tmp_path: Path) -> Path:
    made = tmp_path / "store"
    for note in ("old", "new"):
        publish(made, content(note), now=NOW, embedder=HashEmbedder())
    Journal(made).append(Delivery("x", "1", NOW, "{}"))
    (made / "read.sqlite").write_bytes(b"can be worked out again")
    return made


def test_what_serves_comes_back(store: Path, tmp_path: Path) -> None:
    done = back_up(store, tmp_path / "a.tar.gz")
    back = tmp_path / "back"
    assert restore(tmp_path / "a.tar.gz", back, check=opened).snapshot == done.snapshot
    assert current_id(back) == current_id(store) == done.snapshot
    assert [p.name for p in (back / "snapshots").iterdir()] == [done.snapshot]
    assert not (back / "read.sqlite").exists()
    assert [e.delivery.id for e in Journal(back).entries()] == ["1"]
    with opened(back) as snapshot:
        snapshot.verify()


def test_an_event_cut_short_is_left_out(store: Path, tmp_path: Path) -> None:
    with (store / "events" / "00000001.ndjson").open("ab") as segment:
        segment.write(b'{"source": "x", "id": "2", "rece')
    back_up(store, tmp_path / "a.tar.gz")
    restore(tmp_path / "a.tar.gz", tmp_path / "back", check=opened)
    journal = Journal(tmp_path / "back")
    assert journal.append(Delivery("x", "2", NOW, "{}"))
    assert [entry.delivery.id for entry in journal.entries()] == ["1", "2"]


@pytest.mark.parametrize("part", [0.0, 0.2, 0.7, 0.99])
def test_a_backup_cut_short_restores_nothing(store: Path, tmp_path: Path, part: float) -> None:
    back_up(store, tmp_path / "a.tar.gz")
    data = (tmp_path / "a.tar.gz").read_bytes()
    (tmp_path / "b.tar.gz").write_bytes(data[: int(len(data) * part)])
    with pytest.raises(UserError, match="backup"):
        restore(tmp_path / "b.tar.gz", tmp_path / "back", check=opened)
    assert not (tmp_path / "back").exists()
    assert not list(tmp_path.glob(".back*"))


@pytest.mark.parametrize("name", ["../outside", "/etc/callboard-outside", "a/../../outside"])
def test_a_hostile_archive_writes_nothing_outside(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    with pytest.raises(UserError, match="backup"):
        restore(tmp_path / "a.tar.gz", tmp_path / "deep" / "back", check=opened)
    assert not (tmp_path / "outside").exists()
    assert not (tmp_path / "deep" / "outside").exists()


def test_links_are_no_backup(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("events")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(info)
    with pytest.raises(UserError, match="is no file"):
        restore(tmp_path / "a.tar.gz", tmp_path / "back", check=opened)


def test_nothing_is_overwritten(store: Path, tmp_path: Path) -> None:
    back_up(store, tmp_path / "a.tar.gz")
    with pytest.raises(UserError, match="not empty"):
        restore(tmp_path / "a.tar.gz", store, check=opened)


def test_nothing_published_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(StoreNotFound):
        back_up(tmp_path / "none", tmp_path / "a.tar.gz")
    assert not (tmp_path / "a.tar.gz").exists()


def test_commands(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["backup", str(tmp_path / "a.tar.gz"), "--store", str(store)]) == 0
    assert app(["restore", str(tmp_path / "a.tar.gz"), "--store", str(tmp_path / "back")]) == 0
    out = capsys.readouterr().out
    assert "Backed up snapshot" in out
    assert "Restored snapshot" in out
    assert app(["restore", str(tmp_path / "a.tar.gz"), "--store", str(store)]) == 1
