"""Whether Codex runs our hooks: it runs only those that a person has approved, and says nothing of the others outside its terminal.

An approval stands in `config.toml`, under the place of the hook and with a hash of what was approved:

    [hooks.state."/home/ana/.codex/hooks.json:pre_tool_use:0:0"]
    trusted_hash = "sha256:..."

The place is event, group and handler, counted from 0; the hash covers event, matcher, command and time-out. So our group is the last of
its event and the command stays the same from version to version. `trust_by_files` works the hash out as the client does (0.169.0; it is
that of the canonical JSON of what is approved); where that says that something is not approved, `trust_by_client` asks the client itself, which knows
best (`codex app-server`, `hooks/list`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hookline.agents.payload import member, members, text
from hookline.install.command import is_ours
from hookline.version import VERSION

TRUSTED, UNTRUSTED, MODIFIED, DISABLED = "trusted", "untrusted", "modified", "disabled"
ANSWER_S: Final = 20.0
_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Trust:
    """How many of our hooks are in each state."""

    counts: Mapping[str, int]

    @property
    def is_whole(self) -> bool:
        """Whether all of them run."""
        return bool(self.counts) and set(self.counts) == {TRUSTED}

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())


def trust_by_files(hooks: Path, config: Path) -> Trust:
    """Return the states of our hooks in `hooks.json` as `config.toml` has them."""
    state = _states(config)
    return Trust(Counter(_state(state.get(f"{hooks}:{place}"), digest) for place, digest in our_hashes(hooks)))


def our_hashes(hooks: Path) -> Iterator[tuple[str, str]]:
    """Yield (place, hash) of each of our handlers in a hooks file."""
    try:
        found = json.loads(hooks.read_text("utf-8"))
    except (OSError, ValueError):
        return
    for event in member(found, "hooks") if isinstance(found, dict) else ():
        for at_group, group in enumerate(members(found["hooks"], event)):
            for at_handler, handler in enumerate(members(group, "hooks")):
                if is_ours(handler.get("command")):
                    label = snake(event)
                    yield f"{label}:{at_group}:{at_handler}", approved_hash(label, group, handler)


def approved_hash(label: str, group: Mapping[str, Any], handler: Mapping[str, Any]) -> str:
    """Return the hash that an approval of a handler has."""
    import hashlib  # noqa: PLC0415 - for doctor and status alone

    normal = {"type": "command", "command": handler.get("command"), "timeout": handler.get("timeout", 600), "async": handler.get("async", False)}
    matcher = {"matcher": group["matcher"]} if isinstance(group.get("matcher"), str) else {}
    identity = {"event_name": label, **matcher, "hooks": [normal]}
    data = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(data.encode()).hexdigest()}"


def snake(event: str) -> str:
    """Return an event's name as places have it: PreToolUse is pre_tool_use."""
    return _CAPITAL.sub("_", event).lower()


def trust_by_client(cwd: Path, hooks: Path, env: Mapping[str, str] = os.environ, program: str = "codex") -> Trust | None:
    """Return the states as the client tells them; None where there is no client or it does not answer."""
    found = shutil.which(program, path=env.get("PATH"))
    if found is None:
        return None
    asked: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": {"clientInfo": {"name": "hookline", "version": VERSION}}},
        {"method": "initialized"},
        {"id": 2, "method": "hooks/list", "params": {"cwds": [str(cwd)]}},
    ]
    answer = _asked([found, "app-server"], asked, 2, env)
    return None if answer is None else trust_of(answer, hooks)


def trust_of(answer: Mapping[str, Any], hooks: Path) -> Trust:
    """Return the states of our hooks from an answer to `hooks/list`."""
    listed = (hook for folder in members(member(answer, "result"), "data") for hook in members(folder, "hooks"))
    ours = [hook for hook in listed if is_ours(hook.get("command")) and Path(text(hook, "sourcePath", 4_096)) == hooks]
    return Trust(Counter(DISABLED if hook.get("enabled") is False else text(hook, "trustStatus") or UNTRUSTED for hook in ours))


def _states(config: Path) -> Mapping[str, Any]:
    try:
        found = tomllib.loads(config.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return member(member(found, "hooks"), "state")


def _state(known: Any, digest: str) -> str:
    if not isinstance(known, dict):
        return UNTRUSTED
    if known.get("enabled") is False:
        return DISABLED
    approved = known.get("trusted_hash")
    return UNTRUSTED if not approved else TRUSTED if approved == digest else MODIFIED


def _asked(command: list[str], lines: Iterable[Mapping[str, Any]], wanted: int, env: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Write requests to a program and return its answer to one of them."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(env), text=True)
    except OSError:
        return None
    timer = threading.Timer(ANSWER_S, process.kill)
    timer.start()
    found = None
    with suppress(BrokenPipeError), process:  # it may end before it has read anything
        found = _answer(process, lines, wanted)
        process.kill()
    timer.cancel()
    return found


def _answer(process: subprocess.Popen[str], lines: Iterable[Mapping[str, Any]], wanted: int) -> Mapping[str, Any] | None:
    if process.stdin is None or process.stdout is None:
        return None
    process.stdin.write("".join(f"{json.dumps(line)}\n" for line in lines))
    process.stdin.flush()
    answers = (answer for line in process.stdout if isinstance(answer := _parsed(line), dict))
    return next((answer for answer in answers if answer.get("id") == wanted), None)


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
