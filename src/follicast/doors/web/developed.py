"""Photographs as they are let in: decoded, turned upright, and written anew without anything but the picture.

Whatever else a file carried (where it was taken, by which camera, what hides behind its end) stays outside.
"""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from follicast.errors import InputError

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
MOST_PIXELS = 60_000_000  # more than the cameras of telephones give
_NO_PICTURE = "photograph: this is no picture that is kept here. Give a JPEG, PNG or WebP file."
_DAMAGED = "photograph: the file is damaged or cut short. Take it again, or send the original."
_JPEG = {"quality": 95, "subsampling": 0}
_HOW = {"JPEG": _JPEG, "PNG": {}, "WEBP": {"quality": 95, "method": 4}}


def developed(raw: bytes) -> bytes:
    """Return a photograph written anew in its own format; raises `InputError` for what is none, or is too large."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            with Image.open(io.BytesIO(raw), formats=list(FORMATS)) as picture:
                _check(picture)
                kind = str(picture.format)
                picture.load()
                return _written(ImageOps.exif_transpose(picture), kind, picture.info.get("icc_profile"))
        except InputError:
            raise
        except UnidentifiedImageError:
            raise InputError(_NO_PICTURE) from None
        except Exception:  # whatever a broken file makes the decoder do, it is the file that is at fault
            raise InputError(_DAMAGED) from None


def _check(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise InputError(f"photograph: it has {picture.width} x {picture.height} pixels; at most "
                         f"{MOST_PIXELS // 1_000_000} million are taken. Send a smaller one.")  # fmt: skip


def _written(picture: Image.Image, kind: str, profile: bytes | None) -> bytes:
    out = io.BytesIO()
    if kind == "JPEG" and picture.mode not in ("RGB", "L", "CMYK"):
        picture = picture.convert("RGB")
    bare = Image.new(picture.mode, picture.size)
    if picture.mode == "P":
        bare = picture = picture.convert("RGBA")
    else:
        bare.paste(picture)
    colours = {"icc_profile": profile} if profile else {}
    bare.save(out, kind, **_HOW[kind], **colours)
    return out.getvalue()
