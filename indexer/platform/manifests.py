"""Kubernetes objects: which are workloads, which stand for cloud resources, and what their metadata says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.foreign import known_text
from indexer.platform.types import joined, own_type, snake, sort_of
from indexer.reporting import Report

KUBERNETES_ID = "backstage.io/kubernetes-id"

WORKLOADS = {
    "Deployment": "deployment",
    "StatefulSet": "stateful set",
    "DaemonSet": "daemon set",
    "CronJob": "cron job",
    "Rollout": "rollout",
    "DeploymentConfig": "deployment",
}
"""Kinds that run software → what people call them; pods and jobs come and go, and are left alone."""
_WORKLOAD_GROUPS = re.compile(r"^(?:apps|batch|extensions|argoproj\.io|apps\.openshift\.io)/|^v1$")

WAYS_IN = frozenset({"Ingress", "HTTPRoute", "VirtualService", "Route", "GRPCRoute"})
_WAY_GROUPS = re.compile(
    r"^(?:networking\.k8s\.io|extensions|gateway\.networking\.k8s\.io|networking\.istio\.io|route\.openshift\.io)/"
)

_CROSSPLANE = re.compile(
    r"^(?:(?P<service>[\w-]+)\.)?(?P<provider>aws|gcp|azure|azuread|alibaba|oci|digitalocean|confluent|mongodbatlas)"
    r"(?:\.m)?\.(?:upbound|crossplane|jet\.crossplane)\.io$"
)
"""`rds.aws.upbound.io`, in a namespace `rds.aws.m.upbound.io`, of the community's providers `rds.aws.crossplane.io`."""
_ACK = re.compile(r"^(?P<service>[\w-]+)\.services\.k8s\.aws$")
_CONFIG_CONNECTOR = re.compile(r"^(?P<service>[\w-]+)\.cnrm\.cloud\.google\.com$")
_ASO = re.compile(r"^(?P<service>[\w-]+)\.azure\.com$")

OPERATORS = {
    ("postgresql.cnpg.io", "Cluster"): ("database", "postgres"),
    ("acid.zalan.do", "postgresql"): ("database", "postgres"),
    ("postgres-operator.crunchydata.com", "PostgresCluster"): ("database", "postgres"),
    ("mysql.oracle.com", "InnoDBCluster"): ("database", "mysql"),
    ("mariadb.mmontes.io", "MariaDB"): ("database", "mariadb"),
    ("k8s.mariadb.com", "MariaDB"): ("database", "mariadb"),
    ("mongodbcommunity.mongodb.com", "MongoDBCommunity"): ("database", "mongodb"),
    ("psmdb.percona.com", "PerconaServerMongoDB"): ("database", "mongodb"),
    ("pxc.percona.com", "PerconaXtraDBCluster"): ("database", "mysql"),
    ("cassandra.datastax.com", "CassandraDatacenter"): ("database", "cassandra"),
    ("scylla.scylladb.com", "ScyllaCluster"): ("database", "scylladb"),
    ("clickhouse.altinity.com", "ClickHouseInstallation"): ("database", "clickhouse"),
    ("kafka.strimzi.io", "Kafka"): ("kafka-cluster", "kafka"),
    ("kafka.strimzi.io", "KafkaTopic"): ("topic", "kafka"),
    ("rabbitmq.com", "RabbitmqCluster"): ("queue", "rabbitmq"),
    ("rabbitmq.com", "Queue"): ("queue", "rabbitmq"),
    ("redis.redis.opstreelabs.in", "Redis"): ("cache", "redis"),
    ("redis.redis.opstreelabs.in", "RedisCluster"): ("cache", "redis"),
    ("databases.spotahome.com", "RedisFailover"): ("cache", "redis"),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): ("search-cluster", "elasticsearch"),
    ("opensearch.opster.io", "OpenSearchCluster"): ("search-cluster", "opensearch"),
    ("minio.min.io", "Tenant"): ("bucket", "minio"),
    ("objectbucket.io", "ObjectBucketClaim"): ("bucket", None),
    ("temporal.io", "TemporalCluster"): ("workflow", "temporal"),
}
"""(group, kind) of well-known operators → what people call it, and its engine."""

_COMPOSITE = frozenset(
    {"compositionRef", "compositionSelector", "compositeDeletePolicy", "crossplane"}
)
"""Keys of `spec` that only claims and composite resources have; `crossplane` since version 2."""

_CONTROLLERS = re.compile(r"controller|scheduler|kubelet|autoscaler|operator|provider|crossplane")


def group_of(manifest: Mapping[str, Any]) -> str:
    """The API group; empty for the core one."""
    version = loose.text(manifest.get("apiVersion")) or ""
    return version.rpartition("/")[0]


def is_workload(manifest: Mapping[str, Any]) -> bool:
    """Whether it runs software, and nobody else made it."""
    return _is(manifest, WORKLOADS, _WORKLOAD_GROUPS)


def is_way_in(manifest: Mapping[str, Any]) -> bool:
    """Whether it says under which hostnames something is reached."""
    return _is(manifest, WAYS_IN, _WAY_GROUPS)


def _is(manifest: Mapping[str, Any], kinds: Any, groups: re.Pattern[str]) -> bool:
    version = loose.text(manifest.get("apiVersion")) or ""
    return loose.text(manifest.get("kind")) in kinds and bool(groups.search(version))


def cloud_sort(manifest: Mapping[str, Any]) -> tuple[str, str, str, str | None] | None:
    """Provider, type, who manages it and engine of an object that stands for a resource elsewhere; else None."""
    group, kind = group_of(manifest), loose.text(manifest.get("kind")) or ""
    operator = OPERATORS.get((group, kind))
    if operator is not None:
        return "kubernetes", operator[0], "kubernetes", operator[1]
    if (group, kind) == ("", "PersistentVolumeClaim"):
        return "kubernetes", "volume", "kubernetes", None
    for pattern, provider, tool in (
        (_CROSSPLANE, "", "crossplane"),
        (_ACK, "aws", "ack"),
        (_CONFIG_CONNECTOR, "gcp", "config connector"),
        (_ASO, "azure", "azure service operator"),
    ):
        match = pattern.match(group)
        if match is None:
            continue
        name = provider or match["provider"]
        service = snake(match["service"] or "")
        sort = sort_of(name, joined(service, kind.removeprefix(service.upper())))
        return (sort.provider, sort.type, tool, None) if sort.type is not None else None
    if not _COMPOSITE.isdisjoint(loose.mapping(manifest.get("spec"))):
        return "", own_type(kind), "crossplane", None
    return None


def labels_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Annotations, labels and those of the pods it makes; what stands on the object itself counts first."""
    metadata = loose.mapping(manifest.get("metadata"))
    spec = loose.mapping(manifest.get("spec"))
    pods = loose.mapping(
        loose.at(spec, "jobTemplate", "spec", "template", "metadata")
        or loose.at(spec, "template", "metadata")
    )
    found: dict[str, Any] = {}
    for holder in (metadata, pods):
        for section in ("labels", "annotations"):
            for key, value in loose.mapping(holder.get(section)).items():
                found.setdefault(str(key), value)
    return found


def manager_of(labels: Mapping[str, Any]) -> str | None:
    """The tool that put an object where it is; None when it does not say.

    >>> manager_of({"app.kubernetes.io/managed-by": "Helm"}), manager_of({})
    ('helm', None)
    """
    if any(str(key).startswith("argocd.argoproj.io/") for key in labels):
        return "argocd"
    if any(".toolkit.fluxcd.io/" in str(key) for key in labels):
        return "flux"
    said = known_text(labels.get("app.kubernetes.io/managed-by"))
    return said.lower() if said else None


def changed_at(manifest: Mapping[str, Any], span: SourceSpan, report: Report) -> datetime | None:
    """When a person or tool last changed an object: what its field managers say, else when it became synced."""
    times = [
        loose.moment(row.get("time"), "managedFields.time", span, report)
        for row in loose.mappings(loose.at(manifest, "metadata", "managedFields"))
        if not row.get("subresource")
        and not _CONTROLLERS.search((loose.text(row.get("manager")) or "").lower())
    ]
    if not any(times):
        times = [
            loose.moment(row.get("lastTransitionTime"), "lastTransitionTime", span, report)
            for row in loose.mappings(loose.at(manifest, "status", "conditions"))
            if row.get("type") == "Synced" and row.get("status") == "True"
        ]
    return max((at for at in times if at is not None), default=None)


def hostnames_of(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Under which names an ingress or route is reached."""
    spec = loose.mapping(manifest.get("spec"))
    found = [rule.get("host") for rule in loose.mappings(spec.get("rules"))]
    found += loose.items(spec.get("hostnames")) + loose.items(spec.get("hosts"))
    found.append(spec.get("host"))
    texts = (known_text(one) for one in found)
    return tuple(dict.fromkeys(text for text in texts if text and text != "*"))


def backends_of(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The services an ingress or route leads to."""
    spec = loose.mapping(manifest.get("spec"))
    found: list[Any] = [loose.at(spec, "to", "name")]
    for rule in loose.mappings(spec.get("rules")):
        for path in loose.mappings(loose.at(rule, "http", "paths")):
            found.append(loose.at(path, "backend", "service", "name"))
            found.append(loose.at(path, "backend", "serviceName"))
        found += [ref.get("name") for ref in loose.mappings(rule.get("backendRefs"))]
    return tuple(dict.fromkeys(text for text in map(known_text, found) if text))
