"""A quick stand-in for the virtual trials: a ridge-fitted quadratic in the parameters, with its own error.

It serves calibration only; qualification runs the follicles themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from follicast.cycle import Floats

_RIDGE = 3.0
_FOLDS = 5
_STRONGEST = 16  # only the parameters an output leans on most may bend it, or the terms outnumber the runs


@dataclass(frozen=True)
class Emulator:
    """Coefficients [output] of constant, linear [parameter, output] and quadratic [parameter, parameter, output] terms.

    `error` [output] is the root-mean-square error on points left out of the fit.
    """

    constant: Floats
    linear: Floats
    quadratic: Floats
    error: Floats

    def value_and_slope(self, x: Floats) -> tuple[Floats, Floats]:
        """Return outputs [output] and their slopes [parameter, output] at x [parameter]."""
        bent = np.tensordot(x, self.quadratic, axes=1)
        return self.constant + x @ (self.linear + bent), self.linear + 2.0 * bent

    def __call__(self, x: Floats) -> Floats:
        """Return outputs [set, output] at x [set, parameter]."""
        return (
            self.constant + x @ self.linear + np.einsum("si,ijo,sj->so", x, self.quadratic, x, optimize=True)
        )


def fit(x: Floats, y: Floats) -> Emulator:
    """Fit each output of y [set, output] on x [set, parameter]; the error is that on folds left out."""
    dims, outputs = x.shape[1], y.shape[1]
    constant, linear = np.zeros(outputs), np.zeros((dims, outputs))
    quadratic, error = np.zeros((dims, dims, outputs)), np.zeros(outputs)
    for k in range(outputs):
        pairs = _pairs(x, y[:, k])
        terms = _terms(x, pairs)
        row = _solve(terms, y[:, k])
        constant[k], linear[:, k] = row[0], row[1 : 1 + dims]
        for (i, j), bend in zip(pairs, row[1 + dims :], strict=True):
            quadratic[i, j, k] += 0.5 * bend
            quadratic[j, i, k] += 0.5 * bend
        error[k] = _error(terms, y[:, k])
    return Emulator(constant, linear, quadratic, error)


def _pairs(x: Floats, y: Floats) -> list[tuple[int, int]]:
    slopes = _solve(_terms(x, []), y)[1:]
    strong = sorted(np.argsort(-np.abs(slopes))[:_STRONGEST].tolist())
    return [(i, j) for i in strong for j in strong if i <= j]


def _terms(x: Floats, pairs: list[tuple[int, int]]) -> Floats:
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
