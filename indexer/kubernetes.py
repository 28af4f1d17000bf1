"""Objects of a Kubernetes API in files: one, several documents, or the lists `kubectl get` prints; and whose pods they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.files import InputFile
from indexer.json_items import KeyPath, read_whole, value_lines
from indexer.reporting import Report
from indexer.yaml_files import YamlPart, read_mappings

NAME_LABELS = (
    "backstage.io/kubernetes-id",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app",
    "k8s-app",
)
"""Labels that name what an object is part of, most telling first."""

_RANDOM = "[bcdfghjklmnpqrstvwxz2456789]"
"""Letters of Kubernetes' random suffixes: no vowels, so that no words come out (k8s.io/apimachinery, util/rand)."""
_SUFFIXES = {
    "pod": re.compile(rf"-{_RANDOM}{{6,10}}-{_RANDOM}{{5}}$|-{_RANDOM}{{5}}$|-\d{{1,4}}$"),
    "replicaset": re.compile(rf"-{_RANDOM}{{6,10}}$"),
    "job": re.compile(r"-\d{8,10}$"),
}


def workload_name(kind: str, name: str) -> str:
    """The name of what runs an object, without what its controllers append.

    >>> workload_name("Pod", "cart-6d88f6dcdd-k6bc5"), workload_name("Pod", "ledger-0"), workload_name("Deployment", "cart-2")
    ('cart', 'ledger', 'cart-2')
    """
    suffix = _SUFFIXES.get(kind.lower())
    return suffix.sub("", name) if suffix else name


def named_by_labels(labels: Any) -> tuple[str, ...]:
    """What the labels of an object say it is part of, most telling first."""
    held = loose.mapping(labels)
    names = [name for key in NAME_LABELS if (name := loose.text(held.get(key))) is not None]
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Part:
    """One object.

    Attributes:
        value: the object.
        file, lines, base: where it stands and what is known of the lines inside.
    """

    value: dict[str, Any]
    file: InputFile
    lines: Mapping[KeyPath, tuple[int, int]]
    base: KeyPath

    def span(self, *path: str | int) -> SourceSpan:
        """The lines of one value of the object, or of what stands around it."""
        whole = (*self.base, *path)
        for end in range(len(whole), -1, -1):
            if whole[:end] in self.lines:
                return self.file.span(*self.lines[whole[:end]])
        return self.file.span()


def read_objects(
    file: InputFile, report: Report, *lists: tuple[str, ...]
) -> Iterator[Part | YamlPart]:
    """Every object of a file, the members of lists one by one.

    Args:
        file: YAML of several documents, or JSON: an object, a list object with `items`, or an array.
        report: receives what is no YAML or JSON.
        lists: keys that lead to the lists whose members' lines are asked for; YAML knows all lines anyway.
    """
    if file.suffix == ".json":
        yield from _of_json(file, report, lists)
        return
    for part in read_mappings(file, report):
        members = part.value.get("items")
        if isinstance(members, list):
            for number, member in enumerate(members):
                base = (*part.base, "items", number)
                yield YamlPart(loose.mapping(member), file, part.document, base)
        else:
            yield part


def _of_json(file: InputFile, report: Report, lists: Sequence[tuple[str, ...]]) -> Iterator[Part]:
    read = read_whole(file, report)
    if read is None:
        return
    text, whole = read
    inside: tuple[str | None, ...] = ()
    members: list[tuple[KeyPath, Any]] = [((), whole)]
    if isinstance(whole, list):
        inside, members = (None,), [((n,), one) for n, one in enumerate(whole)]
    elif isinstance(loose.mapping(whole).get("items"), list):
        inside = ("items", None)
        members = [(("items", n), one) for n, one in enumerate(whole["items"])]
    lines: dict[KeyPath, tuple[int, int]] = {}
    for under in lists:
        lines |= value_lines(text, (*inside, *under, None))
    lines |= value_lines(text, inside)
    for base, member in members:
        yield Part(loose.mapping(member), file, lines, base)
