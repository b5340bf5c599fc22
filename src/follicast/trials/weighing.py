"""What the model would have believed without a study, and how much each rival structure deserves to be believed.

Leaving a study out is done by importance weights with a Pareto-smoothed tail (Vehtari 2017, arXiv:1507.02646);
where the tail is too heavy (k above 0.7) the model is sampled again without the study. Structures are weighted by
pseudo-Bayesian model averaging over those left-out predictions, with a Bayesian bootstrap over studies (Yao 2018,
arXiv:1704.02030), which keeps a structure alive that a few studies favour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, softmax

from follicast.trials import emulator
from follicast.trials.problem import Problem
from follicast.trials.rounds import Say
from follicast.trials.sampling import Sample, log_likelihoods, sample

TOO_HEAVY = 0.7
_BOOTSTRAP = 2000


@dataclass(frozen=True)
class LeftOut:
    """Draws of the posterior without each study, by study, with the Pareto k and the log score of its prediction."""

    samples: dict[str, Sample]
    pareto_k: dict[str, float]
    score: dict[str, float]

    @property
    def refitted(self) -> list[str]:
        """The studies without which the model was sampled again."""
        return [study for study, k in self.pareto_k.items() if k > TOO_HEAVY]


def leave_out(
    fitted: emulator.Emulator,
    task: Problem,
    everything: Sample,
    switched: dict[str, float],
    seed: int,
    say: Say,
) -> LeftOut:
    """Return what would be believed without each study in turn."""
    import arviz

    luck = np.random.default_rng(seed)
    likelihoods = log_likelihoods(fitted, task, everything)
    found = LeftOut({}, {}, {})
    for column, study in enumerate(task.studies):
        own = likelihoods[:, column]
        log_weight, k = (np.asarray(part) for part in arviz.psislw(-own))
        found.pareto_k[study] = float(k)
        if k > TOO_HEAVY:
            drawn = sample(fitted, task, seed, switched, without=study, keep=250, tune=500, chains=2)
            own = log_likelihoods(fitted, task, drawn)[:, column]
            found.samples[study] = drawn
            found.score[study] = float(logsumexp(own) - np.log(own.size))
        else:
            picked = luck.choice(own.size, size=own.size // 4, p=softmax(log_weight))
            found.samples[study] = _some(everything, picked)
            found.score[study] = float(logsumexp(log_weight + own))
        say(f"without {study}: Pareto k {found.pareto_k[study]:.2f}")
    return found


def _some(drawn: Sample, picked: np.ndarray) -> Sample:
    return Sample(drawn.z[picked], drawn.nuisance[picked], drawn.r_hat, drawn.least_ess, drawn.divergences)


def weights(
    scores: Mapping[str, Mapping[str, float]], seed: int, without: str | None = None
) -> dict[str, float]:
    """Return the weight of each structure from the log scores [structure, study], all studies or all but one."""
    studies = [study for study in next(iter(scores.values())) if study != without]
    table = np.array([[by_study[study] for study in studies] for by_study in scores.values()])
    shares = np.random.default_rng(seed).dirichlet(np.ones(len(studies)), _BOOTSTRAP)
    found = softmax(len(studies) * shares @ table.T, axis=1).mean(axis=0)
    return dict(zip(scores, (float(w) for w in found), strict=True))
