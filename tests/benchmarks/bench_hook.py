"""What the agent waits for: the hook's whole process under each shell, beside a shell that does nothing; then the spool's reader.

Every hook starts as the agent starts it, with a real payload in a pipe, and is timed from its start to its end. Whether a relay
runs makes no difference to it: the hook only writes a file. Hook and empty shell run in turns, so that other work on the machine
meets both, and what the hook takes beyond the shell is told as processor time too.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import tell, tell_quantiles
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


def main() -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory() as folder:
        settings, full = install_hook(Path(folder) / "hookline"), install_hook(Path(folder) / "full", SpoolSettings(max_files=1))
        _hooks(settings)
        _full(full)
        _wake(settings)
        _backlog(settings)


def install_hook(folder: Path, limits: SpoolSettings | None = None) -> Settings:
    """Lay out a data folder with the scripts."""
    settings = Settings(data_dir=folder, spool=limits or SpoolSettings())
    prepare(settings)
    install_scripts(settings)
    return settings


def _hooks(settings: Settings) -> None:
    """The hook under each shell, in turns with a shell that does nothing."""
    for shell in SHELLS:
        path = shutil.which(shell[0])
        if path is None:
            continue
        name, begin = " ".join(shell), [path, *shell[1:]]
        floor, hook = in_turns([*begin, "-c", ":"], [*begin, str(settings.hook_path)])
        title = "hook, whole process" if shell == SHELLS[0] else f"hook under {name}"
        tell_quantiles(title, hook.passed)
        tell_quantiles(f"{name} -c : (the floor)", floor.passed)
        beyond_ms = (sum(hook.processor) - sum(floor.processor)) / RUNS * 1000
        tell(f"hook under {name}: processor time beyond the shell's own", beyond_ms, "CPU-ms", "processor")
    client = ["/bin/sh", "-c", hook_command(quote_path(settings.hook_path))]
    as_client, _ = in_turns(client, ["/bin/sh", "-c", ":"])
    tell_quantiles("hook as the client runs it (sh -c first)", as_client.passed)
    tell("hook as the client runs it: processor time", sum(as_client.processor) / RUNS * 1000, "CPU-ms", "processor")


def _full(settings: Settings) -> None:
    """Past the limits the event is dropped."""
    write_event(settings.spool_dir, _payload(), {})
    (settings.spool_dir / "full").touch()
    dropping, _ = in_turns(["/bin/sh", str(settings.hook_path)], ["/bin/sh", "-c", ":"])
    tell_quantiles("hook past the limits (dropped)", dropping.passed)


def _wake(settings: Settings) -> None:
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
    tell_quantiles("hook's end to event read", times)


def _backlog(settings: Settings) -> None:
    """A relay that comes back after days."""
    _empty(settings)
    content = format_event({"agent": "claude-code", "claude_pid": "1"}, _payload())
    for number in range(BACKLOG):
        (settings.spool_dir / f"{number}-0.ev").write_bytes(content)
    reader = SpoolReader(settings.spool_dir)
    began = time.process_time()
    count = len(reader.take(time.time_ns() + 10**9))
    tell(f"first 1000 of {BACKLOG:,} waiting events", time.process_time() - began, "CPU-s", "processor")
    while events := reader.take(time.time_ns() + 10**9):
        reader.remove(event.name for event in events)
        count += len(events)
    tell("waiting events read and removed", count / (time.process_time() - began), "events/CPU-s", "processor", "more")


def _empty(settings: Settings) -> None:
    for event in settings.spool_dir.glob("*.ev"):
        event.unlink()


def _payload() -> bytes:
    """The captured end of a tool call."""
    captures = (json.loads(path.read_text())["payload"] for path in sorted(CAPTURE.iterdir()))
    return json.dumps(next(payload for payload in captures if payload["hook_event_name"] == "PostToolUse")).encode()


@dataclass(slots=True)
class Took:
    """What the runs of a command took, in seconds each: time that passed, and processor time."""

    passed: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def run(self, command: list[str], payload: bytes) -> None:
        """Run it once more."""
        began = time.perf_counter()
        self.processor.append(_spawn(command, payload))
        self.passed.append(time.perf_counter() - began)


def in_turns(one: list[str], other: list[str], payload: bytes = b"", runs: int = RUNS) -> tuple[Took, Took]:
    """Run two commands in turns, each with a payload; the captured end of a tool call where none is given."""
    payload, of_one, of_other = payload or _payload(), Took(), Took()
    for _ in range(runs):
        of_one.run(one, payload)
        of_other.run(other, payload)
    return of_one, of_other


def _spawn(command: list[str], payload: bytes) -> float:
    """Start a process with the payload in a pipe and wait for its end; return its processor time."""
    read, write = os.pipe()
    os.write(write, payload)
    os.close(write)
    environment = {**os.environ, "CLAUDE_PID": str(os.getpid())}
    child = os.posix_spawnp(command[0], command, environment, file_actions=[(os.POSIX_SPAWN_DUP2, read, 0), (os.POSIX_SPAWN_CLOSE, read)])
    os.close(read)
    _, status, used = os.wait4(child, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status}")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
