"""A forecast's curves as files: a long table for other programs, a drawing for people."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

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


def drawing(forecast: Forecast, suffix: str) -> bytes:
    """Return the chart of terminal hairs as .svg or .png bytes."""
    from follicast.report.charts import forecast_chart

    with TemporaryDirectory() as folder:
        path = Path(folder) / f"forecast{suffix}"
        forecast_chart(forecast).save(path)
        return path.read_bytes()
