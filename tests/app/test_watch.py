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
    stop = threading.Event()
    thread = threading.Thread(
        target=follow, args=([folder],), kwargs={"store": store, "changed": seen.put, "stop": stop}
    )
    thread.start()
    try:
        _until_it_watches(folder, seen)
        yield seen
    finally:
        stop.set()
        thread.join(timeout=PATIENCE_S)
    assert not thread.is_alive()


def _until_it_watches(folder: Path, seen: Queue[int]) -> None:
    """A watch begins a moment after its thread: touch a file until it is noticed, then let it settle."""
    for number in range(PATIENCE_S * 2):
        (folder / "probe.yaml").write_text(str(number))
        try:
            seen.get(timeout=0.5)
        except Empty:
            continue
        break
    else:
        pytest.fail("nothing was noticed")
    while True:
        try:
            seen.get(timeout=1.5)
        except Empty:
            return


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
