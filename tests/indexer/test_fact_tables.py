"""Tables of facts: every container, every way a cell is written, and what is no table of facts at all."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_store.content import CatalogContent
from catalog_store.model.entity import Value
from catalog_store.model.fields import Field, FieldType, Polarity
from catalog_store.model.refinements import FieldRefinement, Refinements, TableRefinement
from indexer.build import read_catalog
from indexer.processors.amounts import read_amount
from indexer.processors.column_types import MISSING, NO_NUMBER, Inferred, infer
from indexer.processors.read_tables import MAX_COLUMNS
from tests.indexer.support import NOW, build, component, problems, write

GROUPS = "\n---\n".join(
    f"apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {{name: {name}, title: {title}}}\nspec: {{type: team, children: []}}"
    for name, title in (("oak", "Oak"), ("elm", "Team Elm"))
)
CATALOG = {
    "catalog-info.yaml": "---\n".join(
        [
            component("cart", "owner: oak", "title: Shopping Cart"),
            component("mail", "owner: elm", "annotations: {argocd/app-name: mail-prod}"),
            component("stock", "owner: default/elm", "namespace: shop"),
        ]
    )
    + "---\n"
    + GROUPS
}


def facts(root: Path, files: dict[str, str | bytes]) -> tuple[CatalogContent, dict[str, Field]]:
    """Build a small catalog with tables beside it; the fields by name."""
    content = build(root, {**CATALOG, **files})
    return content, {row.name: row for row in content.fields}


def held(content: CatalogContent, name: str) -> dict[str, Value]:
    """Who holds a field, by entity name."""
    return {e.ref.name: e.values[name] for e in content.entities if name in e.values}


def line_of(content: CatalogContent, entity: str, name: str) -> int:
    """The line a value was read from."""
    return next(e.spans[name].first for e in content.entities if e.ref.name == entity)


CONTAINERS: dict[str, tuple[str, str]] = {
    "comma": ("f.csv", "entity_ref,stars\ncart,3\nmail,4\n"),
    "a mark, semicolons and Windows line ends": (
        "f.csv",
        "\ufeffentity_ref;stars\r\ncart;3\r\nmail;4\r\n",
    ),
    "Excel says its separator": ("f.csv", "sep=;\nentity_ref;stars\ncart;3\nmail;4\n"),
    "a comment first": ("f.csv", "# exported\n\nentity_ref,stars\ncart,3\nmail,4\n"),
    "tabs": ("f.tsv", "Service\tStars\ncart\t3\nmail\t4\n"),
    "the key stands last": ("f.csv", "stars,component\n3,cart\n4,mail\n"),
    "trailing separators": ("f.csv", "service,stars\ncart,3,,\nmail,4,\n"),
    "list of objects": (
        "f.json",
        '[{"entityRef": "cart", "stars": 3}, {"entityRef": "mail", "stars": 4}]',
    ),
    "list in items": (
        "f.json",
        '{"total": 2, "items": [{"service": "cart", "stars": 3},\n{"service": "mail", "stars": 4}]}',
    ),
    "list in data, after other things": (
        "f.json",
        '{"meta": {"a": [1]}, "data": [{"app": "cart", "stars": 3}, {"app": "mail", "stars": 4}]}',
    ),
    "keyed by reference": (
        "f.json",
        '{"component:cart": {"stars": 3},\n "component:default/mail": {"stars": 4}}',
    ),
    "one object a line": ("f.ndjson", '{"ref": "cart", "stars": 3}\n{"ref": "mail", "stars": 4}\n'),
    "one object a line in a .json": (
        "f.json",
        '{"ref": "cart", "stars": 3}\n{"ref": "mail", "stars": 4}\n',
    ),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_container(tmp_path: Path, name: str) -> None:
    file, text = CONTAINERS[name]
    content, fields = facts(tmp_path, {file: text})
    assert held(content, "stars") == {"cart": 3, "mail": 4}
    assert fields["stars"].type is FieldType.INTEGER
    assert content.sources["fact-tables"] == 1
    assert not content.problems
    rows = text.split("\n")
    assert "3" in rows[line_of(content, "cart", "stars") - 1]
    assert "4" in rows[line_of(content, "mail", "stars") - 1]


def test_parquet_rows_stand_for_lines(tmp_path: Path) -> None:
    path = tmp_path / "f[1].parquet"
    duckdb.sql(
        "COPY (SELECT 'cart' AS service, 1.50::DECIMAL(6, 2) AS cost_eur, DATE '2026-01-02' AS reviewed, true AS pci, "
        "['a', 'b'] AS regions UNION ALL SELECT 'mail', 7.25, NULL, false, NULL) "
        f"TO '{path}' (FORMAT parquet)"
    )
    content, fields = facts(tmp_path, {})
    assert held(content, "cost_eur") == {"cart": 1.5, "mail": 7.25}
    assert fields["cost_eur"].unit == "eur"
    assert held(content, "pci") == {"cart": True, "mail": False}
    assert held(content, "reviewed") == {"cart": datetime(2026, 1, 2, tzinfo=UTC)}
    assert held(content, "regions") == {"cart": ("a", "b")}
    assert line_of(content, "mail", "cost_eur") == 2


def test_a_broken_parquet_file_is_left_alone(tmp_path: Path) -> None:
    content, _ = facts(tmp_path, {"f.parquet": b"PAR1" + b"\x00" * 40 + b"PAR1"})
    assert not content.fields


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("entity_ref", "component:default/cart"),
        ("Entity Ref", "COMPONENT:cart"),
        ("serviceName", "default/cart"),
        ("component", "Cart"),
        ("application", "Shopping Cart"),
        ("service", "shopping cart"),
        ("workload", "mail-prod"),
        ("service", "stock"),
        ("team", "Team Elm"),
        ("squad", "elm"),
    ],
)
def test_entities_are_named_in_every_usual_way(tmp_path: Path, column: str, name: str) -> None:
    content, _ = facts(tmp_path, {"f.csv": f"stars,{column}\n5,{name}\n"})
    assert list(held(content, "stars").values()) == [5]


MESSY = {
    "ragged rows": ("service,a,b\ncart,1,2\nmail,1\nstock,1,2,3\n", ["error ragged-row f.csv:3", "error ragged-row f.csv:4"]),
    "an open quote": ('service,a\ncart,1\n"mail,2\nstock,3\n', ["error unterminated-quote f.csv:3"]),
    "two columns of one name": ("service,a,a\ncart,1,2\nmail,1,2\n", ["error duplicate-column f.csv:1"]),
    "a column without a name": ("service,a,\ncart,1,x\nmail,1,\n", ["error unnamed-column f.csv:2"]),
    "a row about nothing": ("service,a\ncart,1\n,2\nmail,1\n", ["error missing-name f.csv:3"]),
    "an entity nobody knows": ("service,a\ncart,1\nmail,1\nghost,1\n", ["warning dangling-reference f.csv:4"]),
    "a cell of another type": (
        "entity_ref,a\ncart,1\nmail,2\nstock,3\noak,4\ngroup:elm,many\n",
        ["error wrong-type f.csv:6"],
    ),
    "names of something else": ("service,a\nec2,1\ns3,2\n", ["warning names-no-entities f.csv:2"]),
    "mostly names of something else": ("service,a\nec2,1\ns3,2\ncart,1\n", ["warning names-no-entities f.csv:2"]),
    "numbered records": ("id,service,a\n1,cart,1\n2,cart,2\n", ["warning not-facts f.csv:2"]),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSY)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, name: str) -> None:
    text, expected = MESSY[name]
    content, _ = facts(tmp_path, {"f.csv": text})
    assert problems(content) == expected


def test_the_nearest_name_is_offered(tmp_path: Path) -> None:
    content, _ = facts(tmp_path, {"f.csv": "service,a\nstok,1\n"})
    assert "the nearest is 'stock'" in content.problems[0].message


def test_a_quoted_cell_may_span_lines(tmp_path: Path) -> None:
    content, _ = facts(
        tmp_path, {"f.csv": 'service,note,a\ncart,"one\n""two"", three",1\nmail,x,2\n'}
    )
    assert held(content, "note")["cart"] == 'one\n"two", three'
    assert line_of(content, "mail", "a") == 4


def test_an_empty_column_is_no_fact(tmp_path: Path) -> None:
    content, fields = facts(tmp_path, {"f.csv": "service,a,b\ncart,1,\nmail,2,n/a\n"})
    assert set(fields) == {"a"}
    assert not content.problems


def test_of_a_time_series_the_latest_row_counts(tmp_path: Path) -> None:
    text = "date,service,stars\n2026-03-01,cart,3\n2026-04-01,cart,4\n2026-02-01,cart,2\n2026-02-01,mail,1\n"
    content, fields = facts(tmp_path, {"f.csv": text})
    assert held(content, "stars") == {"cart": 4, "mail": 1}
    assert set(fields) == {"stars"}
    assert [p.code for p in content.problems] == ["repeated-entity"]
    assert "2 of 4 rows" in content.problems[0].message


def test_without_a_date_the_last_row_counts(tmp_path: Path) -> None:
    content, _ = facts(tmp_path, {"f.csv": "service,stars\ncart,3\ncart,4\nmail,1\n"})
    assert held(content, "stars") == {"cart": 4, "mail": 1}
    assert "no column dates" in content.problems[0].message


def test_ten_thousand_rows(tmp_path: Path) -> None:
    names = [f"part-{n}" for n in range(300)]
    catalog = "---\n".join(component(name) for name in names)
    rows = "".join(f"{names[n % 300]},{n},2026-01-01T00:{n // 300:02}:00Z\n" for n in range(10_000))
    content = build(tmp_path, {"c.yaml": catalog, "f.csv": f"service,n,measured_at\n{rows}"})
    assert len(held(content, "n")) == 300
    assert held(content, "n")["part-99"] == 9999
    assert [p.code for p in content.problems if p.span.path == "f.csv"] == ["repeated-entity"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", '{"name": "x", "scripts": {"build": "tsc"}, "dependencies": {"cart": "1"}}'),
        ("list.json", '[{"name": "cart", "stars": 3}]'),
        ("one.json", '{"service": "cart", "stars": 3}'),
        ("push.json", '{\n "ref": "refs/heads/main",\n "before": "0"\n}\n'),
        ("deep.json", '[{"service": {"id": "P1", "summary": "cart"}, "stars": 3}]'),
        ("words.csv", "name,stars\ncart,3\n"),
        ("alone.csv", "service\ncart\n"),
        ("empty.csv", ""),
        ("broken.json", '[{"service": "cart", "stars"'),
    ],
)  # fmt: skip
def test_what_is_no_table_about_entities(tmp_path: Path, name: str, text: str) -> None:
    content, fields = facts(tmp_path, {name: text})
    assert not fields
    assert "fact-tables" not in content.sources


def test_other_formats_come_first(tmp_path: Path) -> None:
    event = {
        "context": {"id": "1", "source": "s", "type": "dev.cdevents.service.deployed.0.1.1", "timestamp": "2026-01-01T00:00:00Z"},
        "subject": {"id": "cart", "content": {"environment": {"id": "production"}, "artifactId": "pkg:oci/cart@1"}},
        "service": "cart",
    }  # fmt: skip
    content, fields = facts(tmp_path, {"d.ndjson": json.dumps(event) + "\n"})
    assert content.sources["cdevents"] == 1
    assert not fields


def test_settings_name_tables_and_fields(tmp_path: Path) -> None:
    told = Refinements(
        fields=(
            FieldRefinement("Points", label="rank", words=("standing",), polarity=Polarity.LOWER, unit="points"),
            FieldRefinement("tier", words=("importance",), values={"crown jewel": 1}),
            FieldRefinement("code", type=FieldType.INTEGER),
            FieldRefinement("nowhere"),
        ),
        tables=(TableRefinement("data/**/*.csv", key="what", kinds=("Component",)),),
        synonyms={"basket": "cart"},
    )  # fmt: skip
    files = {**CATALOG, "data/a/b/f.csv": "what,Points,code\ncart,1,007\nmail,2,8\n"}
    content = read_catalog([write(tmp_path, files)], now=NOW, refinements=told)
    fields = {row.name: row for row in content.fields}
    assert held(content, "points") == {"cart": 1, "mail": 2}
    assert fields["points"].words == ("rank", "standing", "points")
    assert (fields["points"].unit, fields["points"].polarity) == ("points", Polarity.LOWER)
    assert held(content, "code") == {"cart": 7, "mail": 8}
    assert fields["tier"].refined
    assert "importance" in fields["tier"].words
    assert fields["tier"].value_words["crown jewel"] == 1
    assert content.synonyms == {"basket": "cart"}
    assert problems(content) == ["warning unknown-field callboard.yaml:1"]


TOLD_JSON = [
    '{"page": 1, "data": [{"app_code": "cart", "stars": 3}]}',
    '[{"app_code": "cart", "stars": 3}]',
    '{"app_code": "cart", "stars": 3}\n{"app_code": "mail", "stars": 4}\n',
]


@pytest.mark.parametrize("text", TOLD_JSON)
def test_a_key_that_is_told_is_found_in_every_shape(tmp_path: Path, text: str) -> None:
    told = Refinements(tables=(TableRefinement("*.json", key="app_code"),))
    content = read_catalog(
        [write(tmp_path, {**CATALOG, "f.json": text})], now=NOW, refinements=told
    )
    assert held(content, "stars")["cart"] == 3
    assert not content.problems


def test_a_table_with_a_column_for_everything_is_cut(tmp_path: Path) -> None:
    row = {"service": "cart", **{f"k{n}": n for n in range(MAX_COLUMNS + 5)}}
    content, fields = facts(tmp_path, {"f.json": json.dumps([row])})
    assert len(fields) == MAX_COLUMNS - 1
    assert problems(content) == ["error too-many-columns f.json:1"]


def typed(name: str, *cells: str) -> Inferred:
    """A column read, its entities numbered."""
    owners = {
        "oak": "group:default/oak",
        "ada@x.org": "user:default/ada",
        "group:oak": "group:default/oak",
    }
    return infer(name, {str(i): cell for i, cell in enumerate(cells)}, owner=lambda t: owners.get(t.lower()))  # fmt: skip


K, B, W, N, T, L = FieldType.KEYWORD, FieldType.BOOLEAN, FieldType.INTEGER, FieldType.NUMBER, FieldType.TIMESTAMP, FieldType.LIST  # fmt: skip
TYPES = [
    ("pci", ["yes", "No", "Y"], B, None, [True, False, True]),
    ("is_public", ["1", "0"], B, None, [True, False]),
    ("sbom_enabled", ["1", "0"], B, None, [True, False]),
    ("replicas", ["1", "0"], W, None, [1, 0]),
    ("a", ["1,200", "7"], W, None, [1200, 7]),
    ("a", ["12,5", "7,25"], N, None, [12.5, 7.25]),
    ("a", ["12k", "1.5M"], W, None, [12000, 1500000]),
    ("a", ["1", "007"], K, None, ["1", "007"]),
    ("a", ["1e99", "2.5"], N, None, [1e99, 2.5]),
    ("a", ["-3", "−4"], W, None, [-3, -4]),
    ("account", ["123456789012", "210987654321"], K, None, None),
    ("monthly_cost", ["$1,200.50", "$3"], N, "usd", [1200.5, 3]),
    ("monthly_cost", ["1.200,50 €", "3 €"], N, "eur", [1200.5, 3]),
    ("budget", ["USD 12k", "3 USD", "$0.5m"], W, "usd", [12000, 3, 500000]),
    ("cost_gbp", ["12", "7.5"], N, "gbp", [12, 7.5]),
    ("cost", ["12", "7.5 / month"], K, None, None),
    ("cost", ["CHF 12.50 / month", "CHF 3"], N, "chf", [12.5, 3]),
    ("coverage", ["45%", "50 %", "7"], W, "percent", [45, 50, 7]),
    ("coverage_pct", ["0.45", "0.6"], N, "percent", [0.45, 0.6]),
    ("coverage_ratio", ["0.45", "1"], N, "percent", [45, 100]),
    ("error_rate", ["0.05", "0.5"], N, "percent", [5, 50]),
    ("hourly_rate", ["80", "95.5"], N, None, [80, 95.5]),
    ("coverage", ["0.45", "0.6"], N, "ratio", [0.45, 0.6]),
    ("lead", ["3 days", "12 hours", "2d"], N, "days", [3, 0.5, 2]),
    ("restore", ["PT5M", "1h 30m", "20 min"], W, "minutes", [5, 90, 20]),
    ("restore_hours", ["30 min", "2"], N, "hours", [0.5, 2]),
    ("latency_ms", ["12", "250"], W, "milliseconds", [12, 250]),
    ("memory", ["512 MB", "2 GB", "4 GB"], N, "gb", [0.512, 2, 4]),
    ("reviewed", ["2026-03-01", "2 May 2025"], T, None, None),
    ("reviewed", ["25/12/2025", "03/04/2026"], T, None, [datetime(2025, 12, 25, tzinfo=UTC), datetime(2026, 4, 3, tzinfo=UTC)]),
    ("reviewed", ["03/04/2026", "05/06/2026"], K, None, None),
    ("updated_at", ["1767225600", "1767225600000"], T, None, [datetime(2026, 1, 1, tzinfo=UTC)] * 2),
    ("language_version", ["3.11", "1.9"], K, None, ["3.11", "1.9"]),
    ("site", ["https://a.example", "http://b.example"], FieldType.URL, None, None),
    ("regions", ["eu;us", "eu"], L, None, [("eu", "us"), ("eu",)]),
    ("regions", ['["eu", "us"]', "[]"], L, None, None),
    ("regions", ["eu-west-1,us-east-1", "eu-west-1"], L, None, [("eu-west-1", "us-east-1"), ("eu-west-1",)]),
    ("steward", ["oak", "ada@x.org"], FieldType.REF, None, ["group:default/oak", "user:default/ada"]),
    ("area", ["oak", "beech"], K, None, ["oak", "beech"]),
    ("note", ["x" * 90, "y"], FieldType.TEXT, None, None),
    ("last_pen_test", ["2026-03-01", "never"], T, None, [datetime(2026, 3, 1, tzinfo=UTC)]),
    ("class", ["none", "secret"], K, None, ["none", "secret"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "cells", "kind", "unit", "values"), TYPES, ids=lambda v: str(v)[:40]
)
def test_types(
    name: str, cells: list[str], kind: FieldType, unit: str | None, values: list[Value] | None
) -> None:
    found = typed(name, *cells)
    assert (found.type, found.unit, found.bad) == (kind, unit, [])
    if values is not None:
        assert list(found.values.values()) == values


def test_another_currency_is_no_value_of_the_column() -> None:
    found = typed("cost", "$1", "$2", "$3", "$4", "€5")
    assert (found.unit, found.bad) == ("usd", ["4"])


@given(st.text(min_size=1, max_size=12), st.lists(st.text(min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=6))  # fmt: skip
def test_every_cell_ends_somewhere(name: str, cells: list[str]) -> None:
    found = typed(name, *cells)
    for ref, cell in enumerate(cells):
        silent = cell.strip().lower() in MISSING | NO_NUMBER
        assert (str(ref) in found.values) + (str(ref) in found.bad) + silent >= 1


def _money(value: int, style: int) -> str:
    number = f"{value / 100:,.2f}"
    european = number.translate(str.maketrans(",.", ".,"))
    return (f"${number}", f"{european} €", f"CHF {number}", f"{number} GBP")[style]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8), st.integers(0, 3))
def test_money_is_read_back(cents: list[int], style: int) -> None:
    found = typed("spend", *(_money(value, style) for value in cents))
    assert found.unit == ("usd", "eur", "chf", "gbp")[style]
    assert [round(float(v) * 100) for v in found.values.values() if isinstance(v, int | float)] == cents  # fmt: skip


@given(st.lists(st.dates(date(1990, 1, 1), date(2100, 1, 1)), min_size=1, max_size=8), st.sampled_from(["%Y-%m-%d", "%d %b %Y", "%B %d, %Y", "%Y/%m/%d", "%d.%m.%Y"]))  # fmt: skip
def test_dates_are_read_back(days: list[date], style: str) -> None:
    found = typed("due", *(day.strftime(style) for day in days))
    read = [v.date() for v in found.values.values() if isinstance(v, datetime)]
    assert found.type is FieldType.TIMESTAMP
    assert read == days or (style == "%d.%m.%Y" and len(read) < len(days))


@given(st.integers(0, 10**7))
def test_lengths_of_time_are_read_back(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    hours, rest = divmod(seconds, 3600)
    for text in (f"PT{seconds}S", f"{seconds} s", f"{hours}h {rest // 60}m {rest % 60}s"):
        found = read_amount(text)
        assert found is not None
        assert timedelta(seconds=round(found.value)) == length


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(-999, 999), st.booleans(), st.text(st.characters(codec="utf-8", exclude_characters="\x00\r", exclude_categories=["Cs"]), max_size=12)), min_size=3, max_size=3), st.sampled_from(",;\t"))  # fmt: skip
def test_a_written_table_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, bool, str]], separator: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(["n", "flag", "service", "words"])
    names = ("cart", "mail", "stock")
    for name, (number, flag, words) in zip(names, rows, strict=True):
        writer.writerow([number, "yes" if flag else "no", name, words])
    content, _ = facts(tmp_path_factory.mktemp("t"), {"f.csv": out.getvalue()})
    assert held(content, "n") == dict(zip(names, (row[0] for row in rows), strict=True))
    assert held(content, "flag") == dict(zip(names, (row[1] for row in rows), strict=True))
