"""pgbench with and without Hookline beside it: transactions a second, and processor time a transaction, in pairs of windows within one run.

    bench_pgbench.py [pairs [seconds of a window [version ...]]]

By default Debian's PostgreSQL is measured, with LONG=1 every version that is here.

pgbench runs all the time, and so does the agent at 10 Hz, ten times as often as by default, but stopped (SIGSTOP) in all windows but the one of each
pair that is "on"; which of the two comes first is drawn. Each third pair is a control: there both windows have the agent stopped, and what
they differ by is what this machine makes of nothing. Transactions are counted in pgbench's own log, since the server's counters lag; the processor
time is that of all of the server's processes and of the agent together.

Windows are short, and many. Two windows in a row of such a load differ by a tenth (the deviation) whether they are of a quarter of a second or of
four, because a shared machine is now quicker, now slower, at every pace. So a hundred pairs of half a second say five times as much as twelve of
four, in the same time. An on window begins with the signal that wakes the agent: what it has become late with while it was stopped, such as what it
reads every ten seconds, it does then, and so more often by time than it would undisturbed. The figure is rather too high for that, not too low.

What is told is by how much the first of a pair differs from the second, and
the interval that holds the true one with 95 % (`paired.shift_of`: which of both comes first is drawn, so without an effect a ratio is as often above
one as below, and as far): the promise is for its far end.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import tell
from benchmarks.paired import shift_of
from support.otlp_sink import HttpSink
from support.postgres import DEFAULT_VERSION, VERSIONS, PostgresServer

SCALE, CLIENTS = 10, 4
SETTLES_S = 8.0
CONTROLS = 3
"""One of how many pairs is a control."""
MOST_S = 3_600


@dataclass(frozen=True, slots=True)
class LoadWindow:
    """A time of a run, by the wall clock, and the processor time that server and agent took in it."""

    from_s: float
    until_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class WindowPair:
    """A window with the agent and one without, or twice without."""

    is_control: bool
    on: LoadWindow
    off: LoadWindow


@dataclass(frozen=True, slots=True)
class PairRatios:
    """What the first window of a pair has of the second's: transactions a second, and processor time a transaction."""

    rate: float
    cpu: float


def ratios_of(pair: WindowPair, ended_s: Sequence[float]) -> PairRatios:
    """Return the ratios of a pair, given when transactions ended, in order."""

    def of(window: LoadWindow) -> tuple[float, float]:
        done = max(1, bisect_left(ended_s, window.until_s) - bisect_left(ended_s, window.from_s))
        return done / (window.until_s - window.from_s), window.cpu_s / done

    (rate_on, cpu_on), (rate_off, cpu_off) = of(pair.on), of(pair.off)
    return PairRatios(rate_on / rate_off, cpu_on / cpu_off)


def ends_of(log: str) -> list[float]:
    """Return when the transactions of pgbench's log ended, in order."""
    return sorted(int(fields[4]) + int(fields[5]) / 1e6 for fields in map(str.split, log.splitlines()) if len(fields) >= 6)


def measured(count: int, window_s: float, agent: psutil.Process, server: PostgresServer, chance: random.Random) -> Iterator[WindowPair]:
    """Yield that many pairs with the agent, and half as many controls between them."""

    def window(is_on: bool) -> LoadWindow:
        before, began = busy_s(agent, server), time.time()
        agent.send_signal(signal.SIGCONT if is_on else signal.SIGSTOP)
        time.sleep(window_s)
        ended = time.time()
        return LoadWindow(began, ended, busy_s(agent, server) - before)

    for number in range(count + count // (CONTROLS - 1)):
        is_control, is_first = number % CONTROLS == CONTROLS - 1, chance.random() < 0.5
        one, other = window(is_first and not is_control), window(not is_first and not is_control)
        yield WindowPair(is_control, *((one, other) if is_first else (other, one)))


def busy_s(agent: psutil.Process, server: PostgresServer) -> float:
    """Return the processor time of the agent's threads and of all of the server's processes."""
    root = psutil.Process(server.process.pid) if server.process else agent
    threads = [Path(f"/proc/{agent.pid}/task/{each.id}/schedstat") for each in agent.threads()]
    processes = [Path(f"/proc/{each.pid}/schedstat") for each in (root, *root.children())]
    return sum(int(path.read_text().split()[0]) for path in (*threads, *processes)) / 1e9


@contextmanager
def agent_beside(server: PostgresServer) -> Iterator[psutil.Process]:
    """Run the agent at 10 Hz."""
    with HttpSink() as sink, tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            "HOME": home,
            "HOOKLINE_DATABASES_NAMED": f"shop={server.url('hookline')}",
            "HOOKLINE_DATABASES_LOOK_S": "0.1",
            "HOOKLINE_RELAY_ENDPOINT": sink.address,
            "HOOKLINE_RELAY_PROTOCOL": "http/protobuf",
        }
        agent = subprocess.Popen([sys.executable, "-m", "hookline", "databases"], env=environment, start_new_session=True)
        try:
            time.sleep(SETTLES_S)
            yield psutil.Process(agent.pid)
        finally:
            agent.send_signal(signal.SIGCONT)
            agent.terminate()
            agent.wait(20)


@contextmanager
def pgbench(server: PostgresServer, folder: Path, *kind: str) -> Iterator[Callable[[], str]]:
    """Run pgbench; what is given returns its log once it is over."""
    at = ["-h", str(server.folder), "-p", str(server.port), "-U", "postgres", "postgres"]
    running = subprocess.Popen(
        ["pgbench", *kind, "-n", "-c", str(CLIENTS), "-T", str(MOST_S), "-l", *at], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def log() -> str:
        running.terminate()
        running.wait(20)
        return "".join(path.read_text() for path in sorted(folder.glob("pgbench_log.*")))

    try:
        yield log
    finally:
        running.kill()
        running.wait(20)


def measure(count: int, version: int, window_s: float, name: str, *kind: str) -> None:
    """Measure one kind of load on one version, and tell it."""
    with tempfile.TemporaryDirectory() as folder, PostgresServer.start(version, shared_buffers="256MB", autovacuum="on") as server:
        filled = ["pgbench", "-i", "-q", "-s", str(SCALE), "-h", str(server.folder), "-p", str(server.port), "-U", "postgres", "postgres"]
        subprocess.run(filled, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with pgbench(server, Path(folder), *kind) as log, agent_beside(server) as agent:
            pairs = list(measured(count, window_s, agent, server, random.Random(count)))
            agent.send_signal(signal.SIGSTOP)
            ended = ends_of(log())
    for is_control, of in ((False, "on against off"), (True, "control, off against off")):
        found = [ratios_of(pair, ended) for pair in pairs if pair.is_control is is_control]
        label = f"pgbench {name}, PostgreSQL {version}, {of}"
        for what, values in (
            ("fewer transactions a second", [1 - each.rate for each in found]),
            ("more processor time a transaction", [each.cpu - 1 for each in found]),
        ):
            between = shift_of([100 * each for each in values])
            note = f"{between.low:.1f} to {between.high:.1f} %, {len(values)} pairs"
            tell(f"{label}: {what}", between.middle, "%", "size", note=note)
            if not is_control:
                tell(f"{label}: {what}, far end", between.high, "%", "size")


def main(pairs: int = 100, window_s: float = 0.5, versions: Sequence[int] = ()) -> None:
    """Measure both kinds of load on each version."""
    usual = VERSIONS if os.environ.get("HOOKLINE_BENCH_LONG") else (DEFAULT_VERSION,)
    for version in (each for each in versions or usual if each in VERSIONS and shutil.which("pgbench")):
        measure(pairs, version, window_s, "read and write")
        measure(pairs, version, window_s, "select only", "-S")


if __name__ == "__main__":
    count, seconds, *named = [*sys.argv[1:], *("100", "0.5")[len(sys.argv) - 1 :]]
    main(int(count), float(seconds), [int(each) for each in named])
