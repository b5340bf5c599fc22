"""How fast people are assessed: one against everything, and ten thousand on two processes."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from follicast.assessment import assess
from follicast.assessment.consultation import know
from follicast.assessment.screening import statuses

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
import anybody  # people at random over the whole intake

MANY, BATCH, PROCESSES = 10_000, 500, 2


def assessing(turns: int, many: int = MANY) -> dict[str, Any]:
    """Time people one by one [s of CPU], in turn the whole answer and its statuses alone; then many at once [s]."""
    patients = [anybody.story(seed)[1] for seed in range(200)]
    for patient in patients:
        assess(patient)  # warm
    whole, short = [], []
    for _ in range(turns):
        whole.append(_each(patients, assess))
        short.append(_each(patients, lambda patient: statuses(know(patient).known, patient.region)))
    found = {"whole_s": whole, "statuses_s": short}
    return found | {"whole_over_statuses": [a / b for a, b in zip(whole, short, strict=True)], **_many(many)}


def _each(patients: list[Any], do: Any) -> float:
    before = process_time()
    for patient in patients:
        do(patient)
    return (process_time() - before) / len(patients)


def _many(people: int) -> dict[str, float]:
    """Assess many people in full on two processes: seconds of wall time, and of CPU of all processes together."""
    batches = [range(first, first + BATCH) for first in range(0, people, BATCH)]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        list(pool.map(_batch, [range(1)] * PROCESSES))  # started and warm
        begun = perf_counter()
        cpu = sum(pool.map(_batch, batches))
        return {"people": people, "wall_s": perf_counter() - begun, "cpu_s": cpu}


def _batch(seeds: range) -> float:
    before = process_time()
    for seed in seeds:
        assess(anybody.story(seed)[1])
    return process_time() - before
