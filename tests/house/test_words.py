"""Nothing in the repository speaks of the machine it was written on, or of where packages come from."""

from __future__ import annotations

import re

from tests.house.repository import ROOT, files

FORBIDDEN = {
    "a path of one machine": re.compile(
        r"(?<![\w.])/(?:work|workspace|root|opt)/\w|/home/\w+/|/Users/\w+/"
    ),
    "a folder beside the checkout": re.compile(r"\.\./shared"),
    "somebody's test organisation": re.compile(r"harbor" r"line", re.IGNORECASE),
    "a package registry": re.compile(
        r"pypi\.org|pythonhosted|registry\.npmjs|proxy\.golang|download\.pytorch"
    ),
    "an unfinished thought": re.compile(r"\b(?:TODO|FIXME|XXX)\b"),
    "a conflict marker": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}

EXCUSED = {
    ".ci/run": {"a folder beside the checkout"},  # uses it where it exists
    # A suite has to say which organisation it asks about.
    "eval/retrieval/sets.yaml": {"somebody's test organisation"},
    "eval/suites/feeds/cases.yaml": {"somebody's test organisation"},
    "eval/suites/feeds/questions.yaml": {"somebody's test organisation"},
    "eval/suites/feeds/cases-wider.yaml": {"somebody's test organisation"},
    "eval/suites/feeds/questions-wider.yaml": {"somebody's test organisation"},
    "eval/suites/strangers-feeds/cases.yaml": {"somebody's test organisation"},
    "eval/suites/strangers-feeds/cases-second.yaml": {"somebody's test organisation"},
    "tests/house/test_words.py": set(FORBIDDEN),
}

_BINARY = frozenset({".png", ".jpg", ".ico", ".gz", ".onnx"})


def test_no_forbidden_words() -> None:
    found = []
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in _BINARY or name.startswith("demo_org/data/"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for what, pattern in FORBIDDEN.items():
            match = pattern.search(text)
            if match is not None and what not in EXCUSED.get(name, set()):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{name}:{line} names {what}: {match.group()!r}")
    assert not found
