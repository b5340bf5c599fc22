"""Money: the cheapest purchase, what it is per hair and per chance, what stays open, and a clinic's own list."""

import dataclasses
import datetime as dt
import itertools
import json
import math
import re
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from follicast.assessment import assess
from follicast.doors.output import plain
from follicast.doors.schema import schema_of
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.evidence.price import Fee, Offer, PriceList
from follicast.patient import Patient
from follicast.plan.clinic import prices_from
from follicast.plan.cost import cost, cost_for, over_budget
from follicast.plan.purchase import cheapest
from follicast.regimen import Regimen
from test_plan import SALTS, planned, woman

HOME = ("minoxidil-topical-1", "spironolactone")
SOLD = ("prp", *HOME)
OWN = """
clinic: Clinic by the river
place_name: Osaka, Japan
date: 2026-10
currency: {currency}
tax: included
offers:
  - {{therapy: prp, sessions: 1, price: 70000, label: one session}}
  - {{therapy: prp, sessions: 3, price: 180000, label: three sessions}}
  - {{therapy: minoxidil-topical-1, days: 30, price: 5000, label: a bottle}}
fees:
  - {{of: visit, price: 3000, label: consultation}}
  - {{of: count, price: 2000, label: photographs and count}}
  - {{of: platelets, price: 1000, label: blood count}}
"""


def line(therapy, holds, price, on_request=False):
    size = {"days": holds} if therapy in HOME else {"sessions": holds}
    return Offer(
        therapy=therapy, price=price, label=f"{holds}", source="own", place="x", on_request=on_request, **size
    )


def prices_of(offers, fees=(), currency="JPY"):
    return PriceList(
        id="own", clinic="x", place_name="y", date="2026-10", currency=currency, tax="unknown",
        offers=list(offers), fees=list(fees),
    )  # fmt: skip


def own_list(tmp_path, currency="JPY", text=OWN):
    path = tmp_path / "prices.yaml"
    path.write_text(text.format(currency=currency))
    return prices_from(path)


lines = st.builds(line, st.sampled_from(SOLD), st.integers(1, 90), st.integers(1, 900_000), st.booleans())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 500)), min_size=1, max_size=3), st.integers(0, 60)
)
def test_packs_are_bought_as_cheaply_as_can_be(drawn, days):
    """Compared with every way of buying."""
    offers = [line("minoxidil-topical-1", holds, price) for holds, price in drawn]
    bought = cheapest(offers, days)
    assert sum(offer.holds * times for offer, times in bought) >= days
    counts = [range(math.ceil(days / offer.holds) + 1) for offer in offers]
    least = min(
        sum(offer.price * k for offer, k in zip(offers, way, strict=True))
        for way in itertools.product(*counts)
        if sum(offer.holds * k for offer, k in zip(offers, way, strict=True)) >= days
    )
    assert sum(offer.price * times for offer, times in bought) == least


@settings(max_examples=40, deadline=None)
@given(
    st.lists(lines, min_size=1, max_size=6),
    lines,
    st.sampled_from(["prp", "prp:sessions=5", "minoxidil-topical-1"]),
)
def test_one_more_offer_never_makes_it_dearer(offers, more, words):
    regimen, patient = Regimen(words), woman()
    before = cost(regimen, patient, prices=prices_of(offers))
    after = cost(regimen, patient, prices=prices_of([*offers, more]))
    for name in ("first_year", "per_year_after", "course"):
        if getattr(before, name) is not None:
            assert getattr(after, name) <= getattr(before, name)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(lines, max_size=6),
    st.lists(st.sampled_from(SOLD), min_size=1, max_size=3, unique=True),
    st.booleans(),
)
def test_a_total_is_open_just_where_something_needed_has_no_price(offers, arm, on_request):
    money = cost(Regimen("+".join(arm)), woman(), prices=prices_of(offers), on_request=on_request)
    sold = {offer.therapy for offer in offers if on_request or not offer.on_request}
    missing = [therapy for therapy in arm if therapy not in sold]
    assert (money.first_year is None) == (money.per_year_after is None) == bool(missing)
    named = [f"price of {evidence().therapies[therapy].short}" for therapy in missing]
    assert [name for name in money.unknown if name.startswith("price of")] == named


@settings(max_examples=40, deadline=None)
@given(st.lists(lines, min_size=1, max_size=6))
def test_what_is_asked_for_only_is_never_dearer_than_without(offers):
    usual, asked = (
        cost(Regimen("prp"), woman(), prices=prices_of(offers), on_request=on) for on in (False, True)
    )
    assert usual.first_year is None or asked.first_year <= usual.first_year


def test_the_lines_add_up_to_the_totals(tmp_path):
    money = cost_for(assess(woman()), Regimen("prp+minoxidil-topical-1"), prices=own_list(tmp_path))
    assert sum(item.amount * item.times for item in money.items) == money.first_year
    assert sum(item.amount * item.times for item in money.items_after) == money.per_year_after


def test_a_years_lotion_is_bought_in_whole_bottles():
    money = cost(
        Regimen("minoxidil-topical-1"), woman(), prices=prices_of([line("minoxidil-topical-1", 30, 5000)])
    )
    assert money.first_year == money.per_year_after == 13 * 5000  # 365 days of 30
    assert money.course is None


def test_at_twice_the_dose_a_pack_lasts_half_as_long():
    prices = prices_of([line("spironolactone", 28, 10)])
    once = cost(Regimen("spironolactone:dose=100mg"), woman(), prices=prices)
    twice = cost(Regimen("spironolactone:dose=200mg"), woman(), prices=prices)
    assert once.first_year == 10 * math.ceil(365 / 28) and twice.first_year == 10 * math.ceil(730 / 28)


def test_a_pause_and_a_stop_save_bottles():
    prices = prices_of([line("minoxidil-topical-1", 1, 1)])
    paused = cost(Regimen("minoxidil-topical-1:pause@1mo-3mo"), woman(), prices=prices)
    stopped = cost(Regimen("minoxidil-topical-1:stop@6mo"), woman(), prices=prices)
    assert paused.first_year == 365 - 61 and (stopped.first_year, stopped.per_year_after) == (183, 0)


def test_tests_visits_and_counts_are_in_the_total_where_they_have_a_price(tmp_path):
    """In the first year: one platelet count; looks at 0, 3, 6 and 12 months, each with photographs."""
    money = cost_for(assess(woman()), Regimen("prp"), prices=own_list(tmp_path))
    assert money.first_year == 180_000 + 70_000 + 1000 + 4 * (3000 + 2000)
    assert not any("visits" in name or "test:" in name for name in money.unknown)


def test_bloods_without_a_price_are_named():
    prices = prices_of(
        [line("spironolactone", 28, 10)], [Fee(of="potassium", price=5, label="K", source="own", place="x")]
    )
    money = cost_for(assess(woman(labs=SALTS)), Regimen("spironolactone"), prices=prices)
    assert "test: creatinine" in money.unknown and "test: potassium" not in money.unknown
    bloods = next(item for item in money.items if item.label == "K")
    assert bloods.times == 6  # a week in, month 1, a week after the raise, months 4, 7 and 10


def test_one_more_of_100_who_gains_has_a_price():
    won = planned(growth=0.3)
    gain = won.benefits[0]
    assert (gain.label, gain.of_100, gain.untreated) == ("gain", 100, 0)
    assert won.cost.per_extra_chance_of_100 == pytest.approx(won.cost.first_year / 100, abs=0.01)
    assert planned(growth=-0.1).cost.per_extra_chance_of_100 is None
    assert planned("none").cost.per_extra_chance_of_100 is None


def test_nothing_is_converted_and_another_currency_is_not_compared():
    euros = woman().model_copy(
        update={"budget": Patient.parse("age: 4\nsex: F\nbudget: {amount: 9, currency: EUR}").budget}
    )
    money = cost(Regimen("prp"), euros)
    assert money.currency == "JPY" and money.first_year == 254400 + 89800
    assert "EUR" in over_budget(money, euros) and "not compared" in over_budget(money, euros)
    assert any("nothing is converted" in warning for warning in planned(patient=euros).warnings)
    assert "above the budget" not in " ".join(planned(patient=euros).warnings)


def test_a_list_in_the_currency_of_the_budget_is_compared(tmp_path):
    money = cost(Regimen("prp:sessions=12"), woman(), prices=own_list(tmp_path))
    assert "above the budget of 400,000" in over_budget(money, woman())


def test_a_clinics_own_list_is_bought_from_and_its_prices_name_the_list(tmp_path):
    prices = own_list(tmp_path)
    plan = planned("prp", prices=prices)
    assert plan.cost.list_name == "Clinic by the river" and plan.cost.course == 180_000
    assert (plan.cost.place, plan.cost.date, plan.cost.tax) == ("Osaka, Japan", "2026-10", "included")
    assert set(plan.sources) <= set(evidence().references)  # the list itself is no work
    prp = next(way for way in plan.alternatives if way.arm == "prp")
    assert prp.cost_first_year == plan.cost.first_year
    json.dumps(plain(plan.as_json()), allow_nan=False)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("therapy: prp, sessions: 1", "therapy: prq, sessions: 1", "offers.0.therapy: no therapy is called 'prq'"),
        ("sessions: 3", "sessions: 0", "prices.yaml:9: offers.1.sessions"),
        ("days: 30, ", "", "prices.yaml:10: offers.2: a line is for so many"),
        ("price: 5000", "price: -5", "prices.yaml:10: offers.2.price"),
        ("price: 5000", "price: cheap", "prices.yaml:10: offers.2.price"),
        ("of: platelets", "of: plaetlets", "yaml:14: fees.2.of: no test or fee is called 'plaetlets'"),
        ("currency: JPY", "currency: yen", "prices.yaml:5: currency"),
        ("date: 2026-10", "date: last year", "prices.yaml:4: date: this is no date"),
        ("tax: included", "tax: some", "prices.yaml:6: tax"),
        ("clinic: Clinic by the river", "", "clinic: this is required and absent"),
        ("label: consultation", "lable: consultation", "prices.yaml:12: fees.0"),
    ],
)  # fmt: skip
def test_a_list_at_fault_names_its_line_and_what_would_do(tmp_path, old, new, said):
    text = OWN.format(currency="JPY")
    assert old in text
    path = tmp_path / "prices.yaml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as trouble:
        prices_from(path)
    assert said in str(trouble.value)
    assert "called" not in said or "Did you mean 'p" in str(trouble.value)


def test_a_list_that_is_not_there_or_is_no_list(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        prices_from(tmp_path / "none.yaml")
    path = tmp_path / "prices.yaml"
    path.write_text("- 1\n")
    with pytest.raises(InputError, match="'key: value' lines"):
        prices_from(path)


def test_what_ships_names_only_therapies_and_tests_that_are_known():
    library = evidence()
    for prices in library.price_lists.values():
        assert {offer.therapy for offer in prices.offers} <= set(library.therapies)
        assert {fee.of for fee in prices.fees} <= {"visit", "count", *library.labs}


def test_every_field_of_a_cost_is_in_the_answer():
    money = planned().cost
    assert set(money.as_json()) == {field.name for field in dataclasses.fields(money)}


# --- at the command line ---------------------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"


def test_the_examples_of_a_clinics_own_files_make_a_plan(cli, tmp_path):
    own = ["--clinic", EXAMPLES / "clinic" / "clinic.yaml", "--prices", EXAMPLES / "clinic" / "prices.yaml"]
    patient, out = EXAMPLES / "woman-47-pattern.yaml", tmp_path / "out"
    status, _, err = cli("plan", patient, "--choose", "prp", "--draws", "20", "--out", out, *own)
    assert status == 0, err
    answer = json.loads((out / "plan.json").read_text())
    jsonschema.validate(answer, schema_of("plan"))
    assert answer["cost"]["list_name"] == "Clinic by the river" and answer["cost"]["course"] == 189_000
    days = {dt.date.fromisoformat(session["date"]).strftime("%A") for session in answer["sessions"]}
    assert days <= {"Tuesday", "Wednesday", "Friday", "Saturday"}
    assert {session["at"] for session in answer["sessions"]} == {"14:30"}
    assert b"TZID=Asia/Tokyo" in (out / "plan.ics").read_bytes()


@pytest.mark.parametrize(
    ("name", "text"), [("--prices", "currency: yen\n"), ("--clinic", "open: [Someday]\n")]
)
def test_a_clinics_file_at_fault_is_status_1_and_nothing_is_written(cli, tmp_path, name, text):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    arguments = ["plan", EXAMPLES / "woman-47-pattern.yaml", "--out", tmp_path / "out", name, path]
    status, said, err = cli(*arguments)
    assert status == 1 and "own.yaml" in err and "Traceback" not in err and said == ""
    assert not (tmp_path / "out").exists()


def test_a_wish_about_days_at_fault_is_told_before_the_long_work(cli, tmp_path):
    text = (EXAMPLES / "woman-47-pattern.yaml").read_text()
    path = tmp_path / "patient.yaml"
    path.write_text(re.sub(r"^wishes:\n", "wishes:\n  cannot_come: [Someday]\n", text, flags=re.M))
    assert "Someday" in path.read_text()
    status, _, err = cli("plan", path, "--out", tmp_path / "out", "--draws", "2000")
    assert status == 1 and "wishes.cannot_come[0]: 'Someday' is no day" in err


def test_a_clinics_file_has_a_schema():
    shown = schema_of("clinic")
    jsonschema.Draft202012Validator.check_schema(shown)
    assert {"open", "closed", "hours"} <= set(shown["properties"])
