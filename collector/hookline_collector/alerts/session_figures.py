"""The figures of live sessions that a rule can measure.

A figure whose name ends in `_s` is a time; those that grow with the clock say so, and so when they will be past a limit: nobody has to look each
second whether they are. A figure without a value says nothing of its session: one that waits for nobody has no `waiting_s`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.call_streaks import BREAK_NS, CallStreak
from hookline_collector.sessions.state import SessionState, SessionView

Read = Callable[[SessionView, CallStreak, int], float | None]
LABELS = ("session_id", "project", "agent", "host")
"""The labels of a series of a session, where a rule does not choose others."""


@dataclass(frozen=True, slots=True)
class SessionFigure:
    """One figure: what it means, how it is read, and whether it grows while nothing happens."""

    meaning: str
    read: Read
    grows_with_time: bool = False


def _since(moment: Callable[[SessionView], int]) -> Read:
    """Return the reading of how long ago something was, without what the machine slept since the state began."""

    def read(view: SessionView, _: CallStreak, now_ns: int) -> float | None:
        since_ns = moment(view)
        return max(0, now_ns - since_ns) / NS_PER_S if since_ns else None

    return read


def _in_state(*states: SessionState, waiting_for: str = "") -> Read:
    def read(view: SessionView, _: CallStreak, now_ns: int) -> float | None:
        if view.state not in states or (waiting_for and view.waiting_for != waiting_for):
            return None
        return max(0, now_ns - view.since_ns - view.asleep_ns) / NS_PER_S

    return read


def _going_on(read: Read) -> Read:
    return lambda view, streak, now_ns: None if view.state is SessionState.ENDED else read(view, streak, now_ns)


def _figure(name: str) -> Read:
    return _going_on(lambda view, _, __: None if (value := getattr(view, name)) is None else float(value))


def _longest_call(view: SessionView, _: CallStreak, now_ns: int) -> float | None:
    return max((max(0, now_ns - call.started_ns - call.asleep_ns) / NS_PER_S for call in view.running_calls), default=None)


def _unbroken(_: SessionView, streak: CallStreak, now_ns: int) -> float | None:
    if not streak.last_ns or now_ns - streak.last_ns > BREAK_NS:
        return None
    return max(0, now_ns - streak.unbroken_ns) / NS_PER_S


FIGURES: Mapping[str, SessionFigure] = {
    "waiting_s": SessionFigure("How long it has been waiting for somebody.", _in_state(SessionState.WAITING), True),
    "permission_s": SessionFigure("How long it has been waiting for a permission.", _in_state(SessionState.WAITING, waiting_for="permission"), True),
    "answer_s": SessionFigure("How long it has been waiting for an answer.", _in_state(SessionState.WAITING, waiting_for="answer"), True),
    "idle_s": SessionFigure("How long it has been idle.", _in_state(SessionState.IDLE), True),
    "working_s": SessionFigure("How long it has been working without a pause.", _in_state(SessionState.WORKING), True),
    "age_s": SessionFigure("How long ago it began; of one that goes on.", _going_on(_since(lambda view: view.started_ns)), True),
    "unbroken_s": SessionFigure("How long something has been done in it without a break of ten minutes.", _going_on(_unbroken), True),
    "silent_s": SessionFigure("How long ago anything was heard of one that goes on.", _going_on(_since(lambda view: view.last_ns)), True),
    "running_call_s": SessionFigure("How long its longest call has been running.", _going_on(_longest_call), True),
    "running_calls": SessionFigure("Tool calls under way.", _going_on(lambda view, _, __: float(len(view.running_calls)))),
    "subagents": SessionFigure("Subagents at work.", _going_on(lambda view, _, __: float(len(view.subagents)))),
    "background_tasks": SessionFigure("What goes on in the background.", _going_on(lambda view, _, __: float(len(view.background_tasks)))),
    "repeated_calls": SessionFigure(
        "How often the newest call was made in a row: the same tool with the same input.", _going_on(lambda _, streak, __: float(streak.repeated))
    ),
    "failures_in_a_row": SessionFigure("Calls that failed, one after the other, up to now.", _going_on(lambda _, streak, __: float(streak.failed))),
    "prompts": SessionFigure("Prompts so far.", _figure("prompts")),
    "tool_calls": SessionFigure("Tool calls so far.", _figure("tool_calls")),
    "failures": SessionFigure("Failed tool calls so far.", _figure("failures")),
    "input_tokens": SessionFigure("Input tokens so far, without those of the cache.", _figure("input_tokens")),
    "output_tokens": SessionFigure("Output tokens so far.", _figure("output_tokens")),
    "total_tokens": SessionFigure("All tokens so far, from the cache or not.", _figure("total_tokens")),
    "cost_usd": SessionFigure("What it cost so far, in US dollars.", _figure("cost_usd")),
    "recent_cost_usd": SessionFigure("What it cost in the last 15 minutes, in US dollars.", _figure("recent_cost_usd")),
}


def attribute(view: SessionView, name: str) -> object:
    """Return what a filter or a label asks of a session: a field of it under its name."""
    value = getattr(view, name, None)
    return value if isinstance(value, str | int | float | bool) else None
