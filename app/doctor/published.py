"""Checks of what is published: its bytes, its model, its age, its feeds, the events since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from app.doctor.finding import Finding, fail, ok, size, warn
from catalog_store.errors import CatalogError
from catalog_store.snapshot import Snapshot
from catalog_store.stores import Store

OLD_AFTER = timedelta(days=7)
"""An index older than this answers from a catalog that nobody would call current."""

MANY_EVENTS = 50_000
"""Events after the snapshot that each restart reads again, some seconds' worth."""


def published_findings(
    snapshot: Snapshot, store: Store, *, now: datetime, quick: bool
) -> Iterator[Finding]:
    """Every check of one snapshot and of the store that publishes it."""
    if not quick:
        yield _bytes(snapshot, store)
        yield _model(snapshot)
    yield _age(snapshot, now)
    yield from _feeds(snapshot, now)
    yield _events(snapshot, store)


def _bytes(snapshot: Snapshot, store: Store) -> Finding:
    files = snapshot.manifest["files"]
    again = f"build it again: callboard index PATH... --store {store.address}"
    try:
        snapshot.verify()
    except (CatalogError, OSError) as error:
        return fail("checksums", f"a file of the snapshot is not the one published: {error}", again)
    total = sum(facts["bytes"] for facts in files.values())
    return ok("checksums", f"{len(files)} files, {size(total)}, all as they were published")


def _model(snapshot: Snapshot) -> Finding:
    identity = snapshot.manifest["model"]["identity"]
    try:
        vectors = snapshot.embedder.encode(["a runbook for a slow checkout"])
    except (CatalogError, ImportError, OSError, RuntimeError) as error:
        return fail(
            "model",
            f"the search model {identity} cannot be used: {error}",
            f"questions for pages will fail; remove {snapshot.store / 'models'} and index again",
        )
    wanted = int(snapshot.manifest["model"]["dimension"])
    if vectors.shape != (1, wanted):
        return fail(
            "model",
            f"the search model gives {vectors.shape[1]} numbers a text, the index has {wanted}",
            f"remove {snapshot.store / 'models'} and index again",
        )
    return ok("model", f"{identity} answers with {wanted} numbers a text")


def _age(snapshot: Snapshot, now: datetime) -> Finding:
    age = now - snapshot.created_at
    days, hours = age.days, age.seconds // 3600
    said = (
        f"the index is {days} days old"
        if days > 1
        else f"the index is {days * 24 + hours} hours old"
    )
    if age > OLD_AFTER:
        return warn("age", said, "index again, and let a timer do it: docs/operations.md has one")
    return ok("age", said)


def _feeds(snapshot: Snapshot, now: datetime) -> Iterator[Finding]:
    from catalog_store.freshness import feeds  # noqa: PLC0415  needs DuckDB

    try:
        found = feeds(snapshot.catalog, now)
    except CatalogError as error:
        yield fail("feeds", f"the catalog cannot be read: {error}", "index again")
        return
    quiet = [feed for feed in found if feed.quiet]
    for feed in quiet:
        days = feed.silent_for / timedelta(days=1)
        yield warn(
            "feeds",
            f"{feed.format} has brought no {feed.kind} for {days:.1f} days; usually never longer than "
            f"{feed.longest_gap / timedelta(days=1):.1f}",
            "see whether its webhook or export still runs; answers about it are as old as its last event",
        )
    if not quiet:
        yield ok("feeds", f"{len(found)} feeds of events, none of them quiet for unusually long")


def _events(snapshot: Snapshot, store: Store) -> Finding:
    try:
        entries = store.journal().entries(snapshot.read_up_to)
        count = sum(1 for _ in islice(entries, MANY_EVENTS + 1))
    except (CatalogError, OSError) as error:
        return fail(
            "events",
            f"the events received cannot be read: {error}",
            "make the store's events readable for this user",
        )
    if count > MANY_EVENTS:
        return warn(
            "events",
            f"more than {MANY_EVENTS:,} events came after the index was built; each start reads them again",
            "index again, which takes them in",
        )
    return ok("events", f"{count:,} events since the index was built")
