"""What the relay costs and how fast it is: memory, idle CPU, event to exported, backlog.

    python tests/benchmarks/bench_relay.py [events in the backlog]

The relay runs as a process of its own; the endpoint is a gRPC server in this one, so the backlog's rate is that of both on
the machine's cores.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.otlp_sink import GrpcSink
from support.relaying import RelayProcess, captured, copies, settings_for, wait_until
from support.relaying.captures import write

S = 1_000_000_000
IDLE_S = 10.0
PROBES = 200
MIB = 1024 * 1024

Row = tuple[str, str, str]


def main(backlog: int = 100_000) -> None:
    """Measure and print the table."""
    rows = [*idle(), *latency(), *work_off(backlog)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for promise, target, measured in [("promise", "target", "measured"), *rows]:
        print(f"{promise:<{widths[0]}} | {target:<{widths[1]}} | {measured}")


def idle() -> Iterator[Row]:
    """Memory and CPU of a relay without work, then with a session at its prompt."""
    with tempfile.TemporaryDirectory() as folder, GrpcSink() as sink:
        settings = settings_for(Path(folder), sink.address)
        relay = RelayProcess(Path(folder), sink.address, sample_s=5.0)
        process = psutil.Process(relay.pid)
        play(settings.spool_dir, "tools", time.time_ns() - 60 * S)
        sink.wait_for(lambda: len(sink.logs) == len(captured("tools")))
        wait_until(lambda: not list(settings.spool_dir.glob("*.ev")))
        time.sleep(12)  # the metrics of that session go out
        yield "relay, resident memory when idle", "<= 60 MB", f"{process.memory_info().rss / MIB:.1f} MB"
        yield "relay, CPU when idle", "<= 1 % of a core", f"{cpu_share(process) * 100:.3f} %"
        for number, event in enumerate(captured("tools")[:-1]):
            write(settings.spool_dir, f"live{number}", event.payload, time.time_ns(), f" claude_pid={psutil.Process().pid}")
        time.sleep(5)
        yield "relay, CPU with a session open, sampled every 5 s", "<= 1 % of a core", f"{cpu_share(process) * 100:.3f} %"
        relay.terminate()


def cpu_share(process: psutil.Process) -> float:
    before, begin = process.cpu_times(), time.monotonic()
    time.sleep(IDLE_S)
    after = process.cpu_times()
    return max(0.0, after.user + after.system - before.user - before.system) / (time.monotonic() - begin)


def play(spool: Path, scenario: str, begin_ns: int) -> None:
    for number, event in enumerate(captured(scenario)):
        write(spool, f"{scenario}{number}", event.payload, begin_ns + event.after_ns)


def latency() -> Iterator[Row]:
    """From the hook's rename to the log record at the endpoint."""
    with tempfile.TemporaryDirectory() as folder, GrpcSink() as sink:
        settings = settings_for(Path(folder), sink.address)
        relay = RelayProcess(Path(folder), sink.address, sample_s=5.0)
        payload, taken = captured("tools")[2].payload, []
        for number in range(PROBES):
            count = len(sink.of("logs"))
            begin = time.perf_counter()
            write(settings.spool_dir, f"probe{number}", payload, time.time_ns())
            sink.wait_for(lambda seen=count: len(sink.of("logs")) > seen)
            taken.append(time.perf_counter() - begin)
            time.sleep(0.01)
        relay.terminate()
    taken.sort()
    yield "event -> exported log record, p50", "<= 100 ms", f"{taken[len(taken) // 2] * 1000:.1f} ms"
    yield "event -> exported log record, p99", "<= 100 ms", f"{taken[int(len(taken) * 0.99)] * 1000:.1f} ms"


def work_off(events: int) -> Iterator[Row]:
    """A full spool, as after a week in which the relay was away."""
    with tempfile.TemporaryDirectory() as folder, GrpcSink() as sink:
        settings = settings_for(Path(folder), sink.address)
        made = copies("tools", 1 + events // len(captured("tools")))[:events]
        for number, event in enumerate(made):
            write(settings.spool_dir, f"{number}", event.payload, time.time_ns() - 7200 * S + event.after_ns % (3600 * S))
        del made
        begin = time.monotonic()
        relay = RelayProcess(Path(folder), sink.address, sample_s=5.0)
        process, peak = psutil.Process(relay.pid), 0
        while len(list(settings.spool_dir.glob("*.ev"))) > 20:
            peak = max(peak, process.memory_info().rss)
            time.sleep(0.5)
        took = time.monotonic() - begin
        cpu = process.cpu_times()
        relay.terminate()
        spans = len(sink.all_spans)
    yield f"backlog of {events:,} events", "bounded memory", f"{events / took:,.0f} events/s in {took:.0f} s, {spans:,} spans"
    yield "... by the relay's own CPU", "", f"{events / (cpu.user + cpu.system):,.0f} events per CPU second"
    yield "... peak memory", "", f"{peak / MIB:.1f} MB"


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
