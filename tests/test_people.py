"""People differ by what tables say of their ancestry, and by nothing where no table says it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from follicast.cycle import luck_keys
from follicast.evidence.library import evidence
from follicast.names import group
from follicast.parameters import names, parameters
from follicast.people import people, relative

DRAWS = 400
KEYS = luck_keys(3, DRAWS)
USUAL = parameters(np.zeros((DRAWS, len(names()))))
SHARE = (np.arange(DRAWS) + 0.5) / DRAWS


def told(ancestry):
    return people(KEYS, USUAL, "F", SHARE, ancestry)


@pytest.mark.parametrize(
    ("ancestry", "known"),
    [
        ("Japanese", "asian"),
        ("East Asian", "asian"),
        ("Vietnamese", "asian"),
        ("African American", "african"),
        ("Afro-Caribbean", "african"),
        ("Black", "african"),
        ("Latina", "hispanic"),
        ("Hispanic", "hispanic"),
        ("European", None),
        ("Caucasian", None),
        ("South Asian", None),
        (None, None),
    ],
)
def test_an_ancestry_is_read_by_whole_words(ancestry, known):
    assert group(ancestry) == known


@given(st.text(max_size=20))
def test_a_word_without_a_table_changes_nothing(word):
    if group(word) is None:
        assert relative("density", word) == 1.0 == relative("growth", word)


def test_density_stands_in_the_order_that_was_counted():
    european, hispanic, asian, african = (
        told(a).density.mean() for a in ("European", "Hispanic", "Korean", "African")
    )
    assert european > hispanic > asian > african
    assert african / european == pytest.approx(161 / 226, abs=0.005)


def test_asian_hair_grows_fastest_and_african_slowest():
    asian, european, african = (told(a).growth[0] for a in ("Chinese", None, "African"))
    assert asian > european == 1.0 > african


def test_where_growth_was_not_measured_it_is_the_trials_own():
    assert (told("Hispanic").growth == 1.0).all()


def test_the_same_people_stand_behind_every_ancestry():
    here, there = told("African"), told(None)
    factor = float(evidence().numbers["people.african_density"])
    assert np.allclose(here.density, factor * there.density)
    for same in ("full_um", "onset", "sensitivity", "frailty"):
        assert np.array_equal(getattr(here, same), getattr(there, same))


def test_frailty_is_spread_evenly_and_has_nothing_to_do_with_density():
    who = told(None)
    assert np.allclose(np.quantile(who.frailty, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.08)
    assert abs(np.corrcoef(who.frailty, who.density)[0, 1]) < 0.15
