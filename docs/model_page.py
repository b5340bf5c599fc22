"""Fills the page that explains the model: its pictures, its formulas, where therapies act, what is assumed."""

from __future__ import annotations

from typing import Any

import model_pictures
from lists import number_place
from saying import KNOWN, number, table, words, write

from follicast.evidence import census
from follicast.evidence.grading import standing
from follicast.evidence.therapy import Action, Therapy
from follicast.sensitivity import FACTORS
from follicast.trials.calibration import ROUNDS
from follicast.trials.likelihood import OFFSETS
from follicast.trials.ranks import TRUTHS
from follicast.trials.sampling import CHAINS
from follicast.trials.weighing import TOO_HEAVY

_NUMBERS = census.numbers(KNOWN)
_ACTED_ON = {
    "drive": "androgen drive",
    "release": "frees resting hairs",
    "wake": "wakes empty follicles",
    "hold": "keeps hairs growing",
    "enlarge": "steps up the ladder",
}


def page() -> None:
    """Write the page that explains the model."""
    write(
        "model",
        "model",
        at=at,
        par=parameter,
        pictures={name: model_pictures.framed(draw()) for name, draw in model_pictures.ALL.items()},
        under=model_pictures.drawn_under(),
        acts="\n".join(acts()),
        parameters=len(KNOWN.parameters),
        offsets=OFFSETS,
        rounds=ROUNDS,
        truths=TRUTHS,
        chains=CHAINS,
        heavy=TOO_HEAVY,
        factors=FACTORS,
        clock_work=model_pictures.WORK_D,
    )


def at(name: str) -> str:
    """Say a number, and lead to where it stands among all numbers with its source."""
    return f'<a href="{number_place(name)}">{number(_NUMBERS[name])}</a>'


def parameter(name: str) -> str:
    """Name a parameter, and lead to where its prior stands."""
    held = KNOWN.parameters[name]
    return f'<a href="{number_place(f"parameters.{name}")}" title="{held.what}"><code>{name}</code></a>'


def acts() -> list[str]:
    """Return where each therapy that has a curve in either sex acts on the chain."""
    acting = [t for t in KNOWN.therapies.values() if t.actions]
    head = ["therapy", "stage", "what it does", "how it sets in", "in women", "in men"]
    return table(head, (_acting(t) for t in acting))


def _acting(t: Therapy) -> list[Any]:
    return [
        f"[{t.short}](#therapy-{t.id})",
        ", ".join(str(stage) for stage in sorted({a.stage for a in t.actions})),
        ", ".join(dict.fromkeys(_does(a) for a in t.actions)),
        ", ".join(dict.fromkeys(_sets_in(a) for a in t.actions)),
        *(standing(KNOWN, t.id, sex).grade.replace("-", " ") for sex in ("F", "M")),
    ]


def _does(action: Action) -> str:
    if action.on != "drive":
        return _ACTED_ON[action.on]
    return {
        "reductase": "less DHT",
        "receptor": "fewer free receptors" if action.stage == 3 else "less androgen made",
    }.get(action.shape, words(_ACTED_ON[action.on]))


def _sets_in(action: Action) -> str:
    return {
        "reductase": "with the drug's level and the enzymes' turnover",
        "receptor": "with the level of its metabolite",
        "continuous": "within weeks, while it is taken",
        "pulse": "in pulses that fade",
    }[action.shape]
