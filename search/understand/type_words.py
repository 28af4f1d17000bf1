"""Values of `spec.type` are nouns: "databases", "ml models", "squads"; and what people call families of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from catalog_store.model import kinds as k
from search.plan import Compare, Op, Predicate
from search.understand.semantics import Meaning, SetOf

TYPE_CLASSES: dict[str, tuple[str, ...]] = {
    "database": (
        "postgres",
        "postgresql",
        "mysql",
        "mariadb",
        "mongodb",
        "cassandra",
        "dynamodb",
        "aurora",
        "rds",
        "cockroachdb",
        "database",
        "db",
        "oracle",
        "sqlserver",
        "bigtable",
        "spanner",
        "sqlite",
        "cloudsql",
        "neo4j",
        "sql-database",
    ),
    "cache": ("redis", "memcached", "cache", "elasticache", "valkey"),
    "topic": ("kafka-topic", "topic", "pubsub-topic", "sns-topic", "event-stream", "stream"),
    "queue": ("queue", "sqs", "rabbitmq", "sqs-queue", "message-queue", "nats"),
    "bucket": (
        "s3",
        "s3-bucket",
        "object-store",
        "bucket",
        "gcs-bucket",
        "blob-storage",
        "object-storage",
        "gcs",
    ),
    "cluster": ("kubernetes-cluster", "k8s-cluster", "cluster", "eks", "gke", "aks"),
}
"""What people call a family of resource types; the members are usual values of `spec.type`."""

API_STYLES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("rest api", "restful api", "restful", "http api", "swagger api", "swagger"),
        ("openapi", "rest", "swagger", "openapi-3", "http"),
    ),
    **dict.fromkeys(
        ("async api", "asynchronous api", "event api", "event driven api", "messaging api"),
        ("asyncapi", "events", "kafka", "event", "cloudevents"),
    ),
    **dict.fromkeys(("rpc api", "protobuf api"), ("grpc", "protobuf", "trpc", "thrift")),
}
"""What people call a style of interface → the usual values of `spec.type` of an API in that style."""

_SINGULAR_TYPE_WORDS = {"ml": "machine learning", "db": "database", "k8s": "kubernetes"}


_RUNNING = ("job", "app", "process")
"""Nouns that add nothing to a type of component: "batch job" where the type is "batch"."""


def type_words(types: Mapping[str, AbstractSet[str]]) -> Iterator[tuple[str, Meaning, float]]:
    """(phrase, meaning, how sure the words alone make it) of the types that things of each kind have."""
    heads: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for kind, values in types.items():
        if kind == k.TEMPLATE:
            continue  # a template's type says what it makes
        for value in values:
            spoken = re.sub(r"[-_/.]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", value)).lower()
            meaning = SetOf(kinds=(kind,), where=Compare(field="type", op=Op.EQ, value=value))
            yield (spoken, meaning, 1.0)
            if kind == k.COMPONENT:
                yield from ((f"{spoken} {noun}", meaning, 1.0) for noun in _RUNNING)
            expanded = " ".join(_SINGULAR_TYPE_WORDS.get(w, w) for w in spoken.split())
            if expanded != spoken:
                yield (expanded, meaning, 1.0)
            if " " in spoken:
                heads[spoken.split()[-1]].add((kind, value))
    for head, members in heads.items():
        kinds = {kind for kind, _ in members}
        if len(kinds) == 1:
            kind = kinds.pop()
            members_ = sorted({v for _, v in members} | ({head} & types[kind]))
            yield (head, SetOf(kinds=(kind,), where=one_of("type", members_)), 0.9)
    for style, usual in API_STYLES.items():
        present = sorted(types[k.API] & set(usual)) if k.API in types else []
        if present:
            yield (style, SetOf(kinds=(k.API,), where=one_of("type", present)), 1.0)
    for family, usual in TYPE_CLASSES.items():
        present = sorted(types[k.RESOURCE] & set(usual))
        if present and family not in present:
            yield (family, SetOf(kinds=(k.RESOURCE,), where=one_of("type", present)), 1.0)
        elif len(present) > 1:
            yield (family, SetOf(kinds=(k.RESOURCE,), where=one_of("type", present)), 1.01)


def one_of(field: str, values: Iterable[str]) -> Predicate:
    """The field holds one of some values."""
    values = tuple(values)
    if len(values) == 1:
        return Compare(field=field, op=Op.EQ, value=values[0])
    return Compare(field=field, op=Op.IN, value=values)
