"""A forecast's curves: a long table for other programs, a drawing for people, and arm by arm what they come to."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from follicast.doors.output import table
from follicast.forecast import ArmForecast, Forecast

UNITS = {
    "total_density": "/cm2",
    "terminal_density": "/cm2",
    "mean_diameter": "um",
    "anagen_share": "%",
    "daily_shedding": "{hairs}/d",
}
HEAD = ["arm", "class", "month", "quantity", "unit", "median", "low", "high"]


def long_table(forecast: Forecast) -> str:
    """Return every curve as CSV, a row per arm, month and quantity (90 % interval); refused arms have none."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(HEAD)
    for arm in forecast.arms:
        if arm.refused is None:
            rows.writerows(_rows(arm))
    return out.getvalue()


def _rows(arm: ArmForecast) -> list[list[object]]:
    found: list[list[object]] = []
    for quantity, curve in arm.curves.items():
        ends = zip(arm.months, curve.median, curve.low, curve.high, strict=True)
        for month, *values in ends:
            numbers = [round(float(value), 4) for value in values]
            found.append([arm.arm, arm.evidence_class, month, quantity, UNITS[quantity], *numbers])
    return found


def outcomes(forecast: Forecast) -> list[Any]:
    """Return arm by arm when a benefit can be seen, how much hair is won, the early shed, and its evidence."""
    head = ["arm", "evidence", "benefit seen", "extra hair /cm2", "early shed"]
    rows = [_outcome(arm) for arm in forecast.arms[1:] if arm.refused is None]
    works = f"rests on {len(forecast.sources)} works; each is shown by: follicast evidence CITEKEY"
    return [*([table(None, head, rows)] if rows else []), works]


def _outcome(arm: ArmForecast) -> list[str]:
    month, shed, extra = arm.month_of_visible_benefit, arm.early_shed, arm.extra_hair
    return [
        arm.arm,
        arm.evidence_class,
        f"month {month['median']:g}" if month else f"not by month {arm.months[-1]}",
        f"{extra['median']:+.1f} ({extra['low']:.1f} to {extra['high']:.1f})",
        f"week {shed.peak_week}, {shed.ratio:.1f} times" if shed else "none",
    ]


def drawing(forecast: Forecast, suffix: str) -> bytes:
    """Return the chart of terminal hairs as .svg or .png bytes."""
    from follicast.report.charts import forecast_chart

    with TemporaryDirectory() as folder:
        path = Path(folder) / f"forecast{suffix}"
        forecast_chart(forecast).save(path)
        return path.read_bytes()
