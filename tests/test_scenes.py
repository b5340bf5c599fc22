"""A plan's pictures as a page needs them: the same follicles throughout, each with its numbers, and for the browser."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from follicast.crown import crown_maps
from follicast.errors import InputError
from follicast.forecast import forecast
from follicast.patient import Patient
from follicast.regimen import NO_TREATMENT, Regimen
from follicast.report.change_map import change_map
from follicast.report.comb import VIEWS, comb, frame
from follicast.report.scenes import MONTHS, Scenes, scenes, strands, usual_view
from follicast.report.sheet import Plate, sheet
from follicast.report.strand_file import MAGIC, NODES, strand_file
from follicast.report.strands import trace
from follicast.scalp_map import ScalpMap
from follicast.today import Today, today

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
LOTION = Regimen("minoxidil-topical-5")


@pytest.fixture(scope="module")
def hers() -> Today:
    return today(Patient.load(EXAMPLES / "woman-47-pattern.yaml"), draws=30)


@pytest.fixture(scope="module")
def drawn(hers: Today) -> Scenes:
    course = forecast(hers, [LOTION], 24)
    return scenes(course, course.arms[1], "light", "black")


@pytest.fixture(scope="module")
def course(hers: Today) -> dict[str, ScalpMap]:
    none = crown_maps(hers, NO_TREATMENT, MONTHS, 3)
    drug = crown_maps(hers, LOTION, MONTHS[1:], 3)
    names = [f"none-{m}" for m in MONTHS] + [f"drug-{m}" for m in MONTHS[1:]]
    return dict(zip(names, [*none, *drug], strict=True))


def test_a_plan_has_every_picture_once_and_each_opens(drawn: Scenes) -> None:
    assert [scene.month for scene in (drawn.today, *drawn.untreated)] == MONTHS
    assert [scene.month for scene in drawn.chosen] == MONTHS[1:]
    assert [len(part) for part in (drawn.hairline, drawn.dermatoscope, drawn.phases, drawn.changes)] == [
        3,
        3,
        3,
        2,
    ]
    assert len(drawn.all) == 24 == len({scene.data for scene in drawn.all})
    for scene in drawn.all:
        opened = Image.open(io.BytesIO(scene.data))
        assert opened.size == (scene.width_px, scene.height_px)
        assert scene.media == f"image/{opened.format.lower()}"
        assert scene.address.startswith(f"data:{scene.media};base64,")
        assert scene.description.startswith("Simulation, not a photograph.")


def test_the_pictures_of_a_plan_stay_small(drawn: Scenes) -> None:
    assert sum(len(scene.data) for scene in drawn.all) < 1_000_000


def test_pictures_from_above_carry_their_numbers_and_the_forecasts(drawn: Scenes) -> None:
    for scene in drawn.above:
        assert {
            "density_per_cm2",
            "mean_diameter_um",
            "chtd_cm_per_cm2",
            "parting_front_mm",
        } <= scene.numbers.keys()
        assert scene.forecast["density_per_cm2"] == pytest.approx(scene.numbers["density_per_cm2"], rel=0.25)
        assert scene.quantile.keys() == scene.forecast.keys()


def test_the_courses_run_from_poor_to_good(drawn: Scenes) -> None:
    gains = [
        after.forecast["chtd_cm_per_cm2"] / before.forecast["chtd_cm_per_cm2"]
        for before, after in drawn.courses
    ]
    assert gains == sorted(gains) and [pair[0].course for pair in drawn.courses] == ["low", "median", "high"]


def test_same_plan_same_bytes_and_the_patients_colours(hers: Today, drawn: Scenes) -> None:
    course = forecast(hers, [LOTION], 24)
    again = scenes(course, course.arms[1], "light", "black")
    assert [scene.data for scene in again.all] == [scene.data for scene in drawn.all]
    assert drawn.colours.hair == "black" and "thinner" in drawn.colours.said
    wishing = replace(hers, patient=hers.patient.model_copy(update={"wishes": {"hair_colour": "grey"}}))
    told = forecast(wishing, [LOTION], 3)
    other = scenes(told, told.arms[1])
    assert other.colours.hair == "grey" and other.today.data != drawn.today.data
    assert [scene.month for scene in other.chosen] == [3]


def test_a_map_of_change_adds_up_to_the_change_of_all_hairs(course: dict[str, ScalpMap]) -> None:
    before, after = course["none-0"], course["drug-12"]
    zones = change_map(before, after).zones
    gain = float((after.diameter_um > 0).sum() - (before.diameter_um > 0).sum())
    per_cm2 = gain / (len(before.x_mm) / (before.density_per_cm2 * 0 + len(before.x_mm) / 285.0))
    assert np.mean([zone.change for zone in zones]) == pytest.approx(per_cm2, rel=0.25)
    assert np.mean([zone.change for zone in change_map(before, before).zones]) == 0


def test_a_map_of_change_is_blue_for_more_and_orange_for_less(course: dict[str, ScalpMap]) -> None:
    start = course["none-0"]
    bare = replace(start, diameter_um=np.zeros(len(start.x_mm)))
    lost, won = (
        np.asarray(change_map(*pair, width_px=100).image).astype(int)
        for pair in ((start, bare), (bare, start))
    )
    assert lost[60, 50, 0] > lost[60, 50, 2] + 60 and won[60, 50, 2] > won[60, 50, 0] + 60
    other = replace(start, key=start.key[::-1])
    with pytest.raises(InputError, match="different follicles"):
        change_map(start, other)


def read_back(data: bytes) -> tuple[dict, dict[str, bytes]]:
    """Read a strand file as a browser would, from its bytes alone."""
    assert data[:8] == MAGIC
    size = int.from_bytes(data[8:12], "little")
    head = json.loads(data[12 : 12 + size])
    return head, {name: data[offset : offset + length] for name, (offset, length) in head["blocks"].items()}


@pytest.mark.parametrize("view", VIEWS)
def test_strands_for_the_browser_lie_where_the_picture_lays_them(course: dict[str, ScalpMap], view) -> None:
    data, said = strand_file(course, view=view)
    head, blocks = read_back(data)
    assert head == json.loads(json.dumps(said))
    n = head["strands"]
    static = np.frombuffer(blocks["static"], "u1").reshape(n, 12)
    root = static[:, :4].copy().view("<u2") * head["root_mm"] - head["margin_mm"]
    turns = static[:, 4:10].copy().view("i1").reshape(n, 3, 2)
    points = root[:, None] + np.cumsum(turns * np.array(head["turn_mm"])[:, None], axis=1)
    map = course["none-0"]
    laid = comb(view, map)
    seats = laid.seat(map)
    order = seats.order
    true = trace(
        NODES, seats.wisp[order], seats.along[order], seats.across[order], map.key[order],
        map.unit[order].astype(np.uint64), laid.paths,
    )  # fmt: skip
    left, top, _, _ = frame(view, map)
    assert np.abs(root - (true[:, 0, :2] - [left, top])).max() < 0.006
    assert np.abs(points - (true[:, 1:, :2] - [left, top])).max(axis=(0, 2)) == pytest.approx(
        [0.05, 0.1, 0.2], abs=0.02
    )


def test_a_whole_course_of_both_arms_fits_into_32_bytes_a_strand_and_sliding_needs_no_upload(
    course: dict[str, ScalpMap],
) -> None:
    data, head = strand_file(course)
    n = head["strands"]
    assert len(data) / n <= 32.0 and len(head["steps"]) == 9
    _, blocks = read_back(data)
    kept = comb("parting", course["none-0"]).seat(course["none-0"]).order
    for step in head["steps"]:
        map, name = course[step["name"]], step["name"]
        diameter = np.frombuffer(blocks[f"diameter:{name}"], "u1") * head["diameter_um"]
        length = np.frombuffer(blocks[f"length:{name}"], "u1") * head["length_mm"]
        shows = np.unpackbits(np.frombuffer(blocks[f"visible:{name}"], "u1"), bitorder="little")[:n].astype(
            bool
        )
        true = (map.diameter_um[kept] > 0) & (map.length_mm[kept] > 0)
        assert (shows == true).all() and ((diameter > 0) == true).all()
        assert np.abs(diameter - map.diameter_um[kept])[true & (map.diameter_um[kept] < 127)].max() <= 0.25
        assert np.abs(length - map.length_mm[kept])[true].max() <= head["length_mm"]


def test_fewer_strands_for_a_phone_keep_the_optical_depth(course: dict[str, ScalpMap]) -> None:
    (_, whole), (data, part) = strand_file(course), strand_file(course, most=15_000)
    assert part["strands"] == 15_000
    _, blocks = read_back(data)
    _, full = read_back(strand_file(course)[0])
    for step in part["steps"]:
        some, every = (
            np.frombuffer(found[f"diameter:{step['name']}"], "u1").astype(float).sum()
            for found in (blocks, full)
        )
        assert some * part["width_factor"] == pytest.approx(every, rel=0.03)
    assert whole["width_factor"] == 1.0


def test_a_plan_gives_its_strands_to_a_browser_arm_by_arm_and_month_by_month(hers: Today) -> None:
    told = forecast(hers, [LOTION], 24)
    data, head = strands(told, told.arms[1], "light", "black", most=5_000)
    assert [step["name"] for step in head["steps"]] == [
        *(f"none:{month}" for month in MONTHS),
        *(f"{LOTION}:{month}" for month in MONTHS[1:]),
    ]
    assert head["hair"]["colour"] == "black" and len(data) < 5_000 * 32 + 8_000


def test_the_view_follows_the_form_of_the_loss(hers: Today) -> None:
    man = Patient.load(EXAMPLES / "man-28-vertex.yaml")
    norwood = Patient.parse("{age: 60, sex: F, pattern: {scale: norwood, grade: 3}}", "her.yaml")
    assert [usual_view(who) for who in (hers.patient, man, norwood)] == ["parting", "crown", "crown"]


def test_strands_that_cannot_be_told_are_refused(course: dict[str, ScalpMap]) -> None:
    start = course["none-0"]
    with pytest.raises(InputError, match="other follicles"):
        strand_file({"a": start, "b": replace(start, key=start.key[::-1])})
    with pytest.raises(InputError, match="32 bytes"):
        strand_file({str(i): start for i in range(10)})
    with pytest.raises(InputError, match="cannot be kept"):
        strand_file({"a": start}, most=0)


def test_a_sheet_sets_pictures_in_rows_on_one_scale() -> None:
    plates = [
        Plate(Image.new("RGB", (60, 80), colour), colour, ("one line",))
        for colour in ("red", "green", "blue")
    ]
    page = sheet(plates, 2)
    assert page.width == 60 * 2 + 14 and page.height > 160
    assert page.getpixel((10, 10)) == (255, 0, 0) and page.getpixel((90, 10)) == (0, 128, 0)
