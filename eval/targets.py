"""What a suite is run against: a store opened in this process, or a server that listens somewhere."""

from __future__ import annotations

import hashlib
import http.client
import json
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from catalog_store.errors import CatalogError, UserError

if TYPE_CHECKING:
    from app.serving import Serving
    from catalog_store.stores import Store

MOST_RESULTS = 1000
"""Results asked for: sets are compared whole."""

MOST_HITS = 100
"""Hits of a search; ranking measures look no deeper."""

TIMEOUT_S = 60.0
"""Longest wait for one answer; a hanging server is a miss, not the end of a run."""

_PROGRAM = ("catalog_store", "search", "assistant", "app")
"""Packages whose code decides an answer."""


class Target(Protocol):
    """Answers the questions of a suite."""

    @property
    def identity(self) -> str:
        """What answers, exactly: the same identity gives the same answers."""
        ...

    @property
    def built_at(self) -> datetime:
        """The moment the data was built for: the clock of suites that fix none."""
        ...

    def ask(
        self, question: str, *, now: datetime, asker: str | None, conversation: str | None
    ) -> tuple[dict[str, Any], float]:
        """The body of an answer, and milliseconds until it came; a failure is a body with status `failed`."""
        ...

    def search(self, text: str) -> tuple[dict[str, Any], float]:
        """A ranking of pages as the body of an answer, and milliseconds until it came."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


def _failed(error: Exception) -> dict[str, Any]:
    return {"status": "failed", "text": f"{type(error).__name__}: {error}"}


def _ranking(hits: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "status": "answered" if hits else "empty",
        "passages": [{"path": hit.get("path"), "score": hit.get("score")} for hit in hits],
    }


class StoreTarget:
    """A store, opened here: no server, no network, no cost of carrying."""

    def __init__(
        self, store: Path | Store | None = None, *, serving: Serving | None = None
    ) -> None:
        """Open what a store publishes now, or take what is open already.

        Raises:
            StoreNotFound: nothing was published there.
        """
        from app.serving import open_serving  # noqa: PLC0415

        if serving is None:
            assert store is not None, "a store or what serves it"
            serving = open_serving(store)
        self._serving = serving

    @property
    def identity(self) -> str:
        """The snapshot and the code that reads it."""
        return f"{self._serving.id} {self._serving.built_at.isoformat()} {program_digest()}"

    @property
    def built_at(self) -> datetime:
        """When the snapshot counts as made."""
        return self._serving.built_at

    def ask(
        self, question: str, *, now: datetime, asker: str | None, conversation: str | None
    ) -> tuple[dict[str, Any], float]:
        """One answer."""
        from search.stages import Stage, timing  # noqa: PLC0415

        begun = before = time.perf_counter()
        stages: dict[str, float] = {}

        def reached(stage: Stage) -> None:
            nonlocal before
            at = time.perf_counter()
            stages[stage] = stages.get(stage, 0.0) + (at - before) * 1000
            before = at

        try:
            with timing(reached):
                answer = self._serving.ask(
                    question, now=now, asker=asker, conversation=conversation, limit=MOST_RESULTS
                )
            body: dict[str, Any] = answer.model_dump(mode="json") | {"stages_ms": stages}
        except CatalogError as error:
            body = _failed(error)
        return body, (time.perf_counter() - begun) * 1000

    def search(self, text: str) -> tuple[dict[str, Any], float]:
        """One ranking of pages."""
        from assistant.search_box import SearchQuery  # noqa: PLC0415

        begun = time.perf_counter()
        try:
            page = self._serving.search(SearchQuery(text=text, only="passages", limit=MOST_HITS))
            body = _ranking([hit.model_dump() for hit in page.hits])
        except CatalogError as error:
            body = _failed(error)
        return body, (time.perf_counter() - begun) * 1000

    def close(self) -> None:
        """Give the snapshot back."""
        self._serving.close()


def program_digest() -> str:
    """Changes with the code that decides an answer; 12 hexadecimal digits."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.blake2b(digest_size=6)
    for package in _PROGRAM:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


class UrlTarget:
    """A running server; it has to believe the caller, or clocks and askers of the suite mean nothing."""

    def __init__(self, url: str, *, token: str | None = None) -> None:
        """Looks whether it answers.

        Args:
            url: its address, for example http://127.0.0.1:8000.
            token: sent as a bearer token.

        Raises:
            UserError: nothing answers there.
        """
        self._parts = urlsplit(url if "://" in url else f"http://{url}")
        if self._parts.scheme not in ("http", "https") or not self._parts.hostname:
            raise UserError(f"{url!r} is no address; expected one such as http://127.0.0.1:8000")
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._local = threading.local()
        self._connections: list[http.client.HTTPConnection] = []
        try:
            ready = self._send("GET", "/readyz")
            self._snapshot = str(ready["snapshot"])
            self._built_at = datetime.fromisoformat(str(ready["built_at"])).astimezone(UTC)
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            raise UserError(
                f"no Callboard answers at {url}: {error}; start one with: callboard serve --store DIR --trust-caller"
            ) from error

    @property
    def identity(self) -> str:
        """The address and the snapshot it serves."""
        return f"{self._parts.geturl()} {self._snapshot} {self._built_at.isoformat()}"

    @property
    def built_at(self) -> datetime:
        """When the served snapshot counts as made."""
        return self._built_at

    def ask(
        self, question: str, *, now: datetime, asker: str | None, conversation: str | None
    ) -> tuple[dict[str, Any], float]:
        """One answer."""
        body = {"question": question, "now": now.isoformat(), "limit": MOST_RESULTS}
        body |= {"as": asker} if asker else {}
        body |= {"conversation": conversation} if conversation else {}
        return self._timed("POST", "/v1/ask", body)

    def search(self, text: str) -> tuple[dict[str, Any], float]:
        """One ranking of pages."""
        query = urlencode({"q": text, "only": "passages", "limit": MOST_HITS}, quote_via=quote)
        page, wall_ms = self._timed("GET", f"/v1/search?{query}")
        return (page if page.get("status") == "failed" else _ranking(page["hits"])), wall_ms

    def close(self) -> None:
        """Close every connection."""
        for connection in self._connections:
            connection.close()

    def _timed(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], float]:
        begun = time.perf_counter()
        try:
            answer = self._send(method, path, body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            answer = _failed(error)
        return answer, (time.perf_counter() - begun) * 1000

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        connection = self._connection()
        try:
            connection.request(
                method,
                self._parts.path.rstrip("/") + path,
                json.dumps(body) if body is not None else None,
                self._headers,
            )
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            connection.close()  # the next question opens a new one
            raise
        if response.status != http.HTTPStatus.OK:
            raise ValueError(
                f"{method} {path.partition('?')[0]} answers {response.status}: {text[:200]}"
            )
        found: dict[str, Any] = json.loads(text)
        return found

    def _connection(self) -> http.client.HTTPConnection:
        """One a thread, kept open: what is measured is answering, not connecting."""
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            secure = self._parts.scheme == "https"
            kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            assert self._parts.hostname
            connection = kind(self._parts.hostname, self._parts.port, timeout=TIMEOUT_S)
            self._local.connection = connection
            self._connections.append(connection)
        return connection
