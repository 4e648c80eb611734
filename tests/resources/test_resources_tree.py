"""Unit tests of the process tree's counters and of reading processes and the machine."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.resources.machine import MachineReader, parse_pressure, read_pressure, share_busy
from hookline.resources.table import ProcessReading, children_by_parent, children_of, descend, read_process
from hookline.resources.tree import TreeSample, TreeWatch, add_up, advance
from hookline.system.process import ProcessKey, identify, is_alive

ZERO = TreeSample(0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0, 0, 0)
counts = st.integers(0, 1_000)


@given(st.lists(st.tuples(counts, counts, counts, counts), min_size=2, max_size=20))
def test_no_counter_of_a_tree_ever_goes_back(sums: list[tuple[int, int, int, int]]) -> None:
    """Whatever the members' sum does, when children come, end and are not waited for."""
    last = ZERO
    readings = [ProcessReading(float(a), float(b), c, d) for a, b, c, d in sums]
    for number, (before, now) in enumerate(itertools.pairwise(readings)):
        following = advance(last, before, now, 1, number, 1.0)
        assert following.user_s >= last.user_s
        assert following.system_s >= last.system_s
        assert following.read_bytes >= last.read_bytes
        assert following.write_bytes >= last.write_bytes
        last = following


def test_a_child_that_was_waited_for_changes_no_sum() -> None:
    """Its counters pass to its parent, so nothing is lost between two samples and nothing counts twice."""
    root, child = ProcessKey(1, 0.0), ProcessKey(2, 1.0)
    before = add_up({root: ProcessReading(1.0), child: ProcessReading(5.0)})
    now = add_up({root: ProcessReading(6.5)})
    assert advance(ZERO, before, now, 1, 0, 1.0).user_s == pytest.approx(0.5)


def test_the_children_of_one_process_are_those_that_a_pass_over_all_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever of its threads made them, and also where the system lists them by their parents alone; of a process that is gone there are none."""
    made: list[subprocess.Popen[bytes]] = []
    maker = threading.Thread(target=lambda: made.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)))
    maker.start()
    maker.join()
    with made[0] as child:
        assert child.pid in children_of(os.getpid())
        assert sorted(children_of(os.getpid())) == sorted(children_by_parent()[os.getpid()])
        monkeypatch.setattr("os.path.exists", lambda _: False)
        assert child.pid in children_of(os.getpid())
        child.communicate(b"\n")
    assert children_of(child.pid) == []


def test_utilization_is_a_share_of_the_cpus_that_may_be_used() -> None:
    """The semantic convention: CPU time by elapsed time and number of CPUs."""
    sample = advance(ZERO, ProcessReading(), ProcessReading(2.0, 1.0), 1, 0, 5.0)
    assert sample.utilization(2) == pytest.approx(0.3)
    assert ZERO.utilization(2) == 0.0


def test_the_work_of_a_short_lived_child_is_counted() -> None:
    """Most tools live shorter than the time between two samples; their parent waited for them."""
    burn = "import time\nbegin = time.process_time()\nwhile time.process_time() - begin < 0.3: pass"
    me = identify(os.getpid())
    assert me is not None
    watch = TreeWatch(me)
    first = watch.sample(children_by_parent(), 1, 1.0)
    subprocess.run([sys.executable, "-c", burn], check=True)
    second = watch.sample(children_by_parent(), 2, 2.0)
    assert first is not None
    assert second is not None
    assert (first.user_s, first.read_bytes) == (0.0, 0)
    assert second.user_s + second.system_s >= 0.25
    assert second.rss_bytes > 0
    assert second.threads >= 1


def test_living_children_count_with_their_parent() -> None:
    """Memory, threads and number of processes are those of the whole tree."""
    parent = subprocess.Popen(
        [sys.executable, "-c", "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"],
        stdin=subprocess.PIPE,
    )
    try:
        key = identify(parent.pid)
        assert key is not None
        watch = TreeWatch(key)
        deadline = time.monotonic() + 10
        while (sample := watch.sample(children_by_parent(), 1, 1.0)) is None or sample.processes < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert sample.processes == 2
        assert sample.rss_bytes > psutil.Process(parent.pid).memory_info().rss
    finally:
        parent.communicate(b"\n", timeout=10)


def test_a_process_that_ended_is_gone_and_so_is_a_zombie() -> None:
    """A zombie is a process that nobody has waited for yet: its work is over."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    key = identify(process.pid)
    assert key is not None
    assert is_alive(key)
    process.kill()
    deadline = time.monotonic() + 10
    while is_alive(key):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.communicate()
    assert not is_alive(key)
    assert read_process(process.pid) is None
    assert identify(process.pid) is None


def test_a_pid_that_came_round_again_is_another_process() -> None:
    """The creation time tells; some slack is for clocks that were set."""
    me = identify(os.getpid())
    assert me is not None
    assert is_alive(ProcessKey(me.pid, me.created_s + 1.0))
    assert not is_alive(ProcessKey(me.pid, me.created_s - 60.0))
    assert identify(me.pid, before_s=me.created_s - 60.0) is None
    assert identify(me.pid, before_s=me.created_s + 60.0) == me


@pytest.mark.parametrize("pid", [-1, 2**31 - 1, 2**40])
def test_a_pid_that_cannot_be_is_nobody(pid: int) -> None:
    """Whatever stands in a hook's environment line."""
    assert identify(pid) is None
    assert not is_alive(ProcessKey(pid, 0.0))
    assert read_process(pid) is None


def test_a_circle_in_the_process_table_ends() -> None:
    """A table read while processes come and go may contradict itself."""
    assert sorted(descend(1, {1: [2], 2: [3, 1], 3: [2]})) == [1, 2, 3]


def test_pressure_is_read_where_the_kernel_tells_it(tmp_path: Path) -> None:
    """Absent on some kernels and on macOS; broken lines are as if absent."""
    (tmp_path / "cpu").write_text("some avg10=12.50 avg60=1.00 avg300=0.10 total=1\nfull avg10=99.00\n")
    (tmp_path / "memory").write_text("nonsense\n")
    assert read_pressure(tmp_path) == {"cpu": 0.125}
    assert read_pressure(tmp_path / "absent") == {}
    assert parse_pressure(tmp_path / "memory") is None


def test_the_machines_share_of_busy_time_needs_two_looks(tmp_path: Path) -> None:
    """The first sample knows memory alone."""
    reader = MachineReader(tmp_path)
    first = reader.sample(5)
    assert first.cpu_utilization is None
    assert 0 < first.memory_utilization < 1
    assert first.memory_used_bytes + first.memory_available_bytes == first.memory_total_bytes
    assert share_busy((100.0, 80.0), (200.0, 130.0)) == pytest.approx(0.5)
    assert share_busy((100.0, 80.0), (100.0, 80.0)) is None
