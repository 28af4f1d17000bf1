"""The documents of a YAML (or JSON) file; what is wrong with it goes to the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from indexer.files import InputFile
from indexer.reporting import Report
from indexer.text import NotText
from indexer.yaml_lines import YamlDocument, read_yaml

_TEMPLATES = ("{%", "${{", "<%", "{{-", "{{ .Values", "{{.Values")


def read_mappings(file: InputFile, report: Report) -> Iterator[tuple[YamlDocument, dict[str, Any]]]:
    """Every document that is a mapping, with the mapping itself."""
    try:
        text = file.text()
    except NotText as error:
        report.error(
            "not-utf8", f"{error.reason}; nothing in it was indexed", file.span(error.line)
        )
        return
    stream = read_yaml(text)
    templated = any(mark in text for mark in _TEMPLATES)
    for fault in stream.faults:
        span = file.span(fault.line)
        if fault.fatal and fault.code == "invalid-yaml" and templated:
            reason = fault.message.partition(";")[0]
            message = f"a template, not the file made from it ({reason}); it was left out"
            report.warning("templated-file", message, span)
        elif fault.fatal:
            report.error(fault.code, fault.message, span)
        else:
            report.warning(fault.code, fault.message, span)
    for document in stream.documents:
        if isinstance(document.value, dict):
            yield document, document.value
