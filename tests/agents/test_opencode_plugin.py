"""OpenCode's plugin, run by Node as OpenCode runs it: what it writes is what hook.sh writes, and whatever goes wrong costs the agent nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hookline.agents.children_time import children_time
from hookline.install.scripts import PACKAGE
from hookline.spool.event_file import SpoolEvent, parse_event, parse_payload
from support.agent_captures import FIXTURES, rows
from support.small_disk import small_disk

PLUGIN = PACKAGE / "agents" / "opencode" / "plugin.js"
HOST = Path(__file__).parents[1] / "support" / "opencode_host.mjs"
CAPTURES = FIXTURES / "opencode-1.18.33"
ON_LINUX = ("children",) if sys.platform == "linux" else ()
SCENARIOS = sorted(path.name.removesuffix(".raw.jsonl") for path in CAPTURES.glob("*.raw.jsonl"))

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed: the plugin is JavaScript")

Play = Callable[[Path, Path], subprocess.CompletedProcess[str]]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Return what lets the plugin write into a data folder what a file of captured calls tells it."""

    def run(data: Path, events: Path) -> subprocess.CompletedProcess[str]:
        plugin = tmp_path / "hookline.mjs"
        plugin.write_text(PLUGIN.read_text().replace('"@DATA@"', json.dumps(str(data))))
        env = {"PATH": os.environ["PATH"], "HOME": "/home/dev", "TMPDIR": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "run")}
        return subprocess.run(["node", str(HOST), str(plugin), str(events)], env=env, capture_output=True, text=True, timeout=60, check=True)

    (tmp_path / "run").mkdir()
    return run


def spool(data: Path) -> Path:
    """Return a data folder's spool, made as install makes it."""
    folder = data / "spool"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "limits").write_text("268435456 100000 0123456789abcdef\n")
    return folder


def written(folder: Path) -> list[SpoolEvent]:
    """Return the events of a spool in the order of their times."""
    found = [parse_event(path, path.stat().st_mtime_ns, path.read_bytes()) for path in folder.glob("*.ev")]
    return sorted(found, key=lambda event: event.time_ns)


def prompts(path: Path, count: int) -> Path:
    """Return a file in which one session is asked so often, and answers each time."""
    with path.open("w") as file:
        for number in range(count):
            of: dict[str, Any] = {"id": f"msg_{number}", "sessionID": "ses_1", "role": "user", "agent": "build"}
            asked = {"input": {"sessionID": "ses_1"}, "output": {"message": of, "parts": [{"type": "text", "text": f"Prompt {number}"}]}}
            idle = {"type": "session.idle", "properties": {"sessionID": "ses_1"}}
            file.write(json.dumps({"ms": 1_795_000_000_000 + number // 8, "hook": "chat.message", "payload": asked}) + "\n")
            file.write(json.dumps({"ms": 1_795_000_000_000 + number // 8, "hook": "event", "payload": idle}) + "\n")
    return path


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_it_tells_what_the_adapter_is_tested_with(scenario: str, tmp_path: Path, play: Play) -> None:
    """The real client's calls, as it made them; and it prints nothing."""
    folder = spool(tmp_path / "data")
    done = play(tmp_path / "data", CAPTURES / f"{scenario}.raw.jsonl")
    assert (done.stdout, done.stderr) == ("", "")
    told = [{"time_ns": event.time_ns, "payload": parse_payload(event.payload)} for event in written(folder)]
    assert told == rows("opencode-1.18.33", f"{scenario}.told.jsonl")


def test_its_events_are_those_of_the_hook(tmp_path: Path, play: Play) -> None:
    """The same first line, mode and names; nothing half is left."""
    folder = spool(tmp_path / "data")
    play(tmp_path / "data", CAPTURES / "tools.raw.jsonl")
    hook = shutil.copy(PACKAGE / "hook.sh", tmp_path / "data" / "hook.sh")
    Path(hook).chmod(0o700)
    subprocess.run([hook, "agent=opencode", "entrypoint=run"], input=b'{"session_id": "s"}', env={"PATH": os.environ["PATH"]}, check=True)
    *told, hooked = written(folder)
    assert {tuple(event.env) for event in told} == {("agent", "ppid", "host", "entrypoint", *ON_LINUX)}
    own = {"ppid", "children"}
    assert {key: value for key, value in told[0].env.items() if key not in own} == {key: value for key, value in hooked.env.items() if key not in own}
    assert all(children_time(event.env) for event in (*told, hooked)) or sys.platform != "linux"
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.ev")} == {0o600}
    assert all(path.stem.split("-")[0].isdigit() and path.stem.split("-")[1].isdigit() for path in folder.glob("*.ev"))
    assert not list(folder.glob(".*"))


@pytest.mark.long
def test_thousands_of_events_come_in_their_order_and_nothing_is_overwritten(tmp_path: Path, play: Play) -> None:
    """Also of one millisecond, and with a stranger's files of the same names in the way."""
    folder = spool(tmp_path / "data")
    play(tmp_path / "data", prompts(tmp_path / "many.jsonl", 1_000))
    told = [parse_payload(event.payload) for event in written(folder)]
    asked = [one["prompt"] for one in told if one["hook_event_name"] == "chat.message"]
    assert asked == [f"Prompt {number}" for number in range(1_000)]
    assert len(told) == 2_001, "and the session's start"
    assert not (folder / "dropped").exists()


def test_past_the_limits_events_are_dropped_and_counted(tmp_path: Path, play: Play) -> None:
    """As by the hook: a byte each."""
    folder = spool(tmp_path / "data")
    (folder / "full").touch()
    play(tmp_path / "data", CAPTURES / "tools.raw.jsonl")
    assert not list(folder.glob("*.ev"))
    assert (folder / "dropped").read_bytes() == b"." * 14


def test_it_looks_after_the_limits_while_no_relay_does(tmp_path: Path, play: Play) -> None:
    """Every 256 events."""
    folder = spool(tmp_path / "data")
    (folder / "limits").write_text("268435456 100 0123456789abcdef\n")
    play(tmp_path / "data", prompts(tmp_path / "many.jsonl", 300))
    kept = len(list(folder.glob("*.ev")))
    assert (folder / "full").exists()
    assert kept == 256
    assert (folder / "dropped").stat().st_size == 601 - kept


def test_what_waits_is_bounded(tmp_path: Path, play: Play) -> None:
    """A client that tells faster than the disk writes loses events, and the loss is counted."""
    folder = spool(tmp_path / "data")
    events = tmp_path / "burst.jsonl"
    burst = (HOST.read_text()).replace("await hooks", "hooks")
    (tmp_path / "burst.mjs").write_text(burst)
    prompts(events, 400)
    plugin = tmp_path / "hookline.mjs"
    plugin.write_text(PLUGIN.read_text().replace('"@DATA@"', json.dumps(str(tmp_path / "data"))).replace("MAX_WAITING = 5000", "MAX_WAITING = 500"))
    done = subprocess.run(["node", str(tmp_path / "burst.mjs"), str(plugin), str(events)], capture_output=True, text=True, timeout=60, check=True)
    kept, lost = len(list(folder.glob("*.ev"))), (folder / "dropped").stat().st_size
    assert (done.stderr, kept, kept + lost) == ("", 500, 801)


def test_a_folder_that_takes_nothing_is_said_elsewhere(tmp_path: Path, play: Play) -> None:
    """The folder is a file here, which not even root can write into."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "spool").write_text("in the way")
    done = play(data, CAPTURES / "denied.raw.jsonl")
    traces = list((tmp_path / "run").rglob("*.lost"))
    assert (done.stdout, done.stderr, [path.read_bytes() for path in traces]) == ("", "", [b"." * 8])


def test_a_full_disk_costs_the_events_and_no_more(tmp_path: Path, play: Play) -> None:
    """Nothing half stays, and what was lost is counted in another file system."""
    with small_disk(tmp_path / "disk", 1) as disk:
        folder = spool(disk.path / "data")
        disk.fill(0)
        done = play(disk.path / "data", CAPTURES / "tools.raw.jsonl")
        left = [path.name for path in folder.iterdir() if path.name.startswith(".") or path.suffix == ".ev"]
        counted = sum(path.stat().st_size for path in [*folder.glob("dropped"), *(tmp_path / "run").rglob("*.lost")])
    assert (done.stdout, done.stderr, left, counted) == ("", "", [], 14)


def test_odd_calls_are_passed_over(tmp_path: Path, play: Play) -> None:
    """Whatever a newer client brings: the plugin neither throws nor stops."""
    folder = spool(tmp_path / "data")
    odd: list[dict[str, Any]] = [
        {"type": "message.part.updated", "properties": {}},
        {"type": "message.part.updated", "properties": {"part": {"type": "tool"}}},
        {"type": "message.updated", "properties": {"info": None}},
        {"type": "session.created", "properties": {}},
        {"type": "session.error", "properties": {}},
        {"type": "permission.replied", "properties": {"requestID": "nobody asked"}},
        {"type": "session.idle", "properties": {"sessionID": 7}},
        {"type": None},
        {},
    ]
    lines: list[dict[str, Any]] = [{"ms": 1, "hook": "event", "payload": payload} for payload in odd]
    messages: list[dict[str, Any]] = [{}, {"output": {}}, {"output": {"message": {"sessionID": "ses_1"}}}]
    lines += [{"ms": 1, "hook": "chat.message", "payload": message} for message in messages]
    (tmp_path / "odd.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = play(tmp_path / "data", tmp_path / "odd.jsonl")
    assert (done.stdout, done.stderr, written(folder)) == ("", "", [])


def test_a_prompt_that_is_typed_ahead_begins_with_its_first_answer(tmp_path: Path, play: Play) -> None:
    """And ends the turn before it, which has its own end so."""
    folder = spool(tmp_path / "data")

    def asked(number: int) -> dict[str, Any]:
        message = {"id": f"msg_{number}", "sessionID": "ses_1", "role": "user"}
        return {"hook": "chat.message", "payload": {"input": {}, "output": {"message": message, "parts": [{"type": "text", "text": str(number)}]}}}

    def event(kind: str, **properties: Any) -> dict[str, Any]:
        return {"hook": "event", "payload": {"type": kind, "properties": {"sessionID": "ses_1", **properties}}}

    def answer(number: int) -> dict[str, Any]:
        return event("message.updated", info={"id": f"msg_a{number}", "parentID": f"msg_{number}", "role": "assistant", "sessionID": "ses_1"})

    busy = event("session.status", status={"type": "busy"})
    lines = [asked(1), busy, answer(1), asked(2), answer(1), answer(2), event("session.idle"), event("session.idle")]
    (tmp_path / "ahead.jsonl").write_text("".join(json.dumps({"ms": 1_000 + n, **line}) + "\n" for n, line in enumerate(lines)))
    play(tmp_path / "data", tmp_path / "ahead.jsonl")
    told = [(parse_payload(one.payload), round(one.time_ns / 1e6)) for one in written(folder)]
    assert [(one["hook_event_name"], one.get("prompt_id"), at) for one, at in told] == [
        ("session.created", None, 1_000),
        ("chat.message", "msg_1", 1_000),
        ("session.idle", "msg_1", 1_005),
        ("chat.message", "msg_2", 1_005),
        ("session.idle", "msg_2", 1_006),
    ]
