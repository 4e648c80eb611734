"""What Droid's session file adds to a hook's event: which prompt and which call it is of, and how a turn ended.

The client writes an assistant's message down before it runs hooks for its calls, so the call of an event is one of the newest message that has a
call of the same tool and input at the event's time. Of equal calls in one message the run of the hook itself tells, once it is written down; until
then the id stays empty, and the fold pairs what is equal by order. Only what stands in the file is taken: nothing is guessed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hookline.agent_event import AgentEvent, ToolUse
from hookline.agents.client_process import with_client_pid
from hookline.agents.droid.hooks import failure_of
from hookline.agents.droid.session_lines import AskedCall, SessionLine, read_line
from hookline.agents.measures import measure
from hookline.contract.events import EventKind, SpanOutcome
from hookline.system.evolve import evolve
from hookline.system.json_lines import parse_line

MAX_TAIL_BYTES: Final = 1024 * 1024
SLACK_NS: Final = 20_000_000  # files' clocks tick in steps, messages' are in ms
TOOL_EVENTS: Final = frozenset({EventKind.TOOL_STARTED, EventKind.TOOL_ENDED, EventKind.TOOL_FAILED})
OF_A_TURN: Final = TOOL_EVENTS | {EventKind.PERMISSION_REQUESTED, EventKind.TURN_ENDED, EventKind.COMPACTION_STARTED}


def completed(event: AgentEvent) -> AgentEvent:
    """Return the event with what the session's file says."""
    event = with_client_pid(event)
    if event.is_beside or event.kind not in OF_A_TURN or not event.transcript_path.endswith(".jsonl"):
        return event
    lines = [line for line in messages(Path(event.transcript_path)) if line.time_ns <= event.time_ns + SLACK_NS or line.hook]
    before = [line for line in lines if line.time_ns <= event.time_ns + SLACK_NS]
    event = evolve(event, prompt_id=event.prompt_id or next((line.id for line in reversed(before) if line.prompt is not None), ""))
    if event.kind in TOOL_EVENTS and event.tool:
        return evolve(event, tool=evolve(event.tool, call_id=call_of(event, event.tool, lines)))
    if event.kind is EventKind.PERMISSION_REQUESTED:
        return _asking(event, before)
    return _ended(event, before) if event.kind is EventKind.TURN_ENDED else event


def messages(path: Path) -> Iterator[SessionLine]:
    """Yield the messages at the end of a file, in their order."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - MAX_TAIL_BYTES))
            lines = file.read(MAX_TAIL_BYTES).split(b"\n")
    except OSError:
        return
    for line in lines if size <= MAX_TAIL_BYTES else lines[1:]:
        if found := read_line(parse_line(line)):
            yield found


def call_of(event: AgentEvent, tool: ToolUse, lines: list[SessionLine]) -> str:
    """Return the id of the call that an event is of; empty where that is not certain."""
    for line in reversed(lines):
        if line.time_ns > event.time_ns + SLACK_NS:
            continue
        equal = [asked.call_id for asked in line.asked if _is_same(asked, tool)]
        if len(equal) == 1:
            return equal[0]
        if equal:
            runs = [run.hook for run in lines if run.hook and run.hook.event == event.name and run.hook.call_id in equal]
            during = [run.call_id for run in runs if run.began_ns - SLACK_NS <= event.time_ns <= run.ended_ns + SLACK_NS]
            return during[0] if len(during) == 1 else ""
    return ""


def _is_same(asked: AskedCall, tool: ToolUse) -> bool:
    return asked.name == tool.name and measure(asked.given)[1] == tool.input_hash


def _asking(event: AgentEvent, lines: list[SessionLine]) -> AgentEvent:
    """A person is asked: of the newest call that has no answer. Where none is known, a notice is all it is."""
    answered = {one.call_id for line in lines for one in line.answered}
    open_calls = [asked for line in lines for asked in line.asked if asked.call_id not in answered]
    if not open_calls:
        return evolve(event, kind=EventKind.NOTIFICATION, tool=None, notification_type="permission_prompt")
    newest = open_calls[-1]
    return evolve(event, tool=ToolUse(newest.name, newest.call_id, input_hash=measure(newest.given)[1]))


def _ended(event: AgentEvent, lines: list[SessionLine]) -> AgentEvent:
    """Say how a turn ended, by the last message before its end."""
    last = next((line for line in reversed(lines) if not line.hook), None)
    if last and last.is_cancel:
        return evolve(event, kind=EventKind.TURN_INTERRUPTED, outcome=SpanOutcome.INTERRUPTED, error_type="interrupted")
    if last and last.shown:
        return evolve(event, kind=EventKind.TURN_FAILED, outcome=SpanOutcome.FAILURE, error_type=failure_of(last.shown))
    return event
