"""A clinic whose program is killed while it writes: whatever was acknowledged is there, whatever is there is whole.

A process of its own writes in a loop and says before each act what it begins and after it what it was given. It is
killed (SIGKILL) at a moment it cannot foresee; then the records are opened anew and compared with what it
said.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import multiprocessing
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from follicast.errors import Missing, RecordsError
from follicast.patient import Patient
from follicast.records import Records, measured, restore
from follicast.records.words import fingerprint

DAY = dt.date(2026, 3, 1)
_OWN = multiprocessing.get_context("forkserver")  # a new process in milliseconds, with none of ours in it
_OWN.set_forkserver_preload(["verification.killed"])
MOST_WORDS = 24  # a writer says two an act; more than it says of one patient
AN_ACT_S, OPENING_S = 0.02, 0.4  # about how long one act takes, and opening the records


def picture(luck: random.Random, size: int = 20_000) -> bytes:
    """Return the bytes of something that begins as a photograph does."""
    return b"\xff\xd8\xff" + luck.randbytes(size)


def write_on(url: str, pictures: str, seed: int, say: Connection) -> None:
    """Write until killed, and say what is begun and what is done."""
    luck = random.Random(seed)
    with contextlib.suppress(RecordsError), Records.open(url, pictures=Path(pictures)) as records:
        for number in range(1_000_000):
            for act in _acts(records, luck, f"{seed}-{number}"):
                say.send(act)  # a server that was stopped ends it; what it had not said was not promised


def _acts(records: Records, luck: random.Random, name: str) -> Iterator[tuple[Any, ...]]:
    """Yield ('begin', what) before each act and (what, id, what it must be) after it."""
    yield ("begin", "patient")
    chart = records.patients.add(Patient(age=40.0, sex="F", id=name), by="local", name=name)
    yield ("patient", chart.id, (1, 40.0))
    for version in (1, 2):
        yield ("begin", "patient")
        age = 40.0 + version
        records.patients.change(chart.id, Patient(age=age, sex="F", id=name), version=version, by="local")
        yield ("patient", chart.id, (version + 1, age))
    yield ("begin", "visit")
    found = [
        measured("total_density", luck.randint(50, 250), error=9, site="midscalp"),
        measured("shed_score", 3),
    ]
    visit = records.visits.add(chart.id, DAY, found, by="local", note=name)
    yield ("visit", visit.id, [one.value for one in found])
    yield ("begin", "photograph")
    shown = picture(luck)
    kept = records.photographs.keep(chart.id, shown, day=DAY, site="midscalp", by="local")
    yield ("photograph", kept.id, fingerprint(shown))
    yield ("begin", "plan")
    answer = {"evidence_version": "e", "seed": 7, "name": name, "filling": "x" * 20_000}
    plan = records.plans.issue(
        chart.id, answer, patient_version=3, by="local", pages={"en": f"<p>{name}" * 500}
    )
    yield ("plan", plan.id, plan.hash)
    if luck.random() < 0.3:
        yield ("begin", "erase", chart.id, visit.id, kept.id, plan.id)
        records.erase(chart.id, by="local")
        yield ("erased", chart.id, visit.id, kept.id, plan.id)


@dataclass
class Seen:
    """What writers have said so far: what must be there, what may be, what must not be."""

    kept: dict[tuple[str, str], Any] = field(default_factory=dict)
    maybe: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)

    def hear(self, act: tuple[Any, ...]) -> None:
        """Take in one thing that a writer said."""
        what, *told = act
        if what == "begin":
            self.maybe |= set(told[1:])
        elif what == "erased":
            self.erased |= set(told)
            self.kept = {key: value for key, value in self.kept.items() if key[1] not in self.erased}
        else:
            self.kept[what, told[0]] = told[1]


class Writer:
    """A process of its own that writes until it is killed; `seen` hears what it says."""

    def __init__(self, url: str, pictures: Path, seed: int, seen: Seen) -> None:
        self.seen, self.luck, self.in_an_act = seen, random.Random(seed), False
        self._here, there = _OWN.Pipe(duplex=False)
        self._process = _OWN.Process(target=write_on, args=(url, str(pictures), seed, there))
        self._process.start()
        there.close()

    def live(self, at_once: bool = False) -> None:
        """Let it say a chance number of words and live a moment more; `at_once`: a chance time from its start."""
        if at_once:
            self._hear(patience_s=self.luck.uniform(0.0, OPENING_S))
            return
        self._hear(patience_s=60.0, most=self.luck.randint(1, MOST_WORDS))
        self._hear(patience_s=self.luck.uniform(0.0, AN_ACT_S))

    def kill(self) -> bool:
        """Kill it, hear the rest of what it said, and return whether it was in the middle of an act."""
        self._process.kill()
        self._process.join()
        self._hear(patience_s=0.0)
        return self.in_an_act

    def _hear(self, patience_s: float, most: int = 1_000_000) -> None:
        until = time.monotonic() + patience_s
        try:
            while most and self._here.poll(max(0.0, until - time.monotonic())):
                act = self._here.recv()
                self.in_an_act = act[0] == "begin"
                self.seen.hear(act)
                most -= 1
        except EOFError:
            return


def chore(what: str, url: str, pictures: str, file: str, target: str) -> None:
    """Make a backup, or restore one elsewhere; to be killed on the way."""
    with contextlib.suppress(RecordsError):  # what stands there already from a life before
        if what == "backup":
            with Records.open(url, pictures=Path(pictures)) as records:
                records.backup(file, by="local")
        else:
            restore.restore(Path(file), target, Path(f"{pictures}-restored"))


def killed_at(what: str, after_s: float, *place: str) -> None:
    """Begin a chore in a process of its own, and kill it so much later, done or not."""
    worker = _OWN.Process(target=chore, args=(what, *place))
    worker.start()
    worker.join(after_s)
    worker.kill()
    worker.join()


def wrong(url: str, pictures: Path, seen: Seen) -> list[str]:
    """Open the records anew and return what is not as it was said; nothing, if all is well."""
    with Records.open(url, pictures=pictures) as records:
        found = list(records.verify().faults)
        for (what, id), due in seen.kept.items():
            found += _lost(records, what, id, due, id in seen.maybe)
        for id in seen.erased:
            found += [] if _gone(records, id) else [f"{id} was erased and is there"]
    return found


def _lost(records: Records, what: str, id: str, due: Any, maybe: bool) -> list[str]:
    try:
        is_there = _read(records, what, id)
    except Missing:
        return [] if maybe else [f"{what} {id} was acknowledged and is missing"]
    newer = what == "patient" and is_there >= due  # a change that was under way may have come through
    return [] if is_there == due or newer else [f"{what} {id} is not what was acknowledged"]


def _read(records: Records, what: str, id: str) -> Any:
    if what == "patient":
        chart = records.patients.get(id)
        return chart.version, chart.patient.age
    if what == "visit":
        return [one.value for one in records.visits.get(id).measurements]
    if what == "photograph":
        return fingerprint(records.photographs.read(id))
    return records.plans.get(id).hash


def _gone(records: Records, id: str) -> bool:
    for get in (records.patients.get, records.visits.get, records.photographs.get, records.plans.get):
        try:
            get(id)
        except Missing:
            continue
        return False
    return True
