"""Rows of the store as the API tells them: sessions, turns, tool calls. The statements in `sql/` give the store's columns the API's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import Any

from hookline.contract.fields import FieldUnit
from hookline.contract.told_records import as_moment, told_fields
from hookline_collector.store import Rows

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One session as the store knows it, with its state and its conversation."""

    session_id: str
    state: str
    conversation_id: str
    agent: str
    user: str
    host: str
    project: str
    branch: str
    model: str
    started: str
    last: str
    ended: str | None
    duration_s: float
    end_reason: str
    agent_end_reason: str
    evidence: str
    start_source: str
    previous_id: str
    interactive: bool | None
    sources: tuple[str, ...]
    prompts: int
    tool_calls: int
    failures: int
    requests: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_creation_tokens: int
    total_tokens: int
    cost_usd: float | None
    requests_without_cost: int


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One turn: a prompt and what the agent did about it."""

    session_id: str
    prompt_id: str
    prompt_source: str
    prompt_length: int
    absorbed_prompts: int
    agent: str
    user: str
    host: str
    project: str
    branch: str
    revision: str
    model: str
    started: str
    ended: str
    duration_s: float
    is_open: bool
    outcome: str
    error_type: str
    closed_by: str
    evidence: str
    evidence_source: str
    interactive: bool | None
    sources: tuple[str, ...]
    requests: int
    total_tokens: int
    cost_usd: float | None
    requests_without_cost: int


@dataclass(frozen=True, slots=True)
class StoredCall:
    """One tool call."""

    session_id: str
    prompt_id: str
    call_id: str
    agent_id: str
    tool: str
    tool_kind: str
    mcp_server: str
    file_extension: str
    agent: str
    user: str
    host: str
    project: str
    branch: str
    revision: str
    requested: str
    started: str
    ended: str
    run_s: float
    wait_s: float
    native_run_s: float
    process_cpu_s: float | None
    process_cpu_shared: bool
    in_background: bool
    outcome: str
    error_type: str
    closed_by: str
    evidence: str
    evidence_source: str
    decision: str
    decision_source: str
    input_bytes: int
    output_bytes: int
    sources: tuple[str, ...]


def rows_of(record: type, found: Rows) -> list[Row]:
    """Return rows as the record has them, but for the digits of moments, which are the API's."""
    rows = found.as_dicts()
    for row in rows:
        for name in _moments(record):
            row[name] = as_moment(row[name])
    return rows


def number_of(attributes: Mapping[str, str], name: str) -> float:
    """Return a number as an attribute of a stored record tells it, 0 for what is none."""
    try:
        found = float(attributes.get(name, 0))
    except ValueError:
        return 0.0
    return found if isfinite(found) else 0.0


@cache
def _moments(record: type) -> tuple[str, ...]:
    return tuple(told.field.name for told in told_fields(record) if told.field.unit is FieldUnit.MOMENT)
