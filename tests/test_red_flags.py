"""Signs that always refer: each one of the list, in every door and language, and every way to switch them off fails."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer.main
from hypothesis import given, settings
from hypothesis import strategies as st

import follicast as fc
from follicast.assessment import assess
from follicast.assessment.facts import Facts
from follicast.assessment.logic import expression
from follicast.assessment.red_flags import follow_ups, red_flags
from follicast.assessment.screening import POLICIES
from follicast.doors.cli import app
from follicast.errors import NothingToGive, PatientError
from follicast.evidence.library import evidence
from follicast.patient import Patient
from follicast.plan.document import Plan
from follicast.plan.explanation import explain
from follicast.plan.walk import Refused, advise, expect
from follicast.report.text import speech
from test_assessment import example

SOURCE = Path(fc.__file__).parent
WOMAN: dict[str, Any] = {"age": 50, "sex": "F"}
MAN: dict[str, Any] = {"age": 30, "sex": "M"}
CHILD: dict[str, Any] = {"age": 7, "sex": "F"}
LANGUAGES = ("en", "vi", "ar", "ja")

# what the issue and the clinical notes name, in their words: who tells what, and the flag that must hold
ALWAYS = {
    "follicular openings lost": (WOMAN | {"signs": ["lost pores"]}, "scarring"),
    "smooth shiny scalp": (MAN | {"signs": ["smooth shiny scalp"]}, "scarring"),
    "redness around the follicles": (WOMAN | {"signs": ["perifollicular erythema"]}, "scarring"),
    "scale around the follicles": (WOMAN | {"signs": ["perifollicular scale"]}, "scarring"),
    "tufts": (MAN | {"signs": ["tufting"]}, "scarring"),
    "plugged follicles": (WOMAN | {"signs": ["follicular plugging"]}, "scarring"),
    "a scarring alopecia known": (WOMAN | {"conditions": ["lichen planopilaris"]}, "scarring"),
    "pus": (MAN | {"signs": ["pus"]}, "pustules"),
    "pain": (WOMAN | {"symptoms": ["tender scalp"]}, "painful-scalp"),
    "burning": (MAN | {"symptoms": ["burning scalp"]}, "painful-scalp"),
    "a boggy scalp": (CHILD | {"signs": ["boggy swelling"]}, "boggy-scalp"),
    "a boggy scalp in an adult": (MAN | {"signs": ["boggy scalp"]}, "boggy-scalp"),
    "a child with scaling": (CHILD | {"signs": ["scaling"]}, "child-with-scale"),
    "a child with broken hairs": (CHILD | {"signs": ["broken hairs"]}, "child-with-scale"),
    "ringworm shown in an adult": (MAN | {"labs": [{"test": "KOH", "value": 1}]}, "child-with-scale"),
    "virilisation": (WOMAN | {"signs": ["deepening voice"]}, "virilisation"),
    "testosterone above 200": (
        WOMAN | {"labs": [{"test": "testosterone", "value": 210, "unit": "ng/dL"}]},
        "virilisation",
    ),
    "testosterone above 100 after the menopause": (
        WOMAN | {"menopause": "post", "labs": [{"test": "testosterone", "value": 110, "unit": "ng/dL"}]},
        "virilisation",
    ),
    "DHEAS above 700": (
        WOMAN | {"labs": [{"test": "DHEAS", "value": 720, "unit": "ug/dL"}]},
        "virilisation",
    ),
    "all hair gone": (MAN | {"signs": ["all scalp hair lost"]}, "rapid-total-loss"),
    "a quarter gone at once": (
        MAN | {"course": "sudden", "signs": ["more than a quarter bald"]},
        "rapid-total-loss",
    ),
    "a bald patch": (WOMAN | {"signs": ["bald patch"]}, "bald-patch"),
    "fever, rash and joints": (WOMAN | {"symptoms": ["fever", "joint pain"]}, "systemic-signs"),
    "weight lost and sweats at night": (
        MAN | {"symptoms": ["weight loss", "night sweats"]},
        "systemic-signs",
    ),
    "sores in the mouth and a rash": (
        WOMAN | {"signs": ["rash"], "symptoms": ["mouth ulcers"]},
        "systemic-signs",
    ),
    "moth-eaten loss": (MAN | {"signs": ["moth-eaten patches"]}, "systemic-signs"),
    "syphilis shown": (MAN | {"labs": [{"test": "syphilis test", "value": 1}]}, "systemic-signs"),
    "a band in a woman": (WOMAN | {"signs": ["band-like recession"]}, "hairline-band-in-a-woman"),
    **{
        f"receding temples in a woman and {beside}": (
            WOMAN | {"signs": ["receding temples", sign]},
            "hairline-band-in-a-woman",
        )
        for beside, sign in {
            "lost openings": "lost pores",
            "eyebrow loss": "lost eyebrows",
            "redness": "red scalp",
            "scale": "scaly scalp",
            "redness at the follicles": "perifollicular redness",
            "scale at the follicles": "perifollicular scale",
            "lonely hairs": "lonely hairs",
        }.items()
    },
    **{
        f"{sign} on cyproterone": (
            WOMAN | {"drugs": ["cyproterone"], "symptoms": [sign]},
            "nerve-signs-on-cyproterone",
        )
        for sign in (
            "headache",
            "blurred vision",
            "hearing loss",
            "loss of smell",
            "seizure",
            "memory loss",
            "weakness",
        )
    },
    **{
        f"{sign} on {drug}": (MAN | {"drugs": [drug], "symptoms": [sign]}, "mood-on-finasteride")
        for sign, drug in itertools.product(
            ("low mood", "suicidal thoughts"), ("finasteride", "Propecia", "dutasteride")
        )
    },
    **{
        f"{sign} on spironolactone": (
            WOMAN | {"drugs": ["Aldactone"], "symptoms": [sign]},
            "spironolactone-potassium-signs",
        )
        for sign in ("palpitations", "muscle weakness")
    },
    "potassium above 6": (
        WOMAN | {"labs": [{"test": "potassium", "value": 6.3, "unit": "mmol/L"}]},
        "spironolactone-potassium-signs",
    ),
    **{
        f"{sign} on {drug}": (WOMAN | {"drugs": [drug], "symptoms": [sign]}, "minoxidil-heart-signs")
        for sign, drug in itertools.product(
            ("chest pain", "swollen ankles", "fainting", "palpitations", "breathlessness", "weight gain"),
            ("oral minoxidil", "Rogaine"),
        )
    },
    "chest pain": (MAN | {"symptoms": ["chest pain"]}, "heart-signs"),
    "fever after an injection": (
        WOMAN | {"symptoms": ["fever"], "triggers": [{"what": "mesotherapy", "months_ago": 0.3}]},
        "fever-after-injection",
    ),
    "fever after platelets": (
        MAN | {"symptoms": ["fever"], "triggers": [{"what": "PRP", "months_ago": 0.1}]},
        "fever-after-injection",
    ),
    "fever after an injection nobody dated": (
        WOMAN | {"symptoms": ["fever"], "triggers": [{"what": "filler"}]},
        "fever-after-injection",
    ),
    "swallowing after toxin": (
        MAN | {"drugs": ["botulinum toxin"], "symptoms": ["trouble swallowing"]},
        "swallowing-after-toxin",
    ),
    "breathing after toxin": (
        MAN | {"drugs": ["Botox"], "symptoms": ["shortness of breath"]},
        "swallowing-after-toxin",
    ),
    "swallowing after an injection": (
        MAN
        | {
            "symptoms": ["trouble swallowing"],
            "triggers": [{"what": "botulinum injection", "months_ago": 0.5}],
        },
        "swallowing-after-toxin",
    ),
    "thoughts of suicide": (MAN | {"symptoms": ["suicidal thoughts"]}, "suicidal-thoughts"),
}


def flags(person: dict[str, Any], **how: Any) -> set[str]:
    return {flag.id for flag in assess(Patient.model_validate(person), **how).red_flags}


@pytest.mark.parametrize("sign", ALWAYS)
def test_each_sign_of_the_list_refers(sign: str) -> None:
    person, flag = ALWAYS[sign]
    assert flag in flags(person)


def test_every_red_flag_is_on_that_list() -> None:
    assert {flag for _, flag in ALWAYS.values()} == set(evidence().red_flags)


# --- what is common by itself asks and does not refer ---


def test_receding_temples_alone_in_a_woman_do_not_refer_and_are_asked_about() -> None:
    told = WOMAN | {"signs": ["receding temples"]}
    assert flags(told) == set()
    asked = set(follow_ups(Facts(Patient.model_validate(told))))
    assert asked >= {
        "hairline_band",
        "eyebrow_loss",
        "scalp_redness",
        "scalp_scale",
        "no_follicular_openings",
    }
    looked = told | {"date": "2026-11-22"}
    assert follow_ups(Facts(Patient.model_validate(looked))) == {}, "a full look has answered it"
    assert follow_ups(Facts(Patient.model_validate(MAN | {"signs": ["receding temples"]}))) == {}


def test_a_drug_that_may_harm_asks_for_its_warning_signs() -> None:
    asked = set(follow_ups(Facts(Patient.model_validate(MAN | {"drugs": ["finasteride"]}))))
    assert asked == {"mood_change", "suicidal_mood"}


def test_a_flag_that_stands_asks_no_more() -> None:
    person = MAN | {"drugs": ["finasteride"], "symptoms": ["low mood"]}
    assert follow_ups(Facts(Patient.model_validate(person))) == {}


def test_what_is_suspected_and_asked_names_declared_facts() -> None:
    for flag in evidence().red_flags.values():
        assert set(flag.ask) <= set(evidence().facts), flag.id
        assert bool(flag.ask) == (flag.suspect is not None), flag.id
        if flag.suspect:
            names = set(expression(flag.suspect).names)
            assert names <= {*evidence().facts, *flag.thresholds}, flag.id
            assert set(flag.ask) <= set(expression(flag.when).names), "what is asked settles the flag"


# --- nothing that a caller may give switches one off ---

PAINFUL: dict[str, Any] = {"symptoms": ["burning scalp"]}
WISHES = [
    {"ignore_red_flags": True, "no_referral": True, "accepts_risks": True},
    {"red_flags": False, "skip": ["red flags"], "just_plan": True},
    {"needles": True, "tablets": True, "doctor_has_agreed": True},
]


def painful(**but: Any) -> Patient:
    """The bundled woman, whose scalp now burns."""
    return example("woman-47-pattern", **PAINFUL, **but)


@pytest.mark.parametrize("sign", ALWAYS)
def test_no_policy_setting_region_language_or_wish_switches_one_off(sign: str) -> None:
    person, flag = ALWAYS[sign]
    for policy, setting in itertools.product((None, *POLICIES), ("specialist", "general")):
        assert flag in flags(person, policy=policy, setting=setting)
    for region, language in zip(("strictest", "jp", "us", "eu"), LANGUAGES, strict=True):
        assert flag in flags(person | {"region": region, "language": language})
    for wish in WISHES:
        assert flag in flags(person | {"wishes": wish, "budget": {"amount": 0, "currency": "JPY"}})
    assert flag in flags(person | {"date": "2026-11-22"}) and flag in flags(person | {"latitude": 35.0})


@pytest.mark.parametrize(
    "key", ["red_flags", "ignore_red_flags", "no_referral", "skip", "cleared_by", "flags", "override"]
)
def test_a_patient_file_has_no_key_for_it(key: str) -> None:
    with pytest.raises(PatientError, match=key):
        Patient.parse(json.dumps(WOMAN | PAINFUL | {key: True}))


OTHER_WORDS = {
    kind: sorted(term.name for term in evidence().terms.values() if term.kind == kind)
    for kind in ("sign", "symptom", "condition")
}
PLACES = {"sign": "signs", "symptom": "symptoms", "condition": "conditions"}


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(ALWAYS)), st.data())
def test_telling_more_never_takes_one_away(sign: str, data: st.DataObject) -> None:
    person, flag = ALWAYS[sign]
    told = dict(person)
    for kind, key in PLACES.items():
        more = data.draw(st.lists(st.sampled_from(OTHER_WORDS[kind]), max_size=4))
        told[key] = [*more[:2], *told.get(key, []), *more[2:]]
    more_yet = data.draw(st.sampled_from([{}, {"date": "2026-11-22"}, {"course": "slow"}, {"allergies": []}]))
    told = more_yet | told  # another course in place of the one told would be a change and not more
    assert flag in flags(told)


def test_leaving_out_anything_else_never_takes_one_away() -> None:
    whole = painful().model_dump(exclude_none=True, mode="json")
    for key in set(whole) - {"age", "sex", "symptoms"}:
        fewer = {name: value for name, value in whole.items() if name != key}
        assert "painful-scalp" in flags(fewer), key


def test_no_function_on_the_way_takes_an_argument_for_it() -> None:
    for function in (assess, red_flags, expect, advise, explain, fc.forecast, fc.report, Plan):
        names = inspect.signature(function).parameters
        assert not [n for n in names if re.search(r"flag|(?<!p)refer|force|ignore|skip|override|unsafe", n)]
    assert list(inspect.signature(red_flags).parameters) == ["facts"]


def test_the_source_reads_no_environment_variable_that_could_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    read = {
        name
        for path in SOURCE.rglob("*.py")
        for name in re.findall(r"(?:environ(?:\.get)?[\[(]|getenv\()\s*[\"']([A-Z_]+)", path.read_text())
    }
    assert read <= {"FOLLICAST_THREADS", "FOLLICAST_TRACEBACK", "FOLLICAST_DATABASE"}
    for name in ("NO_RED_FLAGS", "RED_FLAGS", "SKIP_RED_FLAGS", "FORCE", "UNSAFE", "THREADS", "TRACEBACK"):
        monkeypatch.setenv(f"FOLLICAST_{name}", "1")
    assert "painful-scalp" in flags(WOMAN | PAINFUL)
    with pytest.raises(Refused, match="no plan while a red flag stands"):
        advise(painful())


@pytest.mark.parametrize(
    "wanted", [None, "none", "prp", "minoxidil-topical-1", "minoxidil-topical-1:stop@6mo"]
)
def test_no_choice_gets_a_plan(wanted: str | None) -> None:
    with pytest.raises(Refused, match="no plan while a red flag stands"):
        advise(painful(), wanted, draws=20)


def test_an_answer_from_which_the_flags_were_taken_gets_no_plan_either() -> None:
    calm = example("woman-47-pattern")
    foreseen = expect(calm, [fc.Regimen("minoxidil-topical-1")], draws=20, months=12).forecast
    forged = dataclasses.replace(assess(painful()), red_flags=[])
    with pytest.raises(NothingToGive, match="no plan while a red flag stands"):
        Plan(forged, foreseen)


# --- every door says it, first, in every language ---

FLAG = evidence().red_flags["painful-scalp"]


@pytest.fixture
def burning(tmp_path: Path) -> Path:
    path = tmp_path / "burning.yaml"
    path.write_text(json.dumps(painful().model_dump(exclude_none=True, mode="json")))
    return path


def flat(said: str) -> str:
    return " ".join(said.split())


CLINIC = Path(__file__).resolve().parents[1] / "examples" / "clinic"
FITTING: dict[str, tuple[str, ...]] = {
    "--setting": ("specialist", "general"), "--language": LANGUAGES, "--arm": ("prp",), "--choose": ("prp", "none"),
    "--site": ("vertex",), "--start": ("2027-01-01",), "--months": ("6",), "--draws": ("20",), "--seed": ("3",),
    "--prices": (str(CLINIC / "prices.yaml"),), "--clinic": (str(CLINIC / "clinic.yaml"),),
    "--prefer": ("safety=0,cost=5",),
    "--bibtex": ("works.bib",), "--csv": ("curves.csv",), "--plot": ("curves.svg",), "--out": ("out",),
}  # fmt: skip


def options(command: str) -> list[list[str]]:
    """Every option of a command with values that fit it; a new option is unknown here until it is tried."""
    group: Any = typer.main.get_command(app)
    found: list[list[str]] = []
    for option in group.commands[command].params:
        name = option.opts[0]
        if name.startswith("--") and name != "--help":
            found += [[name]] if option.is_flag else [[name, value] for value in FITTING[name]]
    return found


def first_of(said: str, words: str) -> int:
    assert words in flat(said), flat(said)[:600]
    return flat(said).index(words)


@pytest.mark.parametrize("option", [[], *options("assess")], ids=" ".join)
def test_assess_says_it_first_whatever_the_option(
    cli: Any, burning: Path, monkeypatch: Any, option: Any
) -> None:
    monkeypatch.chdir(burning.parent)
    status, out, _ = cli("assess", burning, *option)
    assert status == 0
    if "--json" in option:
        assert [flag["id"] for flag in json.loads(out)["red_flags"]] == ["painful-scalp"]
    else:
        assert first_of(out, FLAG.because) < first_of(out, "What it is likely to be")


@pytest.mark.parametrize("option", [[], *options("explain")], ids=" ".join)
def test_explain_says_it_first_whatever_the_option(
    cli: Any, burning: Path, monkeypatch: Any, option: Any
) -> None:
    monkeypatch.chdir(burning.parent)
    status, out, _ = cli("explain", burning, "prp", *option)
    assert status == 0
    if "--json" in option:
        assert [flag["id"] for flag in json.loads(out)["red_flags"]] == ["painful-scalp"]
    else:
        assert first_of(out, FLAG.because) < first_of(out, "Platelet-rich plasma")


@pytest.mark.parametrize("option", [[], *options("plan")], ids=" ".join)
def test_plan_says_it_and_writes_nothing_whatever_the_option(
    cli: Any, burning: Path, monkeypatch: Any, option: Any
) -> None:
    monkeypatch.chdir(burning.parent)
    status, out, _ = cli("plan", burning, *option)
    assert status == 3, "nothing of what was asked can be given"
    assert not list(burning.parent.rglob("plan.*"))
    if "--json" in option:
        assert [flag["id"] for flag in json.loads(out)["red_flags"]] == ["painful-scalp"]
    else:
        said = speech(option[1] if "--language" in option else "en").told(FLAG.because) or FLAG.because
        assert first_of(out, flat(said)) < len(flat(out)) / 2


def test_forecast_says_it_first_with_all_options_at_once(cli: Any, burning: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(burning.parent)
    given = [word for option in options("forecast") if option[0] != "--json" for word in option]
    status, out, err = cli("forecast", burning, *given)
    assert status == 0 and f"red flag: {FLAG.because}" in err
    assert first_of(out, FLAG.because) < first_of(out, "hairs per cm²")
    status, out, _ = cli("forecast", burning, "--arm", "prp", "--draws", "20", "--months", "6", "--json")
    assert [flag["id"] for flag in json.loads(out)["red_flags"]] == ["painful-scalp"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flag", evidence().red_flags.values(), ids=lambda flag: flag.id)
def test_each_flag_is_said_in_each_language(flag: Any, language: str) -> None:
    """A sentence that is not translated yet is said in English, never left out."""
    say = speech(language)
    for words in (flag.because, flag.do):
        assert (say.told(words) or words).strip()
        assert "<" not in say.told_html(words) or "lang" in say.told_html(words)
