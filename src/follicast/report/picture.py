"""Draws a scalp out of its follicles alone; light, comb and camera never change.

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
from scipy.ndimage import gaussian_filter1d

from follicast.errors import InputError
from follicast.report import strands
from follicast.report.colours import COLOUR, TONE, Colours, encoded
from follicast.report.comb import VIEWS, View, camera, comb
from follicast.report.light import LIGHT, bearing, falloff, on_paper, skin_beneath
from follicast.scalp_map import ScalpMap

Pixels = NDArray[np.float32]
#: Pixels drawn for each pixel kept, along each side; 1 takes half the time and is a little softer.
FINER = 2
_HAIRLINE_MM = 8.0  # the parting is measured from this far behind the hairline on


@dataclass(frozen=True)
class Parting:
    """Width over which more than half of the skin shows, in the front and the back half [mm]."""

    front_mm: float
    back_mm: float


@dataclass(frozen=True)
class Picture:
    """One drawn scalp: the image, the share of skin that shows in each of its pixels, which bear hair, and its map."""

    image: Image.Image
    skin: Pixels
    bearing: NDArray[np.bool_]
    mm_per_px: float
    map: ScalpMap
    view: View

    @property
    def parting(self) -> Parting:
        """The parting as measured on this picture [mm]."""
        seen = self.skin[self._first_row() :]
        rows = seen.shape[0] // 2
        front, back = (_width_mm(half, self.mm_per_px) for half in (seen[:rows], seen[rows:]))
        return Parting(front, back)

    @property
    def numbers(self) -> dict[str, float]:
        """The caption's numbers: hairs [/cm2], mean [um], CHTD [cm/cm2], share of bare skin, parting [mm]."""
        numbers = {
            "density_per_cm2": self.map.density_per_cm2,
            "mean_diameter_um": self.map.mean_um,
            "chtd_cm_per_cm2": self.map.chtd_cm_per_cm2,
            "skin_share": float(self.skin[self.bearing].mean()),
        }
        if self.view == "parting":
            parting = self.parting
            numbers |= {"parting_front_mm": parting.front_mm, "parting_back_mm": parting.back_mm}
        return numbers

    def _first_row(self) -> int:
        """Return the first row behind the hairline; forehead is no parting."""
        ahead = self.map.forehead_mm
        return round((ahead + _HAIRLINE_MM) / self.mm_per_px) if ahead and self.view == "parting" else 0


def draw(
    map: ScalpMap,
    *,
    view: View = "parting",
    tone: str = TONE,
    colour: str = COLOUR,
    width_px: int = 750,
    finer: int = FINER,
) -> Picture:
    """Return the `Picture` of a map.

    Parameters
    ----------
    map : the follicles
    view : "parting", long hair combed away from a central parting, from above; "crown", short hair round a
        whorl, from above; "hairline", short hair held back, and "hairline-parted", long hair, from the front
    tone, colour : names of a skin tone and a hair colour; their contrast changes what one sees
    width_px : width of the image; its height follows from the map
    finer : pixels drawn for each pixel kept, along each side

    Refuses an unknown view, tone or colour, and widths that are not between 20 and 4000.
    """
    colours = _checked(view, tone, colour, width_px)
    seen, rows = camera(view, map, width_px, finer)
    hair, left = _bare(rows * finer, width_px * finer)
    _lay(hair, left, map, view, seen, colours)
    at = seen._replace(px_per_mm=seen.px_per_mm / finer)
    light, skin = _develop(
        _coarser(hair, finer), _coarser(left, finer), map, at, colours, whole=view == "crown"
    )
    where = bearing(map, at, rows, width_px)
    return Picture(Image.fromarray(encoded(light)), skin, where, 1 / at.px_per_mm, map, view)


def draw_parting(
    map: ScalpMap, *, tone: str = TONE, colour: str = COLOUR, width_px: int = 750
) -> Image.Image:
    """Return the image of long hair combed away from a central parting, front at the top; see `draw`."""
    return draw(map, view="parting", tone=tone, colour=colour, width_px=width_px).image


def draw_crown(map: ScalpMap, *, tone: str = TONE, colour: str = COLOUR, width_px: int = 750) -> Image.Image:
    """Return the image of short hair round a whorl, front at the top; see `draw`."""
    return draw(map, view="crown", tone=tone, colour=colour, width_px=width_px).image


def series(
    maps: Sequence[ScalpMap],
    *,
    view: View = "parting",
    tone: str = TONE,
    colour: str = COLOUR,
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


def image_bytes(
    image: Image.Image, form: Literal["webp", "png"] = "webp", *, colours: int | None = None
) -> bytes:
    """Return the image as WebP (lossy at a quality whose loss the eye does not find), or as PNG without loss.

    With `colours` (at most 256) the PNG has a palette: about a third of the size.
    """
    file = io.BytesIO()
    if form == "webp":
        image.save(file, "WEBP", quality=82, method=3)
    else:
        kept = image if colours is None else image.quantize(colours, dither=Image.Dither.NONE)
        kept.save(file, "PNG", optimize=True)
    return file.getvalue()


def png_bytes(image: Image.Image, *, colours: int | None = None) -> bytes:
    """Return the image as PNG; with `colours` (at most 256) as a palette, about a third of the size."""
    return image_bytes(image, "png", colours=colours)


def _bare(rows: int, columns: int) -> tuple[Pixels, Pixels]:
    """Return light (rows, columns, 3) and skin left (rows, columns) on which no strand lies yet."""
    return np.zeros((rows, columns, 3), dtype=np.float32), np.ones((rows, columns), dtype=np.float32)


def _coarser(fine: Pixels, finer: int) -> Pixels:
    """Return the means of blocks of pixels."""
    if finer == 1:
        return fine
    corners = [fine[i::finer, j::finer] for i in range(finer) for j in range(finer)]
    return np.asarray(sum(corners[1:], start=corners[0]) / finer**2, dtype=np.float32)


def _checked(view: str, tone: str, colour: str, width_px: int) -> Colours:
    if view not in VIEWS:
        raise InputError(f"picture: no view is called '{view}'. All: {', '.join(VIEWS)}.")
    if not 20 <= width_px <= 4000:
        raise InputError(f"picture: {width_px} px wide cannot be drawn. Choose 20 to 4000.")
    return Colours(colour, tone)


def _lay(
    hair: Pixels, left: Pixels, map: ScalpMap, view: View, seen: strands.Camera, colours: Colours
) -> None:
    """Lay those hairs of a map that show, the uppermost first."""
    laid = comb(view, map)
    seats = laid.seat(map)
    shown = (map.diameter_um > 0) & (map.length_mm > 0)
    if view == "crown":
        u, v = strands.ball(map.x_mm, map.y_mm, seen)
        shown &= u * u + v * v < 1.0
    unit = map.key if map.unit is None else map.unit
    um, length = (
        np.ascontiguousarray(column, dtype=np.float64) for column in (map.diameter_um, map.length_mm)
    )
    key, own = (np.ascontiguousarray(column, dtype=np.uint64) for column in (map.key, unit))
    strands.lay(
        hair,
        left,
        seats.order[shown[seats.order]],
        seats.wisp,
        seats.along,
        seats.across,
        um,
        length,
        key,
        own,
        laid.paths,
        LIGHT,
        seen,
        colours.dye,
    )


def _develop(
    hair: Pixels, skin: Pixels, map: ScalpMap, at: strands.Camera, colours: Colours, whole: bool
) -> tuple[Pixels, Pixels]:
    """Put skin beneath the strands, and paper round a whole head.

    Return linear light (rows, columns, 3) and the share of skin seen (rows, columns).
    """
    rows, columns = skin.shape
    fading, head = falloff(rows, columns, at)
    light = (hair + skin[:, :, None] * skin_beneath(skin, map, at, colours.skin)) * fading[:, :, None]
    return (on_paper(light, hair, skin, head) if whole else light), skin


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
