"""Kubernetes manifests and `kubectl get -o yaml|json`, with Crossplane and the operators of clouds and databases.

Read: workloads: namespace, image, replicas, who manages them; hostnames of ingresses and routes; claims, composite
and managed resources of Crossplane, AWS ACK, Config Connector, Azure Service Operator, well-known database and queue
operators, and volume claims: type, provider, region, owner and other labels. The last apply is what field managers
say, for Crossplane also when a resource became synced.

Joined: a workload belongs to the component its `backstage.io/kubernetes-id` names, else to the one called like the
workload, its `app.kubernetes.io` name, instance or part-of, or `app`; one that no component claims is kept as a
Resource of type workload, and reported. Resources join as for Terraform, also by `crossplane.io/external-name`.

Ignored: everything else a cluster holds (counted by kind), objects that others made, what the cluster runs for itself
(namespaces `kube-…`), templates of charts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from indexer import loose
from indexer.files import InputFile
from indexer.foreign import known_text
from indexer.platform.labels import latest, read_labels, tags_of
from indexer.platform.manifests import (
    KUBERNETES_ID,
    WORKLOADS,
    backends_of,
    changed_at,
    cloud_sort,
    hostnames_of,
    is_way_in,
    is_workload,
    labels_of,
    manager_of,
)
from indexer.platform.places import environment_among, region_of
from indexer.platform.statements import Labelled, PlatformResource, Workload
from indexer.platform.types import engine_of
from indexer.reporting import Report
from indexer.sources.base import FeedReader, GeneralSource, Harvest
from indexer.yaml_files import YamlPart, read_mappings

_VERSION = re.compile(r"^[\s{\"'-]*apiVersion[\"']?\s*:", re.MULTILINE)
_KIND = re.compile(
    r"(?:^|[\s{,])[\"']?kind[\"']?\s*:\s*[\"']?(?:Deployment|StatefulSet|DaemonSet|CronJob|Rollout|DeploymentConfig|Ingress|HTTPRoute"
    r"|VirtualService|PersistentVolumeClaim)\b",
    re.MULTILINE,
)
_CLOUD = re.compile(
    r"apiVersion[\"']?\s*:\s*[\"']?(?:[\w.-]+\.)?(?:upbound\.io|crossplane\.io|services\.k8s\.aws|cnrm\.cloud\.google\.com|azure\.com"
    r"|cnpg\.io|acid\.zalan\.do|crunchydata\.com|strimzi\.io|rabbitmq\.com|opstreelabs\.in|spotahome\.com|elastic\.co|percona\.com"
    r"|mariadb\.com|mmontes\.io|mongodb\.com|mysql\.oracle\.com|datastax\.com|scylladb\.com|altinity\.com|opster\.io|min\.io"
    r"|objectbucket\.io|temporal\.io)/"
)
_COMPOSITE = re.compile(
    r"^\s+[\"']?(?:compositionRef|compositionSelector|compositeDeletePolicy|crossplane)[\"']?\s*:",
    re.MULTILINE,
)
_TEMPLATE = re.compile(r"\{\{")
_SOFT = ("app.kubernetes.io/name", "app.kubernetes.io/instance", "app", "app.kubernetes.io/part-of")
"""Labels that happen to name a component, most telling first; after the workload's own name."""


class KubernetesManifests(FeedReader, GeneralSource):
    """Reads one object a document, or the items of a list: of every kind that no other format reads."""

    name: ClassVar[str] = "kubernetes-manifests"
    suffixes: ClassVar[frozenset[str]] = frozenset({".yaml", ".yml", ".json"})

    def claims(self, file: InputFile) -> bool:
        """An apiVersion beside a workload, an ingress, a volume claim, or a resource of a known operator."""
        head = file.head
        return bool(
            _VERSION.search(head)
            and (_KIND.search(head) or _CLOUD.search(head) or _COMPOSITE.search(head))
        )

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over workloads and resources; everything else is counted by its kind."""
        report = harvest.report
        if _TEMPLATE.search(file.head):
            report.skip("template of a Kubernetes manifest, not the manifest made from it")
            return
        for part in _objects(file, report):
            statement = _statement(part, report)
            if statement is not None:
                harvest.platform.append((file, statement))


SOURCE = KubernetesManifests


def _objects(file: InputFile, report: Report) -> Iterator[YamlPart]:
    for part in read_mappings(file, report):
        many = part.value.get("items")
        if isinstance(many, list) and str(part.value.get("kind", "List")).endswith("List"):
            for number, item in enumerate(many):
                base = (*part.base, "items", number)
                yield YamlPart(loose.mapping(item), file, part.document, base)
        else:
            yield part


def _statement(part: YamlPart, report: Report) -> PlatformResource | Workload | None:
    manifest = part.value
    name = known_text(loose.at(manifest, "metadata", "name"))
    kind = known_text(manifest.get("kind"))
    if kind is None or known_text(manifest.get("apiVersion")) is None:
        report.skip("YAML document that is no Kubernetes object")
        return None
    runs = is_workload(manifest) or is_way_in(manifest)
    if runs and loose.items(loose.at(manifest, "metadata", "ownerReferences")):
        report.skip("Kubernetes object that another one made")
        return None
    if runs and name is not None:
        return _workload(part, name, kind, report)
    if loose.at(manifest, "spec", "claimRef"):
        report.skip("Crossplane composite behind a claim")
        return None
    sort = cloud_sort(manifest)
    if sort is None:
        report.skip(f"Kubernetes {kind}, which runs nothing a catalog holds")
        return None
    if name is None:
        report.error("missing-name", f"a {kind} without metadata.name; left out", part.span())
        return None
    return _resource(part, name, kind, sort, report)


def _workload(part: YamlPart, name: str, kind: str, report: Report) -> Workload:
    manifest = part.value
    labels = labels_of(manifest)
    sure = tuple(filter(None, (known_text(labels.get(KUBERNETES_ID)),)))
    soft = [name, *(known_text(labels.get(key)) for key in _SOFT), *backends_of(manifest)]
    namespace = known_text(loose.at(manifest, "metadata", "namespace"))
    labelled = _labelled(manifest, {}, namespace)
    spec = loose.mapping(manifest.get("spec"))
    pod = loose.at(spec, "jobTemplate", "spec", "template", "spec") or loose.at(
        spec, "template", "spec"
    )
    containers = loose.mappings(loose.at(pod, "containers"))
    return Workload(
        sort=WORKLOADS.get(kind, "ingress"),
        name=name,
        namespace=namespace,
        claims=(*sure, *dict.fromkeys(text for text in soft if text)),
        sure=len(sure),
        image=known_text(containers[0].get("image")) if containers else None,
        replicas=loose.integer(spec.get("replicas")),
        cluster=next((text for key in _CLUSTER if (text := known_text(labels.get(key)))), None),
        hostnames=hostnames_of(manifest) if is_way_in(manifest) else (),
        labelled=labelled,
        applied_at=latest(labelled.applied_at, changed_at(manifest, part.span(), report)),
        managed_by=manager_of(labels),
        span=part.span(),
    )


_CLUSTER = ("cluster", "cluster-name", "backstage.io/kubernetes-cluster")


def _labelled(manifest: dict[str, Any], tags: dict[str, Any], namespace: str | None) -> Labelled:
    """What labels, annotations and cloud tags say; annotations hold whole documents, so none becomes a tag."""
    said = read_labels({**labels_of(manifest), **tags})
    own = loose.mapping(loose.at(manifest, "metadata", "labels"))
    return replace(
        said,
        environment=said.environment or environment_among(namespace),
        tags=read_labels({**own, **tags}).tags,
    )


def _resource(
    part: YamlPart, name: str, kind: str, sort: tuple[str, str, str, str | None], report: Report
) -> PlatformResource:
    manifest = part.value
    provider, type_, tool, engine = sort
    labels = labels_of(manifest)
    namespace = known_text(loose.at(manifest, "metadata", "namespace"))
    spec = loose.mapping(manifest.get("spec"))
    said = loose.mapping(spec.get("forProvider")) or loose.mapping(spec.get("parameters")) or spec
    pairs = {**tags_of(said.get("labels")), **tags_of(said.get("tags"))}
    labelled = _labelled(manifest, pairs, namespace)
    external = known_text(labels.get("crossplane.io/external-name"))
    places = (said.get(key) for key in ("region", "location", "zone"))
    composite = known_text(labels.get("crossplane.io/claim-name"))
    return PlatformResource(
        stack=f"kubernetes/{namespace or ''}",
        stack_names=(),
        address=f"{namespace or ''}/{kind}/{name}" if composite else f"{namespace or ''}/{name}",
        type=type_,
        name=external or name,
        ids=(name,) if external and external != name else (),
        provider=provider,
        managed_by=(manager_of(labels) or tool) if tool == "kubernetes" else tool,
        engine=engine or engine_of(known_text(said.get("engine") or said.get("databaseVersion"))),
        region=region_of(*(known_text(one) for one in places)),
        environment=labelled.environment,
        labelled=labelled,
        applied_at=latest(labelled.applied_at, changed_at(manifest, part.span(), report)),
        depends_on=(),
        behind=f"{known_text(labels.get('crossplane.io/claim-namespace')) or ''}/{composite}"
        if composite
        else None,
        span=part.span(),
    )
