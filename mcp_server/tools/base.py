"""What a tool is: a row with its schemas, and a function from a call and its arguments to a result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mcp_types as types
from pydantic import BaseModel

from mcp_server.arguments import Arguments
from mcp_server.call import Call


@dataclass(frozen=True)
class ToolRow:
    """One tool.

    Attributes:
        name: as agents call it.
        title: as people see it.
        description: when to use it and what comes back; agents choose by it.
        arguments: the model of what it takes.
        result: the model of what it gives.
        run: does it; raises only `CatalogError`.
    """

    name: str
    title: str
    description: str
    arguments: type[Arguments]
    result: type[BaseModel]
    run: Callable[[Call, Any], BaseModel]

    @cached_property
    def listed(self) -> types.Tool:
        """As `tools/list` shows it. Every tool only reads, of a closed world, and may be repeated at will."""
        return types.Tool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=_schema(self.arguments, "validation"),
            output_schema=_schema(self.result, "serialization"),
            annotations=types.ToolAnnotations(
                title=self.title,
                read_only_hint=True,
                destructive_hint=False,
                idempotent_hint=True,
                open_world_hint=False,
            ),
        )


def _schema(model: type[BaseModel], mode: Any) -> dict[str, Any]:
    """JSON Schema in fewer tokens: without made-up titles, and without null, which is the same as leaving it out."""
    schema: dict[str, Any] = _lean(model.model_json_schema(mode=mode))
    return schema


def _lean(node: Any, *, named: bool = False) -> Any:
    """A schema without "title", and without "null" where that is the default: it says the same as leaving the key out.

    `named` says that the keys are names of properties, not keywords.
    """
    if isinstance(node, list):
        return [_lean(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _lean(value, named=key in ("properties", "$defs") and not named)
        for key, value in node.items()
        if named or (key != "title" and not (key == "default" and value is None))
    }
    nullable = not named and node.get("default", "") is None
    choices = [c for c in kept.get("anyOf", ()) if c != {"type": "null"}] if nullable else []
    if len(choices) == 1:
        del kept["anyOf"]
        kept = {**choices[0], **kept}
    return kept
