"""Changes below a folder are followed, those of the store itself are not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

import pytest

from app.watch import follow

PATIENCE_S = 30


@contextmanager
def following(folder: Path, store: Path) -> Iterator[Queue[int]]:
    seen: Queue[int] = Queue()
    stop, stands = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=follow,
        args=([folder],),
        kwargs={"store": store, "begun": stands.set, "changed": seen.put, "stop": stop},
    )
    thread.start()
    try:
        assert stands.wait(PATIENCE_S)
        yield seen
    finally:
        stop.set()
        thread.join(timeout=PATIENCE_S)
    assert not thread.is_alive()


def test_a_new_file_a_changed_one_and_a_removed_one_are_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    with following(folder, tmp_path / "store") as seen:
        (folder / "a.yaml").write_text("one")
        assert seen.get(timeout=PATIENCE_S) >= 1
        (folder / "a.yaml").write_text("two")
        assert seen.get(timeout=PATIENCE_S) >= 1
        (folder / "a.yaml").unlink()
        assert seen.get(timeout=PATIENCE_S) >= 1


def test_the_store_inside_the_folder_and_hidden_folders_are_left_alone(tmp_path: Path) -> None:
    folder, store = tmp_path / "files", tmp_path / "files" / "store"
    store.mkdir(parents=True)
    (folder / ".git").mkdir()
    with following(folder, store) as seen:
        (store / "CURRENT").write_text("x")
        (folder / ".git" / "index").write_text("x")
        with pytest.raises(Empty):
            seen.get(timeout=2.5)


def test_what_is_saved_while_the_first_build_runs_is_noticed_after_it(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    stop = threading.Event()
    told: list[str] = []

    def build() -> None:
        (folder / "late.yaml").write_text("saved behind the reader's back")
        told.append("built")

    def changed(files: int) -> None:
        told.append(f"{files} changed")
        stop.set()

    follow([folder], store=tmp_path / "store", begun=build, changed=changed, stop=stop)
    assert told == ["built", "1 changed"]
