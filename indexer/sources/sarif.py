"""SARIF 2.1.0, the OASIS format of scanner results: Semgrep, Snyk, Checkov, CodeQL and many more.

Read: Finding records: rule, severity, suppressed, open, tool, message, file, line. Severity comes from
`security-severity` (9 critical, 7 high, 4 medium), else from the level of the result or its rule. The id is the
fingerprint, else a digest of tool, rule and place.

Joined: the repository in `versionControlProvenance` or `originalUriBaseIds`, else the name of the file or its
folder; all components whose `github.com/project-slug` (or GitLab's, Bitbucket's) is that repository have the
finding.

Ignored: passed checks, results marked `absent`, code flows, fixes; a suppression under review or rejected
suppresses nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Value
from indexer import loose
from indexer.collectors.findings import Finding
from indexer.files import InputFile
from indexer.json_items import value_lines
from indexer.json_text import JsonFault, parse_json
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest
from indexer.text import NotText

_RUNS = re.compile(r"\"runs\"\s*:\s*\[")
_MARK = re.compile(r"sarif|\"version\"\s*:\s*\"2\.\d", re.IGNORECASE)
_VERSION = "2.1.0"

SEVERITIES = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.0, "low"))
"""`security-severity` at least → severity, as GitHub code scanning maps CVSS scores."""
LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "low"}
"""`level` → severity for rules without a score."""

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
        try:
            text = file.text()
            log = parse_json(text)
        except NotText as error:
            message = f"{error.reason}; nothing in it was indexed"
            harvest.report.error("not-utf8", message, file.span(error.line))
            return
        except JsonFault as fault:
            message = f"{fault}; nothing in it was indexed"
            harvest.report.error(fault.code, message, file.span(fault.line))
            return
        version = loose.at(log, "version")
        if version != _VERSION:
            message = f"version is {version!r}, expected {_VERSION!r}; read all the same"
            harvest.report.warning("unknown-version", message, file.span())
        lines = value_lines(text, ("runs", None, "results", None))
        for number, run in enumerate(loose.items(loose.at(log, "runs"))):
            for place, raw in enumerate(loose.items(loose.at(run, "results"))):
                span = file.span(*lines.get(("runs", number, "results", place), (1, 1)))
                finding = _finding(raw, loose.mapping(run), file, span, harvest.report)
                if finding is not None:
                    harvest.tell(finding)

    finish = FeedReader.finish


SOURCE = Sarif


def _finding(
    raw: Any, run: dict[str, Any], file: InputFile, span: SourceSpan, report: Report
) -> Finding | None:
    result = loose.mapping(raw)
    rule = _rule(result, run)
    name = loose.first_text(result.get("ruleId"), loose.at(result, "rule", "id"), rule.get("id"))
    message = _message(result, rule)
    if name is None and message is None:
        report.error("wrong-shape", "a result with neither rule nor message; left out", span)
        return None
    if result.get("kind") in _NO_FINDING or result.get("baselineState") == "absent":
        report.skip("SARIF result that is no finding")
        return None
    location = next(iter(loose.mappings(result.get("locations"))), {})
    uri = loose.text(loose.at(location, "physicalLocation", "artifactLocation", "uri"))
    line = loose.integer(loose.at(location, "physicalLocation", "region", "startLine"))
    tool = loose.text(loose.at(run, "tool", "driver", "name"))
    suppressed = any(
        one.get("status") not in _UNSETTLED for one in loose.mappings(result.get("suppressions"))
    )
    values: dict[str, Value] = {
        "rule": name or "unnamed",
        "severity": _severity(result, rule),
        "suppressed": suppressed,
        "open": not suppressed,
        "tool": tool,
        "message": message,
        "file": uri,
        "line": line,
    }
    held = {key: value for key, value in values.items() if value is not None}
    identity = _identity(result, (tool, name, uri, line, message))
    return Finding(identity, held, tuple(_repositories(run)), file.path, span)


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
    for owner in (rule, result):
        score = loose.number(loose.at(owner, "properties", "security-severity"))
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


def _identity(result: dict[str, Any], facts: tuple[object, ...]) -> str:
    """The scanner's own fingerprint; without one a digest of tool, rule and place."""
    prints = loose.mapping(result.get("fingerprints"))
    own = loose.first_text(*(prints[key] for key in sorted(prints)), result.get("guid"))
    if own is not None and len(own) <= 200:
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
