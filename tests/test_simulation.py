"""Same seed, same hairs: on any number of threads, and in every arm until the arms differ."""

import numpy as np
import pytest

from follicast import cycle
from follicast.evidence.library import evidence
from follicast.parameters import names, parameters
from follicast.people import people, responders
from follicast.pull import pull
from follicast.regimen import Regimen
from follicast.scalp import born
from follicast.simulation import clocks, run
from follicast.weather import weather

DRAWS, FOLLICLES, DAYS = 12, 80, 400
ACTING = sorted(name for name, therapy in evidence().therapies.items() if therapy.actions)


class Person:
    """A woman of 47 under twelve guesses, a year ahead."""

    def __init__(self):
        rng = np.random.default_rng(1)
        keys = cycle.luck_keys(7, DRAWS)
        self.parameters = parameters(rng.normal(0.0, 1.0, (DRAWS, len(names()))))
        who = people(keys, self.parameters, "F", rng.uniform(0.5, 1.0, DRAWS))
        self.responders = responders(keys, self.parameters)
        self.scalp = born(keys, self.parameters, who.sensitivity, who.density, who.full_um, FOLLICLES)
        ages = 47.0 + np.arange(DAYS) / 365.25
        self.weather = weather("F", ages, 1.0, self.parameters, final_period_age=50.0, onset=who.onset - 20.0)

    def under(self, arm, threads=1, **changed):
        """Counts and state at the end under an arm; `changed` replaces parameters by name."""
        known = self.parameters | {name: np.full(DRAWS, value) for name, value in changed.items()}
        daily = pull(Regimen(arm), known, self.responders, "F", DAYS)
        return run(self.scalp, clocks(self.scalp, known, self.weather, daily), 7.0, 60, 40.0, threads)

    def untreated(self):
        return run(self.scalp, clocks(self.scalp, self.parameters, self.weather), 7.0, 60, 40.0, 1)


@pytest.fixture(scope="module")
def person():
    return Person()


def assert_same_bits(one, other):
    assert (one[0] == other[0]).all()
    for name, column, twin in zip(cycle.State._fields, one[1], other[1], strict=True):
        assert column.tobytes() == twin.tobytes(), name


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_any_number_of_threads_gives_the_same_bits(person, threads):
    assert_same_bits(
        person.under("prp+minoxidil-topical-5", threads=1),
        person.under("prp+minoxidil-topical-5", threads=threads),
    )


def test_the_number_of_threads_can_be_set_from_outside(person, monkeypatch):
    monkeypatch.setenv("FOLLICAST_THREADS", "3")
    assert_same_bits(person.under("prp", threads=None), person.under("prp", threads=1))


def test_a_run_does_not_disturb_the_scalp_it_starts_from(person):
    before = person.scalp.state.copy()
    person.under("minoxidil-topical-5")
    assert all((a == b).all() for a, b in zip(before, person.scalp.state, strict=True))


@pytest.mark.parametrize("therapy", ACTING)
@pytest.mark.parametrize("off", ["adherence=0", "start@20mo"])
def test_a_treatment_that_is_not_taken_leaves_every_bit_as_it_was(person, therapy, off):
    assert_same_bits(person.under(f"{therapy}:{off}"), person.untreated())


@pytest.mark.parametrize("therapy", ACTING)
def test_a_treatment_without_potency_leaves_every_bit_as_it_was(person, therapy):
    nothing = {action.potency: 0.0 for action in evidence().therapies[therapy].actions}
    with_nothing, untreated = person.under(therapy, **nothing), person.under("none", **nothing)
    assert_same_bits(with_nothing, untreated)


@pytest.mark.parametrize("therapy", ACTING)
def test_a_treatment_that_is_taken_does_something(person, therapy):
    potent = {action.potency: 0.5 for action in evidence().therapies[therapy].actions}
    assert (person.under(therapy, **potent)[0] != person.under("none", **potent)[0]).any()


def test_what_is_begun_later_does_not_change_what_was_seen_before(person):
    early, untreated = person.under("minoxidil-topical-5:start@140d"), person.untreated()
    assert (early[0][:, :, :21] == untreated[0][:, :, :21]).all()
    assert (early[0] != untreated[0]).any()


def test_a_draw_does_not_depend_on_how_many_draws_there_are(person):
    counts = person.under("prp")[0]
    fewer = cycle.luck_keys(7, 3)
    assert (fewer == person.scalp.keys[:3]).all()
    assert len(set(person.scalp.keys.tolist())) == DRAWS and len({c.tobytes() for c in counts}) == DRAWS
