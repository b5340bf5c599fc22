"""Printed results become data without losing unit, sign or doubt; predictions are held against them honestly."""

from pathlib import Path

import numpy as np
import pytest

from follicast.errors import StudyError
from follicast.evidence.library import evidence
from follicast.parameters import names, parameters
from follicast.trials import emulator, likelihood
from follicast.trials.calibration import problem
from follicast.trials.observations import observations
from follicast.trials.qualification import other_trials_mean, predict, summary
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


def test_calibration_rests_on_at_least_eight_arms_of_five_studies_of_both_sexes():
    fit = problem().data
    assert len(fit) >= 8 and len({d.study for d in fit}) >= 5
    assert {c for d in fit for c in d.cohorts} >= {"men", "women"}
    assert any(d.regimen == "none" for d in fit) and any("finasteride" in d.regimen for d in fit)


def test_a_five_year_row_of_the_same_men_does_not_count_twice():
    assert not one("KAUFMAN2002", week=260).in_fit


def test_implausible_trials_are_kept_but_do_not_calibrate():
    assert any(d.study == "DUBIN2020" for d in DATA) and not any(
        d.study == "DUBIN2020" and d.in_fit for d in DATA
    )


def test_arms_of_one_trial_share_a_drift_and_arms_of_two_trials_do_not():
    told = likelihood.printed(DATA)
    i, j = (DATA.index(one("LUCKY2004", regimen=r)) for r in ("minoxidil-topical-5", "none"))
    k = DATA.index(one("OLSEN2002", regimen="none"))
    assert told.drift[i, j] == 1 and told.drift[i, k] == 0 and told.therapy[i, j] == 0


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

    z = evidence().posterior.draws()[:4]
    some = [one("LUCKY2004", regimen="none"), one("VANNESTE2000", endpoint="total_density")]
    together, _ = virtual(some, [], parameters(z), 8, 60)
    apart = np.concatenate([virtual(some, [], parameters(z[i : i + 1]), 8, 60)[0] for i in range(4)])
    assert np.array_equal(together, apart)


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
