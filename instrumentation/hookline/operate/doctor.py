"""`hookline doctor`: a probe through everything that is real here: hook script, spool, relay, collector, store.

A short session of its own, four events with a session id that begins with `hookline-doctor-`, goes in where an agent's events go
in and is awaited where reports read. Such sessions count in no report. A step that fails says what to do; what lies behind it is
not tried, because it would fail for the same reason.

At the end stands whether each agent runs the hooks that are installed for it, where that takes more than installing.

`examine` yields each step as it ends, so that a person sees where it hangs.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hookline.agents import AGENTS, DEFAULT, install_hint
from hookline.collector_client import Client, client_for
from hookline.contract.scopes import PROBE_PREFIX
from hookline.errors import HooklineError
from hookline.relay import state_file as relay_state
from hookline.settings import Settings
from hookline.system import locks

PATIENCE_S = 15.0
LOOK_EVERY_S = 0.02
COUNT_LOGS = "SELECT count() FROM otel_logs WHERE LogAttributes['session.id'] = {session:String}"
COUNT_SPANS = "SELECT count() FROM otel_traces WHERE SpanAttributes['session.id'] = {session:String} AND ScopeName = 'hookline.agent'"


@dataclass(frozen=True, slots=True)
class DoctorStep:
    """One step of the way: how long it took since the step before, and what to do when it failed."""

    name: str
    took_s: float
    ok: bool
    detail: str
    remedy: str = ""


def examine(settings: Settings, patience_s: float = PATIENCE_S) -> Iterator[DoctorStep]:
    """Send the probe and yield its steps; ends after the first that fails."""
    session = PROBE_PREFIX + secrets.token_hex(8)
    client = client_for(settings)
    checks: list[Callable[[], DoctorStep]] = [
        lambda: _fire_hooks(settings, session),
        lambda: _await_relay(settings, session, patience_s),
        lambda: _await_rows(client, "log records stored", COUNT_LOGS, session, len(payloads(session, Path.cwd())), patience_s),
        lambda: _await_rows(client, "span stored", COUNT_SPANS, session, 1, patience_s),
        lambda: _check_balance(client),
    ]
    for check in checks:
        step = check()
        yield step
        if not step.ok:
            return
    yield from check_hooks()


def check_hooks() -> Iterator[DoctorStep]:
    """Yield whether each agent runs its hooks, of those that may not."""
    for agent in AGENTS.values():
        begun = time.perf_counter()
        if check := agent.hook_check(asks_client=True):
            yield DoctorStep(f"hooks of {agent.title}", time.perf_counter() - begun, check.ok, check.detail, check.remedy)


def _fire_hooks(settings: Settings, session: str) -> DoctorStep:
    """Run the installed script once an event, as the agent does."""
    if not settings.hook_path.is_file():
        return DoctorStep("hook", 0.0, False, f"the script {settings.hook_path} is missing", install_hint())
    durations = []
    for payload in payloads(session, Path.cwd()):
        begun = time.perf_counter()
        done = _run(settings.hook_path, payload)
        durations.append(time.perf_counter() - begun)
        if done.returncode or done.stdout or done.stderr:
            return DoctorStep(
                "hook",
                max(durations),
                False,
                f"exit code {done.returncode}, output {done.stdout + done.stderr!r}",
                install_hint(),
            )
    slowest_ms = max(durations) * 1000
    return DoctorStep("hook", sum(durations), True, f"{len(durations)} events, the slowest took {slowest_ms:.1f} ms")


def _run(script: Path, payload: dict[str, object]) -> subprocess.CompletedProcess[bytes]:
    probe = DEFAULT.probe()
    environment = os.environ | (probe.environment(os.getpid()) if probe else {})
    return subprocess.run([str(script)], input=json.dumps(payload).encode(), capture_output=True, env=environment, timeout=PATIENCE_S, check=False)


def payloads(session: str, folder: Path) -> list[dict[str, object]]:
    """Return the probe's events as an agent would send them."""
    probe = DEFAULT.probe()
    return probe.payloads(session, folder) if probe else []


def _await_relay(settings: Settings, session: str, patience_s: float) -> DoctorStep:
    """Wait until the relay has delivered the events, which it shows by removing them."""
    dropped_hint = _spool_trouble(settings, session)
    if dropped_hint:
        return DoctorStep("relay", 0.0, False, "the hook kept nothing in the spool", dropped_hint)
    if not _may_run(settings):
        return DoctorStep("relay", 0.0, False, "no relay runs on this data folder", "hookline up, or hookline relay")
    begun = time.perf_counter()
    delivered = _wait(lambda: not _in_spool(settings, session), patience_s)
    took_s = time.perf_counter() - begun
    if delivered:
        return DoctorStep("relay", took_s, True, "events read, exported and acknowledged")
    told = relay_state.read(settings.relay_state_path)
    why = f"{told.health}: {told.why or told.last_error}" if told else "no state reported"
    return DoctorStep(
        "relay", took_s, False, f"the relay did not deliver within {patience_s:g} s ({why})", "hookline status; is relay.endpoint right?"
    )


def _may_run(settings: Settings) -> bool:
    """Whether a relay runs, or a `hookline up` that starts it again."""
    return any(locks.holder(settings.data_dir / lock) is not None for lock in ("relay.lock", "up.lock"))


def _spool_trouble(settings: Settings, session: str) -> str:
    """Return what to do when the hook dropped the probe; empty when it did not, or when the relay was quicker than this look."""
    if (settings.spool_dir / "full").exists() and not _in_spool(settings, session):
        return "the spool is full: start the relay (hookline up), or raise spool.max_bytes"
    if not os.access(settings.spool_dir, os.W_OK):
        return f"make {settings.spool_dir} writable"
    return ""


def _in_spool(settings: Settings, session: str) -> bool:
    return any(_holds(path, session.encode()) for path in settings.spool_dir.glob("*.ev"))


def _holds(path: Path, mark: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return mark in file.read(4096)
    except OSError:
        return False


def _await_rows(client: Client, name: str, sql: str, session: str, wanted: int, patience_s: float) -> DoctorStep:
    begun = time.perf_counter()
    last: list[object] = [0]

    def are_there() -> bool:
        last[0] = client.post("/api/v1/query", {"sql": sql, "parameters": {"session": session}})["rows"][0][0]
        return isinstance(last[0], int) and last[0] >= wanted

    try:
        found = _wait(are_there, patience_s)
    except HooklineError as why:
        return DoctorStep(name, time.perf_counter() - begun, False, str(why), "hookline status")
    took_s = time.perf_counter() - begun
    if found:
        return DoctorStep(name, took_s, True, f"{last[0]} rows found by query")
    return DoctorStep(
        name, took_s, False, f"{last[0]} of {wanted} rows after {patience_s:g} s", "hookline status: does relay.endpoint lead to this collector?"
    )


def _check_balance(client: Client) -> DoctorStep:
    begun = time.perf_counter()
    status = client.get("/api/v1/status")
    wrong = [signal["signal"] for signal in status["signals"] if not signal["balanced"]]
    took_s = time.perf_counter() - begun
    if wrong or not status["ready"]:
        return DoctorStep("sums", took_s, False, status["reason"] or f"the sums of {', '.join(wrong)} are wrong", "hookline status")
    return DoctorStep("sums", took_s, True, "received = stored + rejected + repeated + quarantined + in the journal")


def _wait(done: Callable[[], bool], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY_S)
    return True
