"""OpenCode. Into a folder of settings that it finds it fetches a package from npm; the play has no network, so what it looks for is there."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from play.agents.under_test import AgentUnderTest, Place, RecordedCall, RecordedSession, TerminalUse
from support.scripted_model.dialect import Step

VERSION: Final = "1.18.33"
NO_SEARCH: Final = {} if shutil.which("rg") else {"subagent": "it searches with ripgrep, which is not here"}


def _environment(place: Place) -> Mapping[str, str]:
    model = {
        "name": "Scripted",
        "tool_call": True,
        "limit": {"context": 200_000, "output": 32_000},
        "cost": {"input": 3, "output": 15, "cache_read": 0.3},
    }
    options = {"baseURL": f"{place.model_url}/v1", "apiKey": "sk-offline"}
    provider = {"npm": "@ai-sdk/openai-compatible", "name": "scripted", "options": options, "models": {"scripted": model}}
    settings = {
        "provider": {"scripted": provider},
        "model": "scripted/scripted",
        "small_model": "scripted/scripted",
        "autoupdate": False,
        "share": "disabled",
        "permission": {"bash": {"*": "allow", "curl *": "ask"}, "edit": "allow"},
    }
    off = ("MODELS_FETCH", "AUTOUPDATE", "LSP_DOWNLOAD", "DEFAULT_PLUGINS")
    return {"OPENCODE_CONFIG_CONTENT": json.dumps(settings), **{f"OPENCODE_DISABLE_{name}": "1" for name in off}}


def _prepare(place: Place) -> None:
    settings = place.home / ".config" / "opencode"
    wanted, name = {"@opencode-ai/plugin": f"^{VERSION}"}, "node_modules/@opencode-ai/plugin"
    (settings / name).mkdir(parents=True, exist_ok=True)
    (settings / name / "package.json").write_text(json.dumps({"name": "@opencode-ai/plugin", "version": VERSION}))
    (settings / "package.json").write_text(json.dumps({"dependencies": wanted}))
    lock = {"name": "opencode", "lockfileVersion": 3, "requires": True, "packages": {"": {"dependencies": wanted}, name: {"version": VERSION}}}
    (settings / "package-lock.json").write_text(json.dumps(lock))


def _headless(place: Place, prompt: str, resumed: str) -> Sequence[str]:
    return [str(place.program), "run", "--format", "json", *(["--session", resumed] if resumed else []), prompt]


def _own_steps(step: Step) -> list[Step]:
    tools = [_own(*call) for call in step.get("tools", ())]
    return [{**step, "tools": tools} if tools else step]


def _own(name: str, given: Mapping[str, Any]) -> list[Any]:
    match name:
        case "read":
            return ["read", {"filePath": given["path"]}]
        case "edit":
            return ["edit", {"filePath": given["path"], "oldString": given["old"], "newString": given["new"]}]
        case "search":
            return ["grep", {"pattern": given["pattern"], "path": given["path"]}]
        case "agent":
            return ["task", {"description": given["title"], "prompt": given["prompt"], "subagent_type": "general"}]
        case _:
            return ["bash", {"command": given["command"], "description": "As the scenario says"}]


def _recorded(home: Path) -> list[RecordedSession]:
    path = home / ".local/share/opencode/opencode.db"
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as db:
        roots = db.execute("SELECT id FROM session WHERE parent_id IS NULL ORDER BY time_created").fetchall()
        return [_session(db, session_id) for (session_id,) in roots]


def _session(db: sqlite3.Connection, session_id: str) -> RecordedSession:
    family = "(SELECT id FROM session WHERE id = ?1 OR parent_id = ?1)"
    messages = [json.loads(data) for (data,) in db.execute(f"SELECT data FROM message WHERE session_id IN {family} ORDER BY rowid", (session_id,))]
    parts = [json.loads(data) for (data,) in db.execute(f"SELECT data FROM part WHERE session_id IN {family} ORDER BY rowid", (session_id,))]
    own = [json.loads(data) for (data,) in db.execute("SELECT data FROM message WHERE session_id = ? ORDER BY rowid", (session_id,))]
    calls = [(part["callID"], _times(part["state"])) for part in parts if part["type"] == "tool"]
    used = [message["tokens"] for message in messages if message["role"] == "assistant"]
    ends = [message["time"]["completed"] for message in own if "completed" in message["time"]]
    return RecordedSession(
        session_id,
        own[0]["time"]["created"] / 1e3 if own else None,
        ends[-1] / 1e3 if ends else None,
        tuple(RecordedCall(call_id, _seconds(when, "start"), _seconds(when, "end")) for call_id, when in calls),
        sum(one["input"] + one["cache"]["read"] + one["cache"]["write"] for one in used),
        sum(one["output"] + one["reasoning"] for one in used),
        sum(one["cache"]["read"] for one in used),
    )


def _times(state: Mapping[str, Any]) -> Mapping[str, float]:
    """Return when a call ran; one that was refused only ended."""
    when: Mapping[str, float] = state.get("time", {})
    return {"end": when["end"]} if "rejected permission" in state.get("error", "") else when


def _seconds(when: Mapping[str, float], which: str) -> float | None:
    return when[which] / 1e3 if which in when else None


OPENCODE: Final = AgentUnderTest(
    name="opencode",
    package="opencode-ai",
    version=VERSION,
    program="opencode",
    environment=_environment,
    headless=_headless,
    own_steps=_own_steps,
    recorded=_recorded,
    prepare=_prepare,
    left_out={"interrupt": "without a terminal it does not hear SIGINT: the command runs to its end", **NO_SEARCH},
    terminal=TerminalUse(
        command=lambda place: [str(place.program)],
        again=lambda place, session_id: [str(place.program), "--session", session_id],
        ready=r"ctrl\+p commands",
        asks=r"Permission required",
        allow="Enter",
        working=r"esc interrupt",
        refused_turn="success",
        refused_call="denied",
        goes_on_refused=False,
        stop_again=r"again to interrupt",
    ),
)
