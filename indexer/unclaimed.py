"""Files no source reads: left alone, unless something about them is plainly broken."""

from __future__ import annotations

import re

from indexer.files import TEXT_LIMIT_BYTES, InputFile
from indexer.json_text import JsonFault, parse_json
from indexer.reporting import Report
from indexer.text import NotText

_DEEP = re.compile(r"(?:[\[{][ \t]{0,4}){200}")
_COMMENT = re.compile(r"^[ \t]*(?://|/\*)", re.MULTILINE)


def check_unclaimed(file: InputFile, report: Report) -> None:
    """Count the file as skipped; report it when it could not have been recognised because it is broken."""
    if file.suffix in {".yaml", ".yml"} and _DEEP.search(file.head):
        report.error(
            "too-deep",
            "nested far deeper than any catalog file; it was not read, flatten it or leave it out",
            file.span(),
        )
        return
    if file.suffix == ".json" and file.size <= TEXT_LIMIT_BYTES:
        fault = _json_fault(file)
        if fault is not None:
            report.warning(
                fault.code,
                f"{fault}; it was not read, mend it or leave it out",
                file.span(fault.line),
            )
            return
    report.skip(f"no known format in a {file.suffix or 'file without extension'}")


def _json_fault(file: InputFile) -> JsonFault | None:
    try:
        text = file.text()
    except NotText:
        return None
    try:
        parse_json(text)
    except JsonFault as fault:
        # JSON with comments is a configuration file of some tool, not a broken feed.
        return None if _COMMENT.search(text) else fault
    return None
