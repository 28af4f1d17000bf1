"""What a state, stack or manifest says about one thing that runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog_store.model.document import SourceSpan


@dataclass(frozen=True, slots=True)
class Labelled:
    """What tags and labels say, whatever they are called; None where they do not.

    Attributes:
        owner: as written.
        service: the software it belongs to, as written.
        environment: one of the common names, else as written.
        name: the tag `Name`.
        applied_at: a tag that says when it was last applied.
        tags: all other tags, as "key:value".
    """

    owner: str | None = None
    service: str | None = None
    environment: str | None = None
    name: str | None = None
    applied_at: datetime | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlatformResource:
    """One managed resource: a database, a bucket, a queue.

    Attributes:
        stack: the state or stack that holds it, as people find it; addresses are unique within.
        stack_names: what an apply may call the stack, surest first: its project, folder, workspace.
        address: what the tool calls it.
        type: what people call such a thing ("database").
        name: its own name.
        ids: what else identifies it for certain: ARN, address, external name.
        provider: "aws", "gcp", "azure", "kubernetes", …; empty for a claim, whose parts say it.
        managed_by: "terraform", "pulumi", "crossplane", …
        engine: of a database or cache: "postgres".
        region, environment: where it lives.
        labelled: what its tags say.
        applied_at: when it was last applied, UTC; None when nobody says.
        depends_on: addresses within the stack.
        behind: the address of what it is only a part of; it is left alone when that one is known.
        span: where.
    """

    stack: str
    stack_names: tuple[str, ...]
    address: str
    type: str
    name: str
    ids: tuple[str, ...]
    provider: str
    managed_by: str
    engine: str | None
    region: str | None
    environment: str | None
    labelled: Labelled
    applied_at: datetime | None
    depends_on: tuple[str, ...]
    behind: str | None
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Workload:
    """One workload of a cluster, or a way into it.

    Attributes:
        sort: "deployment", "cron job", …; "ingress" only adds its hostnames.
        name, namespace: as in the cluster.
        claims: names of the component it may belong to, surest first; the first `sure` of them were written for
            that very purpose, the rest are names that happen to fit.
        sure: how many of `claims` are.
        image: of its first container.
        replicas: as declared.
        cluster: where it runs, when it says so.
        hostnames: under which an ingress is reached.
        labelled: what its labels say.
        applied_at: when it was last changed by a person or a tool, UTC.
        managed_by: "helm", "argocd", …; None when it does not say.
        span: where.
    """

    sort: str
    name: str
    namespace: str | None
    claims: tuple[str, ...]
    sure: int
    image: str | None
    replicas: int | None
    cluster: str | None
    hostnames: tuple[str, ...]
    labelled: Labelled
    applied_at: datetime | None
    managed_by: str | None
    span: SourceSpan
