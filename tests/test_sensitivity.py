"""Where a forecast's width comes from: the sources add up, and one that is switched off is not among them."""

import json
from pathlib import Path

import numpy as np
import pytest

from follicast import sensitivity as room
from follicast.doors import output, sensed
from follicast.errors import InputError, NothingToGive
from follicast.evidence.library import evidence
from follicast.patient import Patient
from follicast.regimen import Regimen
from follicast.sensitivity import FACTORS, sensitivity

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
HER_FILE = EXAMPLES / "woman-47-pattern.yaml"
WOMAN, MAN = (Patient.load(path) for path in (HER_FILE, EXAMPLES / "man-28-vertex.yaml"))
ARM = Regimen("minoxidil-topical-5")
SMALL = 64


def beliefs(draws, climbing=None, seed=1):
    """Return hand-made draws [draw, parameter], half of them with each of the rival mechanisms unless told."""
    z = 0.3 * np.random.default_rng(seed).standard_normal((draws, len(evidence().parameters)))
    sides = np.where(np.arange(draws) % 2, 1.0, -1.0)
    z[:, list(evidence().parameters).index("climbing")] = sides if climbing is None else climbing
    return z


@pytest.fixture(scope="module")
def hers():
    return sensitivity(WOMAN, ARM, 6, beliefs=beliefs(40), size=SMALL)


def both(found):
    return [width for split in found.splits for width in (split.counted, split.hair)]


def test_the_shares_of_all_sources_sum_to_one(hers):
    for width in both(hers):
        assert [factor.factor for factor in width.factors] == list(FACTORS)
        assert sum(factor.share for factor in width.factors) == pytest.approx(1.0)
        assert all(0.0 <= factor.share <= 1.0 for factor in width.factors) and width.width90 > 0.0


def test_no_source_matters_more_alone_than_with_the_others(hers):
    for width in both(hers):
        for factor in width.factors:
            assert factor.first_order_interval[0] <= factor.total_interval[1]
        slack = sum(f.first_order_interval[1] - f.first_order for f in width.factors)
        assert sum(factor.first_order for factor in width.factors) <= 1.0 + slack


def test_counting_widens_and_is_no_part_of_the_hair_itself(hers):
    for split in hers.splits:
        assert split.counted.width90 > split.hair.width90
        assert split.counted.of("measurement").total_interval[0] > 0.0
        assert split.hair.of("measurement").total == 0.0


def test_known_variances_are_found_again():
    """Four independent sources, in hairs: SDs of 1, 2, 3 and 4; counting adds 2."""
    design = room._design(1024, seed=3)
    z = {name: np.sqrt(12.0) * (values - 0.5) for name, values in design.items()}
    hair = z["structure"] + 2.0 * z["parameters"] + 3.0 * z["person"] + 4.0 * z["luck"]
    counted = hair + 2.0 * z["measurement"]
    shares = room._in_turn(hair, counted, seed=3)
    assert shares[0] == pytest.approx(np.array([1, 4, 9, 16, 4]) / 34, abs=0.03)
    found = room._width("change_total", counted, shares, seed=3)
    for factor, share in zip(found.factors, np.array([1, 4, 9, 16, 4]) / 34, strict=True):
        assert factor.first_order == pytest.approx(share, abs=0.03)
        assert factor.total == pytest.approx(share, abs=0.03)
        assert factor.sd_alone == pytest.approx(np.sqrt(34 * share), rel=0.05)


def test_two_sources_that_matter_only_together_have_totals_and_no_share_of_their_own():
    design = room._design(1024, seed=3)
    z = {name: values - 0.5 for name, values in design.items()}
    found = room._factors(z["person"] * z["luck"], np.zeros((9, 5)), seed=3)
    by = {factor.factor: factor for factor in found}
    for name in ("person", "luck"):
        assert abs(by[name].first_order) < 0.05 and by[name].total == pytest.approx(1.0, abs=0.1)


def test_without_an_error_of_counting_a_count_shows_the_hair_itself():
    found = sensitivity(WOMAN, ARM, 3, beliefs=beliefs(10), size=16, error=0.0)
    for split in found.splits:
        assert split.counted == split.hair
        low, high = split.counted.of("measurement").first_order_interval
        assert low <= 0.0 <= high


@pytest.mark.parametrize(
    ("known", "off"),
    [(beliefs(1), ("structure", "parameters")), (beliefs(20, climbing=1.0), ("structure",))],
    ids=["one draw of the parameters", "one mechanism"],
)
def test_what_does_not_vary_is_no_source_of_width(known, off):
    found = sensitivity(MAN, Regimen("finasteride"), 3, beliefs=known, size=16)
    for width in both(found):
        for name in off:
            factor = width.of(name)
            assert factor.first_order_interval[0] <= 0.0 <= factor.first_order_interval[1]
            assert factor.total_interval[0] <= 0.0 <= factor.total_interval[1]
        assert max(factor.total for factor in width.factors) > 0.0


def test_a_rival_mechanism_widens_the_forecast_where_it_matters():
    one = sensitivity(MAN, Regimen("finasteride"), 24, beliefs=beliefs(40), size=256)
    assert one.of("change_terminal").hair.of("structure").total_interval[0] > 0.05


def test_guesses_are_picked_as_often_as_they_agree_with_the_person():
    z = beliefs(40)
    chair = room._Chair(WOMAN, ARM, 3, "midscalp", WOMAN.date, 7, z)
    design = room._design(1024, seed=5)
    picked = chair.pick("change_terminal", design["structure"], design["parameters"], design["person"])
    _, who, weight = chair.guesses
    for column in (who.sensitivity, who.density, who.onset):
        wanted = (weight.ravel() * np.log(column)).sum()
        spread = np.log(column)[picked].std()
        assert np.log(column)[picked].mean() == pytest.approx(wanted, abs=0.1 * spread)
    on = chair.structure[picked // room._GUESSES_A_DRAW] == 1
    assert on.mean() == pytest.approx(weight[chair.structure == 1].sum(), abs=0.01)


def test_the_same_seed_gives_the_same_bits_on_any_number_of_threads(hers, monkeypatch):
    monkeypatch.setenv("FOLLICAST_THREADS", "1")
    assert sensitivity(WOMAN, ARM, 6, beliefs=beliefs(40), size=SMALL).as_json() == hers.as_json()


def test_another_seed_gives_other_guesses(hers):
    assert sensitivity(WOMAN, ARM, 6, beliefs=beliefs(40), size=SMALL, seed=8).as_json() != hers.as_json()


def test_no_treatment_has_a_width_but_nothing_over_no_treatment():
    found = sensitivity(WOMAN, Regimen("none"), 3, beliefs=beliefs(10), size=16)
    assert [split.hair.quantity for split in found.splits] == [
        "change_terminal",
        "change_total",
        "change_coverage",
    ]


def test_a_better_way_of_counting_leaves_a_narrower_count(hers):
    matched = sensitivity(WOMAN, ARM, 6, beliefs=beliefs(40), size=SMALL, counted_by="matched")
    for name in ("change_terminal", "change_total"):
        assert matched.of(name).counted.width90 < hers.of(name).counted.width90
        assert matched.of(name).hair.factors == hers.of(name).hair.factors


def test_a_size_that_the_design_cannot_have_is_refused():
    with pytest.raises(InputError, match="power of 2"):
        sensitivity(WOMAN, ARM, 3, beliefs=beliefs(2), size=100)


def test_an_arm_without_a_curve_is_refused_with_the_reason():
    with pytest.raises(NothingToGive, match="Missing"):
        sensitivity(WOMAN, Regimen("minoxidil-topical-5+exosomes"), 3, beliefs=beliefs(2), size=16)


# --- at the door -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ([HER_FILE, "--arm", "exosomes"], 3, "no forecast"),
        ([EXAMPLES / "patchy-exclamation-hairs.yaml", "--arm", "prp"], 3, "Alopecia areata"),
        ([HER_FILE, "--arm", "prq"], 1, "Did you mean 'prp'"),
        (["nobody.yaml", "--arm", "prp"], 1, "no such file"),
    ],
)
def test_what_cannot_be_answered_is_told_once(cli, arguments, status, said):
    ended, out, err = cli("sensitivity", *arguments)
    assert (ended, out) == (status, "") and said in err and err.count("\n") == 1


def test_a_refusal_is_an_answer_to_other_programs_too(cli):
    status, out, _ = cli("sensitivity", HER_FILE, "--arm", "exosomes", "--json")
    assert status == 3 and json.loads(out)["class"] is None and json.loads(out)["refused"]["because"]


def test_the_answer_has_the_keys_that_other_programs_rely_on(hers):
    answer = json.loads(output.as_json(hers.as_json()))
    assert answer["months"] == 6 and answer["quantity"] == "change_terminal"
    for part in (answer, *answer["others"]):
        assert part["method"] and part["unit"] and part["width90"] > part["hair"]["width90"] > 0.0
        for factor in (*part["factors"], *part["hair"]["factors"]):
            assert set(factor) == {
                "factor",
                "share",
                "share_interval",
                "first_order",
                "first_order_interval",
                "total",
                "total_interval",
                "sd_alone",
            }


def test_a_clinician_is_told_what_the_width_is_made_of(hers, capfd):
    output.show(*sensed.told(hers))
    said = " ".join(capfd.readouterr().out.split())
    assert "Nine of ten outcomes lie within" in said and "of that width is" in said
    assert "Knowing all about this person would narrow it by" in said and "phototrichogram today" in said


def test_shares_are_said_as_people_say_them():
    assert [sensed.in_words(share) for share in (0.99, 0.5, 0.34, 0.0)] == [
        "nearly all",
        "half",
        "a third",
        "hardly any",
    ]


def test_the_command_answers_with_the_posterior_that_ships(cli):
    status, out, _ = cli("sensitivity", HER_FILE, "--arm", "minoxidil-topical-5", "--month", "3", "--json")
    answer = json.loads(out)
    assert status == 0 and answer["sources"] and answer["seed"] == 7
    assert {factor["factor"] for factor in answer["factors"]} == set(FACTORS)
