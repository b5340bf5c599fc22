"""Fills the credibility page: what the recorded qualification says, in tables and one picture; no figure is typed.

`follicast qualify --record` keeps the file it reads. Without it the page says that nothing is recorded.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import altair as alt
import model_pictures
from forest import INK
from model_pictures import GREY, RUST, WIDTH
from saying import KNOWN, people, table, words, write

from follicast.evidence.grading import standing
from follicast.trials.calibration import ROUNDS
from follicast.trials.ranks import TRUTHS
from follicast.trials.weighing import TOO_HEAVY

QUALIFIED = KNOWN.folder / "posterior" / "qualified.json"
AIM_R_HAT = 1.05  # above this the chains have not met
_WIDE = 50.0  # hairs per cm2: what lies further out is told beside the picture

Told = Mapping[str, Any]


def page() -> None:
    """Write the page of credibility."""
    held = _recorded(QUALIFIED)
    recipe = held["recipe"] if held else KNOWN.posterior.recipe
    write(
        "credibility",
        "credibility",
        held=held,
        stale=recipe != KNOWN.posterior.recipe,
        recipe=recipe,
        same_evidence=recipe.get("fitted_to") == KNOWN.fingerprint(),
        structures=_lines(structures(recipe)),
        unsure=unsure(recipe),
        reach=_lines(reach()),
        looked_at=looked_at(recipe),
        rounds=ROUNDS,
        truths=TRUTHS,
        heavy=TOO_HEAVY,
        **(_filled(held) if held else {}),
    )


def _recorded(path: Path) -> dict[str, Any] | None:
    """Return the recorded qualification, or None where there is none."""
    return dict(json.loads(path.read_text())) if path.exists() else None


def _filled(held: Told) -> dict[str, Any]:
    """Return what the page shows of a qualification."""
    unseen = held["leave_one_out"]
    return {
        "unseen": unseen,
        "beats": beats(unseen),
        "errors": _lines(errors(held)),
        "biases": {name: _lines(biases(unseen[f"by_{name}"])) for name in ("therapy", "sex", "duration")},
        "facts": _lines(facts(held["facts"])),
        "held_facts": counted(held["facts"]),
        "missed": [fact for fact in held["facts"] if not fact["holds"]],
        "picture": model_pictures.framed(picture(held["left_out_arms"])),
        "outside": sum(_far(row) for row in held["left_out_arms"]),
        "units": Counter(row["unit"] for row in held["left_out_arms"]),
        "alone": alone(unseen),
    }


def _lines(rows: list[str]) -> str:
    return "\n".join(rows)


# --- tables ----------------------------------------------------------------------------------------------------


def errors(held: Told) -> list[str]:
    """Return how far off predictions were, seen and unseen, beside the honest baseline."""
    unseen = held["leave_one_out"]
    parts = {
        f"seen ({held['summary_of']})": held["summary"],
        "never fitted": held["not_in_fit"],
        "**unseen: each study left out**": unseen,
        "unseen, changes within an arm": unseen["arms_only"],
        "unseen, net of control": unseen["net_of_control"],
    }
    head = [
        "predicted",
        "results",
        "error",
        "bias",
        "in 50 %",
        "in 90 %",
        "model / baseline (results)",
        "difference",
    ]
    return table(head, ([name, *_errors(part)] for name, part in parts.items() if part["n"]))


def _errors(part: Told) -> list[object]:
    ends = part.get("difference_interval")
    return [
        part["n"], f"{part['rmse']:g}", f"{part['bias']:+g}", covered(part, "cover50"), covered(part, "cover90"),
        f"{part['model_rmse_where_baseline']:g} / {part['baseline_rmse']:g} ({part['baseline_n']})" if ends else "",
        f"{ends[0]:+.1f} to {ends[1]:+.1f}" if ends else "",
    ]  # fmt: skip


def covered(part: Told, key: str) -> str:
    """Say how many of 100 results an interval held, with the bootstrap interval where it is given."""
    ends = part.get(f"{key}_interval")
    said = f"{100 * part[key]:.0f} %"
    return said + (f" ({100 * ends[0]:.0f} to {100 * ends[1]:.0f})" if ends else "")


def biases(groups: Mapping[str, Told]) -> list[str]:
    """Return the bias in each group of unseen results."""
    head = ["", "studies", "results", "bias", "90 % interval", "error", "errs to one side?"]
    return table(head, ([_group(name), *_bias(part)] for name, part in groups.items()))


_GROUPS = {"F": "women", "M": "men", "both": "women and men together", "none": "no treatment (control arms)"}


def _group(name: str) -> str:
    """Name a group of results; a therapy, or several given together, by what they are called."""
    if name in _GROUPS:
        return _GROUPS[name]
    held = KNOWN.therapies
    return " with ".join(held[part].short if part in held else words(part) for part in name.split("+"))


def _bias(part: Told) -> list[object]:
    low, high = part["bias_interval"]
    off = "one study" if part["studies"] == 1 else "yes" if low > 0 or high < 0 else "no"
    return [
        part["studies"],
        part["n"],
        f"{part['bias']:+g}",
        f"{low:+.1f} to {high:+.1f}",
        f"{part['rmse']:g}",
        off,
    ]


def facts(found: Iterable[Told]) -> list[str]:
    """Return every fact with its band, what came out, and the verdict."""
    head = ["", "fact", "kind", "band", "came out (90 %)", "verdict"]
    return table(head, (_fact(fact) for fact in found))


def _fact(fact: Told) -> list[object]:
    unit = KNOWN.units.get(fact["unit"], fact["unit"])
    verdict = (
        "holds" if fact["holds"] else f"**misses**{': ' + fact['because'] if fact.get('because') else ''}"
    )
    return [
        fact["number"],
        fact["fact"],
        fact["kind"],
        f"{fact['low']:g} to {fact['high']:g} {unit}",
        f"{fact['value']:g} ({fact['low90']:g} to {fact['high90']:g})",
        verdict,
    ]


def counted(found: Iterable[Told]) -> dict[str, tuple[int, int]]:
    """Return how many facts hold, of how many, by kind."""
    by_kind: dict[str, list[bool]] = {}
    for fact in found:
        by_kind.setdefault(fact["kind"], []).append(fact["holds"])
    return {kind: (sum(held), len(held)) for kind, held in sorted(by_kind.items())}


def structures(recipe: Told) -> list[str]:
    """Return the rival structures side by side: their weights, and how well each was sampled."""
    held = recipe.get("structures", {})
    said = [_structure(one) for one in held.values()]
    if not said:
        return []
    return table(["", *map(words_of, held)], ([name, *(one[name] for one in said)] for name in said[0]))


def words_of(structure: str) -> str:
    """Say a structure in words."""
    return {"climbing": "thinned hair can climb back", "no climbing": "thinned hair stays thin"}.get(
        structure, words(structure)
    )


def _structure(one: Told) -> dict[str, object]:
    ranks, k = one["rank_check"], one["pareto_k"]
    worst = max(k, key=k.__getitem__)
    return {
        "weight": f"{100 * one['weight']:.0f} %",
        "log score on unseen studies": f"{one['log_score']:g}",
        "R-hat": f"{one['r_hat']:g}",
        "fewest effective draws": one["least_effective_draws"],
        "divergences": one["divergences"],
        "largest Pareto k": f"{k[worst]:g} ({worst})",
        f"studies with k above {TOO_HEAVY:g}, sampled again without": ", ".join(one["refitted"]) or "none",
        "truths ranked": ranks["truths"],
        "ranks inside the middle 90 %": f"{100 * ranks['inside_90']:.0f} %",
        "p of ranks this uneven": f"{ranks['p_value']:g}",
    }


def unsure(recipe: Told) -> list[str]:
    """Return what in the making of the posterior fell short of its aim."""
    said = []
    if recipe.get("r_hat", 1.0) > AIM_R_HAT:
        said.append(f"the chains have not met: R-hat is {recipe['r_hat']:g}, the aim is {AIM_R_HAT:g}")
    if recipe.get("divergences"):
        said.append(f"{recipe['divergences']} steps of the sampler diverged")
    for name, one in recipe.get("structures", {}).items():
        if one["rank_check"]["truths"] < TRUTHS:
            said.append(f"{words_of(name)}: {one['rank_check']['truths']} of {TRUTHS} truths were ranked")
    if tuple(recipe.get("rounds", ())) != ROUNDS:
        said.append(
            f"its rounds ran {', '.join(map(str, recipe.get('rounds', []))) or 'no'} parameter sets; the program "
            f"as it stands runs {', '.join(map(str, ROUNDS))}"
        )
    return said


def beats(unseen: Told) -> str:
    """Say whether the model was nearer than the baseline, as far as the bootstrap lets one say."""
    ends = unseen.get("difference_interval")
    if not ends:
        return "There is no baseline to compare with."
    if ends[1] < 0:
        return "The model was nearer than the baseline, beyond what a resampling of studies lets vary."
    if ends[0] > 0:
        return "**The baseline was nearer than the model**, beyond what a resampling of studies lets vary."
    return (
        "Whether the model or the baseline is nearer cannot be said: a resampling of studies turns it round."
    )


def alone(unseen: Told) -> list[str]:
    """Return the therapies that a single study speaks for: no other trial predicts it."""
    return [_group(name) for name, part in unseen["by_therapy"].items() if part["studies"] == 1]


# --- to whom it applies ----------------------------------------------------------------------------------------


def reach() -> list[str]:
    """Return how many therapies have each class of evidence, by sex."""
    rows: list[list[object]] = []
    for grade in ("calibrated", "by-analogy", "refused"):
        named = {
            sex: [
                f"[{t.short}](#therapy-{t.id})"
                for t in KNOWN.therapies.values()
                if t.body == "hair" and standing(KNOWN, t.id, sex).grade == grade
            ]
            for sex in ("F", "M")
        }
        rows.append([grade.replace("-", " "), *(", ".join(named[sex]) or "none" for sex in ("F", "M"))])
    return table(["class", "in women", "in men"], rows)


def looked_at(recipe: Told) -> dict[str, Any]:
    """Return whom the fitted studies counted: studies by sex, ages, countless arms, risk of bias, longest week."""
    fitted = [KNOWN.studies[name] for name in recipe["studies"] if name in KNOWN.studies]
    ages = [s.age for s in fitted if s.age is not None]
    sexes = Counter(s.sex for s in fitted)
    return {
        "studies": len(fitted),
        "sexes": [
            f"{sexes[sex]} counted {people([sex]) if sex != 'both' else 'women and men'}"
            for sex in ("M", "F", "both")
            if sexes[sex]
        ],
        "ages": (min(ages), max(ages), len(ages)) if ages else None,
        "bias": Counter(s.risk_of_bias for s in fitted),
        "weeks": max((r.week for s in fitted for r in s.results if r.calibrates), default=0),
        "sites": sorted({s.site for s in fitted}),
    }


# --- predicted against observed --------------------------------------------------------------------------------


def picture(rows: Iterable[Told]) -> str:
    """Draw each unseen change of a count: as predicted, with its 90 % interval, against what was printed."""
    shown = [_point(row) for row in rows if row["unit"] == "/cm2" and not _far(row)]
    colours = {"inside the 90 % interval": INK, "outside": RUST}
    ends = [end for row in shown for end in (row["low"], row["high"], row["observed"])] or [0.0, 1.0]
    low, high = min(ends), max(ends)
    scale = alt.Scale(domain=[low, high], nice=True)
    base = alt.Chart(alt.Data(values=shown))
    colour = alt.Color("held:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())),
                       legend=alt.Legend(symbolOpacity=1, symbolType="circle"))  # fmt: skip
    x = alt.X("observed:Q", title="printed change [hairs per cm²]", scale=scale)
    y = alt.Y("predicted:Q", title="predicted without that study", scale=scale)
    whisker = base.mark_rule(strokeWidth=1.2, opacity=0.45).encode(
        x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q", color=colour
    )
    mark = base.mark_point(filled=True, size=44, opacity=0.9).encode(x=x, y=y, color=colour)
    same = alt.Chart(alt.Data(values=[{"a": low}, {"a": high}])).mark_line(color=GREY, strokeDash=[3, 3])
    line = same.encode(x=alt.X("a:Q", scale=scale), y=alt.Y("a:Q", scale=scale))
    inside = sum(row["held"] != "outside" for row in shown)
    describe = f"{len(shown)} printed changes of a count against their prediction; {inside} lie in the 90 % interval."
    return model_pictures.svg((line + whisker + mark).properties(width=WIDTH, height=330), describe)


def _point(row: Told) -> dict[str, Any]:
    inside = row["low90"] <= row["observed"] <= row["high90"]
    return {
        "observed": row["observed"], "predicted": row["predicted"], "low": row["low90"], "high": row["high90"],
        "held": "inside the 90 % interval" if inside else "outside",
    }  # fmt: skip


def _far(row: Told) -> bool:
    return row["unit"] == "/cm2" and max(abs(row["observed"]), abs(row["predicted"])) > _WIDE
