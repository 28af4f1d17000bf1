"""What policy engines say about a cluster: policy reports (Kyverno, Trivy, Falco and others) and Gatekeeper's constraints.

Read: Finding records: one per failed, warned or erroneous result of a PolicyReport or ClusterPolicyReport
(wgpolicyk8s.io, reports.x-k8s.io), a Report or ClusterReport (openreports.io), an EphemeralReport
(reports.kyverno.io), and per violation in the status of a Gatekeeper constraint; rule, policy, category, severity,
resource, enforcement, time. Severity is the report's own; without one a failure is medium and a warning low, a
violation that is denied is high, warned about medium, only audited low. What is reported of a workload and again of
its pods counts once.

Joined: labels (`backstage.io/kubernetes-id`, `app.kubernetes.io/…`), else the name of the resource without what its
controllers and environment append, else the one entity annotated with its `backstage.io/kubernetes-namespace`.

Ignored: passed and skipped results, which are counted; summaries; constraints that were not audited. Gatekeeper lists
only some violations of a constraint; how many it left out is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Value
from indexer import loose
from indexer.collectors.findings import Finding, digest, standards_in
from indexer.files import InputFile
from indexer.kubernetes import Part, named_by_labels, read_objects, workload_name
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest
from indexer.yaml_files import YamlPart

_REPORT_GROUPS = r"(?:wgpolicyk8s\.io|policy\.k8s\.io|policy\.kubernetes\.io|reports\.x-k8s\.io|openreports\.io|(?:reports\.)?kyverno\.io)"
_GROUP = re.compile(_REPORT_GROUPS)
_REPORT_VERSION = re.compile(rf"apiVersion[\"']?\s*:\s*[\"']?{_REPORT_GROUPS}/")
_REPORT_KIND = re.compile(
    r"kind[\"']?\s*:\s*[\"']?(?:Cluster)?(?:Policy|Ephemeral|Admission|BackgroundScan)?Report(?:List)?\b"
)
_CONSTRAINT = re.compile(r"apiVersion[\"']?\s*:\s*[\"']?constraints\.gatekeeper\.sh/")
_OWN_KIND = re.compile(r"(?:Cluster)?(?:Policy|Ephemeral|Admission|BackgroundScan)?Report")

SEVERITIES = frozenset({"critical", "high", "medium", "low", "info"})
BY_RESULT = {"fail": "medium", "error": "medium", "warn": "low"}
"""Result → severity, where the policy states none."""
BY_ACTION = {"deny": "high", "warn": "medium"}
"""Enforcement → severity of a violation; what is only audited hurts nobody yet: low."""

_NO_FINDING = frozenset({"pass", "skip"})
_AUTOGEN = re.compile(r"^autogen-(?:cronjob-)?")
"""Kyverno copies a rule about pods to their controllers under such a name."""

RESULT_LISTS = (("results",), ("spec", "results"), ("status", "violations"))


class KubernetesPolicies(FeedReader):
    """Reads results that are findings; the others are counted."""

    name: ClassVar[str] = "kubernetes-policies"
    suffixes: ClassVar[frozenset[str]] = frozenset({".yaml", ".yml", ".json"})

    def claims(self, file: InputFile) -> bool:
        """A report of one of the policy report groups, or a Gatekeeper constraint."""
        head = file.head
        return bool(
            (_REPORT_VERSION.search(head) and _REPORT_KIND.search(head)) or _CONSTRAINT.search(head)
        )

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one finding per result and resource."""
        for part in read_objects(file, harvest.report, *RESULT_LISTS):
            group = (loose.text(part.value.get("apiVersion")) or "").partition("/")[0]
            if group == "constraints.gatekeeper.sh":
                found = _violations(part, harvest.report)
            elif _GROUP.fullmatch(group) and _OWN_KIND.fullmatch(
                loose.text(part.value.get("kind")) or ""
            ):
                found = _results(part, harvest.report)
            else:
                harvest.report.skip("Kubernetes object that is no policy result")
                continue
            for finding in found:
                harvest.tell(finding)


SOURCE = KubernetesPolicies


@dataclass(frozen=True, slots=True)
class _Resource:
    """What broke a policy."""

    kind: str
    namespace: str
    name: str
    labels: tuple[str, ...] = ()

    @property
    def workload(self) -> str:
        return workload_name(self.kind, self.name)

    @property
    def shown(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {place}{self.name}".strip()


def _resource(value: Any) -> _Resource | None:
    held = loose.mapping(value)
    name = loose.text(held.get("name"))
    labels = named_by_labels(held.get("labels")) or named_by_labels(
        loose.at(held, "metadata", "labels")
    )
    if name is None and not labels:
        return None
    namespace = loose.text(held.get("namespace")) or ""
    return _Resource(loose.text(held.get("kind")) or "", namespace, name or labels[0], labels)


def _finding(
    resource: _Resource | None,
    facts: tuple[str | None, ...],
    values: Mapping[str, Value],
    span: SourceSpan,
) -> Finding:
    """One finding of a policy about a resource; the pods of a workload share its id."""
    held = {key: value for key, value in values.items() if value is not None}
    if resource is None:
        return Finding(digest((*facts, values.get("message"))), held, span)
    names = tuple(dict.fromkeys((*resource.labels, resource.name, resource.workload)))
    return Finding(
        digest((*facts, resource.namespace, resource.workload)),
        {**held, "resource": resource.shown},
        span,
        names=tuple(filter(None, names)),
        namespace=resource.name if resource.kind == "Namespace" else resource.namespace,
    )


# ── policy reports ───────────────────────────────────────────────────────────────────────────────


def _results(part: Part | YamlPart, report: Report) -> Iterator[Finding]:
    inside: tuple[str, ...] = () if "results" in part.value else ("spec",)
    body = loose.mapping(loose.at(part.value, *inside))
    scope = _scope(part.value, body)
    source = loose.text(body.get("source"))
    for number, raw in enumerate(loose.items(body.get("results"))):
        result = loose.mapping(raw)
        # drafts of the format called the outcome `status`
        outcome = (loose.first_text(result.get("result"), result.get("status")) or "").lower()
        if outcome in _NO_FINDING:
            report.skip(f"policy result that is no finding: {outcome}")
            continue
        span = part.span(*inside, "results", number)
        if outcome not in BY_RESULT:
            said = f"{outcome!r}" if outcome else "missing"
            message = f"the result of a policy is {said}, expected fail, warn, error, pass or skip; it was left out"
            report.warning("unknown-result", message, span)
            continue
        candidates = [*map(_resource, loose.items(result.get("resources")))]
        candidates.append(
            _resource({"labels": loose.at(result, "resourceSelector", "matchLabels")})
        )
        resources = [one for one in candidates if one is not None]
        for resource in resources or (scope,):
            yield _policy_finding(result, outcome, resource, source, span, report)


def _scope(value: dict[str, Any], body: dict[str, Any]) -> _Resource | None:
    """What a whole report is about: its scope, what owns it, or what Kyverno noted in its metadata."""
    metadata = loose.mapping(value.get("metadata"))
    labels = named_by_labels(metadata.get("labels"))
    candidates = [value.get("scope"), body.get("scope"), body.get("owner")]
    candidates += loose.items(metadata.get("ownerReferences"))
    noted = {**loose.mapping(metadata.get("labels")), **loose.mapping(metadata.get("annotations"))}
    keys = ("kind", "namespace", "name")
    candidates.append({key: noted.get(f"audit.kyverno.io/resource.{key}") for key in keys})
    for candidate in candidates:
        found = _resource(candidate)
        if found is not None:
            namespace = found.namespace or loose.text(metadata.get("namespace")) or ""
            return _Resource(found.kind, namespace, found.name, found.labels or labels)
    return _Resource("", "", labels[0], labels) if labels else None


def _policy_finding(
    result: dict[str, Any],
    outcome: str,
    resource: _Resource | None,
    source: str | None,
    span: SourceSpan,
    report: Report,
) -> Finding:
    properties = loose.mapping(result.get("properties"))
    policy = loose.text(result.get("policy"))
    named = loose.first_text(properties.get("VulnerabilityID"), result.get("rule"), policy)
    rule = _AUTOGEN.sub("", named or "unnamed")
    tool = loose.text(result.get("source")) or source
    severity = (loose.text(result.get("severity")) or "").lower()
    stamp = loose.mapping(result.get("timestamp"))
    at = loose.integer(stamp.get("seconds")) or loose.text(result.get("timestamp"))
    values: dict[str, Value] = {
        "rule": rule,
        "policy": policy,
        "severity": severity if severity in SEVERITIES else BY_RESULT[outcome],
        "suppressed": False,
        "fixed": False,
        "open": True,
        "tool": tool,
        "category": loose.text(result.get("category")),
        "standards": standards_in([*properties, *properties.values()]),
        "message": loose.first_text(result.get("message"), result.get("description")),
        "detected_at": loose.moment(at, f"timestamp of a result of {policy!r}", span, report),
    }
    return _finding(resource, (tool, policy, rule), values, span)


# ── Gatekeeper ───────────────────────────────────────────────────────────────────────────────────


def _violations(part: Part | YamlPart, report: Report) -> Iterator[Finding]:
    metadata = loose.mapping(part.value.get("metadata"))
    kind, name = loose.text(part.value.get("kind")), loose.text(metadata.get("name"))
    status = loose.mapping(part.value.get("status"))
    violations = loose.items(status.get("violations"))
    if name is None:
        report.error(
            "missing-name", "metadata.name of a constraint is missing; it was left out", part.span()
        )
        return
    if not violations:
        report.skip("Gatekeeper constraint without violations")
    total = loose.integer(status.get("totalViolations")) or 0
    if total > len(violations):
        message = f"{total - len(violations)} violations of {name!r} are counted but not listed; raise Gatekeeper's --constraint-violations-limit"
        report.warning("not-listed", message, part.span("status"))
    at = loose.moment(
        status.get("auditTimestamp"), f"auditTimestamp of {name!r}", part.span("status"), report
    )
    notes = {**loose.mapping(metadata.get("labels")), **loose.mapping(metadata.get("annotations"))}
    own = next((str(v).lower() for key, v in notes.items() if key.endswith("severity")), "")
    default = loose.text(loose.at(part.value, "spec", "enforcementAction"))
    for number, raw in enumerate(violations):
        violation = loose.mapping(raw)
        action = (loose.text(violation.get("enforcementAction")) or default or "deny").lower()
        values: dict[str, Value] = {
            "rule": kind,
            "policy": name,
            "severity": own if own in SEVERITIES else BY_ACTION.get(action, "low"),
            "suppressed": False,
            "fixed": False,
            "open": True,
            "tool": "gatekeeper",
            "enforcement": action,
            "message": loose.text(violation.get("message")),
            "detected_at": at,
        }
        resource = _resource(violation)
        facts = ("gatekeeper", kind, name, loose.text(violation.get("message")))
        yield _finding(resource, facts, values, part.span("status", "violations", number))
