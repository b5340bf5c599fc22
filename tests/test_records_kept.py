"""Nothing is lost: killed at any moment, asked by many processes at once, or compared with a plain dictionary."""

import datetime as dt
import multiprocessing
import random
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from verification import killed

from follicast.errors import Missing, RecordsError
from follicast.patient import Patient
from follicast.records import Conflict, Records, measured
from follicast.records.words import compared, fingerprint

KILLS = 25
DAY = dt.date(2026, 3, 1)
HOA = Patient(age=40.0, sex="F")


# --- killed ------------------------------------------------------------------------------------------------------


def test_killed_mid_write_25_times_everything_acknowledged_is_there_and_nothing_is_half_written(
    engine, tmp_path, request
):
    url = (
        request.getfixturevalue("cluster").new()
        if engine == "postgres"
        else f"sqlite:///{tmp_path / 'clinic.db'}"
    )
    seen, in_the_middle = killed.Seen(), 0
    for number in range(
        KILLS
    ):  # the first few while the records are opened, the very first while they are made
        writer = killed.Writer(url, tmp_path / "pictures", number, seen)
        writer.live(at_once=number < 3)
        in_the_middle += writer.kill()
        assert killed.wrong(url, tmp_path / "pictures", seen) == []
    assert in_the_middle > KILLS // 2 and len(seen.kept) > KILLS


def test_the_check_after_a_kill_would_see_what_is_lost(clinic):
    """The test above can fail: each thing that a writer was told and that is not so is found."""
    with clinic.open() as records:
        seen = killed.Seen()
        for act in killed._acts(records, random.Random(3), "n"):
            seen.hear(act)
    assert seen.kept and killed.wrong(clinic.url, clinic.pictures, seen) == []
    for (what, id), due in list(seen.kept.items()):
        lied = killed.Seen(kept={(what, "another"): due})
        assert killed.wrong(clinic.url, clinic.pictures, lied) == [
            f"{what} another was acknowledged and is missing"
        ]
        lied = killed.Seen(kept={(what, id): (9, 99.0) if what == "patient" else "other"})
        assert killed.wrong(clinic.url, clinic.pictures, lied) == [
            f"{what} {id} is not what was acknowledged"
        ]
    (plan,) = [id for what, id in seen.kept if what == "plan"]
    assert killed.wrong(clinic.url, clinic.pictures, killed.Seen(erased={plan})) == [
        f"{plan} was erased and is there"
    ]


# --- many processes ----------------------------------------------------------------------------------------------


def _add_and_change(url, pictures, id, me, count):
    """Add patients, and add so many signs of one's own to one patient, beginning again after each conflict."""
    with Records.open(url, pictures=Path(pictures)) as records:
        for number in range(count):
            records.patients.add(HOA, by="local")
            while True:
                chart = records.patients.get(id)
                told = chart.patient.model_copy(
                    update={"signs": [*(chart.patient.signs or []), f"{me}-{number}"]}
                )
                try:
                    records.patients.change(id, told, version=chart.version, by="local")
                    break
                except Conflict:
                    continue


def test_many_processes_write_at_once_and_no_edit_is_lost(clinic):
    with clinic.open() as records:
        id = records.patients.add(HOA, by="local").id
    own = multiprocessing.get_context("forkserver")
    place = (clinic.url, str(clinic.pictures), id)
    writers = [own.Process(target=_add_and_change, args=(*place, me, 5)) for me in range(4)]
    [writer.start() for writer in writers], [writer.join(120) for writer in writers]
    assert [writer.exitcode for writer in writers] == [0] * 4
    records = clinic.open()
    signs = records.patients.get(id).patient.signs
    assert len(records.patients) == 21 and set(signs) == {
        f"{me}-{number}" for me in range(4) for number in range(5)
    }
    assert len(signs) == 20 and records.patients.get(id).version == 21 and records.verify().faults == []


def _open(url, pictures, ready, results):
    ready.wait(60)
    try:
        with Records.open(url, pictures=Path(pictures)) as records:
            records.patients.add(HOA, by="local")
        results.put("")
    except Exception as trouble:
        results.put(repr(trouble))


def test_processes_that_open_a_new_database_at_once_make_it_once(engine, tmp_path, request):
    url = (
        request.getfixturevalue("cluster").new()
        if engine == "postgres"
        else f"sqlite:///{tmp_path / 'clinic.db'}"
    )
    own = multiprocessing.get_context("forkserver")
    ready, results = own.Event(), own.Queue()
    openers = [own.Process(target=_open, args=(url, str(tmp_path / "p"), ready, results)) for _ in range(4)]
    [opener.start() for opener in openers], ready.set()
    assert [results.get(timeout=60) for _ in openers] == [""] * 4
    [opener.join(60) for opener in openers]
    with Records.open(url, pictures=tmp_path / "p") as records:
        assert len(records.patients) == 4 and records.verify().faults == []


# --- compared with a plain dictionary ----------------------------------------------------------------------------

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
AGES = st.integers(18, 90).map(float)
SCORES = st.lists(st.integers(1, 6), max_size=3)


class Store(RuleBasedStateMachine):
    """Everything that can be done to patients, visits, plans and pictures, side by side with dictionaries."""

    patients, visits = Bundle("patients"), Bundle("visits")
    records: Records

    @initialize()
    def begin(self):
        self.people, self.seen, self.plans, self.gone = {}, {}, {}, set()
        self.lines = self.records.audit.end()[0]

    @rule(target=patients, age=AGES, name=NAMES)
    def add(self, age, name):
        chart = self.records.patients.add(Patient(age=age, sex="F"), by="local", name=name)
        self.people[chart.id] = [(age, name.strip())]
        self.lines += 1
        return chart.id

    @rule(id=patients, age=AGES, back=st.integers(0, 2))
    def change(self, id, age, back):
        states = self.people.get(id)
        version = max(1, len(states or [0]) - back)
        try:
            chart = self.records.patients.change(id, Patient(age=age, sex="F"), version=version, by="local")
        except Missing:
            assert states is None
        except Conflict as conflict:
            assert version < len(states) and conflict.theirs.version == len(states)
            assert conflict.theirs.document["age"] == states[-1][0] != age
        else:
            name = states[version - 1][1]
            if states[-1] != (age, name):
                assert version == len(states)
                states.append((age, name))
                self.lines += 1
            assert chart.version == len(states)

    @rule(target=visits, id=patients, scores=SCORES)
    def visit(self, id, scores):
        found = [measured("shed_score", score) for score in scores]
        try:
            visit = self.records.visits.add(id, DAY, found, by="local")
        except Missing:
            assert id in self.gone
            return "none"
        self.seen[visit.id] = (id, [scores])
        self.lines += 1
        return visit.id

    @rule(visit=visits, scores=SCORES, back=st.integers(0, 1))
    def mend(self, visit, scores, back):
        kept = self.seen.get(visit)
        version = max(1, len(kept[1]) - back) if kept else 1
        found = [measured("shed_score", score) for score in scores]
        try:
            self.records.visits.change(visit, DAY, found, version=version, by="local")
        except Missing:
            assert kept is None
        except Conflict:
            assert version < len(kept[1]) and kept[1][-1] != scores
        else:
            if kept[1][-1] != scores:
                kept[1].append(scores)
                self.lines += 1

    @rule(id=patients, seed=st.integers(0, 2**63 - 1), page=NAMES)
    def issue(self, id, seed, page):
        version = len(self.people.get(id, [0]))
        answer = {"evidence_version": "e", "seed": seed}
        try:
            plan = self.records.plans.issue(
                id, answer, patient_version=version, by="local", pages={"en": page}
            )
        except Missing:
            assert id in self.gone
        else:
            self.plans[plan.id] = (id, seed, page)
            self.lines += 1

    @rule(id=patients, content=st.binary(max_size=3))
    def keep(self, id, content):
        picture = b"\xff\xd8\xff" + content
        held = [kept.hash for kept in self.records.photographs.of(id)] if id in self.people else []
        try:
            kept = self.records.photographs.keep(id, picture, day=DAY, site="vertex", by="local")
        except Missing:
            assert id in self.gone
        except RecordsError:
            assert fingerprint(picture) in held
        else:
            assert kept.hash not in held and self.records.photographs.read(kept.id) == picture
            self.lines += 1

    @rule(id=consumes(patients))
    def erase(self, id):
        try:
            self.records.erase(id, by="local")
        except Missing:
            assert id in self.gone
            return
        self.gone.add(id)
        self.people.pop(id)
        self.seen = {visit: kept for visit, kept in self.seen.items() if kept[0] != id}
        self.plans = {plan: kept for plan, kept in self.plans.items() if kept[0] != id}
        self.lines += 1

    @rule(text=NAMES)
    def find(self, text):
        words = compared(text).split()
        wanted = {
            id for id, states in self.people.items() if all(word in compared(states[-1][1]) for word in words)
        }
        found = {listed.id for listed in self.records.patients.find(text, limit=100_000)}
        assert found & (set(self.people) | self.gone) == wanted

    @invariant()
    def everything_is_as_the_dictionaries_say(self):
        for id, states in self.people.items():
            kept = [(chart.patient.age, chart.name) for chart in self.records.patients.history(id)]
            assert kept == states
            mine = {visit: kept[1][-1] for visit, kept in self.seen.items() if kept[0] == id}
            told = {
                visit.id: [one.value for one in visit.measurements] for visit in self.records.visits.of(id)
            }
            assert told == mine
            plans = {plan.id: (id, plan.seed, plan.pages["en"]) for plan in self.records.plans.of(id)}
            assert plans == {plan: kept for plan, kept in self.plans.items() if kept[0] == id}
        assert self.records.audit.end()[0] == self.lines

    def teardown(self):
        assert self.records.verify().faults == []


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_store_does_what_a_plain_dictionary_would(engine, tmp_path, empty_places, request):
    like = empty_places(engine)
    if engine == "postgres":
        url = request.getfixturevalue("cluster").new(like)
    else:
        url = f"sqlite:///{shutil.copy(like.removeprefix('sqlite:///'), tmp_path / 'clinic.db')}"
    with Records.open(url, pictures=tmp_path / "pictures") as records:
        machine = type("Machine", (Store,), {"records": records})
        slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
        from hypothesis.stateful import run_state_machine_as_test

        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=8,
                stateful_step_count=15,
                deadline=None,
                suppress_health_check=slow,
                derandomize=True,
            ),
        )
