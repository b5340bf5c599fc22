"""What trials found of something done to the skin: their own effects with intervals, by indication.

Skin has no follicles, so nothing here is simulated and no curve is drawn. An interval is printed, follows from a
printed SD and number of people, or (shares of people) from the people; where none of these can be had it says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Literal

from follicast.errors import InputError, did_you_mean
from follicast.evidence.library import Library, evidence
from follicast.evidence.study import POOLED, Result, Study
from follicast.evidence.use import Use

Comparison = Literal["control", "other treatment", "none"]
Role = Literal["treated", "contrast", "other arm"]
Basis = Literal["printed", "SD and n", "Wilson"]
Finding = Literal["difference", "no sure difference", "change", "no sure change", "p and interval disagree"]
Interval = tuple[float, float, Basis]

NO_INTERVAL = "no interval can be had"
Z95, Z90 = 1.959964, 1.644854
_LEVEL = 0.05  # the p below which a trial calls a result sure
_AGAINST: dict[Comparison, str] = {
    "control": "against a control",
    "other treatment": "against another treatment",
    "none": "without a comparison",
}
_ORDER: tuple[Comparison, ...] = ("control", "other treatment", "none")
_BIAS = ("low", "some", "high")


@dataclass(frozen=True)
class Effect:
    """One result of one study of the skin.

    `change` [unit] is a change from the start, a difference between arms (`minus` names the arm taken away), or where
    `share` is true a share of people; `low` and `high` [unit] end its 95 % interval, and `interval` says where that
    comes from. `words` is what was reported where no number was printed. `week` and `n` are None where they were not
    read. `controlled` says that the study had an arm with nothing of the therapy; `comparison` also knows
    other treatments. `role` is "other arm" where it is what the therapy was compared with. `finding` says how sure
    the source is, None where it does not say.
    """

    indication: str
    study: str
    year: int | None
    design: str
    pooled: bool
    comparison: Comparison
    controlled: bool
    risk_of_bias: str
    arm: str
    minus: str | None
    role: Role
    measure: str
    week: float | None
    change: float | None
    unit: str
    share: bool
    low: float | None
    high: float | None
    interval: Basis | None
    words: str | None
    p: str | None
    finding: Finding | None
    n: int | None
    verified: bool
    note: str | None
    citekeys: list[str]


def effects(therapy_id: str, library: Library | None = None) -> list[Effect]:
    """Return what trials of a therapy of the skin found, by indication; nothing for a therapy of hair.

    Controlled studies come first, then those against another treatment, then the others; of each kind the least
    biased come first. Pooled analyses follow, as they count people of these studies again.
    """
    known = library or evidence()
    if known.therapy(therapy_id).body != "skin":
        return []
    studies = [study for study in known.studies.values() if study.body == "skin" and _arms(study, therapy_id)]
    found = [effect for study in studies for effect in _effects(study, therapy_id)]
    return sorted(found, key=_place)


def use_called(word: str, library: Library | None = None) -> Use:
    """Return the use on the skin that a word asks for; raises `InputError` with the closest one."""
    uses = (library or evidence()).uses
    wanted = word.strip().lower()
    for use in uses.values():
        if wanted in (use.id, use.id.replace("-", " "), use.name, *use.names):
            return use
    words = [name for use in uses.values() for name in (use.id, *use.names)]
    raise InputError(
        f"no use on the skin is called '{word}'.{did_you_mean(word, words)} All: {', '.join(uses)}."
    )


def within(found: Iterable[Effect], use: Use) -> list[Effect]:
    """Return those effects that speak of a use: of its indications and, where it names some, its measures."""
    return [
        effect
        for effect in found
        if effect.indication in use.indications and effect.measure in (use.measures or [effect.measure])
    ]


def studied(use: Use, library: Library | None = None) -> list[Effect]:
    """Return what the studies of a use found under any treatment, also one that they do not name."""
    studies = [study for study in (library or evidence()).studies.values() if study.body == "skin"]
    found = [effect for study in studies for effect in _of_any(study)]
    return sorted(within(found, use), key=_place)


def plainly(measure: str) -> str:
    """Return what a measure is in plain words; the measure itself where it is plain enough."""
    return next((use.plain[measure] for use in evidence().uses.values() if measure in use.plain), measure)


def by_indication(found: Iterable[Effect]) -> dict[str, list[Effect]]:
    """Return effects by indication, in the order they come in."""
    grouped: dict[str, list[Effect]] = {}
    for effect in found:
        grouped.setdefault(effect.indication, []).append(effect)
    return grouped


def as_json(found: list[Effect]) -> dict[str, Any]:
    """Return a summary for each indication and every effect, with the keys that other programs rely on.

    Nothing where there is no effect, so that a therapy of hair does not seem to have been tried on skin in vain.
    """
    if not found:
        return {}
    summaries = {indication: summary(held) for indication, held in by_indication(found).items()}
    return {"summaries": summaries, "effects": [asdict(effect) for effect in found]}


def _place(effect: Effect) -> tuple[Any, ...]:
    """Where an effect stands; results of one study keep the order of its file."""
    return (
        effect.indication,
        effect.pooled,
        _ORDER.index(effect.comparison),
        _BIAS.index(effect.risk_of_bias),
        effect.year or 0,
        effect.study,
    )


# --- one result ------------------------------------------------------------------------------------------------


def _arms(study: Study, therapy_id: str) -> set[str]:
    return {arm.name for arm in study.arms if therapy_id in arm.therapies}


def _effects(study: Study, therapy_id: str) -> Iterator[Effect]:
    """Yield the therapy's own results, and those of other arms that measured the same in the same week."""
    ours = _arms(study, therapy_id)
    own = [result for result in study.results if {result.arm, result.minus} & ours]
    beside = {(result.measure, result.endpoint, result.week) for result in own if not result.minus}
    for result in study.results:
        if result in own:
            yield _effect(study, result, "contrast" if result.minus else "treated")
        elif not result.minus and (result.measure, result.endpoint, result.week) in beside:
            yield _effect(study, result, "other arm")


def _of_any(study: Study) -> Iterator[Effect]:
    """Yield every result of a study: those of arms that are no control as treated."""
    idle = {arm.name for arm in study.arms if arm.control}
    for result in study.results:
        yield _effect(
            study, result, "contrast" if result.minus else "other arm" if result.arm in idle else "treated"
        )


def _effect(study: Study, result: Result, role: Role) -> Effect:
    comparison, found = _comparison(study), interval(study, result)
    low, high, basis = found or (None, None, None)
    return Effect(
        indication=study.condition,
        study=study.id,
        year=study.year,
        design=study.design.replace("scalp", study.site),
        pooled=study.design in POOLED,
        comparison=comparison,
        controlled=comparison == "control",
        risk_of_bias=study.risk_of_bias,
        arm=result.arm,
        minus=result.minus,
        role=role,
        measure=result.measure or result.endpoint.replace("_", " "),
        week=result.week or None,
        change=result.change,
        unit=result.unit,
        share=result.is_share,
        low=None if low is None else round(low, 2),
        high=None if high is None else round(high, 2),
        interval=basis,
        words=result.found or _at_the_end(result),
        p=result.p,
        finding=_finding(result, found),
        n=_people(study, result),
        verified=result.sure != "M",
        note=result.note,
        citekeys=study.citekeys,
    )


def _at_the_end(result: Result) -> str | None:
    """Say a final value, where the change was not printed."""
    return None if result.change is not None else f"{result.amount(result.unit)}; the change was not printed"


def _comparison(study: Study) -> Comparison:
    """Say what a study compared with: nothing of the therapy, another treatment, or no arm that it could."""
    if any(arm.control for arm in study.arms):
        return "control"
    alone = len(study.arms) == 1 or study.design in ("uncontrolled", "natural-history")
    return "none" if alone else "other treatment"


def _people(study: Study, result: Result) -> int | None:
    """Return how many people a result speaks of; None where that was not printed."""
    arms = [study.arm(name) for name in (result.arm, result.minus) if name]
    counts = [arm.n for arm in arms if arm.n is not None and not arm.n_assumed]
    if len(counts) < len(arms):
        return None
    within = study.design in ("split-scalp", "crossover")  # the same people stand in both arms
    return max(counts) if within else sum(counts)


# --- how sure --------------------------------------------------------------------------------------------------


def interval(study: Study, result: Result) -> Interval | None:
    """Return the ends of the 95 % interval of a change [its unit] and what they rest on; None where it has none."""
    if result.change is None or result.sure == "M":
        return None
    people = _people(study, result)
    return _printed(result) or _of_share(result, people) or _of_mean(result, people)


def _printed(result: Result) -> Interval | None:
    """Read a printed interval or standard error; a 90 % interval is widened."""
    spread, change = result.spread, result.change
    if spread is None or change is None:
        return None
    if spread.kind == "se" and spread.value is not None:
        return change - Z95 * spread.value, change + Z95 * spread.value, "printed"
    if spread.kind not in ("ci95", "ci90") or spread.low is None or spread.high is None:
        return None
    wider = Z95 / Z90 if spread.kind == "ci90" else 1.0
    return change - wider * (change - spread.low), change + wider * (spread.high - change), "printed"


def _of_mean(result: Result, people: int | None) -> Interval | None:
    """Return mean -+ 1.96 SD / sqrt(n); never for a difference, whose SD could be that of either arm."""
    spread = result.spread
    if not spread or spread.kind != "sd" or spread.value is None or not people or result.minus:
        return None
    if result.change is None or result.is_share:
        return None
    half = Z95 * spread.value / people**0.5
    return result.change - half, result.change + half, "SD and n"


def _of_share(result: Result, people: int | None) -> Interval | None:
    """Return Wilson's interval of a share [%], if that share can be one of so many people."""
    if not result.is_share or result.change is None or not people or not _whole(result.change, people):
        return None
    share, z2 = result.change / 100.0, Z95**2 / people
    middle = (share + z2 / 2) / (1 + z2)
    half = Z95 / (1 + z2) * (share * (1 - share) / people + z2 / (4 * people)) ** 0.5
    return 100.0 * (middle - half), 100.0 * (middle + half), "Wilson"


def _whole(percent: float, people: int) -> bool:
    """Whether a printed percentage is that of a whole number of people: if not, others were counted."""
    _, _, digits = f"{percent:g}".partition(".")
    nearest = 100.0 * round(percent * people / 100.0) / people
    return abs(nearest - percent) <= 0.5 * 10.0 ** -len(digits) + 1e-9


def _finding(result: Result, found: Interval | None) -> Finding | None:
    """Say what the printed p and the interval make of a result; None where neither speaks."""
    by_interval = None if found is None or result.is_share else found[0] > 0 or found[1] < 0
    said = {sure for sure in (_by_p(result.p), by_interval) if sure is not None}
    if len(said) == 2:
        return "p and interval disagree"
    if not said:
        return None
    if result.minus or re.search(r"between|against (?!baseline)", result.p or ""):
        return "difference" if True in said else "no sure difference"
    return "change" if True in said else "no sure change"


def _by_p(p: str | None) -> bool | None:
    """Say whether a p as printed is sure; None where it cannot be told."""
    if p is None:
        return None
    if "significant" in p:
        return "not significant" not in p
    figure = re.search(r"([<>]?)\s*(\d*\.?\d+)", p)
    if not figure:
        return None
    sign, value = figure[1], float(figure[2])
    if sign:
        return (True if value <= _LEVEL else None) if sign == "<" else (False if value >= _LEVEL else None)
    return value < _LEVEL


# --- in words --------------------------------------------------------------------------------------------------


def summary(found: list[Effect]) -> str:
    """Say in one line how far the studies of one indication were controlled, and what the best of them found."""
    own = [effect for effect in found if not effect.pooled]
    parts = [_counted(own)] if own else []
    compared = [kind for kind in _ORDER[:2] if any(effect.comparison == kind for effect in own)]
    for kind in compared or _ORDER[2:]:
        rows = [effect for effect in own if effect.comparison == kind]
        parts += [f"{_AGAINST[kind]}: {_weighed(rows)}"] if rows else []
    pooled = [effect for effect in found if effect.pooled]
    parts += [f"pooled analyses (their people are counted again): {_weighed(pooled)}"] if pooled else []
    return ". ".join(part[0].upper() + part[1:] for part in parts)


def _counted(own: list[Effect]) -> str:
    kinds = {effect.study: effect.comparison for effect in own}
    controlled, other = (list(kinds.values()).count(kind) for kind in _ORDER[:2])
    said = f"{controlled} of {len(kinds)} {'study' if len(kinds) == 1 else 'studies'} had a control"
    return said + (f", {other} compared with another treatment" if other else "")


_SAID: dict[Finding | None, str] = {
    "no sure difference": "no sure difference in",
    "no sure change": "no sure change in",
    "difference": "a difference in",
    "change": "a change in",
    "p and interval disagree": "a printed p at odds with the interval in",
    None: "not said how sure:",
}


def _weighed(rows: list[Effect]) -> str:
    """Say what comparisons found, or where there is nothing to compare with, what changed."""
    telling = [row for row in rows if row.role != "other arm" and _compares(row)]
    parts = [
        f"{words} {', '.join(dict.fromkeys(map(_named, held)))}"
        for finding, words in _SAID.items()
        if (held := [row for row in telling if row.finding == finding])
    ]
    silent = sorted({row.study for row in rows} - {row.study for row in telling})
    parts += [f"no difference between arms was read in {', '.join(silent)}"] if silent else []
    return "; ".join(parts)


def _compares(row: Effect) -> bool:
    if row.comparison == "none" or (row.pooled and row.finding is None):
        return True
    return row.role == "contrast" or row.finding in ("difference", "no sure difference")


def _named(row: Effect) -> str:
    """Name a measure and its study; what differed says how, for a difference may be for the worse."""
    if row.finding not in ("difference", "change"):
        return f"{row.measure} ({row.study})"
    who = f"{_who(row)}: " if row.minus else ""
    return f"{row.measure} ({row.study}: {who}{_amount(row)})"


def told(found: Iterable[Effect]) -> list[str]:
    """Return effects as lines of text: each indication with its summary, each study, each of its results."""
    lines: list[str] = []
    for indication, held in by_indication(found).items():
        lines.append(f"{_plain(indication)}: {summary(held)}.")
        for _, rows in groupby(held, key=lambda effect: effect.study):
            results = list(rows)
            lines += [f"  {_study(results[0])}", *(f"    {_result(row)}" for row in results)]
    return lines


def _plain(indication: str) -> str:
    condition = evidence().conditions.get(indication)
    return condition.name if condition else indication.replace("-", " ")


def _study(effect: Effect) -> str:
    year = f" ({effect.year})" if effect.year else ""
    design = "pooled analysis" if effect.pooled else effect.design
    how = [
        design,
        *([] if effect.comparison == "none" and not effect.pooled else [_AGAINST[effect.comparison]]),
    ]
    return f"{effect.study}{year}: {', '.join(how)}; risk of bias {effect.risk_of_bias} [{', '.join(effect.citekeys)}]"


_TELLS: dict[Finding, str] = {
    "difference": "a difference between arms",
    "no sure difference": "no sure difference between arms",
    "change": "a change from the start",
    "no sure change": "no sure change from the start",
    "p and interval disagree": "the printed p and the interval disagree",
}


def _result(effect: Effect) -> str:
    week = f"week {effect.week:g}" if effect.week else "time not read"
    said = [f"{_who(effect)}, {week}: {effect.measure}: {_amount(effect)} ({_span(effect)})"]
    said += [f"n {effect.n}"] if effect.n is not None else []
    said += [f"p {effect.p}"] if effect.p else []
    said += ["unverified"] if not effect.verified else []
    return ", ".join(said) + (f": {_TELLS[effect.finding]}" if effect.finding else "")


def _who(effect: Effect) -> str:
    other = "beside it, " if effect.role == "other arm" else ""
    return f"{other}{effect.arm}{f' minus {effect.minus}' if effect.minus else ''}"


def _amount(effect: Effect) -> str:
    if effect.change is None:
        return effect.words or ""
    unit = evidence().units.get(effect.unit, effect.unit)
    if effect.share:
        return f"{effect.change:g} {unit} of people"
    return f"{effect.change:+g} {unit}".strip()


def _span(effect: Effect) -> str:
    if effect.low is None or effect.high is None:
        return NO_INTERVAL
    basis = {"printed": "printed", "SD and n": "from SD and n", "Wilson": "Wilson", None: ""}[effect.interval]
    return f"95 % {effect.low:g} to {effect.high:g}, {basis}"
