"""Today's scalp agrees with the person; the forecast compares like with like and refuses without evidence."""

from pathlib import Path

import numpy as np
import pytest

from follicast import observer
from follicast.crown import crown_maps
from follicast.forecast import forecast
from follicast.patient import Patient
from follicast.regimen import NO_TREATMENT, Regimen
from follicast.today import today

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
WOMAN = Patient.load(EXAMPLES / "woman-47-pattern.yaml")
MAN = Patient.load(EXAMPLES / "man-28-vertex.yaml")
POSTPARTUM = Patient.load(EXAMPLES / "woman-postpartum-4-months.yaml")
DRAWS = 120


@pytest.fixture(scope="module")
def hers():
    return today(WOMAN, draws=DRAWS)


@pytest.fixture(scope="module")
def course(hers):
    arms = [
        "prp",
        "minoxidil-topical-1",
        "minoxidil-topical-5",
        "spironolactone",
        "exosomes",
        "mesotherapy-vitamin",
    ]
    return forecast(hers, [Regimen(arm) for arm in arms])


def test_the_same_seed_gives_the_same_hairs_on_any_number_of_threads(monkeypatch, hers):
    monkeypatch.setenv("FOLLICAST_THREADS", "1")
    again = today(WOMAN, draws=DRAWS)
    assert all((a == b).all() for a, b in zip(hers.scalp.state, again.scalp.state, strict=True))


def test_another_seed_gives_other_hairs(hers):
    assert not np.array_equal(today(WOMAN, seed=8, draws=DRAWS).scalp.state.left, hers.scalp.state.left)


def test_today_agrees_with_the_grade_that_was_reported(hers):
    grade = observer.sinclair(observer.standing(hers.scalp).coverage[:, 0])
    assert abs(np.median(grade) - 3) < 0.6 and np.mean(np.abs(grade - 3) < 1.75) > 0.85


def test_a_worse_grade_means_less_hair():
    grades = [
        WOMAN.model_copy(update={"pattern": WOMAN.pattern.model_copy(update={"grade": g})}) for g in (2, 4)
    ]
    less, more = (
        np.median(observer.standing(today(p, draws=60).scalp).coverage) for p in (grades[1], grades[0])
    )
    assert less < more


def test_a_count_pulls_todays_scalp_towards_itself():
    counted = Patient.parse(
        """
age: 47
sex: F
date: 2026-11-22
pattern: {scale: sinclair, grade: 3}
counts: [{site: midscalp, date: 2026-11-20, total_per_cm2: 120, area_cm2: 1, method: phototrichogram}]
""",
        "counted.yaml",
    )
    plain = counted.model_copy(update={"counts": []})
    seen, before = (observer.standing(today(p, draws=100).scalp).total_density for p in (counted, plain))
    assert abs(np.median(seen) - 120) < 15 and seen.std() < 0.7 * before.std()


def test_no_treatment_is_always_there_and_first(course):
    assert course.arms[0].arm == "none" and [a.arm for a in course.arms].count("none") == 1


def test_all_arms_start_from_the_same_scalp(course):
    starts = [a.values("total_density")[:, 0] for a in course.arms if not a.refused]
    assert all(np.array_equal(start, starts[0]) for start in starts)


def test_therapies_without_evidence_get_no_curve_but_a_reason_and_what_trials_found(course):
    for arm in ("exosomes", "mesotherapy-vitamin"):
        refused = course.arm(arm).refused
        assert refused and refused.because and refused.missing and refused.trials
        assert "total_density" not in course.arm(arm).as_json()


def test_a_combination_is_only_as_sure_as_its_least_sure_part(hers):
    assert forecast(hers, [Regimen("minoxidil-topical-5+prp")], 6).arms[1].evidence_class == "by-analogy"
    assert forecast(hers, [Regimen("minoxidil-topical-5+exosomes")], 6).arms[1].refused


def test_minoxidil_sheds_early_and_the_shed_is_over_by_week_twelve(course):
    shed = course.arm("minoxidil-topical-5").early_shed
    assert shed and 2 <= shed.peak_week <= 8 and shed.ratio > 1.2 and shed.over_by_week <= 14


def test_minoxidil_gains_more_at_five_per_cent_than_at_one(course):
    one, five = (course.arm(f"minoxidil-topical-{n}").extra_hair["median"] for n in (1, 5))
    assert 0 < one < five


def test_a_drug_that_is_stopped_loses_what_it_gained(hers):
    kept, stopped = forecast(
        hers, [Regimen("minoxidil-topical-5"), Regimen("minoxidil-topical-5:stop@12mo")]
    ).arms[1:]
    none = forecast(hers, []).arms[0]
    gain = [
        np.median(a.values("total_density")[:, 24] - none.values("total_density")[:, 24])
        for a in (kept, stopped)
    ]
    assert gain[1] < 0.4 * gain[0]
    assert np.array_equal(kept.values("total_density")[:, 12], stopped.values("total_density")[:, 12])


def test_whoever_asks_to_stop_a_drug_that_lowers_androgens_is_told_that_the_model_is_unsure_there():
    his = today(MAN, draws=20)
    told = {
        arm: any("after a stop" in w for w in forecast(his, [Regimen(arm)], 14).warnings)
        for arm in ("finasteride", "finasteride:stop@6mo", "minoxidil-topical-5:stop@6mo")
    }
    assert told == {"finasteride": False, "finasteride:stop@6mo": True, "minoxidil-topical-5:stop@6mo": False}


def test_a_treatment_that_never_begins_changes_nothing(hers):
    none, late = forecast(hers, [Regimen("minoxidil-topical-5:start@30mo")]).arms
    assert np.array_equal(none.reading.total_density, late.reading.total_density)
    nothing = forecast(hers, [Regimen("minoxidil-topical-5:adherence=0")]).arms[1]
    assert np.array_equal(none.reading.coverage, nothing.reading.coverage)


def test_of_100_people_all_are_counted(course):
    for arm in course.arms:
        if not arm.refused:
            assert sum(arm.of_100.values()) == 100 and min(arm.of_100.values()) >= 0


def test_benefit_is_named_only_where_half_of_the_draws_reach_it(course):
    for arm in course.arms:
        if not arm.refused and arm.month_of_visible_benefit is None:
            more = arm.coverage / course.arms[0].coverage - 1 >= 0.15
            assert more.any(axis=1).mean() < 0.51


def test_the_interval_holds_the_median(course):
    for arm in course.arms:
        for curve in ({} if arm.refused else arm.curves).values():
            assert (curve.low <= curve.median).all() and (curve.median <= curve.high).all()


def test_a_mans_vertex_is_held_by_finasteride_while_it_thins_without():
    none, drug = forecast(today(MAN, draws=DRAWS), [Regimen("finasteride")]).arms
    assert none.curves["terminal_density"].median[24] < none.curves["terminal_density"].median[0]
    assert drug.extra_hair["low"] > 0 and drug.of_100["gain"] > none.of_100["gain"]


def test_shedding_after_childbirth_is_high_and_settles_by_itself_within_months():
    shed = forecast(today(POSTPARTUM, draws=DRAWS), [], 12).arms[0].curves["daily_shedding"].median
    assert shed[1] > 1.3 * shed[6] and shed[12] < 0.8 * shed[1]


def test_the_season_turns_with_the_hemisphere():
    south = WOMAN.model_copy(update={"latitude": -35.7})
    north, south = (
        forecast(today(p, draws=80), [], 12).arms[0].curves["daily_shedding"].median[1:]
        for p in (WOMAN, south)
    )
    assert abs(int(north.argmax()) - int(south.argmax())) in range(3, 10)


def test_without_a_date_there_is_no_season():
    bare = WOMAN.model_copy(update={"date": None})
    assert forecast(today(bare, draws=30), [], 6).start is None


def test_the_picture_and_the_forecast_of_one_draw_agree(hers, course):
    arm = course.arms[0]
    draw = arm.nearest_draw(0.5)
    drawn = crown_maps(hers, NO_TREATMENT, [0, 12], draw)
    for month, picture in zip((0, 12), drawn, strict=True):
        # the forecast's own draw holds 300 follicles: about 6 % of chance on a density
        assert picture.density_per_cm2 == pytest.approx(arm.values("total_density")[draw, month], rel=0.2)


def test_the_same_follicles_stand_in_the_same_places_under_another_regimen(hers):
    none, drug = (crown_maps(hers, arm, [12], 3)[0] for arm in (NO_TREATMENT, Regimen("minoxidil-topical-5")))
    assert np.array_equal(none.x_mm, drug.x_mm) and np.array_equal(none.key, drug.key)
    assert (none.diameter_um > 0).sum() < (drug.diameter_um > 0).sum()


def test_json_holds_the_promised_keys(course):
    out = course.as_json()
    assert {"site", "area_cm2", "cutoff_um", "method", "start", "draws", "arms", "interval"} <= out.keys()
    arm = out["arms"][1]
    assert {
        "arm",
        "class",
        "months",
        "total_density",
        "terminal_density",
        "mean_diameter",
        "anagen_share",
        "daily_shedding",
        "chance_visible_gain",
        "month_of_visible_benefit",
        "of_100",
    } <= arm.keys()
    assert len(arm["total_density"]["median"]) == 25
