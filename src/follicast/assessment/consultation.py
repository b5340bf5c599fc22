"""The consultation's first half in one call: facts, red flags, diagnosis, screening, and what to ask next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from follicast.assessment.answer import Assessment, Diagnosis, LabToAsk, RedFlag, Screened
from follicast.assessment.diagnosis import areata_likely, diagnose, pattern_likely, setting_of
from follicast.assessment.facts import Facts
from follicast.assessment.next_questions import next_questions
from follicast.assessment.red_flags import red_flags
from follicast.assessment.screening import immunoassays, policy_of, screen
from follicast.evidence.condition import Setting
from follicast.evidence.library import evidence
from follicast.evidence.therapy import Monitoring, Therapy
from follicast.patient import Patient, lab_called


def assess(patient: Patient, *, policy: str | None = None, setting: Setting = "specialist") -> Assessment:
    """Return what it is likely to be and what is safe.

    `policy` is strictest, jp, us or eu (default: the patient's region); `setting` chooses the prior odds, of a
    specialist clinic or of general practice. Raises `InputError` for a policy or setting of another name.
    """
    chosen, setting = policy_of(policy, patient.region), setting_of(setting)
    facts = know(patient, setting)
    diagnoses = diagnose(facts, setting)
    flags, therapies = red_flags(facts), screen(facts, chosen)
    labs = _labs(facts, flags, diagnoses, therapies, chosen)
    return Assessment(
        patient,
        chosen,
        setting,
        diagnoses,
        flags,
        therapies,
        labs,
        next_questions(facts, diagnoses, therapies, setting),
        facts.warnings,
        _sources(diagnoses, flags, therapies, labs),
        facts,
    )


def know(patient: Patient, setting: Setting = "specialist") -> Facts:
    """Return the facts that rules are tried on: as told, less what biotin falsified, and what the loss likely is."""
    facts = Facts(patient)
    _doubt_what_biotin_falsifies(facts)
    facts.learn("pattern_likely", pattern_likely(facts, setting))
    facts.learn("areata_likely", areata_likely(facts, setting))
    return facts


def _doubt_what_biotin_falsifies(facts: Facts) -> None:
    """Take back what biotin falsified; where it was not asked for, say that screening does not read it."""
    taken, rests = facts.known.get("biotin_taken"), immunoassays() & facts.known.keys()
    if taken:
        for name in rests:
            del facts.known[name]
    named = sorted(
        {evidence().labs[lab.id].name for lab in facts.patient.labs if evidence().labs[lab.id].biotin}
    )
    if taken is None and named:
        facts.warnings.append(
            f"Whether biotin is taken is not known; until it is, no therapy opens on {', '.join(named)}."
        )


def _first(test: str, facts: Facts) -> str | None:
    """Say what comes before a test that biotin falsifies: leaving it out, or asking for it."""
    taken, pause = facts.known.get("biotin_taken"), evidence().numbers["assessment.biotin_pause"].value
    if taken is False or not evidence().labs[test].biotin:
        return None
    left_out = f"biotin is left out for {pause:g} hours before blood is drawn"
    return left_out if taken else f"ask whether biotin is taken; if so, {left_out}"


def _labs(
    facts: Facts, flags: list[RedFlag], diagnoses: list[Diagnosis], therapies: list[Screened], policy: str
) -> list[LabToAsk]:
    """Return the tests to ask for: for a red flag, for a therapy, for a likely kind of loss, in this order."""
    asked: dict[str, LabToAsk] = {}
    for flag in flags:
        for name in evidence().red_flags[flag.id].ask:
            _ask(asked, evidence().facts[name].lab or "", flag.because, flag.source, flag=flag.id)
    for screened in therapies:
        if screened.status == "closed":
            continue
        for test, why, source in _awaited(screened):
            _ask(asked, test, why, source, therapy=screened.therapy)
        for item in _before(evidence().therapies[screened.therapy], policy):
            _ask(asked, item.test, item.why, item.citekeys, therapy=screened.therapy)
    for diagnosis in _likely(diagnoses):
        condition = evidence().conditions[diagnosis.condition]
        why = f"a cause beside or behind {condition.plain}"
        for test in condition.tests:
            _ask(asked, test, why, condition.citekeys, kind=condition.id)
    return [replace(lab, first=_first(test, facts)) for test, lab in asked.items() if _to_draw(test, facts)]


def _to_draw(test: str, facts: Facts) -> bool:
    """Whether a test is to be asked for: it was not measured lately, or measured on biotin."""
    on_biotin = facts.known.get("biotin_taken") and evidence().labs[test].biotin
    return facts.lab(test) is None or bool(on_biotin)


def _awaited(screened: Screened) -> Iterable[tuple[str, str, list[str]]]:
    """Yield each test that a waiting therapy waits for."""
    for tried in screened.trace:
        if tried.verdict == "unknown" and tried.effect in ("closes", "waits"):
            for name, value in tried.facts.items():
                lab = evidence().facts[name].lab
                if value is None and lab:
                    yield lab, evidence().rules[tried.rule].because, tried.source


def _before(therapy: Therapy, policy: str) -> Iterable[Monitoring]:
    """Yield the tests that a therapy asks for before it begins, under a policy."""
    return (
        item
        for item in therapy.monitoring
        if item.month == 0 and (policy == "strictest" or not item.regions or policy in item.regions)
    )


def _likely(diagnoses: list[Diagnosis]) -> list[Diagnosis]:
    bound = evidence().numbers["assessment.likely"].value
    return [diagnosis for diagnosis in diagnoses if diagnosis.probability >= bound]


def _worth_a_line(diagnoses: list[Diagnosis]) -> list[Diagnosis]:
    """Return the likeliest and what is told beside it; the rest was weighed and names its own sources."""
    bound = evidence().numbers["assessment.worth_a_line"].value
    return diagnoses[:1] + [diagnosis for diagnosis in diagnoses[1:] if diagnosis.probability >= bound]


def _ask(
    asked: dict[str, LabToAsk],
    test: str,
    why: str,
    source: list[str],
    therapy: str = "",
    kind: str = "",
    flag: str = "",
) -> None:
    test_id = _test_id(test)
    if test_id is None:
        return
    before = asked.get(test_id) or LabToAsk(test_id, evidence().labs[test_id].name, why, [], [], [], [])
    asked[test_id] = replace(
        before,
        for_therapies=_with(before.for_therapies, therapy),
        for_kinds=_with(before.for_kinds, kind),
        for_flags=_with(before.for_flags, flag),
        source=sorted({*source, *before.source}),
    )


def _with(held: list[str], name: str) -> list[str]:
    return [*held, name] if name and name not in held else held


@cache
def _test_id(test: str) -> str | None:
    """Return the id of a laboratory test; a look, a question or a blood pressure is none."""
    try:
        return lab_called(test)
    except ValueError:
        return None


def _sources(
    diagnoses: list[Diagnosis], flags: list[RedFlag], therapies: list[Screened], labs: list[LabToAsk]
) -> list[str]:
    rests_on = [key for diagnosis in _worth_a_line(diagnoses) for key in diagnosis.sources]
    rests_on += [key for flag in flags for key in flag.source]
    rests_on += [key for screened in therapies for reason in screened.reasons for key in reason.source]
    return sorted({*rests_on, *(key for lab in labs for key in lab.source)})
