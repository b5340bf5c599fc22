"""The clinic's page as one application."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from follicast.doors.web import accounts, api, consult, guard, openid, problem, sign_in, tasks
from follicast.doors.web.pages import HERE
from follicast.doors.web.settings import Settings
from follicast.doors.web.work import Work
from follicast.plan.remembered import MEMORY
from follicast.records import Records

# Every router of the door, one a line. Pages of the consultation are added here.
ROUTERS = [
    sign_in.router,
    openid.router,
    accounts.router,
    *api.ROUTERS,
    *consult.ROUTERS,
]


def create_app(settings: Settings, records: Records | None = None) -> FastAPI:
    """Return the application over the clinic's records; without any they are opened where the settings say."""
    app = FastAPI(
        title="Follicast", version=version("follicast"), docs_url=None, redoc_url=None,
        openapi_url="/api/openapi.json", lifespan=_alive, summary="Forecasts hair, and turns the forecast into a plan.",
        generate_unique_id_function=_called,
    )  # fmt: skip
    app.state.settings = settings
    app.state.records = records or Records.open(settings.database)
    app.state.work = Work(
        app.state.records, tasks.KINDS,
        workers=settings.workers, most=settings.waiting, silent_s=settings.silent_s,
    )  # fmt: skip
    app.state.openid = openid.provider(settings.openid) if settings.openid else None
    app.add_middleware(guard.Keeper)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    problem.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.get("/healthz", include_in_schema=False)(healthz)
    return app


def _called(route: Any) -> str:
    return "-".join([*map(str, route.tags), route.name]).replace(" ", "-").replace("_", "-")


@asynccontextmanager
async def _alive(app: FastAPI) -> AsyncIterator[None]:
    """Work while the server runs, and let go in order: what is in hand waits for the next start."""
    MEMORY.most = app.state.settings.remembered
    threading.Thread(target=_warm, name="follicast-warm", daemon=True).start()
    app.state.work.start()
    yield
    app.state.work.stop()
    app.state.records.close()


def _warm() -> None:
    """Read the evidence and wake the kernel before the first visitor asks for them."""
    from follicast.forecast import forecast
    from follicast.patient import Patient
    from follicast.regimen import NO_TREATMENT
    from follicast.today import today

    anybody = Patient.model_validate({"age": 40, "sex": "F"})
    forecast(today(anybody, draws=20, follicles=20), [NO_TREATMENT], months=1)


async def healthz() -> dict[str, Any]:
    """Say that it runs."""
    return {"status": "ok"}
