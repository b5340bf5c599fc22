"""Hair colours and skin tones to choose from, and what their contrast does to the eye. It draws nothing.

The choice is the patient's (`wishes: {hair_colour: black, skin_tone: tan}`); without one the pictures are examples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from follicast.errors import InputError, did_you_mean
from follicast.patient import Patient
from follicast.report.strands import Dye

Srgb = tuple[int, int, int]

#: Skin as sRGB; a reader picks the nearest.
SKIN_TONES: dict[str, Srgb] = {
    "very-light": (240, 208, 190),
    "light": (231, 192, 168),
    "medium": (217, 172, 146),
    "tan": (190, 140, 110),
    "brown": (143, 98, 73),
    "dark": (94, 64, 50),
}


@dataclass(frozen=True)
class HairColour:
    """Strands as sRGB in full light, a second kind where two are mixed and its share, and how pale fine ones are."""

    strand: Srgb
    thin: float
    other: Srgb | None = None
    other_share: float = 0.0


HAIR_COLOURS: dict[str, HairColour] = {
    "black": HairColour((44, 40, 40), 0.02),
    "dark-brown": HairColour((70, 49, 37), 0.03),
    "brown": HairColour((104, 74, 53), 0.05),
    "light-brown": HairColour((150, 113, 80), 0.08),
    "blond": HairColour((202, 168, 118), 0.08),
    "red": HairColour((152, 80, 46), 0.08),
    "grey": HairColour((78, 74, 72), 0.04, (206, 205, 203), 0.6),
    "white": HairColour((224, 222, 218), 0.03),
}
TONE, COLOUR = "medium", "dark-brown"
_STRONG, _WEAK = 3.0, 1.6  # luminance ratios between which contrast is called middling


@dataclass(frozen=True)
class Colours:
    """A hair colour and a skin tone by name; refuses names that are not known and says which are."""

    hair: str = COLOUR
    skin: str = TONE
    wished: bool = False

    def __post_init__(self) -> None:
        for what, given, known in (
            ("skin tone", self.skin, SKIN_TONES),
            ("hair colour", self.hair, HAIR_COLOURS),
        ):
            if given not in known:
                hint = did_you_mean(given, known)
                raise InputError(f"picture: no {what} is called '{given}'.{hint} All: {', '.join(known)}.")

    @property
    def dye(self) -> Dye:
        """The hair colour in linear light, as strands are drawn."""
        colour = HAIR_COLOURS[self.hair]
        red, green, blue = linear(np.array(colour.strand)).tolist()
        others = linear(np.array(colour.other or colour.strand)).tolist()
        return Dye(red, green, blue, others[0], others[1], others[2], colour.other_share, colour.thin)

    @property
    def contrast(self) -> float:
        """Luminance of the lighter over that of the darker of hair and skin, as contrast of text is judged [1]."""
        hair, skin = (0.05 + _luminance(colour) for colour in (self._mean_hair(), SKIN_TONES[self.skin]))
        return max(hair, skin) / min(hair, skin)

    @property
    def said(self) -> str:
        """What the contrast does to the eye, in words."""
        if self.contrast >= _STRONG:
            return "Hair and skin differ much in tone, so thin hair shows early and looks thinner than it is."
        if self.contrast <= _WEAK:
            return "Hair and skin are alike in tone, so thin hair hardly shows and looks fuller than it is."
        return "Hair and skin differ in tone by a middling amount, so thinning shows about as it is."

    def _mean_hair(self) -> Srgb:
        colour = HAIR_COLOURS[self.hair]
        other, share = colour.other or colour.strand, colour.other_share
        red, green, blue = (round(a + share * (b - a)) for a, b in zip(colour.strand, other, strict=True))
        return red, green, blue


def wished(patient: Patient, tone: str | None = None, colour: str | None = None) -> Colours:
    """Return the colours that the patient wishes; where there is no wish, what was asked for, or else an example.

    Refuses a wish that is no word or no known name.
    """
    hair, skin = _word(patient, "hair_colour"), _word(patient, "skin_tone")
    return Colours(hair or colour or COLOUR, skin or tone or TONE, bool(hair and skin))


def _word(patient: Patient, wish: str) -> str | None:
    said = patient.wishes.get(wish)
    if said is None:
        return None
    if not isinstance(said, str):
        raise InputError(f"wishes.{wish}: {said!r} is no name. Write a word, as in {wish}: {_example(wish)}.")
    return said.strip().lower().replace(" ", "-")


def _example(wish: str) -> str:
    return COLOUR if wish == "hair_colour" else TONE


def _luminance(colour: Srgb) -> float:
    return float(linear(np.array(colour)) @ np.array([0.2126, 0.7152, 0.0722]))


def linear(srgb: NDArray[np.int_]) -> NDArray[np.float32]:
    """Return sRGB bytes as linear light."""
    part = srgb / 255.0
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4).astype(np.float32)


def encoded(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return linear light as sRGB bytes."""
    return _TABLE[(np.clip(light, 0.0, 1.0) * (_TABLE.size - 1) + 0.5).astype(np.int32)]


def _srgb(light: NDArray[np.float64]) -> NDArray[np.uint8]:
    srgb = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(srgb * 255.0).astype(np.uint8)


_TABLE = _srgb(np.linspace(0.0, 1.0, 16384))
