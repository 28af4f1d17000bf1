"""The tools, in the order in which they are listed: those that need no reference first."""

from __future__ import annotations

from mcp_server.tools.ask import ASK
from mcp_server.tools.base import ToolRow
from mcp_server.tools.entity import GET_ENTITY
from mcp_server.tools.query import QUERY
from mcp_server.tools.runbook import FIND_RUNBOOK
from mcp_server.tools.search import SEARCH

TOOLS: tuple[ToolRow, ...] = (ASK, SEARCH, FIND_RUNBOOK, GET_ENTITY, QUERY)

TOOL_BY_NAME = {tool.name: tool for tool in TOOLS}
