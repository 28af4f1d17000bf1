"""A store as one file, and back: the snapshot that serves, its model, and the events, whatever is published or received meanwhile.

What can be worked out again is left out: older snapshots, and what files said when they were last read.
"""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog_store.errors import IndexMismatch, StoreNotFound, UserError
from catalog_store.publish import locked
from catalog_store.snapshot import CURRENT, current_id, open_snapshot

_DERIVED = frozenset({"snapshots", "models", "read.sqlite", CURRENT})
"""Not copied as they are: of the first three only what the serving snapshot needs, or nothing; CURRENT is written last."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What one backup holds.

    Attributes:
        snapshot: id of the snapshot.
        files: how many.
        size: of the file that was written or read, in bytes.
    """

    snapshot: str
    files: int
    size: int


def back_up(store: Path, target: Path) -> Backup:
    """Write a store into one gzipped tar file; the file is whole or not there.

    No build may publish meanwhile, it waits; questions and events go on. An event that arrives while the file is written may
    or may not be in it, whole in any case.

    Raises:
        StoreNotFound: nothing is published there.
        IndexMismatch: the serving snapshot is damaged; a backup of it would be worth nothing.
        OSError: the file could not be written.
    """
    fresh = target.with_name(f"{target.name}.tmp-{os.getpid()}")
    try:
        with locked(store / ".lock"):
            with open_snapshot(store) as snapshot:
                name = snapshot.id
            count = _write(store, name, fresh)
        _sync(fresh)
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    return Backup(name, count, target.stat().st_size)


def _write(store: Path, name: str, target: Path) -> int:
    count = 0
    # Level 1: vectors and DuckDB files are dense already, and speed is what a nightly job feels.
    with (
        target.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in _wanted(store, name):
            data = path.read_bytes()
            if (
                path.suffix == ".ndjson"
            ):  # a journal that is being written: up to its last whole line
                data = data[: data.rfind(b"\n") + 1]
            info = tarfile.TarInfo(path.relative_to(store).as_posix())
            info.size, info.mtime = len(data), int(path.stat().st_mtime)
            info.mode = 0o600
            archive.addfile(info, io.BytesIO(data))
            count += 1
        last = tarfile.TarInfo(CURRENT)
        last.size = len(name) + 1
        archive.addfile(last, io.BytesIO(f"{name}\n".encode()))
    return count + 1


def _wanted(store: Path, name: str) -> Iterator[Path]:
    inside = [path for path in sorted(store.iterdir()) if path.name not in _DERIVED]
    for top in (store / "snapshots" / name, store / "models", *inside):
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            passing = path.name.endswith((".lock", ".tmp", ".reading")) or ".tmp-" in path.name
            if path.is_file() and not path.is_symlink() and not passing:
                yield path


def restore(
    source: Path, store: Path, *, check: Callable[[Path], object] = open_snapshot
) -> Backup:
    """Make a store of a backup; the folder is whole or not there.

    Args:
        source: what `back_up` wrote.
        store: a folder that does not exist or is empty.
        check: opens what was restored, and raises when it cannot serve.

    Raises:
        UserError: the folder holds something, or the file is no backup, or is damaged.
        OSError: it could not be read or written.
    """
    if store.exists() and any(store.iterdir()):
        raise UserError(
            f"{str(store)!r} is not empty; restore into a new folder, then move it into place"
        )
    build = store.with_name(f".{store.name}.tmp-{os.getpid()}")
    build.mkdir(parents=True)
    try:
        count = _unpack(source, build)
        name = current_id(build)
        if name is None:
            raise UserError(
                f"{str(source)!r} is no backup of a store: it names no snapshot; was it cut short?"
            )
        opened = check(build)
        close = getattr(opened, "close", None)
        if close is not None:
            close()
        for path in build.rglob("*"):
            if path.is_file():
                _sync(path)
        if store.exists():
            store.rmdir()
        build.rename(store)
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, StoreNotFound, IndexMismatch) as error:
        raise UserError(
            f"{str(source)!r} is no whole backup of a store ({error}); take another one"
        ) from error
    finally:
        shutil.rmtree(build, ignore_errors=True)
    return Backup(name, count, source.stat().st_size)


def _unpack(source: Path, folder: Path) -> int:
    count = 0
    with tarfile.open(source, mode="r:gz") as archive:
        for member in archive:
            if not member.isfile():
                raise tarfile.ReadError(f"{member.name!r} is no file")
            # `data` refuses absolute paths, `..`, links and devices
            archive.extract(member, folder, filter="data")
            count += 1
    return count


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
