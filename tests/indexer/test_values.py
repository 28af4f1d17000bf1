from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_store.model.fields import Field, FieldType
from indexer.artifacts import version_of
from indexer.collectors.deployments import unknown_component
from indexer.processors.discover_fields import field_name, is_tooling
from indexer.processors.values import (
    WrongType,
    read_day,
    read_moment,
    read_tier,
    typed_value,
)

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.mark.parametrize(
    "text", [1, "1", "tier1", "T1", "p1", "Tier 1", "tier-1", "one", " 1 ", 1.0]
)
def test_tiers_people_write(text: object) -> None:
    assert read_tier(text) == 1


@pytest.mark.parametrize("text", ["gold", "", "12", "1.5", True, "tier"])
def test_what_is_no_tier(text: object) -> None:
    with pytest.raises(WrongType, match="a tier such as 1"):
        read_tier(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026-03-01T23:30:00-05:00", "2026-03-02"),
        ("1 March 2026", "2026-03-01"),
        ("Mar 1, 2026", "2026-03-01"),
    ],
)
def test_days_people_write(text: str, day: str) -> None:
    assert read_day(text).isoformat() == day


@pytest.mark.parametrize(
    "text", ["March 2026", "2026", "soon", "", "99999-01-01", "2026-13-45", "12:30"]
)
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(WrongType):
        read_day(text)


@given(st.text(max_size=70))
def test_moments_are_read_or_refused(text: str) -> None:
    with contextlib.suppress(WrongType):
        assert read_moment(text).tzinfo is not None


@given(
    st.sampled_from(FieldType),
    st.sampled_from(["x", "tier", "tags", "aliases"]),
    _JSON,
    st.booleans(),
)
def test_values_are_typed_or_refused(
    kind: FieldType, name: str, value: object, from_map: bool
) -> None:
    try:
        typed = typed_value(Field(name, kind, ""), value, from_map=from_map)
    except WrongType:
        return
    assert not isinstance(typed, list | dict)
    assert not isinstance(typed, int) or isinstance(typed, bool) or abs(typed) < 2**63


@pytest.mark.parametrize(
    ("artifact", "version"),
    [
        ("pkg:oci/a@sha256%3Aab?tag=1.2", "1.2"),
        ("pkg:npm/a@1.2", "1.2"),
        ("a:1.2", "1.2"),
        ("host:443/a", None),
        ("", None),
        ("pkg:oci/a", None),
    ],
)
def test_versions(artifact: str, version: str | None) -> None:
    assert version_of(artifact) == version


@given(st.text(max_size=30))
def test_unknown_components_have_a_reference(text: str) -> None:
    assert unknown_component(text).count(":") == 1


@given(st.text(max_size=30))
def test_field_names_are_columns(key: str) -> None:
    name = field_name(key)
    assert name == name.lower()
    assert name
    assert not name[0].isdigit()


def test_tooling_prefixes() -> None:
    assert is_tooling("backstage.io/techdocs-ref")
    assert is_tooling("grafana/dashboard-selector")
    assert not is_tooling("mybackstage.io/x")
    assert not is_tooling("plain")
