"""Sets pictures side by side on one sheet, each with its words beneath. It draws no hair and counts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

_INK, _FAINT = "#1c1b1a", "#5a554f"
_GAP = 14


@dataclass(frozen=True)
class Plate:
    """One picture of a sheet: the image, its name, and what is said of it line by line."""

    image: Image.Image
    name: str
    lines: tuple[str, ...] = ()


def sheet(plates: Sequence[Plate], columns: int, *, size: int = 15) -> Image.Image:
    """Return plates in rows of `columns`, each row as high as its highest; `size` is that of the names [px]."""
    rows = [plates[i : i + columns] for i in range(0, len(plates), columns)]
    deep = [max(p.image.height for p in row) + _caption(row, size) for row in rows]
    wide = max(sum(p.image.width + _GAP for p in row) for row in rows) - _GAP
    page = Image.new("RGB", (wide, sum(deep) + _GAP * (len(rows) - 1)), "white")
    top = 0
    for row, high in zip(rows, deep, strict=True):
        left = 0
        for plate in row:
            _set(page, plate, left, top, max(p.image.height for p in row), size)
            left += plate.image.width + _GAP
        top += high + _GAP
    return page


def _caption(row: Sequence[Plate], size: int) -> int:
    return round(size * (2.0 + 1.35 * max(len(plate.lines) for plate in row)))


def _set(page: Image.Image, plate: Plate, left: int, top: int, below: int, size: int) -> None:
    page.paste(plate.image, (left, top))
    pen, bold = ImageDraw.Draw(page), ImageFont.load_default(size)
    plain = ImageFont.load_default(max(round(size * 0.82), 9))
    pen.text((left, top + below + 0.5 * size), plate.name, fill=_INK, font=bold)
    for k, line in enumerate(plate.lines):
        pen.text((left, top + below + size * (1.95 + 1.3 * k)), line, fill=_FAINT, font=plain)
