"""Run inside a network that holds only a loopback: real clients that are killed, interrupted, resumed, forked, compacted and cleared.

    drive_client_ends.py FOLDER CLIENT

One person has the hooks, another only the client's own telemetry. The answer is one JSON object: the session ids by what happened to them,
what the live view said on the way and at the end, and the rows of the derived tables.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from hookline.collector_client import Client
from hookline.system import runtime

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))
claude = importlib.import_module("agent_bench.claude")
LONG = {"say": "I'll watch the file.", "tools": [["Bash", {"command": "timeout 30 tail -f pay.py", "description": "Watch"}]]}
SHORT = {"say": "I'll look.", "tools": [["Bash", {"command": "echo here", "description": "Look"}]]}
SCENARIO = {"conversations": [{"match": "watch", "turns": [LONG, {"say": "Seen."}]}, {"match": "", "turns": [SHORT, {"say": "Done."}]}]}
SIGNALS = {"killed": signal.SIGKILL, "interrupted": signal.SIGINT, "terminated": signal.SIGTERM}
RELAY_CHECKS = {"HOOKLINE_RELAY_PROCESS_CHECK_S": "1", "HOOKLINE_SESSIONS_CLEANUP_EVERY_S": "0"}
QUERIES = {
    "sessions": "SELECT * FROM sessions",
    "turns": "SELECT * FROM turns",
    "calls": "SELECT * FROM tool_calls",
    "spans": "SELECT SpanName AS name, toUnixTimestamp64Nano(Timestamp) AS start_ns, toInt64(Duration) AS duration_ns, "
    "SpanAttributes['session.id'] AS session_id, SpanAttributes['hookline.closed_by'] AS closed_by, SpanAttributes['hookline.outcome'] AS outcome "
    "FROM otel_traces WHERE ScopeName = 'hookline.agent'",
    "ends": "SELECT EventName AS name, toUnixTimestamp64Nano(Timestamp) AS time_ns, LogAttributes['session.id'] AS session_id "
    "FROM otel_logs WHERE EventName IN ('session.end', 'hookline.process_gone')",
}
Live = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody works: a home, a project, the client, the scripted model, and where native telemetry goes."""

    home: Path
    shop: Path
    client: str
    port: int
    otlp: str = ""

    def start(self, prompt: str, *extra: str) -> subprocess.Popen[str]:
        """Start the client on one prompt."""
        asked = Namespace(home=self.home, otlp=self.otlp, protocol="grpc", env=[])
        command = [self.client, "-p", prompt, *extra, "--output-format", "json", "--allowedTools", "Bash"]
        env = claude.environment(asked, self.port)
        return subprocess.Popen(
            command, cwd=self.shop, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def run(self, prompt: str, *extra: str) -> dict[str, Any]:
        """Run the client on one prompt to its end and return its result."""
        said, _ = self.start(prompt, *extra).communicate(timeout=60)
        result: dict[str, Any] = json.loads(said)
        return result


def main(folder: Path, client: str) -> None:
    """Do it all and print the answers."""
    home, alone, shop = folder / "home", folder / "alone", folder / "shop"
    for made in (home, alone, shop):
        made.mkdir(exist_ok=True)
    (shop / "pay.py").write_text("retries = 1\n")
    env = {**os.environ, **RELAY_CHECKS, "HOME": str(home)}
    hookline("up", "--detach", env=env)
    try:
        hookline("install", "claude-code", env=env)
        api, otlp = collector_of(home)
        with scripted_model(folder) as port:
            print(json.dumps(tell(Desk(home, shop, client, port), Desk(alone, shop, client, port, otlp), api)))
    finally:
        hookline("down", env=env)


def tell(desk: Desk, native: Desk, api: Client) -> dict[str, Any]:
    """Return what happened and what was known of it."""
    looking = native.start("look at the file")
    ids, results = conversation(desk)
    results["native"] = json.loads(looking.communicate(timeout=60)[0])
    ids["native"] = results["native"]["session_id"]
    running, signalled_ns = end_early(desk, native, api, ids)
    wait_until(lambda: live_of(api).get(ids["killed"], {}).get("end_reason") == "process_gone")
    known_within_s = (time.time_ns() - signalled_ns["killed"]) / 1e9
    wait_until(lambda: all(live_of(api).get(ids[name], {}).get("state") == "ended" for name in SIGNALS))
    wait_until(lambda: linked(api, ids))
    live = {name: live_of(api).get(session) for name, session in ids.items()}
    rows = {name: ask(api, sql) for name, sql in QUERIES.items()}
    told = {"ids": ids, "results": results, "running": running, "signalled_ns": signalled_ns, "known_within_s": known_within_s, "live": live}
    return {**told, **rows, "forked": api.get(f"/api/v1/sessions/{ids['forked']}")}


def conversation(desk: Desk) -> tuple[dict[str, str], dict[str, Any]]:
    """One session: begun, resumed, continued, compacted, forked, and cleared into another."""
    results = {"begun": desk.run("look at the file")}
    begun = results["begun"]["session_id"]
    results["resumed"] = desk.run("once more", "--resume", begun)
    results["continued"] = desk.run("and again", "--continue")
    results["forked"] = desk.run("another way", "--resume", begun, "--fork-session")
    results["compacted"] = desk.run("/compact", "--resume", begun)
    results["cleared"] = desk.run("/clear", "--resume", begun)
    return {name: result["session_id"] for name, result in results.items()}, results


def end_early(desk: Desk, native: Desk, api: Client, ids: dict[str, str]) -> tuple[Live, dict[str, int]]:
    """Start clients whose tool runs long, look at them, and send each its signal; add their session ids."""
    known = set(live_of(api))
    clients = {name: desk.start(f"watch the file until you are {name}") for name in SIGNALS}
    clients["native killed"] = native.start("watch the file")
    wait_until(lambda: sum(bool(view["running_calls"]) for session, view in live_of(api).items() if session not in known) == len(clients))
    running = {session: view for session, view in live_of(api).items() if session not in known}
    pids = {str(client.pid): name for name, client in clients.items()}
    sessions = ask(api, "SELECT DISTINCT LogAttributes['session.id'] AS id, LogAttributes['process.pid'] AS pid FROM otel_logs")
    ids |= {pids[row["pid"]]: row["id"] for row in sessions if row["pid"] in pids and row["id"] in running}
    ids["native killed"] = next(session for session, view in running.items() if view["sources"] == ["native"])
    children = {name: psutil.Process(client.pid).children(recursive=True) for name, client in clients.items()}
    signalled_ns = {}
    for name, client in clients.items():
        signalled_ns[name] = time.time_ns()
        client.send_signal(SIGNALS.get(name, signal.SIGKILL))
    for name in ("killed", "native killed"):
        end(children[name])
    for client in clients.values():
        client.communicate(timeout=30)
    return {name: running[session] for name, session in ids.items() if session in running}, signalled_ns


def end(children: list[psutil.Process]) -> None:
    """End what a killed client left."""
    for child in children:
        if child.is_running():
            child.kill()


def linked(api: Client, ids: dict[str, str]) -> bool:
    """Whether the store has everything that the tests ask for, as far as can be said here."""
    sessions = {row["session_id"]: row for row in ask(api, QUERIES["sessions"])}
    ended = all(sessions.get(ids[name], {}).get("ended") for name in (*SIGNALS, "begun", "forked", "cleared"))
    return ended and all(sessions[ids[name]]["previous_id"] for name in ("forked", "cleared")) and sessions[ids["forked"]]["requests"] > 0


def live_of(api: Client) -> Live:
    """Return the live view, ended sessions too, by session id."""
    return {session["session_id"]: session for session in api.get("/api/v1/live?ended=true")["sessions"]}


def ask(api: Client, sql: str) -> list[dict[str, Any]]:
    """Return the rows of a query."""
    rows: list[dict[str, Any]] = api.post("/api/v1/query?format=json", {"sql": sql})
    return rows


def collector_of(home: Path) -> tuple[Client, str]:
    """Return the person's collector: its API, and where it takes OTLP."""
    data = home / ".local" / "state" / "hookline"
    found = runtime.read(data / "collector.json")
    if found is None:
        raise SystemExit("the collector is not there")
    return Client(found.url, (data / "token").read_text().strip()), f"http://{found.otlp_grpc}"


@contextmanager
def scripted_model(folder: Path) -> Iterator[int]:
    """Run the scripted model for as long as the block; give its port."""
    script, port = folder / "ends.json", claude.free_port()
    script.write_text(json.dumps(SCENARIO))
    model = subprocess.Popen([sys.executable, str(TESTS / "agent_bench" / "model_api.py"), str(script), str(port)])
    try:
        claude.wait_for(port)
        yield port
    finally:
        model.kill()
        model.wait()


def hookline(*arguments: str, env: dict[str, str]) -> None:
    """Run the command; a failure says why."""
    done = subprocess.run([sys.executable, "-m", "hookline", *arguments], capture_output=True, text=True, env=env, timeout=60, check=False)
    if done.returncode:
        raise SystemExit(f"hookline {' '.join(arguments)}: {done.stderr or done.stdout}")


def wait_until(holds: Callable[[], bool], within_s: float = 20.0) -> None:
    """Wait until something holds; go on after the time, so that the tests tell what is missing."""
    deadline = time.monotonic() + within_s
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
