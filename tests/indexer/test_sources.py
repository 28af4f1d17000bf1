from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_store.model.kinds import KIND_BY_NAME
from catalog_store.model.relations import RELATION_BY_SIDE
from indexer.build import read_catalog
from indexer.processors.relations import REFERENCES
from indexer.sources import base
from indexer.sources.base import Source, distinct, load_sources
from tests.indexer.support import NOW, build

NAMES = ["backstage-yaml", "cdevents", "markdown-docs", "fact-tables"]


def test_every_module_of_the_folder_is_a_source() -> None:
    found = [source.name for source in load_sources()]
    assert [name for name in found if name in NAMES] == NAMES
    general = [
        "kubernetes-manifests",
        "fact-tables",
    ]  # asked after the others, the more general one last
    assert found == [*sorted(set(found) - set(general)), *general]


def test_two_sources_may_not_share_a_name() -> None:
    with pytest.raises(ValueError, match="two sources are named 'cdevents'"):
        distinct([*load_sources(), next(s for s in load_sources() if s.name == "cdevents")])


def test_a_build_starts_with_fresh_sources() -> None:
    first, second = load_sources(), load_sources()
    assert not any(one is two for one, two in zip(first, second, strict=True))


def test_references_are_canonical() -> None:
    for row in REFERENCES:
        relation, inverse = RELATION_BY_SIDE[row.relation]
        assert not inverse
        assert not relation.derived
        assert row.default_kind is None or row.default_kind in KIND_BY_NAME


@pytest.mark.parametrize("source", load_sources(), ids=lambda source: source.name)
def test_sources_say_what_they_are(source: Source) -> None:
    assert source.name == source.name.lower().replace("_", "-")
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in source.suffixes)
    assert type(source).__doc__
    assert base.Source.claims.__doc__


_LINES = st.lists(
    st.sampled_from(
        [
            "apiVersion: backstage.io/v1alpha1",
            "kind: Component",
            "kind: Group",
            "kind: Location",
            "metadata:",
            "  name: a",
            "  name: [",
            "  namespace: {}",
            "  annotations:",
            "    a.io/tier: x",
            "    backstage.io/techdocs-ref: 'dir:\\0'",
            "  links:",
            "  - url: 'http://['",
            "    title: runbook",
            "spec:",
            "  owner: a:b:c",
            "  owner:",
            "  targets: [a, '*', '**', '../x', '', 1]",
            "  target: '['",
            "  parameters: [1, {properties: {a: 1}}]",
            "  dependsOn: [[], {}, 1, '', component:a]",
            "  profile: 1",
            "  members: x",
            "---",
            "x: *y",
            "&a b: *a",
            "\t",
            "'",
            '"',
            "# c",
            "---\n",
        ]
    ),
    max_size=25,
).map("\n".join)
_ANY_TEXT = st.one_of(_LINES, st.text(max_size=200))
_ANY = st.one_of(
    st.binary(max_size=300),
    _ANY_TEXT.map(lambda text: text.encode()),
    _LINES.map(lambda text: text.encode("utf-16")),
)
_EVENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        [
            "dev.cdevents.service.deployed.1",
            "dev.cdevents.service.rolledback.1",
            "2026-01-01",
            "x",
            "",
            "a:b:c",
            "pkg:a@%00?tag=",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "context",
                    "subject",
                    "id",
                    "type",
                    "timestamp",
                    "content",
                    "environment",
                    "artifactId",
                    "customData",
                    "actor",
                    "outcome",
                    "source",
                    "data",
                    "durationSeconds",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=_ANY)
def test_no_bytes_stop_a_build(data: bytes, tmp_path: Path) -> None:
    names = [
        "catalog-info.yaml",
        "a.yaml",
        "a.json",
        "a.ndjson",
        "facts.csv",
        "a.md",
        "runbooks/a.mdx",
        "a.html.md.erb",
        "mkdocs.yml",
        "none",
    ]
    content = build(
        tmp_path,
        dict.fromkeys(names, data)
        | {
            "facts.csv": b"entity_ref,a\n" + data,
            "facts.parquet": b"PAR1" + data,
            "facts.json": b'[{"service": "x", "a": 1}, ' + data,
            "a.ndjson": b'{"type":"dev.cdevents.x"}\n' + data,
        },
    )
    for problem in content.problems:
        assert 1 <= problem.span.first <= problem.span.last


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=_LINES)
def test_no_front_matter_stops_a_build(text: str, tmp_path: Path) -> None:
    keys = "title: [a]\nowner: {}\nalerts: 1\nservice: [1, {}]\ndate: 99999-01-01\nlast_reviewed: 2026-13-45\nstatus: 1\n"
    build(
        tmp_path,
        {"runbooks/a.md": f"---\n{keys}{text}\n---\n# A\n", "b.md": f"---\n{text}\n---\n{text}"},
    )


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(event=_EVENTS)
def test_no_event_stops_a_build(event: object, tmp_path: Path) -> None:
    import json

    whole = {
        "context": {
            "id": "1",
            "type": "dev.cdevents.service.deployed.1",
            "timestamp": "2026-01-01",
        },
        "subject": event,
        "customData": event,
    }
    rows = [json.dumps(row) for row in ({"type": "dev.cdevents.x"}, event, whole, {"data": event})]
    write = {
        "a.ndjson": "\n".join(rows),
        "b.json": json.dumps([{"type": "dev.cdevents.x"}, event, whole], indent=1),
    }
    content = build(tmp_path, write)
    assert len({record.ref for record in content.records}) == len(content.records)
    read_catalog([tmp_path], now=NOW)
