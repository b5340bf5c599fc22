"""Follicast forecasts hair, follicle by follicle, and turns the forecast into a plan.

The front door: a dozen names, each fetched when it is first asked for, so that the import costs nothing.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from follicast.assessment import assess as assess
    from follicast.errors import FollicastError as FollicastError
    from follicast.errors import NothingToGive as NothingToGive
    from follicast.follow_up import given as given
    from follicast.forecast import forecast as forecast
    from follicast.patient import Patient as Patient
    from follicast.plan import Plan as Plan
    from follicast.regimen import NO_TREATMENT as NO_TREATMENT
    from follicast.regimen import Regimen as Regimen
    from follicast.report import report as report
    from follicast.today import today as today

_ROOMS = {
    "Patient": "follicast.patient",
    "assess": "follicast.assessment",
    "today": "follicast.today",
    "forecast": "follicast.forecast",
    "given": "follicast.follow_up",
    "Regimen": "follicast.regimen",
    "NO_TREATMENT": "follicast.regimen",
    "Plan": "follicast.plan",
    "report": "follicast.report",
    "FollicastError": "follicast.errors",
    "NothingToGive": "follicast.errors",
}
__all__ = ["__version__", *_ROOMS]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("follicast")
    if name not in _ROOMS:
        raise AttributeError(f"module 'follicast' has no name '{name}'. It has: {', '.join(__all__)}")
    value = getattr(importlib.import_module(_ROOMS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _FrontDoor(ModuleType):
    """Keeps `today`, `forecast` and `report` what they are called for.

    They are verbs here and the names of rooms within. Python hangs a room on its package once it is imported,
    which would put the room where the verb is expected.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _ROOMS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _FrontDoor
