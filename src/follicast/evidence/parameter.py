"""What calibration may move: the model's parameters, each with the belief held before any trial was seen."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from follicast.evidence.number import Number


class Parameter(Number):
    """One parameter and its prior: normal with `spread` (an SD) on its scale, around `value`.

    `log` keeps it above 0, `logit` between 0 and 1; `rectified` is normal with everything below 0 counted as
    0, so that "does nothing" has a probability of its own. `switch` is 0 or 1, and `value` the probability of 1:
    a question of structure on which the literature is split.
    """

    scale: Literal["log", "logit", "linear", "rectified", "switch"]
    what: str

    @model_validator(mode="after")
    def _has_a_prior(self) -> Parameter:
        if self.spread is None or self.spread.value is None or self.spread.kind != "sd":
            raise ValueError("a parameter needs spread: {kind: sd, value: …} on its scale")
        return self

    @property
    def prior_sd(self) -> float:
        """The SD [1] of the prior on the parameter's scale."""
        assert self.spread is not None and self.spread.value is not None
        return self.spread.value
