"""The picture says what the follicles say, and nothing else."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from follicast.errors import InputError
from follicast.patient import Patient
from follicast.report import picture, strands
from follicast.report.colours import HAIR_COLOURS, SKIN_TONES, Colours, wished
from follicast.report.comb import TRIM_MM, VIEWS, comb, parting_x
from follicast.scalp_map import ScalpMap, follicle_keys, place_follicles, scalp_map

WIDTH, HEIGHT, FOLLICLES = 150.0, 80.0, 260.0
X, Y, UNIT = place_follicles(FOLLICLES, WIDTH, HEIGHT, 5)
KEY = follicle_keys(len(X), 5)
LUCK = np.random.default_rng(0)
SHOWS, THICK = LUCK.random(len(X)), LUCK.lognormal(0, 0.25, len(X))


def scalp(density: float = 250, mean_um: float = 72, length_mm: float = 120) -> ScalpMap:
    um = np.where(density / FOLLICLES > SHOWS, mean_um * THICK, 0.0)
    length = np.full(len(X), length_mm)
    return scalp_map(X, Y, um, length, KEY, width_mm=WIDTH, height_mm=HEIGHT, unit=UNIT)


def law_mm(map: ScalpMap) -> float:
    """Both sides of the parting together, where half the skin is covered [mm]."""
    return 20 * np.log(2) / (map.diameter_um.sum() * 1e-4 / (map.width_mm * map.height_mm / 100))


def thinned_in_front() -> ScalpMap:
    even = scalp()
    lost = np.exp(-((X / 30) ** 2)) * (Y < HEIGHT / 2)
    return replace(even, diameter_um=even.diameter_um * (1 - 0.6 * lost))


@pytest.mark.parametrize(
    ("density", "mean_um"), [(250, 72), (218, 60), (178, 49), (145, 40), (109, 32), (250, 32), (90, 72)]
)
def test_the_parting_follows_the_law(density: float, mean_um: float) -> None:
    map = scalp(density, mean_um)
    seen = picture.parting_mm(picture.draw(map, width_px=300))
    assert seen.front_mm == pytest.approx(law_mm(map), rel=0.08)
    assert seen.back_mm == pytest.approx(law_mm(map), rel=0.08)


@pytest.mark.parametrize(("density", "mean_um"), [(250, 72), (145, 40), (109, 32)])
def test_the_law_holds_for_the_quick_pictures_of_a_page_too(density: float, mean_um: float) -> None:
    map = scalp(density, mean_um)
    seen = picture.draw(map, width_px=400, finer=1).parting
    assert 0.5 * (seen.front_mm + seen.back_mm) == pytest.approx(law_mm(map), rel=0.08)


def test_skin_fades_exponentially_away_from_the_parting() -> None:
    map = scalp(145, 40)
    drawn = picture.draw(map, width_px=300)
    x_mm = (np.arange(300) + 0.5) * drawn.mm_per_px - (WIDTH - 2 * TRIM_MM) / 2
    expected = np.exp(-2 * np.log(2) * np.abs(x_mm) / law_mm(map))
    near = np.abs(x_mm) < 40
    assert np.abs(drawn.skin.mean(axis=0) - expected)[near].max() < 0.12
    assert np.abs(drawn.skin.mean(axis=0) - expected)[near].mean() < 0.035


def test_same_map_same_bytes() -> None:
    for view in VIEWS:
        first, second = (
            picture.image_bytes(picture.draw(scalp(), view=view, width_px=120).image) for _ in range(2)
        )
        assert first == second


def test_the_order_of_the_follicles_does_not_matter_to_the_eye() -> None:
    map = scalp()
    back = slice(None, None, -1)
    turned = ScalpMap(
        map.x_mm[back], map.y_mm[back], map.diameter_um[back], map.length_mm[back], map.key[back],
        WIDTH, HEIGHT, map.density_per_cm2, map.mean_um, map.chtd_cm_per_cm2, unit=UNIT[back],
    )  # fmt: skip
    same = np.asarray(picture.draw_parting(map, width_px=120)).astype(int)
    assert np.abs(same - np.asarray(picture.draw_parting(turned, width_px=120))).max() <= 1


def test_a_follicle_is_drawn_alike_whatever_happens_to_the_others() -> None:
    alone = np.zeros(len(X), dtype=bool)
    alone[np.flatnonzero((np.abs(X) < 40) & (SHOWS < 0.5))[::900]] = True
    sparse = replace(scalp(), diameter_um=np.where(alone, 70.0, 0.0))
    thicker = replace(sparse, diameter_um=sparse.diameter_um * 1.4)
    before, after = (1 - picture.draw(map, width_px=300).skin for map in (sparse, thicker))
    where = before > 0.02
    assert where.any()
    assert (after[where] > before[where]).mean() > 0.97
    assert after[~where].max() < 0.04
    assert after.sum() == pytest.approx(1.4 * before.sum(), rel=0.06)


@pytest.mark.parametrize("view", VIEWS)
def test_fewer_thinner_or_shorter_hairs_show_more_skin(view: picture.View) -> None:
    maps = [scalp(), scalp(density=180), scalp(density=180, mean_um=50), scalp(180, 50, length_mm=10)]
    shares = [drawn.numbers["skin_share"] for drawn in picture.series(maps, view=view, width_px=150)]
    assert shares == sorted(shares)
    assert shares[0] < 0.5 * shares[-1]


@given(
    kept=st.floats(0.2, 1.0),
    thicker=st.floats(1.0, 1.8),
    longer=st.floats(1.0, 4.0),
    view=st.sampled_from(VIEWS),
)
@settings(max_examples=12, deadline=None)
def test_more_hair_never_shows_more_skin_in_any_pixel(
    kept: float, thicker: float, longer: float, view: picture.View
) -> None:
    """Whether hairs are added, thicker or longer: what covered a pixel goes on to cover it."""
    full = scalp(200, 55, length_mm=30)
    fewer = replace(full, diameter_um=np.where(kept > SHOWS, full.diameter_um, 0.0))
    more = replace(full, diameter_um=full.diameter_um * thicker, length_mm=full.length_mm * longer)
    skins = [picture.draw(map, view=view, width_px=120).skin for map in (fewer, full, more)]
    assert (skins[1] <= skins[0] + 1e-6).all() and (skins[2] <= skins[1] + 1e-6).all()
    assert skins[2].mean() <= skins[1].mean() <= skins[0].mean()


def test_a_front_that_thinned_is_wide_in_front_only() -> None:
    even, thinned = (picture.parting_mm(drawn) for drawn in picture.series([scalp(), thinned_in_front()]))
    assert thinned.front_mm > 1.5 * even.front_mm
    assert thinned.back_mm == pytest.approx(even.back_mm, rel=0.1)


def test_the_size_of_the_image_does_not_change_the_parting() -> None:
    small, large = (picture.draw(scalp(145, 40), width_px=width).parting for width in (150, 500))
    assert small.front_mm == pytest.approx(large.front_mm, rel=0.06)


def test_colours_change_the_image_and_not_the_follicles() -> None:
    dark, pale = (
        picture.draw(scalp(), tone=tone, colour=colour, width_px=100)
        for tone, colour in (("dark", "black"), ("very-light", "blond"))
    )
    assert (dark.skin == pale.skin).all()
    assert np.asarray(dark.image).mean() < np.asarray(pale.image).mean()


def test_a_bald_map_is_all_skin() -> None:
    bald = picture.draw(replace(scalp(), diameter_um=np.zeros(len(X))), width_px=60)
    assert bald.skin.min() == 1.0
    assert bald.parting.front_mm == pytest.approx(WIDTH - 2 * TRIM_MM)


def test_the_parting_is_no_ruled_line_and_stays_where_it_is() -> None:
    y = np.arange(0.0, 190.0, 0.5)
    line = parting_x(y)
    bend = np.abs(np.diff(line, 2)).max()
    assert 1.0 < np.ptp(line) < 8.0 and bend > 0.005
    assert (parting_x(y) == line).all()


def test_hair_lifts_at_the_root_and_lies_down_further_out() -> None:
    laid = comb("parting", scalp())
    assert laid.paths.rise[0] == 0 and (np.diff(laid.paths.rise) > 0).all()
    steps = np.diff(laid.paths.rise)
    assert steps[0] > 10 * steps[-1]


def test_hairs_of_one_unit_run_alike() -> None:
    map = scalp()
    laid, near = comb("parting", map), np.abs(X) > 8
    seats = laid.seat(map)
    at = [
        strands.trace((0, 4), seats.wisp, seats.along, seats.across, KEY, UNIT.astype(np.uint64), laid.paths)
    ]
    turn = np.arctan2(*(at[0][:, 1, :2] - at[0][:, 0, :2]).T[::-1]) % (2 * np.pi)
    right = near & (X > 0)
    turn = (turn + np.pi) % (2 * np.pi)
    mate = np.flatnonzero(right[:-1] & right[1:] & (UNIT[:-1] == UNIT[1:]))
    stranger = np.flatnonzero(right[:-1] & right[1:] & (UNIT[:-1] != UNIT[1:]))
    apart = np.abs(np.diff(turn))
    assert np.median(apart[mate]) < 0.8 * np.median(apart[stranger])


def test_hair_and_skin_are_the_patients_choice() -> None:
    her = Patient.parse("{age: 47, sex: F, wishes: {hair_colour: Light brown, skin_tone: tan}}", "x.yaml")
    assert wished(her) == Colours("light-brown", "tan", True)
    silent = Patient.parse("{age: 47, sex: F}", "x.yaml")
    assert wished(her, tone="dark").skin == "tan" and wished(silent, tone="dark").skin == "dark"
    assert not wished(silent, "dark", "black").wished
    with pytest.raises(InputError, match="Did you mean 'blond'"):
        wished(Patient.parse("{age: 47, sex: F, wishes: {hair_colour: blonde}}", "x.yaml"))
    with pytest.raises(InputError, match=r"wishes\.skin_tone"):
        wished(Patient.parse("{age: 47, sex: F, wishes: {skin_tone: 3}}", "x.yaml"))


def test_contrast_is_told_in_words_that_fit_the_colours() -> None:
    assert "thinner" in Colours("black", "very-light").said
    assert "fuller" in Colours("black", "dark").said and "fuller" in Colours("blond", "medium").said
    assert len({Colours(hair, skin).said for hair in HAIR_COLOURS for skin in SKIN_TONES}) == 3


def test_a_head_keeps_its_paper_and_a_forehead_is_bare() -> None:
    head = replace(scalp(), forehead_mm=12.0)
    whole = np.asarray(picture.draw(head, view="crown", width_px=120).image)
    assert (whole[0, 0] > 225).all()
    parted = picture.draw(head, width_px=120)
    assert parted.skin[: round(6 / parted.mm_per_px)].mean() > 0.9
    assert parted.numbers["skin_share"] < 0.5


def test_follicles_stand_in_units_as_dense_as_asked() -> None:
    assert len(X) / (WIDTH * HEIGHT / 100) == pytest.approx(FOLLICLES, rel=0.03)
    again = place_follicles(FOLLICLES, WIDTH, HEIGHT, 5)
    assert (again[2] == UNIT).all() and 1.5 < len(X) / len(np.unique(UNIT)) < 3.0
    assert (again[0] == X).all() and (again[1] == Y).all()
    assert len(np.unique(KEY)) == len(KEY)
    part = (np.abs(X) < 20) & (np.abs(Y - 40) < 20)
    gap = np.hypot(X[part][:, None] - X[part], Y[part][:, None] - Y[part])
    np.fill_diagonal(gap, np.inf)
    assert 0.5 < (gap.min(axis=0) < 0.5).mean() < 0.98


def test_a_map_counts_its_own_midscalp() -> None:
    map = scalp()
    assert map.density_per_cm2 == pytest.approx(250, rel=0.06)
    assert map.chtd_cm_per_cm2 == pytest.approx(map.density_per_cm2 * map.mean_um * 1e-4)


def test_palette_png_is_smaller_and_webp_smaller_still_without_a_loss_that_shows() -> None:
    image = picture.draw_crown(scalp(), width_px=200)
    palette, webp = picture.png_bytes(image, colours=256), picture.image_bytes(image)
    assert len(palette) < 0.8 * len(picture.png_bytes(image)) and len(webp) < 0.4 * len(palette)
    back = np.asarray(Image.open(io.BytesIO(webp)).convert("RGB")).astype(int)
    assert np.abs(back - np.asarray(image)).mean() < 4


def test_what_cannot_be_drawn_is_said_so() -> None:
    with pytest.raises(InputError, match="Did you mean 'medium'"):
        picture.draw_parting(scalp(), tone="medum")
    with pytest.raises(InputError, match="no hair colour"):
        picture.draw_parting(scalp(), colour="green")
    with pytest.raises(InputError, match="no view"):
        picture.draw(scalp(), view="face")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="wide"):
        picture.draw_parting(scalp(), width_px=5)
    with pytest.raises(InputError, match="one value per follicle"):
        replace(scalp(), key=KEY[:-1])
    with pytest.raises(InputError, match="scale"):
        picture.series([scalp(), replace(scalp(), width_mm=100.0)])
    with pytest.raises(InputError, match="above 0"):
        place_follicles(0, WIDTH, HEIGHT, 1)
