"""The mappings of a YAML (or JSON) file; what is wrong with the file goes to the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog_store.model.document import SourceSpan
from indexer.files import InputFile
from indexer.reporting import Report
from indexer.text import NotText
from indexer.yaml_lines import KeyPath, YamlDocument, read_yaml

_TEMPLATES = ("{%", "${{", "<%", "{{-", "{{ .Values", "{{.Values")


@dataclass(frozen=True, slots=True)
class YamlPart:
    """A mapping that stands for itself: a document, or an item of a document that is a list.

    Attributes:
        value: the mapping.
        file, document, base: where it stands.
    """

    value: dict[str, Any]
    file: InputFile
    document: YamlDocument
    base: KeyPath = ()

    def span(self, *path: str | int) -> SourceSpan:
        """The lines of one value of the mapping, or of what stands around it."""
        if not self.base and not path:
            return self.file.span(self.document.first, self.document.last)
        return self.file.span(*self.document.lines_of((*self.base, *path)))


def read_mappings(file: InputFile, report: Report) -> Iterator[YamlPart]:
    """Every document that is a mapping, and every mapping in a document that is a list."""
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
            yield YamlPart(document.value, file, document)
        elif isinstance(document.value, list):
            for number, item in enumerate(document.value):
                if isinstance(item, dict):
                    yield YamlPart(item, file, document, (number,))
