"""SARIF 2.1.0, the OASIS format of scanner results: Semgrep, Snyk, Checkov, CodeQL and many more.

Read: Finding records: rule, severity, suppressed, fixed, open, tool, message, standards, time, file, line. Severity
comes from `security-severity` (9 critical, 7 high, 4 medium) or Snyk's `cvssv3_baseScore`, else from the level of the
result or its rule. The id is the fingerprint, unless different results share it, else a digest of tool, rule and
place. A result marked `absent` is fixed.

Joined: the repository in `versionControlProvenance` or `originalUriBaseIds`, else the name of the file or its
folder; all components whose `github.com/project-slug` (or GitLab's, Bitbucket's) is that repository have the
finding.

Ignored: passed checks, code flows, fixes; one suppression under review or rejected keeps a result open.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import unquote

from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Value
from indexer import loose
from indexer.collectors.findings import Finding, standards_in
from indexer.files import InputFile
from indexer.json_items import read_whole, value_lines
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest

_RUNS = re.compile(r"\"runs\"\s*:\s*\[")
_MARK = re.compile(r"sarif|\"version\"\s*:\s*\"2\.\d", re.IGNORECASE)
_VERSION = "2.1.0"

SEVERITIES = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.0, "low"))
"""`security-severity` at least → severity, as GitHub code scanning maps CVSS scores."""
LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "low"}
"""`level` → severity for rules without a score."""

_SCORE = "security-severity"
_URI = ("physicalLocation", "artifactLocation", "uri")
_PLACEHOLDERS = frozenset({"requires login"})
"""What Semgrep writes instead of a fingerprint when nobody is logged in."""

_NO_FINDING = frozenset({"pass", "notApplicable", "informational"})
_UNSETTLED = frozenset({"underReview", "rejected"})


class Sarif:
    """Reads every result that is a finding; passed checks and fixed ones are counted."""

    name: ClassVar[str] = "sarif"
    suffixes: ClassVar[frozenset[str]] = frozenset({".sarif", ".json"})

    def claims(self, file: InputFile) -> bool:
        """A list `runs`, and the SARIF schema or version."""
        return bool(_RUNS.search(file.head) and _MARK.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over the findings of every run."""
        read = read_whole(file, harvest.report)
        if read is None:
            return
        text, log = read
        version = loose.at(log, "version")
        if version != _VERSION:
            message = f"version is {version!r}, expected {_VERSION!r}; read all the same"
            harvest.report.warning("unknown-version", message, file.span())
        lines = value_lines(text, ("runs", None, "results", None))
        for number, raw_run in enumerate(loose.items(loose.at(log, "runs"))):
            run = loose.mapping(raw_run)
            shared = _shared_prints(run)
            for place, raw in enumerate(loose.items(run.get("results"))):
                span = file.span(*lines.get(("runs", number, "results", place), (1, 1)))
                finding = _finding(raw, run, shared, file, span, harvest.report)
                if finding is not None:
                    harvest.tell(finding)

    finish = FeedReader.finish


SOURCE = Sarif


def _finding(
    raw: Any,
    run: dict[str, Any],
    shared: frozenset[str],
    file: InputFile,
    span: SourceSpan,
    report: Report,
) -> Finding | None:
    result = loose.mapping(raw)
    rule = _rule(result, run)
    name = loose.first_text(result.get("ruleId"), loose.at(result, "rule", "id"), rule.get("id"))
    message = _message(result, rule)
    if name is None and message is None:
        report.error("wrong-shape", "a result with neither rule nor message; left out", span)
        return None
    if result.get("kind") in _NO_FINDING:
        report.skip("SARIF result that is no finding")
        return None
    fixed = result.get("baselineState") == "absent"
    location = next(iter(loose.mappings(result.get("locations"))), {})
    # Checkov quotes the address, as the standard has it; people look for the path
    uri = unquote(loose.text(loose.at(location, *_URI)) or "") or None
    line = loose.integer(loose.at(location, "physicalLocation", "region", "startLine"))
    tool = loose.text(loose.at(run, "tool", "driver", "name"))
    settled = [
        one.get("status") not in _UNSETTLED for one in loose.mappings(result.get("suppressions"))
    ]
    suppressed = bool(settled) and all(settled)
    values: dict[str, Value] = {
        "rule": name or "unnamed",
        "severity": _severity(result, rule),
        "suppressed": suppressed,
        "fixed": fixed,
        "open": not suppressed and not fixed,
        "tool": tool,
        "standards": standards_in(_tags(rule, result)),
        "detected_at": _detected(result, run, span, report),
        "message": message,
        "file": uri,
        "line": line,
    }
    held = {key: value for key, value in values.items() if value is not None}
    identity = _identity(result, (tool, name, uri, line, message), shared)
    return Finding(identity, held, span, repositories=tuple(_repositories(run)), path=file.path)


def _tags(rule: dict[str, Any], result: dict[str, Any]) -> Iterator[Any]:
    for owner in (rule, result):
        properties = loose.mapping(owner.get("properties"))
        yield from loose.items(properties.get("tags"))
        yield from (loose.items(properties.get("cwe")) or [properties.get("cwe")])


def _detected(
    result: dict[str, Any], run: dict[str, Any], span: SourceSpan, report: Report
) -> datetime | None:
    """When it was first seen, else when the scan that reports it ended."""
    first = loose.at(result, "provenance", "firstDetectionTimeUtc")
    scan = next(iter(loose.mappings(run.get("invocations"))), {})
    ended = loose.first_text(first, scan.get("endTimeUtc"), scan.get("startTimeUtc"))
    return loose.moment(ended, "the time of a SARIF result", span, report)


def _place(result: dict[str, Any]) -> tuple[object, ...]:
    location = next(iter(loose.mappings(result.get("locations"))), {})
    line = loose.at(location, "physicalLocation", "region", "startLine")
    name = loose.first_text(result.get("ruleId"), loose.at(result, "rule", "id"))
    return name, loose.text(loose.at(location, *_URI)), loose.integer(line)


def _prints(result: dict[str, Any]) -> list[str]:
    """What a scanner says the result is known by, in the order it counts."""
    prints = loose.mapping(result.get("fingerprints"))
    found = map(loose.text, (*(prints[key] for key in sorted(prints)), result.get("guid")))
    return [one for one in found if one is not None and len(one) <= 200]


def _shared_prints(run: dict[str, Any]) -> frozenset[str]:
    """Fingerprints that results of different rules or places share: they tell nothing apart.

    Semgrep writes "requires login" for every result of an anonymous scan.
    """
    places: dict[str, set[tuple[object, ...]]] = {}
    for result in loose.mappings(run.get("results")):
        for one in _prints(result):
            places.setdefault(one, set()).add(_place(result))
    return frozenset(one for one, found in places.items() if len(found) > 1 or one in _PLACEHOLDERS)


def _rule(result: dict[str, Any], run: dict[str, Any]) -> dict[str, Any]:
    """The rule a result points at, by index or by id, in the driver or one of its extensions."""
    tool = loose.mapping(run.get("tool"))
    component = loose.mapping(tool.get("driver"))
    reference = loose.mapping(result.get("rule"))
    extension = loose.integer(loose.at(reference, "toolComponent", "index"))
    extensions = loose.mappings(tool.get("extensions"))
    if extension is not None and 0 <= extension < len(extensions):
        component = extensions[extension]
    rules = component.get("rules")
    index = loose.integer(result.get("ruleIndex", reference.get("index")))
    if isinstance(rules, list) and index is not None and 0 <= index < len(rules):
        return loose.mapping(rules[index])
    name = loose.first_text(result.get("ruleId"), reference.get("id"))
    known = {loose.text(rule.get("id")): rule for rule in loose.mappings(rules)}
    # "CA1000/1" is a sub-rule of "CA1000".
    return known.get(name) or known.get((name or "").rpartition("/")[0]) or {}


def _severity(result: dict[str, Any], rule: dict[str, Any]) -> str:
    for owner, key in ((rule, _SCORE), (result, _SCORE), (rule, "cvssv3_baseScore")):
        score = loose.number(loose.at(owner, "properties", key))
        if score is not None:
            return next((name for least, name in SEVERITIES if score >= least), "low")
    level = loose.first_text(
        result.get("level"), loose.at(rule, "defaultConfiguration", "level"), "warning"
    )
    return LEVELS.get(level or "", "medium")


def _message(result: dict[str, Any], rule: dict[str, Any]) -> str | None:
    return loose.first_text(
        loose.at(result, "message", "text"),
        loose.at(result, "message", "markdown"),
        loose.at(rule, "shortDescription", "text"),
        loose.at(rule, "fullDescription", "text"),
    )


def _identity(result: dict[str, Any], facts: tuple[object, ...], shared: frozenset[str]) -> str:
    """The scanner's own fingerprint; without one a digest of tool, rule and place."""
    own = next((one for one in _prints(result) if one not in shared), None)
    if own is not None:
        return own
    partial = loose.mapping(result.get("partialFingerprints"))
    hints = sorted(f"{key}={value}" for key, value in partial.items())
    place = facts[:3] if hints else facts
    return hashlib.sha256(repr((place, hints)).encode()).hexdigest()[:20]


def _repositories(run: dict[str, Any]) -> Iterator[str]:
    for provenance in loose.mappings(run.get("versionControlProvenance")):
        if (uri := loose.text(provenance.get("repositoryUri"))) is not None:
            yield uri
    for base in loose.mapping(run.get("originalUriBaseIds")).values():
        uri = loose.text(loose.at(base, "uri"))
        if uri is not None and not uri.lower().startswith("file:") and "/" in uri:
            yield uri
