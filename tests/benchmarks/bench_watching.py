"""What it costs to watch a PostgreSQL: the agent's and the server's share of a core, memory, at 1 Hz and at 10 Hz; and what it sends a day.

    bench_watching.py [seconds of a window]

5,000 statements, 100 sessions of which some work lightly. The agent is a process of its own with default settings; its processor time and that of the
server's processes that serve it are read from the system, so foreign load does not count.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import tell
from support.otlp_sink import HttpSink
from support.postgres import VERSIONS, PostgresServer
from support.running import wait_for

STATEMENTS, SESSIONS, WORKING = 5_000, 100, 4
COLUMNS, CONNECTIONS_KEPT = 72, 2
SETTLES_S = 12.0


def main(window_s: float = 60.0) -> None:
    """Measure and tell."""
    if not VERSIONS:
        return
    with PostgresServer.start(max_connections="150") as server, HttpSink() as sink, ExitStack() as stack:
        fill(server)
        for _ in range(SESSIONS - WORKING):
            stack.enter_context(server.connect(application_name="idle"))
        stack.enter_context(working(server))
        for pace, look_s in (("1 Hz", "1"), ("10 Hz", "0.1")):
            measure(server, sink, pace, look_s, window_s)


def fill(server: PostgresServer) -> None:
    """Let the server know as many statements as it keeps by default."""
    columns = ", ".join(f"c{n} int" for n in range(COLUMNS))
    server.run(f"CREATE TABLE wide ({columns})")
    with server.connect() as connection:
        for number in range(STATEMENTS):
            connection.execute(f"SELECT c{number // COLUMNS} + c{number % COLUMNS} FROM wide WHERE c0 = {number}".encode())


@contextmanager
def working(server: PostgresServer) -> Iterator[None]:
    """Let some sessions work, a few dozen statements a second."""
    stop = threading.Event()

    def work(offset: int) -> None:
        with server.connect(application_name="shop") as connection:
            number = offset
            while not stop.wait(0.05):
                number = (number + WORKING) % STATEMENTS
                connection.execute(f"SELECT c{number // COLUMNS} + c{number % COLUMNS} FROM wide WHERE c0 = {number}".encode())

    threads = [threading.Thread(target=work, args=(offset,), daemon=True) for offset in range(WORKING)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(5)


def measure(server: PostgresServer, sink: HttpSink, pace: str, look_s: str, window_s: float) -> None:
    """Run the agent at a pace and tell what it and its server processes used."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            "HOME": home,
            "HOOKLINE_DATABASES_NAMED": f"shop={server.url('hookline')}",
            "HOOKLINE_DATABASES_LOOK_S": look_s,
            "HOOKLINE_RELAY_ENDPOINT": sink.address,
            "HOOKLINE_RELAY_PROTOCOL": "http/protobuf",
        }
        agent = subprocess.Popen([sys.executable, "-m", "hookline", "databases"], env=environment)
        try:
            wait_for(lambda: len(served_by(server)) >= CONNECTIONS_KEPT, 60)
            time.sleep(SETTLES_S)
            process, served = psutil.Process(agent.pid), served_by(server)
            before = (agent_s(process), sum(map(running_s, served)), sent_bytes(sink), time.monotonic())
            time.sleep(window_s)
            passed_s = time.monotonic() - before[3]
            agent_share = (agent_s(process) - before[0]) / passed_s
            server_share = (sum(map(running_s, served)) - before[1]) / passed_s
            tell(f"databases at {pace}: agent", agent_share * 100, "% of a core", "processor")
            tell(f"databases at {pace}: server", server_share * 100, "% of a core", "processor")
            tell(f"databases at {pace}: agent and server", (agent_share + server_share) * 100, "% of a core", "processor")
            tell(f"databases at {pace}: memory", process.memory_info().rss / 1e6, "MB", "size")
            tell(f"databases at {pace}: sent a day", (sent_bytes(sink) - before[2]) / passed_s * 86_400 / 1e6, "MB", "size")
        finally:
            agent.terminate()
            agent.wait(20)


def served_by(server: PostgresServer) -> list[int]:
    """Return the server's processes that serve the agent."""
    return [pid for (pid,) in server.run("SELECT pid FROM pg_stat_activity WHERE usename = 'hookline'")]


def agent_s(process: psutil.Process) -> float:
    """Return the processor time of all of the agent's threads."""
    return sum(running_s(thread.id, process.pid) for thread in process.threads())


def running_s(thread: int, process: int = 0) -> float:
    """Return the time on a core, to the nanosecond; times of `stat` come in hundredths."""
    try:
        return int(Path(f"/proc/{process or thread}/task/{thread}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


def sent_bytes(sink: HttpSink) -> int:
    """Return the bytes of all requests, before compression."""
    return sum(request.ByteSize() for _, request in list(sink.requests))


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
