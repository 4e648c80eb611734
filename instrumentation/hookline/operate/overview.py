"""How everything stands on this machine: hooks, spool, relay, collector, store, journal, and whether the sums are right.

Works when nothing runs: each part is looked at on its own, and what cannot be reached says so. `look` gathers, the functions below
it judge; a part that is not used (a relay that another machine's collector serves) is not a fault of the rest.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hookline.agents import AGENTS, install_hint
from hookline.collector_client import client_for
from hookline.errors import HooklineError
from hookline.relay import state_file as relay_state
from hookline.relay.state_file import RelayState
from hookline.settings import Settings
from hookline.spool.lost import count_lost
from hookline.system import locks

PROCESSES = ("relay", "collector")
OK, STARTING, IDLE, FAULTY = "ok", "starting", "off", "bad"
STARTS_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class OverviewLine:
    """One part: its state (ok, starting, off, bad), what is to be known, and what to do when it is not ok."""

    part: str
    state: str
    detail: str
    remedy: str = ""


def look(settings: Settings) -> list[OverviewLine]:
    """Return how each part stands."""
    relay_pid = locks.holder(settings.data_dir / "relay.lock")
    told = relay_state.read(settings.relay_state_path)
    starts = _has_just_begun(settings.data_dir / "up.lock", time.time())
    lines = [_hooks(settings), *_without_hooks(), _spool(settings, starts or relay_pid is not None), _relay(relay_pid, told), *_collector(settings)]
    return [_as_starting(line) if starts and line.state == IDLE and line.part in PROCESSES else line for line in lines]


def is_well(lines: list[OverviewLine]) -> bool:
    """Whether something runs or starts, and nothing is faulty. Hooks may be missing, and a part may run on another machine."""
    runs = any(line.state in (OK, STARTING) for line in lines if line.part in PROCESSES)
    return runs and not any(line.state == FAULTY for line in lines)


def _has_just_begun(lock: Path, now_s: float) -> bool:
    """Whether a `hookline up` runs that began a moment ago; it writes its number into the lock when it begins."""
    try:
        return locks.holder(lock) is not None and now_s - lock.stat().st_mtime < STARTS_WITHIN_S
    except OSError:
        return False


def _as_starting(line: OverviewLine) -> OverviewLine:
    return OverviewLine(line.part, STARTING, "starts")


def _hooks(settings: Settings) -> OverviewLine:
    found, broken, old = [], [], []
    for agent in AGENTS.values():
        if installer := agent.installer():
            has_hooks, is_broken = installer.installed()
            found += has_hooks
            broken += is_broken
            old += [agent.name] if has_hooks and not installer.is_current(settings) else []
    if old:
        detail = f"installed in {_names(found)}, but the script in {settings.data_dir} is missing or out of date"
        return OverviewLine("hooks", FAULTY, detail, install_hint(old[0]))
    checks = [check for agent in AGENTS.values() if (check := agent.hook_check(asks_client=False)) and not check.ok]
    if checks:
        return OverviewLine("hooks", FAULTY, f"installed in {_names(found)}; {checks[0].detail}", checks[0].remedy)
    if found:
        return OverviewLine("hooks", OK, f"installed in {_names(found)}")
    detail = f"not installed; {_names(broken)} cannot be read" if broken else "not installed"
    return OverviewLine("hooks", IDLE, detail, install_hint())


def _without_hooks() -> Iterator[OverviewLine]:
    """Yield the agents that are on this machine and of which nothing is recorded, if something is of others."""
    known = [(agent, installer) for agent in AGENTS.values() if (installer := agent.installer())]
    missing = [(agent, installer) for agent, installer in known if not installer.installed()[0]]
    if len(missing) == len(known):
        return
    for agent, installer in missing:
        if by := installer.is_present(os.environ):
            yield OverviewLine("hooks", IDLE, f"{agent.title} is here ({by}) and not recorded", install_hint(agent.name))


def _names(paths: list[Path]) -> str:
    return ", ".join(str(path) for path in paths)


def _spool(settings: Settings, relay_runs: bool) -> OverviewLine:
    files = list(settings.spool_dir.glob("*.ev"))
    size = sum(_size(path) for path in files)
    dropped, bad = _size(settings.spool_dir / "dropped"), sum(1 for _ in (settings.spool_dir / "bad").glob("*"))
    lost = count_lost(settings.spool_dir)
    detail = f"{len(files)} events ({size:,} bytes) waiting, {dropped} dropped, {bad} unreadable"
    if lost:
        why = "hooks cannot write: make room on the disk, or check the folder's owner; the relay then reads what is missing from the transcripts"
        return OverviewLine("spool", FAULTY, f"{detail}, {lost} could not be written", why)
    if dropped:
        return OverviewLine("spool", FAULTY, detail, "events were dropped: the disk or the spool was full (spool.max_bytes, spool.max_files)")
    if files and not relay_runs:
        return OverviewLine("spool", FAULTY, detail, "they wait for a relay: hookline up")
    return OverviewLine("spool", OK, detail)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _relay(pid: int | None, told: RelayState | None) -> OverviewLine:
    if pid is None:
        return OverviewLine("relay", IDLE, "does not run", "hookline up, or hookline relay")
    if told is None or told.pid != pid:
        return OverviewLine("relay", OK, f"process {pid}, just started")
    exported = f"last export {_ago(told.last_ok_at)}" if told.last_ok_at else "nothing exported yet"
    counts = f"{told.events} events, {told.spans.get('accepted', 0)} spans"
    if told.health in ("retrying", "blocked"):
        return OverviewLine("relay", FAULTY, f"process {pid}, {told.health}: {told.why}", f"is there a collector at {told.endpoint}?")
    return OverviewLine("relay", OK, f"process {pid} to {told.endpoint}, {counts}, {exported}")


def _ago(at_s: float) -> str:
    seconds = max(0, round(time.time() - at_s))
    if seconds < 120:
        return f"{seconds} s ago"
    return f"{seconds // 60} min ago" if seconds < 7200 else f"{seconds // 3600} h ago"


def _collector(settings: Settings) -> Iterator[OverviewLine]:
    client = client_for(settings)
    try:
        status = client.get("/api/v1/status", timeout_s=5)
    except HooklineError as why:
        yield OverviewLine("collector", IDLE, str(why), "hookline up")
        return
    yield OverviewLine("collector", OK, f"process {status['pid']}, {client.url}, version {status['version']}, up {round(status['uptime_s'])} s")
    for part in status["parts"]:
        yield OverviewLine(part["name"], OK if part["ok"] else FAULTY, part["detail"])
    for signal in status["signals"]:
        yield _balance(signal)


def _balance(signal: dict[str, Any]) -> OverviewLine:
    sums = " + ".join(f"{signal[name]:,} {words}" for name, words in BALANCE)
    sign = "=" if signal["balanced"] else "≠"
    detail = f"{signal['received']:,} received {sign} {sums}"
    if not signal["balanced"]:
        return OverviewLine(signal["signal"], FAULTY, detail, "the sum is wrong; please report this with the log")
    if signal["quarantined"]:
        return OverviewLine(signal["signal"], FAULTY, detail, "the store refused some: hookline quarantine")
    return OverviewLine(signal["signal"], OK, detail)


BALANCE = (
    ("stored", "stored"),
    ("rejected", "rejected"),
    ("deduplicated", "repeated"),
    ("quarantined", "quarantined"),
    ("in_journal", "in the journal"),
)
