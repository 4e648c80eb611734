"""What the store knows of a figure of a live session, as a statement that people run again: its times, its newest calls, or its totals."""

from __future__ import annotations

from typing import Final

from hookline_collector.alerts.measure_sql import literal

_TIMES: Final = "SELECT kind, reason, started, ended, date_diff('second', started, ended) AS value FROM activity"
_CALLS: Final = "SELECT tool, started, ended, outcome, error_type, run_s AS value FROM tool_calls"
_TOTALS: Final = {
    "age_s": "date_diff('second', started, now())",
    "silent_s": "date_diff('second', last, now())",
    "prompts": "prompts",
    "tool_calls": "calls",
    "failures": "failures",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "total_tokens": "total_tokens",
    "cost_usd": "cost_usd",
}
_RECENT: Final = "SELECT time, model, total_tokens, cost_usd AS value FROM usage"
_TIMED: Final = ("waiting_s", "permission_s", "answer_s", "idle_s", "working_s", "unbroken_s")


def session_statement(figure: str, session_id: str) -> str:
    """Return the statement that shows a figure of a session."""
    where = f"WHERE session_id = {literal(session_id)}"
    if value := _TOTALS.get(figure):
        return f"SELECT session_id, project, started, last, {value} AS value FROM sessions\n{where}"  # noqa: S608 - the literal is quoted
    if figure == "recent_cost_usd":
        return f"{_RECENT}\n{where} AND time > now() - INTERVAL 15 MINUTE\nORDER BY time DESC"
    return f"{_TIMES if figure in _TIMED else _CALLS}\n{where}\nORDER BY started DESC\nLIMIT 20"
