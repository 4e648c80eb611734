"""Captured session files where the agents themselves keep them: a home folder in which each of them would find its own.

`lay` copies the files of captures; `moved` makes more days of them, in the clients' own formats: the same sessions under other ids, some days
later, with so many times the tokens, another model, and tokens written to a cache. What a session was resumed with may lie a day later still.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

FIXTURES: Final = Path(__file__).parents[1] / "fixtures"
FOLDERS: Final = {
    "claude-code": "claude-code-2.1.329",
    "codex": "codex-0.169.0",
    "copilot-cli": "copilot-cli-1.0.102",
    "droid": "droid-0.215.0",
    "gemini-cli": "gemini-cli-0.61.0",
    "kimi-code": "kimi-code-2.1.0",
    "opencode": "opencode-1.18.33",
    "qwen-code": "qwen-code-0.24.4",
    "cline": "cline-3.0.65",
}
OPENCODE_DATABASE: Final = ".local/share/opencode/opencode.db"
OPENCODE_TABLES: Final = """
CREATE TABLE IF NOT EXISTS session (id text PRIMARY KEY, parent_id text, directory text NOT NULL, time_created integer NOT NULL);
CREATE TABLE IF NOT EXISTS message (
    id text PRIMARY KEY, session_id text NOT NULL, time_created integer, time_updated integer, data text NOT NULL
);
CREATE TABLE IF NOT EXISTS part (
    id text PRIMARY KEY, message_id text, session_id text, time_created integer, time_updated integer, data text NOT NULL
);
"""
DAY_MS: Final = 86_400_000

_DATE = re.compile(r"\b(2026)([-/])(\d\d)\2(\d\d)(T\d\d:\d\d:\d\d\.\d+Z)?")
_EPOCH = re.compile(r"(?<![\w.-])179[56]\d{6}(\d{3})?(?![\w.-])")
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b(?:chatcmpl-|resp_|msg_|ses_|prt_|call_)[0-9A-Za-z]{16,}")
_COUNTS = re.compile(
    r"(?i)tokens?$|_token_count$|tokencount$|^(?:input|output|cached|thoughts|tool|total|reasoning|read|write|input(?:other|cacheread|cachecreation))$"
)


@dataclass(frozen=True, slots=True)
class Move:
    """How sessions are moved: by so many days, with so many times the tokens, the model's name changed."""

    days: int
    times: int = 1
    model: tuple[str, str] = ("", "")
    resumed_later: bool = False


def lay(home: Path, agent: str, scenario: str = "*", move: Move | None = None) -> None:
    """Copy an agent's captured session files to where it keeps them; `scenario` may name several by a pattern.

    Of OpenCode it is a whole database: the one whose sessions the plugin told of as well, where the scenario is `beside`.
    """
    files = list(_files(agent, scenario))
    for name, text in files:
        change = functools.partial(_moved, move=move, behind=_behind_the_pause(text)) if move else _compact
        path = home / (_text_moved(name, move) if move else name)
        if agent == "opencode":
            _fill(home / OPENCODE_DATABASE, [json.loads(change(line)) for line in text.splitlines()])
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{change(line)}\n" for line in _documents(name, text)))


def _files(agent: str, scenario: str) -> Iterator[tuple[str, str]]:
    """Yield each file's name below the home folder, and its text."""
    root = FIXTURES / FOLDERS[agent]
    if agent == "opencode":
        yield OPENCODE_DATABASE, (root / ("beside.database.jsonl" if scenario.startswith("beside") else "database.jsonl")).read_text()
    elif agent == "copilot-cli":
        for path in sorted(root.glob(f"{scenario}.events.jsonl")):
            text = path.read_text()
            yield f".copilot/session-state/{json.loads(text.splitlines()[0])['data']['sessionId']}/events.jsonl", text
    elif agent == "codex":
        for path in sorted(root.glob(f"{scenario}/rollout-*.jsonl")):
            day = path.name.removeprefix("rollout-")[:10].replace("-", "/")
            yield f".codex/sessions/{day}/{path.name}", path.read_text()
    else:
        below, to = {
            "claude-code": (f"{scenario}/transcripts", ".claude/projects"),
            "gemini-cli": (f"{scenario}/files", ".gemini/tmp"),
            "qwen-code": (f"{scenario}/files", ".qwen/projects"),
        }.get(agent, (f"{scenario}/home", "."))
        shared = [root / "transcripts"] if agent == "claude-code" and scenario == "*" else []  # of most scenarios together
        for folder in (*shared, *sorted(root.glob(below))):
            for path in sorted(folder.rglob("*.json*")):
                yield str(to / path.relative_to(folder)), path.read_text()


def _documents(name: str, text: str) -> list[str]:
    """Return the lines of a file of lines, or all of another as one."""
    return [line for line in text.splitlines() if line.strip()] if name.endswith(".jsonl") else [text]


def _compact(text: str) -> str:
    """Return JSON as the clients write it: what was trimmed for a fixture has blanks that theirs has not."""
    return json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)


def _moved(text: str, *, move: Move, behind: int) -> str:
    found = json.loads(_text_moved(text, move, behind))
    return json.dumps(_counted(found, move.times), separators=(",", ":"), ensure_ascii=False)


def _text_moved(text: str, move: Move, behind: int = 0) -> str:
    def later(at_ms: int) -> int:
        return move.days + (1 if move.resumed_later and behind and at_ms >= behind else 0)

    def date(found: re.Match[str]) -> str:
        year, sign, month, day, clock = found.groups()
        at = datetime(int(year), int(month), int(day), tzinfo=UTC)
        at_ms = _ms(datetime.fromisoformat(found[0])) if clock and sign == "-" else 0
        then = at + timedelta(days=later(at_ms))
        return f"{then:%Y}{sign}{then:%m}{sign}{then:%d}{clock or ''}"

    def epoch(found: re.Match[str]) -> str:
        is_ms = found[1] is not None
        at_ms = int(found[0]) * (1 if is_ms else 1000)
        then = at_ms + later(at_ms) * DAY_MS
        return str(then if is_ms else then // 1000)

    def other_id(found: re.Match[str]) -> str:
        return found[0][:-6] + hashlib.sha256(f"{found[0]}-{move}".encode()).hexdigest()[:6]

    text = _IDS.sub(other_id, _EPOCH.sub(epoch, _DATE.sub(date, text)))
    return text.replace(move.model[0], move.model[1]) if move.model[0] else text


def _counted(value: Any, times: int) -> Any:
    """Return JSON with so many times the tokens, and half of what no cache gave written to one, where the format has a word for that."""
    if isinstance(value, list):
        return [_counted(one, times) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: one * times if _is_count(key, one) else _counted(one, times) for key, one in value.items()}
    if "cached_input_tokens" in found and "cache_write_input_tokens" in found:
        found["cache_write_input_tokens"] = (found["input_tokens"] - found["cached_input_tokens"]) // 2
    elif "cacheReadTokens" in found and "cacheWriteTokens" in found:
        found["cacheWriteTokens"] = (found["inputTokens"] - found["cacheReadTokens"]) // 2
    elif "inputOther" in found:
        found |= _halved(found, "inputOther", "inputCacheCreation")
    elif "cacheReadTokens" in found and "cacheCreationTokens" in found:
        found |= _halved(found, "inputTokens", "cacheCreationTokens")
    elif isinstance(found.get("cache"), dict) and "write" in found["cache"]:
        half = found["input"] // 2
        found |= {"input": found["input"] - half, "cache": {**found["cache"], "write": half}}
    elif isinstance(found.get("cache_creation"), dict):
        written = found["cache_creation_input_tokens"]
        found["cache_creation"] = {"ephemeral_5m_input_tokens": written - written // 4, "ephemeral_1h_input_tokens": written // 4}
    if found.get("type") == "assistant" and isinstance(message := found.get("message"), dict) and "id" in message:
        found["requestId"] = f"req_{message['id']}"  # as of the real model; the scripted one has none
    return found


def _halved(found: dict[str, Any], given: str, written: str) -> dict[str, Any]:
    half = found[given] // 2
    return {given: found[given] - half, written: half}


def _is_count(key: str, value: Any) -> bool:
    return type(value) is int and _COUNTS.search(key) is not None


def _behind_the_pause(text: str) -> int:
    """Return when it went on after the longest pause of a file (Unix ms)."""
    dates = (_ms(datetime.fromisoformat(found[0])) for found in _DATE.finditer(text) if found[5] and found[2] == "-")
    epochs = (int(found[0]) for found in _EPOCH.finditer(text) if found[1])
    times = sorted({*dates, *epochs})
    return max(itertools.pairwise(times), key=lambda pair: pair[1] - pair[0], default=(0, 0))[1]


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _fill(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(OPENCODE_TABLES)
        fill(db, rows)


def fill(db: sqlite3.Connection, rows: list[dict[str, Any]]) -> None:
    """Put rows into OpenCode's database."""
    for row in rows:
        values = {key: json.dumps(value) if key == "data" else value for key, value in row.items() if key != "table"}
        names, places = ", ".join(values), ", ".join("?" * len(values))
        db.execute(f"INSERT INTO {row['table']} ({names}) VALUES ({places})", tuple(values.values()))
    db.commit()
