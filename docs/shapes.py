"""Draws the shapes of pattern loss, each forced by a grade and never painted: python docs/shapes.py."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from follicast import observer
from follicast.crown import crown_maps
from follicast.patient import Patient
from follicast.regimen import NO_TREATMENT
from follicast.report.comb import View
from follicast.report.picture import Picture, draw
from follicast.report.sheet import Plate, sheet
from follicast.today import Today, today

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "images" / "shapes.webp"
WIDTH, COLUMNS, DRAWS = 330, 5, 100


@dataclass(frozen=True)
class Shape:
    """A grade of a scale, as a patient would have it."""

    name: str
    says: str
    view: View


SHAPES = [
    Shape("no loss (woman)", "age: 30, sex: F, pattern: {scale: sinclair, grade: 1}", "parting"),
    Shape("Ludwig I", "age: 50, sex: F, pattern: {scale: ludwig, grade: 1}", "parting"),
    Shape("Ludwig II", "age: 58, sex: F, pattern: {scale: ludwig, grade: 2}", "parting"),
    Shape("Ludwig III", "age: 68, sex: F, pattern: {scale: ludwig, grade: 3}", "parting"),
    Shape(
        "Christmas tree",
        "age: 55, sex: F, signs: [christmas-tree], pattern: {scale: sinclair, grade: 3}",
        "parting",
    ),
    Shape("Norwood I", "age: 22, sex: M, pattern: {scale: norwood, grade: 1}", "crown"),
    Shape("Norwood II", "age: 45, sex: M, pattern: {scale: norwood, grade: 2}", "crown"),
    Shape("Norwood III", "age: 50, sex: M, pattern: {scale: norwood, grade: 3}", "crown"),
    Shape("Norwood III vertex", "age: 34, sex: M, pattern: {scale: norwood, grade: 3v}", "crown"),
    Shape("Norwood IV", "age: 40, sex: M, pattern: {scale: norwood, grade: 4}", "crown"),
    Shape("Norwood V", "age: 48, sex: M, pattern: {scale: norwood, grade: 5}", "crown"),
    Shape("Norwood VI", "age: 58, sex: M, pattern: {scale: norwood, grade: 6}", "crown"),
    Shape("Norwood VII", "age: 70, sex: M, pattern: {scale: norwood, grade: 7}", "crown"),
    Shape("Norwood II, hairline", "age: 45, sex: M, pattern: {scale: norwood, grade: 2}", "hairline"),
    Shape("Norwood III, hairline", "age: 50, sex: M, pattern: {scale: norwood, grade: 3}", "hairline"),
]


def drawn(shape: Shape, width_px: int = WIDTH) -> Picture:
    """Return the middle of the draws that agree with a grade, as they stand today."""
    now = today(Patient.parse(f"{{{shape.says}}}", shape.name), draws=DRAWS)
    return draw(crown_maps(now, NO_TREATMENT, [0], _middle(now))[0], view=shape.view, width_px=width_px)


def _middle(now: Today) -> int:
    coverage = observer.standing(now.scalp).coverage[:, 0]
    return int(np.abs(coverage - np.median(coverage)).argmin())


def plate(shape: Shape) -> Plate:
    """Return a shape with its numbers."""
    picture = drawn(shape)
    n = picture.numbers
    lines = [
        f"{n['density_per_cm2']:.0f} hairs/cm2, {n['mean_diameter_um']:.0f} um, CHTD {n['chtd_cm_per_cm2']:.2f}"
    ]
    if "parting_front_mm" in n:
        lines.append(f"parting {n['parting_front_mm']:.0f} mm front, {n['parting_back_mm']:.0f} back")
    return Plate(picture.image, shape.name, tuple(lines))


if __name__ == "__main__":
    sheet([plate(shape) for shape in SHAPES], COLUMNS).save(TARGET, quality=82, method=4)
    print(TARGET.relative_to(ROOT))
