"""The API under /api: every answer typed, every problem told as problem+json, and nothing computed here."""

from follicast.doors.web.api import (
    at_once,
    consents,
    issued,
    jobs,
    look_up,
    patients,
    photographs,
    visits,
)

ROUTERS = [
    module.router for module in (at_once, jobs, look_up, patients, visits, photographs, consents, issued)
]
