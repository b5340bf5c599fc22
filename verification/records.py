"""The clinic's records under blows: killed 300 times mid-write, stopped as by a power cut, written to in crowds."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from follicast.errors import FollicastError
from follicast.patient import Patient
from follicast.records import Records
from verification import killed, postgres
from verification.verdict import Verdict

KILLS, A_CLINIC = (
    300,
    30,
)  # kills in all, and kills after which a new clinic is begun (its check grows with what it holds)
CRASHES = 10
CHORES = 15
CLIENTS, WRITES = 100, 5
NewPlace = Callable[[], str]


def _missing(what: str) -> Iterator[Verdict]:
    """Say that there is no PostgreSQL: a word where it was not promised, a failure where it was."""
    wanted = "postgres" in os.environ.get("FOLLICAST_REQUIRE", "").split(",")
    yield Verdict(what, "there is no PostgreSQL on this machine", not wanted, word="left out")


def sqlite() -> Iterator[Verdict]:
    """SQLite: killed, and asked by a crowd."""
    with tempfile.TemporaryDirectory() as folder:
        number = iter(range(KILLS))
        yield from _blows(
            "SQLite", Path(folder), place := lambda: f"sqlite:///{folder}/clinic{next(number)}.db"
        )
        yield _chores("SQLite", Path(folder), place)


def postgresql() -> Iterator[Verdict]:
    """PostgreSQL: killed, stopped as by a power cut, and asked by a crowd."""
    if postgres.programs() is None:
        yield from _missing("records in PostgreSQL under blows")
        return
    server = postgres.Cluster(durable=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield from _blows("PostgreSQL", Path(folder), server.new)
            yield _crashes(server, Path(folder))
            yield _chores("PostgreSQL", Path(folder), server.new)
    finally:
        server.close()


def _blows(engine: str, folder: Path, place: NewPlace) -> Iterator[Verdict]:
    yield _kills(engine, folder, place)
    yield _crowd(engine, folder, place())


def _kills(engine: str, folder: Path, place: NewPlace) -> Verdict:
    """Kill one of two writers at a time, the other half a moment later, and look at everything each time."""
    wrong: list[str] = []
    kept, in_an_act = 0, 0
    for clinic in range(KILLS // A_CLINIC):
        url, pictures, seen = place(), folder / f"{engine}{clinic}", killed.Seen()
        for seed in range(clinic * A_CLINIC, (clinic + 1) * A_CLINIC, 2):
            writers = [killed.Writer(url, pictures, seed + k, seen) for k in range(2)]
            for writer in writers:
                writer.live(at_once=seed % A_CLINIC == 0)
                in_an_act += writer.kill()
            wrong += killed.wrong(url, pictures, seen)
        kept += len(seen.kept) + len(seen.erased)
    return Verdict(
        f"{engine}, two writers, killed {KILLS} times: everything acknowledged is there, nothing is half written",
        f"{len(wrong)} faults in {kept:,} acknowledged acts; {in_an_act} kills in the middle of an act"
        + "".join(f"; {fault}" for fault in wrong[:3]),
        not wrong and in_an_act > KILLS / 4 and kept > KILLS,
    )


def _crashes(server: postgres.Cluster, folder: Path) -> Verdict:
    wrong: list[str] = []
    url, pictures, seen, luck = server.new(), folder / "crashed", killed.Seen(), random.Random(1)
    for seed in range(CRASHES):
        writers = [killed.Writer(url, pictures, 1000 + 2 * seed + k, seen) for k in range(2)]
        for writer in writers:
            writer.live()
        time.sleep(luck.uniform(0, 0.1))
        server.crash()
        for writer in writers:
            writer.kill()
        server.start()
        wrong += killed.wrong(url, pictures, seen)
    return Verdict(
        f"PostgreSQL stopped {CRASHES} times as by a power cut while two write",
        f"{len(wrong)} faults in {len(seen.kept) + len(seen.erased):,} acknowledged acts"
        + "".join(f"; {fault}" for fault in wrong[:3]),
        not wrong and bool(seen.kept),
    )


def _chores(engine: str, folder: Path, place: NewPlace) -> Verdict:
    """Kill backups and restores on their way: each is whole or absent, and can be begun again."""
    url, pictures, luck = place(), folder / f"{engine}-chores", random.Random(2)
    with Records.open(url, pictures=pictures) as records:
        for number in range(20):
            list(killed._acts(records, random.Random(number), f"n{number}"))
        told = records.verify()
    whole, restored, wrong = 0, 0, []
    for number in range(CHORES):
        file, target = folder / f"{engine}{number}.zip", place()
        where = (url, str(pictures), str(file), target)
        killed.killed_at("backup", luck.uniform(0.01, 0.12), *where)
        whole += file.exists()
        killed.killed_at("backup", 120.0, *where)
        killed.killed_at("restore", luck.uniform(0.01, 0.12), *where)
        killed.killed_at("restore", 120.0, *where)
        restored_to = Path(f"{pictures}-restored")
        try:
            with Records.open(target, pictures=restored_to) as records:
                found = records.verify()
            wrong += [] if found.counts == told.counts else ["not everything came back"]
            wrong += found.faults
            restored += found.lines > 0
        except FollicastError as trouble:
            wrong.append(str(trouble))
        shutil.rmtree(restored_to, ignore_errors=True)
    return Verdict(
        f"{engine}, {CHORES} backups and {CHORES} restores killed on the way and begun again",
        f"{restored} came back whole, {whole} backups were done before the blow, {len(wrong)} faults"
        + "".join(f"; {fault}" for fault in wrong[:3]),
        not wrong and restored == CHORES,
    )


def _crowd(engine: str, folder: Path, url: str) -> Verdict:
    """A hundred clients at once, each adding patients: all are served, or told in words that the records are busy."""
    took: list[float] = []
    busy: list[str] = []
    broken: list[BaseException] = []

    def come(records: Records) -> None:
        for _ in range(WRITES):
            begun = time.perf_counter()
            try:
                records.patients.add(Patient(age=40.0, sex="F"), by="local")
                took.append(time.perf_counter() - begun)
            except FollicastError as trouble:
                busy.append(str(trouble))
            except BaseException as trouble:
                broken.append(trouble)

    with Records.open(url, pictures=folder / "crowd") as records:
        clients = [threading.Thread(target=come, args=(records,)) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        there, faults = len(records.patients), records.verify().faults
    took.sort()
    middle, slow = (took[int(share * len(took))] if took else float("nan") for share in (0.5, 0.95))
    return Verdict(
        f"{engine}, {CLIENTS} clients at once, {CLIENTS * WRITES} writes: served or told that it is busy",
        f"{len(took)} served (median {middle:.2f} s, 95 % within {slow:.2f} s), {len(busy)} told to wait, "
        f"{len(broken)} broken, {len(faults)} faults",
        not broken and not faults and there == len(took) and len(took) > 0,
    )


PROOFS = (sqlite, postgresql)
