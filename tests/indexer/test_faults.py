"""Broken input: each fault is reported where it stands, and the rest is indexed."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from indexer import files
from indexer.build import read_catalog
from tests.indexer.support import NOW, build, component, problems, write

DESCRIPTOR = component("fine", "owner: user:default/fine")


@dataclass(frozen=True)
class Case:
    id: str
    files: dict[str, str | bytes]
    expect: list[str]
    entities: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)


def entity(**lines: str) -> str:
    parts = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": "{name: x}",
        "spec": "{type: service}",
    }
    return "".join(f"{key}: {value}\n" for key, value in {**parts, **lines}.items() if value)


X = ["component:default/x"]
CASES = [
    Case("invalid YAML", {"a.yaml": entity(spec="[open")}, ["error invalid-yaml a.yaml:4"]),
    Case(
        "the first of two documents survives",
        {"a.yaml": entity() + "---\nkind: [\n"},
        ["error invalid-yaml a.yaml:6"],
        X,
    ),
    Case("no name", {"a.yaml": entity(metadata="{title: t}")}, ["error missing-name a.yaml:3"]),
    Case(
        "metadata is no mapping", {"a.yaml": entity(metadata="7")}, ["error missing-name a.yaml:3"]
    ),
    Case(
        "a name with a space",
        {"a.yaml": entity(metadata="{name: a b}")},
        ["error invalid-name a.yaml:3"],
    ),
    Case(
        "a name Backstage refuses is kept",
        {"a.yaml": entity(metadata="{name: a__b}")},
        ["warning invalid-name a.yaml:3"],
        ["component:default/a__b"],
    ),
    Case(
        "a namespace of the wrong type",
        {"a.yaml": entity(metadata="{name: x, namespace: [a]}")},
        ["error wrong-type a.yaml:3"],
        X,
    ),
    Case(
        "a templated name",
        {"a.yaml": entity(metadata="{name: '${{ values.name }}'}")},
        ["warning templated-entity a.yaml:3"],
    ),
    Case(
        "a template of a catalog file",
        {"catalog-info.yaml": entity() + "{%- if x %}\n"},
        ["warning templated-file catalog-info.yaml:5"],
    ),
    Case(
        "an unknown kind is kept",
        {"a.yaml": entity(kind="Spaceship")},
        ["warning unknown-kind a.yaml:2"],
        ["spaceship:default/x"],
    ),
    Case("no kind", {"a.yaml": entity(kind="")}, ["error missing-kind a.yaml:1"]),
    Case(
        "no apiVersion in a file that is named as a descriptor",
        {"catalog-info.yaml": entity(apiVersion="")},
        ["warning missing-api-version catalog-info.yaml:1"],
        X,
    ),
    Case("spec is no mapping", {"a.yaml": entity(spec="42")}, ["error wrong-type a.yaml:4"], X),
    Case(
        "annotations are a list",
        {"a.yaml": entity(metadata="{name: x, annotations: [a]}")},
        ["error wrong-type a.yaml:3"],
        X,
    ),
    Case(
        "an annotation is a mapping",
        {"a.yaml": entity(metadata="{name: x, labels: {a/b: {c: d}}}")},
        ["error wrong-type a.yaml:3"],
        X,
    ),
    Case(
        "a duplicate key",
        {"a.yaml": entity() + "kind: Component\n"},
        ["warning duplicate-key a.yaml:5"],
        X,
    ),
    Case("not UTF-8", {"a.yaml": entity().encode() + b"# caf\xe9\n"}, ["error not-utf8 a.yaml:5"]),
    Case("UTF-16 with a mark is read", {"a.yaml": entity().encode("utf-16")}, [], X),
    Case("UTF-8 with a mark is read", {"a.yaml": b"\xef\xbb\xbf" + entity().encode()}, [], X),
    Case("Windows line ends are read", {"a.yaml": entity().replace("\n", "\r\n")}, [], X),
    Case(
        "an empty descriptor holds nothing", {"catalog-info.yaml": "", "b.yaml": "---\n---\n"}, []
    ),
    Case(
        "other YAML is left alone",
        {
            "k8s.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n",
            "broken.yaml": "a: [",
            "values.yaml": "a: 1",
        },
        [],
    ),
    Case(
        "kinds of other projects are left alone",
        {
            "k.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nmetadata: {name: a}\nspec: {owner: a}\n"
        },
        [],
    ),
    Case(
        "JSON descriptors are read",
        {
            "a.json": '{"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "x"}}'
        },
        [],
        X,
    ),
    Case("empty JSON", {"a.json": ""}, ["warning invalid-json a.json:1"]),
    Case("JSON with comments is somebody's settings", {"tsconfig.json": "// hi\n{}"}, []),
    Case("deep JSON", {"a.json": "[" * 5000 + "]" * 5000}, ["warning too-deep a.json:1"]),
    Case("deep YAML", {"a.yaml": "x: " + "[" * 3000}, ["error too-deep a.yaml:1"]),
    Case(
        "a self reference",
        {"a.yaml": entity(spec="{dependsOn: [component:x]}")},
        ["warning self-reference a.yaml:4"],
        X,
    ),
    Case(
        "Locations may name each other",
        {
            "a.yaml": entity(kind="Location", spec="{target: ./b.yaml}"),
            "b.yaml": entity(kind="Location", metadata="{name: y}", spec="{targets: [./a.yaml]}"),
        },
        [],
        ["location:default/x", "location:default/y"],
    ),
    Case(
        "a Location without targets",
        {"a.yaml": entity(kind="Location", spec="{targets: ./b*.yaml}")},
        ["warning missing-target a.yaml:4"],
        ["location:default/x"],
    ),
    Case(
        "a page that is not UTF-8",
        {"a.md": b"# A\n\ncaf\xe9\n"},
        ["warning not-utf8 a.md:3"],
        [],
        ["doc:a.md"],
    ),
    Case(
        "a page with NUL bytes",
        {"a.md": b"# A\n\n\0b\n"},
        ["warning nul-bytes a.md:3"],
        [],
        ["doc:a.md"],
    ),
    Case(
        "bad front matter",
        {"a.md": "---\na: [\n---\n# A\n"},
        ["error bad-front-matter a.md:2"],
        [],
        ["doc:a.md"],
    ),
    Case(
        "bad TOML front matter",
        {"a.md": "+++\na = [\n+++\n# A\n"},
        ["error bad-front-matter a.md:1"],
        [],
        ["doc:a.md"],
    ),
    Case("an empty page", {"a.md": "", "b.md": "---\ntitle: a\n---\n"}, []),
    Case(
        "a page that is one huge line",
        {"a.md": "# A\n\n" + "word " * 500_000},
        ["error page-too-long a.md:3"],
        [],
        ["doc:a.md"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_fault(case: Case, tmp_path: Path) -> None:
    content = build(tmp_path, {**case.files, "zzz/fine.yaml": DESCRIPTOR})
    found = [line for line in problems(content) if "zzz/" not in line]
    assert sorted(found) == sorted(case.expect)
    assert [str(e.ref) for e in content.entities] == [*case.entities, "component:default/fine"]
    assert [d.ref for d in content.documents] == case.documents


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_messages_say_what_to_expect(case: Case, tmp_path: Path) -> None:
    for problem in build(tmp_path, case.files).problems:
        assert 20 < len(problem.message) < 600
        assert "\n" not in problem.message


OUTSIDE = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: outside}\nspec: {type: SECRET}\n"


@pytest.mark.parametrize(
    "target",
    [
        "../secret/file.yaml",
        "./../secret/file.yaml",
        "{absolute}",
        "file://{absolute}",
        "./link.yaml",
        "./linked/file.yaml",
        "./a/../../secret/file.yaml",
        "../secret/*.yaml",
        "./linked/*.yaml",
        "a\\0b",
        "x" * 5000,
    ],
)
@pytest.mark.parametrize("way", ["$text", "$yaml", "$json", "target"])
def test_nothing_leaves_the_roots(way: str, target: str, tmp_path: Path) -> None:
    write(tmp_path / "secret", {"file.yaml": OUTSIDE})
    root = write(tmp_path / "root", {"a/keep.txt": ""})
    (root / "link.yaml").symlink_to(tmp_path / "secret" / "file.yaml")
    (root / "linked").symlink_to(tmp_path / "secret")
    named = '"' + target.format(absolute=tmp_path / "secret" / "file.yaml") + '"'
    kind, spec = (
        ("Location", f"{{target: {named}}}")
        if way == "target"
        else ("API", f"{{definition: {{{way}: {named}}}}}")
    )
    write(root, {"a.yaml": entity(kind=kind, spec=spec)})
    content = read_catalog([root], now=NOW)
    assert "SECRET" not in repr(content)
    assert [p.span.first for p in content.problems if p.span.path == "a.yaml"] == [4]


def test_a_second_root_may_be_reached(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "one/a.yaml": entity(kind="API", spec="{definition: {$text: ../two/d.txt}}"),
            "two/d.txt": "here",
        },
    )
    content = read_catalog([tmp_path / "one", tmp_path / "two"], now=NOW)
    assert content.problems == []
    assert content.entities[0].raw["spec"] == {"definition": "here"}


def test_huge_placeholders_are_left_out(tmp_path: Path) -> None:
    content = build(
        tmp_path,
        {
            "a.yaml": entity(spec="{definition: {$text: ./big.txt}}"),
            "big.txt": "x" * (3 * files.MIB),
        },
    )
    assert problems(content) == ["error file-too-large a.yaml:4"]


def test_alias_bombs_in_descriptors_take_less_than_a_second(tmp_path: Path) -> None:
    rows = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    started = time.monotonic()
    content = build(
        tmp_path,
        {"a.yaml": "\n".join([*rows, entity(metadata="{name: x, annotations: {boom: *a9}}")])},
    )
    assert time.monotonic() - started < 1
    assert problems(content) == ["error alias-bomb a.yaml:6"]


def test_files_that_are_too_large_or_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "TEXT_LIMIT_BYTES", 100)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "locked.yaml")
    content = build(tmp_path, {"big.yaml": "#" * 200, "locked.yaml": "a: 1"})
    assert problems(content) == [
        "error file-too-large big.yaml:1",
        "error unreadable-file locked.yaml:1",
    ]


def test_a_file_that_vanishes_while_reading_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Path) -> bytes:
        raise OSError(5, "input/output error")

    monkeypatch.setattr(Path, "read_bytes", fail)
    assert problems(build(tmp_path, {"catalog-info.yaml": entity()})) == [
        "error unreadable-file catalog-info.yaml:1"
    ]


def test_missing_inputs_are_reported(tmp_path: Path) -> None:
    content = read_catalog([tmp_path / "nowhere"], now=NOW)
    assert [p.code for p in content.problems] == ["missing-input"]
