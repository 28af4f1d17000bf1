"""Settings: where a value comes from, and what is said about a bad one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from app.settings import SETTINGS, Settings, load_settings
from catalog_store.errors import UserError
from catalog_store.model.fields import FieldType, Polarity
from catalog_store.model.refinements import FieldRefinement, TableRefinement


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_row_of_the_table_is_an_attribute_and_says_what_it_is_for() -> None:
    sections = {"access", "refinements", "usage", "visibility"}
    assert {s.name for s in SETTINGS} | sections == {f.name for f in dataclasses.fields(Settings)}
    assert all(s.help.endswith(".") and s.expected for s in SETTINGS)


def test_nothing_set_gives_the_defaults() -> None:
    settings = load_settings(env={})
    assert (settings.store, settings.host, settings.port, settings.trust_caller) == (
        None,
        "127.0.0.1",
        8000,
        False,
    )


def test_command_line_wins_over_environment_over_file_over_default(tmp_path: Path) -> None:
    (tmp_path / "callboard.yaml").write_text(
        "port: 7000\nhost: file.test\nlimit: 5\nlog_level: DEBUG\n"
    )
    settings = load_settings(
        {"port": "9000", "host": None}, env={"CALLBOARD_PORT": "8000", "CALLBOARD_HOST": "env.test"}
    )
    assert (settings.port, settings.host, settings.limit, settings.log_level) == (
        9000,
        "env.test",
        5,
        "debug",
    )


@pytest.mark.parametrize(
    ("env", "parts"),
    [
        ({"CALLBOARD_PORT": "http"}, ("'port'", "'http'", "0 to 65535", "CALLBOARD_PORT")),
        ({"CALLBOARD_PORT": "70000"}, ("'port'", "'70000'")),
        ({"CALLBOARD_TRUST_CALLER": "maybe"}, ("'trust_caller'", "'maybe'", "yes or no")),
        ({"CALLBOARD_LIMIT": "0"}, ("'limit'", "1 to 1000")),
        ({"CALLBOARD_LOG_LEVEL": "loud"}, ("'log_level'", "debug, info")),
        ({"CALLBOARD_STORE": " "}, ("'store'", "a folder")),
    ],
)
def test_a_bad_value_names_setting_value_expectation_and_place(
    env: dict[str, str], parts: tuple[str, ...]
) -> None:
    with pytest.raises(UserError) as error:
        load_settings(env=env)
    assert all(part in str(error.value) for part in parts), str(error.value)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("prot: 8000", "did you mean 'port'?"),
        ("- port", "holds a list"),
        ("port: [", "not valid YAML"),
        ("port: true", "'port'"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, part: str) -> None:
    (tmp_path / "callboard.yaml").write_text(text)
    with pytest.raises(UserError, match=r"callboard\.yaml") as error:
        load_settings(env={})
    assert part in str(error.value)


def test_a_named_file_must_exist() -> None:
    with pytest.raises(UserError, match="cannot be read"):
        load_settings(env={"CALLBOARD_CONFIG": "nowhere.yaml"})


def test_a_store_is_asked_for_with_all_the_ways_to_give_it() -> None:
    with pytest.raises(UserError, match=r"--store DIR.*CALLBOARD_STORE.*callboard\.yaml"):
        load_settings(env={}).require_store()


def test_sections_say_more_about_facts(tmp_path: Path) -> None:
    (tmp_path / "callboard.yaml").write_text(
        "port: 7000\n"
        "facts:\n- {path: 'x/*.csv', key: app, kinds: [component]}\n"
        "fields:\n  coverage: {label: Test coverage, words: [Cov], synonyms: tested share, unit: percent,\n"
        "    polarity: higher-is-better, type: number, kinds: Component, values: {fine: 80}, doc: Lines.}\n"
        "synonyms: {Money Box: wallet}\n"
    )
    found = load_settings(env={}).refinements
    assert found.tables == (TableRefinement("x/*.csv", key="app", kinds=("Component",)),)
    assert found.fields == (
        FieldRefinement(
            "coverage",
            label="Test coverage",
            words=("cov", "tested share"),
            unit="percent",
            polarity=Polarity.HIGHER,
            doc="Lines.",
            type=FieldType.NUMBER,
            kinds=("Component",),
            values={"fine": 80},
        ),
    )
    assert found.synonyms == {"money box": "wallet"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("fields: [coverage]", ("'fields'", "['coverage']", "`name: value` lines")),
        ("fields: {a: {polarity: up}}", ("'fields.a.polarity'", "'up'", "higher-is-better")),
        ("fields: {a: {type: money}}", ("'fields.a.type'", "'money'", "keyword")),
        ("fields: {a: {lable: x}}", ("'fields.a.lable'", "did you mean 'label'?")),
        ("fields: {a: {words: {b: c}}}", ("'fields.a.words'", "a list")),
        ("fields: {a: {values: {b: [1]}}}", ("'fields.a.values.b'", "the value it stands for")),
        ("fields: {a: {kinds: [1]}}", ("'fields.a.kinds'", "kinds such as")),
        ("facts: {path: x}", ("'facts'", "a list")),
        ("facts: [{key: x}]", ("'facts[0].path'", "missing", "a glob")),
        ("facts: [x]", ("'facts[0]'", "`name: value` lines")),
        ("synonyms: {a: [b]}", ("'synonyms.a'", "some text")),
        ("synonym: {a: b}", ("did you mean 'synonyms'?",)),
    ],
)
def test_a_mistake_in_a_section_names_its_place(
    tmp_path: Path, text: str, parts: tuple[str, ...]
) -> None:
    (tmp_path / "callboard.yaml").write_text(text)
    with pytest.raises(UserError, match=r"callboard\.yaml") as error:
        load_settings(env={})
    assert all(part in str(error.value) for part in parts), str(error.value)
