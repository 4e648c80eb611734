"""How old what is seen of a database is when a person has it: over the agent's socket, in a query, and at a webhook's receiver.

PostgreSQL, `hookline databases`, collector and receiver are real processes of their own. Some sessions wait for a lock all the time, so looks are
made ten times a second, as they are by themselves where locks or load call for it.

    socket    from a look until its line can be read, as `hookline db top` reads it
    query     from the newest sample that the store has until the answer that holds it is there; asked at random moments through the API
    webhook   another session begins to wait; from the first look that saw it until the receiver has read the message of a rule about such samples

    bench_samples.py [breaches]
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import tell_quantiles
from benchmarks.telling_collector import start_telling
from hookline.databases.live_client import live_views
from hookline.settings import Settings
from hookline.settings import load as load_settings
from support.alert_receiver import AlertReceiver, alert_receiver, until
from support.person import Person
from support.postgres import VERSIONS, PostgresServer
from support.running import Running, wait_for

QUEUE, LINES, QUESTIONS = 4, 300, 150
SETTLES_S = 3.0
RULES = """
groups:
  - name: bench
    rules:
      - alert: Waits
        log: db.server.query_sample
        filter: {scope: hookline.databases, hookline.db.wait.class: lock, postgresql.application_name: "=~ waits .*"}
        over: 1m
        by: {who: postgresql.application_name}
        above: 0
        annotations: {summary: '{{ $labels.who }}'}
"""
NEWEST = "SELECT toUnixTimestamp64Nano(max(time)) AS newest_ns FROM db_samples WHERE time > now64(9) - INTERVAL 5 MINUTE"


@contextmanager
def agent(person: Person, server: PostgresServer, otlp_grpc: str) -> Iterator[Settings]:
    """Run the agent at its defaults; what is given finds its socket."""
    own = {"HOOKLINE_DATABASES_NAMED": f"shop={server.url('hookline')}", "HOOKLINE_RELAY_ENDPOINT": f"http://{otlp_grpc}"}
    running = subprocess.Popen([sys.executable, "-m", "hookline", "databases"], env={**person.environment, **own}, start_new_session=True)
    try:
        wait_for((person.data_dir / "databases.json").exists, 30)
        yield load_settings(env=person.environment).settings
    finally:
        running.terminate()
        running.wait(20)


@contextmanager
def queue(server: PostgresServer) -> Iterator[None]:
    """Have sessions wait for one that holds a lock."""
    server.run("CREATE TABLE held (id int PRIMARY KEY); INSERT INTO held VALUES (1), (2)", is_script=True)
    with server.connect() as holder:
        holder.execute("BEGIN")
        holder.execute("SELECT * FROM held WHERE id = 1 FOR UPDATE")
        waiting = [threading.Thread(target=server.run, args=("SELECT * FROM held WHERE id = 1 FOR UPDATE",)) for _ in range(QUEUE)]
        for each in waiting:
            each.start()
        try:
            yield
        finally:
            holder.execute("ROLLBACK")
            for each in waiting:
                each.join(10)


def ages_on_the_socket(settings: Settings) -> list[float]:
    """Return how old looks were when their line was read, seconds."""
    return [time.time() - view["at_ns"] / 1e9 for view in islice(live_views(settings, "shop", follow=True), 1, LINES)]


def ages_in_a_query(running: Running) -> list[float]:
    """Return how old the newest sample was when an answer with it was there, seconds."""
    found = []
    for _ in range(QUESTIONS):
        time.sleep(random.uniform(0.1, 0.5))
        (row,) = running.query(NEWEST)
        found.append(time.time() - int(row["newest_ns"]) / 1e9)
    return found


def told_after(settings: Settings, receiver: AlertReceiver, server: PostgresServer, count: int) -> list[float]:
    """Let a session wait for a lock, so many times; return after how long the receiver had been told, from the look that saw it first."""
    first_seen: dict[str, float] = {}

    def watch() -> None:
        for view in live_views(settings, "shop", follow=True):
            for session in view["sessions"]:
                if session["class"] == "lock" and session["application"].startswith("waits "):
                    first_seen.setdefault(session["application"], view["at_ns"] / 1e9)

    threading.Thread(target=watch, daemon=True).start()
    for number in range(count):
        who = f"waits {number}"
        with server.connect() as holder, server.connect(application_name=who) as waiter:
            holder.execute("BEGIN")
            holder.execute("SELECT * FROM held WHERE id = 2 FOR UPDATE")
            waiting = threading.Thread(target=waiter.execute, args=("SELECT * FROM held WHERE id = 2 FOR UPDATE",))
            waiting.start()
            time.sleep(random.uniform(1.0, 1.6))
            holder.execute("ROLLBACK")
            waiting.join(10)
    arrived = until(lambda: found if len(found := arrivals(receiver)) >= count else {}, "all who waited")
    return [arrived[who] - seen for who, seen in first_seen.items() if who in arrived]


def arrivals(receiver: AlertReceiver) -> dict[str, float]:
    """Return when the receiver had first heard of each."""
    found: dict[str, float] = {}
    for request in receiver.requests("/hook"):
        for alert in request.json["alerts"]:
            if "who" in alert["labels"]:
                found.setdefault(alert["labels"]["who"], request.at)
    return found


def main(count: int = 60) -> None:
    """Measure and tell."""
    if not VERSIONS:
        return
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as name, alert_receiver(Path(name)) as receiver, PostgresServer.start() as server:
        running = start_telling(Path(name) / "home", receiver, RULES, "Waits", route=", group_wait: 0s")
        try:
            with agent(running.person, server, running.found.otlp_grpc) as settings, queue(server):
                wait_for(lambda: next(live_views(settings, "shop"))["state"] in {"seeing", "partly"}, 30, pause_s=0.3)
                time.sleep(SETTLES_S)
                tell_quantiles("a sample at 10 Hz: its age on the agent's socket", ages_on_the_socket(settings))
                tell_quantiles("a sample at 10 Hz: age of the newest in a query", ages_in_a_query(running))
                tell_quantiles("a sample that shows it: to the webhook", told_after(settings, receiver, server, count))
        finally:
            running.kill()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
