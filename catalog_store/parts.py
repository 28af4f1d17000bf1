"""Write the parts of a snapshot; what did not change since an earlier one is taken from it.

Reading is cheap and writing is not, so everything is compared by digests: tables group by group (`tables`), passages by what they are
made from. A passage that stands as it stood keeps its terms and its vector without being analysed or spelled out again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from catalog_store.content import CatalogContent
from catalog_store.derive import field_row, schema_digest
from catalog_store.errors import IndexMismatch, StoreUnavailable
from catalog_store.ground import write_ground
from catalog_store.model.document import Passage
from catalog_store.model.fields import FieldTable
from catalog_store.program import source_digest
from catalog_store.snapshot import (
    ANALYSED,
    CATALOG,
    DENSE,
    FORMAT_VERSION,
    GROUND,
    KEYS,
    LEXICAL,
    MANIFEST,
    PAGES,
    Snapshot,
    sha256_of,
)
from catalog_store.tables import write_catalog

if TYPE_CHECKING:
    from catalog_store.embedder import Embedder, Vectors
    from catalog_store.indexes.lexical import LexicalDoc
    from catalog_store.indexes.pages import Page, Pages

_EMBED_CHUNK = 256

_KEY_BYTES = 16

WORDS = (ANALYSED, "terms.npy", "terms.offsets.npy")
"""What is kept of the words of passages, beside the lexical index."""

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with (stage, done, total) as a build goes on; stages are "catalog", "words", "meaning", "publish"."""


def write_parts(
    build: Path,
    content: CatalogContent,
    *,
    now: datetime,
    embedder: Embedder,
    report: Progress,
    kept: Snapshot | None,
) -> None:
    """Fill an empty folder with everything a snapshot holds, the manifest last.

    Args:
        build: the folder.
        content: everything the build has read; it is not changed.
        now: moment of the build, timezone-aware.
        embedder: makes the vectors.
        report: told how far the work is.
        kept: an earlier snapshot, from which what did not change is taken; None makes everything anew.
    """
    from catalog_store.indexes.pages import collect  # noqa: PLC0415

    fields = FieldTable(content.fields)
    pages, passages = collect(content, fields)
    of_page = [page for page in pages for _ in range(page.first, page.last)]
    pages.save(build / PAGES)

    report("catalog", 0, 1)
    before = kept.folder / CATALOG if kept is not None and _whole(kept, (CATALOG,)) else None
    counts = write_catalog(
        build / CATALOG, replace(content, passages=passages), fields, before=before
    )
    write_ground(build / GROUND, content)
    report("catalog", 1, 1)

    report("words", 0, len(passages))
    made = _Made(kept, [*map(_passage_key, passages, of_page), *map(_page_key, pages)])
    docs = _write_words(build, passages, of_page, made)
    report("words", len(passages), len(passages))
    with ThreadPoolExecutor(1) as aside:
        # the engine spends most of its time waiting for the disk
        indexing = aside.submit(_write_lexical, build, docs)
        _write_vectors(build, _texts(passages, of_page, pages), made, embedder, report)
        indexing.result()

    manifest = {
        "format": FORMAT_VERSION,
        "created_at": now.astimezone(UTC).isoformat(),
        "fields": [field_row(row) for row in content.fields],
        "synonyms": dict(content.synonyms),
        "schema": schema_digest(fields),
        "counts": {**counts, "pages": len(pages), "vectors": len(made.keys)},
        "sources": dict(content.sources),
        "journal": str(content.read_up_to),
        "model": {"identity": embedder.identity, "dimension": embedder.dimension},
        "files": {
            path.relative_to(build).as_posix(): {
                "bytes": path.stat().st_size,
                "sha256": sha256_of(path),
            }
            for path in files_of(build)
        },
    }
    (build / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def files_of(folder: Path) -> list[Path]:
    """Files below a folder, sorted; without the locks tantivy leaves behind."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")


def _whole(kept: Snapshot, names: Collection[str]) -> list[str]:
    """The files of some parts, when each is there as it was published; none otherwise: damage is not handed on."""
    found = [file for file in kept.manifest["files"] if file.partition("/")[0] in names]
    try:
        for file in found:
            if sha256_of(kept.folder / file) != kept.manifest["files"][file]["sha256"]:
                return []
    except OSError:
        return []
    return found if {file.partition("/")[0] for file in found} == set(names) else []


def _take(kept: Snapshot, names: Collection[str], build: Path) -> bool:
    """Let parts of an earlier snapshot be parts of this one too: published files never change, so both can have them."""
    files = _whole(kept, names)
    for file in files:
        (build / file).parent.mkdir(parents=True, exist_ok=True)
        link(kept.folder / file, build / file)
    return bool(files)


def link(file: Path, target: Path) -> None:
    """Let a file go by a second name where the file system can, copy it otherwise."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)


# ── what passages are made from ──────────────────────────────────────────────────────────────────────


def _passage_key(passage: Passage, page: Page) -> bytes:
    """Names everything the words and the vector of a passage are worked out from."""
    return _key(
        page.title,
        *page.names,
        "\x1e",
        *passage.heading_path,
        "\x1e",
        passage.heading,
        passage.text,
    )


def _page_key(page: Page) -> bytes:
    return _key("\x1e", page.title, page.description)


def _key(*parts: str) -> bytes:
    text = "\x1f".join(parts).encode()
    return hashlib.blake2b(text, digest_size=_KEY_BYTES, key=_program()).digest()


def _program() -> bytes:
    """Another program may make other words and vectors of the same passage."""
    return source_digest("catalog_store.analyzer", "catalog_store.indexes.texts")


class _Made:
    """What was made of the passages and pages of an earlier snapshot.

    Attributes:
        kept: that snapshot; None without one that this program made.
        keys: what each passage, then each page of the new snapshot is made from.
        rows: for each of them the row of the earlier snapshot that was made from the same; None when there is none.
        same: nothing differs, and nothing stands elsewhere.
        texts: digests of the texts that the earlier snapshot's vectors were made from.
    """

    def __init__(self, kept: Snapshot | None, keys: Sequence[bytes]) -> None:
        import numpy as np  # noqa: PLC0415

        self.keys = keys
        self.kept = kept if kept is not None and _whole(kept, (KEYS, *WORDS)) else None
        held: Any = np.zeros((0, 2), f"V{_KEY_BYTES}")
        if self.kept is not None:
            held = np.load(self.kept.folder / KEYS)
            held = held.reshape(len(held), -1)[:, [0, -1]]
        self.texts: list[bytes] = [text.tobytes() for text in held[:, 1]]
        sources = [source.tobytes() for source in held[:, 0]]
        rows = {source: row for row, source in enumerate(sources)}
        self.rows = [rows.get(key) for key in keys]
        self.same = sources == list(keys)


def _texts(
    passages: Sequence[Passage], of_page: Sequence[Page], pages: Pages
) -> Callable[[int], str]:
    """What is embedded, by number: of each passage, then of each page; spelled out only when it is asked for."""
    from catalog_store.indexes.texts import embedded_text, page_text  # noqa: PLC0415

    @cache
    def text_of(number: int) -> str:
        if number < len(passages):
            return embedded_text(passages[number], of_page[number])
        return page_text(pages[number - len(passages)])

    return text_of


# ── words and vectors ────────────────────────────────────────────────────────────────────────────────


def _write_words(
    build: Path, passages: Sequence[Passage], of_page: Sequence[Page], made: _Made
) -> Iterable[LexicalDoc] | None:
    """Write the terms of passages; returns the rows of the lexical index, or None when it was taken as it was."""
    from catalog_store.indexes import terms  # noqa: PLC0415
    from catalog_store.indexes.texts import (  # noqa: PLC0415
        Analysis,
        lexical_doc,
        load_analysed,
        save_analysed,
    )

    kept = made.kept
    if (
        kept is not None
        and made.same
        and _same_file(kept.folder / PAGES, build / PAGES)
        and _take(kept, (LEXICAL, *WORDS), build)
    ):
        return None
    known = load_analysed(kept.folder / ANALYSED) if kept is not None else []
    held = terms.load(kept.folder) if kept is not None and known else []
    analysis = Analysis()
    analysed, hashes = [], []
    for passage, page, row in zip(passages, of_page, made.rows, strict=False):
        if row is not None and row < len(known):
            analysed.append(known[row])
            hashes.append(held[row])
        else:
            found = analysis.of(passage, page)
            analysed.append(found)
            hashes.append(terms.distinct(" ".join(found).split()))
    terms.save(build, hashes)
    save_analysed(build / ANALYSED, analysed)
    return map(lexical_doc, range(len(passages)), of_page, analysed)


def _write_lexical(build: Path, docs: Iterable[LexicalDoc] | None) -> None:
    from catalog_store.indexes import lexical  # noqa: PLC0415

    if docs is not None:
        lexical.build(build / LEXICAL, docs)


def _same_file(one: Path, two: Path) -> bool:
    try:
        return one.read_bytes() == two.read_bytes()
    except OSError:
        return False


def _write_vectors(
    build: Path,
    text_of: Callable[[int], str],
    made: _Made,
    embedder: Embedder,
    report: Progress,
) -> None:
    """Write the vectors in order, and what they were made from; known texts keep the vector they have."""
    import numpy as np  # noqa: PLC0415

    from catalog_store.indexes import dense  # noqa: PLC0415

    kept = made.kept
    if (
        kept is not None
        and made.same
        and _is_of(kept, embedder)
        and _take(kept, (DENSE, KEYS), build)
    ):
        return
    digests = [
        made.texts[row]
        if row is not None
        else hashlib.sha256(text_of(number).encode()).digest()[:_KEY_BYTES]
        for number, row in enumerate(made.rows)
    ]
    vectors, missing = _known_vectors(made, digests, embedder)
    fresh: dict[bytes, list[int]] = {}
    for number in missing:
        fresh.setdefault(digests[number], []).append(number)
    # sorted by length, so that each chunk is made of texts that cost alike
    groups = sorted(fresh.values(), key=lambda numbers: len(text_of(numbers[0])))
    report("meaning", 0, len(groups))
    for start in range(0, len(groups), _EMBED_CHUNK):
        chunk = groups[start : start + _EMBED_CHUNK]
        encoded = embedder.encode([text_of(numbers[0]) for numbers in chunk])
        for numbers, vector in zip(chunk, encoded, strict=True):
            vectors[numbers] = vector
        report("meaning", min(start + _EMBED_CHUNK, len(groups)), len(groups))
    dense.build(build / DENSE, vectors)
    both = b"".join(key + text for key, text in zip(made.keys, digests, strict=True))
    np.save(build / KEYS, np.frombuffer(both, f"V{_KEY_BYTES}").reshape(-1, 2))


def _is_of(kept: Snapshot, embedder: Embedder) -> bool:
    return bool(kept.manifest["model"]["identity"] == embedder.identity)


def _known_vectors(
    made: _Made, digests: Sequence[bytes], embedder: Embedder
) -> tuple[Vectors, list[int]]:
    """Vectors in order, and the numbers of those an earlier snapshot does not hold; all when another model made them."""
    import numpy as np  # noqa: PLC0415

    vectors = np.zeros((len(digests), embedder.dimension), np.float32)
    everything = list(range(len(digests)))
    kept = made.kept
    if kept is None or not _is_of(kept, embedder):
        return vectors, everything
    if DENSE in kept.manifest["files"] and not _whole(kept, (DENSE,)):
        return vectors, everything
    by_text = {text: row for row, text in enumerate(made.texts)}
    known = [
        (number, row) for number in everything if (row := by_text.get(digests[number])) is not None
    ]
    if not known:
        return vectors, everything
    numbers, rows = np.array(known, np.int64).T
    try:
        vectors[numbers] = kept.dense.vectors(rows)
    except (StoreUnavailable, IndexMismatch, OSError, ValueError):
        return vectors, everything
    return vectors, sorted(set(everything) - set(numbers.tolist()))
