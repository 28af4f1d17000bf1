"""`GET /api/search/query`: what the portal's search page and box ask."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.context import Context
from api.portal_errors import PortalRoute
from assistant.portal.search import PortalQuery
from catalog_store.errors import BadRequest

MAX_TERM, MAX_LIMIT, DEFAULT_LIMIT = 100, 100, 25
"""The portal's own limits: characters of a term, results of a page at most, and when nothing is said."""

_FILTER = re.compile(r"filters\[([^\[\]]+)\](?:\[\d*\])?")
_TYPE = re.compile(r"types(?:\[\d*\])?")


def portal_search_routes(context: Context) -> APIRouter:
    """The route of the portal's search API."""
    router = APIRouter(tags=["portal"], route_class=PortalRoute)

    @router.get(
        "/api/search/query",
        summary="Search, as the portal's search page does",
        openapi_extra={
            "parameters": [
                _parameter("term", "The words."),
                _parameter("types[0]", "`software-catalog` or `techdocs`; all when left out."),
                _parameter(
                    "filters[kind]",
                    "A value, or `filters[kind][0]` for several; any field of a document.",
                ),
                _parameter("pageLimit", f"Results on a page, at most {MAX_LIMIT}."),
                _parameter("pageCursor", "From the page before."),
            ]
        },
    )
    def query(request: Request) -> Response:
        """Results best first, with what matched marked."""
        wanted = _read(request.query_params.multi_items())
        with context.serving() as serving:
            found = serving.portal_search(wanted)
        base = str(request.base_url).rstrip("/")
        for result in found.results:
            document = result["document"]
            if document["location"].startswith(
                "/v1/"
            ):  # a page of ours, which the portal has no place for
                document["location"] = base + document["location"]
        body = {"results": found.results, "numberOfResults": found.total}
        if found.more:
            body["nextPageCursor"] = _cursor(wanted.page + 1)
        if wanted.page > 0:
            body["previousPageCursor"] = _cursor(wanted.page - 1)
        return Response(orjson.dumps(body), media_type="application/json")

    return router


def _read(parameters: Iterable[tuple[str, str]]) -> PortalQuery:
    term, limit, page = "", DEFAULT_LIMIT, 0
    types: list[str] = []
    filters: dict[str, list[str]] = {}
    for name, value in parameters:
        if name == "term":
            term = value
        elif name == "pageLimit":
            limit = _limit(value)
        elif name == "pageCursor":
            page = _page(value)
        elif _TYPE.fullmatch(name):
            types.append(value)
        elif (found := _FILTER.fullmatch(name)) is not None:
            filters.setdefault(found[1], []).append(value)
    if len(term) > MAX_TERM:
        raise BadRequest(
            f"the term has {len(term)} characters; at most {MAX_TERM} are searched for"
        )
    given = {name: tuple(values) for name, values in filters.items()}
    return PortalQuery(term, tuple(types), given, limit, page)


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= MAX_LIMIT:
        raise BadRequest(
            f"pageLimit is {text[:40]!r}, expected a whole number from 1 to {MAX_LIMIT}"
        )
    return int(text)


def _cursor(page: int) -> str:
    return base64.b64encode(str(page).encode()).decode()


def _page(text: str) -> int:
    try:
        number = base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        number = ""
    if not number.isdecimal() or len(number) > 6:
        raise BadRequest("malformed pageCursor; start again without one")
    return int(number)


def _parameter(name: str, description: str) -> dict[str, object]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {"type": "string"},
    }
