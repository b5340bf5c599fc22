"""Follow-up: what was counted moves the forecast as far as it may, and no further."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from follicast.errors import InputError
from follicast.follow_up import FollowUp, given, luck, seen
from follicast.follow_up.course import blunted, effective, uncounted
from follicast.follow_up.track import SHARES
from follicast.forecast import Forecast, days_of, forecast, look, wound
from follicast.patient import Patient, Visit
from follicast.regimen import Regimen
from follicast.today import Today, today

START = dt.date(2026, 11, 22)
LOTION = "minoxidil-topical-5"
WOMAN = {"age": 47, "sex": "F", "date": START, "pattern": {"scale": "sinclair", "grade": 3}}
DRAWS = 120


def woman(**more: Any) -> Patient:
    return Patient.model_validate({**WOMAN, **more})


@cache
def before() -> Forecast:
    return forecast(today(woman(), seed=7, draws=DRAWS), [Regimen(LOTION), Regimen("prp")], months=12)


@cache
def grown() -> Today:
    return uncounted(before(), times=4)


def visit(month: float, method: str = "phototrichogram", **seen_then: Any) -> Visit:
    day = START + dt.timedelta(days=round(month * 30.4375))
    shedding = {key: seen_then.pop(key) for key in ("score", "wash_count") if key in seen_then}
    counts = [{"site": "midscalp", "method": method, **seen_then}] if seen_then else []
    return Visit.model_validate({"date": day, "counts": counts, "shedding": shedding or None})


def followed(*visits: Visit, taken: str = LOTION, **at_the_start: Any) -> FollowUp:
    counts = [{"site": "midscalp", "date": START, **at_the_start}] if at_the_start else []
    person = woman(counts=counts)
    said = replace(before(), today=replace(before().today, patient=person))
    return given(said, visits, taken, grown=grown())


def change(found: Forecast, month: int = 12, arm: str = LOTION) -> np.ndarray:
    values = found.arm(arm).values("terminal_density")
    return values[:, month] - values[:, 0]


def usual(month: int, arm: str = LOTION) -> float:
    return float(np.median(before().arm(arm).values("terminal_density")[:, month]))


def test_parts_of_a_scalp_add_up_to_the_whole_bit_for_bit() -> None:
    now = before().today
    clocks = wound(now, Regimen(LOTION), now.future(days_of(6)))
    whole = look(now.scalp, clocks, 6, 40.0)
    parts = [look(scalp, clocks, 6, 40.0) for scalp in now.scalp.parted(luck.PARTS)]
    for name in luck.SUMS:
        np.testing.assert_allclose(
            sum(getattr(part, name) for part in parts), getattr(whole, name), rtol=1e-12
        )


def test_a_draw_that_is_picked_lives_as_it_did() -> None:
    now, rows = before().today, np.array([5, 5, 2])
    picked = now.picked(rows)
    one = look(picked.scalp, wound(picked, Regimen(LOTION), picked.future(days_of(3))), 3, 40.0)
    all_of_them = look(now.scalp, wound(now, Regimen(LOTION), now.future(days_of(3))), 3, 40.0)
    np.testing.assert_array_equal(one.total_density, all_of_them.total_density[rows])


def test_without_anything_seen_every_guess_counts_alike() -> None:
    found = followed()
    assert found.agreeing == pytest.approx(found.grown)
    assert found.track.word == "too early to tell"
    assert found.by_adherence is None


def test_an_exact_count_is_met_exactly() -> None:
    """A count without error leaves the counted field no choice: every course passes through it."""
    sharp = [
        replace(one, alike=1e-6, anew=1e-6)
        for one in seen(woman(), [visit(6, terminal_per_cm2=120)], "midscalp", START)
    ]
    fields = [luck.field(grown(), Regimen(LOTION), 6, 40.0)]
    freed = luck.free(grown(), 1.0)
    assert (freed > 0).all()
    (course,) = luck.moved(fields, 0, sharp, freed, np.random.default_rng(1))
    terminal = course[:, luck.SUMS.index("terminal_density"), sharp[0].look]
    spread = luck.field(grown(), Regimen(LOTION), 6, 40.0).whole[:, 1, sharp[0].look].std()
    assert np.abs(terminal - 120).max() < 1e-3 * spread


def test_luck_is_as_large_as_that_of_hairs_drawn_one_by_one() -> None:
    """A field's hairs at one moment are a binomial draw: the strays must have its variance, within sampling error."""
    field = luck.field(grown(), Regimen("none"), 1, 40.0)
    scalp = grown().scalp
    share = field.whole[:, 1, 0] / scalp.density
    exact = (scalp.density**2 * share * (1 - share) / scalp.shape[1]).mean()
    found = (field.strays[:, 1, 0] ** 2).sum(axis=1)
    standard_error = found.std() / math.sqrt(len(found))
    # Follicles differ, so their sum strays a little less than equal ones would.
    assert exact - 0.25 * exact < found.mean() < exact + 4 * standard_error


@pytest.mark.parametrize(("more", "sign"), [(25, 1), (-25, -1)])
def test_more_hairs_than_forecast_raise_the_rest_and_fewer_lower_it(more: float, sign: int) -> None:
    found = followed(
        visit(3, "matched", terminal_per_cm2=usual(3) + more),
        visit(6, "matched", terminal_per_cm2=usual(6) + more),
        terminal_per_cm2=usual(0),
        method="matched",
    )
    assert sign * (np.median(change(found.forecast)) - np.median(change(before()))) > 5


def test_a_better_method_narrows_more() -> None:
    def width(method: str) -> float:
        visits = [visit(m, method, terminal_per_cm2=usual(m)) for m in (3, 6)]
        return float(change(followed(*visits, terminal_per_cm2=usual(0), method=method).forecast).std())

    matched, photo, automatic = width("matched"), width("phototrichogram"), width("automatic")
    assert matched < 0.8 * photo
    assert photo < 1.05 * automatic
    assert matched < 0.75 * change(before()).std()


def test_every_arm_moves_with_the_one_that_was_followed() -> None:
    """The counted field is one field: what it says of the hairs there holds under the other arms too."""
    found = followed(
        visit(3, terminal_per_cm2=60), taken=LOTION, terminal_per_cm2=55, method="phototrichogram"
    )
    for arm in ("none", LOTION, "prp"):
        start = found.forecast.arm(arm).values("terminal_density")[:, 0]
        np.testing.assert_allclose(start, found.forecast.arm("none").values("terminal_density")[:, 0])
        assert abs(np.median(start) - 57) < 8


def test_a_gain_is_on_track_and_a_loss_off_track() -> None:
    def word(gain: float) -> str:
        visits = [visit(m, "matched", terminal_per_cm2=usual(0) + gain) for m in (3, 6, 9)]
        return followed(*visits, terminal_per_cm2=usual(0), method="matched").track.word

    assert word(18) == "on track"
    assert word(-14) == "off track"


def test_one_coarse_early_count_is_too_early_to_tell() -> None:
    found = followed(visit(1, "automatic", terminal_per_cm2=usual(1)))
    assert found.track.word == "too early to tell"
    assert found.track.narrowed < 0.1


def test_counts_without_a_gain_are_explained_by_doses_not_taken() -> None:
    visits = [visit(m, "matched", terminal_per_cm2=usual(0) - 2) for m in (3, 6)]
    found = followed(*visits, terminal_per_cm2=usual(0), method="matched")
    assert found.by_adherence is not None
    shares = found.by_adherence.shares
    assert set(shares) == set(SHARES)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares[0.0] + shares[0.25] > shares[1.0] + shares[0.75]


def test_untreated_there_are_no_doses_to_miss() -> None:
    assert followed(visit(3, terminal_per_cm2=usual(3)), taken="none").by_adherence is None


def test_heavy_shedding_speaks_for_guesses_that_shed() -> None:
    def shed(count: float) -> float:
        found = followed(visit(1.5, wash_count=count), visit(2, wash_count=count))
        return float(np.median(found.forecast.arm(LOTION).values("daily_shedding")[:, 2]))

    assert shed(90) > shed(15) + 5


def test_a_next_look_later_or_by_a_better_method_tells_more() -> None:
    found = followed(visit(3, terminal_per_cm2=usual(3)))
    told = {(one.month, one.method): one.narrows for one in found.next_looks}
    assert {month for month, _ in told} == {6, 9, 12}
    for month in (6, 9, 12):
        assert told[month, "matched"] > told[month, "phototrichogram"]
    assert told[12, "matched"] > told[6, "matched"]
    assert sum(one.worth_it for one in found.next_looks) <= 1


def test_the_same_visits_give_the_same_forecast() -> None:
    one, two = (followed(visit(3, terminal_per_cm2=118)).forecast.as_json() for _ in range(2))
    assert one == two


def test_the_answer_says_before_and_after() -> None:
    answer = followed(visit(3, terminal_per_cm2=118)).as_json()
    assert {
        "taken",
        "observations",
        "before",
        "arms",
        "track",
        "adherence",
        "next_looks",
        "agreeing",
    } <= set(answer)
    assert answer["track"]["word"] in ("on track", "too early to tell", "off track")


@pytest.mark.parametrize(
    ("visits", "taken", "said"),
    [
        ([visit(3, terminal_per_cm2=100)], "finasteride", "has no curve in this forecast"),
        ([visit(-1, terminal_per_cm2=100)], LOTION, "before the start"),
        ([visit(14, terminal_per_cm2=100)], LOTION, "forecast for longer"),
    ],
)
def test_what_cannot_be_weighed_is_refused(visits: list[Visit], taken: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        given(before(), visits, taken, grown=grown())


def test_a_count_of_another_site_is_not_read() -> None:
    elsewhere = Visit.model_validate({"date": START, "counts": [{"site": "vertex", "terminal_per_cm2": 90}]})
    assert seen(woman(), [elsewhere], "midscalp", START) == []


def test_a_method_misreads_alike_and_anew() -> None:
    (one,) = seen(woman(), [visit(3, "matched", terminal_per_cm2=100)], "midscalp", START)
    assert one.anew == pytest.approx(0.6 / math.sqrt(2))
    assert one.alike == pytest.approx(7 / math.sqrt(2))
    covariance = luck.errors([one, replace(one, month=6)])
    assert covariance[0, 1] == pytest.approx(luck.doubt() * one.alike**2)
    assert covariance[0, 0] == pytest.approx(luck.doubt() * (one.alike**2 + one.anew**2))


def test_where_hardly_any_guess_agrees_more_are_let_count() -> None:
    sharp = -0.5 * (np.linspace(-8, 60, 300) / 0.5) ** 2
    assert effective(sharp) < 10
    assert effective(blunted(sharp, 40)) == pytest.approx(40, rel=1e-3)
    mild = np.zeros(400)
    np.testing.assert_array_equal(blunted(mild, 40), mild)


FOLLOWED = Path(__file__).resolve().parents[1] / "examples" / "woman-47-followed.yaml"


def test_the_command_says_whether_she_is_on_track_and_when_to_look_again(cli: Any) -> None:
    status, out, _ = cli("follow-up", FOLLOWED, "--taken", LOTION)
    assert status == 0
    assert "minoxidil-topical-5: on track (" in out
    assert "narrowed it by" in out and "Next look" in out


def test_the_command_gives_the_whole_answer_as_json(cli: Any) -> None:
    status, out, _ = cli("follow-up", FOLLOWED, "--taken", "none", "--draws", "60", "--json")
    answer = json.loads(out)
    assert status == 0
    assert answer["taken"] == "none" and answer["adherence"] is None
    assert len(answer["observations"]) == 4


def test_an_arm_without_a_curve_cannot_be_followed(cli: Any) -> None:
    status, _, err = cli("follow-up", FOLLOWED, "--taken", "biotin", "--draws", "20")
    assert status == 3 and "has no curve" in err


def test_terminal_hairs_by_another_cutoff_are_not_read_and_said_so() -> None:
    found = followed(visit(3, terminal_per_cm2=140, total_per_cm2=180, cutoff_um=30))
    assert [one.quantity for one in found.observations] == ["total_density"]
    assert any("from 30 um are not read" in said for said in found.warnings)


def test_an_error_told_with_a_count_takes_the_place_of_the_methods() -> None:
    (one,) = seen(woman(), [visit(3, terminal_per_cm2=100, error_per_cm2=4)], "midscalp", START)
    assert one.anew == 4.0
