"""Printed results become data without losing unit, sign or doubt; predictions are held against them honestly."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from follicast.errors import StudyError
from follicast.evidence.library import evidence
from follicast.parameters import names, parameters
from follicast.trials import emulator, likelihood, rounds, weighing
from follicast.trials.accuracy import net_of_control, other_trials_mean, summary
from follicast.trials.observations import observations
from follicast.trials.problem import problem
from follicast.trials.qualification import predict, recorded
from follicast.trials.study_files import read_studies

DATA = observations(evidence().studies.values())


def one(study, **wanted):
    return next(d for d in DATA if d.study == study and all(getattr(d, k) == v for k, v in wanted.items()))


def test_a_count_in_a_one_inch_circle_becomes_hairs_per_cm2():
    assert one("KAUFMAN1998", week=52).value == pytest.approx(107 / 5.067)


def test_a_printed_difference_between_arms_is_a_contrast_without_drift():
    datum = one("VANNESTE2000", endpoint="total_density")
    assert (
        datum.kind == "contrast"
        and datum.offset == "none"
        and datum.se == 2.5
        and datum.se_source == "printed"
    )


def test_a_printed_sd_becomes_a_standard_error():
    assert one("LUCKY2004", regimen="minoxidil-topical-5").se == pytest.approx(19.5 / np.sqrt(101))


def test_what_was_not_printed_is_marked_assumed():
    assert one("BERGER2003", regimen="none").se_source == "assumed"


def test_calibration_rests_on_at_least_sixty_results_of_twenty_five_studies_of_both_sexes():
    fit = problem().data
    assert len(fit) >= 60 and len({d.study for d in fit}) >= 25
    assert {c.sex for d in fit for c in d.cohorts} == {"M", "F"}
    assert any(d.regimen == "none" for d in fit) and any("finasteride" in d.regimen for d in fit)


def test_the_placebo_men_of_five_years_do_not_count_twice():
    both = [d for d in DATA if d.study in ("KAUFMAN2002", "KAUFMAN2008") and d.in_fit]
    assert [d.regimen for d in both if d.minus is None].count("none") == 1 and not any(d.minus for d in both)


def test_a_trial_is_simulated_with_its_own_sex_age_menopause_and_site():
    (price,), (rushton,) = one("PRICE2000", regimen="none").cohorts, one("RUSHTON1991", week=52).cohorts
    assert price.sex == "F" and price.final_period_age < price.age
    assert rushton.sex == "M" and rushton.age == 25
    assert one("PRICE2006", regimen="none", endpoint="total_density").cohorts[0].site_factor < 1


def test_hair_weight_calibre_and_anagen_share_are_read_in_units_of_their_own():
    assert one("PRICE2006", regimen="none", endpoint="hair_weight").unit == "%"
    assert one("VAHABI2021", endpoint="mean_diameter", regimen="minoxidil-topical-2").unit == "um"
    assert one("NAVARRO2015", endpoint="anagen_share").unit == "points"


def test_implausible_trials_are_kept_but_do_not_calibrate():
    assert any(d.study == "DUBIN2020" for d in DATA) and not any(
        d.study == "DUBIN2020" and d.in_fit for d in DATA
    )


def test_arms_of_one_trial_share_a_drift_and_arms_of_two_trials_do_not():
    told = likelihood.printed(DATA)
    i, j = (DATA.index(one("LUCKY2004", regimen=r)) for r in ("minoxidil-topical-5", "none"))
    k = DATA.index(one("OLSEN2002", regimen="none"))
    drift, therapy, assumed = told.shapes
    assert drift[i, j] == 1 and drift[i, k] == 0 and therapy[i, j] == 0 and assumed[i, i] == 0


def test_a_missing_sd_is_fitted_and_a_printed_one_is_not():
    told = likelihood.printed(DATA)
    i, j = DATA.index(one("BERGER2003", regimen="none")), DATA.index(one("LUCKY2004", regimen="none"))
    once, twice = (told.covariance(np.array([0.0, 0.0, sd])) for sd in (20.0, 40.0))
    assert twice[i, i] == pytest.approx(4 * once[i, i]) and twice[j, j] == once[j, j]


def test_the_blocks_of_the_likelihood_say_what_the_whole_normal_distribution_says():
    told, luck = likelihood.printed(DATA), np.random.default_rng(3)
    predicted, nuisance = luck.normal(8, 5, len(DATA)), likelihood.nuisance_prior()[0]
    drift, spreads = likelihood.split(nuisance)
    cov = told.covariance(spreads) + 0.3 * np.eye(len(DATA))
    whole = multivariate_normal(predicted + told.offset @ drift, cov).logpdf(told.value)
    found = likelihood.log_likelihood(told, predicted, nuisance, np.full(len(DATA), 0.3))[0]
    assert found - 0.5 * len(DATA) * np.log(2 * np.pi) == pytest.approx(whole)


def test_the_likelihoods_slopes_are_its_slopes():
    told = likelihood.printed(DATA)
    luck = np.random.default_rng(1)
    predicted, nuisance = luck.normal(8, 5, len(DATA)), likelihood.nuisance_prior()[0]
    extra = np.full(len(DATA), 0.3)
    _, by_prediction, by_nuisance = likelihood.log_likelihood(told, predicted, nuisance, extra)
    for slope, vector, change in (
        (by_prediction, predicted, lambda v: (v, nuisance)),
        (by_nuisance, nuisance, lambda v: (predicted, v)),
    ):
        for k in range(0, len(vector), 5):
            step = np.zeros(len(vector))
            step[k] = 1e-5
            up, down = (likelihood.log_likelihood(told, *change(vector + s), extra)[0] for s in (step, -step))
            assert slope[k] == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-4)


def test_the_emulator_finds_a_quadratic_again_and_knows_its_error():
    luck = np.random.default_rng(2)
    x = luck.normal(size=(400, 6))
    y = np.stack([1 + 2 * x[:, 0] - x[:, 1] * x[:, 2], x[:, 3] ** 2], axis=1) + luck.normal(0, 0.1, (400, 2))
    fitted = emulator.fit(x, y)
    assert np.allclose(fitted.error, 0.1, atol=0.03)
    value, slope = fitted.value_and_slope(x[0])
    assert np.allclose(value, fitted(x[:1])[0]) and slope[0, 0] == pytest.approx(2, abs=0.1)


def test_predictions_do_not_depend_on_how_parameter_sets_are_grouped():
    from follicast.trials.virtual import predict as virtual

    z = 0.5 * np.random.default_rng(5).normal(size=(4, len(names())))
    some = [one("LUCKY2004", regimen="none"), one("VANNESTE2000", endpoint="total_density")]
    together = virtual(some, parameters(z), 8, 60)
    apart = np.concatenate([virtual(some, parameters(z[i : i + 1]), 8, 60) for i in range(4)])
    assert np.array_equal(together, apart)


def test_structures_are_rival_readings_of_one_switch():
    both = rounds.structures()
    z = np.zeros((1, len(names())))
    assert [parameters(rounds.under(z, side))["climbing"][0] for side in both.values()] == [1.0, 0.0]


def test_a_structure_that_predicts_better_weighs_more_and_equals_weigh_alike():
    better = {"a": {"x": -1.0, "y": -2.0}, "b": {"x": -2.0, "y": -3.0}}
    alike = {"a": {"x": -1.0, "y": -2.0}, "b": {"x": -1.0, "y": -2.0}}
    assert weighing.weights(better, 1)["a"] > 0.8 and weighing.weights(alike, 1)["a"] == pytest.approx(0.5)


def test_a_structure_is_weighed_for_a_study_without_that_study():
    scores = {"a": {"x": 0.0, "y": -9.0}, "b": {"x": -9.0, "y": 0.0}}
    assert weighing.weights(scores, 1, without="x")["b"] > 0.99


def test_an_arm_less_its_control_carries_the_luck_of_both():
    rows = predict([d for d in DATA if d.study == "OLSEN2002" and d.unit == "/cm2"], "", 6, lambda _: None)
    net = {p.datum.arm: p for p in net_of_control(rows)}
    drug, control = (next(p for p in rows if p.datum.regimen == r) for r in ("minoxidil-topical-5", "none"))
    five = net["minoxidil 5 %"]
    assert five.datum.value == pytest.approx(14.7) and five.datum.kind == "contrast"
    assert np.array_equal(five.echoes, drug.echoes - control.echoes) and len(net) == 2


def test_the_baseline_to_beat_is_the_mean_of_other_trials_of_the_same_therapy():
    fit = [d for d in DATA if d.in_fit]
    datum = one("OLSEN2007FOAM", regimen="minoxidil-topical-5")
    alike = other_trials_mean(datum, fit)
    assert alike is not None and 5 < alike < 30


def test_a_study_the_model_was_fitted_to_is_predicted_within_sight():
    rows = predict([one("VANNESTE2000", endpoint="total_density")], "", 12, lambda _: None)
    assert abs(rows[0].mean - 17.3) < 8 and rows[0].inside(0.95)
    assert summary(rows)["n"] == 1


def test_the_posterior_has_a_draw_without_each_calibrating_study():
    fit = {d.study for d in problem().data}
    assert set(evidence().posterior.left_out) == fit
    assert evidence().posterior.draws("LUCKY2004").shape[1] == len(names())


def test_the_recorded_qualification_is_of_the_posterior_that_ships():
    kept = recorded()
    assert kept["posterior"] == evidence().posterior.hash, "run: follicast qualify --record"
    assert len({fact["number"] for fact in kept["facts"]}) == 28
    assert len(kept["left_out_arms"]) >= 60


def test_both_structures_were_fitted_and_weighed():
    found = evidence().posterior.recipe["structures"]
    weight = {name: one["weight"] for name, one in found.items()}
    assert set(found) == set(rounds.structures()) and sum(weight.values()) == pytest.approx(1.0, abs=0.002)
    climbs = parameters(evidence().posterior.draws())["climbing"].mean()
    assert climbs == pytest.approx(weight["climbing"], abs=0.01)


HEADER = "study_id,sex,n_arm,treatment,dose,frequency,week,outcome,unit,change_mean,"
TABLE = """change_sd_or_se_or_ci,vs_placebo_diff,condition
NEW2027,F,60,minoxidil topical solution,2%,bid,24,nonvellus_count,hairs/cm2,15.5,18 (SD),9,FPHL
NEW2027,F,60,placebo,0,bid,24,nonvellus_count,hairs/cm2,6.5,17 (SD),0,FPHL
NEW2027,F,60,minoxidil topical solution,2%,bid,24,responder_share,%,40,,,FPHL
"""


def test_a_table_of_arms_is_read_and_what_cannot_be_predicted_is_listed(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text(HEADER + TABLE)
    studies, skipped = read_studies(path)
    data = observations(studies)
    assert [d.regimen for d in data] == ["minoxidil-topical-2", "none"] and data[0].se == pytest.approx(
        18 / np.sqrt(60)
    )
    assert len(skipped) == 1 and "not a hair count" in skipped[0].because


def test_a_table_may_hold_calibre_weight_odd_areas_and_other_sites(tmp_path):
    path = tmp_path / "odd.csv"
    row = "ODD2027,M,30,finasteride,1mg,qd,24,{outcome},{unit},4,6 (SD),,{condition}\n"
    rows = [("diameter", "um", "AGA-men (frontal)"), ("terminal_count", "hairs per 4 cm2", "AGA-men (frontal)"),
            ("hair_weight", "%", "AGA-men"), ("total_hair_count", "hairs/cm2", "alopecia areata")]  # fmt: skip
    path.write_text(
        HEADER
        + TABLE.split("\n")[0]
        + "\n"
        + "".join(row.format(outcome=o, unit=u, condition=c) for o, u, c in rows)
    )
    studies, skipped = read_studies(path)
    data = observations(studies)
    assert [(d.endpoint, d.unit, d.value) for d in data] == [
        ("mean_diameter", "um", 4), ("terminal_density", "/cm2", 1), ("hair_weight", "%", 4)
    ]  # fmt: skip
    assert data[0].cohorts[0].site_factor < 1 and data[0].offset == "tablet"
    assert "not pattern hair loss" in skipped[0].because


@pytest.mark.parametrize(
    "name, content, says",
    [
        ("x.csv", b"", "empty"),
        ("x.csv", b"a,b\n1,2\n", "lacks the column"),
        ("x.yaml", b"\xff\xfe\x00", "not a text file"),
        ("x.yaml", b"id: X\nsex: F\n", "required"),
        ("x.yaml", b"id: [", "not valid YAML"),
    ],
)
def test_a_broken_study_file_is_refused_with_its_reason(name, content, says, tmp_path):
    path: Path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(StudyError, match=says):
        read_studies(path)
