"""`/api/catalog`: the read side of the portal's catalog API, so that its own client and pages work against us.

Shapes, filters, cursors and errors are those of the portal's backend. What would change the catalog answers 501: the catalog is
read from files.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlencode

from fastapi import APIRouter, Body, Path, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.context import Context
from api.portal_errors import PortalRoute, portal_json
from assistant.portal.catalog import DEFAULT_LIMIT, MAX_LIMIT, EntityPage, picked
from assistant.portal.cursors import Cursor, order_of
from assistant.portal.validate import faults
from catalog_store.errors import BadRequest

Json = dict[str, Any]
Filters = Annotated[
    list[str],
    Query(
        alias="filter",
        description="Conditions joined by commas: `key`, or `key=value`. Any one filter may hold.",
        examples=["kind=component,spec.type=service"],
    ),
]
Fields = Annotated[list[str], Query(description="Dotted paths to return, comma-separated.")]
Limit = Annotated[int | None, Query(ge=0, description="Most entities returned.")]
Offset = Annotated[int, Query(ge=0)]
PathPart: TypeAlias = Annotated[str, Path(max_length=300)]
Given = Annotated[Json, Body()]


def portal_catalog_routes(context: Context) -> APIRouter:
    """The routes of the portal's catalog API."""
    router = APIRouter(tags=["portal"], route_class=PortalRoute)
    _install_lists(router, context)
    _install_queries(router, context)
    _install_entities(router, context)
    _install_facets(router, context)
    _install_locations(router, context)
    _install_writes(router)
    return router


def _install_lists(router: APIRouter, context: Context) -> None:
    @router.get("/api/catalog/entities", summary="Entities, as a bare list")
    def entities(
        request: Request,
        filters: Filters = [],  # noqa: B006  FastAPI copies it
        fields: Fields = [],  # noqa: B006
        limit: Limit = None,
        offset: Offset = 0,
        after: str | None = None,
        order: Annotated[list[str], Query()] = [],  # noqa: B006
    ) -> Response:
        """In order of reference unless `order=asc:metadata.name` says otherwise; the `Link` header leads to the next page."""
        start = _after(after) if after else offset
        with context.serving() as serving:
            catalog = serving.portal()
            rows = catalog.filtered(filters)
            found = catalog.entities(rows, order=_orders(order), offset=start, limit=limit)
        response = portal_json([picked(entity, _names(fields)) for entity in found])
        if limit and start + len(found) < len(rows):
            query = [
                (k, v)
                for k, v in request.query_params.multi_items()
                if k not in ("after", "offset")
            ]
            query.append(("after", str(start + len(found))))
            response.headers["Link"] = f'<{request.url.path}?{urlencode(query)}>; rel="next"'
        return response


def _install_queries(router: APIRouter, context: Context) -> None:
    @router.get("/api/catalog/entities/by-query", summary="Entities page by page")
    def by_query(
        filters: Filters = [],  # noqa: B006
        fields: Fields = [],  # noqa: B006
        limit: Limit = None,
        offset: Offset = 0,
        order_field: Annotated[list[str], Query(alias="orderField")] = [],  # noqa: B006
        cursor: str | None = None,
        term: Annotated[str, Query(alias="fullTextFilterTerm")] = "",
        term_fields: Annotated[list[str], Query(alias="fullTextFilterFields")] = [],  # noqa: B006
        total: Annotated[Literal["include", "exclude"], Query(alias="totalItems")] = "include",
    ) -> Response:
        """A first page by its filters, a later one by the cursor of the one before."""
        first = Cursor(
            order=tuple(_order_field(text) for text in order_field),
            filters=tuple(filters),
            term=term,
            term_fields=tuple(_names(term_fields)),
        )
        return _page(context, cursor, first, limit, offset, _names(fields), total)

    @router.post("/api/catalog/entities/by-query", summary="Entities page by page, by a predicate")
    def by_predicate(given: Given) -> Response:
        """`query` holds `$all`, `$any`, `$not` and conditions by key: a value, `$in`, `$exists`, `$contains`, `$hasPrefix`."""
        full = given.get("fullTextFilter") or {}
        if not isinstance(full, dict):
            raise BadRequest("fullTextFilter is no object")
        first = Cursor(
            order=order_of(given.get("orderBy") or []),
            query={} if given.get("query") is None else given["query"],
            term=_text(full.get("term") or "", "fullTextFilter.term"),
            term_fields=tuple(_texts(full.get("fields"), "fullTextFilter.fields")),
        )
        limit, offset = (_whole(given.get(name), name) for name in ("limit", "offset"))
        cursor = given.get("cursor")
        fields = _texts(given.get("fields"), "fields")
        total = str(given.get("totalItems") or "include")
        return _page(
            context,
            None if cursor is None else _text(cursor, "cursor"),
            first,
            limit,
            offset or 0,
            fields,
            total,
        )

    @router.post("/api/catalog/entities/by-refs", summary="Entities by their references, in order")
    def by_refs(given: Given, filters: Filters = []) -> Response:  # noqa: B006
        """As many as were asked for; null where there is none, or it does not pass."""
        refs = _texts(given.get("entityRefs"), "entityRefs")
        fields = _texts(given.get("fields"), "fields")
        with context.serving() as serving:
            catalog = serving.portal()
            allowed = catalog.filtered(filters) & catalog.matching(given.get("query"))
            found = catalog.by_refs(refs, allowed)
        return portal_json({"items": [one and picked(one, fields) for one in found]})


def _install_entities(router: APIRouter, context: Context) -> None:
    @router.get(
        "/api/catalog/entities/by-name/{kind}/{namespace}/{name}", summary="One entity by name"
    )
    def by_name(kind: PathPart, namespace: PathPart, name: PathPart) -> Response:
        """As it was written, with id, tag and relations."""
        ref = f"{kind}:{namespace}/{name}"
        with context.serving() as serving:
            return _found(
                serving.portal().by_ref(ref),
                f"No entity named '{name}' found, with kind '{kind}' in namespace '{namespace}'",
            )

    @router.get(
        "/api/catalog/entities/by-name/{kind}/{namespace}/{name}/ancestry",
        summary="Where an entity comes from",
    )
    def ancestry(kind: PathPart, namespace: PathPart, name: PathPart) -> Response:
        """The entity, and the Locations that led to it."""
        ref = f"{kind}:{namespace}/{name}"
        with context.serving() as serving:
            return _found(serving.portal().ancestry(ref), f"No such entity {ref}")

    @router.get("/api/catalog/entities/by-uid/{uid}", summary="One entity by id")
    def by_uid(uid: Annotated[str, Path(max_length=200)]) -> Response:
        """As it was written, with id, tag and relations."""
        with context.serving() as serving:
            return _found(serving.portal().by_uid(uid), f"No entity with uid {uid}")

    @router.post("/api/catalog/validate-entity", summary="Check an entity before it is written")
    def validate(given: Given) -> Response:
        """200 when it can be indexed whole, else 400 with what is wrong."""
        entity = given.get("entity")
        if not isinstance(entity, dict):
            raise BadRequest("entity: expected an object")
        found = faults(entity)
        if not found:
            return Response(status_code=200)
        errors = [{"name": "InputError", "message": message} for message in found]
        return portal_json({"errors": errors}, status=400)


def _install_facets(router: APIRouter, context: Context) -> None:
    @router.get("/api/catalog/entity-facets", summary="Values and how many entities hold them")
    def facets(
        facet: Annotated[list[str], Query(min_length=1, examples=["spec.type"])],
        filters: Filters = [],  # noqa: B006
    ) -> Response:
        """For each path, every value that the filtered entities hold."""
        with context.serving() as serving:
            catalog = serving.portal()
            return portal_json({"facets": catalog.facets(facet, catalog.filtered(filters))})

    @router.post("/api/catalog/entity-facets", summary="The same, by a predicate")
    def facets_by_predicate(given: Given) -> Response:
        """For each path, every value that the entities a predicate lets through hold."""
        names = _texts(given.get("facets"), "facets")
        if not names:
            raise BadRequest("facets: name at least one")
        with context.serving() as serving:
            catalog = serving.portal()
            return portal_json(
                {"facets": catalog.facets(names, catalog.matching(given.get("query")))}
            )


def _install_locations(router: APIRouter, context: Context) -> None:
    @router.get("/api/catalog/locations", summary="The files that entities were read from")
    def locations() -> Response:
        """Each as a location of type `file`."""
        with context.serving() as serving:
            return portal_json([{"data": one} for one in serving.portal().locations()])

    @router.post("/api/catalog/locations/by-query", summary="The same, page by page")
    def by_query(given: Given) -> Response:
        """`limit`, and the `cursor` of the page before."""
        limit = _whole(given.get("limit"), "limit") or DEFAULT_LIMIT
        start = _after(_text(given["cursor"], "cursor")) if given.get("cursor") else 0
        with context.serving() as serving:
            found = serving.portal().locations()
        page, end = found[start : start + limit], start + limit
        info = {"nextCursor": str(end)} if end < len(found) else {}
        return portal_json({"items": page, "totalItems": len(found), "pageInfo": info})

    @router.get(
        "/api/catalog/locations/by-entity/{kind}/{namespace}/{name}",
        summary="The file of one entity",
    )
    def by_entity(kind: PathPart, namespace: PathPart, name: PathPart) -> Response:
        """As a location of type `file`."""
        ref = f"{kind}:{namespace}/{name}"
        with context.serving() as serving:
            return _found(serving.portal().location_of(ref), f"found no location for {ref}")

    @router.get("/api/catalog/locations/{location}", summary="One location by id")
    def by_id(location: Annotated[str, Path(max_length=200)]) -> Response:
        """As a location of type `file`."""
        with context.serving() as serving:
            found = (one for one in serving.portal().locations() if one["id"] == location)
            return _found(next(found, None), f"Found no location with ID {location}")


def _install_writes(router: APIRouter) -> None:
    def refused() -> Response:
        raise HTTPException(
            501, "this catalog is read from files; change the file, then run: callboard index"
        )

    for path, method in (
        ("/api/catalog/refresh", "POST"),
        ("/api/catalog/locations", "POST"),
        ("/api/catalog/locations/{location}", "PUT"),
        ("/api/catalog/locations/{location}", "DELETE"),
        ("/api/catalog/entities/by-uid/{uid}", "DELETE"),
        ("/api/catalog/analyze-location", "POST"),
    ):
        router.add_api_route(path, refused, methods=[method], include_in_schema=False)

    @router.api_route(
        "/api/catalog/{rest:path}",
        methods=["GET", "POST", "PUT", "DELETE"],
        include_in_schema=False,
    )
    def nothing(rest: str) -> Response:
        raise HTTPException(404, f"there is nothing at /api/catalog/{rest}")


def _page(
    context: Context,
    cursor: str | None,
    first: Cursor,
    limit: int | None,
    offset: int,
    fields: list[str],
    total: str,
) -> Response:
    asked = first if cursor is None else Cursor.read(cursor)
    size = min(DEFAULT_LIMIT if limit is None else limit, MAX_LIMIT)
    with context.serving() as serving:
        found: EntityPage = serving.portal().query(
            asked, limit=size, offset=offset if cursor is None else 0
        )
    cursors = {"nextCursor": found.next_cursor, "prevCursor": found.previous_cursor}
    return portal_json(
        {
            "items": [picked(entity, fields) for entity in found.items],
            "totalItems": found.total if total == "include" else 0,
            "pageInfo": {name: value for name, value in cursors.items() if value is not None},
        }
    )


def _found(body: Json | None, message: str) -> Response:
    if body is None:
        raise HTTPException(404, message)
    return portal_json(body)


def _after(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise BadRequest(f"malformed cursor {text[:80]!r}; start again without one")
    return int(text)


def _names(values: list[str]) -> list[str]:
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


def _orders(values: list[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for value in values:
        direction, _, name = value.partition(":")
        found.append({"field": name, "order": direction})
    return order_of(found)


def _order_field(text: str) -> tuple[str, str]:
    name, _, direction = text.partition(",")
    return order_of([{"field": name.strip(), "order": direction.strip() or "asc"}])[0]


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise BadRequest(f"{name}: expected text")
    return value


def _texts(value: object, name: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadRequest(f"{name}: expected a list of texts")
    return value


def _whole(value: object, name: str) -> int | None:
    """A number, also sent as text, as some clients do."""
    if value is None:
        return None
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadRequest(f"{name}: expected a whole number that is not negative")
    return value
