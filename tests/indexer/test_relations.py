from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, Entity, EntityRef
from indexer.processors.derived_edges import derive_edges, with_blast_radius
from tests.indexer.support import build, edges, problems


def descriptor(kind: str, name: str, spec: str, namespace: str = "default") -> str:
    return f"apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{{spec}}}\n"


@dataclass(frozen=True)
class Case:
    id: str
    kind: str
    spec: str
    expect: str | None
    namespace: str = "default"


CASES = [
    Case(
        "an owner is a group by default",
        "Component",
        "owner: A",
        "component:default/x ownedBy group:default/a",
    ),
    Case(
        "an owner may be a user",
        "Component",
        "owner: user:a",
        "component:default/x ownedBy user:default/a",
    ),
    Case("a namespace may be given", "API", "owner: n/a", "api:default/x ownedBy group:n/a"),
    Case(
        "all may be given, in any case", "API", "owner: USER:N/A", "api:default/x ownedBy user:n/a"
    ),
    Case(
        "the default namespace is the entity's own",
        "System",
        "owner: a",
        "system:eu/x ownedBy group:eu/a",
        "eu",
    ),
    Case(
        "spaces around are no part of it",
        "System",
        "owner: ' a '",
        "system:default/x ownedBy group:default/a",
    ),
    Case(
        "an e-mail address is a group's name to Backstage",
        "Resource",
        "owner: a@example.com",
        "resource:default/x ownedBy group:default/a@example.com",
    ),
    Case("three colons are none", "Component", "owner: a:b:c", None),
    Case("two slashes are none", "Component", "owner: a/b/c", None),
    Case("a placeholder is none", "Component", "dependsOn: ['<component>']", None),
    Case("a list is no owner", "Component", "owner: [a]", None),
    Case("dependsOn has no default kind", "Component", "dependsOn: [a]", None),
    Case(
        "dependsOn may name any kind",
        "Resource",
        "dependsOn: [system:a]",
        "resource:default/x dependsOn system:default/a",
    ),
    Case(
        "dependencyOf is turned round",
        "Resource",
        "dependencyOf: [component:a]",
        "component:default/a dependsOn resource:default/x",
    ),
    Case("a system", "API", "system: a", "api:default/x partOf system:default/a"),
    Case(
        "a system that is named with its kind",
        "Component",
        "system: system:a",
        "component:default/x partOf system:default/a",
    ),
    Case("a domain", "System", "domain: a", "system:default/x partOf domain:default/a"),
    Case("a parent domain", "Domain", "subdomainOf: a", "domain:default/x partOf domain:default/a"),
    Case(
        "a parent component",
        "Component",
        "subcomponentOf: a",
        "component:default/x partOf component:default/a",
    ),
    Case(
        "an API that is provided",
        "Component",
        "providesApis: [a]",
        "component:default/x providesApi api:default/a",
    ),
    Case(
        "an API that is consumed",
        "Component",
        "consumesApis: [a]",
        "component:default/x consumesApi api:default/a",
    ),
    Case(
        "text where a list belongs is read as one",
        "Component",
        "consumesApis: a",
        "component:default/x consumesApi api:default/a",
    ),
    Case("a member", "User", "memberOf: [a]", "user:default/x memberOf group:default/a"),
    Case(
        "members are turned round",
        "Group",
        "members: [a]",
        "user:default/a memberOf group:default/x",
    ),
    Case("a parent group", "Group", "parent: a", "group:default/x childOf group:default/a"),
    Case(
        "children are turned round",
        "Group",
        "children: [a]",
        "group:default/a childOf group:default/x",
    ),
    Case("places of other kinds mean nothing", "User", "system: a", None),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_reference(case: Case, tmp_path: Path) -> None:
    content = build(tmp_path, {"a.yaml": descriptor(case.kind, "x", case.spec, case.namespace)})
    declared = {
        line for line in edges(content) if line.split()[1] not in {"uses", "within", "ownedWithin"}
    }
    assert declared == ({case.expect} if case.expect else set())
    if case.expect:
        assert "warning dangling-reference a.yaml:4" in problems(content)
        assert next(e.span for e in content.edges if e.span).first == 4


def test_both_ends_may_declare_one_relation(tmp_path: Path) -> None:
    files = {
        "g.yaml": descriptor("Group", "g", "members: [u], children: [h]"),
        "h.yaml": descriptor("Group", "h", "parent: g"),
        "u.yaml": descriptor("User", "u", "memberOf: [g]"),
        "c.yaml": descriptor("Component", "c", "dependsOn: [resource:r]"),
        "r.yaml": descriptor("Resource", "r", "dependencyOf: [component:c]"),
    }
    content = build(tmp_path, files)
    spans = {f"{e.source} {e.relation} {e.target}": e.span.path for e in content.edges if e.span}
    assert spans == {
        "user:default/u memberOf group:default/g": "u.yaml",
        "group:default/h childOf group:default/g": "h.yaml",
        "component:default/c dependsOn resource:default/r": "c.yaml",
    }
    assert content.problems == []


def edge(text: str) -> Edge:
    source, relation, target = text.split()
    return Edge(source, relation, target)


DERIVED = [
    ("a dependency is used", ["a dependsOn b"], {"a uses b"}),
    (
        "an API is used with its provider",
        ["a consumesApi i", "p providesApi i"],
        {"a uses i", "a uses p"},
    ),
    ("nothing uses itself", ["p consumesApi i", "p providesApi i"], {"p uses i"}),
    (
        "an API one depends on has providers too",
        ["a dependsOn i", "p providesApi i"],
        {"a uses i", "a uses p"},
    ),
    (
        "wholes of wholes contain",
        ["a partOf b", "b partOf c"],
        {"a within b", "a within c", "b within c"},
    ),
    ("a circle ends", ["a partOf b", "b partOf a"], {"a within b", "b within a"}),
    (
        "groups above the owner own",
        ["a ownedBy g", "g childOf h", "h childOf g"],
        {"a ownedWithin g", "a ownedWithin h"},
    ),
    ("a user's groups do not", ["a ownedBy u", "u memberOf g"], {"a ownedWithin u"}),
]


@pytest.mark.parametrize(("name", "declared", "expect"), DERIVED, ids=[row[0] for row in DERIVED])
def test_derived(name: str, declared: list[str], expect: set[str]) -> None:
    found = derive_edges([edge(text) for text in declared])
    assert {f"{e.source} {e.relation} {e.target}" for e in found} == expect
    assert all(e.span is None for e in found)


def test_blast_radius_counts_everything_upstream_once_and_ends_in_circles() -> None:
    names = {name: EntityRef("component", "default", name) for name in "abcd"}
    users = ["b uses a", "c uses b", "c uses a", "a uses c"]
    edges = [
        Edge(str(names[source]), "uses", str(names[target]))
        for source, _, target in (text.split() for text in users)
    ]
    entities = [
        Entity(ref=ref, kind="Component", values={}, spans={}, span=SourceSpan("x.yaml", 1, 1))
        for ref in names.values()
    ]
    found = {e.ref.name: e.values["blast_radius"] for e in with_blast_radius(entities, edges)}
    assert found == {"a": 2, "b": 2, "c": 2, "d": 0}


_NODES = st.sampled_from("abcdef")
_EDGES = st.lists(
    st.builds(
        Edge,
        _NODES,
        st.sampled_from(
            ["partOf", "childOf", "ownedBy", "dependsOn", "providesApi", "consumesApi"]
        ),
        _NODES,
    ),
    max_size=25,
)


@given(_EDGES)
def test_derived_edges_are_closed_and_unique(declared: list[Edge]) -> None:
    found = derive_edges(declared)
    assert len(set(found)) == len(found)
    within = {(e.source, e.target) for e in found if e.relation == "within"}
    for edge in declared:
        if edge.relation == "partOf" and edge.source != edge.target:
            assert (edge.source, edge.target) in within
    for one, two in within:
        assert one != two
        assert all(
            (one, three) in within for start, three in within if start == two and three != one
        )
