"""Anybody: patients at random over the whole intake, and the laws that screening must keep for each of them.

A story is made from the model of a patient itself, field by field, so that a field added tomorrow is told about
tomorrow; words, drugs and tests are drawn from all that the evidence knows, under any of their names. Half of the
people are told of at random, half answer nearly everything and are mostly well, so that therapies do open. Used by
tests/test_anybody.py (ten thousand) and by verification/anybody.py (a million).
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from random import Random
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from follicast.assessment.consultation import assess, know
from follicast.assessment.facts import HEARD_AS
from follicast.assessment.opening import applied
from follicast.assessment.red_flags import red_flags
from follicast.assessment.screening import Gate, gates_for, own_facts, statuses
from follicast.assessment.words import hear
from follicast.errors import PatientError
from follicast.evidence.library import evidence
from follicast.patient import Patient

DAY = dt.date(2026, 11, 22)
RANK = {"open": 0, "waiting": 1, "closed": 2}
WHOLE = 20  # one person in so many gets the whole answer, with reasons
WORDS = ("conditions", "signs", "symptoms", "allergies", "drugs")
ODD = ("", "hart failure", "zebra stripes", "no redness", "haemophillia", "none", "ütüöß", "肝臓", "x" * 200)
WELL = {
    "K": (4.2, "mmol/L"), "creatinine": (0.8, "mg/dL"), "ferritin": (25, "ug/L"), "ALT": (20, "U/L"),
    "25-OH vitamin D": (12, "ng/mL"), "zinc": (60, "ug/dL"), "calcium": (9.4, "mg/dL"), "uric acid": (5, "mg/dL"),
    "IGRA": (0, "IU/mL"), "ALC": (1.8, "10*3/uL"), "platelets": (240, "10*3/uL"), "haemoglobin": (13.5, "g/dL"),
    "fibrinogen": (280, "mg/dL"), "PSA": (0.8, "ng/mL"), "TSH": (1.4, "mIU/L"),
}  # fmt: skip


# --- a story ---


def story(seed: int) -> tuple[dict[str, Any], Patient]:
    """Return a file that can be true and the patient it tells of, the same for the same seed."""
    chance = Random(seed)
    while True:
        told = well(chance) if chance.random() < 0.5 else anything(chance)
        patient = accepted(told)
        if patient is not None:
            return told, patient


def accepted(told: dict[str, Any]) -> Patient | None:
    """Return the patient of a file, None where it is refused (a pregnant man): in words, and no crash."""
    try:
        return Patient.model_validate(told)
    except (ValidationError, PatientError):
        return None


def anything(chance: Random) -> dict[str, Any]:
    """Tell each field with a chance of its own: hardly anything of some people, nearly all of others."""
    share = chance.random()
    told = {"age": age(chance), "sex": chance.choice("FM")}
    more = {
        name: _field(chance, name, about.annotation, about.metadata)
        for name, about in Patient.model_fields.items()
        if name not in told and chance.random() < share
    }
    if accepted({**told, **more}):
        return {**told, **more}
    for name, value in more.items():  # something in it cannot be true; what can stays
        if accepted({**told, name: value}):
            told[name] = value
    return told


def well(chance: Random) -> dict[str, Any]:
    """Tell of somebody who was asked nearly everything and has little: one or two troubles at most."""
    sex = chance.choice("FM")
    told: dict[str, Any] = {
        "age": chance.randint(18, 75), "sex": sex, "date": DAY.isoformat(), "course": "slow",
        "region": chance.choice(("strictest", "jp", "us", "eu")), "onset": {"months_ago": chance.choice((7, 24, 60))},
        "pattern": {"scale": "sinclair" if sex == "F" else "norwood", "grade": chance.randint(2, 5)},
        "signs": ["widened parting"] if sex == "F" else ["thinning of the vertex", "receding temples"],
        "symptoms": [], "triggers": [], "conditions": [], "drugs": [], "allergies": [], "family_history": True,
        "blood_pressure": "118/76", "pulse": 68, "sites": ["midscalp" if sex == "F" else "vertex"],
        "labs": [{"test": t, "value": v, "unit": u, "date": DAY.isoformat()} for t, (v, u) in WELL.items()],
        "previous_therapies": [{"therapy": "minoxidil", "months": 12, "response": "none"}],
        "wishes": {"registered_number": "NCT01234567"},
    }  # fmt: skip
    if chance.random() < 0.2:
        told["wishes"] |= {"ingredients": ["dexpanthenol"]}
    if chance.random() < 0.3:
        told |= {"signs": ["bald patch", "exclamation-mark hairs", "more than half of the scalp bald"]}
        told |= {"conditions": ["alopecia areata"], "course": "sudden", "pattern": None}
    if sex == "F":
        told |= {"pregnant": False, "planning_pregnancy": False, "breastfeeding": False}
        told |= {"menopause": "pre" if told["age"] < 50 else "post", "contraception": "coil"}
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        key = chance.choice(WORDS)
        told[key] = [*told[key], a_word(chance, key)]
    if chance.random() < 0.3:
        told[chance.choice([key for key in told if key not in ("age", "sex")])] = None
    return {key: value for key, value in told.items() if value is not None}


def age(chance: Random) -> float:
    """Return any age that a person can have, mostly one that sits in such a clinic."""
    return chance.choice(
        (chance.randint(18, 80), chance.randint(0, 120), chance.uniform(0, 120), 18, 50, 65, 120)
    )


def a_word(chance: Random, key: str) -> Any:
    """Return any word that a list of the intake may hold, under any of its names."""
    if key == "drugs":
        return chance.choice(_drug_words())
    kinds = {"conditions": "condition", "signs": "sign", "symptoms": "symptom", "allergies": "allergy"}
    kinds |= {"sites": "site", "triggers": "trigger", "contraception": "contraception", "course": "course"}
    return chance.choice(_term_words(kinds[key]))


@cache
def _term_words(kind: str) -> list[str]:
    terms = {name: term for name, term in evidence().terms.items() if term.kind == kind}
    return [word for name, term in terms.items() for word in (name, term.name, *term.names)]


@cache
def _drug_words() -> list[str]:
    return [word for name, drug in evidence().drugs.items() for word in (name, *drug.names)]


def a_lab(chance: Random) -> dict[str, Any]:
    """Return a value of any test, in any of its units, that a living person can have."""
    name = chance.choice(list(evidence().labs))
    test = evidence().labs[name]
    unit = chance.choice([test.unit, *test.units])
    worth = test.units[unit].value if unit in test.units else 1.0
    low, high = (bound.value if bound else 100.0 for bound in (test.lowest, test.highest))
    value = chance.choice((chance.uniform(low, high), low, high, low + (high - low) * chance.random() ** 6))
    entry = {"test": chance.choice([name, test.name, *test.names]), "value": value / worth, "unit": unit}
    day = DAY - dt.timedelta(days=chance.choice((0, 3, 100, 800)))
    return {**entry, "date": day.isoformat()} if chance.random() < 0.8 else entry


def _some(chance: Random, one: Callable[[], Any]) -> list[Any]:
    return [one() for _ in range(chance.choice((0, 0, 1, 2, 4)))]


def _maybe_odd(chance: Random, key: str) -> Any:
    return chance.choice(ODD[1:]) if chance.random() < 0.1 else a_word(chance, key)


def _wishes(chance: Random) -> dict[str, Any]:
    keys = (
        "accepts_risks",
        "registered_number",
        "avoids_tablets",
        "accepts_injections",
        "daily_minutes",
        "other",
    )
    told = {key: chance.choice((True, False, 3, "yes", None, ["a"])) for key in keys if chance.random() < 0.4}
    return told | ({"ingredients": ["dexpanthenol", "biotin"]} if chance.random() < 0.3 else {})


TOLD: dict[str, Callable[[Random], Any]] = {
    "date": lambda chance: chance.choice((DAY.isoformat(), "2026-11-23", "2027-02-01")),
    "latitude": lambda chance: chance.uniform(-90, 90),
    "ancestry": lambda chance: chance.choice(("African", "Black", "East Asian", "European", "mixed")),
    "contraception": lambda chance: chance.choice((True, False, _maybe_odd(chance, "contraception"))),
    "course": lambda chance: _maybe_odd(chance, "course"),
    "drugs": lambda chance: _some(chance, lambda: _drug(chance)),
    "labs": lambda chance: _some(chance, lambda: a_lab(chance)),
    "triggers": lambda chance: _some(chance, lambda: _trigger(chance)),
    "wishes": _wishes,
    "budget": lambda chance: {
        "amount": chance.uniform(0, 1e6),
        "currency": chance.choice(("EUR", "JPY", "VND")),
    },
    **{
        key: lambda chance, key=key: _some(chance, lambda: _maybe_odd(chance, key))
        for key in ("conditions", "signs", "symptoms", "allergies", "sites")
    },
}


def _drug(chance: Random) -> Any:
    name = a_word(chance, "drugs")
    since = chance.choice((None, 2020, "2026-10", "2026-01-31", "last year", "2026-13"))
    return (
        name
        if chance.random() < 0.5
        else {"name": name, "dose": chance.choice(("1 mg", 5, None)), "since": since}
    )


def _trigger(chance: Random) -> dict[str, Any]:
    what = {"what": _maybe_odd(chance, "triggers")}
    return {**what, "months_ago": chance.choice((0, 2.5, 11, 300))} if chance.random() < 0.7 else what


def _field(chance: Random, name: str, annotation: Any, metadata: Iterable[Any]) -> Any:
    return TOLD[name](chance) if name in TOLD else _value(chance, annotation, list(metadata))


def _value(chance: Random, annotation: Any, bounds: list[Any]) -> Any:
    """Make a value of any type that the model of a patient has; `bounds` is what stands beside it."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _value(chance, inner[0], [*bounds, *inner[1:]])
    if origin in (Union, types.UnionType):
        return _value(chance, chance.choice([arm for arm in inner if arm is not type(None)]), bounds)
    if origin is Literal:
        return chance.choice(inner)
    if origin is list:
        return _some(chance, lambda: _value(chance, inner[0], []))
    if origin is dict:
        return {}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _model(chance, annotation)
    return _plain(chance, annotation, bounds)


def _model(chance: Random, shape: type[BaseModel]) -> dict[str, Any]:
    return {
        name: _field(chance, name, about.annotation, about.metadata)
        for name, about in shape.model_fields.items()
        if about.is_required() or chance.random() < 0.6
    }


def _plain(chance: Random, kind: Any, bounds: list[Any]) -> Any:
    if kind is bool:
        return chance.random() < 0.5
    if kind in (int, float):
        low, high = _ends(bounds)
        return (
            chance.choice((low, high, chance.uniform(low, high))) if kind is float else chance.randint(1, 7)
        )
    if kind is dt.date:
        return (DAY - dt.timedelta(days=chance.randint(0, 900))).isoformat()
    return chance.choice(("vertex", "II", "3v", "Sinclair 3", "poor", "minoxidil", *ODD[1:]))


def _ends(bounds: Iterable[Any]) -> tuple[float, float]:
    flat = [inner for bound in bounds for inner in (bound, *getattr(bound, "metadata", []))]
    low = next((value for b in flat for value in [getattr(b, "ge", None)] if value is not None), 0.0)
    high = next((value for b in flat for value in [getattr(b, "le", None)] if value is not None), 200.0)
    return float(low), float(high)


# --- what is made of it ---


@dataclass(frozen=True)
class Read:
    """What assessment makes of a story: the facts known, each therapy's status, the red flags."""

    known: Mapping[str, Any]
    status: Mapping[str, str]
    flags: frozenset[str]


def read(patient: Patient, policy: str | None = None) -> Read:
    """Read a patient as `assess` does, without its reasons."""
    facts = know(patient)
    flags = frozenset(flag.id for flag in red_flags(facts))
    return Read(facts.known, statuses(facts.known, policy or patient.region), flags)


# --- what may be done to a story ---


def worse(told: dict[str, Any], chance: Random) -> dict[str, Any]:
    """Return the story with one trouble more: a disease, a drug, an allergy, a sign, a symptom or a pregnancy.

    A list that was not told gets none: its first entry would say that all the rest was asked and denied.
    """
    if (
        told["sex"] == "F"
        and 18 <= told["age"] < 50
        and told.get("menopause") != "post"
        and chance.random() < 0.1
    ):
        key = chance.choice(("pregnant", "breastfeeding", "planning_pregnancy"))
        return {**told, key: True}
    lists = [key for key in WORDS if key in told]
    key = chance.choice(lists) if lists else ""
    return {**told, key: [*told[key], a_word(chance, key)]} if key else told


def less(told: dict[str, Any], chance: Random) -> tuple[str, dict[str, Any]]:
    """Return the story with one thing forgotten that is not age, sex or region, and what it was.

    That a list is unfinished is a doubt about it and no knowledge: it is not forgotten by itself.
    """
    keys = [key for key in told if key not in ("age", "sex", "region", "unfinished")]
    if not keys:
        return "", told
    gone = chance.choice(keys)
    return gone, {key: value for key, value in told.items() if key != gone}


def shuffled(told: Any, chance: Random) -> Any:
    """Return the story with its keys and its lists in another order."""
    if isinstance(told, dict):
        return {key: shuffled(told[key], chance) for key in chance.sample(list(told), len(told))}
    if isinstance(told, list):
        return [shuffled(entry, chance) for entry in chance.sample(told, len(told))]
    return told


# --- the laws ---

# Facts that are told in two ways: forgetting the one uncovers the other, so that they go from one answer to another
# and not from an answer to none. What the laboratory found by chance though the disease is denied (kidneys,
# platelets, fibrinogen, calcium, PSA, biotin's pause); what age answers where nothing was told of the menopause or
# of contraception; a birth told of beside a list of events that lacks it; a grade beside signs that deny it, and
# what the loss likely is, which rests on them. Last, consent: it is asked for at the session, so that only a refusal
# that was told counts, and forgetting it is the same as never having asked; so with the ingredients of a cocktail.
TOLD_TWICE = {
    "kidney_disease", "platelets_low", "fibrinogen_low", "calcium_high", "psa_high",
    "pregnant", "planning_pregnancy", "breastfeeding", "can_conceive", "combined_pill", "effective_contraception",
    "postpartum", "childbirth_months", "miscarriage_months",
    "female_pattern", "male_pattern", "heavy_shedding", "pattern_likely", "areata_likely",
    "refuses_risks", "ingredients_named",
}  # fmt: skip
# Signs may be told as seen by eye, under the dermatoscope or by a pull, and periods in a word or by the cycle: what
# one of them tells and another denies goes from answer to answer when the one is forgotten, and only then.
OF_SIGNS = {"scarring_sign", "inflamed_scalp", "over_quarter_bald", "over_half_bald", "yellow_dots"}
OF_SIGNS |= {"hair_diameter_diversity", "positive_pull_test"}


@cache
def told_elsewhere(gone: str) -> frozenset[str]:
    """Return the facts that may go from one answer to another when one part of a story is forgotten."""
    if gone in ("trichoscopy", "signs", "pull_test"):
        return frozenset(OF_SIGNS | {n for n, fact in evidence().facts.items() if fact.source_kind == "sign"})
    return frozenset({"irregular_periods"} if gone in ("cycle", "menopause", "symptoms") else ())


def riddled(gone: str, told: Mapping[str, Any]) -> bool:
    """Whether what is forgotten held a word not surely understood, which left others open: a doubt goes with it."""
    looks, practices = told.get("trichoscopy") or [], told.get("hair_practices") or []
    words = {
        "trichoscopy": ([sign for look in looks for sign in look.get("signs") or []], HEARD_AS["sign"]),
        "diet": (told.get("diet") or [], HEARD_AS["diet"]),
        "hair_practices": (
            [one["what"] if isinstance(one, dict) else one for one in practices],
            HEARD_AS["practice"],
        ),
    }
    return gone in words and bool(hear(*words[gone]).strange)


@dataclass
class Found:
    """What was seen over many people: how many, which laws broke, and what the laws would be empty without."""

    people: int = 0
    broken: list[str] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    twice: set[str] = field(default_factory=set)
    excused: int = 0

    def add(self, other: Found) -> None:
        """Take in what another batch saw."""
        self.people += other.people
        self.broken += other.broken
        self.seen |= other.seen
        self.twice |= other.twice
        self.excused += other.excused


def look(seeds: Iterable[int], laws: int = 3) -> Found:
    """Try people on the laws, `laws` of them in turn on each, and tell what was seen; nobody may crash it."""
    found, trials = Found(), (_worse_never_opens, _less_never_opens, _order_does_not_matter)
    for seed in seeds:
        told, patient = story(seed)
        try:
            before = read(patient)
            for turn in range(laws):
                trials[(seed + turn) % len(trials)](seed, told, before, found)
            if seed % WHOLE == 0:
                _whole(seed, patient, before, found)
        except Exception as crash:  # any at all is what is looked for
            found.broken.append(f"seed {seed}: {type(crash).__name__}: {crash}")
            continue
        found.people += 1
        found.seen |= set(before.status.items())
    return found


def _worse_never_opens(seed: int, told: dict[str, Any], before: Read, found: Found) -> None:
    """Trouble more never opens a therapy, unless it is what the therapy is for; red flags only grow."""
    harder = worse(told, Random(f"worse {seed}"))
    patient = accepted(harder)
    if patient is None:
        return
    after = read(patient)
    if not before.flags <= after.flags:
        found.broken.append(
            f"seed {seed}: with one trouble more {sorted(before.flags - after.flags)} is silent"
        )
    names = before.known.keys() | after.known.keys()
    changed = {name for name in names if after.known.get(name) != before.known.get(name)}
    for therapy, status in after.status.items():
        if RANK[status] < RANK[before.status[therapy]]:
            found.excused += 1
            if not changed & needed(therapy):
                found.broken.append(
                    f"seed {seed}: trouble took {therapy} from {before.status[therapy]} to {status}"
                )


def _less_never_opens(seed: int, told: dict[str, Any], before: Read, found: Found) -> None:
    """Knowing less never opens a therapy; facts that were told twice are held to the answer that is left."""
    gone, fewer = less(told, Random(f"less {seed}"))
    patient = accepted(fewer)
    if patient is None:
        return
    after = read(patient)
    twice = {name for name in after.known if name in before.known and after.known[name] != before.known[name]}
    found.twice |= twice - told_elsewhere(gone)
    settled = twice | (after.known.keys() - before.known.keys() if riddled(gone, told) else set())
    region = told.get("region", "strictest")
    was = before.status
    if settled:
        found.excused += 1
        was = statuses({**before.known, **{name: after.known[name] for name in settled}}, region)
    for therapy, status in after.status.items():
        if status == "open" != was[therapy]:
            found.broken.append(f"seed {seed}: without {gone} {therapy} is open, with it {was[therapy]}")


def _order_does_not_matter(seed: int, told: dict[str, Any], before: Read, found: Found) -> None:
    after = read(Patient.model_validate(shuffled(told, Random(f"order {seed}"))))
    if (after.status, after.flags) != (before.status, before.flags):
        found.broken.append(f"seed {seed}: the order of what was told changed the answer")


def _whole(seed: int, patient: Patient, before: Read, found: Found) -> None:
    """The whole answer can be given and says the same; company never opens a therapy; what would open it does."""
    chance, answer = Random(f"whole {seed}"), assess(patient)
    answer.as_json(trace=True)
    if {screened.therapy: screened.status for screened in answer.therapies} != before.status:
        found.broken.append(f"seed {seed}: the short way and the long way to a status disagree")
    pair = chance.sample(list(evidence().therapies), 2)
    if RANK[answer.together(pair).status] < max(RANK[before.status[therapy]] for therapy in pair):
        found.broken.append(f"seed {seed}: {pair[0]} and {pair[1]} are more open together than apart")
    for therapy in chance.sample(list(evidence().therapies), 3):
        opening = answer.opens_if(therapy)
        if opening is None:
            continue
        known = applied(therapy, answer.facts.known, {change.fact: change.to for change in opening.changes})
        if any(gate.answer(known) is not False for gate in gates_for(therapy, answer.policy)):
            found.broken.append(f"seed {seed}: what would open {therapy} does not")


@cache
def needed(therapy_id: str) -> frozenset[str]:
    """Return the facts of the person that a therapy needs to be so: a yes to one of them may clear a gate of it."""
    own = own_facts(therapy_id)
    gates = gates_for(therapy_id, "strictest")
    return frozenset(name for gate in gates for name in gate.names if name not in own and _clears(gate, name))


def _clears(gate: Gate, name: str) -> bool:
    """Whether there are facts on which a yes to one of them makes a gate untrue that was not so before."""
    if evidence().facts[name].type != "bool":
        return True
    others = [other for other in gate.names if other != name]
    domains = [
        (None, False, True) if evidence().facts[o].type == "bool" else (None, -1e9, 1e9) for o in others
    ]
    for values in product(*domains):
        rest = dict(zip(others, values, strict=True))
        if gate.answer({**rest, name: True}) is False and gate.answer({**rest, name: False}) is not False:
            return True
    return False
