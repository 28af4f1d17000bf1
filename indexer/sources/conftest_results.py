"""Conftest's JSON output: what its policies say about configuration files.

Read: Finding records: one per failure and warning, and one that is suppressed per exception; rule, policy (the Rego
namespace), severity, message, file, line. Severity is what the rule's metadata says, else high for a failure and
medium for a warning. The rule is the last name of its query without deny_, violation_ or warn_.

Joined: a name in the metadata of the result, else the folders and the name of the tested file, from the inside out,
else the name of the report.

Ignored: successes and skipped tests, which are counted; traces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Value
from indexer import loose
from indexer.collectors.findings import Finding, digest, standards_in
from indexer.files import InputFile
from indexer.json_items import read_whole, value_lines
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest

_FILE = re.compile(r"\"filename\"\s*:")
_NAMESPACE = re.compile(r"\"namespace\"\s*:")
_OUTCOME = re.compile(r"\"(?:successes|failures|warnings|exceptions)\"\s*:\s*[\[\d]")

LISTS = {"failures": "high", "warnings": "medium", "exceptions": "low"}
"""Where results stand → severity when the rule states none."""
SEVERITIES = frozenset({"critical", "high", "medium", "low", "info"})

_PREFIX = re.compile(r"^(?:deny|violation|warn)_")
_EXCEPTED = re.compile(r"==\s*\"([^\"]+)\"")
_NAMING = ("component", "service", "app", "application", "name", "resource")
"""Keys of a rule's metadata that name what it is about."""


class ConftestResults(FeedReader):
    """Reads what failed, was warned about or excepted."""

    name: ClassVar[str] = "conftest"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json"})

    def claims(self, file: InputFile) -> bool:
        """A file name, a namespace, and the outcome of tests."""
        head = file.head
        return all(mark.search(head) for mark in (_FILE, _NAMESPACE, _OUTCOME))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one finding per result."""
        read = read_whole(file, harvest.report)
        if read is None:
            return
        text, tested = read
        for under, severity in LISTS.items():
            lines = value_lines(text, (None, under, None))
            for number, item in enumerate(loose.items(tested)):
                check = loose.mapping(item)
                for place, raw in enumerate(loose.items(check.get(under))):
                    span = file.span(*lines.get((number, under, place), (1, 1)))
                    finding = _finding(check, raw, under, severity, file, span, harvest.report)
                    if finding is not None:
                        harvest.tell(finding)
        for check in loose.mappings(tested):
            if loose.integer(check.get("successes")):
                harvest.report.skip("conftest file with tests that passed")


SOURCE = ConftestResults


def _finding(
    check: dict[str, Any],
    raw: Any,
    under: str,
    severity: str,
    file: InputFile,
    span: SourceSpan,
    report: Report,
) -> Finding | None:
    result = loose.mapping(raw)
    message = loose.text(result.get("msg"))
    if message is None:
        report.error("wrong-shape", "a conftest result without msg; it was left out", span)
        return None
    metadata = loose.mapping(result.get("metadata"))
    location = loose.mapping(result.get("loc"))
    tested = loose.first_text(location.get("file"), check.get("filename"))
    tested = None if tested == "-" else tested  # standard input
    namespace = loose.text(check.get("namespace"))
    policy = None if namespace == "main" else namespace  # what every policy is in unless it says so
    rule = _rule(metadata, message, under)
    said = (loose.text(metadata.get("severity")) or "").lower()
    excepted = under == "exceptions"
    values: dict[str, Value] = {
        "rule": rule or namespace or "unnamed",
        "policy": policy,
        "severity": said if said in SEVERITIES else severity,
        "suppressed": excepted,
        "fixed": False,
        "open": not excepted,
        "tool": "conftest",
        "category": loose.text(metadata.get("category")),
        "standards": standards_in(metadata.values()),
        "message": message,
        "file": tested,
        "line": loose.integer(location.get("line")),
    }
    held = {key: value for key, value in values.items() if value is not None}
    identity = digest(("conftest", policy, rule, tested, message))
    return Finding(identity, held, span, path=file.path, names=tuple(_names(metadata, tested)))


def _rule(metadata: dict[str, Any], message: str, under: str) -> str | None:
    """The rule's own name; None for a bare "deny"."""
    if under == "exceptions" and (excepted := _EXCEPTED.search(message)):
        return excepted[1]
    query = (loose.text(metadata.get("query")) or "").rpartition(".")[2]
    named = _PREFIX.sub("", query) if _PREFIX.match(query) else None
    return loose.first_text(metadata.get("rule"), metadata.get("id"), metadata.get("code"), named)


def _names(metadata: dict[str, Any], tested: str | None) -> Iterator[str]:
    for key in _NAMING:
        if (name := loose.text(metadata.get(key))) is not None:
            yield name
    place = PurePosixPath((tested or "").replace("\\", "/"))
    yield from (part for part in reversed(place.parent.parts) if part not in {"/", ".", ".."})
    if stem := place.name.partition(".")[0]:
        yield stem
