from __future__ import annotations

import os
from pathlib import Path

from indexer.build import read_catalog
from indexer.reporting import Report
from indexer.walk import Walk, walk
from tests.indexer.support import NOW, component, problems, write

SUFFIXES = frozenset({".md", ".yaml"})


def walked(*paths: Path) -> Walk:
    return walk(paths, suffixes=SUFFIXES, report=Report())


def paths_of(*paths: Path) -> list[str]:
    return [file.path for file in walked(*paths).files]


def test_files_come_sorted_without_hidden_and_foreign_folders(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "b/x.md": "",
            "a.md": "",
            "b.md": "",
            ".git/x.md": "",
            "node_modules/x.md": "",
            "b/.y/x.md": "",
            "c.png": "",
            "NOSUFFIX": "",
        },
    )
    assert paths_of(tmp_path) == ["NOSUFFIX", "a.md", "b.md", "b/x.md"]


def test_a_file_is_a_root_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, {"a/one.md": "", "a/two.md": ""})
    assert paths_of(tmp_path / "a" / "one.md") == ["one.md"]


def test_the_later_of_two_equal_paths_carries_its_root(tmp_path: Path) -> None:
    write(tmp_path, {"one/x.md": "", "two/x.md": "", "other/two/x.md": ""})
    assert paths_of(tmp_path / "one", tmp_path / "two", tmp_path / "other" / "two") == [
        "x.md",
        "two/x.md",
        "two-2/x.md",
    ]


def test_nested_and_repeated_roots_read_a_file_once(tmp_path: Path) -> None:
    write(tmp_path, {"a/x.md": ""})
    assert paths_of(tmp_path, tmp_path / "a", tmp_path) == ["a/x.md"]


def test_links_are_never_followed(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"a/x.md": ""})
    write(tmp_path / "out", {"y.md": ""})
    (root / "a" / "up").symlink_to(root)
    (root / "self").symlink_to(root / "self")
    (root / "gone").symlink_to(root / "nothing")
    (root / "out").symlink_to(tmp_path / "out")
    (root / "same.md").symlink_to(root / "a" / "x.md")
    found = walked(root)
    assert [file.path for file in found.files] == ["a/x.md"]
    assert sorted((p.code, p.span.path) for p in found.report.problems) == [
        ("broken-link", "gone"),
        ("broken-link", "self"),
        ("leaves-root", "out"),
        ("link-loop", "a/up"),
    ]


def test_pipes_do_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert paths_of(tmp_path) == []


def test_folders_deeper_than_python_recurses(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(300):
        folder /= "d"
    folder.mkdir(parents=True)
    (folder / "x.md").write_text("")
    assert len(paths_of(tmp_path)) == 1


def test_pages_with_equal_paths_in_two_roots_are_both_kept(tmp_path: Path) -> None:
    write(tmp_path, {"one/runbooks/x.md": "# One", "two/runbooks/x.md": "# Two"})
    content = read_catalog([tmp_path / "one", tmp_path / "two"], now=NOW)
    assert [(d.ref, d.title) for d in content.documents] == [
        ("runbook:runbooks/x.md", "One"),
        ("runbook:two/runbooks/x.md", "Two"),
    ]


def test_progress_ends_where_it_should(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []

    class Bar:
        def advance(self, stage: str, done: int, total: int) -> None:
            assert 0 <= done <= total
            seen.append((stage, done, total))

    read_catalog([write(tmp_path, {"a.md": "# A", "b.md": "# B"})], now=NOW, progress=Bar())
    assert ("read", 2, 2) in seen
    assert seen[-1][0] == "connect"
    assert seen[-1][1] == seen[-1][2]


def test_one_location_file_brings_in_what_it_names(tmp_path: Path) -> None:
    location = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\nspec: {targets: ['./*/catalog-info.yaml']}\n"
    write(
        tmp_path,
        {
            "all.yaml": location,
            "a/catalog-info.yaml": component("a"),
            "b/catalog-info.yaml": component("b"),
            "other.yaml": component("other"),
        },
    )
    content = read_catalog([tmp_path / "all.yaml"], now=NOW)
    assert [e.ref.name for e in content.entities] == ["all", "a", "b"]
    assert {line.split()[1] for line in problems(content)} == {"dangling-reference"}
