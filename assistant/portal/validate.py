"""Whether an entity could be indexed whole, before anybody writes it into a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?")
_NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_API_VERSION = re.compile(r"(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9]+")
_TAG = re.compile(r"[a-z0-9:+#]+(?:-[a-z0-9:+#]+)*")

_LONGEST = 63
"""Characters of a name, a namespace or a tag, as the portal limits them."""

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "component": ("type", "lifecycle", "owner"),
    "api": ("type", "lifecycle", "owner", "definition"),
    "resource": ("type", "owner"),
    "system": ("owner",),
    "domain": ("owner",),
    "group": ("type", "children"),
    "template": ("type", "steps"),
}
"""Fields of `spec` a kind cannot do without, as the portal's model has them."""


def faults(entity: Mapping[str, Any]) -> list[str]:
    """What is wrong with an entity, one sentence each; empty when nothing is.

    >>> faults({"apiVersion": "backstage.io/v1alpha1", "kind": "System", "metadata": {"name": "shop"}, "spec": {"owner": "a"}})
    []
    >>> faults({"apiVersion": "backstage.io/v1alpha1", "kind": "System", "metadata": {"name": "a b"}, "spec": {"owner": "a"}})
    ["metadata.name is 'a b', expected letters and digits joined by - _ or ., at most 63"]
    """
    return [*_envelope(entity), *_metadata(entity.get("metadata")), *_spec(entity)]


def _envelope(entity: Mapping[str, Any]) -> Iterator[str]:
    for name, shape in (("apiVersion", _API_VERSION), ("kind", _KIND)):
        value = entity.get(name)
        if not isinstance(value, str) or not shape.fullmatch(value):
            yield f"{name} is {_shown(value)}, expected for example {'backstage.io/v1alpha1' if name == 'apiVersion' else 'Component'}"


def _metadata(metadata: object) -> Iterator[str]:
    if not isinstance(metadata, dict):
        yield f"metadata is {_shown(metadata)}, expected an object with a name"
        return
    name, namespace = metadata.get("name"), metadata.get("namespace", "default")
    if not _fits(name, _NAME):
        yield f"metadata.name is {_shown(name)}, expected letters and digits joined by - _ or ., at most {_LONGEST}"
    if not _fits(namespace, _NAMESPACE):
        yield f"metadata.namespace is {_shown(namespace)}, expected lower-case letters and digits joined by -, at most {_LONGEST}"
    for section in ("labels", "annotations"):
        held = metadata.get(section, {})
        if not isinstance(held, dict):
            yield f"metadata.{section} is {_shown(held)}, expected an object"
            continue
        for key, value in held.items():
            if not isinstance(value, str):
                yield f"metadata.{section}.{key} is {_shown(value)}, expected text; quote it"
    tags = metadata.get("tags", [])
    if not isinstance(tags, list):
        yield f"metadata.tags is {_shown(tags)}, expected a list"
    else:
        for tag in tags:
            if not _fits(tag, _TAG):
                yield f"metadata.tags holds {_shown(tag)}, expected lower-case letters, digits and : + # joined by -, at most {_LONGEST}"
    yield from _links(metadata.get("links", []))


def _links(links: object) -> Iterator[str]:
    if not isinstance(links, list):
        yield f"metadata.links is {_shown(links)}, expected a list"
        return
    for number, link in enumerate(links):
        if not isinstance(link, dict) or not isinstance(link.get("url"), str) or not link["url"]:
            yield f"metadata.links.{number} has no url"


def _spec(entity: Mapping[str, Any]) -> Iterator[str]:
    needed = _NEEDED.get(str(entity.get("kind")).lower(), ())
    spec = entity.get("spec")
    if spec is not None and not isinstance(spec, dict):
        yield f"spec is {_shown(spec)}, expected an object"
        return
    for name in needed:
        value = (spec or {}).get(name)
        if value is None or value == "":
            yield f"spec.{name} is missing, and {entity.get('kind')} needs it"


def _fits(value: object, shape: re.Pattern[str]) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST and shape.fullmatch(value) is not None


def _shown(value: object) -> str:
    if value is None:
        return "missing"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
