"""Where on the scalp one looks: the sites by name, and how sensitive hair is there to androgens, by sex and form.

Sensitivity is 1 at the site that a forecast speaks of unless told otherwise: men's vertex, women's midscalp.
The shapes are assumed; what a site is relative to that one is read off them, so that pictures and forecasts agree.
It knows no follicle and no drug.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from follicast.assessment.words import hear, term_called
from follicast.cycle import Floats
from follicast.errors import InputError, did_you_mean
from follicast.evidence.library import evidence
from follicast.evidence.therapy import Sex
from follicast.patient import Patient

Site = Literal["vertex", "frontal", "midscalp", "parietal", "occipital"]
Form = Literal["hamilton", "ludwig", "christmas-tree"]
SITES: tuple[Site, ...] = get_args(Site)
_OTHER_NAMES = {"occiput": "occipital"}  # terms that stand under another id than a forecast's site
_WHOLE = "scalp"  # a trial that names no site counted where one usually does


def usual_site(sex: Sex) -> Site:
    """Return the site that a forecast speaks of unless told otherwise."""
    return "midscalp" if sex == "F" else "vertex"


def site_called(name: str) -> Site:
    """Return a site by any of its names; raises `InputError` where no forecast can speak of it."""
    known = _known(name)
    if known is None:
        raise InputError(
            f"site: '{name}' is no site that a forecast speaks of.{did_you_mean(name, SITES)} "
            f"It is one of: {', '.join(SITES)}."
        )
    return known


def _known(name: str) -> Site | None:
    term = term_called(name, "site") or name.strip().lower()
    asked = _OTHER_NAMES.get(term, term)
    return next((site for site in SITES if site == asked), None)


def is_at(site: Site, name: str) -> bool:
    """Say whether a name, as in a count, means this site."""
    return _known(name) == site


def form_of(patient: Patient) -> Form:
    """Return the form of pattern loss: men's is Hamilton's; a woman's is what her signs or grade say, else Ludwig's.

    Receding temples alone do not make a woman's loss Hamilton's: two women in three have them (Gan 2005).
    """
    if patient.sex == "M":
        return "hamilton"
    if "christmas-tree" in hear(patient.signs or [], ("sign",)).said:
        return "christmas-tree"
    return "hamilton" if patient.graded and patient.graded.scale == "norwood" else "ludwig"


def site_factor(sex: Sex, site: str | None, form: Form | None = None) -> float:
    """Return the sensitivity [1] of a site relative to the one that forecasts of that sex speak of.

    No site, or "scalp" (a trial that names none), is that one; without a form men have Hamilton's, women Ludwig's.
    """
    usual = usual_site(sex)
    here = usual if site in (None, _WHOLE) else site_called(str(site))
    if here == usual:
        return 1.0
    if here == "occipital":
        return _number("sites.occipital_women" if sex == "F" else "sites.occipital_men")
    x, y = place(here)
    return float(sensitivity(sex, form, np.array([x]), np.array([y]))[0])


def density_factor(sex: Sex, site: Site) -> float:
    """Return the density of follicles [1] at a site relative to the usual one, where a source gives it."""
    return _number("sites.occipital_density_men") if (sex, site) == ("M", "occipital") else 1.0


def place(site: Site) -> tuple[float, float]:
    """Return where a site lies on the top of the head: mm beside the middle line, mm behind the hairline."""
    depth = {
        "frontal": _number("sites.frontal_depth"),
        "midscalp": 0.5,
        "vertex": _number("pattern.vertex_depth"),
        "parietal": _number("sites.parietal_depth"),
    }
    if site not in depth:
        raise InputError(f"site: the {site} scalp does not lie on the top of the head.")
    return _number("sites.parietal_aside") if site == "parietal" else 0.0, depth[site] * _number(
        "pattern.height"
    )


def sensitivity(sex: Sex, form: Form | None, x_mm: Floats, y_mm: Floats) -> Floats:
    """Return sensitivity [1, follicle] over the top of the head, 1 at the usual site of that sex."""
    if sex == "M":
        return _hamilton(x_mm, y_mm)
    if form != "hamilton":
        return _along_the_parting(form == "christmas-tree", x_mm, y_mm)
    x, y = place("midscalp")
    return _hamilton(x_mm, y_mm) / _hamilton(np.array([x]), np.array([y]))


def _along_the_parting(wide_in_front: bool, x: Floats, y: Floats) -> Floats:
    ratio = _number("pattern.christmas_tree" if wide_in_front else "pattern.even")
    along = ratio ** (0.5 - y / _number("pattern.height"))
    kept = _number("pattern.hairline_kept")
    hairline = kept + (1.0 - kept) * np.clip(y / _number("pattern.hairline"), 0.0, 1.0)
    return along * np.exp(-((x / _number("pattern.lateral")) ** 2)) * hairline


def _hamilton(x: Floats, y: Floats) -> Floats:
    height, half = _number("pattern.height"), 0.5 * _number("pattern.width")
    radius, temple = _number("pattern.vertex_radius"), _number("pattern.temple_radius")
    spared, front_y = _number("pattern.spared"), place("frontal")[1]
    vertex = np.exp(-((x / radius) ** 2) - ((y - _number("pattern.vertex_depth") * height) / radius) ** 2)
    temples = _number("pattern.temple_strength") * np.exp(
        -(((np.abs(x) - _number("pattern.temple_place") * half) / temple) ** 2) - (y / temple) ** 2
    )
    # The front's peak is what men's frontal counts say of it, once the spared part is added below.
    strength = (_number("sites.frontal_men") - spared) / (1.0 - spared)
    front = strength * np.exp(-((x / radius) ** 2) - ((y - front_y) / radius) ** 2)
    return spared + (1.0 - spared) * np.maximum(vertex, np.maximum(temples, front))


def _number(name: str) -> float:
    return float(evidence().numbers[name])
