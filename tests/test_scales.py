"""Scales: the SALT score worked by hand, one grade read as another, and what is refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from follicast.assessment.scales import convert, level_of, salt, salt_class
from follicast.assessment.severity import ludwig, severity, sinclair
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.patient import Pattern

PERCENT = st.floats(0, 100)


# --- SALT ---


@pytest.mark.parametrize(
    ("top", "back", "left", "right", "score"),
    [
        (0, 0, 0, 0, 0),
        (100, 100, 100, 100, 100),
        (50, 0, 0, 0, 20),  # half the top is bare: 50 times 0.40
        (0, 0, 50, 0, 9),  # half of one side: 50 times 0.18
        (10, 50, 20, 30, 4 + 12 + 3.6 + 5.4),
        (0, 100, 100, 100, 60),  # a band round the sides and back
    ],
)
def test_the_score_is_the_sum_over_four_areas(top, back, left, right, score) -> None:
    assert salt(top, back, left, right) == pytest.approx(score)


def test_the_weights_cover_the_whole_scalp_once() -> None:
    weights = evidence().scales["salt"].weights
    assert set(weights) == {"top", "back", "left", "right"}
    assert sum(weight.value for weight in weights.values()) == pytest.approx(1)
    assert all(weight.kind == "measured" for weight in weights.values())


@given(PERCENT, PERCENT, PERCENT, PERCENT)
def test_the_score_lies_between_the_least_and_the_most_bare_area(top, back, left, right) -> None:
    areas = (top, back, left, right)
    assert min(areas) - 1e-9 <= salt(*areas) <= max(areas) + 1e-9


@pytest.mark.parametrize("bare", [-1, 100.5, math.nan, math.inf, "50", None])
def test_what_is_no_percentage_is_refused(bare) -> None:
    with pytest.raises(InputError, match="from 0 to 100"):
        salt(bare, 0, 0, 0)
    with pytest.raises(InputError, match="from 0 to 100"):
        salt_class(bare)


@pytest.mark.parametrize(
    ("score", "word", "letter"),
    [
        (0, "none", "S0"),
        (0.3, "limited", "S1"),
        (20, "limited", "S1"),
        (20.4, "limited", "S1"),
        (21, "moderate", "S1"),
        (24, "moderate", "S1"),
        (25, "moderate", "S2"),
        (49, "moderate", "S2"),
        (50, "severe", "S3"),
        (75, "severe", "S4"),
        (94, "severe", "S4"),
        (95, "very severe", "S4"),
        (99.9, "very severe", "S4"),
        (100, "very severe", "S5"),
    ],
)
def test_a_score_falls_into_the_printed_bands(score, word, letter) -> None:
    assert salt_class(score) == word
    assert salt_class(score, "salt-class") == letter
    assert convert("salt", score, "salt-class").grade == letter


@given(PERCENT)
def test_every_score_has_one_class_on_each_scale(score) -> None:
    for scale in ("salt-class", "salt-severity"):
        assert salt_class(score, scale) in [level.level for level in evidence().scales[scale].levels]


@given(PERCENT, PERCENT)
def test_more_loss_is_never_a_lesser_class(one, other) -> None:
    order = list(evidence().scales["salt-severity"].bands)
    less, more = sorted((one, other))
    assert order.index(salt_class(less)) <= order.index(salt_class(more))


def test_a_scale_without_bands_has_no_class() -> None:
    with pytest.raises(InputError, match=r"has no bands of a SALT score\. Scales that do: salt-class"):
        salt_class(30, "ludwig")


# --- one scale as another ---


def test_norwood_stages_convert_there_and_back_where_the_stage_says_all() -> None:
    for stage in ("I", "II", "III", "IV", "V", "VI", "VII"):
        there = convert("norwood", stage, "norwood-stage")
        assert there.grade == stage and not there.approximate
        assert convert("norwood-stage", there.grade, "norwood").grade == stage


def test_what_is_lost_on_the_way_is_said() -> None:
    assert convert("norwood", "3v", "norwood-stage").grade == "III"
    back = convert("norwood-stage", "III", "norwood")
    assert back.grade == "III" and back.approximate and "vertex" in (back.note or "")


def test_ludwig_and_sinclair_convert_roughly_and_say_so() -> None:
    assert [convert("ludwig", grade, "sinclair").grade for grade in ("I", "II", "III")] == [
        "2",
        "3 to 4",
        "5",
    ]
    assert [convert("sinclair", grade, "ludwig").grade for grade in range(1, 6)] == [
        "none",
        "I",
        "II",
        "II",
        "III",
    ]
    there = convert("ludwig", "II", "sinclair")
    assert there.approximate and there.note and "project" in there.sources
    for grade in ("I", "III"):
        assert convert("sinclair", convert("ludwig", grade, "sinclair").grade, "ludwig").grade == grade


def test_the_tables_say_what_the_model_reads() -> None:
    """The forecast stretches grades by two numbers; the tables are the same stretch in whole grades."""
    for grade, wanted in evidence().scales["ludwig"].conversions[0].table.items():
        ends = [float(end) for end in wanted.split(" to ")]
        assert sinclair(Pattern(scale="ludwig", grade=grade)) == pytest.approx(sum(ends) / len(ends))
    for grade in range(2, 6):
        read = convert("sinclair", grade, "ludwig").grade
        exact = ludwig(Pattern(scale="sinclair", grade=grade))
        assert exact is not None
        assert ["I", "II", "III"].index(read) + 1 == round(exact)


@pytest.mark.parametrize("scale", ["sinclair", "ludwig", "norwood"])
def test_the_word_for_a_grade_is_the_one_the_assessment_uses(scale) -> None:
    for conversion in evidence().scales[scale].conversions:
        if conversion.to == "pattern-severity":
            for grade, word in conversion.table.items():
                assert severity(Pattern(scale=scale, grade=grade)) == word


def test_shedding_scores_of_five_and_six_are_excessive() -> None:
    read = [convert("sinclair-shedding", score, "shedding") for score in range(1, 7)]
    assert [one.grade for one in read] == ["normal"] * 4 + ["excessive"] * 2
    assert all("40 of 100" in (one.note or "") for one in read)
    assert evidence().numbers["assessment.shedding_score"].value == 5


@pytest.mark.parametrize(
    ("scale", "written", "level"),
    [
        ("ludwig", 2, "II"),
        ("ludwig", "ii", "II"),
        ("ludwig", 2.0, "II"),
        ("norwood", "3v", "III vertex"),
        ("norwood", "III vertex", "III vertex"),
        ("norwood", "iiiv", "III vertex"),
        ("sinclair", 3.0, "3"),
        ("salt-class", "s3", "S3"),
    ],
)
def test_a_grade_is_known_by_the_ways_it_is_written(scale, written, level) -> None:
    assert level_of(scale, written) == level


# --- refusals ---


def test_a_grade_that_the_scale_does_not_have_is_refused_with_a_close_one() -> None:
    with pytest.raises(InputError, match=r"has no grade 'IV'\. Did you mean 'I'.*Its grades: I, II, III"):
        convert("ludwig", "IV", "sinclair")
    with pytest.raises(InputError, match="has no grade '6'"):
        convert("sinclair", 6, "ludwig")
    with pytest.raises(InputError, match=r"has no grade '2\.5'"):
        convert("sinclair", 2.5, "ludwig")


def test_scales_that_nothing_connects_are_refused() -> None:
    with pytest.raises(InputError, match="is not read as 'norwood'"):
        convert("sinclair", 2, "norwood")
    with pytest.raises(
        InputError, match=r"is not read as 'sinclair-shedding'\. It is read as: no other scale"
    ):
        convert("hsvs-a", 3, "sinclair-shedding")
    with pytest.raises(InputError, match=r"no scale is called 'norwod'\. Did you mean 'norwood'"):
        convert("norwod", "III", "norwood-stage")
    with pytest.raises(InputError, match="has no counterpart"):
        convert("norwood", "A variants", "norwood-stage")
    with pytest.raises(InputError, match="is a number from 0 to 100"):
        convert("salt", "a lot", "salt-class")


# --- what the evidence holds ---


def test_every_conversion_leads_from_known_grades_to_known_grades() -> None:
    scales = evidence().scales
    for scale in scales.values():
        mine = [level.level for level in scale.levels]
        for conversion in scale.conversions:
            theirs = {level.level for level in scales[conversion.to].levels} | {"none"}
            assert set(conversion.table) <= set(mine), scale.id
            for grade in conversion.table.values():
                assert set(grade.split(" to ")) <= theirs, (scale.id, grade)
            assert conversion.note, f"{scale.id}: a conversion says how sure it is"
            assert not conversion.approximate or conversion.citekeys


def test_scales_name_conditions_that_exist_and_bands_that_are_grades() -> None:
    library = evidence()
    for scale in library.scales.values():
        assert set(scale.conditions) <= set(library.conditions), scale.id
        assert set(scale.bands) <= {level.level for level in scale.levels}, scale.id


def test_what_was_not_verified_is_marked() -> None:
    scales = evidence().scales
    assert {level.verified for level in scales["sinclair"].levels} == {"partly"}
    assert [level.level for level in scales["norwood"].levels if level.verified == "no"] == ["A variants"]
    assert "base of the logarithm" in (scales["sinclair"].note or "")
