"""A curve is given as far as the evidence reaches, by the studies and not by a list."""

import shutil

import numpy as np
import pytest

from follicast.evidence.grading import standing
from follicast.evidence.library import HERE, Library, evidence
from follicast.parameters import names, parameters
from follicast.pull import pull
from follicast.regimen import Regimen

REFUSED = (
    "exosomes", "harg", "stem-cells-adipose", "stem-cells-bone-marrow", "stem-cells-follicle", "botulinum-toxin",
    "mesotherapy-vitamin", "osteopontin-injection", "biotin", "zinc", "iron",
)  # fmt: skip

STUDY = """
id: {id}
source: project
place: made up for a test
sex: F
condition: female-pattern-hair-loss-faga
site: midscalp
group: {id}
design: parallel
offset: needle
risk_of_bias: some
bias_reason: made up for a test
second_reading: {{verdict: none, says: made up for a test}}
arms:
  - {{name: exosomes, regimen: exosomes, n: 30}}
  - {{name: saline, regimen: none, control: needle, n: 30}}
results:
  - {{arm: exosomes, week: 24, endpoint: total_density, change: 20, unit: /cm2, place: made up for a test}}
  - {{arm: saline, week: 24, endpoint: total_density, change: 8, unit: /cm2, place: made up for a test}}
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copied") / "evidence"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize("therapy", REFUSED)
@pytest.mark.parametrize("sex", ["F", "M"])
def test_what_no_trial_has_counted_well_is_refused_and_says_what_is_missing(therapy, sex):
    found = standing(evidence(), therapy, sex)
    assert found.grade == "refused" and found.because and found.missing


def test_spironolactone_stands_by_analogy_and_finasteride_by_its_own_trials_in_men_alone():
    assert standing(evidence(), "spironolactone", "F").grade == "by-analogy"
    assert standing(evidence(), "finasteride", "M").grade == "calibrated"
    assert standing(evidence(), "finasteride", "F").grade == "by-analogy"


def test_one_new_study_file_makes_an_analogy_and_a_second_group_lifts_the_refusal(copied):
    for number, grade in ((1, "by-analogy"), (2, "calibrated")):
        (copied / "studies" / f"NEW{number}.yaml").write_text(STUDY.format(id=f"NEW{number}"))
        library = Library(copied)
        assert standing(library, "exosomes", "F").grade == grade
        assert standing(library, "harg", "F").grade == "refused"
        assert not library.fitted, "the posterior must say that it has not seen the new study"


def test_a_lifted_therapy_has_a_pull_of_which_much_of_the_belief_is_nothing():
    z = np.random.default_rng(1).normal(size=(400, len(names())))
    pulled = pull(Regimen("exosomes"), parameters(z), {}, "F", 200).wake.max(axis=1)
    assert 0.3 < (pulled == 0.0).mean() < 0.6 and pulled.max() > 0.0


def test_a_therapy_says_how_it_would_act_only_where_it_does_not_act_yet():
    therapies = evidence().therapies.values()
    assert any(t.would_act for t in therapies)
    assert not any(t.would_act and t.actions for t in therapies)
    assert all(action.stage >= 2 for t in therapies for action in t.mechanism)
