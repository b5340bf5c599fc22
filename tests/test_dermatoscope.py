"""One square centimetre is drawn to scale, hair by hair, and its phases can be told apart."""

from dataclasses import replace

import numpy as np
import pytest

from follicast.cycle import ANAGEN, CATAGEN, GONE, KENOGEN, TELOGEN
from follicast.errors import InputError
from follicast.report import dermatoscope
from follicast.report.colours import linear
from follicast.report.dermatoscope import FIELD_MM, PHASE_COLOURS
from follicast.scalp_map import ScalpMap, follicle_keys, place_follicles, scalp_map

WIDTH, HEIGHT, WIDE_PX = 60.0, 60.0, 400
X, Y, UNIT = place_follicles(220, WIDTH, HEIGHT, 5)
KEY = follicle_keys(len(X), 5)
PHASE = np.array([ANAGEN] * 16 + [TELOGEN] * 2 + [CATAGEN] + [KENOGEN] + [GONE], dtype=np.int8)[
    np.random.default_rng(1).integers(0, 21, len(X))
]
UM = np.where(PHASE < KENOGEN, 70.0, 0.0)


def scalp(um: np.ndarray = UM, phase: np.ndarray = PHASE) -> ScalpMap:
    return scalp_map(
        X, Y, um, np.full(len(X), 100.0), KEY, width_mm=WIDTH, height_mm=HEIGHT, phase=phase, unit=UNIT
    )


def one_hair(um: float) -> ScalpMap:
    """A single growing hair near the middle of the field, and all other follicles gone."""
    alone = int(np.hypot(X - 14, Y - 31).argmin())
    phase = np.full(len(X), GONE, dtype=np.int8)
    phase[alone] = ANAGEN
    return scalp(np.where(np.arange(len(X)) == alone, um, 0.0), phase)


def hair_mm2(map: ScalpMap) -> float:
    """The area that hair covers in the coloured picture [mm2]."""
    image = dermatoscope.phases(dermatoscope.field(map), width_px=WIDE_PX)
    rgb, paper, ink = (linear(np.asarray(part)) for part in (image, [250, 247, 242], PHASE_COLOURS["anagen"]))
    cover = np.clip(((paper - rgb) / (paper - ink))[:340, :340, 0], 0, 1)
    return float(cover.sum() / (WIDE_PX / FIELD_MM) ** 2)


@pytest.mark.parametrize("um", [60.0, 80.0, 120.0])
def test_hair_is_drawn_as_wide_as_it_is(um: float) -> None:
    map = one_hair(um)
    field = dermatoscope.field(map)
    length = field.length_mm[field.shows].sum()
    # Faint dots of the lost follicles lie on the paper too: what stands without the hair is taken off.
    bare = hair_mm2(scalp(np.zeros(len(X)), map.phase))
    assert hair_mm2(map) - bare == pytest.approx(um * 1e-3 * length, rel=0.08)


def test_what_grows_is_longer_than_what_rests() -> None:
    field = dermatoscope.field(scalp())
    growing, resting = (np.median(field.length_mm[field.phase == phase]) for phase in (ANAGEN, TELOGEN))
    assert growing > 1.5 * resting > 0.5


def test_short_regrowth_is_shorter_than_the_clip_and_keeps_its_tip() -> None:
    young = replace(scalp(), length_mm=np.full(len(X), 0.4))
    field = dermatoscope.field(young)
    assert field.length_mm.max() < 0.5 and not field.blunt[field.shows].any()


def test_a_field_counts_what_is_rooted_in_it() -> None:
    found = dermatoscope.counted(scalp())
    inside = (np.abs(X - 15) <= 5) & (np.abs(Y - 30) <= 5)
    assert found["density_per_cm2"] == (inside & (UM > 0)).sum()
    assert found["telogen"] == (inside & (PHASE == TELOGEN)).sum()
    assert sum(found[name] for name in PHASE_COLOURS) == inside.sum()
    assert found["units_with_hair"] < found["density_per_cm2"] == found["terminal_per_cm2"]
    assert found["chtd_cm_per_cm2"] == pytest.approx(found["density_per_cm2"] * 70e-4)


def test_phases_differ_in_colour_and_lightness() -> None:
    rgb = np.asarray(dermatoscope.phases(dermatoscope.field(scalp()), width_px=WIDE_PX)).astype(int)
    for name in ("anagen", "telogen", "catagen", "kenogen"):
        assert (np.abs(rgb - np.array(PHASE_COLOURS[name])).sum(axis=2) < 12).any(), name
    light = [np.array(colour) @ [0.2126, 0.7152, 0.0722] for colour in PHASE_COLOURS.values()]
    assert min(abs(a - b) for i, a in enumerate(light) for b in light[:i]) > 10


def test_vellus_hair_is_fainter_than_terminal_hair_and_is_seen() -> None:
    bare, fine, thick = (
        np.asarray(dermatoscope.photograph(dermatoscope.field(map), width_px=WIDE_PX)).astype(float)
        for map in (scalp(np.zeros(len(X))), scalp(UM * 25 / 70), scalp())
    )
    lost = [float((bare - other).clip(0).mean()) for other in (fine, thick)]
    assert 0.5 < lost[0] < 0.6 * lost[1]


def test_the_same_follicles_stand_in_the_same_places_when_others_change() -> None:
    before, after = dermatoscope.field(scalp()), dermatoscope.field(scalp(np.where(KEY % 2 == 0, UM, 0.0)))
    assert (before.x_mm == after.x_mm).all() and (before.angle == after.angle).all()
    first, second = (
        dermatoscope.photograph(dermatoscope.field(scalp()), width_px=120).tobytes() for _ in range(2)
    )
    assert first == second


def test_the_bar_is_a_millimetre() -> None:
    rgb = np.asarray(dermatoscope.photograph(dermatoscope.field(scalp()), width_px=WIDE_PX)).astype(int)
    row = rgb[WIDE_PX - round(0.25 * 40) - 1]
    ink = np.flatnonzero((np.abs(row - [20, 18, 17]).sum(axis=1) < 6) & (np.arange(WIDE_PX) > 0.8 * WIDE_PX))
    assert (ink.max() - ink.min()) / 40 == pytest.approx(1.0, abs=0.1)


def test_a_map_without_phases_and_a_width_that_cannot_be_drawn_are_refused() -> None:
    with pytest.raises(InputError, match="phase"):
        dermatoscope.field(replace(scalp(), phase=None))
    field = dermatoscope.field(scalp())
    with pytest.raises(InputError, match="wide"):
        dermatoscope.phases(field, width_px=5)
    with pytest.raises(InputError, match="no hair colour"):
        dermatoscope.photograph(field, colour="green")
