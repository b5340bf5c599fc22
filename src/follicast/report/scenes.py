"""A plan's pictures: the same follicles without treatment and under the choice, and how far the course may vary.

Every picture of a view has the same seed, light, comb and camera; only the follicles differ. The course shown is the
draw whose change is the middle one, never the best. It is a simulation and knows neither face nor hairstyle.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from markupsafe import Markup
from PIL import Image

from follicast.crown import crown_maps
from follicast.forecast import JUDGED_AT, ArmForecast, Forecast
from follicast.patient import Patient
from follicast.regimen import NO_TREATMENT, Regimen
from follicast.report import dermatoscope
from follicast.report.change_map import Zone, change_map
from follicast.report.colours import Colours, wished
from follicast.report.comb import View
from follicast.report.picture import draw, image_bytes
from follicast.report.strand_file import strand_file
from follicast.scalp_map import ScalpMap
from follicast.simulation import default_threads
from follicast.sites import form_of, place, usual_site

Kind = Literal["view", "hairline", "dermatoscope", "phases", "change"]
MONTHS = [0, 3, 6, 12, 24]
WIDTHS: dict[Kind, int] = {"view": 400, "hairline": 400, "dermatoscope": 440, "phases": 440, "change": 330}
#: The courses shown: two of ten people do worse or better than the outer ones.
_QUANTILES = {"low": 0.1, "median": 0.5, "high": 0.9}
_BESIDE_MM = 15.0  # a dermatoscope is held beside the parting, not on it


@dataclass(frozen=True)
class Scene:
    """One picture as a page shows it.

    `kind` says what is seen, `arm`, `month` and `course` of what. `numbers` were counted on the picture's own
    follicles, `forecast` holds the same draw's numbers in the forecast and `quantile` those of the quantile that the
    draw stands for, both with hairs [/cm2], mean diameter [um] and CHTD [cm/cm2]. `zones` are a change map's.
    """

    kind: Kind
    arm: str
    month: int
    course: str
    data: bytes
    media: str
    width_px: int
    height_px: int
    numbers: dict[str, float]
    forecast: dict[str, float] = field(default_factory=dict)
    quantile: dict[str, float] = field(default_factory=dict)
    zones: list[Zone] = field(default_factory=list)

    @property
    def address(self) -> Markup:
        """The picture as a data address, for a page that needs no other file."""
        return Markup(f"data:{self.media};base64,{base64.b64encode(self.data).decode('ascii')}")

    @property
    def title(self) -> str:
        """What is seen, in a few English words."""
        when = "today" if self.month == 0 else f"month {self.month}"
        whose = "" if self.month == 0 else f", {'untreated' if self.arm == str(NO_TREATMENT) else self.arm}"
        return f"{_SEEN[self.kind]}, {when}{whose}"

    @property
    def description(self) -> str:
        """The picture in words, for whoever does not see it (English)."""
        told = [
            f"{self.numbers[key]:.{digits}f} {unit}" for key, digits, unit in _TOLD if key in self.numbers
        ]
        return f"Simulation, not a photograph. {self.title}: {', '.join(told)}."


_SEEN: dict[Kind, str] = {
    "view": "Scalp from above",
    "hairline": "Hairline from the front",
    "dermatoscope": "1 cm² under the dermatoscope",
    "phases": "1 cm², phases in colour",
    "change": "Change of density since today",
}
_TOLD = [
    ("density_per_cm2", 0, "hairs per cm²"),
    ("mean_diameter_um", 0, "µm mean diameter"),
    ("chtd_cm_per_cm2", 2, "cm/cm² CHTD"),
    ("parting_front_mm", 0, "mm parting in front"),
    ("parting_back_mm", 0, "mm parting at the back"),
    ("change_per_cm2", 0, "hairs per cm² of change"),
]


@dataclass(frozen=True)
class Scenes:
    """A plan's pictures.

    today once; untreated and chosen, the middle course over the months; courses, three of the choice, each today and
    at the judged month; hairline, dermatoscope and phases, each today, untreated and chosen at the judged month;
    changes, untreated and chosen. `colours` are the patient's, or examples; `view` is that of the pictures from above.
    """

    view: View
    colours: Colours
    today: Scene
    untreated: list[Scene]
    chosen: list[Scene]
    courses: list[tuple[Scene, Scene]]
    hairline: list[Scene]
    dermatoscope: list[Scene]
    phases: list[Scene]
    changes: list[Scene]

    @property
    def phase_colours(self) -> dict[str, tuple[int, int, int]]:
        """The colour of each phase as sRGB, for a legend."""
        return dermatoscope.PHASE_COLOURS

    @property
    def above(self) -> list[Scene]:
        """Every picture from above once."""
        return [self.today, *self.untreated, *self.chosen, *self.courses[0], *self.courses[2]]

    @property
    def all(self) -> list[Scene]:
        """Every picture once."""
        return [*self.above, *self.hairline, *self.dermatoscope, *self.phases, *self.changes]


def scenes(
    forecast: Forecast,
    chosen: ArmForecast,
    tone: str | None = None,
    colour: str | None = None,
    *,
    view: View | None = None,
) -> Scenes:
    """Draw the pictures of a plan, on as many threads as the process may use.

    `tone` and `colour` name a skin tone and a hair colour for patients who wish none; `view` is from above by
    default the whole head where loss has Hamilton's form (men's), else the parting. Refuses names that are not known.
    """
    found = _album(forecast, chosen, tone, colour, view)
    with ThreadPoolExecutor(default_threads()) as pool:
        maps = dict(zip(found.grown, pool.map(lambda w: found.grow(*w), found.grown.values()), strict=True))
        drawn = list(pool.map(lambda job: job(), found.jobs(maps)))
    return found.sorted(drawn)


def strands(
    forecast: Forecast,
    chosen: ArmForecast,
    tone: str | None = None,
    colour: str | None = None,
    *,
    view: View | None = None,
    most: int | None = None,
) -> tuple[bytes, dict[str, Any]]:
    """Return the middle course of both arms as strands for a browser, and their header (see `strand_file`).

    Its steps are called "none:0" for today, "none:3", ... and "prp:3", ...: arm and month.
    """
    album = _album(forecast, chosen, tone, colour, view)
    none = album.grow(NO_TREATMENT, album.months, album.draw_of("median"))
    drug = album.grow(chosen.regimen, album.months, album.draw_of("median"))
    maps = {f"{NO_TREATMENT}:{month}": map for month, map in none.items()}
    maps |= {f"{chosen.arm}:{month}": map for month, map in drug.items() if month}
    return strand_file(maps, view=album.view, tone=album.colours.skin, colour=album.colours.hair, most=most)


def usual_view(patient: Patient) -> View:
    """Return the view that shows the form of a patient's loss: the whole head for Hamilton's, else the parting."""
    return "crown" if form_of(patient) == "hamilton" else "parting"


def _album(
    forecast: Forecast, chosen: ArmForecast, tone: str | None, colour: str | None, view: View | None
) -> _Album:
    patient = forecast.today.patient
    return _Album(forecast, chosen, wished(patient, tone, colour), view or usual_view(patient))


@dataclass(frozen=True)
class _Album:
    """What is to be drawn of one plan, and how."""

    forecast: Forecast
    chosen: ArmForecast
    colours: Colours
    view: View

    @property
    def months(self) -> list[int]:
        return [month for month in MONTHS if month <= self.forecast.months[-1]]

    @property
    def judged(self) -> int:
        return min(JUDGED_AT, self.forecast.months[-1])

    def draw_of(self, course: str) -> int:
        return self.chosen.nearest_draw(_QUANTILES[course])

    @property
    def grown(self) -> dict[tuple[str, str], tuple[Regimen, list[int], int]]:
        """What is grown, by arm and course; today stands once, as it is the same under every arm."""
        untreated, treated = str(NO_TREATMENT), self.chosen.arm
        middle, months = self.draw_of("median"), sorted({*self.months, self.judged})
        found = {
            (untreated, "median"): (NO_TREATMENT, months, middle),
            (treated, "median"): (self.chosen.regimen, months, middle),
        }
        for course in ("low", "high"):
            found[treated, course] = (self.chosen.regimen, [0, self.judged], self.draw_of(course))
        return found

    def grow(self, regimen: Regimen, months: list[int], draw: int) -> dict[int, ScalpMap]:
        return dict(zip(months, crown_maps(self.forecast.today, regimen, months, draw), strict=True))

    def jobs(self, maps: dict[tuple[str, str], dict[int, ScalpMap]]) -> list[Callable[[], Scene]]:
        """List every picture as something to do, the slowest first."""
        untreated, treated = str(NO_TREATMENT), self.chosen.arm
        shown = [
            (arm, course, month, map)
            for (arm, course), by_month in maps.items()
            for month, map in by_month.items()
            if (course != "median" or month in self.months)
            and not (arm == treated and course == "median" and not month)
        ]
        none, drug = maps[untreated, "median"], maps[treated, "median"]
        near = [
            (untreated, 0, none[0]),
            (untreated, self.judged, none[self.judged]),
            (treated, self.judged, drug[self.judged]),
        ]
        close: list[Kind] = ["hairline", "dermatoscope", "phases"]
        found: list[Callable[[], Scene]] = [
            lambda a=arm, c=course, m=month, x=map: self.scene("view", a, c, m, x)  # type: ignore[misc]
            for arm, course, month, map in shown
        ]
        found += [
            lambda k=kind, a=arm, m=month, x=map: self.scene(k, a, "median", m, x)  # type: ignore[misc]
            for kind in close
            for arm, month, map in near
        ]
        found += [lambda a=arm, x=map: self.change(a, none[0], x) for arm, _, map in near[1:]]  # type: ignore[misc]
        return found

    def scene(self, kind: Kind, arm: str, course: str, month: int, map: ScalpMap) -> Scene:
        """Draw one picture and set its numbers beside the forecast's."""
        image, numbers = self._drawn(kind, map)
        data, media = _packed(image, kind)
        told = self._told(arm, course, month) if kind == "view" else ({}, {})
        return Scene(kind, arm, month, course, data, media, *image.size, numbers, *told)

    def _drawn(self, kind: Kind, map: ScalpMap) -> tuple[Image.Image, dict[str, float]]:
        skin, hair, width = self.colours.skin, self.colours.hair, WIDTHS[kind]
        if kind in ("dermatoscope", "phases"):
            spot = self._spot()
            field = dermatoscope.field(map, *spot)
            numbers = dermatoscope.counted(map, *spot)
            if kind == "phases":
                return dermatoscope.phases(field, width_px=width), numbers
            return dermatoscope.photograph(field, tone=skin, colour=hair, width_px=width), numbers
        view: View = self.view
        if kind == "hairline":
            view = "hairline-parted" if self.forecast.today.patient.sex == "F" else "hairline"
        picture = draw(map, view=view, tone=skin, colour=hair, width_px=width, finer=1)
        return picture.image, picture.numbers

    def _spot(self) -> tuple[float, float]:
        """Return where the dermatoscope is held [mm]: at the site of that sex, in women beside the parting."""
        sex = self.forecast.today.patient.sex
        x, y = place(usual_site(sex))
        return (_BESIDE_MM if sex == "F" else x), y

    def change(self, arm: str, before: ScalpMap, after: ScalpMap) -> Scene:
        """Draw where density changed from today to the judged month."""
        found = change_map(before, after, view=self.view, width_px=WIDTHS["change"])
        numbers = {"change_per_cm2": after.density_per_cm2 - before.density_per_cm2}
        data, media = _packed(found.image, "change")
        return Scene(
            "change", arm, self.judged, "median", data, media, *found.image.size, numbers, zones=found.zones
        )

    def _told(self, arm: str, course: str, month: int) -> tuple[dict[str, float], dict[str, float]]:
        """Return the forecast's numbers for this course's draw, and those of the quantile over all draws."""
        said = self.forecast.arm(arm)
        found = {
            "density_per_cm2": said.values("total_density")[:, month],
            "mean_diameter_um": said.values("mean_diameter")[:, month],
            "chtd_cm_per_cm2": said.coverage[:, month],
        }
        draw, quantile = self.draw_of(course), _QUANTILES[course]
        return (
            {name: float(values[draw]) for name, values in found.items()},
            {name: float(np.quantile(values, quantile)) for name, values in found.items()},
        )

    def sorted(self, drawn: Sequence[Scene]) -> Scenes:
        """Lay the pictures out as a page shows them."""
        untreated, treated = str(NO_TREATMENT), self.chosen.arm
        views = [scene for scene in drawn if scene.kind == "view"]
        none = [scene for scene in views if scene.arm == untreated]
        drug = [scene for scene in views if scene.arm == treated and scene.course == "median"]
        low, high = ([scene for scene in views if scene.course == course] for course in ("low", "high"))
        middle = (
            next(scene for scene in drug if scene.month == self.judged)
            if self.judged in self.months
            else drug[-1]
        )
        kinds = {
            kind: [scene for scene in drawn if scene.kind == kind]
            for kind in ("hairline", "dermatoscope", "phases", "change")
        }
        return Scenes(
            self.view,
            self.colours,
            none[0],
            none[1:],
            drug,
            [(low[0], low[1]), (none[0], middle), (high[0], high[1])],
            kinds["hairline"],
            kinds["dermatoscope"],
            kinds["phases"],
            kinds["change"],
        )


def _packed(image: Image.Image, kind: Kind) -> tuple[bytes, str]:
    """Return bytes and media type: WebP for what looks like a photograph, PNG with a palette for flat colours."""
    if kind in ("phases", "change"):
        return image_bytes(image, "png", colours=64 if kind == "change" else 32), "image/png"
    return image_bytes(image), "image/webp"
