"""The instruments of the benchmarks: an agent that plays captures, what processes cost, and work that was done long ago."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.agent_at_work import PROJECT, TRANSCRIPTS, AgentAtWork
from benchmarks.bench_others import request
from benchmarks.load_traces import SPANS
from benchmarks.orphans import reaping, used_since, wait_for_tree
from benchmarks.paired import Between, middle_of, shift_of
from benchmarks.process_costs import Usage, Watched, disk_bytes
from benchmarks.process_lives import Life, passed_ms, seeing_processes
from benchmarks.stored_work import SQL, Work, fill
from hookline_collector.worked_out import WorkedStore
from support import warm
from support.stores import open_store

BUSY = """
import sys, time
for line in sys.stdin:
    if line == "work\\n":
        sum(range(5_000_000))
    else:
        for _ in range(50):
            time.sleep(0.001)
    print("done", flush=True)
"""


def test_what_a_benchmark_starts_holds_no_more_than_it_imports_itself() -> None:
    """A relay that was a fork of all that the tests import was told to weigh a half more than it does."""
    asked = "import sys; sys.argv = [{!r}]; from support import warm; print(warm.IS_POSSIBLE)"
    said = [
        subprocess.run(
            [sys.executable, "-c", asked.format(program)], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True
        ).stdout
        for program in ("benchmarks/bench_relay.py", "tests")
    ]
    assert said[0] == "False\n"
    assert said[1] == f"{warm.IS_POSSIBLE}\n"


def test_an_agent_at_work_plays_each_session_under_ids_of_its_own(tmp_path: Path) -> None:
    agent = AgentAtWork(tmp_path)
    calls = list(itertools.islice(agent.events(), 150))
    payloads = [json.loads(call.payload) for call in calls]
    starts = [payload["session_id"] for payload in payloads if payload["hook_event_name"] == "SessionStart"]
    assert len(set(starts)) == len(starts) >= 5
    assert {payload["cwd"] for payload in payloads} == {str(tmp_path / "shop")}
    text = b"".join(call.payload for call in calls).decode()
    assert PROJECT not in text
    assert TRANSCRIPTS not in text
    assert all(call.transcript.stem == payload["session_id"] for call, payload in zip(calls, payloads, strict=True))


def test_what_the_client_calls_a_hook_for_stands_in_its_transcript(tmp_path: Path) -> None:
    calls = list(AgentAtWork(tmp_path).session("tools"))
    for call in calls:
        call.write_line()
    (transcript,) = {call.transcript for call in calls}
    assert len(transcript.read_text().splitlines()) == len(calls)


def test_a_process_that_works_costs_processor_time_and_one_that_wakes_up_costs_wakeups() -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        watched = Watched(process.pid)

        def used(what: str) -> Usage:
            watched.restart()
            print(what, file=process.stdin, flush=True)
            process.stdout.readline()  # type: ignore[union-attr]
            return watched.usage()

        working, waking = used("work"), used("wake")
        wakers = watched.wakers()
        process.stdin.close()
    assert working.cpu_s >= 0.02
    assert waking.wakeups >= 50
    assert wakers
    assert (working + waking).wakeups == working.wakeups + waking.wakeups


def test_a_folder_takes_what_its_files_take(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    before = disk_bytes(tmp_path)
    with (tmp_path / "below" / "file").open("wb") as file:
        file.write(os.urandom(1_000_000))
        file.flush()
        os.fsync(file.fileno())
    assert 1_000_000 <= disk_bytes(tmp_path) - before < 1_200_000


@pytest.mark.long
def test_work_of_long_ago_is_there_as_if_it_had_been_received() -> None:
    work = Work(people=3, days=2, sessions=2, prompts=2, calls=5, calls_a_request=1)
    store = open_store()
    try:
        fill(store, work)
        assert store.query("SELECT count(), countIf(outcome = 'failure'), uniqExact(user) FROM tool_calls").rows == ((work.all_calls, 6, 3),)
        assert store.query("SELECT count(), uniqExact(session_id), sum(is_open) FROM turns").rows == ((24, 12, 0),)
        assert store.query("SELECT count(), sum(prompts), sum(calls) FROM sessions").rows == ((12, 24, work.all_calls),)
        assert store.query("SELECT count() FROM usage").rows == ((work.all_calls,),)
        assert store.query("SELECT uniqExact(user), count() > 0 FROM work_blocks(idle_s = 300)").rows == ((3, 1),)
        again = WorkedStore(store)
        assert again.catch_up(time.time_ns(), most=0), "nothing is to be worked out again"
    finally:
        store.close()


def test_no_person_s_mark_is_what_an_id_may_begin_with() -> None:
    """Ids are hashes: a session that begins with a number is the copy that the person of that number would have of it."""
    statements = [path.read_text() for path in SQL.glob("more_people_*.sql")]
    assert statements
    assert all("concat('p', leftPad(toString(number), 3, '0')) AS mark" in sql for sql in statements)


def test_requests_to_collectors_in_view_differ_in_the_service_alone() -> None:
    names = []
    for number in (0, 7, 12_345_678):
        (resource,) = ExportTraceServiceRequest.FromString(request(number)).resource_spans
        names.append(resource.resource.attributes[0].value.string_value)
        assert len(resource.scope_spans[0].spans) == SPANS
    assert names == ["00000000", "00000007", "12345678"]


def test_the_middle_of_differences_lies_between_those_of_the_sign_test() -> None:
    """Of twelve the third and the tenth (96 in 100); of five not even all of them are enough."""
    assert middle_of([7, 1, 12, 3, 5, 2, 11, 4, 10, 6, 9, 8]) == Between(3, 6.5, 10)
    assert middle_of([5, 4, 3, 2, 1]) == Between(1, 3, 5)
    assert middle_of([-1.0] * 7) == Between(-1.0, -1.0, -1.0)


def test_the_shift_of_differences_lies_between_those_of_the_signed_rank_test() -> None:
    """As tables have it: of six the whole range, of eight all means but three at each end; one run that went astray has little to say."""
    assert shift_of([1, 2, 3, 4, 5, 6]) == Between(1, 3.5, 6)
    assert shift_of([1, 2, 3, 4, 5, 6, 7, 8]) == Between(2, 4.5, 7)
    assert shift_of([5, 4, 3]) == Between(3, 4, 5)
    assert shift_of([1, 2, 3, 4, 5, 6, 7, 900]).middle == pytest.approx(4.5, abs=0.5)


def test_what_has_not_ended_is_counted_so_far() -> None:
    """With what it has started."""
    busy = "i=0; while [ $i -lt 60000 ]; do i=$((i + 1)); done"
    with subprocess.Popen(["sh", "-c", f"sh -c '{busy}'; echo done; read wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        assert used_since(process.pid) >= 0.02
        process.communicate(b"\n")


def test_what_outlives_its_parent_counts_for_the_tree() -> None:
    """Where the system lets us take it in."""
    busy = "i=0; while [ $i -lt 60000 ]; do i=$((i + 1)); done"
    with reaping():
        spent = wait_for_tree(subprocess.Popen(["sh", "-c", f"sh -c '{busy}' & exit 0"], start_new_session=True))
        nothing = wait_for_tree(subprocess.Popen(["sh", "-c", ":"], start_new_session=True))
    assert spent > 2 * nothing or sys.platform != "linux"


def test_the_kernel_says_when_a_process_began_and_ended() -> None:
    with seeing_processes() as seen:
        if seen is None:
            pytest.skip("the kernel tells nobody but root, and no container, when processes begin and end")
        before_ns = time.monotonic_ns()
        with subprocess.Popen(["sleep", "0.05"]) as process:
            process.wait()
        life = seen.of(process.pid)
        assert life is not None
        assert before_ns <= life.begun_ns < life.ended_ns <= time.monotonic_ns()
        assert life.ended_ns - life.begun_ns >= 50_000_000
        assert life.parent == os.getpid()


def test_processes_side_by_side_are_waited_for_once_and_none_after_the_moment_that_counts() -> None:
    ms = 1_000_000
    lives = [Life(1, 0, 10 * ms), Life(1, 4 * ms, 12 * ms), Life(1, 5 * ms, 6 * ms), Life(1, 20 * ms, 50 * ms), Life(1, 60 * ms, 70 * ms)]
    assert passed_ms(lives, 30 * ms) == 22
    assert passed_ms([], 30 * ms) == 0
