"""Draws the picture on the README's first page: python docs/first_look.py."""

from __future__ import annotations

from pathlib import Path

from follicast.crown import crown_maps
from follicast.forecast import forecast
from follicast.patient import Patient
from follicast.regimen import NO_TREATMENT, Regimen
from follicast.report.picture import Picture, series
from follicast.report.sheet import Plate, sheet
from follicast.today import today

ROOT = Path(__file__).resolve().parents[1]
YEARS, WIDTH = 5, 400
DRUG = Regimen("minoxidil-topical-5")


def pictures() -> list[tuple[str, Picture]]:
    """Return the woman of 47 today, and after five years without and with a drug: the same follicles throughout."""
    now = today(Patient.load(ROOT / "examples" / "woman-47-pattern.yaml"), draws=400)
    arms = forecast(now, [DRUG], 12 * YEARS).arms
    draw = arms[1].nearest_draw(0.5)
    untreated = crown_maps(now, NO_TREATMENT, [0, 12 * YEARS], draw)
    treated = crown_maps(now, DRUG, [12 * YEARS], draw)
    print(f"{untreated[0].x_mm.size:,} follicles")  # the README names this number
    names = ["today", f"in {YEARS} years, untreated", f"in {YEARS} years, minoxidil 5 %"]
    return list(zip(names, series([*untreated, *treated], view="parting", width_px=WIDTH), strict=True))


def plate(name: str, picture: Picture) -> Plate:
    """Return a picture with its own numbers beneath."""
    numbers = picture.numbers
    counted = f"{numbers['density_per_cm2']:.0f} hairs/cm2, mean {numbers['mean_diameter_um']:.0f} um"
    wide = f"parting {numbers['parting_front_mm']:.0f} mm in front, {numbers['parting_back_mm']:.0f} mm at the back"
    return Plate(picture.image, name, (counted, wide))


if __name__ == "__main__":
    target = ROOT / "docs" / "images" / "first-look.png"
    target.parent.mkdir(exist_ok=True)
    drawn = pictures()
    page = sheet([plate(name, picture) for name, picture in drawn], len(drawn), size=18)
    page.quantize(256).save(target, optimize=True)
    print(target.relative_to(ROOT))
