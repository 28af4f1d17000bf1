"""`callboard doctor`: whether an installation is fit to serve, each finding with the next step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import datetime

from app.doctor.finding import Finding, Level, fail, ok
from app.doctor.machine import machine_findings
from app.doctor.published import published_findings
from app.settings import Settings, config_path, load_settings
from catalog_store.errors import CatalogError, UserError
from catalog_store.stores import Store

__all__ = ["Finding", "Level", "examine"]


def examine(
    given: Mapping[str, object],
    *,
    now: datetime,
    quick: bool = False,
    progress: Callable[[Finding], None] | None = None,
) -> list[Finding]:
    """Look at everything an installation needs.

    Args:
        given: settings from the command line, as for `load_settings`.
        now: the moment ages are counted to.
        quick: leave out what reads every byte of the snapshot or loads the model.
        progress: told of each finding as it is made.

    Returns:
        Findings in a fixed order: settings, store, machine. What cannot be looked at, because something before it failed,
        is left out.
    """
    findings: list[Finding] = []
    for finding in _findings(given, now, quick=quick):
        findings.append(finding)
        if progress is not None:
            progress(finding)
    return findings


def _findings(given: Mapping[str, object], now: datetime, *, quick: bool) -> Iterator[Finding]:
    try:
        settings = load_settings(given)
    except UserError as error:
        yield fail("settings", str(error), "correct it; docs/settings.md lists every setting")
        return
    path = config_path(os.environ)
    yield ok("settings", f"read from {path or 'the environment and the defaults'}")
    yield from _store(settings, now, quick=quick)
    yield from machine_findings(settings, path)


def _store(settings: Settings, now: datetime, *, quick: bool) -> Iterator[Finding]:
    if settings.store is None:
        yield fail("store", "no store is named", "pass --store DIR, or set CALLBOARD_STORE")
        return
    try:
        with closing(settings.require_store()) as store:
            yield from _published(store, now, quick=quick)
    except UserError as error:
        yield fail("store", str(error), "correct its address, or see that it can be reached")


def _published(store: Store, now: datetime, *, quick: bool) -> Iterator[Finding]:
    published = store.current_id()
    again = f"callboard index PATH... --store {store.address}"
    if published is None:
        yield fail(
            "store", f"nothing is published in {store.address}", f"build a snapshot: {again}"
        )
        return
    try:
        snapshot = store.open()
    except CatalogError as error:
        message = f"snapshot {published} cannot be opened: {error}"
        yield fail("store", message, f"build it again: {again}")
        return
    with closing(snapshot):
        counts = snapshot.manifest["counts"]
        held = f"{counts['entities']:,} entities, {counts['documents']:,} pages"
        yield ok("store", f"{store.address} publishes {snapshot.id}: {held}")
        yield from published_findings(snapshot, store, now=now, quick=quick)
