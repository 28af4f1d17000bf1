"""What people thought of answers: one log beside the snapshots, whichever surface they said it on."""

from __future__ import annotations

import json
import os
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog_store.errors import BadRequest

FEEDBACK_FILE = "feedback.ndjson"
"""In the store, beside the snapshots: one JSON object a line, only ever appended to."""

MAX_FEEDBACK_BYTES = 64 * 1024 * 1024
"""The feedback log takes no more beyond this; someone has to read it first."""


class FeedbackLog:
    """The feedback log of one store. Safe to share between threads."""

    def __init__(self, store: Path) -> None:
        """`store` is the folder of snapshots."""
        self._path = store / FEEDBACK_FILE
        self._lock = threading.Lock()

    def add(self, snapshot: str, said: dict[str, Any]) -> str:
        """One whole line at the end of the log, on disk before this returns.

        Args:
            snapshot: id of the snapshot that answered.
            said: verdict, and whatever else is known.

        Returns:
            The entry's id.

        Raises:
            BadRequest: the log is full.
        """
        entry = {
            "id": uuid.uuid4().hex,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "snapshot": snapshot,
        }
        line = json.dumps(entry | said, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            if self._path.exists() and self._path.stat().st_size > MAX_FEEDBACK_BYTES:
                raise BadRequest("the feedback log is full; an operator has to move it away first")
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line)
                os.fsync(handle)
            finally:
                os.close(handle)
        return entry["id"]
