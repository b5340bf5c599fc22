"""What to ask next: the answer leads where it was said to lead, and what tells most comes first."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from follicast.assessment import Assessment, Question, assess
from follicast.assessment.diagnosis import diagnose
from follicast.assessment.facts import Facts
from follicast.assessment.next_questions import frequencies, next_questions
from follicast.evidence.library import evidence
from follicast.patient import Patient

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
RATIOS = st.floats(1.05, 200), st.floats(0.001, 0.95)


def told(**facts: Any) -> Assessment:
    return assess(Patient.model_validate({"age": 47, "sex": "F", "date": "2026-11-22", **facts}))


def question(answer: Assessment, fact: str) -> Question:
    (found,) = [one for one in answer.next if one.fact == fact]
    return found


def entropy(share: float) -> float:
    return -sum(p * math.log2(p) for p in (share, 1 - share) if p > 0)


@given(st.floats(0.001, 0.99), *RATIOS)
def test_what_an_answer_tells_is_the_doubt_it_is_expected_to_take_away(now, present, absent) -> None:
    with_it, without = frequencies(present, absent)
    there = now * with_it + (1 - now) * without
    if_there, if_not = now * with_it / there, now * (1 - with_it) / (1 - there)
    assert math.isclose(with_it / without, present, rel_tol=1e-9)
    assert math.isclose((1 - with_it) / (1 - without), absent, rel_tol=1e-6)
    taken_away = entropy(now) - there * entropy(if_there) - (1 - there) * entropy(if_not)
    assert taken_away >= -1e-9


def test_the_bits_of_a_question_are_those_of_the_textbook() -> None:
    """One finding, one kind of loss: expected information is the entropy before less the entropy after."""
    asked = question(told(), "ferritin")
    moved = asked.moves[0]
    finding = next(f for f in evidence().conditions[moved.condition].findings if f.says == moved.finding)
    with_it, without = frequencies(finding.present.value, finding.absent.value)
    there = moved.now * with_it + (1 - moved.now) * without
    ends = (moved.now * with_it / there, moved.now * (1 - with_it) / (1 - there))
    after = there * entropy(ends[0]) + (1 - there) * entropy(ends[1])
    others = asked.bits - (entropy(moved.now) - after)
    assert others == pytest.approx(0, abs=1e-3), "ferritin speaks of iron alone"


@pytest.mark.parametrize("sex", ["F", "M"])
def test_an_answer_leads_where_it_was_said_to_lead(sex: str) -> None:
    """For every open yes-or-no question: say yes, or no, and see each probability go where it was said to go."""
    person = Patient.model_validate({"age": 47, "sex": sex})
    facts = Facts(person)
    followed = 0
    for asked in next_questions(facts, diagnose(facts), []):
        if evidence().facts[asked.fact].type != "bool":
            continue
        for move in asked.moves:
            findings = evidence().conditions[move.condition].findings
            if [f.when for f in findings if asked.fact in f.when] != [asked.fact]:
                continue
            for answer, then in ((True, move.if_there), (False, move.if_not)):
                learnt = Facts(person)
                learnt.learn(asked.fact, answer)
                after = {d.condition: d.probability for d in diagnose(learnt)}
                assert after[move.condition] == pytest.approx(then, rel=1e-6), asked.fact
                followed += 1
    assert followed > 80


def test_nothing_known_is_asked_and_everything_asked_can_be_answered() -> None:
    answer = told(signs=["bald patch"], conditions=[], drugs=[], allergies=[], triggers=[])
    known = Facts(answer.patient).known
    assert [asked.fact for asked in answer.next if asked.fact in known] == []
    assert all(asked.ask.endswith("?") for asked in answer.next)


def test_questions_that_tell_more_come_first() -> None:
    bits = [asked.bits for asked in told().next if not asked.flags]
    assert bits == sorted(bits, reverse=True)
    assert len(bits) > 100


def test_with_nothing_known_one_looks_before_one_draws_blood() -> None:
    first = told().next[:4]
    assert {asked.how for asked in first} == {"eye", "question"}
    assert {"patchy_loss", "female_pattern", "hairline_band"} <= {asked.fact for asked in first}


def test_receding_temples_in_a_woman_ask_for_brows_redness_scale_and_openings_first() -> None:
    answer = told(signs=["receding temples"], date=None)
    assert answer.red_flags == []
    flagged = [asked for asked in answer.next if "hairline-band-in-a-woman" in asked.flags]
    asked_for = {asked.fact for asked in flagged}
    assert {
        "eyebrow_loss",
        "perifollicular_redness",
        "perifollicular_scale",
        "no_follicular_openings",
    } <= asked_for
    assert answer.next[: len(flagged)] == flagged


def test_a_fever_asks_for_injections_and_for_signs_of_the_whole_body_first() -> None:
    answer = told(symptoms=["fever"], date=None)
    flags = {flag for asked in answer.next[:4] for flag in asked.flags}
    assert flags == {"fever-after-injection", "systemic-signs"}


def test_no_question_hangs_on_a_red_flag_by_age_and_sex_alone() -> None:
    assert [asked for asked in told().next if asked.flags] == []


def test_the_bundled_woman_is_asked_for_iron_thyroid_and_what_spironolactone_waits_for() -> None:
    answer = assess(Patient.load(EXAMPLES / "woman-47-pattern.yaml"))
    assert [asked.fact for asked in answer.next[:2]] == ["ferritin", "tsh"]
    assert "spironolactone" in question(answer, "potassium").therapies
    assert question(answer, "potassium").how == "laboratory"


def test_a_man_is_not_asked_about_births_or_pregnancy() -> None:
    asked = {one.fact for one in told(sex="M").next}
    assert asked.isdisjoint({"pregnant", "childbirth_months", "menopause", "postmenopausal", "breastfeeding"})


def test_an_answered_question_is_not_asked_again() -> None:
    before = question(told(), "ferritin")
    after = told(labs=[{"test": "ferritin", "value": 60, "unit": "ug/L"}])
    assert before.bits > 0
    assert "ferritin" not in {asked.fact for asked in after.next}


def test_the_answer_carries_its_questions() -> None:
    first = told().as_json()["next"][0]
    assert set(first) == {"fact", "ask", "need", "how", "bits", "moves", "flags", "therapies"}
    assert set(first["moves"][0]) == {"condition", "finding", "now", "if_there", "if_not"}
