"""The few attributes of a cloud resource that are read; a state holds every secret its resources have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indexer.foreign import known_text
from indexer.platform.labels import tags_of
from indexer.platform.places import region_of
from indexer.platform.types import engine_of

NAMES = (
    *("identifier", "cluster_identifier", "replication_group_id", "cluster_id", "bucket"),
    *("function_name", "cluster_name", "table_name", "topic_name", "queue_name", "domain_name"),
    *("repository_id", "stream_name", "zone_name", "instance_id", "name", "domain", "display_name"),
)
IDS = ("arn", "self_link", "id")
PLACES = ("region", "location", "availability_zone", "zone", "region_id", "arn")
ENGINES = ("engine", "database_version", "engine_type")
TAGS = ("tags_all", "tags", "effective_labels", "labels", "user_labels", "resource_labels")
ALLOWED = frozenset({*NAMES, *IDS, *PLACES, *ENGINES, *TAGS})
"""Nothing else of a resource's attributes is looked at, and these not where the state marks them as sensitive."""


class Attributes:
    """What is read of one resource."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = {key: values[key] for key in values if key in ALLOWED}

    def name(self) -> str | None:
        """The resource's own name in its cloud."""
        return self._first(NAMES)

    def ids(self) -> tuple[str, ...]:
        """What identifies it for certain: addresses of the cloud; a bare number or name is none."""
        found = (known_text(self._values.get(key)) for key in IDS)
        return tuple(dict.fromkeys(text for text in found if text and ("/" in text or ":" in text)))

    def region(self) -> str | None:
        """Where it lives."""
        return region_of(*(known_text(self._values.get(key)) for key in PLACES))

    def engine(self) -> str | None:
        """What kind of database, cache or broker it is."""
        return engine_of(self._first(ENGINES))

    def tags(self) -> dict[str, Any]:
        """Tags and labels, from wherever the cloud keeps them."""
        pairs: dict[str, Any] = {}
        for key in TAGS:
            for name, value in tags_of(self._values.get(key)).items():
                pairs.setdefault(name, value)
        return pairs

    def _first(self, keys: tuple[str, ...]) -> str | None:
        return next((text for key in keys if (text := known_text(self._values.get(key)))), None)
