"""A quick stand-in for the virtual trials: a ridge-fitted quadratic in the parameters, with its own error.

It serves calibration only; qualification runs the follicles themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from follicast.cycle import Floats

_RIDGE = 3.0
_FOLDS = 5
_STRONGEST = 16  # only the parameters an output leans on most may bend it, or the terms outnumber the runs


@dataclass(frozen=True)
class Emulator:
    """Coefficients of a constant [output], linear terms [parameter, output] and bends among the strongest parameters.

    `strong` [output, k] names the parameters that may bend an output, `bend` [output, k, k] says how; `error`
    [output] is the root-mean-square error on points left out of the fit.
    """

    constant: Floats
    linear: Floats
    strong: NDArray[np.int64]
    bend: Floats
    error: Floats

    def value_and_slope(self, x: Floats) -> tuple[Floats, Floats]:
        """Return outputs [output] and their slopes [parameter, output] at x [parameter]."""
        leaning = x[self.strong]
        bent = np.matmul(self.bend, leaning[:, :, None])[:, :, 0]
        slope = self.linear.copy()
        slope[self.strong, np.arange(self.constant.size)[:, None]] += 2.0 * bent
        return self.constant + x @ self.linear + (leaning * bent).sum(axis=1), slope

    def __call__(self, x: Floats) -> Floats:
        """Return outputs [set, output] at x [set, parameter]."""
        leaning = x[:, self.strong]
        bent = np.einsum("oij,soj->soi", self.bend, leaning, optimize=True)
        return self.constant + x @ self.linear + (leaning * bent).sum(axis=2)


def fit(x: Floats, y: Floats) -> Emulator:
    """Fit each output of y [set, output] on x [set, parameter]; the error is that on folds left out."""
    dims, outputs = x.shape[1], y.shape[1]
    few = min(_STRONGEST, dims)
    constant, linear, error = np.zeros(outputs), np.zeros((dims, outputs)), np.zeros(outputs)
    strong, bend = np.zeros((outputs, few), dtype=np.int64), np.zeros((outputs, few, few))
    for k in range(outputs):
        strong[k] = _strongest(x, y[:, k])
        pairs = [(i, j) for i in range(few) for j in range(i, few)]
        terms = _terms(x, [(strong[k, i], strong[k, j]) for i, j in pairs])
        row = _solve(terms, y[:, k])
        constant[k], linear[:, k] = row[0], row[1 : 1 + dims]
        for (i, j), share in zip(pairs, row[1 + dims :], strict=True):
            bend[k, i, j] += 0.5 * share
            bend[k, j, i] += 0.5 * share
        error[k] = _error(terms, y[:, k])
    return Emulator(constant, linear, strong, bend, error)


def _strongest(x: Floats, y: Floats) -> NDArray[np.int64]:
    slopes = _solve(_terms(x, []), y)[1:]
    return np.sort(np.argsort(-np.abs(slopes))[:_STRONGEST])


def _terms(x: Floats, pairs: Sequence[tuple[int, int]]) -> Floats:
    products = [(x[:, i] * x[:, j])[:, None] for i, j in pairs]
    return np.hstack([np.ones((x.shape[0], 1)), x, *products])


def _solve(terms: Floats, y: Floats) -> Floats:
    penalty = _RIDGE * np.eye(terms.shape[1])
    penalty[0, 0] = 0.0
    return np.linalg.solve(terms.T @ terms + penalty, terms.T @ y)


def _error(terms: Floats, y: Floats) -> float:
    fold = np.arange(y.size) % _FOLDS
    away = [y[fold == k] - terms[fold == k] @ _solve(terms[fold != k], y[fold != k]) for k in range(_FOLDS)]
    return float(np.sqrt(np.mean(np.concatenate(away) ** 2)))
