"""JSON values of a feed one by one, each with its line: NDJSON is streamed, arrays and single objects are not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BufferedIOBase
from typing import Any

from indexer.files import MIB, InputFile
from indexer.json_text import JsonFault, usable
from indexer.reporting import Report
from indexer.text import NotText, decode, encoding_of

MAX_LINE_BYTES = MIB
"""One event; real ones stay below 64 KiB."""

_DECODER = json.JSONDecoder(
    parse_constant=str, parse_int=lambda digits: int(digits) if len(digits) <= 18 else digits
)
_SPACE = " \t\n\r"


def read_events(file: InputFile, report: Report) -> Iterator[tuple[int, int, Any]]:
    """Every value of a feed with its first and last line; what is no JSON goes to the report.

    The text is NDJSON when its first line is a whole value, else one value; an array yields its items.
    """
    if _is_lines(file):
        for line, value in _lines(file, report):
            yield line, line, value
    else:
        yield from _whole(file, report)


def _is_lines(file: InputFile) -> bool:
    if file.suffix in {".ndjson", ".jsonl"}:
        return True
    first, newline, rest = file.head.lstrip("\ufeff" + _SPACE).partition("\n")
    if not newline or not rest.strip():
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(file: InputFile, report: Report) -> Iterator[tuple[int, Any]]:
    if encoding_of(file.head_bytes) not in {"utf-8", "utf-8-sig"}:
        yield from _decoded_lines(file, report)
        return
    blank: list[int] = []
    with file.open() as stream:
        number = 0
        while row := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(row) > MAX_LINE_BYTES and not row.endswith(b"\n"):
                _finish_line(stream)
                report.error(
                    "line-too-long",
                    f"a line longer than {MAX_LINE_BYTES // MIB} MiB was left out; one event stands on one line",
                    file.span(number),
                )
                continue
            text = row.removeprefix(b"\xef\xbb\xbf") if number == 1 else row
            text = file.masked(text, number)
            if not text.strip():
                blank.append(number)
                continue
            yield from _one(text, number, file, report)
            _report_blank(blank, file, report)


def _report_blank(blank: list[int], file: InputFile, report: Report) -> None:
    # Only blank lines between events: those at the end are how text files end.
    for number in blank:
        report.warning(
            "blank-line",
            "a blank line between events; one event stands on one line, remove it",
            file.span(number),
        )
    blank.clear()


def _decoded_lines(file: InputFile, report: Report) -> Iterator[tuple[int, Any]]:
    try:
        text = file.text()
    except NotText as error:
        report.error(
            "not-utf8", f"{error.reason}; nothing in it was indexed", file.span(error.line)
        )
        return
    for number, row in enumerate(text.split("\n"), start=1):
        if row.strip():
            yield from _one(row.encode("utf-8", "replace"), number, file, report)


def _finish_line(stream: BufferedIOBase) -> None:
    while (part := stream.readline(MAX_LINE_BYTES)) and not part.endswith(b"\n"):
        pass


def _one(row: bytes, number: int, file: InputFile, report: Report) -> Iterator[tuple[int, Any]]:
    try:
        text = row.decode("utf-8").strip()
        value, end = _DECODER.raw_decode(text)
        if end != len(text):
            raise ValueError(f"text after the value in column {end + 1}")
        yield number, usable(value, text)
    except JsonFault as fault:
        report.error(fault.code, str(fault), file.span(number))
    except RecursionError:
        report.error(
            "too-deep", "nested too deep; the line was left out, flatten it", file.span(number)
        )
    except UnicodeDecodeError:
        report.error(
            "not-utf8",
            "the line is not UTF-8; it was left out, save the feed as UTF-8",
            file.span(number),
        )
    except ValueError as error:
        report.error(
            "invalid-json",
            f"the line is not a JSON value ({error}); it was left out",
            file.span(number),
        )


def _whole(file: InputFile, report: Report) -> Iterator[tuple[int, int, Any]]:
    try:
        text = decode(file.data)
    except NotText as error:
        report.error(
            "not-utf8", f"{error.reason}; nothing in it was indexed", file.span(error.line)
        )
        return
    try:
        yield from _items(text)
    except JsonFault as fault:
        report.error(fault.code, str(fault), file.span(fault.line))
    except RecursionError:
        report.error(
            "too-deep", "nested too deep; nothing in it was indexed, flatten it", file.span()
        )
    except json.JSONDecodeError as error:
        message = f"not valid JSON: {error.msg} in column {error.colno}; what follows was left out, mend it"
        report.error("invalid-json", message, file.span(error.lineno))


def _items(text: str) -> Iterator[tuple[int, int, Any]]:
    """The items of an array, or one value, decoded one at a time so that each knows its lines."""
    at = _past(text, 0, _SPACE)
    array = text.startswith("[", at)
    at = _past(text, at + 1, _SPACE) if array else at
    line, counted = 1, 0
    while at < len(text) and not (array and text[at] == "]"):
        value, end = _DECODER.raw_decode(text, at)
        first = line + text.count("\n", counted, at)
        line = first + text.count("\n", at, end)
        counted = end
        yield first, line, usable(value, text[at:end])
        at = _past(text, end, _SPACE + ",")
    if array and at >= len(text):
        raise json.JSONDecodeError("the array is not closed", text, len(text))


def _past(text: str, at: int, characters: str) -> int:
    while at < len(text) and text[at] in characters:
        at += 1
    return at
