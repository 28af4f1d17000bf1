"""Who sees what of one snapshot, and that what is hidden is not there at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.callers import ANYONE, OPERATOR, Caller
from app.serving import Serving, open_serving
from app.visibility_section import read_visibility
from catalog_store.embedder import Embedder
from catalog_store.errors import UnknownEntity
from catalog_store.stores import Store, store_at
from indexer.build import read_catalog
from tests.conftest import NOW

CATALOG = """
kind: Group
metadata: {name: everyone}
spec: {type: department}
---
kind: Group
metadata: {name: red}
spec: {type: team, parent: everyone}
---
kind: Group
metadata: {name: blue}
spec: {type: team, parent: everyone, members: [bo]}
---
kind: User
metadata: {name: rita}
spec: {memberOf: [red]}
---
kind: User
metadata: {name: bo}
spec: {}
---
kind: Component
metadata: {name: shop, title: Shop}
spec: {type: service, lifecycle: production, owner: blue, consumesApis: [combo-api]}
---
kind: Component
metadata: {name: stand, title: Stand}
spec: {type: website, lifecycle: production, owner: blue, dependsOn: ["component:ruby-gate"]}
---
kind: Component
metadata: {name: ruby-gate, title: Ruby Gate, tags: [private]}
spec: {type: service, lifecycle: production, owner: red, providesApis: [combo-api], dependsOn: ["component:cellar"]}
---
kind: API
metadata: {name: combo-api}
spec: {type: openapi, lifecycle: production, owner: red, definition: x}
---
kind: Component
metadata: {name: cellar, title: Cellar}
spec: {type: service, lifecycle: production, owner: blue, dependencyOf: ["component:ruby-gate"]}
"""

DOCUMENTS = CATALOG.replace("kind:", "apiVersion: backstage.io/v1alpha1\nkind:")

RULES = read_visibility([{"tag": "private", "owners": True, "roles": ["auditor"]}], "test")
RITA, BO = Caller.named("rita"), Caller.named("bo")


@pytest.fixture(scope="module", params=["folder", "PostgreSQL"])
def store(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    embedder: Embedder,
    database: Callable[[], str],
) -> Iterator[Store]:
    home = tmp_path_factory.mktemp("audiences")
    (home / "files").mkdir()
    (home / "files" / "catalog-info.yaml").write_text(DOCUMENTS)
    (home / "files" / "gate.md").write_text(
        "---\nservice: ruby-gate\n---\n# Ruby Gate\nHow to open the safe.\n"
    )
    content = read_catalog([home / "files"], now=NOW)
    shared = request.param == "PostgreSQL"
    store = store_at(database() if shared else home / "store", cache=home)
    store.publish(content, now=NOW, embedder=embedder)
    yield store
    store.close()


@pytest.fixture(scope="module")
def serving(store: Store) -> Iterator[Serving]:
    serving = open_serving(store, rules=RULES)
    yield serving
    serving.close()


def _refs(serving: Serving, question: str) -> list[str]:
    return [r.ref for r in serving.ask(question, now=NOW).results]


@pytest.mark.parametrize(
    ("caller", "sees"),
    [
        (OPERATOR, True),
        (RITA, True),
        (Caller(groups=frozenset({"group:default/red"})), True),
        (Caller(roles=frozenset({"auditor"})), True),
        (ANYONE, False),
        (BO, False),
        (Caller(groups=frozenset({"group:default/everyone"})), False),
        (Caller.named("nobody"), False),
    ],
    ids=repr,
)
def test_owners_and_roles_see_it_and_nobody_else(
    serving: Serving, caller: Caller, sees: bool
) -> None:
    assert ("component:default/ruby-gate" in _refs(serving.seen_by(caller), "services")) is sees


def test_a_hidden_thing_is_an_unknown_name(serving: Serving) -> None:
    seen = serving.seen_by(BO)
    hidden, missing = (
        seen.ask(f"who owns {name}?", now=NOW) for name in ("ruby-gate", "zinc-gate")
    )
    assert hidden.status == missing.status == "unknown_name"
    assert "component:default/ruby-gate" not in hidden.model_dump_json()
    with pytest.raises(UnknownEntity):
        seen.entity("component:default/ruby-gate")


def test_a_reference_to_it_dangles(serving: Serving) -> None:
    page = serving.seen_by(BO).entity("component:default/stand")
    (depends,) = [group for group in page.relations if group.name == "dependsOn"]
    assert [(n.ref, n.kind, n.title) for n in depends.things] == [
        ("component:default/ruby-gate", None, "ruby-gate")
    ]
    (dangling,) = [fact.value for fact in page.facts if fact.field == "dangling"]
    assert "component:default/ruby-gate" in dangling


def test_what_both_ends_declare_keeps_what_the_visible_one_says(serving: Serving) -> None:
    """Ruby Gate depends on cellar, and cellar says so too: to Bo only cellar's line is there."""

    def lines(caller: Caller) -> list[str]:
        page = serving.seen_by(caller).entity("component:default/cellar")
        spans = [
            thing.source.lines[0]
            for group in page.relations
            for thing in group.things
            if thing.ref == "component:default/ruby-gate" and not group.derived and thing.source
        ]
        return [DOCUMENTS.splitlines()[line - 1] for line in spans]

    assert [line.partition("dependsOn")[0] for line in lines(RITA)] != lines(RITA)
    assert all("dependencyOf" in line for line in lines(BO))
    assert len(lines(BO)) == 1


def test_what_the_other_end_declares_dangles_too(serving: Serving) -> None:
    """Cellar says what it is a dependency of: to Bo that is nothing the catalog knows."""
    page = serving.seen_by(BO).entity("component:default/cellar")
    (dangling,) = [fact.value for fact in page.facts if fact.field == "dangling"]
    assert tuple(dangling) == ("component:default/ruby-gate",)
    whole = serving.seen_by(RITA).entity("component:default/cellar")
    assert not [fact for fact in whole.facts if fact.field == "dangling"]


def test_what_went_through_it_is_gone(serving: Serving) -> None:
    question = "what depends on cellar, transitively?"
    assert "component:default/shop" in _refs(serving.seen_by(RITA), question)
    assert "component:default/shop" not in _refs(serving.seen_by(BO), question)


def test_its_pages_are_hidden_with_it(serving: Serving) -> None:
    with pytest.raises(UnknownEntity):
        serving.seen_by(BO).document("doc:gate.md")
    assert serving.seen_by(RITA).document("doc:gate.md").title == "Ruby Gate"
    assert serving.seen_by(BO).ask("how do I open the safe?", now=NOW).passages == ()


def test_a_part_is_not_widened_again(serving: Serving) -> None:
    with pytest.raises(ValueError, match="already seen"):
        serving.seen_by(BO).seen_by(OPERATOR)


def test_the_asker_is_the_caller(serving: Serving) -> None:
    assert _refs(serving.seen_by(RITA), "my services") == ["component:default/ruby-gate"]


def test_a_part_is_private_and_removed_with_the_whole(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    whole = open_serving(store, rules=RULES)
    whole.seen_by(BO).ask("services", now=NOW)
    (folder,) = tmp_path.glob("callboard-audience-*")
    assert folder.stat().st_mode & 0o077 == 0
    whole.close()
    del whole
    assert not list(tmp_path.iterdir())


def test_conversations_of_one_audience_are_not_anothers(serving: Serving) -> None:
    begun = serving.seen_by(RITA).ask("services owned by red", now=NOW)
    assert begun.total == 1
    follow_up = "which of those are in production?"
    own = serving.seen_by(RITA).ask(follow_up, now=NOW, conversation=begun.conversation)
    others = serving.seen_by(BO).ask(follow_up, now=NOW, conversation=begun.conversation)
    fresh = serving.seen_by(BO).ask(follow_up, now=NOW)
    different = {"took_ms", "conversation"}
    assert own.model_dump(exclude=different) != others.model_dump(exclude=different)
    assert others.model_dump(exclude=different) == fresh.model_dump(exclude=different)
