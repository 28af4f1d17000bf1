"""Terraform and OpenTofu: state files (version 4) and `terraform show -json`.

Read: managed resources that run something: type, name, provider, engine, region, environment, owner and other tags.
Of the attributes only a short list is read, and nothing that the state marks as sensitive. A plan is not applied
yet: of it only the prior state is read.

Joined: a Resource that the catalog holds under the same name, or whose annotations hold the ARN, id or address, is
filled where it says nothing; others are new. A service or application tag ties it to that component,
`dependencies` to other resources. A state holds no time: applies (Atlantis, HCP Terraform) and a tag
`last-applied` say when.

Ignored: data sources, deposed objects, outputs, and what only connects, configures or permits (counted).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.files import InputFile
from indexer.json_items import Pattern, item_spans
from indexer.json_stream import read_events
from indexer.platform.attributes import Attributes
from indexer.platform.labels import read_labels
from indexer.platform.places import environment_among, state_place
from indexer.platform.statements import PlatformResource
from indexer.platform.types import sort_of
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest
from indexer.stacks import folder_name

_VERSION = re.compile(r"\"terraform_version\"\s*:")
_STATE = re.compile(r"\"(?:lineage|serial)\"\s*:")
_SHOWN = re.compile(r"\"format_version\"\s*:")
_INDEX = re.compile(r"\[(?:\"[^\"]*\"|\d+)\]")
_MODULE = re.compile(r"module\.([\w-]+)(?:\[[^\]]*\])?$")
_UNTELLING = frozenset({"this", "main", "default", "self", "primary", "resource", "db", "bucket"})
"""Labels that modules give their only resource; the module's own name says more."""
_DEEPEST = 20
"""Levels of nested modules; real ones stay below five."""


@dataclass(frozen=True, slots=True)
class _Instance:
    """One resource instance, whichever format it was written in."""

    address: str
    type: str
    label: str
    module: str
    attributes: Mapping[str, Any]
    depends_on: tuple[str, ...]
    span: SourceSpan


class Terraform(FeedReader):
    """Reads one state a file."""

    name: ClassVar[str] = "terraform"
    suffixes: ClassVar[frozenset[str]] = frozenset({".tfstate", ".json"})

    def claims(self, file: InputFile) -> bool:
        """A Terraform version beside a lineage or serial, or beside the version of the shown format."""
        head = file.head
        return bool(_VERSION.search(head) and (_STATE.search(head) or _SHOWN.search(head)))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over the resources that are kept; the others are counted with the reason."""
        for first, last, value in read_events(file, harvest.report):
            whole = file.span(first, last)
            if not isinstance(value, dict):
                message = f"a {type(value).__name__} where a state was expected; it was left out"
                harvest.report.error("wrong-shape", message, whole)
                continue
            instances = list(_instances(file, value, first, last, harvest.report))
            for statement in _statements(instances, file.path, harvest.report):
                harvest.platform.append((file, statement))


SOURCE = Terraform


def _instances(
    file: InputFile, value: dict[str, Any], first: int, last: int, report: Report
) -> Iterator[_Instance]:
    whole = file.span(first, last)
    if "format_version" in value:
        if "planned_values" in value or "resource_changes" in value:
            report.skip("Terraform plan, which is not applied yet; only its prior state was read")
            path: tuple[str, ...] = ("prior_state", "values", "root_module")
        else:
            path = ("values", "root_module")
        yield from _shown(file, (first, last), loose.mapping(loose.at(value, *path)), path, report)
    elif value.get("version") == 4:
        rows = loose.items(value.get("resources"))
        spans = item_spans(file, first, last, ("resources",), len(rows))
        for row, span in zip(rows, spans, strict=True):
            yield from _stated(loose.mapping(row), span, report)
    else:
        message = (
            f"a state of version {value.get('version')!r}, only version 4 is read; "
            "run `terraform refresh` with a Terraform of today, it was left out"
        )
        report.error("unknown-version", message, whole)


def _stated(row: dict[str, Any], span: SourceSpan, report: Report) -> Iterator[_Instance]:
    """The instances of one resource of a state file."""
    sort, label = loose.text(row.get("type")), loose.text(row.get("name"))
    if sort is None or label is None:
        message = "a resource without type or name, expected both; it was left out"
        report.error("wrong-shape", message, span)
        return
    if row.get("mode") == "data":
        report.skip("Terraform data source, which only reads what others manage")
        return
    module = loose.text(row.get("module")) or ""
    for instance in loose.mappings(row.get("instances")):
        if instance.get("deposed"):
            report.skip("deposed Terraform object, which is about to be destroyed")
            continue
        hidden = {
            str(step.get("value"))
            for path in loose.items(instance.get("sensitive_attributes"))
            for step in loose.mappings(path)[:1]
        }
        attributes = loose.mapping(instance.get("attributes"))
        key = instance.get("index_key")
        index = f'["{key}"]' if isinstance(key, str) else "" if key is None else f"[{key}]"
        yield _Instance(
            address=".".join(filter(None, (module, f"{sort}.{label}{index}"))),
            type=sort,
            label=f"{label}-{key}" if key not in (None, 0) else label,
            module=module,
            attributes={k: v for k, v in attributes.items() if k not in hidden},
            depends_on=_texts(instance.get("dependencies")),
            span=span,
        )


def _shown(
    file: InputFile,
    lines: tuple[int, int],
    module: dict[str, Any],
    path: tuple[str, ...],
    report: Report,
) -> Iterator[_Instance]:
    """The instances of the shown format, module by module; each level of modules is read for its lines once."""
    level = [module]
    pattern: Pattern = path
    for _ in range(_DEEPEST):
        found = [row for one in level for row in loose.items(one.get("resources"))]
        spans = item_spans(file, *lines, (*pattern, "resources"), len(found))
        for row, span in zip(found, spans, strict=True):
            instance = _shown_one(loose.mapping(row), span, report)
            if instance is not None:
                yield instance
        level = [inner for one in level for inner in loose.mappings(one.get("child_modules"))]
        pattern = (*pattern, "child_modules", None)
        if not level:
            return


def _shown_one(row: dict[str, Any], span: SourceSpan, report: Report) -> _Instance | None:
    sort, label = loose.text(row.get("type")), loose.text(row.get("name"))
    address = loose.text(row.get("address"))
    if sort is None or label is None or address is None:
        message = "a resource without address, type or name, expected all; it was left out"
        report.error("wrong-shape", message, span)
        return None
    if row.get("mode") == "data":
        report.skip("Terraform data source, which only reads what others manage")
        return None
    hidden = loose.mapping(row.get("sensitive_values"))
    values = loose.mapping(row.get("values"))
    module, _, _ = address.rpartition(f".{sort}.") if f".{sort}." in address else ("", "", "")
    key = row.get("index")
    return _Instance(
        address=address,
        type=sort,
        label=f"{label}-{key}" if key not in (None, 0) else label,
        module=module,
        attributes={k: v for k, v in values.items() if not _marked(hidden.get(k))},
        depends_on=_texts(row.get("depends_on")),
        span=span,
    )


def _marked(mark: Any) -> bool:
    """Whether any part of a value is sensitive: marks mirror the value and are true where it is."""
    if isinstance(mark, dict):
        return any(_marked(inner) for inner in mark.values())
    if isinstance(mark, list):
        return any(_marked(inner) for inner in mark)
    return mark is True


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in map(loose.text, loose.items(value)) if text)


def _statements(
    instances: list[_Instance], path: str, report: Report
) -> Iterator[PlatformResource]:
    folder, workspace, project = state_place(path)
    named = environment_among(workspace, project, folder)
    by_resource: dict[str, list[str]] = {}
    for one in instances:
        by_resource.setdefault(_INDEX.sub("", one.address), []).append(one.address)
    for one in instances:
        # By convention a type starts with the local name of its provider.
        provider, _, name = one.type.partition("_")
        sort = sort_of(provider, name or provider)
        if sort.type is None:
            report.skip(sort.reason)
            continue
        attributes = Attributes(one.attributes)
        labelled = read_labels(attributes.tags())
        wanted = (by_resource.get(_INDEX.sub("", text), ()) for text in one.depends_on)
        yield PlatformResource(
            stack=path,
            stack_names=tuple(
                filter(None, (project, folder_name(folder or ".", workspace), workspace))
            ),
            address=one.address,
            type=sort.type,
            name=attributes.name() or labelled.name or _label(one),
            ids=(*attributes.ids(), one.address),
            provider=sort.provider,
            managed_by="terraform",
            engine=attributes.engine(),
            region=attributes.region(),
            environment=labelled.environment or named,
            labelled=labelled,
            applied_at=labelled.applied_at,
            depends_on=tuple(dict.fromkeys(a for many in wanted for a in many if a != one.address)),
            behind=None,
            span=one.span,
        )


def _label(one: _Instance) -> str:
    module = _MODULE.search(one.module)
    if module is None:
        return one.label
    return module[1] if one.label in _UNTELLING else f"{module[1]}-{one.label}"
