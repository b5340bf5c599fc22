"""The consultation's pages as the server writes them: in every language, by forms alone, and only for who may."""

import datetime as dt
import io
import re
import shutil
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from conftest import Clock
from door import HTML, WOMAN, Door, csrf
from follicast.assessment import assess
from follicast.assessment.answering import answered, asking, finished
from follicast.assessment.change import change
from follicast.assessment.facts import Facts
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.forecast import forecast
from follicast.patient import Patient
from follicast.plan.comparable import bare, drawable, first, pairs, worded
from follicast.records import LOCAL, measured
from follicast.regimen import Regimen
from follicast.report.course_chart import QUANTITIES, Line, Point, course, lines
from follicast.report.text import LANGUAGES, speech
from follicast.today import today

DAY = dt.date(2026, 11, 30)
SOMEONE = {sex: Patient(age=35, sex=sex, date=DAY) for sex in "FM"}
STEPS = ("intake", "assessment", "forecast", "plan", "follow-up", "photographs", "file")


@pytest.fixture
def door(tmp_path, empty_places):
    shutil.copy(empty_places("sqlite").removeprefix("sqlite:///"), tmp_path / "clinic.db")
    made = Door(f"sqlite:///{tmp_path / 'clinic.db'}", tmp_path / "pictures", Clock(), remembered=4)
    yield made
    made.records.close()


@pytest.fixture
def clinician(door):
    client = door.who(LOCAL)
    client.headers.update(HTML)
    return client


def send(client, address, **fields):
    return client.post(
        address, data={"csrf": csrf(client), **fields}, headers={"origin": "http://clinic.test"}
    )


def added(door, patient=WOMAN, name="Hoa"):
    return door.records.patients.add(patient, name=name, by=LOCAL)


def picture(colour):
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "PNG")
    return file.getvalue()


# --- answers -------------------------------------------------------------------------------------------------


@given(st.sampled_from("FM"), st.sampled_from(sorted(evidence().facts)), st.booleans())
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.filter_too_much])
def test_a_yes_or_a_no_is_found_again_and_answers_nothing_that_does_not_follow_from_it(sex, fact, answer):
    before = SOMEONE[sex]
    how = asking(fact, before)
    if (
        how is None
        or how.form != "yes-no"
        or (sex == "M" and fact in ("pregnant", "planning_pregnancy", "breastfeeding"))
    ):
        return
    known, now = Facts(before).known, Facts(answered(before, fact, answer)).known
    assert now.get(fact) is answer or sex == "M"
    learnt = {name for name in now if now[name] != known.get(name) and name != fact}
    held = evidence().facts[fact]
    related = {
        held.need, "platelet count", "fibrinogen", "calcium", "shedding", "scalp signs", "signs", "menopause",
        "contraception", "pregnancy", "pattern of the loss", "how much of the scalp is bald", "conditions",
    }  # fmt: skip
    for name in learnt:  # one disease may imply or rule out another, but an unrelated question stays open
        assert now[name] is answer or evidence().facts[name].need in related, (
            fact,
            answer,
            name,
        )
    assert len(learnt) < 25, "an answer to one question has answered a whole list"


@pytest.mark.parametrize("sex", "FM")
def test_an_answer_leaves_the_rest_of_its_list_open_until_the_list_was_asked_in_full(sex):
    patient = answered(SOMEONE[sex], "scalp_itch", False)
    facts = Facts(patient)
    assert facts.term("symptom", "scalp-itch") is False and facts.term("symptom", "fever") is None
    assert patient.unfinished == ["symptoms"]
    whole = finished(patient, "symptoms")
    assert Facts(whole).term("symptom", "fever") is False and whole.unfinished == []
    assert Facts(answered(whole, "fever", True)).term("symptom", "fever") is True


def test_a_later_answer_takes_the_place_of_an_earlier_one():
    patient = answered(answered(SOMEONE["F"], "diabetes", True), "diabetes", False)
    assert Facts(patient).known["diabetes"] is False
    assert not [warning for warning in Facts(patient).warnings if "denied" in warning]


def test_numbers_months_choices_and_laboratory_values_are_kept_where_rules_look_for_them():
    woman = SOMEONE["F"]
    assert Facts(answered(woman, "systolic", "118/76")).known["diastolic"] == 76
    assert Facts(answered(woman, "childbirth_months", 4)).known["childbirth_months"] == 4
    assert Facts(answered(woman, "childbirth_months", None)).known["childbirth_months"] > 1e6
    assert Facts(answered(woman, "female_pattern", "sinclair 3")).known["female_pattern"] is True
    assert Facts(answered(woman, "postmenopausal", "post")).known["can_conceive"] is False
    ferritin = next(name for name, fact in evidence().facts.items() if fact.lab == "ferritin")
    unit = next(iter(asking(ferritin, woman).choices))
    assert Facts(answered(woman, ferritin, (20.0, unit))).known[ferritin] == 20
    signs = answered(woman, "scarring_sign", ["pustules"])
    assert Facts(signs).known["scarring_sign"] is True and Facts(signs).term("sign", "tufted-hairs") is False


def test_what_cannot_be_is_refused_with_its_place():
    with pytest.raises(InputError, match="blood_pressure"):
        answered(SOMEONE["F"], "systolic", "76/118")
    with pytest.raises(InputError, match="none of the answers"):
        answered(SOMEONE["F"], "postmenopausal", "perhaps")
    with pytest.raises(InputError, match="a man cannot be pregnant"):
        answered(SOMEONE["M"], "pregnant", True)


def test_a_change_names_what_moved_what_opened_and_what_must_be_seen():
    before = assess(SOMEONE["F"])
    after = assess(answered(SOMEONE["F"], "scarring_sign", ["smooth-shiny-scalp", "no-follicular-openings"]))
    found = change(before, after)
    assert found and found.moved == sorted(found.moved, key=lambda one: -abs(one.after - one.before))
    assert all(abs(one.after - one.before) >= 0.02 for one in found.moved)
    assert [flag.id for flag in found.raised] == [flag.id for flag in after.red_flags]
    assert not change(after, after) and change(after, before).fallen == found.raised
    statuses = {one.therapy: one.status for one in after.therapies}
    assert all(statuses[one.therapy] == one.after != one.before for one in found.turned)


# --- what is compared, and its chart --------------------------------------------------------------------------


def test_a_comparison_begins_with_what_is_open_and_has_a_curve():
    found = assess(WOMAN)
    may = drawable(found)
    assert first(found) == may[:3] and set(first(found)) <= set(may)
    assert all(found.of(arm).status == "open" for arm in may)
    assert all(set(Regimen(pair).therapies) <= set(may) for pair in pairs(found))


@given(
    st.sampled_from(["prp", "minoxidil-topical-1+prp"]),
    st.sampled_from([1.0, 0.75, 0.5]),
    st.sampled_from([None, 6, 12]),
)
def test_an_arm_with_options_is_read_back_as_it_was_worded(arm, share, stop):
    assert bare(worded(arm, share, stop)) == (arm, share, stop)


@pytest.fixture(scope="module")
def answer():
    return forecast(
        today(WOMAN, draws=40), [Regimen("prp"), Regimen("minoxidil-topical-5")], months=24
    ).as_json()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_chart_holds_every_line_within_its_frame_and_names_it(answer, quantity, language):
    drawn = lines(answer, quantity, {})
    svg = str(course(drawn, quantity, speech(language)).svg)
    assert (
        svg.count('class="line"')
        == svg.count('class="band"')
        == len(answer["arms"])
        == svg.count('class="name"')
    )
    assert "style=" not in svg, "a strict policy of styles would refuse it"
    for points in re.findall(r'points="([^"]+)"', svg):
        for place in points.split():
            x, y = map(float, place.split(","))
            assert 46 <= x <= 544 and 13.9 <= y <= 320.1


def test_names_at_the_ends_of_lines_do_not_lie_on_each_other():
    flat = {"median": [5.0, 5.0], "low": [4.0, 4.0], "high": [6.0, 6.0]}
    drawn = [Line(f"arm {k}", k, [0, 12], flat) for k in range(4)]
    svg = str(course(drawn, "terminal_density", speech("en"), [Point(6, 7.0, 1.0)]).svg)
    places = sorted(float(y) for y in re.findall(r'class="name" x="[^"]+" y="([^"]+)"', svg))
    assert all(later - before >= 16 for before, later in pairwise(places))
    assert svg.count('class="seen"') == svg.count('class="error"') == 1


def test_hairs_more_than_untreated_begin_at_nothing_and_are_none_without_treatment(answer):
    none, treated = answer["arms"][0]["over_untreated"], answer["arms"][2]["over_untreated"]
    assert set(none["median"]) == {0.0} and treated["median"][0] == 0.0
    assert treated["median"][12] == pytest.approx(answer["arms"][2]["extra_hair_per_cm2"]["median"], abs=0.06)


# --- pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_every_language_and_keeps_its_head(door, clinician, language):
    chart = added(door)
    door.records.visits.add(
        chart.id, dt.date(2027, 5, 22), [measured("terminal_density", 130, site="midscalp")], by=LOCAL
    )
    clinician.cookies.set("follicast_language", language, domain="clinic.test")
    for address in ("/", *(f"/patients/{chart.id}/{step}" for step in STEPS)):
        page = clinician.get(address)
        assert page.status_code == 200, (address, page.text[:300])
        assert f'lang="{language}" dir="{LANGUAGES[language][1]}"' in page.text
        assert page.text.count("<h1") == 1 and "<main" in page.text
        assert not re.search(r"<(script|style)\b(?![^>]*src=)[^>]*>[^<]", page.text), (
            "nothing runs from within a page"
        )
        assert " style=" not in page.text and " onclick=" not in page.text
        assert not re.search(r'(src|href)="(https?:)?//', page.text), "nothing is fetched from outside"


def test_a_consultation_goes_from_patient_to_plan_by_forms_alone(door, clinician):
    page = send(clinician, "/patients", name="Hoa", age="47", sex="F", region="jp", date="2026-11-22")
    home = page.headers["location"].removesuffix("/intake")
    shown = clinician.get(f"{home}/intake").text
    version = lambda: re.search(r'name="version" value="(\d+)"', clinician.get(f"{home}/intake").text)[1]  # noqa: E731
    assert "What matters next" in shown and "if so" in shown
    send(clinician, f"{home}/answer", version=version(), fact="patchy_loss", answer="no")
    changed = clinician.get(f"{home}/intake").text
    assert "What the last answer changed" in changed and "Alopecia areata" in changed
    for key in ("conditions", "drugs", "allergies", "symptoms", "signs", "triggers"):
        assert send(clinician, f"{home}/list", version=version(), key=key, done="yes").status_code == 303
    told = {"pattern": "sinclair 3", "menopause": "peri", "pregnant": "no", "planning_pregnancy": "no",
            "breastfeeding": "no", "contraception": "coil", "blood_pressure": "118/76", "pulse": "68",
            "course": "slow", "onset": "48"}  # fmt: skip
    assert send(clinician, f"{home}/person", version=version(), **told).status_code == 303
    kept = door.records.patients.get(home.rsplit("/", 1)[1]).patient
    assert (
        kept.pattern.level == 3
        and kept.blood_pressure.systolic == 118
        and kept.conditions == []
        and kept.drugs == []
    )
    assert "open" in clinician.get(f"{home}/assessment").text
    shown = clinician.get(f"{home}/forecast").text
    assert shown.count('class="line"') == 4 and "<table>" in shown
    send(clinician, f"{home}/forecast", arm="prp", months="12", quantity="terminal_density")
    shown = clinician.get(f"{home}/forecast").text
    assert shown.count('class="line"') == 2 and "PRP" in shown
    send(clinician, f"{home}/plan", choice="prp")
    plan = clinician.get(f"{home}/plan").text
    assert re.search(r'value="prp" checked', plan) and "PRP" in plan


def test_what_is_closed_cannot_be_laid_on_the_table_nor_planned(door, clinician):
    home = f"/patients/{added(door).id}"
    send(clinician, f"{home}/forecast", arm="finasteride")
    assert "finasteride" not in re.findall(
        r'value="([\w-]+)" id="arm-\d+" checked', clinician.get(f"{home}/forecast").text
    )
    send(clinician, f"{home}/plan", choice="finasteride")
    page = clinician.get(f"{home}/plan").text
    assert "closed" in page and "Issue this plan" not in page


def test_a_red_flag_stands_first_on_every_page_and_no_plan_is_offered(door, clinician):
    flagged = finished(WOMAN, "signs", ["smooth shiny scalp", "pustules"])
    home = f"/patients/{added(door, flagged).id}"
    assert assess(flagged).red_flags
    for step in ("intake", "assessment", "plan"):
        assert "See a doctor first" in clinician.get(f"{home}/{step}").text
    assert "Issue this plan" not in clinician.get(f"{home}/plan").text


def test_a_name_is_sought_by_a_form_and_stands_in_no_address(door, clinician):
    added(door, name="Hoa"), added(door, name="Mai")
    found = send(clinician, "/", text="hoa").text
    assert ">Hoa<" in found and ">Mai<" not in found
    assert not re.search(r'(href|action)="[^"]*(Hoa|Mai|prp|minoxidil)', clinician.get("/").text + found)


def test_two_who_answer_at_once_do_not_overwrite_each_other(door, clinician):
    home = f"/patients/{added(door).id}"
    send(clinician, f"{home}/list", version="1", key="conditions", add="diabetes")
    late = send(clinician, f"{home}/list", version="1", key="conditions", add="gout")
    assert late.status_code == 409 and "Nothing of yours was written" in late.text
    assert door.records.patients.get(home.rsplit("/", 1)[1]).patient.conditions == ["diabetes"]


def test_a_word_nobody_knows_and_a_value_that_cannot_be_are_told_on_the_page(door, clinician):
    home = f"/patients/{added(door).id}"
    page = send(clinician, f"{home}/list", version="1", key="drugs", add="minoxidol")
    assert page.status_code == 422 and 'role="alert"' in page.text and "minoxidol" in page.text
    page = send(clinician, f"{home}/person", version="1", blood_pressure="76/118")
    assert page.status_code == 422 and "upper pressure" in page.text
    page = send(clinician, f"{home}/file", version="1", file="age: [")
    assert page.status_code == 422 and 'role="alert"' in page.text


def test_the_last_answer_can_be_undone_and_stays_in_the_history(door, clinician):
    home = f"/patients/{added(door).id}"
    send(clinician, f"{home}/list", version="1", key="conditions", add="diabetes")
    send(clinician, f"{home}/undo", version="2")
    history = door.records.patients.history(home.rsplit("/", 1)[1])
    assert [one.patient.conditions for one in history] == [[], ["diabetes"], []]


def test_a_viewer_sees_everything_and_is_offered_nothing_to_change(door):
    chart = added(door)
    viewer = door.who(door.user("viewer"))
    viewer.headers.update(HTML)
    for step in ("intake", "follow-up", "photographs", "plan"):
        page = viewer.get(f"/patients/{chart.id}/{step}").text
        assert not re.search(r'action="/patients/\w+/(answer|list|person|plans|consent|undo)"', page), step
    refused = send(viewer, f"/patients/{chart.id}/list", version="1", key="conditions", add="gout")
    assert refused.status_code == 403
    for role in ("viewer", "assistant"):
        user = door.who(door.user(role, f"{role}2@clinic"))
        user.headers.update(HTML)
        assert send(user, f"/patients/{chart.id}/plans", choice="prp").status_code == 403
    assert door.records.jobs.waiting() == 0


def test_who_looks_at_a_patient_stands_in_the_trail(door, clinician):
    chart = added(door)
    clinician.get(f"/patients/{chart.id}/assessment")
    assert door.records.audit.lines(patient=chart.id)[-1].what == "seen"


def test_a_visit_is_weighed_struck_out_and_its_error_is_told_plainly(door, clinician):
    home = f"/patients/{added(door).id}"
    assert "Nothing has been measured" in clinician.get(f"{home}/follow-up").text
    send(
        clinician,
        f"{home}/follow-up",
        day="2027-05-22",
        site="midscalp",
        method="phototrichogram",
        terminal_density="130",
        **{"error:terminal_density": "9"},
    )
    page = clinician.get(f"{home}/follow-up").text
    assert re.search(r"on track|too early to tell|off track", page) and "misreads a change by about" in page
    assert "before the visits" in page and "± 9" in page
    visit = door.records.visits.of(home.rsplit("/", 1)[1])[0]
    send(clinician, f"{home}/follow-up", strike=visit.id, visit_version="1")
    assert "Nothing has been measured" in clinician.get(f"{home}/follow-up").text
    wrong = send(clinician, f"{home}/follow-up", day="2027-05-22", site="midscalp", terminal_density="-3")
    assert wrong.status_code == 422


def test_photographs_ask_for_consent_stay_private_and_stand_beside_what_was_done(door, clinician):
    chart = added(door)
    home = f"/patients/{chart.id}"
    files = {"file": ("a.png", picture("red"), "image/png")}
    data = {"csrf": csrf(clinician), "day": "2026-11-22", "site": "midscalp"}
    origin = {"origin": "http://clinic.test"}
    assert clinician.post(f"{home}/photographs", data=data, files=files, headers=origin).status_code == 403
    send(clinician, f"{home}/consent", agrees="yes")
    assert clinician.post(f"{home}/photographs", data=data, files=files, headers=origin).status_code == 303
    files = {"file": ("b.png", picture("blue"), "image/png")}
    clinician.post(f"{home}/photographs", data=data | {"day": "2027-05-22"}, files=files, headers=origin)
    door.records.plans.issue(
        chart.id, {"evidence_version": "x", "seed": 7, "choice": "prp"}, patient_version=1, by=LOCAL
    )
    page = clinician.get(f"{home}/photographs").text
    pictures = set(re.findall(r'src="(/api/photographs/\w+)"', page))
    assert len(pictures) == 2 and "2026" in page and "2027" in page
    for address in pictures:
        assert clinician.get(address).status_code == 200
        assert door.anybody().get(address).status_code in (401, 303)


def test_what_was_followed_between_two_days_begins_with_what_stood_before(door):
    chart = added(door)
    issue = lambda choice: door.records.plans.issue(  # noqa: E731
        chart.id, {"evidence_version": "x", "seed": 7, "choice": choice}, patient_version=1, by=LOCAL
    )
    start = door.clock().date()
    for choice in ("none", "prp", "minoxidil-topical-5"):
        issue(choice)
        door.clock.pass_by(days=100)
    between = door.records.plans.followed(
        chart.id, start + dt.timedelta(days=150), start + dt.timedelta(days=250)
    )
    assert [one.document["choice"] for one in between] == ["prp", "minoxidil-topical-5"]
