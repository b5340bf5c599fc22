"""Where a forecast's width comes from: luck, parameters, structure, the person's unknowns, and measurement.

Each is turned into one uniform number, which picks it given those before it (structure, then a posterior draw of
that structure, then a person who agrees with what is known under that draw; luck and the error of a count stand
alone). Sobol's indices then say which share of the variance each makes alone, and with the others. It splits
the width that the model knows of; what the model leaves out is in none of its parts.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from follicast import observer
from follicast.cycle import Floats, Integers, Keys, luck_key, luck_keys
from follicast.errors import InputError, NothingToGive
from follicast.evidence.grading import standing
from follicast.evidence.library import evidence
from follicast.forecast import HIGH, JUDGED_AT, LOW, Forecast, forecast
from follicast.parameters import features
from follicast.patient import Patient
from follicast.people import People, responders
from follicast.regimen import Regimen
from follicast.scalp import normal
from follicast.sites import Site, density_factor, form_of, site_called, site_factor, usual_site
from follicast.today import DRAWS, FOLLICLES, Today, grown_to_today, guesses

FACTORS = ("structure", "parameters", "person", "luck", "measurement")
QUANTITIES = {
    "change_terminal": "/cm2",
    "change_total": "/cm2",
    "change_coverage": "cm/cm2",
    "extra_terminal": "/cm2",
}
SIZE = 512  # rows of the design; each costs as many runs as there are factors, and one more
# What people are put in order by: the change, or what the arm adds to it; each has a design of its own.
AIMS = {name: "extra_terminal" if name == "extra_terminal" else "change_terminal" for name in QUANTITIES}
METHOD = "Sobol indices (Saltelli sampling, 90 % bootstrap intervals)"
_GUESSES_A_DRAW = 24
_LUCK_BITS = 40  # of a uniform number, as the number of a luck
_TRIED = 1600
_RIDGE = 0.01  # keeps the fit steady where a trait is the same in all guesses
_AT_ONCE = 256
_INTERVAL, _RESAMPLES = 0.9, 200
_LUCK_SEED, _ANSWER_SEED = 2_000_003, 3_000_017  # neither may share luck with the guesses
_FEW = 3.0  # guesses a draw: with fewer, the person's unknowns are taken for the draw's


@dataclass(frozen=True)
class Factor:
    """One source of width, as shares of the variance [1].

    `share` is what it adds once those before it are known (structure, parameters, person, luck, measurement): the
    shares of all sum to 1. first_order is what knowing it alone would take away, total what would be left if all
    else were known, sd_alone that as an SD. Intervals are 90 %, by bootstrap.
    """

    factor: str
    share: float
    share_interval: tuple[float, float]
    first_order: float
    first_order_interval: tuple[float, float]
    total: float
    total_interval: tuple[float, float]
    sd_alone: float


@dataclass(frozen=True)
class Width:
    """The width that holds nine of ten outcomes of one quantity [unit], and its sources."""

    quantity: str
    unit: str
    width90: float
    factors: list[Factor]

    def of(self, factor: str) -> Factor:
        """Return one source by name."""
        return next(found for found in self.factors if found.factor == factor)

    def narrowed(self, factor: str) -> float:
        """Return by how much [unit] the width is expected to narrow once one source, and nothing else, is known."""
        return self.width90 * _narrowing(self.of(factor).first_order)


@dataclass(frozen=True)
class Split:
    """One quantity twice: as a count would show it, and the hair itself, which is what a forecast's interval is of.

    narrowed_by_count [unit] is by how much one count today is expected to narrow the width of the hair itself.
    """

    counted: Width
    hair: Width
    narrowed_by_count: float

    def as_json(self) -> dict[str, Any]:
        """Return the width as counted, and within it that of the hair itself."""
        hair = {key: held for key, held in asdict(self.hair).items() if key in ("width90", "factors")}
        return asdict(self.counted) | {"hair": hair | {"narrowed_by_count": self.narrowed_by_count}}


def _narrowing(known: float) -> float:
    """Return by which share a width narrows as a share of its variance becomes known."""
    return 1.0 - float(np.sqrt(1.0 - np.clip(known, 0.0, 1.0)))


@dataclass(frozen=True)
class Sensitivity:
    """What the width of a forecast under one arm comes from, quantity by quantity; the first is the headline."""

    arm: str
    months: int
    site: Site
    counted_by: str
    seed: int
    splits: list[Split]
    sources: list[str]
    warnings: list[str]

    def of(self, quantity: str) -> Split:
        """Return one quantity's width and its sources."""
        return next(split for split in self.splits if split.counted.quantity == quantity)

    def as_json(self) -> dict[str, Any]:
        """Return the answer with the keys that other programs rely on; `others` are quantities of the same shape."""
        shared = {"method": METHOD, "months": self.months}
        first, *others = [shared | _rounded(split.as_json()) for split in self.splits]
        return {
            "arm": self.arm,
            "site": self.site,
            "counted_by": self.counted_by,
            "interval": _INTERVAL,
            **first,
            "others": others,
        }


def sensitivity(
    patient: Patient,
    regimen: Regimen,
    month: int = JUDGED_AT,
    *,
    seed: int = 7,
    start: dt.date | None = None,
    site: str | None = None,
    counted_by: str = "phototrichogram",
    error: float | None = None,
    beliefs: Floats | None = None,
    size: int = SIZE,
) -> Sensitivity:
    """Return what the width of a forecast at a month comes from, as the site would be counted.

    `error` is that of a change in count, as a share of the count [1], by default that of `counted_by`; `beliefs`
    z [draw, parameter] defaults to the posterior; `size` is a power of 2. Raises `NothingToGive` where an arm has
    no curve.
    """
    _can_run()
    check_arm(regimen, patient)
    here = site_called(site) if site else usual_site(patient.sex)
    z = evidence().posterior.draws() if beliefs is None else beliefs
    chair = _Chair(patient, regimen, month, here, start or patient.date, seed, z)
    share = observer.error_share(counted_by) if error is None else error
    design = _design(size, seed)
    asked = {name: aim for name, aim in AIMS.items() if regimen.parts or name != "extra_terminal"}
    seen = {aim: chair.outcomes(aim, design) for aim in dict.fromkeys(asked.values())}
    off = share * normal(design["measurement"])
    splits = [_split(name, seen[aim], off, share, seed) for name, aim in asked.items()]
    return Sensitivity(str(regimen), month, here, counted_by, seed, splits, chair.sources, chair.warnings)


def check_arm(regimen: Regimen, patient: Patient) -> None:
    """Raise `NothingToGive` where an arm has no curve in this person's sex."""
    for therapy in regimen.therapies:
        found = standing(evidence(), therapy, patient.sex)
        if found.grade == "refused":
            raise NothingToGive(
                f"{regimen} has no forecast to take apart: {found.because.rstrip('.')}. "
                f"Missing: {found.missing.rstrip('.')}."
            )


def _can_run() -> None:
    if importlib.util.find_spec("SALib") is None:
        raise InputError(
            "taking a forecast's width apart needs SALib, not installed here; "
            "run: pip install 'follicast[sensitivity]'"
        )


# --- what is not known, as one uniform number each -----------------------------------------------------------


@dataclass(frozen=True)
class _Chair:
    """Who is asked about, under which arm, and all guesses of what is not known: each draw with its people."""

    patient: Patient
    regimen: Regimen
    month: int
    site: Site
    start: dt.date | None
    seed: int
    beliefs: Floats

    @cached_property
    def z(self) -> Floats:
        """The posterior draws that are used [draw, parameter]."""
        count = min(DRAWS, len(self.beliefs))
        return self.beliefs[(np.arange(count) * (len(self.beliefs) // count) + self.seed) % len(self.beliefs)]

    @cached_property
    def guesses(self) -> tuple[dict[str, Floats], People, Floats]:
        """Parameters and people, each [draw * guess], and their weight [draw, guess], which sums to 1."""
        draws = len(self.z)
        guess, who, agreement = guesses(
            self.patient, self.z, self.seed, draws, _GUESSES_A_DRAW, self.start, self.site
        )
        weight = np.exp(agreement - agreement.max()).reshape(draws, _GUESSES_A_DRAW)
        return guess, who, weight / weight.sum()

    @cached_property
    def answers(self) -> dict[str, Floats]:
        """How strongly the person of each guess answers to each therapy [draw * guess]."""
        guess, _, weight = self.guesses
        return responders(luck_keys(self.seed + _ANSWER_SEED, weight.size), guess)

    @cached_property
    def structure(self) -> Integers:
        """Which of the rival structures each draw belongs to [draw]."""
        switches = [k for k, held in enumerate(evidence().parameters.values()) if held.scale == "switch"]
        turned = np.stack([self.guesses[0][name] for name in evidence().parameters], axis=1)[:, switches]
        each = turned.reshape(len(self.z), _GUESSES_A_DRAW, -1)[:, 0]
        return np.unique(each, axis=0, return_inverse=True)[1].ravel().astype(np.int64)

    @cached_property
    def tried(self) -> tuple[Integers, dict[str, Floats]]:
        """Some likely guesses [run], and what became of them."""
        rows = _evenly(self.guesses[2].ravel(), _TRIED)
        return rows, self.changes(rows, luck_keys(self.seed + _LUCK_SEED - 1, rows.size))

    def order(self, aim: str) -> tuple[Floats, Floats]:
        """Return how much each draw [draw], and within it each person [draw, guess], is expected to change.

        A curved surface through some runs. Draws and people are put in this order, so that the same uniform
        number means much the same under another structure or draw; in any other, each would seem to matter only
        together with the other.
        """
        weight = self.guesses[2]
        rows, seen = self.tried
        known = np.repeat(features(self.z), _GUESSES_A_DRAW, axis=0)
        table = np.hstack([known, _curved(self.traits, rows)])
        middle, spread = table[rows].mean(axis=0), table[rows].std(axis=0) + 1e-9
        tried, change = (table[rows] - middle) / spread, seen[aim] - seen[aim].mean()
        ridge = _RIDGE * rows.size * np.eye(tried.shape[1])
        slope = np.linalg.solve(tried.T @ tried + ridge, tried.T @ change)
        each = ((table - middle) / spread * slope).reshape(*weight.shape, -1)
        people = each[:, :, known.shape[1] :].sum(axis=2)
        likely = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
        return (likely * each.sum(axis=2)).sum(axis=1), people

    @property
    def traits(self) -> Floats:
        """What the people are like, as logarithms [draw * guess, trait]."""
        columns = [*vars(self.guesses[1]).values(), *self.answers.values()]
        return np.log(np.maximum(np.stack(columns, axis=1), 1e-6))

    def pick(self, aim: str, structure: Floats, parameters: Floats, person: Floats) -> Integers:
        """Turn uniform numbers [row] into guesses [row]: each picked given those picked before it."""
        by_draw, by_person = self.order(aim)
        weight = self.guesses[2]
        draw_weight = weight.sum(axis=1)
        which = _quantile(np.bincount(self.structure, draw_weight).astype(float)[None], structure)
        members = [np.flatnonzero(self.structure == k) for k in range(self.structure.max() + 1)]
        members = [found[np.argsort(by_draw[found], kind="stable")] for found in members]
        draw = np.zeros(structure.size, dtype=np.int64)
        for k, found in enumerate(members):
            here = which == k
            draw[here] = found[_quantile(draw_weight[found][None], parameters[here])]
        order = np.argsort(by_person, axis=1, kind="stable")
        place = _quantile(np.take_along_axis(weight, order, axis=1)[draw], person)
        return draw * _GUESSES_A_DRAW + order[draw, place]

    def outcomes(self, aim: str, design: dict[str, Floats]) -> dict[str, Floats]:
        """Return what each row of the design comes to [row]; rows that differ in the count alone are run once."""
        guess = self.pick(aim, design["structure"], design["parameters"], design["person"])
        drawn = (design["luck"] * 2**_LUCK_BITS).astype(np.int64)
        runs, row = np.unique(np.stack([guess, drawn]), axis=1, return_inverse=True)
        keys = np.array([luck_key(self.seed + _LUCK_SEED, int(draw)) for draw in runs[1]], dtype=np.uint64)
        return _taken(self.changes(runs[0], keys), row.ravel())

    def changes(self, rows: Integers, keys: Keys) -> dict[str, Floats]:
        """Return today's counts and the change by the month under the arm [row], without any error of counting."""
        parts = [
            self._changed(rows[k : k + _AT_ONCE], keys[k : k + _AT_ONCE])
            for k in range(0, rows.size, _AT_ONCE)
        ]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _changed(self, rows: Integers, keys: Keys) -> dict[str, Floats]:
        found = self.foreseen(rows, keys)
        untreated, arm = found.arms[0], found.arms[-1]
        end = {name: arm.values(name)[:, self.month] for name in ("terminal_density", "total_density")}
        now = {name: arm.values(name)[:, 0] for name in end}
        return {
            "terminal": now["terminal_density"],
            "total": now["total_density"],
            "coverage": arm.coverage[:, 0],
            "change_terminal": end["terminal_density"] - now["terminal_density"],
            "change_total": end["total_density"] - now["total_density"],
            "change_coverage": arm.coverage[:, self.month] - arm.coverage[:, 0],
            "extra_terminal": end["terminal_density"] - untreated.values("terminal_density")[:, self.month],
        }

    def foreseen(self, rows: Integers, keys: Keys, follicles: int = FOLLICLES) -> Forecast:
        """Forecast guesses [row], each grown with its own luck."""
        known, who, _ = self.guesses
        guess, answers = _taken(known, rows), _taken(self.answers, rows)
        people = People(**_taken(vars(who), rows))
        denser = replace(people, density=people.density * density_factor(self.patient.sex, self.site))
        factor = site_factor(self.patient.sex, self.site, form_of(self.patient))
        scalp = grown_to_today(self.patient, keys, guess, denser, follicles, self.start, factor)
        now = Today(self.patient, self.site, self.start, self.seed, scalp, guess, answers, people, [])
        return forecast(now, [self.regimen], self.month)

    @property
    def sources(self) -> list[str]:
        """The citekeys of the works behind the forecast that is taken apart."""
        return self.foreseen(np.zeros(1, dtype=np.int64), luck_keys(self.seed, 1), 1).sources

    @property
    def warnings(self) -> list[str]:
        """What the reader should know before relying on the split."""
        weight = self.guesses[2]
        each = weight.sum(axis=1)
        alike = each**2 / np.maximum((weight**2).sum(axis=1), 1e-300)
        if (each * alike).sum() >= _FEW:
            return []
        return [
            "few guesses of this person agree with what is known: part of the person's share is told as parameters"
        ]


def _curved(traits: Floats, rows: Integers) -> Floats:
    """Return traits [row, trait] with their squares and products, each relative to its spread over `rows`."""
    known = (traits - traits[rows].mean(axis=0)) / (traits[rows].std(axis=0) + 1e-9)
    first, second = np.triu_indices(known.shape[1])
    return np.hstack([known, known[:, first] * known[:, second]])


def _taken(columns: Mapping[str, Floats], rows: Integers) -> dict[str, Floats]:
    return {name: values[rows] for name, values in columns.items()}


def _quantile(weight: Floats, share: Floats) -> Integers:
    """Return the place [row] that a share [row] falls on among weights [row or 1, place]."""
    running = np.cumsum(weight, axis=1)
    passed = (running < share[:, None] * running[:, -1:]).sum(axis=1)
    return np.minimum(passed, weight.shape[1] - 1).astype(np.int64)


def _evenly(weight: Floats, count: int) -> Integers:
    """Pick places [count] in proportion to weights, evenly (systematic resampling)."""
    return _quantile(weight[None], (np.arange(count) + 0.5) / count)


# --- the runs, and what they come to --------------------------------------------------------------------------


def _problem() -> dict[str, Any]:
    return {"num_vars": len(FACTORS), "names": list(FACTORS), "bounds": [[0.0, 1.0]] * len(FACTORS)}


def _design(size: int, seed: int) -> dict[str, Floats]:
    """Return the uniform numbers of each factor [row]: Saltelli's crossing of two scrambled Sobol samples."""
    if size < 2 or size & (size - 1):
        raise InputError(f"size: {size} is not a power of 2, which the design needs; take 256, 512 or 1024.")
    from SALib.sample.sobol import sample

    rows = sample(_problem(), size, calc_second_order=False, seed=seed)
    return dict(zip(FACTORS, rows.T, strict=True))


def _split(name: str, seen: dict[str, Floats], off: Floats, share: float, seed: int) -> Split:
    """Split a quantity; `off` [row] is the error of a change, as a share of what is counted today."""
    hair = seen[name]
    counted = hair + off * seen[name.split("_")[1]]
    widths = [_width(name, values, _in_turn(hair, values, seed), seed) for values in (counted, hair)]
    known = _known_by_a_count(name, {key: _own(values) for key, values in seen.items()}, share, seed)
    return Split(widths[0], widths[1], widths[1].width90 * _narrowing(known))


def _blocks(values: Floats) -> dict[str, Floats]:
    """Return values [row] by block: A, B, and A with one factor taken from B."""
    table = values.reshape(-1, len(FACTORS) + 2).T
    return dict(zip(("A", *FACTORS, "B"), table, strict=True))


def _own(values: Floats) -> Floats:
    """Return the values of the two samples that were crossed, each row of which stands on its own."""
    return np.concatenate([_blocks(values)[name] for name in "AB"])


def _in_turn(hair: Floats, counted: Floats, seed: int) -> Floats:
    """Return the share of variance [0: as found, 1..: resampled; factor] that each adds once those before are known.

    Two rows that share some factors and nothing else go together (their covariance) as far as these decide; what
    luck alone leaves open is half the mean square by which two rows differ that differ in luck alone.
    """
    mean = _own(hair).mean()
    at = {name: values - mean for name, values in _blocks(hair).items()}
    read = {name: values - _own(counted).mean() for name, values in _blocks(counted).items()}
    whole = 0.5 * (at["A"] ** 2 + at["B"] ** 2)
    together = np.stack(
        [
            at["B"] * at["structure"],
            at["person"] * at["luck"],  # what these share is structure and parameters
            whole - 0.5 * (at["A"] - at["luck"]) ** 2,
            whole,
            0.5 * (read["A"] ** 2 + read["B"] ** 2),
        ],
        axis=1,
    )
    rows = np.random.default_rng(seed).integers(len(together), size=(_RESAMPLES, len(together)))
    known = np.stack([together.mean(axis=0), *(together[row].mean(axis=0) for row in rows)])
    known = np.maximum.accumulate(np.clip(known, 0.0, known[:, -1:]), axis=1)
    return np.diff(known, axis=1, prepend=0.0) / np.maximum(known[:, -1:], 1e-300)


def _width(name: str, values: Floats, shares: Floats, seed: int) -> Width:
    low, high = np.quantile(_own(values), (LOW, HIGH))
    return Width(name, QUANTITIES[name], float(high - low), _factors(values, shares, seed))


def _factors(values: Floats, shares: Floats, seed: int) -> list[Factor]:
    """Return the sources of a quantity [row, in the order of the design] from their shares in turn."""
    if np.ptp(values) == 0.0:
        nothing = (0.0, 0.0)
        return [Factor(name, 0.0, nothing, 0.0, nothing, 0.0, nothing, 0.0) for name in FACTORS]
    from SALib.analyze.sobol import analyze

    found = analyze(
        _problem(),
        values,
        calc_second_order=False,
        num_resamples=_RESAMPLES,
        conf_level=_INTERVAL,
        seed=seed + 1,  # 0 would mean "any" to it
    )
    low, high = np.quantile(shares[1:], (LOW, HIGH), axis=0)
    return [
        Factor(
            name,
            float(shares[0, k]),
            (float(low[k]), float(high[k])),
            float(found["S1"][k]),
            _ends(found["S1"][k], found["S1_conf"][k]),
            float(found["ST"][k]),
            _ends(found["ST"][k], found["ST_conf"][k]),
            float(np.sqrt(found["ST"][k] * _own(values).var())),
        )
        for k, name in enumerate(FACTORS)
    ]


def _ends(middle: float, half: float) -> tuple[float, float]:
    return float(middle - half), float(middle + half)


def _known_by_a_count(name: str, own: dict[str, Floats], share: float, seed: int) -> float:
    """Return which share of the variance of the hair itself one count today would take away [0..1].

    A curved surface through the runs, over total and terminal hairs as a reading of that area would give them.
    """
    area, luck = float(evidence().numbers["reading.area"]), np.random.default_rng(seed)
    read = [
        x + np.hypot(share * x, np.sqrt(x / area)) * luck.standard_normal(x.size)
        for x in (own["total"], own["terminal"])
    ]
    total, terminal = ((x - x.mean()) / (x.std() + 1e-9) for x in read)
    table = np.stack([np.ones_like(total), total, terminal, total**2, terminal**2, total * terminal], axis=1)
    change = own[name]
    if change.var() == 0.0:
        return 0.0
    missed = change - table @ np.linalg.lstsq(table, change, rcond=None)[0]
    fair = (missed @ missed) / (change.size - table.shape[1]) / change.var(ddof=1)
    return float(1.0 - fair)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(held) for held in value]
    return round(value, 4) if isinstance(value, float) else value
