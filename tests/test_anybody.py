"""Ten thousand people at random, told of in every way: nobody crashes it, nothing opens by trouble or by silence."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from itertools import combinations, product
from multiprocessing import get_context
from random import Random
from typing import Any

import pytest

import anybody
from follicast.assessment import assess
from follicast.assessment.opening import applied, values_of
from follicast.assessment.screening import Gate, gates_for
from follicast.evidence.library import evidence
from follicast.patient import Patient

PEOPLE, BATCH = 10_000, 1_250


@pytest.fixture(scope="module")
def found() -> anybody.Found:
    evidence().shelves  # kept for the two processes
    seen = anybody.Found()
    batches = [range(first, first + BATCH) for first in range(0, PEOPLE, BATCH)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for batch in pool.map(anybody.look, batches):
            seen.add(batch)
    return seen


def test_the_laws_hold_for_ten_thousand_people(found: anybody.Found) -> None:
    assert found.broken == []
    assert found.people == PEOPLE


def test_the_laws_are_not_empty(found: anybody.Found) -> None:
    """Each therapy was seen open, waiting and closed, but for those that no fact of a person opens."""
    never = {t for t in evidence().therapies if _shut_by_itself(t)}
    assert never == {"flutamide", "osteopontin-injection"}
    for therapy in evidence().therapies:
        seen = {status for name, status in found.seen if name == therapy}
        assert seen == ({"closed"} if therapy in never else {"open", "waiting", "closed"}), therapy


def _shut_by_itself(therapy: str) -> bool:
    known = anybody.own_facts(therapy)
    return any(gate.closes and gate.answer(known) for gate in gates_for(therapy, "us"))


def test_only_what_can_be_told_twice_goes_from_one_answer_to_another(found: anybody.Found) -> None:
    assert found.twice <= anybody.TOLD_TWICE


def test_the_people_are_told_of_in_every_field_and_in_every_kind_of_word() -> None:
    told = [anybody.story(seed)[0] for seed in range(8_000)]
    assert {key for one in told for key in one} == set(Patient.model_fields)
    drugs = {
        drug.generic
        for one in told
        for drug in Patient.model_validate({"age": 40, "sex": "F", "drugs": one.get("drugs")}).drugs or []
    }
    assert len(drugs) > 0.9 * len(evidence().drugs)
    tests = {
        lab.id
        for one in told
        for lab in Patient.model_validate({"age": 40, "sex": "F", "labs": one.get("labs", [])}).labs
    }
    assert tests == set(evidence().labs)


def test_a_broken_law_is_noticed() -> None:
    """A rule turned round (a closing fact that opens) is caught, so that silence means something."""
    before = anybody.Read({"pregnant": False}, {"prp": "closed"}, frozenset({"fever"}))
    after = anybody.Read({"pregnant": True}, {"prp": "open"}, frozenset())
    seen = anybody.Found()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(anybody, "read", lambda patient: after)
        anybody._worse_never_opens(0, {"age": 40, "sex": "F", "drugs": []}, before, seen)
        anybody._less_never_opens(0, {"age": 40, "sex": "F", "pulse": 60}, before, seen)
        anybody._order_does_not_matter(0, {"age": 40, "sex": "F"}, before, seen)
    assert len(seen.broken) == 4


# --- forgetting single facts, whatever they are ---


def test_forgetting_any_one_fact_never_opens_a_therapy() -> None:
    for seed in range(400):
        chance = Random(f"forgets {seed}")
        patient = anybody.story(seed)[1]
        before = anybody.read(patient)
        gone = chance.choice(sorted(before.known))
        fewer = {name: value for name, value in before.known.items() if name != gone}
        after = anybody.statuses(fewer, patient.region)
        assert [t for t in after if after[t] == "open" != before.status[t]] == [], (seed, gone)


# --- the smallest set of facts that would open a therapy ---

SMALL = 2  # so many changes are tried in every way; above, that none can be spared


def open_on(known: dict[str, Any], gates: tuple[Gate, ...]) -> bool:
    return all(gate.answer(known) is False for gate in gates)


def answers(therapy: str, gates: tuple[Gate, ...]) -> dict[str, tuple[Any, ...]]:
    """All that gates can tell apart of each fact they ask for; biotin stands before some of them."""
    names = sorted({name for gate in gates for name in gate.names} | {"biotin_taken"})
    return {name: values_of(name, gates) for name in names}


def openable(
    known: dict[str, Any], therapy: str, gates: tuple[Gate, ...], size: int
) -> dict[str, Any] | None:
    """Try every set of so many facts with every value: the plain way that the search must agree with."""
    domain = answers(therapy, gates)
    for names in combinations(domain, size):
        for values in product(*(domain[name] for name in names)):
            changed = dict(zip(names, values, strict=True))
            if open_on(applied(therapy, known, changed), gates):
                return changed
    return None


def test_the_set_that_would_open_a_therapy_does_and_no_smaller_one_would() -> None:
    sizes = []
    for seed in range(60):
        chance = Random(f"opens {seed}")
        answer = assess(anybody.story(10_000 + seed)[1])
        known = dict(answer.facts.known)
        for therapy in chance.sample(list(evidence().therapies), 6):
            gates, opening = gates_for(therapy, answer.policy), answer.opens_if(therapy)
            if opening is None:
                assert therapy == "flutamide"
                continue
            changed = {change.fact: change.to for change in opening.changes}
            assert open_on(applied(therapy, known, changed), gates), (seed, therapy)
            assert (answer.of(therapy).status == "open") == (not changed), (seed, therapy)
            for name in changed:
                fewer = {n: value for n, value in changed.items() if n != name}
                assert not open_on(applied(therapy, known, fewer), gates), (seed, therapy, name)
            sizes.append(len(changed))
            if 1 < len(changed) <= SMALL + 1 and len(sizes) % 4 == 0:
                smaller = [openable(known, therapy, gates, size) for size in range(1, len(changed))]
                assert smaller == [None] * len(smaller), (seed, therapy)
    assert {0, 1, 2, 3} <= set(sizes) and max(sizes) > 10


def test_what_can_be_changed_comes_before_what_cannot() -> None:
    """Of as small sets the one is told that can be made; sex and an anticoagulant are never advised away."""
    man = {
        "date": "2026-11-22",
        "age": 60,
        "sex": "M",
        "drugs": ["warfarin"],
        "conditions": [],
        "signs": ["thinning vertex"],
    }
    answer = assess(Patient.model_validate(man | {"allergies": [], "symptoms": [], "course": "slow"}))
    by_fact = {c.fact: c for c in answer.opens_if("prp").changes}  # type: ignore[union-attr]
    assert by_fact["anticoagulant"].how == "never" and not by_fact["anticoagulant"].can
    assert by_fact["anticoagulant"].instead is None
    assert not answer.opens_if("prp").possible  # type: ignore[union-attr]
    tablet = {c.fact: c for c in answer.opens_if("spironolactone").changes}  # type: ignore[union-attr]
    assert (tablet["female"].how, tablet["female"].can) == ("not at all", False)
    assert "at most 5 mmol/L" in tablet["potassium"].says and tablet["potassium"].how == "measured"
    assert "at least 30" in tablet["egfr"].says


def test_a_waiting_rule_tells_the_other_way_out() -> None:
    woman = anybody.well(Random(1)) | {"sex": "F", "age": 45, "drugs": ["ramipril"], "conditions": []}
    woman |= {"signs": ["widened parting"], "pattern": {"scale": "sinclair", "grade": 3}, "menopause": "pre"}
    woman |= {"pregnant": False, "planning_pregnancy": False, "breastfeeding": False, "contraception": "coil"}
    opening = assess(
        Patient.model_validate(woman | {"symptoms": [], "allergies": [], "course": "slow"})
    ).opens_if("spironolactone")
    assert opening is not None
    assert [(c.fact, c.how) for c in opening.changes] == [("ace_inhibitor", "prescriber")]
    assert opening.changes[0].instead == "the agreement of the doctor who treats the blood pressure"
