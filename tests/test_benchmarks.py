"""A race is fair only over the same work: the C yardstick counts as the kernel does, the peers nearly so."""

from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import bench

    return bench


def test_the_c_yardstick_agrees_with_the_kernel_count_for_count(benchmarks, tmp_path):
    if benchmarks.yardstick.compiler() is None:
        pytest.skip("no C compiler found: the yardstick was not built")
    program = benchmarks.yardstick.build(tmp_path)
    works = [benchmarks.w1(follicles=20_000), *benchmarks.w2(range(3), follicles=500)]
    for work in works:
        events, counts, _ = work.grow()
        benchmarks.yardstick.hand_over(work, tmp_path / "work.bin")
        measured = benchmarks.yardstick.measure(program, tmp_path / "work.bin", repeats=2)
        assert measured.events == events
        assert (measured.counts == counts).all()


@pytest.mark.parametrize("package", ["simpy", "mesa", "starsim"])
def test_a_peer_counts_what_the_kernel_counts_within_a_few_percent(benchmarks, package):
    peer = next(peer for peer in benchmarks.PEERS if peer.package == package)
    if peer.version() is None:
        pytest.skip(f"{package} is not installed")
    work = benchmarks.w1(follicles=2000)
    assert benchmarks.disagreement(peer.run(work).counts, work) < 4.0


def test_a_race_without_a_compiler_or_a_peer_says_what_is_left_out(benchmarks):
    absent = benchmarks.Peer("no-such-simulator", "not at all", 1, lambda work: None)
    line = benchmarks.line_of("no-such-simulator", benchmarks.race_peer(absent, 1))
    assert line == "no-such-simulator: left out, no-such-simulator is not installed"


def test_a_plans_cost_is_told_step_by_step(benchmarks):
    found = benchmarks.plans._steps()
    assert set(found) == {"redraw_s", "apart_over_together"} and min(found.values()) > 0.0
    names = ("plan_cpu_s", "plan_and_page_cpu_s", "plan_and_page_wall_s", "plan_over_kernel", *found)
    told = " ".join(benchmarks.plan_lines({name: benchmarks.spread([1.25]) for name in names}))
    assert told.count("1.25 (1.25 to 1.25)") == len(names)


def test_benchmarks_read_nothing_outside_the_project():
    for path in BENCHMARKS.glob("*.*"):
        assert "shared" not in path.read_text(encoding="utf-8").replace("shared draws", ""), path.name


def test_people_are_timed_one_by_one_and_many_at_once(benchmarks):
    found = benchmarks.assessing(turns=1, many=40)
    assert found["people"] == 40 and found["cpu_s"] > 0
    assert found["whole_over_statuses"][0] > 1, "a status without its reasons is the shorter way"
    lines = benchmarks.told_of_assessing(found)
    assert "one person against everything" in lines[0] and "40 people on two processes" in lines[1]
