"""Reads a study that the project has never seen: a study file of its own kind, or a table of trial arms.

A table has one row per arm and visit, in the columns of the trial tables the project grew from. What a row
says in words (a drug, a dose, a frequency) is turned into a regimen; what cannot be is listed, with why.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from follicast.errors import EvidenceError, StudyError
from follicast.evidence.library import evidence
from follicast.evidence.number import Spread
from follicast.evidence.reader import build, parse
from follicast.evidence.study import Arm, Control, Endpoint, Result, SecondReading, Study

_NEEDED = {"study_id", "sex", "n_arm", "treatment", "dose", "week", "outcome", "unit", "change_mean"}
_MAX_BYTES = 5_000_000
_ENDPOINTS: dict[str, Endpoint] = {
    "nonvellus_count": "terminal_density",
    "terminal_count": "terminal_density",
    "terminal_density": "terminal_density",
    "total_hair_count": "total_density",
    "total_hair_density": "total_density",
    "hair_density": "total_density",
    "anagen_count": "anagen_density",
    "hair_weight": "hair_weight",
    "diameter": "mean_diameter",
    "mean_diameter": "mean_diameter",
    "anagen_share": "anagen_share",
}
_PATTERN = re.compile(r"AGA|FPHL|pattern|androgen|thinning", re.I)
_OTHER_LOSS = re.compile(r"areata|effluvium|excluded|melasma|ageing|wrinkle|skin|cheek", re.I)
_SITES: dict[str, Site] = {"frontal": "frontal", "vertex": "vertex", "midscalp": "midscalp"}
_INCH_CIRCLE_CM2 = 5.067
_BY_MOUTH = ("finasteride", "dutasteride", "spironolactone", "minoxidil-oral")
Site = Literal["vertex", "frontal", "midscalp"]
_DRUGS = [  # first match wins
    (r"dutasteride.*(intralesional|mesotherapy)|mesotherapy.*dutasteride", None),
    (
        r"exosome|conditioned|stem|fat graft|toxin|vitamin|supplement|cyproterone|biotin|triamcinolone|laser",
        None,
    ),
    (r"minoxidil.*\boral\b|\boral\b.*minoxidil", "minoxidil-oral"),
    (r"finasteride.*(topical|spray)|topical finasteride", "finasteride-topical"),
    (r"minoxidil", "minoxidil-topical"),
    (r"finasteride", "finasteride"),
    (r"dutasteride", "dutasteride"),
    (r"spironolactone", "spironolactone"),
    (r"\bPRP\b|platelet", "prp"),
]
_SWITCHED = re.compile(r"\bthen\b|stopped|withdrawal|\bvs\b", re.I)
_CONTROL = re.compile(
    r"placebo|vehicle|saline|no treatment|untreated|sham|natural history|microneedling alone", re.I
)


@dataclass(frozen=True)
class Skipped:
    """A row or a study that cannot be predicted, and why."""

    study: str
    arm: str
    because: str


def read_studies(path: Path) -> tuple[list[Study], list[Skipped]]:
    """Read a study file (YAML) or a table of trial arms (CSV); raises `StudyError` with file and line."""
    if not path.is_file():
        raise StudyError(
            f"{path}: there is no such file; give a study file (.yaml) or a table of arms (.csv)."
        )
    if path.stat().st_size > _MAX_BYTES:
        raise StudyError(f"{path.name}: the file is larger than 5 MB; a study is a few kilobytes.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise StudyError(f"{path.name}: this is not a text file; give YAML or CSV in UTF-8.") from None
    if not text.strip():
        raise StudyError(
            f"{path.name}: the file is empty; give a study file (.yaml) or a table of arms (.csv)."
        )
    return _table(text, path) if path.suffix.lower() == ".csv" else ([_own(text, path)], [])


def _own(text: str, path: Path) -> Study:
    sheet = parse(text, path, StudyError)
    try:
        return build(sheet, Study, context={"sources": None, "units": evidence().units.keys()})
    except EvidenceError as trouble:
        raise StudyError(str(trouble)) from None


def _table(text: str, path: Path) -> tuple[list[Study], list[Skipped]]:
    rows = list(csv.DictReader(io.StringIO(text)))
    missing = _NEEDED - set(rows[0] if rows else [])
    if missing:
        raise StudyError(f"{path.name}:1: the table lacks the column(s) {', '.join(sorted(missing))}.")
    studies, skipped = [], []
    for study_id in dict.fromkeys(row["study_id"] for row in rows):
        found, left = _study(study_id, [row for row in rows if row["study_id"] == study_id])
        studies += [found] if found else []
        skipped += left
    return studies, skipped


def _study(study_id: str, rows: list[dict[str, str]]) -> tuple[Study | None, list[Skipped]]:
    arms: dict[str, Arm] = {}
    results, skipped = [], []
    for row in rows:
        made = _row(row)
        if isinstance(made, str):
            skipped.append(Skipped(study_id, _arm_name(row), made))
            continue
        for arm in made[0]:
            arms.setdefault(arm.name, arm)
        results.append(made[1])
    if not results:
        return None, skipped
    control = next((arm.control for arm in arms.values() if arm.control), None)
    injected = any("prp" in (arm.regimen or "") for arm in arms.values())
    topical = any("topical" in (arm.regimen or "") for arm in arms.values())
    first = rows[0]
    by_mouth = any(name in (arm.regimen or "") for arm in arms.values() for name in _BY_MOUTH)
    return Study(
        id=study_id,
        source="project",
        place="given by the user",
        sex=_sex(first),
        condition=_condition(_sex(first)),
        site=_site(first),
        age=_float(first.get("age_mean")),
        group=study_id,
        menopause="post" if "postmenop" in first.get("condition", "").lower() else None,
        area_cm2=next((area for row in rows if (area := _area(row["unit"]))), None),
        cutoff_um=next((cut for row in rows if (cut := _cutoff(row["unit"]))), None),
        design="parallel",
        offset="needle"
        if injected
        else "topical"
        if topical
        else "tablet"
        if control == "tablet" or by_mouth
        else "none",
        risk_of_bias="some",
        bias_reason="not judged",
        second_reading=SecondReading(verdict="none", says="a table has no second reader"),
        arms=list(arms.values()),
        results=results,
    ), skipped


def _row(row: dict[str, str]) -> tuple[list[Arm], Result] | str:
    """Return the arms and the result of one row, or why it cannot be predicted."""
    endpoint, week, change = _ENDPOINTS.get(row["outcome"]), _float(row["week"]), _float(row["change_mean"])
    said = row["condition"] if row.get("condition") else "AGA"
    if _OTHER_LOSS.search(said) or not _PATTERN.search(said):
        return f"'{said}' is not pattern hair loss"
    if _SWITCHED.search(row["treatment"]) and "CONTRAST" not in row["treatment"]:
        return "the treatment changes within the arm, or the row compares two; give a study file instead"
    if endpoint is None:
        return f"'{row['outcome']}' is not a hair count, a calibre, a weight or an anagen share"
    if not week:
        return "no week is given"
    unit = _unit(row["unit"], endpoint)
    if unit is None:
        return f"the unit '{row['unit']}' cannot be turned into hairs per cm2"
    contrast = _contrast(row)
    if contrast:
        arms = contrast
    elif change is None and _float(row.get("vs_placebo_diff") or row.get("vs_control_diff")) is not None:
        change = _float(row.get("vs_placebo_diff") or row.get("vs_control_diff"))
        arms = [
            _arm(row, row["treatment"], row["dose"]),
            Arm(name="control", regimen="none", control="tablet"),
        ]
    else:
        arms = [_arm(row, row["treatment"], row["dose"])]
    if change is None:
        return "no change from baseline is given"
    if any(arm is None for arm in arms):
        return f"the model has no action for '{row['treatment']}'"
    known = [arm for arm in arms if arm]
    return known, Result(
        arm=known[0].name,
        minus=known[1].name if len(known) > 1 else None,
        week=week,
        endpoint=endpoint,
        change=change,
        unit=unit,
        spread=_spread(row),
        baseline=_float(row.get("baseline_mean")),
        place="given by the user",
        calibrates=False,
    )


def _arm(row: dict[str, str], treatment: str, dose: str) -> Arm | None:
    n = _float(row["n_arm"])
    regimen = _regimen(treatment, dose, row.get("frequency") or row.get("schedule") or "", row["sex"])
    if regimen is None:
        return None
    control: Control | None = None
    if regimen == "none":
        said = treatment.lower()
        control = (
            "needle"
            if re.search("saline|needl|half", said)
            else "untreated"
            if re.search("no treat|untreat|natural", said)
            else "vehicle"
            if re.search("vehicle|foam|solution|spray|topical", said)
            else "tablet"
        )
    return Arm(
        name=_arm_name(row) if treatment == row["treatment"] else f"{treatment} {dose}".strip(),
        regimen=regimen,
        control=control,
        n=int(n) if n else None,
    )


def _contrast(row: dict[str, str]) -> list[Arm | None] | None:
    match = re.match(r"CONTRAST\s+(.*?)\s+MINUS\s+(.*)", row["treatment"])
    if not match:
        return None
    first, second = match[1], re.sub(r"\(.*?\)", "", match[2]).strip()
    if re.fullmatch(r"[\d.]+ ?mg", second):
        second = re.sub(r"[\d.]+ ?mg", second, first)
    return [_arm(row, first, _dose_in(first)), _arm(row, second, _dose_in(second))]


def _dose_in(words: str) -> str:
    match = re.search(r"[\d.]+ ?(?:mg|%)", words)
    return match[0] if match else ""


def _regimen(treatment: str, dose: str, frequency: str, sex: str) -> str | None:
    parts = []
    for piece in re.split(r"\s\+\s", treatment):
        if _CONTROL.search(piece) and not any(
            re.search(p, piece, re.I) for p, d in _DRUGS if d and "minox" in p
        ):
            continue
        drug = next((d for pattern, d in _DRUGS if re.search(pattern, piece, re.I)), "unknown")
        if drug in (None, "unknown"):
            return None
        parts.append(_part(str(drug), f"{dose} {piece}", frequency, sex))
    return None if any(part is None for part in parts) else "+".join(str(part) for part in parts) or "none"


def _part(drug: str, dose: str, frequency: str, sex: str) -> str | None:
    percent, milligrams = re.search(r"([\d.]+) ?%", dose), re.search(r"([\d.]+) ?mg", dose)
    if drug == "minoxidil-topical":
        strength = percent[1] if percent else "5"
        name = {"1": "minoxidil-topical-1", "2": "minoxidil-topical-2"}.get(strength, "minoxidil-topical-5")
        once = re.search(r"\bqd\b|once|daily", frequency) and not re.search(r"bid|twice", frequency)
        dose_mg = float(strength) * 10 * (1 if once else 2)  # 1 mL or 1 g a time
        usual = {"1": 20.0, "2": 40.0, "5": 100.0}.get(strength)
        return name if dose_mg == usual else f"{name}:dose={dose_mg:g}mg"
    if drug == "prp":
        sessions = re.search(r"(\d+) sessions", frequency)
        return f"prp:sessions={sessions[1]}" if sessions else "prp"
    if drug == "finasteride-topical" or not milligrams:
        return drug
    return f"{drug}:dose={float(milligrams[1]):g}mg"


def _unit(unit: str, endpoint: Endpoint) -> str | None:
    """Return the unit in the words of a study file, or None where the endpoint is not counted in it."""
    said = unit.lower().strip()
    if endpoint == "mean_diameter":
        return "um" if re.match(r"um\b", said) else None
    if endpoint in ("hair_weight", "anagen_share"):
        return "%" if said in ("%", "% of baseline", "percentage points") else None
    if _area(unit):
        return "{hairs}"
    if ("/cm2" in said or "per 1 cm2" in said) and "mm/cm2" not in said:
        return "/cm2"
    return "%" if said in ("%", "% of baseline") else None


def _area(unit: str) -> float | None:
    """Return the area [cm2] that hairs were counted on, where it is not one cm2."""
    printed = re.search(r"per ([\d.]+) ?cm2", unit)
    if "inch" in unit:
        return _INCH_CIRCLE_CM2
    return float(printed[1]) if printed and float(printed[1]) != 1.0 else None


def _cutoff(unit: str) -> float | None:
    printed = re.search(r"(?:>=?|D>=) ?(\d+) ?um", unit)
    return float(printed[1]) if printed else None


def _site(row: dict[str, str]) -> Site:
    said = row.get("condition", "").lower()
    usual: Site = "midscalp" if _sex(row) == "F" else "vertex"
    return next((site for word, site in _SITES.items() if word in said), usual)


def _spread(row: dict[str, str]) -> Spread | None:
    said = row.get("change_sd_or_se_or_ci", "") or ""
    numbers = [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?", said.replace("95%", "").replace("95 %", ""))]
    if "final" in said or "end" in said:
        return None  # the spread of the counts, not of their change
    if "CI" in said and len(numbers) >= 2:
        return Spread(kind="ci95", low=numbers[0], high=numbers[1])
    if numbers and ("SE" in said or "SD" in said):
        return Spread(kind="se" if "SE" in said else "sd", value=numbers[0])
    return None


def _arm_name(row: dict[str, str]) -> str:
    return " ".join(filter(None, (row["treatment"], row["dose"] if row["dose"] not in ("0", "") else "")))


def _sex(row: dict[str, str]) -> Literal["F", "M", "both"]:
    said = row["sex"].strip().lower()
    return "F" if said in ("f", "female") else "M" if said in ("m", "male") else "both"


def _condition(sex: str) -> str:
    return "female-pattern-hair-loss-faga" if sex == "F" else "male-androgenetic-alopecia"


def _float(said: str | None) -> float | None:
    try:
        return float(said) if said not in (None, "") else None
    except ValueError:
        match = re.fullmatch(r"\+?(-?\d+(?:\.\d+)?)(?: .*)?", str(said))
        return float(match[1]) if match else None
