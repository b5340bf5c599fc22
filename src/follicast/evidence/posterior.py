"""What calibration found: draws of the model's parameters, with the recipe they were made by.

The file is written by `follicast calibrate` and read here; it is the only road from a lower room to this one.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from follicast.errors import EvidenceError
from follicast.evidence.reader import read


@dataclass(frozen=True)
class Posterior:
    """Draws z [draw, parameter] as standard normal numbers, in the columns `names`; nuisances beside them."""

    folder: Path
    names: list[str]

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """How the draws were made: seed, rounds, hash of the evidence they were fitted to, convergence."""
        return dict(read(self.folder / "recipe.yaml").content)

    @cached_property
    def hash(self) -> str:
        """A hash [12 hex digits] of the draws themselves."""
        return hashlib.sha256((self.folder / "draws.csv").read_bytes()).hexdigest()[:12]

    @cached_property
    def _table(self) -> dict[str, NDArray[np.float64]]:
        path = self.folder / "draws.csv"
        if not path.exists():
            raise EvidenceError(f"{path.name}: there is no posterior; make one with: follicast calibrate")
        with path.open(newline="") as lines:
            header, *rows = list(csv.reader(lines))
        self._fits(header)
        studies = sorted({row[0] for row in rows})
        return {
            study: np.array([row[1:] for row in rows if row[0] == study], dtype=float) for study in studies
        }

    def _fits(self, header: list[str]) -> None:
        if header[1 : 1 + len(self.names)] != self.names:
            raise EvidenceError(
                "draws.csv: its columns are not the parameters of parameters.yaml; "
                "the model has changed since: run follicast calibrate"
            )

    def draws(self, without: str = "") -> NDArray[np.float64]:
        """Return z [draw, parameter], fitted to all studies or to all but one."""
        return self._table[without][:, : len(self.names)]

    def nuisances(self, without: str = "") -> NDArray[np.float64]:
        """Return nuisances [draw, nuisance]: mean drifts by kind of trial, then the log SDs between trials."""
        return self._table[without][:, len(self.names) :]

    @property
    def left_out(self) -> list[str]:
        """The studies for which draws without them are kept."""
        return [study for study in self._table if study]
