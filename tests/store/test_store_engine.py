"""The embedded engine: one process a folder, nothing left elsewhere, and a database that survives a kill."""

import subprocess
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookline.errors import AlreadyRunning, Refused, Rejected
from hookline.settings import Settings
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support import warm
from support.soaking import TIMES, share
from support.stores import kept_open
from support.template import furnish

PROGRAM = """
    import sys
    from pathlib import Path
    from hookline.settings import Settings
    from hookline.settings.schema import RetentionSettings
    from hookline_collector.signal import Signal
    from hookline_collector.store import Store
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    def body(number):
        request = ExportTraceServiceRequest()
        for i in range(50):
            request.resource_spans.add().scope_spans.add().spans.add(name=f"batch {number}", trace_id=bytes(16), start_time_unix_nano=i)
        return request.SerializeToString()

    settings = Settings(data_dir=Path(sys.argv[1]), retention=RetentionSettings(0, 0, 0, 0))
"""


def run(program: str, folder: Path, *, cwd: Path | None = None) -> subprocess.Popen[str]:
    """Start a Python program with a data folder as its argument, beginning with PROGRAM."""
    text = textwrap.dedent(PROGRAM) + textwrap.dedent(program)
    return warm.start(text, [str(folder)], cwd=cwd or folder, stdin=subprocess.PIPE)


def output(process: subprocess.Popen[str]) -> str:
    """Wait for the program and return what it printed."""
    printed, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return printed


@pytest.mark.long
def test_a_second_process_is_told_who_has_the_database(tmp_path: Path) -> None:
    """The engine itself would open the folder twice and damage it."""
    furnish(tmp_path)
    first = run("store = Store.open(settings); print('open', flush=True); sys.stdin.read(); import time; time.sleep(60)", tmp_path)
    assert first.stdout
    assert first.stdout.readline() == "open\n"
    second = run(
        """
        from hookline.errors import AlreadyRunning
        try:
            Store.open(settings)
        except AlreadyRunning as refusal:
            print(refusal)
        """,
        tmp_path,
    )
    message = output(second)
    first.kill()
    first.communicate()
    assert f"pid {first.pid}" in message
    assert str(tmp_path) in message


def test_another_folder_in_the_same_process_is_refused(tmp_path: Path) -> None:
    """The engine takes one folder a process."""
    kept_open("embedded")
    with pytest.raises(AlreadyRunning, match="cannot open"):
        Store.open(Settings(data_dir=tmp_path))


def test_what_is_asked_a_few_times_is_not_compiled() -> None:
    """The engine would compile an expression, a sum and an order the third time, which takes longer than to answer a hundred times without."""
    opened = kept_open("embedded")
    count = "SELECT sum(value) FROM system.events WHERE event = 'CompileFunction'"
    before = opened.query(count).scalar()
    for _ in range(6):
        opened.query("SELECT number % 3 AS a, number % 5 AS b, sum((number * 7 + 11) * 13 - 5) AS s FROM numbers(100) GROUP BY a, b ORDER BY s, a, b")
    assert opened.query(count).scalar() == before


def test_a_store_can_be_closed_and_opened_again() -> None:
    """In the same process, with everything in it; migrations do not run twice."""
    settings = kept_open("embedded")._settings
    first = Store.open(settings)
    first.command("CREATE TABLE kept (a UInt8) ENGINE = MergeTree ORDER BY a")
    first.command("INSERT INTO kept VALUES (7)")
    first.close()
    again = Store.open(settings)
    assert again.query("SELECT a FROM kept").scalar() == 7
    assert again.migrate() == []
    again.command("DROP TABLE kept SYNC")
    again.close()


def test_a_closed_store_refuses_and_waits_for_what_runs() -> None:
    """A query that runs while the store closes gets its answer; later calls are Refused; closing twice is nothing."""
    opened = Store.open(kept_open("embedded")._settings)
    answers: list[object] = []
    slow = threading.Thread(target=lambda: answers.append(opened.people_query("SELECT count() FROM numbers(300000000)").scalar()))
    slow.start()
    deadline = time.monotonic() + 5
    while not opened.query("SELECT count() FROM system.processes WHERE query LIKE '%300000000%' AND query NOT LIKE '%processes%'").scalar():
        assert time.monotonic() < deadline and slow.is_alive()
    opened.close()
    opened.close()
    slow.join(20)
    assert answers == [300_000_000]
    for call in (opened.ping, lambda: opened.people_query("SELECT 1"), lambda: opened.insert(Signal.LOGS, b"", "t")):
        with pytest.raises(Refused):
            call()


@pytest.mark.long
def test_nothing_is_written_outside_the_data_folder(tmp_path: Path) -> None:
    """The engine would cache the schema of the Protobuf reader in the working folder."""
    data, work = tmp_path / "data", tmp_path / "work"
    furnish(data)
    work.mkdir()
    output(run("store = Store.open(settings); store.insert(Signal.TRACES, body(1), 'a'); store.close()", data, cwd=work))
    assert list(work.iterdir()) == []
    assert (data / "clickhouse").stat().st_mode & 0o777 == 0o700


@pytest.mark.long
@pytest.mark.crash
@pytest.mark.soak
def test_what_was_secured_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    """Killed between and within inserts, several times: every insert that was secured is there once, the one that was not is not there."""
    finished = 0
    furnish(tmp_path)
    for wait_for in share((3,), (1, 4, 2), (1, 4, 2) * 10 * TIMES):
        process = run(
            f"""
            store = Store.open(settings)
            for number in range({finished}, 1000):
                store.insert(Signal.TRACES, body(number), f"token {{number}}")
                store.secure()
                print(number, flush=True)
            """,
            tmp_path,
        )
        assert process.stdout
        for _ in range(wait_for):
            finished = int(process.stdout.readline()) + 1
        process.kill()
        rest, errors = process.communicate(timeout=30)
        assert "Traceback" not in errors
        finished += len(rest.split())
    check = run(
        f"""
        store = Store.open(settings)
        print(store.query("SELECT count() FROM (SELECT SpanName, count() AS n FROM otel_traces GROUP BY 1 HAVING n != 50)").scalar())
        store.insert(Signal.TRACES, body({finished}), "token {finished}")
        store.insert(Signal.TRACES, body({finished - 1}), "token {finished - 1}")
        print(store.query("SELECT count() FROM otel_traces").scalar(), store.query("SELECT uniqExact(SpanName) FROM otel_traces").scalar())
        store.close()
        """,
        tmp_path,
    )
    assert output(check).split() == ["0", str((finished + 1) * 50), str(finished + 1)]


def test_no_statement_of_the_embedded_engine_reaches_a_file_or_a_host() -> None:
    """Not even our own: its user holds no source grant."""
    opened = kept_open("embedded")
    for source in ("file('/etc/passwd', 'LineAsString')", "url('http://127.0.0.1:1/', 'LineAsString')", "remote('127.0.0.1', 'system', 'one')"):
        with pytest.raises(Exception, match=r"privileges|grant"):
            opened.query(f"SELECT * FROM {source}")
    with pytest.raises(Exception, match=r"privileges|grant"):
        opened.command("CREATE USER u")


def test_a_failed_statement_leaves_nothing_in_front_of_the_next_answer() -> None:
    """The engine keeps what a failed statement had written in its handle; such a handle is not used again."""
    opened = kept_open("embedded")
    with pytest.raises(Rejected):
        opened.query("SELECT number, throwIf(number = 900000) FROM numbers(1000000) SETTINGS max_block_size = 1000, max_threads = 1")
    assert opened.query("SELECT 1 AS a").as_dicts() == [{"a": 1}]
    with pytest.raises(Rejected):
        opened.people_query("SELECT number, throwIf(number = 90000) FROM numbers(100000)")
    assert opened.people_query("SELECT 1 AS a").as_dicts() == [{"a": 1}]


def test_a_statement_is_given_no_value_that_it_does_not_name() -> None:
    """A report has one set of values for a dozen statements. To write out the days of years among them takes as long as a small statement."""

    class Untouched(list[int]):
        def __iter__(self) -> Iterator[int]:
            raise AssertionError("nobody named these")

    asked = {"named": 7, "others": Untouched([1, 2, 3])}
    assert kept_open("embedded").query("SELECT {named:UInt8} + { named : UInt8 } AS a", asked).as_dicts() == [{"a": 14}]
    assert kept_open("embedded").query("SELECT 1 AS a", asked).as_dicts() == [{"a": 1}]
