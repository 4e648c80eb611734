"""What the relay costs and how fast it is: memory, idle CPU, event to exported, backlog.

    python tests/benchmarks/bench_relay.py [events in the backlog]

The relay runs as a process of its own; the endpoint is a gRPC server in this one, so the backlog's rate is that of both on
the machine's cores.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import tell, tell_quantiles
from support.otlp_sink import GrpcSink
from support.relaying import RelayProcess, captured, copies, settings_for, wait_until
from support.relaying.captures import write

S = 1_000_000_000
IDLE_S = 10.0
PROBES = 200


def main(backlog: int = 20_000) -> None:
    """Measure and tell."""
    idle()
    latency()
    work_off(backlog)


def idle() -> None:
    """Memory and CPU of a relay without work; what it costs with an open session, bench_day.py measures."""
    with tempfile.TemporaryDirectory() as folder, GrpcSink() as sink:
        settings = settings_for(Path(folder), sink.address)
        relay = RelayProcess(Path(folder), sink.address, sample_s=5.0)
        process = psutil.Process(relay.pid)
        play(settings.spool_dir, "tools", time.time_ns() - 60 * S)
        sink.wait_for(lambda: len(sink.logs) == len(captured("tools")))
        wait_until(lambda: not list(settings.spool_dir.glob("*.ev")))
        time.sleep(12)  # the metrics of that session go out
        tell("relay: resident memory when idle", process.memory_info().rss / 1e6, "MB", "size")
        tell("relay: idle", cpu_share(process) * 100, "% of a core", "processor")
        relay.terminate()


def cpu_share(process: psutil.Process) -> float:
    before, begin = process.cpu_times(), time.monotonic()
    time.sleep(IDLE_S)
    after = process.cpu_times()
    return max(0.0, after.user + after.system - before.user - before.system) / (time.monotonic() - begin)


def play(spool: Path, scenario: str, begin_ns: int) -> None:
    for number, event in enumerate(captured(scenario)):
        write(spool, f"{scenario}{number}", event.payload, begin_ns + event.after_ns)


def latency() -> None:
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
    tell_quantiles("event to exported log record", taken)


def work_off(events: int) -> None:
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
    tell(
        "backlog worked off by the relay",
        events / (cpu.user + cpu.system),
        "events/CPU-s",
        "processor",
        "more",
        note=f"{events:,} events in {took:.0f} s",
    )
    tell("backlog: spans exported", spans, "spans", "size", "more")
    tell("backlog: resident memory of the relay, most", peak / 1e6, "MB", "size")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
