"""Eval cases in waiting: what somebody called wrong, and readings somebody mended by hand and called right."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from app.insights import read_feedback
from app.usage import redacted


def pending_cases(store: Path) -> list[dict[str, Any]]:
    """Cases for a suite, newest last, each question once; as suite files write them.

    A thumb down says that the answer was wrong, not what is right: its case expects only a note, which a suite refuses until
    somebody has written what must come back. A mended reading is an expectation already: its plan.

    Args:
        store: the folder of the feedback log.
    """
    found: dict[str, dict[str, Any]] = {}
    for said in read_feedback(store):
        question = str(said.get("question") or "").strip()
        if not question:
            continue
        mended = said.get("verdict") == "right" and said.get("edited") and said.get("plan")
        if said.get("verdict") != "wrong" and not mended:
            continue
        question = redacted(question)
        key = hashlib.blake2b(question.lower().encode(), digest_size=4).hexdigest()
        expect: dict[str, Any] = {"plan": said["plan"]} if mended else {"note": _note(said)}
        found.pop(key, None)
        found[key] = {
            "id": f"pending-{key}",
            "type": "mended" if mended else "thumbs-down",
            "question": question,
            "expect": expect,
        }
    return list(found.values())


def _note(said: dict[str, Any]) -> str:
    comment = redacted(str(said.get("comment") or "").strip())
    status = said.get("status") or "unknown"
    return f"was called wrong on {str(said.get('at'))[:10]}, when it ended as {status}" + (
        f": {comment}" if comment else ""
    )
