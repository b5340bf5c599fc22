"""The 28 facts: each is asked, held against its band, and moves when what it is about is taken away."""

from dataclasses import replace

import numpy as np
import pytest

from follicast.evidence.library import evidence
from follicast.parameters import names, parameters
from follicast.trials import fact_drugs as drugs
from follicast.trials import fact_effluvium as effluvium
from follicast.trials import fact_healthy as healthy
from follicast.trials import fact_men as men
from follicast.trials import fact_people as population
from follicast.trials import facts
from follicast.trials.facts import FACTS, Asked, Fact, Subjects

ASKED = {asked.name: asked for group in FACTS.values() for asked in group}


def subjects(latitude=None, persons=10, follicles=150, **set_to):
    """A few people in the middle of what was believed before any trial, some parameters set to other values."""
    believed = parameters(np.zeros((1, len(names()))))
    assert set_to.keys() <= believed.keys()
    believed |= {name: np.array([float(value)]) for name, value in set_to.items()}
    return Subjects(believed, persons, follicles, healthy_follicles=6000, latitude=latitude)


def moved(people, change):
    """The same with another healthy scalp."""
    people.__dict__["scalp"] = change(people.scalp)
    return people


@pytest.fixture(scope="module")
def usual():
    return subjects()


@pytest.fixture(scope="module")
def unmoved():
    """People in whom no drug and no androgen does anything."""
    return subjects(
        sensitivity_men=1e-9, sensitivity_women=1e-9, dht_share=1e-9, minoxidil_wake=0, minoxidil_release=0,
        minoxidil_hold=0, minoxidil_enlarge=0,
    )  # fmt: skip


# --- the list ----------------------------------------------------------------------------------------------------


def test_all_28_facts_are_asked_and_each_number_has_its_own_band():
    rows = [asked for group in FACTS.values() for asked in group]
    assert {asked.number for asked in rows} == set(range(1, 29))
    assert len(ASKED) == len(rows)
    for asked in rows:
        band = evidence().numbers[f"facts.{asked.name}"]
        assert band.spread.low <= float(band) <= band.spread.high, asked.name
        assert band.spread.low < band.spread.high, asked.name


def test_every_band_of_the_evidence_is_asked_for():
    banded = {n for n, number in evidence().numbers.items() if n.startswith("facts.") and number.spread}
    assert {name.removeprefix("facts.") for name in banded} == ASKED.keys()


def test_whatever_is_an_anchor_is_fitted():
    anchored = ["balding_anagen", "balding_density", "anagen_histology", "minoxidil_withdrawal"]
    anchored += [f"prevalence_{who}_{where}" for who in ("men", "women") for where in ("korea", "china")]
    assert {ASKED[name].kind for name in anchored} == {"fitted"}


def fact(*values, conflict=None):
    return Fact(2, "a", "A.", "emergent", 1.5, 2.3, "1", np.array(values, float), conflict)


def test_a_fact_is_judged_by_its_median():
    assert fact(0.0, 1.6, 9.0).holds
    assert not fact(1.6, 2.4, 2.4).holds
    assert fact(1.5, 1.5).holds and fact(2.3).holds


def test_other_programs_read_the_band_the_value_and_whether_it_holds():
    told = fact(1.0, 1.0, 2.0).as_json()
    expected = {"fact", "id", "number", "kind", "low", "high", "unit", "value", "low90", "high90", "holds"}
    assert told.keys() == expected
    assert (told["fact"], told["number"], told["value"], told["holds"]) == ("A.", 2, 1.0, False)


def test_why_a_fact_cannot_be_met_is_said_where_it_is_not_met_and_nowhere_else():
    assert fact(1.0, conflict="It cannot.").as_json()["because"] == "It cannot."
    assert "because" not in fact(2.0, conflict="It cannot.").as_json()


def test_the_reason_is_the_note_of_the_band(usual):
    noted = {name: evidence().numbers[f"facts.{name}"].note for name in ASKED}
    assert Asked.of(ASKED["shed_healthy"], usual).conflict == noted["shed_healthy"]


def test_facts_come_in_the_order_of_the_list_and_for_the_parameters_handed_in(monkeypatch):
    few = {"a": (ASKED["dht_returns"],), "b": (ASKED["finasteride_serum"],)}
    monkeypatch.setattr(facts, "FACTS", few)
    said = []
    found = facts.check(said.append, subjects(finasteride_half_dose=50).parameters)
    assert [one.number for one in found] == [14, 17]
    assert found[0].value < 20  # so weak a tablet leaves DHT alone
    assert len(said) == 2


# --- a healthy scalp ---------------------------------------------------------------------------------------------


def test_a_healthy_scalp_sheds_each_hair_once_a_cycle(usual):
    mean = usual.scalp.life.mean_work[0, :, 0].copy()
    mean[3] *= usual.scalp.life.kenogen_share[0, 0]
    assert healthy.shed(usual)[0] == pytest.approx(100_000 / mean.sum(), rel=0.06)
    assert healthy.shed(subjects(anagen=525))[0] > 1.6 * healthy.shed(usual)[0]


def test_longer_telogen_is_counted_and_found_in_tissue(usual):
    slow = subjects(telogen=200)
    assert healthy.telogen_counted(slow)[0] > 1.5 * healthy.telogen_counted(usual)[0]
    assert healthy.telogen_tissue(slow)[0] > 1.5 * healthy.telogen_tissue(usual)[0]
    assert healthy.anagen_tissue(slow)[0] < healthy.anagen_tissue(usual)[0] - 5
    assert healthy.catagen_tissue(subjects(anagen=525))[0] > 1.4 * healthy.catagen_tissue(usual)[0]


def test_tissue_is_anagen_catagen_and_telogen(usual):
    found = (healthy.anagen_tissue, healthy.catagen_tissue, healthy.telogen_tissue)
    assert sum(part(usual)[0] for part in found) == pytest.approx(100)


def test_twice_as_dense_a_scalp_is_covered_in_half_the_time(usual):
    dense = subjects(follicle_density=2 * float(usual.parameters["follicle_density"][0]))
    assert healthy.time_to_coverage(dense) == pytest.approx(0.5 * healthy.time_to_coverage(usual))
    assert healthy.time_to_coverage(subjects(full_diameter=50)) > 1.8 * healthy.time_to_coverage(usual)


def test_time_to_coverage_is_density_times_diameter_times_growth(usual):
    intercept, slope = usual.scalp.life.growth[0]
    growing_per_cm2, um = 260 * 0.9, 72
    roughly = 1e8 / (growing_per_cm2 * um * (intercept + slope * um))
    assert healthy.time_to_coverage(usual)[0] == pytest.approx(roughly, rel=0.1)


def test_cutting_the_variance_makes_waves_and_the_fact_says_so(usual):
    luck = 100 / np.sqrt(6000 * 30 / 1200)  # so few follicles swing by chance
    assert healthy.no_wave(usual)[0] < 1.5 * luck
    assert healthy.no_wave(moved(subjects(), healthy.narrowed))[0] > 1.8 * luck
    assert healthy.narrow_wave(usual)[0] > 1.8 * luck


def test_cutting_the_mean_makes_no_waves_and_takes_volume(usual):
    assert healthy.short_wave(usual)[0] < 0.6 * healthy.narrow_wave(usual)[0]
    assert healthy.short_volume(usual)[0] < -40
    assert -25 < healthy.narrow_volume(usual)[0] < 0


def test_a_cut_that_cuts_nothing_changes_no_volume(usual, monkeypatch):
    monkeypatch.setattr(healthy, "shortened", lambda scalp: scalp)
    assert healthy.short_volume(usual)[0] == pytest.approx(0, abs=6)


def test_a_scalp_without_seasons_sheds_alike_in_autumn_and_spring(usual):
    tropics = subjects(latitude=5.0)
    assert healthy.shed_autumn_spring(tropics)[0] == pytest.approx(1, abs=0.12)
    assert healthy.shed_autumn_spring(usual)[0] > 1.3
    assert healthy.anagen_spring(tropics)[0] == pytest.approx(healthy.anagen_autumn(tropics)[0], abs=1)
    assert healthy.anagen_spring(usual)[0] > healthy.anagen_autumn(usual)[0] + 1.5


def test_in_the_south_hairs_rest_and_fall_half_a_year_later(usual):
    south = subjects(latitude=-50.0)
    for peak in (healthy.telogen_peak, healthy.shed_peak):
        assert (peak(south)[0] - peak(usual)[0]) % 365.25 == pytest.approx(182.6, abs=15)


def test_hairs_are_shed_after_they_have_rested(usual):
    late, later = (
        (healthy.shed_peak(people)[0] - healthy.telogen_peak(people)[0]) % 365.25
        for people in (usual, subjects(telogen=200))
    )
    assert 30 < late < 80
    assert late + 20 < later < 180


# --- a fever, a birth, wash counts -------------------------------------------------------------------------------


def test_pattern_loss_is_found_in_the_wash_and_its_absence_is_not(usual, unmoved):
    assert effluvium.wash_pattern(usual)[0] > 1.2
    assert effluvium.wash_pattern(unmoved)[0] == pytest.approx(1, abs=0.1)


def test_the_harder_the_fever_the_fuller_the_wash_and_the_more_hairs_rest(usual):
    calm, hard = subjects(trigger_work=1e-6), subjects(trigger_work=300)
    worst = [effluvium.wash_effluvium(people)[0] for people in (calm, usual, hard)]
    assert 1 <= worst[0] < 1.4 < worst[1] < worst[2]
    resting = [effluvium.fever_telogen(people)[0] for people in (calm, usual, hard)]
    assert resting[0] < 13 < resting[1] < resting[2]


def test_hairs_that_rest_longer_fall_later_after_a_fever_and_after_a_birth(usual):
    slow = subjects(telogen=160)
    for peak in (effluvium.fever_shed_peak, effluvium.birth_shed_peak):
        assert 8 < peak(usual)[0] < 20
        assert peak(slow)[0] > peak(usual)[0] + 4


def test_what_pregnancy_did_not_hold_does_not_fall_due(usual):
    assert effluvium.birth_telogen(subjects(pregnancy_hold=0))[0] < 13
    assert effluvium.birth_telogen(usual)[0] > 17


def test_a_count_is_back_once_the_empty_follicles_are_filled(usual):
    empty = subjects(kenogen_share=0.95, kenogen=200, trigger_work=300, pregnancy_hold=3)
    for recovery in (effluvium.fever_recovery, effluvium.birth_recovery):
        assert recovery(usual)[0] < 12
        assert recovery(empty)[0] > 8


# --- men who are not treated -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss",
    [
        men.vertex_five_years, men.vertex_yearly, men.frontal_weight, men.frontal_count,
        men.meaningful_two_years, men.total_two_years, men.vertex_ten_years,
    ],
)  # fmt: skip
def test_men_lose_hair_by_androgens_and_hardly_otherwise(loss, usual, unmoved):
    assert loss(usual)[0] < -1
    assert abs(loss(unmoved)[0]) < 0.4 * abs(loss(usual)[0])


def test_a_balding_vertex_has_fewer_hairs_and_fewer_that_grow(usual, unmoved):
    assert men.balding_anagen(usual)[0] < men.balding_anagen(unmoved)[0] - 3
    assert men.balding_density(usual)[0] < men.balding_density(unmoved)[0] - 20


def test_weight_falls_more_than_count_for_hairs_thin_before_they_go():
    people = subjects(persons=24)
    assert men.weight_over_count(people)[0] > 1.2
    ratio = men.frontal_weight(people) / men.frontal_count(people)
    assert men.weight_over_count(people) == pytest.approx(ratio)


def test_the_occiput_is_spared_because_it_is_less_sensitive(usual, monkeypatch):
    assert men.occiput_ten_years(usual)[0] > 0.3 * men.vertex_ten_years(usual)[0]
    monkeypatch.setattr(men, "site_factor", lambda sex, site: 1.0)
    assert men.occiput_ten_years(subjects()) == pytest.approx(men.vertex_ten_years(usual))


# --- DHT ---------------------------------------------------------------------------------------------------------


def test_type_one_makes_what_finasteride_leaves_in_the_scalp(usual):
    little, much = (drugs.finasteride_scalp(subjects(type_one_share=share))[0] for share in (0.1, 0.8))
    assert little > 80 and much < 25
    assert drugs.finasteride_serum(subjects(finasteride_half_dose=1))[0] < 45
    assert drugs.finasteride_serum(usual)[0] > 65


def test_a_fifth_of_a_milligram_does_less_where_more_is_needed(usual):
    assert drugs.finasteride_low_dose(usual)[0] > 80
    assert drugs.finasteride_low_dose(subjects(finasteride_half_dose=0.5))[0] < 50


def test_dutasteride_falls_short_in_the_scalp_by_what_its_half_level_says(usual):
    deaf = subjects(dutasteride_scalp_half_level=1500)
    assert drugs.dutasteride_scalp(deaf)[0] < drugs.dutasteride_scalp(usual)[0] - 20
    assert drugs.dutasteride_serum(deaf) == pytest.approx(drugs.dutasteride_serum(usual))
    assert drugs.dutasteride_serum(usual)[0] > drugs.finasteride_serum(usual)[0] + 10


def test_dht_returns_as_the_enzyme_is_made_anew(usual):
    assert 5 < drugs.dht_returns(usual)[0] < 20
    # Less to make up for is made up for sooner.
    assert drugs.dht_returns(subjects(finasteride_half_dose=2))[0] < drugs.dht_returns(usual)[0]


# --- treatment ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "gain",
    [
        drugs.finasteride_total, drugs.finasteride_anagen, drugs.finasteride_ratio, drugs.finasteride_two_years,
        drugs.minoxidil_men_early, drugs.minoxidil_men, drugs.minoxidil_women,
    ],
)  # fmt: skip
def test_a_drug_adds_hairs_and_one_that_does_nothing_adds_none(gain, usual, unmoved):
    assert gain(usual)[0] > 1
    assert gain(unmoved)[0] == pytest.approx(0, abs=1e-9)


def test_what_lasts_widens_and_what_wakes_at_once_is_early_on_its_plateau():
    slow, quick = subjects(minoxidil_wake=0.2, minoxidil_hold=2), subjects(minoxidil_wake=4, minoxidil_hold=0)
    assert drugs.minoxidil_plateau(slow)[0] < drugs.minoxidil_plateau(quick)[0]
    climbing, stuck = subjects(climbing=1, step_up=0.9), subjects(climbing=0, step_down=1e-9)
    assert drugs.finasteride_widens(climbing)[0] > drugs.finasteride_widens(stuck)[0]


def test_an_early_shed_is_a_release_of_resting_hairs():
    many = {"persons": 16, "follicles": 1000}  # few are shed in a week
    none, usual, strong = (subjects(minoxidil_release=release, **many) for release in (1e-9, 0.8, 3))
    noticed = [drugs.early_shed_noticed(people)[0] for people in (none, usual, strong)]
    assert noticed[0] < noticed[1] < noticed[2]
    assert drugs.early_shed_peak(strong)[0] < 9
    assert drugs.early_shed_peak(strong)[0] < drugs.early_shed_over(strong)[0] < 16


def test_what_is_owed_leaves_sooner_than_what_is_not():
    owing, free = (subjects(owed=share, minoxidil_hold=1.5, minoxidil_wake=0) for share in (0.999, 1e-6))
    for stopped in (drugs.minoxidil_stopped, drugs.minoxidil_stopped_weight):
        assert stopped(owing)[0] < stopped(free)[0]
    assert drugs.minoxidil_first_drop(owing)[0] >= drugs.minoxidil_first_drop(free)[0]


def test_finasteride_gains_go_later_where_hairs_have_climbed():
    climbed, stuck = subjects(climbing=1, step_up=0.9), subjects(climbing=0)
    assert drugs.finasteride_stopped(climbed)[0] > drugs.finasteride_stopped(stuck)[0]


def test_five_years_of_the_lotion_end_lower_where_loss_goes_on(usual):
    spared = subjects(step_down=1e-9)
    assert drugs.minoxidil_five_years(usual)[0] < drugs.minoxidil_five_years(spared)[0] - 3
    assert drugs.minoxidil_best(usual)[0] < drugs.minoxidil_best(spared)[0]


def test_people_who_regrow_are_those_whose_drug_works(usual, unmoved):
    strong = subjects(minoxidil_wake=20, minoxidil_enlarge=0.9, climbing=1)
    for share in (drugs.responders_all, drugs.responders_women):
        assert share(unmoved)[0] < 3
        assert share(strong)[0] > share(usual)[0]


# --- whole populations -------------------------------------------------------------------------------------------


def test_where_nobody_is_sensitive_hardly_anybody_has_lost_hair(unmoved):
    assert population.men_korea(unmoved)[0] == pytest.approx(46.9, abs=5)
    assert population.men_china(unmoved)[0] == pytest.approx(41.4, abs=5)
    for women in (population.women_korea, population.women_china):
        assert women(unmoved)[0] < 5
        assert women(subjects(sensitivity_women=5))[0] > 60


def test_another_scalp_is_another_answer(usual):
    """The cached healthy scalp is the one that facts look at."""
    other = moved(subjects(), lambda scalp: replace(scalp, density=2 * scalp.density))
    assert healthy.time_to_coverage(other) == pytest.approx(0.5 * healthy.time_to_coverage(usual))
