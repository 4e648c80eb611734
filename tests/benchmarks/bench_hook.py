"""What the agent waits for: the hook's whole process under each shell, beside a shell that does nothing; then the spool's reader.

Every hook starts as the agent starts it, with a real payload in a pipe, and is timed from its start to its end. Whether a relay
runs makes no difference to it: the hook only writes a file.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from pathlib import Path

from hookline.agents.claude_code.scripts import install_scripts
from hookline.install.command import hook_command, quote_path
from hookline.settings import Settings
from hookline.settings.schema import SpoolSettings
from hookline.spool import SpoolReader, SpoolWatch, prepare, write_event
from hookline.spool.event_file import format_event

RUNS = 300
BACKLOG = 30_000
CAPTURE = Path(__file__).parent.parent / "fixtures" / "claude-code-2.1.329" / "tools" / "hooks"
SHELLS: tuple[tuple[str, ...], ...] = (("dash",), ("bash", "--posix"), ("busybox", "sh"))
Row = tuple[str, str, str]


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        settings, full = _install(Path(folder) / "hookline"), _install(Path(folder) / "full", SpoolSettings(max_files=1))
        rows = [*_hook_rows(settings), _full_row(full), _wake_row(settings), *_backlog_rows(settings)]
    for promise, target, measured in [("promise", "target", "measured"), *rows]:
        print(f"{promise:<52} | {target:<22} | {measured}")


def _install(folder: Path, limits: SpoolSettings | None = None) -> Settings:
    settings = Settings(data_dir=folder, spool=limits or SpoolSettings())
    prepare(settings)
    install_scripts(settings)
    return settings


def _hook_rows(settings: Settings) -> list[Row]:
    rows = []
    for shell in SHELLS:
        path = shutil.which(shell[0])
        if path is None:
            continue
        name = " ".join(shell)
        rows.append((f"{name} -c : (the floor)", "", _summary(_time([path, *shell[1:], "-c", ":"]))))
        rows.append((f"hook under {name}", "p50 <= 3 ms, p99 <= 10", _summary(_time([path, *shell[1:], str(settings.hook_path)]))))
    command = hook_command(quote_path(settings.hook_path))
    rows.append(("hook as the client runs it (sh -c first)", "", _summary(_time(["/bin/sh", "-c", command]))))
    return rows


def _full_row(settings: Settings) -> Row:
    write_event(settings.spool_dir, _payload(), {})
    (settings.spool_dir / "full").touch()
    times = _time(["/bin/sh", str(settings.hook_path)])
    return ("hook past the limits (dropped)", "p50 <= 3 ms, p99 <= 10", _summary(times))


def _wake_row(settings: Settings) -> Row:
    """From the hook's end to the reader's hands, without the 30 ms in which earlier events may still appear."""
    times = []
    _empty(settings)
    reader = SpoolReader(settings.spool_dir, settle_s=0)
    with SpoolWatch(settings.spool_dir) as watch:
        for _ in range(RUNS):
            _spawn(["/bin/sh", str(settings.hook_path)], _payload())
            began = time.perf_counter()
            events = reader.take(time.time_ns())
            while not events:
                watch.wait(1)
                events = reader.take(time.time_ns())
            times.append(time.perf_counter() - began)
            reader.remove(event.name for event in events)
    return ("hook's end to event read", "", _summary(times))


def _backlog_rows(settings: Settings) -> list[Row]:
    """A relay that comes back after days."""
    _empty(settings)
    content = format_event({"agent": "claude-code", "claude_pid": "1"}, _payload())
    for number in range(BACKLOG):
        (settings.spool_dir / f"{number}-0.ev").write_bytes(content)
    reader = SpoolReader(settings.spool_dir)
    began = time.perf_counter()
    count = len(reader.take(time.time_ns() + 10**9))
    listed_s = time.perf_counter() - began
    while events := reader.take(time.time_ns() + 10**9):
        reader.remove(event.name for event in events)
        count += len(events)
    rate = count / (time.perf_counter() - began)
    return [(f"first 1000 of {BACKLOG:,} waiting events", "", f"{listed_s:.2f} s"), ("waiting events read and removed", "", f"{rate:,.0f} a second")]


def _empty(settings: Settings) -> None:
    for event in settings.spool_dir.glob("*.ev"):
        event.unlink()


def _payload() -> bytes:
    """The captured end of a tool call."""
    captures = (json.loads(path.read_text())["payload"] for path in sorted(CAPTURE.iterdir()))
    return json.dumps(next(payload for payload in captures if payload["hook_event_name"] == "PostToolUse")).encode()


def _time(command: list[str]) -> list[float]:
    payload, times = _payload(), []
    for _ in range(RUNS):
        began = time.perf_counter()
        _spawn(command, payload)
        times.append(time.perf_counter() - began)
    return times


def _spawn(command: list[str], payload: bytes) -> None:
    """Start a process with the payload in a pipe and wait for its end."""
    read, write = os.pipe()
    os.write(write, payload)
    os.close(write)
    environment = {**os.environ, "CLAUDE_PID": str(os.getpid())}
    child = os.posix_spawnp(command[0], command, environment, file_actions=[(os.POSIX_SPAWN_DUP2, read, 0), (os.POSIX_SPAWN_CLOSE, read)])
    os.close(read)
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status}")


def _summary(times: list[float]) -> str:
    ordered = sorted(times)
    return f"p50 {ordered[len(ordered) // 2] * 1e3:.2f} ms, p99 {ordered[int(len(ordered) * 0.99)] * 1e3:.2f} ms"


if __name__ == "__main__":
    main()
