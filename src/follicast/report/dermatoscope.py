"""One square centimetre of clipped scalp as a dermatoscope sees it, and the same hairs with their phases in colour.

Follicles stand where they stand in the other pictures, in units, at their true diameter; hair was clipped short and
grew for two days, so that what grows is longer than what rests. It knows no patient and judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from follicast.cycle import ANAGEN, CATAGEN, GONE, KENOGEN, TELOGEN
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.report.colours import COLOUR, SKIN_TONES, TONE, Colours, encoded, linear
from follicast.report.strands import lucks, ripples
from follicast.scalp_map import ScalpMap

Pixels = NDArray[np.float32]
Floats = NDArray[np.float64]
FIELD_MM = 10.0
_CLIPPED_MM, _DAYS = 0.75, 2.0
#: Phases apart for colour-blind eyes too, and in lightness.
PHASE_COLOURS: dict[str, tuple[int, int, int]] = {
    "anagen": (20, 74, 128),
    "catagen": (124, 92, 158),
    "telogen": (222, 120, 24),
    "kenogen": (84, 80, 76),
    "gone": (190, 184, 176),
}
_PHASES = {"anagen": ANAGEN, "catagen": CATAGEN, "telogen": TELOGEN, "kenogen": KENOGEN, "gone": GONE}
_PAPER = (250, 247, 242)
_LEAST_PX = 2.2  # in the coloured twin even the finest hair must be seen


@dataclass(frozen=True)
class Field:
    """The hairs of one square centimetre, n of them: roots, directions, lengths and diameters."""

    x_mm: Floats
    y_mm: Floats
    angle: Floats
    bend: Floats
    length_mm: Floats
    um: Floats
    blunt: NDArray[np.bool_]
    phase: NDArray[np.int8]
    key: NDArray[np.uint64]
    unit: NDArray[np.int64]

    @property
    def shows(self) -> NDArray[np.bool_]:
        """Which follicles carry a hair that is seen, shape (n,)."""
        return (self.um > 0) & (self.length_mm > 0)

    @property
    def numbers(self) -> dict[str, float]:
        """What is counted on the field [/cm2]: hairs, terminal and vellus ones, units, phases; mean diameter [um]."""
        cutoff, thin = (float(evidence().numbers[f"reading.{name}"]) for name in ("cutoff", "thin"))
        seen = self.um[self.shows]
        phases = {name: float((self.phase == number).sum()) for name, number in _PHASES.items()}
        return {
            "density_per_cm2": float(seen.size),
            "terminal_per_cm2": float((seen >= cutoff).sum()),
            "thin_per_cm2": float((seen < thin).sum()),
            "mean_diameter_um": float(seen.mean()) if seen.size else 0.0,
            "chtd_cm_per_cm2": float(seen.sum()) * 1e-4,
            "units_with_hair": float(np.unique(self.unit[self.shows]).size),
        } | phases


def field(map: ScalpMap, x_mm: float = 15.0, y_mm: float | None = None) -> Field:
    """Return the field of 1 cm2 around a place [mm], by default beside the parting on the midscalp.

    Refuses a map that does not say in which phase its follicles are.
    """
    if map.phase is None:
        raise InputError("picture: this map does not say in which phase its follicles are. Give it `phase`.")
    left, top = x_mm - FIELD_MM / 2, (map.height_mm / 2 if y_mm is None else y_mm) - FIELD_MM / 2
    beyond = 1.5
    x, y = map.x_mm - left, map.y_mm - top
    here = (np.abs(x - FIELD_MM / 2) < FIELD_MM / 2 + beyond) & (
        np.abs(y - FIELD_MM / 2) < FIELD_MM / 2 + beyond
    )
    unit = np.arange(len(map.x_mm)) if map.unit is None else map.unit
    return _clipped(
        x[here],
        y[here],
        map.diameter_um[here],
        map.length_mm[here],
        map.phase[here],
        map.key[here],
        unit[here],
    )


def _clipped(
    x: Floats,
    y: Floats,
    um: Floats,
    length: Floats,
    phase: NDArray[np.int8],
    key: NDArray[np.uint64],
    unit: NDArray[np.int64],
) -> Field:
    """Clip hairs, let what grows grow for two days, and count only what is rooted inside."""
    per_um = float(evidence().numbers["hair_cycle.growth_mean"]) / float(
        evidence().numbers["hair_cycle.growth_mean_diameter"]
    )
    own = unit.astype(np.uint64)
    clipped = _CLIPPED_MM * (1.0 + 0.10 * lucks(key, 71))
    grown = np.where(phase == ANAGEN, um * per_um * 1e-3 * _DAYS, 0.0)
    angle = -0.55 + 0.35 * lucks(own, 72) + 0.30 * lucks(own, 73) ** 3 + 0.16 * lucks(key, 74)
    angle += 0.3 * ripples(x / 4.0, y / 4.0, 75)
    stub = np.minimum(length, clipped + grown)
    # Cut obliquely seen stubs look shorter: hair leaves the skin at an angle.
    flat = np.clip(0.82 + 0.18 * lucks(key, 76), 0.3, 1.0)
    bend = 0.10 * lucks(key, 77)
    return Field(x, y, angle, bend, stub * flat, um, length > clipped, phase, key, unit)


def _within(found: Field) -> Field:
    inside = (np.abs(found.x_mm - FIELD_MM / 2) <= FIELD_MM / 2) & (
        np.abs(found.y_mm - FIELD_MM / 2) <= FIELD_MM / 2
    )
    return Field(**{name: column[inside] for name, column in vars(found).items()})


def counted(map: ScalpMap, x_mm: float = 15.0, y_mm: float | None = None) -> dict[str, float]:
    """Return the numbers of the field alone, without hairs that only lean into it."""
    return _within(field(map, x_mm, y_mm)).numbers


def photograph(found: Field, *, tone: str = TONE, colour: str = COLOUR, width_px: int = 520) -> Image.Image:
    """Return the field as under a dermatoscope with immersion, with a bar of 1 mm.

    Refuses unknown colours and widths that are not between 20 and 4000.
    """
    colours = Colours(colour, tone)
    scale = _scale(width_px)
    light = _skin(width_px, colours.skin).copy()
    _pores(light, found, scale)
    shade = np.ones((width_px, width_px), dtype=np.float32)
    stubs = [_stub(found, i, scale, width_px, 0.0) for i in _lowest_first(found)]
    for box, cover, _, _ in stubs:
        shade[box] *= 1.0 - cover
    soft = gaussian_filter(shade, 0.05 * scale)
    light *= (0.62 + 0.38 * np.roll(soft, (round(0.05 * scale), round(0.03 * scale)), (0, 1)))[:, :, None]
    dye = colours.dye
    pigment = (
        np.array([dye.red, dye.green, dye.blue]),
        np.array([dye.other_red, dye.other_green, dye.other_blue]),
    )
    for i, (box, cover, side, _) in zip(_lowest_first(found), stubs, strict=True):
        second = float(lucks(found.key[i : i + 1], 14)[0]) < 2.0 * dye.other_share - 1.0
        hair = pigment[second] * 0.62 + dye.thin * np.exp(-found.um[i] / 22.0)
        light[box] = _over(light[box], _round(hair, side), cover)
    at = np.arange(width_px) * 0.9
    grain = ripples(at[None, :], at[:, None], 79)
    light = gaussian_filter(light, (0.5, 0.5, 0)) * (1.0 + 0.018 * grain[:, :, None])
    image = Image.fromarray(encoded(np.asarray(light * _vignette(width_px), dtype=np.float32)))
    return _with_bar(image, scale, (20, 18, 17))


def phases(found: Field, *, width_px: int = 520) -> Image.Image:
    """Return the same hairs on paper, each in the colour of its phase; empty follicles are rings, lost ones dots."""
    scale = _scale(width_px)
    light = np.broadcast_to(linear(np.array(_PAPER)), (width_px, width_px, 3)).copy()
    for i in _lowest_first(found):
        box, cover, _, _ = _stub(found, i, scale, width_px, _LEAST_PX)
        light[box] = _over(light[box], linear(np.array(_colour_of(int(found.phase[i])))), cover)
    image = Image.fromarray(encoded(light))
    _mark_empty(image, found, scale)
    return _with_bar(image, scale, (60, 56, 52))


def _scale(width_px: int) -> float:
    if not 20 <= width_px <= 4000:
        raise InputError(f"picture: {width_px} px wide cannot be drawn. Choose 20 to 4000.")
    return width_px / FIELD_MM


def _lowest_first(found: Field) -> list[int]:
    """Return the hairs that show, thin ones first, so that no thick one hides beneath a vellus hair."""
    shown = np.flatnonzero(found.shows)
    return [int(i) for i in shown[np.lexsort((found.key[shown], found.um[shown]))]]


def _stub(
    found: Field, i: int, scale: float, width_px: int, least_px: float
) -> tuple[tuple[slice, slice], Pixels, Pixels, Pixels]:
    """Return the box of one stub, how much of each pixel it covers, and how far aside [radii] and along it lies."""
    x, y, length = found.x_mm[i] * scale, found.y_mm[i] * scale, found.length_mm[i] * scale
    c, s = np.cos(found.angle[i]), np.sin(found.angle[i])
    radius = 0.5 * max(found.um[i] * 1e-3 * scale, least_px)
    reach = radius + 2.0 + abs(found.bend[i]) * length
    xs, ys = sorted((x, x + c * length)), sorted((y, y + s * length))
    x0, x1 = (int(np.clip(edge, 0, width_px)) for edge in (xs[0] - reach, xs[1] + reach + 1))
    y0, y1 = (int(np.clip(edge, 0, width_px)) for edge in (ys[0] - reach, ys[1] + reach + 1))
    dx, dy = np.arange(x0, x1)[None, :] + 0.5 - x, np.arange(y0, y1)[:, None] + 0.5 - y
    along, aside = c * dx + s * dy, -s * dx + c * dy
    part = np.clip(along / max(length, 1e-6), 0.0, 1.0)
    aside = aside - found.bend[i] * length * part**2
    # A hair that was not clipped since it sprouted still has its own fine tip.
    thick = radius * (1.0 if found.blunt[i] else 1.0 - 0.8 * part)
    cover = np.clip(thick - np.abs(aside) + 0.5, 0.0, np.minimum(2 * thick, 1.0))
    cover = cover * np.clip(along + 0.5, 0.0, 1.0) * np.clip(length - along + 0.5, 0.0, 1.0)
    box = (slice(y0, y1), slice(x0, x1))
    return (
        box,
        cover.astype(np.float32),
        (aside / np.maximum(thick, 0.5)).astype(np.float32),
        part.astype(np.float32),
    )


def _round(hair: Floats, side: Pixels) -> Pixels:
    """Return the light of a round shaft: dark at its edges, a streak of the lamp along it."""
    body = 0.45 + 0.75 * np.sqrt(np.maximum(1.0 - side * side, 0.0))
    streak = 0.16 * np.exp(-(((side + 0.28) / 0.20) ** 2))
    return np.asarray(hair * body[:, :, None] + streak[:, :, None] * (0.25 + 1.6 * hair), dtype=np.float32)


def _over(below: Pixels, above: Pixels, cover: Pixels) -> Pixels:
    return np.asarray(below + cover[:, :, None] * (above - below), dtype=np.float32)


def _pores(light: Pixels, found: Field, scale: float) -> None:
    """Darken the openings from which hair comes, with a paler rim; empty ones are faint, lost ones have closed."""
    rows, columns = light.shape[:2]
    for kind, radius, depth in ((found.shows, 0.06, 0.45), (found.phase == KENOGEN, 0.06, 0.22)):
        marks = np.zeros((rows, columns), dtype=np.float32)
        x, y = found.x_mm[kind] * scale, found.y_mm[kind] * scale
        inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
        np.add.at(marks, (y[inside].astype(int), x[inside].astype(int)), 1.0)
        sigma = radius * scale
        dark = gaussian_filter(marks, sigma) * 2 * np.pi * sigma**2
        rim = gaussian_filter(marks, 2.6 * sigma) * 2 * np.pi * (2.6 * sigma) ** 2
        light *= 1.0 + 0.06 * np.minimum(rim, 1.0)[:, :, None]
        light *= 1.0 - depth * np.minimum(dark, 1.0)[:, :, None] * np.array(
            [0.75, 1.0, 1.1], dtype=np.float32
        )


@lru_cache(maxsize=8)
def _skin(width_px: int, tone: str) -> Pixels:
    """Return bare skin under immersion in linear light: no gloss, a flush from vessels, fine grain."""
    at = (np.arange(width_px) + 0.5) / width_px * FIELD_MM
    x, y = at[None, :], at[:, None]
    flush = 0.5 * ripples(x / 1.9, y / 1.9, 61) + 0.3 * ripples(x / 0.7, y / 0.7, 62)
    flush = flush + 0.35 * ripples(x / 0.28, y / 0.28, 63)
    pale = 0.5 * ripples(x / 3.0, y / 3.0, 64) + 0.5 * ripples(x / 0.45, y / 0.45, 65)
    pale = pale + 0.5 * ripples(x / 0.13, y / 0.13, 66)
    base = linear(np.asarray(SKIN_TONES[tone])) * np.array([1.0, 0.90, 0.86])
    red = np.array([0.04, -0.13, -0.11]) * flush[:, :, None]
    return np.asarray(base * (1.0 + red + 0.07 * pale[:, :, None]), dtype=np.float32)


def _vignette(width_px: int) -> Floats:
    at = (np.arange(width_px) + 0.5) / width_px * 2 - 1
    return np.asarray(1.0 - 0.16 * (at[None, :] ** 2 + at[:, None] ** 2)[:, :, None] ** 1.5)


def _colour_of(phase: int) -> tuple[int, int, int]:
    return PHASE_COLOURS[next(name for name, number in _PHASES.items() if number == phase)]


def _mark_empty(image: Image.Image, found: Field, scale: float) -> None:
    pen, wide = ImageDraw.Draw(image), max(round(0.03 * scale), 1)
    for phase, radius in ((KENOGEN, 0.11), (GONE, 0.04)):
        for i in np.flatnonzero(found.phase == phase):
            x, y, r = found.x_mm[i] * scale, found.y_mm[i] * scale, radius * scale
            box, colour = (x - r, y - r, x + r, y + r), _colour_of(phase)
            if phase == KENOGEN:
                pen.ellipse(box, outline=colour, width=wide)
            else:
                pen.ellipse(box, fill=colour)


def _with_bar(image: Image.Image, scale: float, ink: tuple[int, int, int]) -> Image.Image:
    """Draw a bar of one millimetre, on paper of its own so that it reads on every skin."""
    pen, (wide, high) = ImageDraw.Draw(image), image.size
    thick, pad = max(round(0.07 * scale), 2), round(0.25 * scale)
    right, bottom = wide - pad, high - pad
    pen.rectangle(
        (right - scale - pad / 2, bottom - thick - pad / 2, right + pad / 2, bottom + pad / 2),
        fill=(250, 247, 242),
    )
    pen.rectangle((right - scale, bottom - thick, right, bottom), fill=ink)
    for end in (right - scale, right):
        pen.rectangle((end - thick / 2, bottom - 2.2 * thick, end + thick / 2, bottom), fill=ink)
    return image
