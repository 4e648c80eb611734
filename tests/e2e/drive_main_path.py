"""Run inside a network that holds only a loopback: Hookline, the hooks, the real client's scenarios; prints what can be queried.

    drive_main_path.py FOLDER CLIENT

FOLDER/home is the person's home, FOLDER/shop the project. The answer is one JSON object of query name to rows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from hookline.collector_client import Client
from hookline.system import runtime

TESTS = Path(__file__).parents[1]
BENCH = TESTS / "agent_bench"
SHOP = "retries = 1\n\n\ndef charge(card):\n    return retries\n"
SCENARIOS = ("tools", "subagent", "denied", "api_error")
BY_HOOK = "ended_how = 'session_end'"  # on a busy machine the kernel tells of the exit before the client's last hook is read
QUERIES = {
    "calls": "SELECT * FROM tool_calls",
    "turns": "SELECT * FROM turns",
    "sessions": "SELECT * FROM sessions",
    "usage": "SELECT * FROM usage",
    "activity": "SELECT * FROM activity",
    "spans": "SELECT ScopeName, SpanName, TraceId, SpanId, ParentSpanId, StatusCode, SpanAttributes FROM otel_traces",
    "events": "SELECT EventName, LogAttributes['session.id'] AS session_id FROM otel_logs WHERE ScopeName = 'hookline.agent'",
    "metrics": "SELECT DISTINCT MetricName FROM otel_metrics_exponential_histogram UNION ALL SELECT DISTINCT MetricName FROM otel_metrics_sum "
    "UNION ALL SELECT DISTINCT MetricName FROM otel_metrics_gauge",
}


def main(folder: Path, client: str) -> None:
    """Do it all and print the answers."""
    home, shop = folder / "home", folder / "shop"
    home.mkdir(exist_ok=True)
    environment = {**os.environ, "HOME": str(home), "HOOKLINE_RELAY_METRICS_S": "1", "HOOKLINE_RELAY_SAMPLE_S": "0.3"}
    hookline("up", "--detach", env=environment)
    try:
        hookline("install", "claude-code", "--native-telemetry", env=environment)
        results = {scenario: run(scenario, home, shop, client) for scenario in SCENARIOS}
        api = collector_of(home)
        wait_until(lambda: ask(api, "SELECT count() AS n FROM tool_calls WHERE from_hook AND from_native")[0]["n"] >= 11)
        wait_until(lambda: ask(api, f"SELECT count() AS n FROM sessions WHERE {BY_HOOK}")[0]["n"] >= len(SCENARIOS))
        wait_until(lambda: ask(api, "SELECT count() AS n FROM turns WHERE outcome = 'failure'")[0]["n"] >= 1)  # may come after the session's end
        wait_until(lambda: {"hookline.tool.duration", "process.memory.usage"} <= {row["MetricName"] for row in ask(api, QUERIES["metrics"])})
        answers: dict[str, Any] = {name: ask(api, sql) for name, sql in QUERIES.items()}
        answers["status"] = json.loads(hookline("status", "--format", "json", env=environment))
        answers["report"] = json.loads(hookline("report", "--format", "json", env=environment))
        answers["live"] = json.loads(hookline("live", "--format", "json", env=environment))
    finally:
        hookline("down", env=environment)
    print(json.dumps({"results": results, **answers}))


def run(scenario: str, home: Path, shop: Path, client: str) -> Any:
    """Run one scenario in a fresh shop and return the client's result."""
    shop.mkdir(exist_ok=True)
    (shop / "pay.py").write_text(SHOP)
    script = shop.parent / f"{scenario}.json"
    script.write_text((BENCH / "scenarios" / f"{scenario}.json").read_text().replace("/srv/shop", str(shop)))
    command = [sys.executable, str(BENCH / "claude.py"), "run", str(script), "--client", client, "--home", str(home), "--cwd", str(shop)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout)


def collector_of(home: Path) -> Client:
    """Return the person's collector."""
    data = home / ".local" / "state" / "hookline"
    found = runtime.read(data / "collector.json")
    if found is None:
        raise SystemExit("the collector is not there")
    return Client(found.url, (data / "token").read_text().strip())


def ask(api: Client, sql: str) -> Any:
    """Return the rows of a query as dicts."""
    return api.post("/api/v1/query?format=json", {"sql": sql})


def hookline(*arguments: str, env: dict[str, str]) -> str:
    """Run the command and return what it printed; a failure says why."""
    done = subprocess.run([sys.executable, "-m", "hookline", *arguments], capture_output=True, text=True, env=env, timeout=60, check=False)
    if done.returncode:
        raise SystemExit(f"hookline {' '.join(arguments)}: {done.stderr or done.stdout}")
    return done.stdout


def wait_until(holds: Any, within_s: float = 20.0) -> None:
    """Wait until something holds; go on after the time, so that the tests tell what is missing."""
    deadline = time.monotonic() + within_s
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.2)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
