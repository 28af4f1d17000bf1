"""Pulumi: `pulumi stack export`, and the checkpoints of self-managed backends.

Read: as for Terraform; the time of the last update stands in `manifest.time`.

Joined: as for Terraform; stack and project are taken from the resources' URNs.

Ignored: components, providers and stacks themselves, external resources, what is about to be deleted, secrets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.files import InputFile
from indexer.json_items import item_spans
from indexer.json_stream import read_events
from indexer.platform.attributes import Attributes
from indexer.platform.labels import latest, read_labels
from indexer.platform.places import environment_among
from indexer.platform.statements import PlatformResource
from indexer.platform.types import joined, snake, sort_of
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest

_MANIFEST = re.compile(r"\"manifest\"\s*:\s*\{")
_SHAPE = re.compile(r"\"(?:deployment|checkpoint)\"\s*:\s*\{")
_URN = re.compile(r"urn:pulumi:(?P<stack>[^:]+)::(?P<project>[^:]+)::(?P<type>.+?)::(?P<name>.+)")


class Pulumi(FeedReader):
    """Reads one stack a file."""

    name: ClassVar[str] = "pulumi"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json"})

    def claims(self, file: InputFile) -> bool:
        """A deployment or checkpoint with a manifest."""
        return bool(_SHAPE.search(file.head) and _MANIFEST.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over the resources that are kept; the others are counted with the reason."""
        report = harvest.report
        for first, last, value in read_events(file, report):
            whole = file.span(first, last)
            under = ("checkpoint", "latest") if loose.at(value, "checkpoint") else ("deployment",)
            stack = loose.mapping(loose.at(value, *under))
            rows = loose.items(stack.get("resources"))
            if not rows:
                message = "no resources in it, expected what `pulumi stack export` writes; left out"
                report.warning("wrong-shape", message, whole)
                continue
            at = loose.moment(loose.at(stack, "manifest", "time"), "manifest.time", whole, report)
            spans = item_spans(file, first, last, (*under, "resources"), len(rows))
            for row, span in zip(rows, spans, strict=True):
                statement = _statement(loose.mapping(row), at, span, report)
                if statement is not None:
                    harvest.platform.append((file, statement))


SOURCE = Pulumi


def _statement(
    row: dict[str, Any], applied_at: datetime | None, span: SourceSpan, report: Report
) -> PlatformResource | None:
    urn = loose.text(row.get("urn")) or ""
    match = _URN.fullmatch(urn)
    token = loose.text(row.get("type")) or ""
    if match is None or token.count(":") != 2:
        message = f"a resource with the urn {urn!r:.120} and type {token!r:.80}; it was left out"
        report.error("wrong-shape", message, span)
        return None
    if row.get("custom") is not True or token.startswith("pulumi:"):
        report.skip("Pulumi component, provider or stack, which runs nothing itself")
        return None
    if row.get("delete") is True or row.get("external") is True:
        report.skip("Pulumi resource that others manage, or that is about to be deleted")
        return None
    provider, module, kind = token.split(":")
    service = module.partition("/")[0]
    sort = sort_of(provider, joined("" if service == "index" else service, kind))
    if sort.type is None:
        report.skip(sort.reason)
        return None
    secret = set(map(str, loose.items(row.get("additionalSecretOutputs"))))
    values = {**loose.mapping(row.get("inputs")), **loose.mapping(row.get("outputs"))}
    attributes = Attributes(_snaked({k: v for k, v in values.items() if k not in secret}))
    labelled = read_labels(attributes.tags())
    stack, project = match["stack"], match["project"]
    identity = loose.text(row.get("id")) or ""
    return PlatformResource(
        stack=f"{project}/{stack}",
        stack_names=(f"{project}/{stack}", project, stack),
        address=urn,
        type=sort.type,
        name=_name(match["name"], attributes.name() or labelled.name),
        ids=tuple(dict.fromkeys((*attributes.ids(), *filter(_telling, (identity,)), urn))),
        provider=sort.provider,
        managed_by="pulumi",
        engine=attributes.engine(),
        region=attributes.region(),
        environment=labelled.environment or environment_among(stack, project),
        labelled=labelled,
        applied_at=latest(labelled.applied_at, applied_at),
        depends_on=tuple(t for t in map(loose.text, loose.items(row.get("dependencies"))) if t),
        behind=None,
        span=span,
    )


def _name(logical: str, physical: str | None) -> str:
    """What people call it: a name that Pulumi made up by adding seven random digits is the logical one.

    >>> _name("photos", "photos-1a2b3c4"), _name("photos", "pictures"), _name("photos", None)
    ('photos', 'pictures', 'photos')
    """
    if physical is None or re.fullmatch(rf"{re.escape(logical)}-?[0-9a-f]{{7,8}}", physical):
        return logical
    return physical


def _telling(identity: str) -> bool:
    return "/" in identity or ":" in identity


def _snaked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes under the names Terraform gives them; Pulumi writes `clusterIdentifier`."""
    return {snake(str(key)): value for key, value in values.items()}
