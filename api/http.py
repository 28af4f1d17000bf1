"""The HTTP API: each route is a few lines over what `app.serving` answers.

Routes are plain functions, which FastAPI runs in its thread pool, so a slow answer never stops the event loop. Each group of
routes is a module of its own, installed by one line of `create_app`.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from api.ask import ask_routes
from api.context import Context
from api.entities import entity_routes
from api.events import event_routes
from api.failures import install_errors
from api.feedback import feedback_routes
from api.find import find_routes
from api.guard import RequestGuard
from api.identity import IdentityGuard
from api.insights import insights_routes
from api.limits import Limits, RequestLimits
from api.mcp import mcp_endpoint
from api.operations import operation_routes
from api.portal_catalog import portal_catalog_routes
from api.portal_search import portal_search_routes
from api.quality import quality_routes
from api.site import install_site
from app.identity.resolve import Identities
from app.observe import Measures, log
from app.usage import usage_of
from app.wiring import Wiring


def create_app(wiring: Wiring) -> FastAPI:
    """The API and the web page over one live store.

    Args:
        wiring: settings and the live assistant; the caller closes it after the server has stopped.
    """
    context = Context(wiring, Measures(usage_of(wiring.settings, wiring.live.store)))
    wiring.live.on_swap = _swap_noted(context.measures)
    mcp = mcp_endpoint(context)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with context.everything() as serving:
            trusted = context.settings.trust_caller
            log(logging.INFO, "serving", snapshot=serving.id, trust_caller=trusted)
        async with mcp.running():
            yield
        if context.measures.usage is not None:
            context.measures.usage.close()
        log(logging.INFO, "stopped")

    app = FastAPI(
        title="Callboard",
        version=version("callboard"),
        summary="Ask your software catalog in plain words.",
        description="Every answer shows how the question was read, and where each fact was written.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.measures = context.measures
    _install_middleware(app, context)
    install_errors(app)
    app.include_router(ask_routes(context))
    app.include_router(find_routes(context))
    app.include_router(entity_routes(context))
    app.include_router(quality_routes(context))
    app.include_router(feedback_routes(context))
    app.include_router(insights_routes(context))
    app.include_router(operation_routes(context))
    app.include_router(portal_search_routes(context))
    app.include_router(portal_catalog_routes(context))
    app.include_router(event_routes(wiring, context.measures))
    app.router.routes.append(Route(mcp.path, mcp, include_in_schema=False))
    install_site(app)
    return app


def _install_middleware(app: FastAPI, context: Context) -> None:
    """From the inside out: who asks, what is asked of a server, who may ask from another page, and what every answer carries."""
    settings = context.settings
    identities = Identities(settings.access, trust_caller=settings.trust_caller)
    app.add_middleware(IdentityGuard, identities=identities)
    limits = Limits(settings.rate_limit, settings.max_concurrent, settings.time_limit)
    app.add_middleware(RequestLimits, limits=limits)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "If-None-Match",
                "X-Request-ID",
                "X-API-Key",
            ],
            expose_headers=["ETag", "Retry-After", "X-Request-ID"],
            max_age=600,
        )
    app.add_middleware(RequestGuard, measures=context.measures)


def _swap_noted(measures: Measures) -> Callable[[str, Exception | None], None]:
    def swapped(snapshot: str, error: Exception | None) -> None:
        measures.swaps.labels("failed" if error else "served").inc()
        level = logging.ERROR if error else logging.INFO
        log(level, "snapshot swap", snapshot=snapshot, **({"error": str(error)} if error else {}))

    return swapped
