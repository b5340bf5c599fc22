"""Races the kernel beside a plain C yardstick and beside well-known simulators, and prints ratios per core.

Run it as a program: `python benchmarks/bench.py [--json] [--quick]`. All times are CPU seconds of one core, taken
in one session, turn by turn, because a ratio survives a busy machine better than a time does. What is not
installed is left out, and said so.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import numpy as np
import plans
import yardstick
from peers import PEERS, Peer
from people import assessing
from workload import Work, w1, w2

HERE = Path(__file__).parent
W1_FOLLICLES = 100_000
PATIENTS, BLOCK = 1000, 100
FORECAST = (
    "forecast",
    "examples/woman-47-pattern.yaml",
    "--arm",
    "minoxidil-topical-1",
    "--arm",
    "prp",
    "--arm",
    "minoxidil-topical-5",
    "--draws",
    "200",
)


def run(quick: bool = False) -> dict[str, Any]:
    """Run every race that can be run here; quick: fewer repeats, no second workload."""
    w1().grow()  # compiled before the clock starts
    with TemporaryDirectory() as folder:
        program = yardstick.build(Path(folder)) if yardstick.compiler() else None
        found: dict[str, Any] = {
            "machine": machine(),
            "w1": race_w1(program, Path(folder), 3 if quick else 9),
        }
        if not quick:
            found["w2"] = race_w2(program, Path(folder))
    found["peers"] = {peer.package: race_peer(peer, 1 if quick else 5) for peer in PEERS}
    found["start_to_forecast_s"] = start_to_forecast()
    found["reading"] = reading(3 if quick else 7)
    found["assessing"] = assessing(*((3, 1_000) if quick else (7, 10_000)))
    found["plan"] = {name: spread(values) for name, values in plans.race(1 if quick else 5).items()}
    return found


def machine() -> dict[str, str]:
    """Return what the figures were taken on."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "c_compiler": yardstick.compiler() or "none found: no yardstick",
    }


def spread(values: list[float]) -> dict[str, float]:
    """Return median, lowest and highest of repeats."""
    return {"median": median(values), "low": min(values), "high": max(values)}


def seconds_of(work: Callable[[], object], repeats: int) -> float:
    """Return the median CPU seconds of a few runs."""
    times = []
    for _ in range(repeats):
        before = process_time()
        work()
        times.append(process_time() - before)
    return median(times)


def race_w1(program: Path | None, folder: Path, turns: int) -> dict[str, Any]:
    """One scalp: kernel and yardstick take turns."""
    work = w1()
    events, counts, _ = work.grow()
    kernel, ratio, c_times = [], [], []
    if program:
        yardstick.hand_over(work, folder / "w1.bin")
    for _ in range(turns):
        kernel.append(seconds_of(work.grow, 3))
        if program:
            measured = yardstick.measure(program, folder / "w1.bin", 3)
            c_times.append(median(measured.seconds))
            ratio.append(kernel[-1] / c_times[-1])
    found = {
        "events": events,
        "kernel_s": spread(kernel),
        "kernel_ns_per_event": scaled(kernel, 1e9 / events),
    }
    if program:
        found |= {
            "yardstick_s": spread(c_times),
            "yardstick_ns_per_event": scaled(c_times, 1e9 / events),
            "kernel_over_yardstick": spread(ratio),
            "counts_agree": bool((measured.counts == counts).all()),
        }
    return found


def scaled(values: list[float], factor: float) -> dict[str, float]:
    """Return the spread of values in another unit."""
    return spread([value * factor for value in values])


def race_w2(program: Path | None, folder: Path) -> dict[str, Any]:
    """One trial, patient block by patient block; both arms with the same luck."""
    kernel, c_times, events, agree = [], [], 0, True
    for first in range(0, PATIENTS, BLOCK):
        for arm in w2(range(first, first + BLOCK)):
            before = process_time()
            block_events, counts, _ = arm.grow()
            kernel.append(process_time() - before)
            events += block_events
            if program:
                yardstick.hand_over(arm, folder / "w2.bin")
                measured = yardstick.measure(program, folder / "w2.bin", 1)
                c_times.append(measured.seconds[0])
                agree &= bool((measured.counts == counts).all())
    seconds = sum(kernel)
    found: dict[str, Any] = {
        "events": events,
        "kernel_s": seconds,
        "kernel_ns_per_event": 1e9 * seconds / events,
    }
    if program:
        ratios = [a / b for a, b in zip(kernel, c_times, strict=True)]
        found |= {"yardstick_s": sum(c_times), "kernel_over_yardstick": spread(ratios), "counts_agree": agree}
    return found


def race_peer(peer: Peer, repeats: int) -> dict[str, Any]:
    """One peer on W1, the kernel timed beside each of its runs; fewer follicles are scaled up in proportion."""
    if peer.version() is None:
        return {"left_out": f"{peer.package} is not installed"}
    scale, work = W1_FOLLICLES / peer.follicles, w1()
    runs, seconds, ratios = [], [], []
    for _ in range(repeats):
        kernel_s = seconds_of(work.grow, 3)
        runs.append(peer.measure())
        kernel_s = 0.5 * (kernel_s + seconds_of(work.grow, 3))
        seconds.append(runs[-1].seconds * scale)
        ratios.append(seconds[-1] / kernel_s)
    return {
        "version": peer.version(),
        "how": peer.how,
        "follicles": peer.follicles,
        "extrapolated": scale > 1.0,
        "seconds": spread(seconds),
        "times_slower_than_kernel": spread(ratios),
        "counts_off_by_percent": disagreement(runs[0].counts, w1(peer.follicles)),
    }


def disagreement(counts: np.ndarray[Any, Any], work: Work) -> float:
    """Return the largest difference [%] from the kernel's time averages (total, thick, growing, diameter, shed)."""
    ours = work.grow()[1][0, : len(counts)].mean(axis=1)
    return float(np.abs(counts.mean(axis=1) / ours - 1.0).max() * 100.0)


def start_to_forecast(repeats: int = 3) -> dict[str, float] | None:
    """Return the wall seconds from a cached start to a printed forecast of four arms, or None without the command."""
    command = Path(sys.executable).with_name("follicast")
    if not command.exists():
        return None
    times = []
    for _ in range(repeats + 1):
        before = perf_counter()
        done = subprocess.run([str(command), *FORECAST], cwd=HERE.parent, capture_output=True, check=False)
        if done.returncode:
            return None
        times.append(perf_counter() - before)
    return spread(times[1:])  # the first start fills the caches


OPEN_ALL = """
from time import process_time
from follicast.evidence.library import evidence
before = process_time()
evidence().shelves
print(process_time() - before)
"""


def reading(turns: int) -> dict[str, Any]:
    """Open all evidence in turn from its files, with an empty cache, and from what a start before it kept."""
    fresh, kept = [], []
    for _ in range(turns):
        with TemporaryDirectory() as cache:
            fresh.append(_open_all(cache))
            kept.append(_open_all(cache))
    return {"fresh_s": spread(fresh), "kept_s": spread(kept),
            "fresh_over_kept": spread([a / b for a, b in zip(fresh, kept, strict=True)])}  # fmt: skip


def _open_all(cache: str) -> float:
    done = subprocess.run([sys.executable, "-c", OPEN_ALL], capture_output=True, text=True, check=True,
                          env=os.environ | {"XDG_CACHE_HOME": cache})  # fmt: skip
    return float(done.stdout)


def report(found: dict[str, Any]) -> str:
    """Return the figures as lines to read."""
    lines = [f"{what}: {value}" for what, value in found["machine"].items()]
    one = found["w1"]
    lines += [
        "",
        f"W1, one scalp, 100,000 follicles, 5 years, {one['events']:,} events; CPU time of one core",
        f"  kernel     {shown(one['kernel_s'], 1e3)} ms, {shown(one['kernel_ns_per_event'])} ns per event",
    ]
    if "yardstick_s" in one:
        lines += [
            f"  yardstick  {shown(one['yardstick_s'], 1e3)} ms, "
            f"{shown(one['yardstick_ns_per_event'])} ns per event",
            f"  kernel over yardstick: {shown(one['kernel_over_yardstick'], digits=2)}; "
            f"counts agree one for one: {one['counts_agree']}",
        ]
    if "w2" in found:
        two = found["w2"]
        lines += [
            "",
            f"W2, one trial, 1,000 patients of 5,000 follicles, 2 years, 2 arms, {two['events']:,} events",
            f"  kernel     {two['kernel_s']:.2f} s, {two['kernel_ns_per_event']:.0f} ns per event",
        ]
        if "yardstick_s" in two:
            lines += [
                f"  yardstick  {two['yardstick_s']:.2f} s; kernel over yardstick: "
                f"{shown(two['kernel_over_yardstick'], digits=2)}; counts agree: {two['counts_agree']}"
            ]
    lines += ["", "Peers on W1, times slower than the kernel per core"]
    lines += [f"  {line_of(name, peer)}" for name, peer in found["peers"].items()]
    if found["start_to_forecast_s"]:
        seconds = shown(found["start_to_forecast_s"], digits=2)
        lines += ["", f"Cached start to a printed forecast of four arms: {seconds} s of wall time"]
    read = found["reading"]
    lines += ["", f"All evidence: read and checked in {shown(read['fresh_s'], digits=2)} s, taken as kept in "
              f"{shown(read['kept_s'], digits=2)} s; {shown(read['fresh_over_kept'])} times"]  # fmt: skip
    lines += ["", *told_of_assessing(found["assessing"])]
    return "\n".join([*lines, "", *plan_lines(found["plan"])])


def plan_lines(plan: dict[str, Any]) -> list[str]:
    """Return what a plan costs as lines to read."""
    told = {name: shown(value, digits=2) for name, value in plan.items()}
    return [
        f"A plan of {plans.PLAN_DRAWS} draws: {told['plan_cpu_s']} CPU s, with its page {told['plan_and_page_cpu_s']}",
        f"  start to page: {told['plan_and_page_wall_s']} s of wall time",
        f"  without the page, kernel runs of W1: {told['plan_over_kernel']}",
        f"Four arms redrawn from a grown scalp, {plans.REDRAW_DRAWS} draws: {told['redraw_s']} s of wall time; "
        f"one after another takes {told['apart_over_together']} times as long",
    ]


def told_of_assessing(found: dict[str, Any]) -> list[str]:
    """Return how fast people at random are assessed, as lines to read."""
    whole, short, ratio = (spread(found[key]) for key in ("whole_s", "statuses_s", "whole_over_statuses"))
    return [
        f"Assessing one person against everything: {shown(whole, 1e3, 2)} ms of CPU; statuses alone "
        f"{shown(short, 1e3, 2)} ms; {shown(ratio, digits=1)} times",
        f"Assessing {found['people']:,} people on two processes: {found['wall_s']:.0f} s of wall time, "
        f"{found['cpu_s']:.0f} s of CPU",
    ]


def shown(value: dict[str, float], factor: float = 1.0, digits: int = 0) -> str:
    """Return "median (low to high)"."""
    middle, low, high = (f"{value[which] * factor:,.{digits}f}" for which in ("median", "low", "high"))
    return f"{middle} ({low} to {high})"


def line_of(name: str, peer: dict[str, Any]) -> str:
    """Return one peer's line."""
    if "left_out" in peer:
        return f"{name}: left out, {peer['left_out']}"
    size = (
        f"{peer['follicles']:,} follicles, scaled up"
        if peer["extrapolated"]
        else f"{peer['follicles']:,} follicles"
    )
    return (
        f"{name} {peer['version']} ({peer['how']}; {size}): {shown(peer['times_slower_than_kernel'])} times, "
        f"{peer['seconds']['median']:.1f} s; counts within {peer['counts_off_by_percent']:.1f} % of the kernel's"
    )


def main() -> None:
    """Run the races and print them."""
    found = run(quick="--quick" in sys.argv)
    print(json.dumps(found, indent=1) if "--json" in sys.argv else report(found))


if __name__ == "__main__":
    main()
