"""The section `visibility`: what it says, and what is said about a bad one."""

from __future__ import annotations

import pytest

from app.visibility_section import read_visibility
from catalog_store.errors import UserError
from catalog_store.model.visibility import OWNERS, Described, VisibilityRule


def test_a_rule_names_things_and_people() -> None:
    written = [
        {
            "kind": "component",
            "annotation": {"acme.io/class": ["secret", 1]},
            "label": "internal",
            "tag": ["private"],
            "path": "a/**",
            "groups": ["security", "group:eu/board"],
            "users": "jane",
            "roles": "admin",
            "owners": True,
        }
    ]
    assert read_visibility(written, "callboard.yaml") == (
        VisibilityRule(
            kinds=("Component",),
            path="a/**",
            annotations={"acme.io/class": ("secret", "1")},
            labels={"internal": ()},
            tags=("private",),
            seen_by=(
                "group:default/security",
                "group:eu/board",
                "user:default/jane",
                "role:admin",
                OWNERS,
            ),
        ),
    )


def test_an_empty_list_lets_nobody_in() -> None:
    (rule,) = read_visibility([{"tag": "private", "groups": []}], "f")
    assert rule.admits(Described("component:default/a", "Component")) == frozenset()


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ({"tag": "x"}, ("'visibility' in f", "a list")),
        ([{"groups": ["a"]}], ("'visibility[0]'", "what it is about", "annotation")),
        ([{"tag": "x"}], ("'visibility[0]'", "who sees it", "groups")),
        ([{"tags": "x", "groups": []}], ("visibility[0].tags", "did you mean 'tag'")),
        ([{"tag": "x", "groups": ["a b"]}], ("visibility[0].groups", "'a b'", "group:default")),
        ([{"tag": "x", "owners": "maybe"}], ("visibility[0].owners", "yes or no")),
        ([{"path": ["a"], "groups": []}], ("visibility[0].path", "some text")),
        ([{"annotation": 7, "groups": []}], ("visibility[0].annotation", "`name: value` lines")),
    ],
)
def test_a_mistake_is_named_with_its_place(written: object, parts: tuple[str, ...]) -> None:
    with pytest.raises(UserError) as raised:
        read_visibility(written, "f")
    assert all(part in str(raised.value) for part in parts), str(raised.value)


SECRET = Described(
    "component:default/a",
    "Component",
    "teams/a/catalog-info.yaml",
    "group:default/red",
    annotations={"acme.io/class": "Secret"},
    labels={"team": "red"},
    tags=("Private",),
)


@pytest.mark.parametrize(
    ("rule", "about"),
    [
        (VisibilityRule(annotations={"acme.io/class": ("secret",)}), True),
        (VisibilityRule(annotations={"acme.io/class": ()}), True),
        (VisibilityRule(annotations={"acme.io/class": ("open",)}), False),
        (VisibilityRule(annotations={"acme.io/other": ()}), False),
        (VisibilityRule(labels={"team": ("RED",)}), True),
        (VisibilityRule(tags=("private", "x")), True),
        (VisibilityRule(tags=("public",)), False),
        (VisibilityRule(path="teams/*/catalog-info.yaml"), True),
        (VisibilityRule(path="teams/*"), False),
        (VisibilityRule(kinds=("API",)), False),
        (VisibilityRule(kinds=("Component",), labels={"team": ("blue",)}), False),
    ],
)
def test_all_conditions_of_a_rule_must_hold(rule: VisibilityRule, about: bool) -> None:
    assert rule.about(SECRET) is about


def test_owners_are_those_of_the_thing() -> None:
    rule = VisibilityRule(tags=("private",), seen_by=("role:admin", OWNERS))
    assert rule.admits(SECRET) == {"role:admin", "group:default/red"}
