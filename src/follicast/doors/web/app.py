"""The clinic's page as one application, and how it is served."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.base import BaseHTTPMiddleware

from follicast.doors.web import consult, guard, sign_in
from follicast.doors.web.pages import HERE, page
from follicast.doors.web.settings import Settings
from follicast.errors import Busy, FollicastError, Missing, NotAllowed
from follicast.records import Conflict, Records

ROUTERS = [sign_in.router, *consult.ROUTERS]
_STATUS = {NotAllowed: 403, Missing: 404, Busy: 503, Conflict: 409}


def create_app(settings: Settings, records: Records | None = None) -> FastAPI:
    """Return the application over the clinic's records; without any they are opened where the settings say."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.records.close()

    app = FastAPI(
        title="Follicast", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json", lifespan=lifespan
    )
    app.state.settings = settings
    app.state.records = records or Records.open(settings.database)
    app.add_middleware(BaseHTTPMiddleware, dispatch=guard.keep)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_exception_handler(guard.Forged, _forged)
    app.add_exception_handler(FollicastError, _told)
    for router in ROUTERS:
        app.include_router(router)
    app.get("/healthz", include_in_schema=False)(healthz)
    return app


async def healthz() -> dict[str, str]:
    """Say that it runs."""
    return {"status": "ok"}


async def _forged(request: Request, _: Exception) -> Response:
    return JSONResponse({"detail": "this form is too old or not ours; reload the page and try again."}, 403)


async def _told(request: Request, trouble: Exception) -> Response:
    """Say what was wrong, as JSON to a program and as a page to a person."""
    status = next((status for kind, status in _STATUS.items() if isinstance(trouble, kind)), 422)
    if request.url.path.startswith("/api") or "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"detail": str(trouble)}, status)
    return page(request, "trouble.html", {"trouble": str(trouble), "status": status}, status)


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve the clinic's page until interrupted; at this computer, print the address that opens it once."""
    import uvicorn

    app = create_app(settings)
    if settings.door == "local":
        token = app.state.records.tokens.make(sign_in.OPENING)
        print(
            f"Open in a browser (works once, within the hour):\n\n    http://{host}:{port}/open?token={token}\n"
        )
        sys.stdout.flush()
    # No access log: an address may hold a record's id, and who looked is kept in the audit trail.
    uvicorn.run(app, host=host, port=port, access_log=False, log_level="warning", server_header=False)
