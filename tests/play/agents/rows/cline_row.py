"""Cline. It allows everything unless told otherwise, and refuses to go on with a session without a terminal. Its hub, a daemon, is ended with the
play."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from play.agents.under_test import AgentUnderTest, Place, RecordedCall, RecordedSession, TerminalUse
from support.scripted_model.dialect import Step

QUIET = {"CLINE_TELEMETRY_DISABLED": "1", "CLINE_NO_AUTO_UPDATE": "1", "DO_NOT_TRACK": "1"}


def _prepare(place: Place) -> None:
    words = [str(place.program), "auth", "-p", "openai", "-k", "sk-offline", "-m", "scripted", "-b", f"{place.model_url}/v1"]
    env = QUIET | {"PATH": os.environ["PATH"], "HOME": str(place.home), "TERM": "xterm"}
    subprocess.run(words, cwd=place.shop, env=env, capture_output=True, timeout=180, check=False)
    (place.home / ".cline" / "data" / "settings" / "cli-notices.json").write_text('{"shown": {"cline-cli-cline-pass-intro": true}}')
    atexit.register(_end_hub, str(place.shop))


def _end_hub(shop: str) -> None:
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "--cline-hub-daemon" in words and shop in words:
            with suppress(psutil.Error):
                process.terminate()


def _headless(place: Place, prompt: str, resumed: str) -> Sequence[str]:
    del resumed
    return [str(place.program), "--json", "-P", "openai", "-m", "scripted", prompt]


def _terminal(place: Place) -> list[str]:
    return [str(place.program), "--tui", "-P", "openai", "-m", "scripted", "--auto-approve", "false"]


def _own_steps(step: Step) -> list[Step]:
    return [{**step, "tools": [_call(name, given) for name, given in step["tools"]]}] if "tools" in step else [step]


def _call(name: str, given: dict[str, Any]) -> list[Any]:
    if name == "read":
        return ["read_files", {"files": [{"path": given["path"]}]}]
    if name == "edit":
        return ["editor", {"path": given["path"], "old_text": given["old"], "new_text": given["new"]}]
    if name == "search":
        return ["search_codebase", {"queries": [given["pattern"]]}]
    if name == "agent":
        return ["spawn_agent", {"task": given["prompt"], "systemPrompt": "Look it up."}]
    return ["run_commands", {"commands": [given["command"]]}]


def _recorded(home: Path) -> list[RecordedSession]:
    found = sorted(home.glob(".cline/data/sessions/*/"), key=lambda path: path.name)
    return [_session(path) for path in found if (path / f"{path.name}.messages.json").exists()]


def _session(folder: Path) -> RecordedSession:
    files = [folder / f"{folder.name}.messages.json", *folder.glob("agent_*.messages.json")]
    each = [json.loads(path.read_text())["messages"] for path in files]
    messages = [message for one in each for message in one]
    results = [(block["tool_use_id"], message["ts"]) for message in messages for block in message["content"] if block["type"] == "tool_result"]
    used = [message["metrics"] for message in messages if "metrics" in message]
    return RecordedSession(
        folder.name,
        each[0][0]["ts"] / 1e3,
        each[0][-1]["ts"] / 1e3 if each[0][-1]["role"] == "assistant" else None,
        tuple(RecordedCall(name, None, at / 1e3) for name, at in results),
        sum(one["inputTokens"] for one in used),
        sum(one["outputTokens"] for one in used),
        sum(one["cacheReadTokens"] for one in used),
    )


CLINE = AgentUnderTest(
    name="cline",
    package="cline",
    version="3.0.65",
    program="cline",
    environment=lambda place: QUIET,
    headless=_headless,
    own_steps=_own_steps,
    recorded=_recorded,
    prepare=_prepare,
    outcomes={"denied.call": "failure"},
    left_out={"resume": "refused without a terminal"},
    terminal=TerminalUse(
        command=_terminal,
        ready=r"Ask anything|What can I do",
        first=((r"any other key to close", "Escape"),),  # what is new, on a first start
        asks=r"Approve tool call\?",
        refuse="n",
        shows_runs=True,
        refused_turn="success",
        refused_call="denied",
        asks_always=True,
        daemon="--cline-hub-daemon",
        left_out={"closed": "its hub goes on with the turn"},
        again=lambda place, session_id: [*_terminal(place), "--id", session_id],
    ),
)
