"""The page on which a clinician signs off: every therapy for every group of people, and the rule that decides.

Each group is one made-up person who was asked everything and is well but for what makes the group. What is shown is
what `assess` says of that person; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from saying import KNOWN, cell, table, write

from follicast.assessment import Assessment, Screened, assess
from follicast.patient import Patient

DAY = "2026-11-22"
MARKS = {"open": "○", "waiting": "◐", "closed": "●"}
LABS = {
    "K": (4.2, "mmol/L"), "creatinine": (0.8, "mg/dL"), "ferritin": (80, "ug/L"), "ALT": (20, "U/L"),
    "25-OH vitamin D": (35, "ng/mL"), "zinc": (90, "ug/dL"), "calcium": (9.4, "mg/dL"), "uric acid": (5, "mg/dL"),
    "IGRA": (0, "IU/mL"), "ALC": (1.8, "10*3/uL"), "platelets": (240, "10*3/uL"), "haemoglobin": (13.5, "g/dL"),
    "fibrinogen": (280, "mg/dL"), "PSA": (0.8, "ng/mL"),
}  # fmt: skip
ASKED: dict[str, Any] = {
    "date": DAY, "region": "strictest", "course": "slow", "onset": {"months_ago": 24}, "family_history": True,
    "symptoms": [], "triggers": [], "conditions": [], "drugs": [], "allergies": [], "blood_pressure": "118/76",
    "pulse": 68, "previous_therapies": [],
}  # fmt: skip
WOMAN = ASKED | {
    "age": 38, "sex": "F", "pattern": {"scale": "sinclair", "grade": 3}, "sites": ["midscalp"],
    "signs": ["widened parting", "frontal hairline kept"], "pregnant": False, "planning_pregnancy": False,
    "breastfeeding": False, "menopause": "pre", "contraception": "coil",
}  # fmt: skip
MAN = ASKED | {
    "age": 38, "sex": "M", "pattern": {"scale": "norwood", "grade": "3v"}, "sites": ["vertex"],
    "signs": ["thinning of the vertex", "receding temples"],
}  # fmt: skip
PATCHES = {"pattern": None, "course": "sudden", "sites": ["vertex"]}


@dataclass(frozen=True)
class Group:
    """A group of people, by the person who stands for it."""

    name: str
    person: Mapping[str, Any]
    labs: Mapping[str, tuple[float, str]]

    @property
    def like(self) -> str:
        """The healthy group that it is compared with."""
        return "woman" if self.person["sex"] == "F" else "man"

    @property
    def mark(self) -> str:
        """Its place on the page."""
        return "group-" + self.name.replace(" ", "-").replace(",", "")


def _group(
    name: str, person: dict[str, Any], labs: dict[str, tuple[float, str]] | None = None, **but: Any
) -> Group:
    told = {key: value for key, value in (person | but).items() if value is not None}
    return Group(name, told, LABS | (labs or {}))


GROUPS = (
    _group("woman", WOMAN),
    _group("man", MAN),
    _group("pregnant", WOMAN, pregnant=True, contraception=None),
    _group("breastfeeding", WOMAN, breastfeeding=True, months_since_birth=8.0),
    _group("planning a pregnancy", WOMAN, planning_pregnancy=True, contraception="none"),
    _group("postmenopausal", WOMAN, age=58, menopause="post", contraception=None),
    _group("girl of 16", WOMAN, age=16, onset={"months_ago": 12}),
    _group("boy of 16", MAN, age=16, onset={"months_ago": 12}),
    _group("woman of 70", WOMAN, age=70, menopause="post", contraception=None),
    _group("man of 70", MAN, age=70),
    _group("woman on an anticoagulant", WOMAN, drugs=["apixaban"]),
    _group("man on an anticoagulant", MAN, drugs=["apixaban"]),
    _group("woman on an antihypertensive", WOMAN, drugs=["ramipril"], conditions=["high blood pressure"]),
    _group("man on an antihypertensive", MAN, drugs=["amlodipine"], conditions=["high blood pressure"]),
    _group("kidney disease", WOMAN, {"creatinine": (2.6, "mg/dL")}, conditions=["chronic kidney disease"]),
    _group("liver disease", WOMAN, conditions=["liver cirrhosis"]),
    _group("heart failure", WOMAN, conditions=["heart failure"]),
    _group("hyperkalaemia", WOMAN, {"K": (5.6, "mmol/L")}, conditions=["high potassium"]),
    _group("cancer in the past", WOMAN, conditions=["colon cancer"]),
    _group("breast cancer", WOMAN, conditions=["breast cancer"]),
    _group("prostate cancer", MAN, age=66, conditions=["prostate cancer"]),
    _group("woman with a depression", WOMAN, conditions=["depression"]),
    _group("man with a depression", MAN, conditions=["depression"]),
    _group("autoimmune disease", WOMAN, conditions=["lupus"]),
    _group("bleeding disorder", MAN, conditions=["haemophilia"]),
    _group("allergy to minoxidil", WOMAN, allergies=["minoxidil"]),
    _group("allergy to local anaesthetics", WOMAN, allergies=["lidocaine"]),
    _group("scarring signs", WOMAN, signs=["perifollicular scale", "no follicular openings"]),
    _group("bald patch", WOMAN, signs=["bald patch", "exclamation-mark hairs"], **PATCHES),
    _group("half of the scalp bald", MAN, conditions=["alopecia areata"],
           signs=["bald patch", "exclamation-mark hairs", "more than half of the scalp bald"], **PATCHES),
    _group("woman, Japan", WOMAN, region="jp"),
    _group("man, Japan", MAN, region="jp"),
    _group("woman, United States", WOMAN, region="us"),
    _group("man, United States", MAN, region="us"),
    _group("woman, Europe", WOMAN, region="eu"),
    _group("man, Europe", MAN, region="eu"),
    Group("woman, nothing asked", {"age": 38, "sex": "F"}, {}),
    Group("man, nothing asked", {"age": 38, "sex": "M"}, {}),
)  # fmt: skip


PARTS = (  # heading, and the name of the group that it begins with
    ("Sex, age and fertility", "woman"),
    ("Drugs and organs", "woman on an anticoagulant"),
    ("Cancer, mood, blood and allergies", "cancer in the past"),
    ("Other kinds of loss, policies, and nothing asked", "scarring signs"),
)


@cache
def assessed(at: int) -> Assessment:
    """Return what is said of one group, by its place among the groups."""
    group = GROUPS[at]
    labs = [{"test": t, "value": v, "unit": u, "date": DAY} for t, (v, u) in group.labs.items()]
    return assess(Patient.model_validate({**group.person, "labs": labs}))


def deciding(screened: Screened) -> list[str]:
    """Return the rules that close a therapy or hold it up; none where it is open."""
    effect = {"closed": "closes", "waiting": "waits"}.get(screened.status)
    return [reason.rule for reason in screened.reasons if reason.effect == effect]


def page() -> None:
    """Write the page."""
    write(
        "matrix",
        "matrix",
        version=KNOWN.version,
        grids=[(heading, grid(columns)) for heading, columns in parts()],
        groups=[(group, differing(at)) for at, group in enumerate(GROUPS)],
    )


def parts() -> list[tuple[str, range]]:
    """Return the groups in parts narrow enough for a page: a heading, and places among the groups."""
    names = [group.name for group in GROUPS]
    starts = [*(names.index(first) for _, first in PARTS), len(GROUPS)]
    return [
        (heading, range(start, end))
        for (heading, _), start, end in zip(PARTS, starts, starts[1:], strict=False)
    ]


def grid(columns: range) -> str:
    """Return every therapy by some groups as a table: a mark, and the deciding rule behind it."""
    heads = "".join(
        f'<th scope="col"><span><a href="#{GROUPS[at].mark}">{escape(GROUPS[at].name)}</a></span></th>'
        for at in columns
    )
    rows = []
    for therapy in KNOWN.therapies.values():
        name = f'<th scope="row"><a href="therapies/{therapy.id}.html">{escape(therapy.name)}</a></th>'
        rows.append(f"<tr>{name}{''.join(_cell(at, therapy.id) for at in columns)}</tr>")
    head, body = f"<thead><tr><th></th>{heads}</tr></thead>", f"<tbody>{''.join(rows)}</tbody>"
    return f'<div class="matrix"><table>{head}{body}</table></div>'


def _cell(at: int, therapy: str) -> str:
    screened = assessed(at).of(therapy)
    rules, mark = deciding(screened), MARKS[screened.status]
    said = f"{KNOWN.therapies[therapy].name}, {GROUPS[at].name}: {screened.status}"
    if rules:
        said += f" by {', '.join(rules)}"
        mark = f'<a href="rules.html#rule-{rules[0]}">{mark}</a>'
    return f'<td class="{screened.status}" title="{escape(said)}">{mark}</td>'


def differing(at: int) -> list[str]:
    """Return what stands otherwise than in the healthy group of the same sex; all of it for those two themselves."""
    group = GROUPS[at]
    like = next(i for i, other in enumerate(GROUPS) if other.name == group.like)
    rows = []
    for therapy in KNOWN.therapies.values():
        now, usual = assessed(at).of(therapy.id), assessed(like).of(therapy.id)
        if at == like or (now.status, deciding(now)) != (usual.status, deciding(usual)):
            because = KNOWN.rules[deciding(now)[0]].because if deciding(now) else ""
            rules = ", ".join(f'<a href="rules.html#rule-{rule}">{rule}</a>' for rule in deciding(now))
            rows.append([f"[{therapy.name}](#therapy-{therapy.id})", now.status, rules, cell(because)])
    return table(["therapy", "stands", "deciding rule", "because"], rows)
