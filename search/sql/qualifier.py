"""A compiled tree → the text that runs, its columns checked against the snapshot's.

Qualifying takes as long as composing, and does the same for all statements that differ in their texts only: names of things, moments. So
it is done once for each such shape, and the texts are put in their places.
"""

from __future__ import annotations

import re
from weakref import WeakKeyDictionary

from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from catalog_store.derive import schema
from catalog_store.model.fields import FieldTable

MOST_SHAPES = 4096
"""Shapes remembered for one table of fields; questions of a suite have some hundreds."""

_QUOTED = re.compile(r"""\"(?:[^"]|"")*\"|'(?:[^']|'')*'""")
"""Quoted names and texts, as sqlglot prints them: both double their quotes and know no other escape."""

_SLOT = re.compile(r"'\0(\d+)\0'")
"""A text of the shape, by its number; no text of a plan holds NUL."""


class Qualifier:
    """Qualifies statements over one snapshot's columns. Safe to share between threads."""

    def __init__(self, fields: FieldTable) -> None:
        """The columns of every table are worked out here."""
        self._schema = MappingSchema(dict(schema(fields)), dialect="duckdb")
        self._shapes: dict[str, str] = {}

    def sql(self, query: exp.Select) -> str:
        """DuckDB SQL: every column with its table, every value with a name.

        Args:
            query: any SELECT; it is used up.

        Raises:
            sqlglot.errors.SqlglotError: the statement does not fit the columns.

        >>> Qualifier(FieldTable()).sql(exp.select("target").from_("edges").where("source = 'a'"))
        "SELECT edges.target AS target FROM edges AS edges WHERE edges.source = 'a'"
        """
        texts: list[str] = []

        def slot(quoted: re.Match[str]) -> str:
            if quoted[0].startswith('"'):
                return quoted[0]
            texts.append(quoted[0])
            return "''"

        shape = _QUOTED.sub(slot, query.sql(dialect="duckdb", copy=False))
        template = self._shapes.get(shape)
        if template is None:
            template = self._template(query)
            if len(self._shapes) >= MOST_SHAPES:
                self._shapes.clear()
            self._shapes[shape] = template
        return _SLOT.sub(lambda number: texts[int(number[1])], template)

    def _template(self, query: exp.Select) -> str:
        """The qualified statement, with the place that a text has in the bare one in the text's stead."""
        literals = [node for node in query.find_all(exp.Literal) if node.is_string]
        for number, literal in enumerate(literals):
            literal.set("this", f"\0{number}\0")
        order = _SLOT.findall(query.sql(dialect="duckdb", copy=False))
        place = {number: str(at) for at, number in enumerate(order)}
        qualified = qualify(
            query,
            dialect="duckdb",
            schema=self._schema,
            quote_identifiers=False,
            validate_qualify_columns=False,
        ).sql(dialect="duckdb", copy=False)
        return _SLOT.sub(lambda number: f"'\0{place[number[1]]}\0'", qualified)


_QUALIFIERS: WeakKeyDictionary[FieldTable, Qualifier] = WeakKeyDictionary()


def qualifier_of(fields: FieldTable) -> Qualifier:
    """The one of a snapshot's fields: working out the columns takes as long as qualifying a statement."""
    known = _QUALIFIERS.get(fields)
    if known is None:
        known = _QUALIFIERS[fields] = Qualifier(fields)
    return known
