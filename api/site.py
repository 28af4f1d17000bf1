"""The web page: static files, served as they are."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

WEB = Path(__file__).with_name("web")


def install_site(app: FastAPI) -> None:
    """Add the page, the description of the API, and what they are made of."""

    @app.get("/", include_in_schema=False)
    def page() -> Response:
        return FileResponse(WEB / "index.html")

    @app.get("/entities/{kind}/{namespace}/{name}", include_in_schema=False)
    @app.get("/pages", include_in_schema=False)
    def thing() -> Response:
        """The page of one thing; its script asks the API for what the address names."""
        return FileResponse(WEB / "thing.html")

    @app.get("/embed", include_in_schema=False)
    def embed() -> Response:
        return FileResponse(WEB / "embed.html")

    @app.get("/docs", include_in_schema=False)
    def docs() -> Response:
        return FileResponse(WEB / "docs.html")

    @app.get("/favicon.ico", include_in_schema=False)
    def favicon() -> Response:
        return FileResponse(WEB / "mark.svg", media_type="image/svg+xml")

    app.mount("/web", StaticFiles(directory=WEB), name="web")
