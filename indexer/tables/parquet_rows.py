"""Rows of a Parquet file, read by DuckDB from that file and nothing else; a row's number stands for its line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from indexer.files import InputFile
from indexer.reporting import Report
from indexer.tables.json_rows import text_of

MAGIC = b"PAR1"
MAX_ROWS = 1_000_000
"""Most rows read of one file: a table about entities has few."""

_CHUNK = 5_000


def header_of(file: InputFile) -> list[str]:
    """The column names; empty when it is no readable Parquet file."""
    import duckdb  # noqa: PLC0415  only when there is such a file

    try:
        connection = _open(file)
        try:
            return [column[0] for column in _select(connection, file, 0).description or ()]
        finally:
            connection.close()
    except duckdb.Error:
        return []


def read_parquet(file: InputFile, report: Report) -> Iterator[tuple[int, dict[str, str]]]:
    """(row number from 1, column → text) of every row."""
    import duckdb  # noqa: PLC0415

    number = 0
    try:
        connection = _open(file)
        try:
            cursor = _select(connection, file, MAX_ROWS + 1)
            names = [column[0] for column in cursor.description or ()]
            while rows := cursor.fetchmany(_CHUNK):
                for row in rows:
                    number += 1
                    if number > MAX_ROWS:
                        message = (
                            f"more than {MAX_ROWS:,} rows; the rest was left out, sum it up first"
                        )
                        report.error("table-too-long", message, file.span(number))
                        return
                    values = {n: _text(v) for n, v in zip(names, row, strict=True)}
                    yield number, {n: _masked(v, file, number) for n, v in values.items()}
        finally:
            connection.close()
    except (duckdb.Error, UnicodeDecodeError, OverflowError, ValueError) as error:
        reason = str(error).partition("\n")[0][:160]
        report.error(
            "invalid-parquet",
            f"not a readable Parquet file ({reason}); what follows was left out, write it again",
            file.span(number + 1),
        )


def _open(file: InputFile) -> Any:
    """A database in memory that may read this one file; no extension is fetched from anywhere."""
    import duckdb  # noqa: PLC0415

    connection = duckdb.connect(
        config={"threads": 1, "autoinstall_known_extensions": False, "memory_limit": "1GB"}
    )
    paths = sorted({str(file.location), _literal_path(file)})
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    connection.execute(f"SET allowed_paths = [{listed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _select(connection: Any, file: InputFile, limit: int) -> Any:
    return connection.execute("SELECT * FROM read_parquet(?) LIMIT ?", [_literal_path(file), limit])


def _literal_path(file: InputFile) -> str:
    """The path, with what a glob would take for a pattern written literally."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(file.location))


def _masked(text: str, file: InputFile, number: int) -> str:
    return file.masked(text.encode("utf-8", "replace"), number).decode() if len(text) > 16 else text


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return value.decode("utf-8", errors="replace")
    return text_of(value)
