"""How a turn of Gemini CLI ended that its hook says has ended.

`AfterAgent` also comes after a turn that a person stopped while the model thought, and after one that an API error ended; it tells them apart only
where the model had said nothing before. The session file does: the client writes its notice there before it runs the hook. `with_outcome` looks
at the end of that file, at what stands there up to the event.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from hookline.agent_event import AgentEvent
from hookline.agents.conversations import time_of
from hookline.agents.gemini_cli.transcripts import CANCELLED, prompt_of
from hookline.agents.gemini_family import text_of
from hookline.contract.events import EventKind, SpanOutcome
from hookline.system.json_lines import parse_line

TAIL_BYTES: Final = 256 * 1024
SLACK_NS: Final = 1_000_000_000  # the notice's time is the client's, the event's that of its file


def with_outcome(event: AgentEvent) -> AgentEvent:
    """Return a turn's end with what its session file says of it. Reads one file's end, at the ends of turns only."""
    if event.kind is not EventKind.TURN_ENDED or event.is_beside or not event.transcript_path.endswith(".jsonl") or "\0" in event.transcript_path:
        return event
    notice = _last_notice(Path(event.transcript_path), event.time_ns + SLACK_NS)
    if notice.get("type") == "error":
        return replace(event, kind=EventKind.TURN_FAILED, outcome=SpanOutcome.FAILURE, error_type="api_error", answer_text="")
    if text_of(notice.get("content")) == CANCELLED:
        return replace(event, kind=EventKind.TURN_INTERRUPTED, outcome=SpanOutcome.INTERRUPTED, error_type="interrupted", answer_text="")
    return event


def _last_notice(path: Path, until_ns: int) -> dict[str, Any]:
    """Return the last notice behind the last prompt before a time; an empty one where there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            lines = file.read(TAIL_BYTES).split(b"\n")
    except OSError:
        return {}
    for text in reversed(lines):
        if b'"type":"' not in text:
            continue
        line = parse_line(text)
        time_ns = time_of(line)
        if time_ns is None or time_ns > until_ns:
            continue
        if line.get("type") == "error" or (line.get("type") == "info" and text_of(line.get("content")) == CANCELLED):
            return line
        if prompt_of(line) or line.get("type") == "gemini":
            return {}
    return {}
