"""What a plan costs, step by step, and what running its arms together saves; ratios survive a busy machine.

The plan is the bundled woman's: every open therapy, the sensible pairs, a stop of each, the usual what-ifs, the
ranking, the page with its pictures. The redraw is what an interactive page asks for: four arms from a grown scalp.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from workload import w1

EXAMPLE = Path(__file__).parents[1] / "examples" / "woman-47-pattern.yaml"
PLAN_DRAWS, REDRAW_DRAWS = 500, 200
FOUR = ("minoxidil-topical-1", "minoxidil-topical-5", "prp", "minoxidil-topical-1+prp")
WHOLE = """
import sys
from time import process_time
from follicast.patient import Patient
from follicast.plan.walk import advise
from follicast.report import report
plan = advise(Patient.load(sys.argv[1]), "prp", draws=int(sys.argv[2]))
plan.as_json()
planned = process_time()
report(plan, "en")
print(planned, process_time())
"""


def race(turns: int) -> dict[str, list[float]]:
    """Time each step in turn with one kernel run of W1 [s], so that a busy machine slows both."""
    found: dict[str, list[float]] = {}
    for _ in range(turns):
        for name, value in (_steps() | _whole()).items():
            found.setdefault(name, []).append(value)
    return found


def _steps() -> dict[str, float]:
    """Time together and apart what an interactive page asks for: four arms from a scalp that is grown already."""
    from follicast.forecast import forecast
    from follicast.patient import Patient
    from follicast.regimen import Regimen
    from follicast.today import today

    now, arms = today(Patient.load(EXAMPLE), draws=REDRAW_DRAWS), [Regimen(words) for words in FOUR]
    forecast(now, arms)
    together = _wall(lambda: [arm.curves for arm in forecast(now, arms).arms])
    apart = sum(_wall(lambda arm=arm: [one.curves for one in forecast(now, [arm]).arms]) for arm in arms)
    return {"redraw_s": together, "apart_over_together": apart / together}


def _whole() -> dict[str, float]:
    """Make a whole plan in a fresh process: wall and CPU seconds, and its CPU beside the kernel's on W1."""
    work = w1()
    work.grow()
    before = process_time()
    work.grow()
    kernel = process_time() - before
    begun = perf_counter()
    done = subprocess.run([sys.executable, "-c", WHOLE, str(EXAMPLE), str(PLAN_DRAWS)], capture_output=True,
                          text=True, check=True, env=os.environ)  # fmt: skip
    wall = perf_counter() - begun
    planned, whole = map(float, done.stdout.split())
    return {"plan_cpu_s": planned, "plan_and_page_cpu_s": whole, "plan_and_page_wall_s": wall,
            "plan_over_kernel": planned / kernel}  # fmt: skip


def _wall(work: Any) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun
