"""Facts of men whose hair is lost and who are not treated: baseline, loss over the years, weight, the occiput."""

from __future__ import annotations

from dataclasses import replace

from follicast import observer
from follicast.cycle import Floats
from follicast.sites import site_factor
from follicast.trials.fact_subjects import LONG, PHOTOGRAPHED, Subjects, men, people_of, percent

YEAR = 52  # weeks
_WEIGHED, _RUSHTON = 192, 104
_DECADE = 10 * YEAR


def balding_anagen(subjects: Subjects) -> Floats:
    """Growing hairs on a balding vertex [%]."""
    return _baseline(subjects, "anagen_share")


def balding_density(subjects: Subjects) -> Floats:
    """Hairs on a balding vertex [/cm2]."""
    return _baseline(subjects, "total_density")


def _baseline(subjects: Subjects, what: str) -> Floats:
    people = subjects.of(men())
    return people.mean(getattr(observer.standing(people.scalp), what))[:, 0]


def vertex_five_years(subjects: Subjects) -> Floats:
    """Change of the count at the vertex in five years [%]."""
    return _change(subjects, "KAUFMAN2008", PHOTOGRAPHED, LONG)


def vertex_yearly(subjects: Subjects) -> Floats:
    """Change of the count at the vertex in an average year of five [/cm2]."""
    count = subjects.course(people_of("KAUFMAN2008"), "none", PHOTOGRAPHED)
    return (count[:, LONG] - count[:, 0]) * YEAR / LONG


def frontal_weight(subjects: Subjects) -> Floats:
    """Change of the weight of frontal hair in 192 weeks [%]."""
    return _change(subjects, "PRICE2006", "hair_weight", _WEIGHED)


def frontal_count(subjects: Subjects) -> Floats:
    """Change of the count of frontal hair in 192 weeks [%]."""
    return _change(subjects, "PRICE2006", "total_density", _WEIGHED)


def weight_over_count(subjects: Subjects) -> Floats:
    """Loss of weight over loss of count in the same men [1]."""
    return frontal_weight(subjects) / frontal_count(subjects)


def meaningful_two_years(subjects: Subjects) -> Floats:
    """Change of the count of hairs above the cut-off in two years, young men [%]."""
    return _change(subjects, "RUSHTON1991", "terminal_density", _RUSHTON)


def total_two_years(subjects: Subjects) -> Floats:
    """Change of the count of all hairs in two years, the same men [%]."""
    return _change(subjects, "RUSHTON1991", "total_density", _RUSHTON)


def _change(subjects: Subjects, study: str, what: str, week: int) -> Floats:
    course = subjects.course(people_of(study), "none", what)
    return percent(course[:, week], course[:, 0])


def occiput_ten_years(subjects: Subjects) -> Floats:
    """Change of the count at the occiput in ten years, in men let in for the loss at their vertex [%]."""
    there = replace(men(), site_factor=site_factor("M", "occipital"))
    count = subjects.each(there, "none", _DECADE).total_density
    # The same men as at the vertex, and so weighted by what was seen there.
    course = subjects.of(men()).mean(count)
    return percent(course[:, _DECADE], course[:, 0])


def vertex_ten_years(subjects: Subjects) -> Floats:
    """Change of the count at the vertex of the same men in the same ten years [%]."""
    course = subjects.course(men(), "none", weeks=_DECADE)
    return percent(course[:, _DECADE], course[:, 0])
