"""The tables of what was worked out, and rows for them.

A table's rows are told apart by `key`; what an insert brings with a key replaces what was there, atomically for each part of the table. `hash` is
of the whole row, so a row that stayed as it was is not written again, and a session to which a call is added costs a few rows, not all of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from hookline.system.clock import NS_PER_DAY

LAST_DAY = 65_535
_HASHES = """SELECT COLUMNS, hash FROM TABLE FINAL
WHERE session_id IN {sessions:Array(String)} AND day BETWEEN toDate({first:UInt16}) AND toDate({last:UInt16})"""
Row = Mapping[str, Any]
Key = tuple[Any, ...]
Hashes = dict[Key, int]


@dataclass(frozen=True, slots=True)
class FlatTable:
    """A table, the columns that tell its rows apart, and all others but version, gone and hash."""

    name: str
    key: tuple[str, ...]
    values: tuple[str, ...]

    def hashed(self, rows: Iterable[Row]) -> dict[Key, tuple[int, Row]]:
        """Return rows by their key, each with its hash."""
        return {tuple(row[name] for name in self.key): (self._hash(row), row) for row in rows}

    def _hash(self, row: Row) -> int:
        text = orjson.dumps([row[name] for name in self.key + self.values])
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")

    def line(self, row: Row, version: int, found: int) -> bytes:
        """Return a row as an insert takes it (JSONEachRow)."""
        columns = {name: row[name] for name in self.key + self.values}
        return orjson.dumps({**columns, "version": version, "gone": 0, "hash": found})

    def gone(self, key: Key, version: int) -> bytes:
        """Return the row that takes one away. Its key has the day, or else the retention would take it at once, and leave what it takes away."""
        return orjson.dumps({**dict(zip(self.key, key, strict=True)), "version": version, "gone": 1, "hash": 0})

    @property
    def hashes_of(self) -> str:
        """The question for the keys and hashes of some sessions' rows on some days; days are numbers, as in rows."""
        columns = ", ".join("toUInt16(day)" if name == "day" else name for name in self.key)
        return _HASHES.replace("COLUMNS", columns).replace("TABLE", self.name)


CALLS = FlatTable(
    "worked_calls",
    ("user", "day", "session_id", "call_id"),
    (
        "tool", "tool_kind", "prompt_id", "agent", "host", "project", "branch", "revision", "agent_id", "mcp_server", "file_extension", "background",
        "requested_ns", "started_ns", "ended_ns", "run_s", "wait_s", "native_run_s", "outcome", "error_type", "closed_by", "input_bytes",
        "output_bytes", "decision", "decision_source", "evidence", "evidence_source", "from_hook", "from_native", "from_transcript", "process_cpu_s",
        "process_cpu_shared",
    ),
)  # fmt: skip
TURNS = FlatTable(
    "worked_turns",
    ("user", "day", "session_id", "prompt_id"),
    (
        "agent", "host", "project", "branch", "revision", "model", "started_ns", "ended_ns", "is_open", "outcome", "closed_by", "error_type",
        "prompt_length", "source_name", "from_hook", "from_native", "from_transcript", "evidence", "evidence_source", "prompt_source", "is_script",
        "absorbed_prompts",
    ),
)  # fmt: skip
REQUESTS = FlatTable(
    "worked_requests",
    ("of_user", "day", "session_id", "request_key"),
    (
        "user", "prompt_id", "time_ns", "model", "agent", "account", "host", "project", "branch", "agent_id", "is_subagent", "input_tokens",
        "output_tokens", "cache_read_tokens", "cache_creation_tokens", "cost_usd", "cost_source", "duration_s", "source_name", "of_project",
        "of_branch",
    ),
)  # fmt: skip
PARTS = FlatTable(
    "worked_parts",
    ("user", "day", "session_id", "prompt_id", "kind", "reason", "from_ns", "to_ns", "n"),
    ("agents", "act_ns", "host", "project", "branch", "revision", "source", "agent"),
)
RUNNING = FlatTable(
    "worked_running",
    ("session_id", "prompt_id", "day", "from_ns"),
    ("user", "kind", "reason", "to_ns", "heard_ns", "sure_end_ns", "host", "project", "branch", "revision", "source", "agent"),
)
SESSIONS = FlatTable(
    "worked_sessions",
    ("first_day", "session_id"),
    (
        "made_of", "rules", "priced_by", "last_day", "agent", "user", "host", "project", "branch", "model", "started_ns", "last_ns",
        "ended_ns", "ended_how", "end_reason", "start_source", "previous_id", "prompts", "calls", "failures", "sources", "evidence", "is_script",
        "requests", "input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens", "total_tokens", "cost_usd",
        "requests_without_cost",
    ),
)  # fmt: skip
CLOCKS = FlatTable(
    "worked_clocks",
    ("grain", "user", "day", "at_ns", "project", "branch", "session_id", "agent"),
    (
        "mixed", "human_ns", "human_at_most_ns", "agent_ns", "agent_once_ns", "wall_ns", "permission_wait_ns", "answer_wait_ns", "prompt_wait_ns",
    ),
)  # fmt: skip
SPELLS = FlatTable(
    "worked_spells",
    ("of_project", "of_agent", "user", "day", "project", "agent", "from_ns"),
    (
        "mixed", "at_ns", "to_ns", "human_ns", "agent_ns", "agent_once_ns", "wall_ns", "projects", "branches", "sessions", "prompts", "commits",
    ),
)  # fmt: skip
ROWS = (CALLS, TURNS, REQUESTS, PARTS, RUNNING)
"""The tables that a session has many rows in."""


def day_of(at_ns: int) -> int:
    """Return the UTC day of a moment, as a number."""
    return min(LAST_DAY, max(0, at_ns // NS_PER_DAY))
