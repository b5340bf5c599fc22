"""Every trial we know of is on the shelf, says how far it can be trusted, and cannot calibrate beyond that."""

import pytest

from follicast.errors import EvidenceError
from follicast.evidence.library import evidence
from follicast.evidence.reader import build, read
from follicast.evidence.study import POOLED, Study
from follicast.regimen import Regimen

STUDIES = evidence().studies.values()
RESULTS = [(study, result) for study in STUDIES for result in study.results]

GATHERED = """
OLSEN2002 OLSEN2007FOAM BERGER2003 HOFFMANN2005 MINOX1980S_60MEN KOPERSKI1987 LUCKY2004 BLUMEPEYTAVI2011
BERGFELD2016 BLUMEPEYTAVI2016 WHITING1992 VEXIAU2002 VAHABI2021 RAMOS2020 SILVA2022 PENHA2024
FONSECA2025 SINCLAIR2018 SINCLAIR2005 FAMENINI2015 BURNS2020 PALASKAR_RCT ABDELRAOUF2020 KAUFMAN1998
KAUFMAN2002 VANNESTE2000 PRICE2006 PRICE2002 STOUGH2002 YANAGISAWA2019 PRICE2000 YEON2011 IORIZZO2006
PIRACCINI2022 SUCHONWANIT2018M SUCHONWANIT2019F OLSEN2006 EUN2010 ABDALLAH2009 MOFTAH2013 VANNESTE2020
PRICE1999 OLSENWEINER1987 RUSHTON1991 LEFLOCH2015 LENGG2007 NARDA2017 ABLON2012 ABLON2018 ABLON2021
SATTAR2021 RUSHTON2002 ALVES2016 GENTILE2015 PUIG2016 DUBIN2020 TAWFIK2018 SHAPIRO2020 QU2021 GKINI2014
GRESSENBERGER2020 DICLE2020 AGGARWAL2020 BRUCE2020 AUTOPRP2023 YEPURI2021 NAVARRO2015 BORHAN2015
GSO_FPHL10 META_KIELING2024 META_GUPTA2020 META_ZHOU2021 META_GEORGESCU2022 NMA_GUPTA2022 NMA_GUPTA2023
FUKUOKA2012 FUKUOKA2015 SHIN2015 TAK2020 ADSCCM_RCT2023 HSC2012 ASCEXO2024 FORESKINEXO2024 PLACEXO2024
EXO8_2025 ECPE_RCT2025 IMCAS300 PARK2022 STYLE_KUKA2020 PEREZMEZA2017 BUTT2020 KIM2021 STEVENS2018
KADRY2018 ANDERI2018 ELMAADAWI2018 GENTILE2017 GENTILE2019 GENTILE2020 ORAL_DUT_COMPARE SOBHY2013
SACEDA2022 AZAM2010 UZEL2021 GAJJAR2019 REBELLATO2025 QR678_2018 QR678_VS_PRP BIOTIN_DEXP_TABRIZ
FREUND2010 SINGH2017 ZHOU_BTA2020 ZHANG2019 TIAN2022 BTA_MX_RCT2024 LIMAGALINDO2025 AMP303_2024
FOL005_PH2 DHURAT2013 HERAKAL NORTHINDIA2025 IJCED_MN_PRP META_SU2022 RAJAN2020 MUHAIDAT2020 ARORA2022
TRINK2013 META_MEZNERICS2022 BALAKRISHNAN2020 KAPOORP2020 KELLECI2023 AMIN2006 ELDOMYATI2012 JEWDS2015
SAVOIA2013 HA_RCT_GLYTONE NCTF2017 SCEDIS_HA CPMHA20G_2019 STAMPHA2016 META_GHATGE2023 SKINVIVE2023
BUDAMAKUNTLA2013 PAZYAR2023 POOSTIYAN2023 META_PANCHAL2023 META_TXA2023 ANANTAPUR2025 ELFAR2015 LEE2006
KOHLER2007
"""

LEFT_OUT = {
    "KOHLER2007": "a table of a review says that 93.3 % of 12 women improved, which is no whole number of women",
}


@pytest.mark.parametrize("name", GATHERED.split())
def test_every_study_that_was_gathered_is_on_the_shelf_or_left_out_for_a_reason(name):
    assert (name in evidence().studies) != bool(LEFT_OUT.get(name))


def test_a_pooled_analysis_never_calibrates():
    assert [s.id for s in STUDIES if s.design in POOLED]
    assert not [s.id for s in STUDIES if s.design in POOLED and s.calibrating]


def test_what_a_pooled_analysis_counts_again_is_a_study_of_ours():
    assert not [(s.id, name) for s in STUDIES for name in s.pools if name not in evidence().studies]


def test_what_was_not_verified_never_calibrates():
    unverified = [result for _, result in RESULTS if result.sure == "M"]
    assert unverified and not any(result.calibrates for result in unverified)


def test_what_was_not_verified_says_so_where_it_is_read():
    words = ("unverified", "not found", "not read")
    silent = [
        (study.id, result.arm, result.week)
        for study, result in RESULTS
        if result.sure == "M" and not any(w in f"{result.place} {result.note}".lower() for w in words)
    ]
    assert not silent


def test_every_calibrating_result_is_a_count_per_cm2_a_share_or_a_diameter():
    lost = [
        (study.id, result.unit)
        for study, result in RESULTS
        if result.calibrates
        and result.unit not in ("/cm2", "%")
        and not (result.unit == "{hairs}" and study.area_cm2)
        and (result.endpoint, result.unit) != ("mean_diameter", "um")
    ]
    assert not lost


def test_every_calibrating_study_has_people_in_its_arms_and_two_readings():
    fit = [study for study in STUDIES if study.calibrating]
    assert not [(s.id, arm.name) for s in fit for arm in s.arms if not arm.n]
    assert not [s.id for s in fit if s.second_reading.verdict == "none"]


@pytest.mark.parametrize(
    "words", sorted({arm.regimen for study in STUDIES for arm in study.arms if arm.regimen})
)
def test_every_arm_can_be_forecast_in_the_words_that_it_is_written_in(words):
    assert str(Regimen(words)) == words


def test_a_second_reading_that_found_something_says_where():
    silent = [s.id for s in STUDIES if s.second_reading.verdict != "none" and not s.second_reading.where]
    assert not silent


def test_every_study_of_hair_names_a_kind_of_hair_loss_that_we_know():
    hair = {(s.id, s.condition) for s in STUDIES if s.body == "hair"}
    assert not [known for known in hair if known[1] not in evidence().conditions]


def test_every_result_can_be_told_in_one_line_and_says_when_it_is_unverified():
    for study, result in RESULTS:
        said = result.told(evidence().units)
        assert result.arm in said and "\n" not in said and "None" not in said, study.id
        assert said.endswith("unverified") == (result.sure == "M"), study.id


def test_a_share_of_people_is_told_without_a_sign_and_a_change_with_one():
    told = [result.told(evidence().units) for result in evidence().studies["EUN2010"].results]
    assert "dutasteride 0.5 mg: 71.2 % (responder share) at week 26" in told
    assert "placebo: +4.7 per cm² (total density) at week 26" in told


GOOD = """id: GOOD2027
source: olsen2002
place: abstract
sex: F
condition: female-pattern-hair-loss-faga
site: midscalp
group: good
design: parallel
offset: topical
risk_of_bias: some
bias_reason: small
second_reading: {verdict: none, says: not yet looked up a second time}
arms:
  - {name: drug, regimen: minoxidil-topical-2, n: 20}
  - {name: vehicle, regimen: none, control: vehicle, n: 20}
results:
  - {arm: drug, week: 24, endpoint: total_density, change: 10, unit: /cm2, place: abstract}
"""


def load(text, tmp_path):
    path = tmp_path / "GOOD2027.yaml"
    path.write_text(text)
    return build(read(path), Study, context={"sources": {"olsen2002"}, "units": evidence().units.keys()})


def test_a_full_study_is_read(tmp_path):
    assert load(GOOD, tmp_path).calibrating


@pytest.mark.parametrize(
    "old, new, says",
    [
        (", change: 10", "", "a change, a final value, or words"),
        ("change: 10", "final: 110", "only a change that was read"),
        ("place: abstract}", "place: abstract, sure: M}", "only a change that was read"),
        ("unit: /cm2", "unit: hairs per cm2", "not in units.yaml"),
        ("regimen: minoxidil-topical-2, ", "", "an arm has a regimen, or says"),
        ("design: parallel", "design: pooled", "a pooled analysis never calibrates"),
        ("design: parallel", "design: network", "a pooled analysis never calibrates"),
        ("results:", "pools: [OLSEN2002]\nresults:", "only a pooled analysis pools"),
        ("{arm: drug", "{arm: pill", "which the study does not have"),
        ("says: not yet looked up a second time", "where: here", "required"),
    ],
)
def test_a_study_that_breaks_a_law_of_evidence_is_refused_with_its_reason(old, new, says, tmp_path):
    assert old in GOOD
    with pytest.raises(EvidenceError, match=says):
        load(GOOD.replace(old, new), tmp_path)


def test_a_study_without_results_is_refused(tmp_path):
    with pytest.raises(EvidenceError, match="results"):
        load(GOOD[: GOOD.index("results:")] + "results: []\n", tmp_path)


def test_whatever_calibrates_was_looked_up_a_second_time_and_a_reader_who_knew_the_number_says_so():
    for study in evidence().studies.values():
        if study.calibrating:
            second = study.second_reading
            assert second.verdict in ("same", "differs") and second.where, study.id
            assert second.blind or "had seen the first reading" in second.says, study.id
