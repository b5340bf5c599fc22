"""Each site of the scalp is as sensitive as its place says, and the same person stands behind all of them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from follicast import observer
from follicast.crown import crown_maps, pattern
from follicast.errors import InputError
from follicast.forecast import forecast
from follicast.patient import Patient
from follicast.regimen import NO_TREATMENT
from follicast.sites import (
    SITES,
    density_factor,
    form_of,
    place,
    sensitivity,
    site_called,
    site_factor,
    usual_site,
)
from follicast.today import today

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
WOMAN = Patient.load(EXAMPLES / "woman-47-pattern.yaml")
MAN = Patient.load(EXAMPLES / "man-28-vertex.yaml")
FORMS = ("hamilton", "ludwig", "christmas-tree")
DRAWS = 40


def her(**changed):
    return WOMAN.model_copy(update=changed)


def total(now, months=60):
    return forecast(now, [], months).arms[0].curves["total_density"].median


@pytest.mark.parametrize("form", [*FORMS, None])
def test_the_usual_site_is_the_measure_of_the_others(form):
    assert site_factor("M", "vertex") == 1.0 == site_factor("F", "midscalp", form)
    assert site_factor("M", "scalp") == 1.0 == site_factor("F", None, form)


def test_the_back_of_the_head_is_hardly_sensitive_and_in_women_more_than_in_men():
    others = [site_factor("M", site) for site in SITES if site != "occipital"]
    assert 0.0 < site_factor("M", "occipital") < 0.1 * min(others)
    assert site_factor("M", "occipital") < site_factor("F", "occipital") < 0.3


def test_a_christmas_tree_is_widest_in_front_and_ludwigs_form_nearly_even():
    tree, even = (
        [site_factor("F", site, form) for site in ("frontal", "midscalp", "vertex")]
        for form in ("christmas-tree", "ludwig")
    )
    assert tree[0] > tree[1] > tree[2] and even[0] > even[1] > even[2]
    assert tree[0] / tree[2] > 1.3 > 1.15 > even[0] / even[2]


def test_hamiltons_form_in_a_woman_is_mens_seen_from_the_midscalp():
    for site in ("vertex", "frontal", "parietal"):
        mens = site_factor("M", site) / site_factor("M", "midscalp")
        assert site_factor("F", site, "hamilton") == pytest.approx(mens)


def test_signs_and_grade_say_which_form_a_womans_loss_has():
    assert form_of(WOMAN) == "christmas-tree" and form_of(MAN) == "hamilton"
    assert form_of(her(signs=["receding temples"])) == "ludwig"
    norwood = Patient.parse("{age: 60, sex: F, pattern: {scale: norwood, grade: 3}}", "her.yaml")
    assert form_of(norwood) == "hamilton"


@pytest.mark.parametrize("person", [WOMAN, MAN, her(signs=[])], ids=["christmas tree", "man", "ludwig"])
def test_pictures_and_forecasts_agree_on_every_place_that_both_show(person):
    for site in ("vertex", "frontal", "midscalp", "parietal"):
        x, y = place(site)
        drawn = pattern(person, np.array([x]), np.array([y]))[0]
        assert drawn == pytest.approx(site_factor(person.sex, site, form_of(person)), rel=1e-12)


@given(x=st.floats(-75, 75), y=st.floats(0, 190), sex=st.sampled_from("FM"), form=st.sampled_from(FORMS))
def test_sensitivity_is_above_nothing_and_the_same_on_both_sides(x, y, sex, form):
    left, right = (float(sensitivity(sex, form, np.array([v]), np.array([y]))[0]) for v in (x, -x))
    # Temples recede while the vertex is full, so they alone are many times as sensitive as the usual site.
    at_temple = np.hypot(abs(x) - 52.5, y) < 45
    receding = at_temple and (sex == "M" or form == "hamilton")
    assert 0.0 < left == right < (300.0 if receding else 2.5)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("crown", "vertex"),
        ("Back", "occipital"),
        ("occiput", "occipital"),
        ("parting", "midscalp"),
        ("front", "frontal"),
    ],
)
def test_a_site_is_known_by_its_other_names(told, meant):
    assert site_called(told) == meant


def test_a_site_that_no_forecast_speaks_of_is_refused_with_what_would_do():
    with pytest.raises(InputError, match=r"'fronal'.*Did you mean 'frontal'\?.*parietal"):
        site_called("fronal")
    with pytest.raises(InputError, match="beard"):
        today(MAN, draws=2, site="beard")
    with pytest.raises(InputError, match="top of the head"):
        place("occipital")


def test_only_mens_occiput_has_a_density_of_its_own():
    told = {(sex, site) for sex in "FM" for site in SITES if density_factor(sex, site) != 1.0}
    assert told == {("M", "occipital")}


def test_mens_occiput_is_spared_while_the_vertex_falls():
    front, back, top = (total(today(MAN, draws=DRAWS, site=s)) for s in ("frontal", "occipital", "vertex"))
    assert abs(back[60] / back[0] - 1) < 0.08  # few draws; the fact of ten years is judged on many
    assert top[60] / top[0] < 0.85 < back[60] / back[0]
    assert top[60] / top[0] < front[60] / front[0] < back[60] / back[0]


def test_a_forecast_says_which_site_it_speaks_of_and_that_its_sensitivity_is_assumed():
    usual, other = today(WOMAN, draws=10), today(WOMAN, draws=10, site="crown")
    assert forecast(usual, [], 1).as_json()["site"] == "midscalp" == usual_site("F")
    assert forecast(other, [], 1).as_json()["site"] == "vertex"
    assert any("vertex scalp" in warning for warning in other.warnings)
    assert not any("is assumed" in warning for warning in usual.warnings)
    assert "vecchio2002" in forecast(other, [], 1).sources


def test_the_usual_site_asked_for_by_name_is_the_forecast_that_was_not_asked():
    plain, named = today(MAN, draws=20), today(MAN, draws=20, site="vertex")
    assert all((a == b).all() for a, b in zip(plain.scalp.state, named.scalp.state, strict=True))


def test_the_same_guesses_of_a_person_stand_behind_every_site():
    top, back = (today(WOMAN, draws=DRAWS, site=site) for site in (None, "occipital"))
    assert all(
        (a == b).all() for a, b in zip(vars(top.people).values(), vars(back.people).values(), strict=True)
    )
    assert np.array_equal(top.susceptibility, back.susceptibility)
    more, less = (observer.standing(now.scalp).total_density[:, 0] for now in (back, top))
    assert more.mean() > less.mean()


def test_a_count_belongs_to_the_site_where_it_was_made():
    front = "{site: front, date: 2026-11-20, total_per_cm2: 90, area_cm2: 1, method: phototrichogram}"
    counted = Patient.parse(
        f"{{age: 47, sex: F, date: 2026-11-22, pattern: {{scale: sinclair, grade: 3}}, counts: [{front}]}}",
        "x.yaml",
    )
    plain = counted.model_copy(update={"counts": []})
    seen, before = (
        np.median(observer.standing(today(p, draws=80, site="frontal").scalp).total_density)
        for p in (counted, plain)
    )
    assert abs(seen - 90) < abs(before - 90) and abs(seen - 90) < 15
    same, without = (today(p, draws=20).scalp.state for p in (counted, plain))
    assert all((a == b).all() for a, b in zip(same, without, strict=True))


@pytest.mark.parametrize("months", [12, 24])
def test_what_is_spared_never_loses_more_than_what_is_not(months):
    """After whole years: within one, the season swings a thinning site more than a spared one."""
    top, back = (total(today(MAN, draws=12, site=site), 24) for site in (None, "occipital"))
    assert back[months] / back[0] > top[months] / top[0] - 0.03


def test_the_command_line_forecasts_a_site_and_refuses_what_is_none(cli):
    status, out, _ = cli(
        "forecast", EXAMPLES / "man-28-vertex.yaml", "--arm", "finasteride", "--site", "front", "--months", 2,
        "--draws", 20, "--json",
    )  # fmt: skip
    assert status == 0 and '"site": "frontal"' in out
    status, _, err = cli(
        "forecast", EXAMPLES / "man-28-vertex.yaml", "--arm", "finasteride", "--site", "fronal"
    )
    assert status == 1 and "Did you mean 'frontal'?" in err


def test_the_picture_of_the_head_does_not_depend_on_the_site_the_forecast_speaks_of():
    drawn = [
        crown_maps(today(MAN, draws=4, site=site), NO_TREATMENT, [0, 6], 1)
        for site in ("vertex", "occipital")
    ]
    for one, other in zip(*drawn, strict=True):
        assert np.array_equal(one.diameter_um, other.diameter_um)
