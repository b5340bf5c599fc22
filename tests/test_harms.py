"""What went wrong is told with its denominator, and never as more, or as less, than was counted."""

import re

import pytest

from follicast.errors import EvidenceError
from follicast.evidence.harm import Harm
from follicast.evidence.library import evidence
from follicast.evidence.reader import build, read
from follicast.evidence.study import POOLED
from follicast.plan import balance
from follicast.regimen import Regimen

# Every study of the two tables of adverse effects that the project set out from, and the work it is cited as.
ADVERSE = {
    "OLSEN2002": "olsen2002",
    "OLSEN2007FOAM": "olsen2007",
    "BERGER2003": "berger2003",
    "LUCKY2004": "lucky2004",
    "BLUMEPEYTAVI2011": "blumepeytavi2011",
    "BERGFELD2016": "bergfeld2016",
    "BLUMEPEYTAVI2016": "blumepeytavi2016",
    "RAMOS2020": "ramos2020",
    "PENHA2024": "penha2024",
    "FONSECA2025": "fonseca2025",
    "VANOGALVAN2021": "vanogalvan2021",
    "JIMENEZCAUHE2020": "jimenezcauhe2020",
    "SINCLAIR2018": "sinclair2018",
    "BURNS2020": "burns2020",
    "SAFA2023": "safa2023",
    "PLOVANICH2015": "plovanich2015",
    "HILL2024": "hill2024",
    "HILL2022": "hill2022",
    "FINASTERIDE_LABEL": "finasteride-label-copy",
    "KOREAPMS2016": "koreapms2016",
    "TSUNEMI2016": "tsunemi2016",
    "SUCHONWANIT2018M": "suchonwanit2018",
    "SUCHONWANIT2019F": "suchonwanit2019",
    "BRUCE2020": "bruce2020",
    "DUBIN2020": "dubin2020",
    "SHAPIRO2020": "shapiro2020",
    "PRP_REVIEW_THIEME2018": "prpreview2018",
    "YEPURI2021": "yepuri2021",
    "PRP_HEMATOMA": "prphematoma",
    "PRP_MN_JAAD2019": "prphematoma",
    "CDC_MMWR2024": "cdc2024",
    "MOFTAH2013": "moftah2013",
    "ABDALLAH2009": "abdallah2009",
    "SACEDA2022": "saceda2022",
    "SOBHY2013": "sobhy2013",
    "MELO2022": "melo2022",
    "DUT_MESO_ALOPECIA2022": "dutmesoalopecia2022",
    "DUQUE_ESTRADA2009": "duqueestrada2009",
    "MESO_SITE_ALOPECIA2017": "mesositealopecia2017",
    "JDD2008_ABSCESS": "abscess2008",
    "CUTIS_PERIFOLLICULITIS": "perifolliculitis",
    "ISSA2022": "issa2022",
    "IVAN2013_CHELONAE": "ivan2013",
    "CAMARGO_COLOMBIA": "camargo1996",
    "UZEL2021": "uzel2021",
    "QR678_2018": "kapoor2018qr678",
    "STYLE_KUKA2020": "kuka2020",
    "STEVENS2018": "stevens2018",
    "ELMAADAWI2018": "elmaadawi2018",
    "KREFFT2023": "krefft2023",
    "FORESKINEXO2024": "foreskinexo2024",
    "IMCAS300": "imcas2025",
    "FDA_NEBRASKA2019": "fdanebraska2019",
    "FREUND2010": "freund2010",
    "ENGLISH2021_REVIEW": "english2022",
    "BTA_MX_RCT2024": "btamx2024",
    "LIMAGALINDO2025": "limagalindo2025",
    "META_SU2022": "su2022",
    "MUHAIDAT2020": "muhaidat2020",
    "KASSIM_CAT": "kassimcat",
    "BEST_DILUTION2017": "bestdilution2017",
    "TRINK2013": "trink2013",
    "BALAKRISHNAN2020": "balakrishnan2020",
    "SKINVIVE2023": "skinvive2023",
    "BUDAMAKUNTLA2013": "budamakuntla2013",
    "SHARMA2016": "sharma2016",
    "PAZYAR2023": "pazyar2023",
    "POOSTIYAN2023": "poostiyan2023",
    "TAK2020": "tak2020",
    "JAPAN_NK_CLINIC": "japannkclinic",
}
CONTEXT = {"sources": {"olsen2002"}}
GOOD = """harms:
  - therapy: prp
    effect: pain
    plain: pain
    design: trial
    people: 20
    events: 3
    source: olsen2002
    place: table 1
"""


def load(text, tmp_path) -> Harm:
    path = tmp_path / "prp.yaml"
    path.write_text(text)
    return build(read(path), dict[str, list[Harm]], context=CONTEXT)["harms"][0]


@pytest.mark.parametrize("study", ADVERSE)
def test_every_study_of_the_adverse_tables_is_cited(study):
    assert ADVERSE[study] in {key for harm in evidence().harms for key in harm.citekeys}


def test_every_harm_belongs_to_a_therapy_that_exists_and_stands_in_its_file():
    for path in (evidence().folder / "harms").glob("*.yaml"):
        named = {harm["therapy"] for harm in read(path).content["harms"]}
        assert named == {path.stem} and path.stem in evidence().therapies


# --- what a reader sees ----------------------------------------------------------------------------------------


def test_none_of_n_is_told_as_at_most_three_in_n_and_never_as_a_rate_of_zero():
    none_seen = [harm for harm in evidence().harms if harm.events == 0 and harm.people]
    assert len(none_seen) > 10
    for harm in none_seen:
        line = balance.harm_line(harm)
        assert line.of_100 is None and line.at_most == min(100.0, round(300 / harm.people, 1)), harm
        assert f"at most {line.at_most:g} of 100" in harm.told


def test_nobody_is_told_zero_of_100():
    for harm in evidence().harms:
        line = balance.harm_line(harm)
        assert 0 not in (line.of_100, line.at_most, line.control_of_100), harm


def test_a_case_report_is_never_a_rate():
    reports = [harm for harm in evidence().harms if harm.design == "case-report"]
    assert any(harm.people and harm.events for harm in reports), "an outbreak with its count is the hard case"
    for harm in reports:
        line = balance.harm_line(harm)
        assert (line.of_100, line.at_most, line.control_of_100) == (None, None, None), harm
        assert "of 100" not in harm.told


def test_a_counted_harm_stands_on_the_people_it_was_counted_in():
    for harm in evidence().harms:
        if harm.of_100 is not None and not harm.people:
            assert harm.note, f"{harm.therapy}, {harm.effect}: a share without people must say why"


def test_what_was_not_seen_among_nobody_knows_how_many_is_not_listed_as_reported():
    silent = [harm for harm in evidence().harms if harm.events == 0 and not harm.people]
    assert silent
    for harm in silent:
        listed = [(line.effect, line.source) for line in balance.harms(Regimen(harm.therapy))]
        assert (harm.effect, harm.citekeys) not in listed


def test_the_serious_harms_of_a_therapy_are_named():
    def serious(therapy: str) -> str:
        found = evidence().harms_by_therapy[therapy]
        return " ".join(harm.effect for harm in found if harm.seriousness == "serious")

    assert "HIV" in serious("prp")
    assert "liver" in serious("flutamide")
    assert "meningioma" in serious("cyproterone")
    assert "pericardial effusion" in serious("minoxidil-oral")
    assert "serious infection" in serious("jak-inhibitor")
    assert "hyperkalaemia" in serious("spironolactone")


# --- what the loader refuses -----------------------------------------------------------------------------------


def test_a_count_is_read_and_put_on_100_people(tmp_path):
    assert load(GOOD, tmp_path).of_100 == 15.0


def test_verified_is_read_as_a_word_with_or_without_quotes(tmp_path):
    for spelt, read_as in (("yes", "yes"), ("no", "no"), ('"yes"', "yes"), ("partly", "partly")):
        assert load(GOOD + f"    verified: {spelt}\n", tmp_path).verified == read_as


@pytest.mark.parametrize(
    "instead, says",
    [
        ({"design: trial": "design: case-report", "events: 3": "share: 0.15"}, "prp.yaml:2: harms.0: a case report"),
        ({"events: 3": "events: 21"}, "prp.yaml:2: harms.0: events (21) cannot be more than people (20)"),
        ({"events: 3": "share: 15"}, "prp.yaml:2: harms.0: share (15) must lie above 0 and up to 1"),
        ({"events: 3": "share: 0"}, "none of n is events: 0 with people"),
        ({"events: 3": "share: -0.1"}, "prp.yaml:2: harms.0: share (-0.1) must lie above 0"),
        ({"events: 3": "events: 3\n    share: 0.3"}, "prp.yaml:2: harms.0: share (0.3) contradicts 3 of 20"),
        ({"events: 3": "control_people: 10\n    control_events: 11"}, "control_events (11) cannot be more than"),
        ({"events: 3": "control_share: 1.2"}, "prp.yaml:2: harms.0: control_share (1.2) must lie above 0"),
        ({"people: 20": "people: 0"}, "prp.yaml:6: harms.0.people"),
        ({"events: 3": "events: -1"}, "prp.yaml:7: harms.0.events"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_file_and_line(instead, says, tmp_path):
    text = GOOD
    for old, new in instead.items():
        text = text.replace(old, new)
    with pytest.raises(EvidenceError, match=re.escape(says)):
        load(text, tmp_path)


@pytest.mark.parametrize(
    "events, people, share", [(4, 19, 0.211), (6, 45, 0.13), (8, 203, 0.039), (40, 201, 0.2)]
)
def test_a_share_that_only_rounds_what_was_counted_is_taken(events, people, share, tmp_path):
    text = GOOD.replace("events: 3", f"events: {events}\n    share: {share}").replace(
        "people: 20", f"people: {people}"
    )
    assert load(text, tmp_path).of_100 == round(100 * events / people, 1)


# --- pooled analyses -------------------------------------------------------------------------------------------


def test_no_pooled_analysis_calibrates():
    pooled = [study for study in evidence().studies.values() if study.design in POOLED]
    assert len(pooled) > 15
    assert not [study.id for study in pooled if study.calibrating]


def test_a_pooled_analysis_pools_studies_that_are_held_and_are_not_pooled_themselves():
    studies = evidence().studies
    for study in studies.values():
        assert all(name in studies and studies[name].design not in POOLED for name in study.pools), study.id


def test_no_study_of_skin_or_of_alopecia_areata_calibrates():
    others = [
        s for s in evidence().studies.values() if s.body == "skin" or s.condition.startswith("alopecia-")
    ]
    assert len(others) > 20
    assert not [study.id for study in others if study.calibrating]
