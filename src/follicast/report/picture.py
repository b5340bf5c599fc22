"""Draws a scalp from above out of its follicles alone; light, comb and camera never change.

It is a simulation, not a photograph: no face, no grade painted, no morphing. How thin hair *looks* depends
also on contrast: the same follicles seem fuller where hair and skin are alike in tone, and sparser where dark
hair lies on light skin. Millimetres of parting are the model's own; no published normal width was found.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from follicast.errors import InputError, did_you_mean
from follicast.report import strands
from follicast.scalp_map import ScalpMap

Pixels = NDArray[np.float32]
View = Literal["parting", "crown"]

#: Skin as sRGB; a reader picks the nearest.
SKIN_TONES: dict[str, tuple[int, int, int]] = {
    "very-light": (243, 213, 196),
    "light": (236, 197, 174),
    "medium": (226, 184, 160),
    "tan": (196, 143, 112),
    "brown": (148, 100, 74),
    "dark": (96, 64, 49),
}
#: Hair as sRGB in full light, and how much paler its finest strands are (linear light).
HAIR_COLOURS: dict[str, tuple[tuple[int, int, int], float]] = {
    "black": ((56, 50, 48), 0.05),
    "dark-brown": ((88, 60, 43), 0.08),
    "brown": ((124, 88, 62), 0.12),
    "light-brown": ((160, 121, 86), 0.14),
    "blond": ((206, 172, 120), 0.14),
    "red": ((164, 84, 46), 0.12),
    "grey": ((168, 166, 164), 0.06),
    "white": ((226, 224, 220), 0.04),
}
LIGHT = strands.Light(side=0.42, front=0.20, up=0.88, ambient=0.25, shine=0.30, polish=150.0, shadow=0.72)
#: Growing and resting hair in the field of 1 cm2, apart for colour-blind eyes too.
GROWING, RESTING = (20, 74, 128), (222, 120, 24)
FIELD_MM = 10.0
#: Pixels drawn for each pixel kept, along each side.
FINER = 2
#: Strip along each edge [mm] that is drawn but not shown: hair beyond the map's edge is not known.
TRIM_MM = 4.0


@dataclass(frozen=True)
class Parting:
    """Width over which more than half of the skin shows, in the front and the back half [mm]."""

    front_mm: float
    back_mm: float


@dataclass(frozen=True)
class Picture:
    """One drawn scalp: the image, the share of skin that shows in each of its pixels, and its map."""

    image: Image.Image
    skin: Pixels
    mm_per_px: float
    map: ScalpMap
    view: View

    @property
    def parting(self) -> Parting:
        """The parting as measured on this picture [mm]."""
        rows = self.skin.shape[0] // 2
        front, back = (_width_mm(half, self.mm_per_px) for half in (self.skin[:rows], self.skin[rows:]))
        return Parting(front, back)

    @property
    def numbers(self) -> dict[str, float]:
        """The caption's numbers: hairs [/cm2], mean [um], CHTD [cm/cm2], share of skin seen, parting [mm]."""
        numbers = {
            "density_per_cm2": self.map.density_per_cm2,
            "mean_diameter_um": self.map.mean_um,
            "chtd_cm_per_cm2": self.map.chtd_cm_per_cm2,
            "skin_share": float(self.skin.mean()),
        }
        if self.view == "parting":
            parting = self.parting
            numbers |= {"parting_front_mm": parting.front_mm, "parting_back_mm": parting.back_mm}
        return numbers


def draw(
    map: ScalpMap,
    *,
    view: View = "parting",
    tone: str = "medium",
    colour: str = "dark-brown",
    width_px: int = 750,
) -> Picture:
    """Return the `Picture` of a map from above.

    Parameters
    ----------
    map : the follicles
    view : "parting", long hair combed away from a central parting, or "crown", short hair round a whorl
    tone, colour : a name of `SKIN_TONES` and one of `HAIR_COLOURS`; their contrast changes what one sees
    width_px : width of the image; its height follows from the map

    Refuses an unknown tone or colour, and widths that are not between 20 and 4000.
    """
    _check(tone, colour, width_px)
    shown_width, shown_height = map.width_mm - 2 * TRIM_MM, map.height_mm - 2 * TRIM_MM
    scale = width_px / shown_width
    rows = round(shown_height * scale)
    camera = strands.Camera(-shown_width / 2, TRIM_MM, FINER * scale)
    comb = COMBS[view](map)
    canvas = _bare(rows, width_px)
    everyone = np.ones(len(map.x_mm), dtype=bool)
    _lay(canvas, map, everyone, map.length_mm, comb, camera, HAIR_COLOURS[colour])
    light, skin = _develop(canvas, comb, camera, tone)
    return Picture(Image.fromarray(_encode(light)), skin, 1 / scale, map, view)


def draw_parting(
    map: ScalpMap, *, tone: str = "medium", colour: str = "dark-brown", width_px: int = 750
) -> Image.Image:
    """Return the image of long hair combed away from a central parting, front at the top; see `draw`."""
    return draw(map, view="parting", tone=tone, colour=colour, width_px=width_px).image


def draw_crown(
    map: ScalpMap, *, tone: str = "medium", colour: str = "dark-brown", width_px: int = 750
) -> Image.Image:
    """Return the image of short hair round a whorl, front at the top; see `draw`."""
    return draw(map, view="crown", tone=tone, colour=colour, width_px=width_px).image


def series(
    maps: Sequence[ScalpMap],
    *,
    view: View = "parting",
    tone: str = "medium",
    colour: str = "dark-brown",
    width_px: int = 600,
) -> list[Picture]:
    """Return one `Picture` per map, all with the same light, comb, camera and colours.

    Refuses maps of different size: side by side they would not be on one scale.
    """
    if len({(map.width_mm, map.height_mm) for map in maps}) > 1:
        raise InputError("pictures: the maps differ in size, so they share no scale. Cut them alike.")
    return [draw(map, view=view, tone=tone, colour=colour, width_px=width_px) for map in maps]


def parting_mm(seen: Picture | ScalpMap) -> Parting:
    """Return the parting [mm] measured on a picture, or on a small one drawn from a map."""
    return (seen if isinstance(seen, Picture) else draw(seen, width_px=300)).parting


def png_bytes(image: Image.Image, *, colours: int | None = None) -> bytes:
    """Return the image as PNG; with `colours` (at most 256) as a palette, about a third of the size."""
    file = io.BytesIO()
    kept = image if colours is None else image.quantize(colours, dither=Image.Dither.NONE)
    kept.save(file, "PNG", optimize=True)
    return file.getvalue()


def draw_field(
    map: ScalpMap, *, tone: str = "medium", width_px: int = 400, x_mm: float = 15.0, y_mm: float | None = None
) -> Image.Image:
    """Return 1 cm2 as under the microscope a while after clipping: growing hair blue, resting hair orange.

    Parameters
    ----------
    map : the follicles, with `anagen`
    tone, width_px : as for `draw`
    x_mm, y_mm : middle of the field [mm], by default beside the parting on the midscalp

    Refuses a map that does not say which follicles grow.
    """
    _check(tone, "black", width_px)
    if map.anagen is None:
        raise InputError("picture: this map does not say which follicles grow. Give it `anagen`.")
    middle = map.height_mm / 2 if y_mm is None else y_mm
    scale = width_px / FIELD_MM
    camera = strands.Camera(x_mm - FIELD_MM / 2, middle - FIELD_MM / 2, FINER * scale)
    comb = _comb_parting(map)._replace(gather=0.0, unruly=0.06, lift=0.15)
    canvas = _bare(width_px, width_px)
    for which, clipped, colour in ((map.anagen, 1.1, GROWING), (~map.anagen, 0.4, RESTING)):
        _lay(canvas, map, which, np.minimum(map.length_mm, clipped), comb, camera, (colour, 0.0))
    light, _ = _develop(canvas, comb, camera, tone)
    return Image.fromarray(_encode(light))


def _bare(rows: int, columns: int) -> Pixels:
    """Return a canvas on which no strand lies yet."""
    canvas = np.zeros((rows * FINER, columns * FINER, 4), dtype=np.float32)
    canvas[:, :, 3] = 1.0
    return canvas


def _check(tone: str, colour: str, width_px: int) -> None:
    for what, given, known in (("skin tone", tone, SKIN_TONES), ("hair colour", colour, HAIR_COLOURS)):
        if given not in known:
            hint = did_you_mean(given, known)
            raise InputError(f"picture: no {what} is called '{given}'.{hint} All: {', '.join(known)}.")
    if not 20 <= width_px <= 4000:
        raise InputError(f"picture: {width_px} px wide cannot be drawn. Choose 20 to 4000.")


def _comb_parting(map: ScalpMap) -> strands.Comb:
    return strands.Comb(
        whorl=0,
        centre_x=0.0,
        centre_y=0.5 * map.height_mm,
        half_width=0.72 * map.width_mm,
        half_height=0.72 * map.height_mm,
        rise=0.52 * map.width_mm,
        whorl_x=0.0,
        whorl_y=0.0,
        cut=1e9,
        lift=0.45,
        unruly=0.10,
        lock=4.6,
        gather=0.72,
        fan=0.30,
    )


def _comb_crown(map: ScalpMap) -> strands.Comb:
    return _comb_parting(map)._replace(
        whorl=1, whorl_x=0.03 * map.width_mm, whorl_y=0.66 * map.height_mm, cut=24.0, lift=0.6, lock=5.0
    )


COMBS = {"parting": _comb_parting, "crown": _comb_crown}


def _lay(
    canvas: Pixels,
    map: ScalpMap,
    which: NDArray[np.bool_],
    length_mm: NDArray[np.floating],
    comb: strands.Comb,
    camera: strands.Camera,
    colour: tuple[tuple[int, int, int], float],
) -> None:
    """Lay those hairs of a map that show on the canvas, the uppermost first."""
    shown = which & (map.diameter_um > 0) & (length_mm > 0)
    columns = (map.x_mm, map.y_mm, map.diameter_um, length_mm)
    x, y, um, length = (np.ascontiguousarray(column[shown], dtype=np.float64) for column in columns)
    key = map.key[shown].astype(np.uint64)
    far = np.empty(len(x))
    strands.depth(x, y, key, comb, far)
    # By layers of a millimetre and then from front to back: neighbours share memory, and so time.
    order = np.lexsort((y, np.floor(far)))
    base = tuple(float(part) for part in _linear(np.asarray(colour[0])))
    strands.lay(canvas, order, x, y, um, length, key, comb, LIGHT, camera, base, colour[1])


def _develop(canvas: Pixels, comb: strands.Comb, camera: strands.Camera, tone: str) -> tuple[Pixels, Pixels]:
    """Put skin beneath the strands; return linear light (rows, columns, 3) and the share of skin seen."""
    corners = [canvas[i::FINER, j::FINER] for i in range(FINER) for j in range(FINER)]
    fine = np.asarray(sum(corners[1:], start=corners[0]) / FINER**2, dtype=np.float32)
    skin = np.ascontiguousarray(fine[:, :, 3])
    at = camera._replace(px_per_mm=camera.px_per_mm / FINER)
    rows, columns = skin.shape
    light = fine[:, :, :3] + skin[:, :, None] * _scalp(skin, comb, at, tone)
    light *= _falloff(rows, columns, comb, at)[:, :, None]
    return light, skin


def _scalp(skin: Pixels, comb: strands.Comb, at: strands.Camera, tone: str) -> Pixels:
    """Return bare skin in linear light: mottled, and darker where hair around keeps the light off."""
    rows, columns = skin.shape
    uneven = np.empty((rows, columns), dtype=np.float32)
    strands.mottle(rows, columns, at, uneven)
    base = _linear(np.asarray(SKIN_TONES[tone]))
    flush = 1.0 + uneven[:, :, None] * np.array([0.035, 0.06, 0.065], dtype=np.float32)
    reach = min(1.1 * at.px_per_mm, 0.01 * columns)
    shade = 0.38 + 0.62 * gaussian_filter(skin, reach, mode="nearest") ** 0.7
    # Light that has passed through skin and hair comes back redder.
    warm = shade[:, :, None] ** np.array([0.92, 1.02, 1.06], dtype=np.float32)
    return np.asarray(base * flush * warm, dtype=np.float32)


def _falloff(rows: int, columns: int, comb: strands.Comb, at: strands.Camera) -> Pixels:
    """Return how soft light fades where the head bends away, shape (rows, columns)."""
    x = (at.left + (np.arange(columns) + 0.5) / at.px_per_mm - comb.centre_x) / comb.half_width
    y = (at.top + (np.arange(rows) + 0.5) / at.px_per_mm - comb.centre_y) / comb.half_height
    bend = np.minimum(x[None, :] ** 2 + y[:, None] ** 2, 1.0)
    return np.asarray(1.0 - 0.55 * bend**1.5, dtype=np.float32)


def _width_mm(skin: Pixels, mm_per_px: float) -> float:
    """Return the mean width [mm] round the middle over which half the skin or more shows, band by band."""
    rows = max(round(5.0 / mm_per_px), 1)
    bands = [skin[i : i + rows].mean(axis=0) for i in range(0, max(skin.shape[0] - rows // 2, 1), rows)]
    smooth = [gaussian_filter1d(band, 0.8 / mm_per_px) for band in bands]
    return float(np.mean([_band_width(band) for band in smooth])) * mm_per_px


def _band_width(share: Pixels) -> float:
    """Return the width [px] over which a profile stays above a half, going out from its middle."""
    middle = len(share) // 2
    right = _crossing(share[middle:])
    return right + _crossing(share[:middle][::-1])


def _crossing(share: Pixels) -> float:
    """Return where a profile first falls below a half, between pixels [px]."""
    below = np.flatnonzero(share < 0.5)
    if len(below) == 0:
        return float(len(share))
    i = int(below[0])
    if i == 0:
        return 0.0
    return i - 0.5 + float((share[i - 1] - 0.5) / (share[i - 1] - share[i]))


def _linear(srgb: NDArray[np.int_]) -> Pixels:
    """Return sRGB bytes as linear light."""
    part = srgb / 255.0
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _encode(light: Pixels) -> NDArray[np.uint8]:
    """Return linear light as sRGB bytes."""
    part = np.clip(light, 0.0, 1.0)
    srgb = np.where(part <= 0.0031308, part * 12.92, 1.055 * part ** (1 / 2.4) - 0.055)
    return np.rint(srgb * 255.0).astype(np.uint8)
