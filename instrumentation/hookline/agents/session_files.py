"""Session files of agents, as far as they are alike: what lies where, and tokens behind an offset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hookline.agent_event import AgentEvent
from hookline.agents.equipment import Transcript
from hookline.agents.usage_record import TokenUse, usage_record
from hookline.contract import semconv
from hookline.records import LogRecord
from hookline.system.json_lines import parse_line, read_lines

BATCH: Final = 200
ReadTokens = Callable[[Mapping[str, Any]], Iterator[TokenUse]]


def transcript_at(path: Path, agent_id: str = "", agent_type: str = "", parent_call_id: str = "") -> Transcript | None:
    """Return a file as a transcript; None where it cannot be looked at."""
    try:
        status = path.stat()
    except OSError:
        return None
    return Transcript(path, status.st_size, status.st_mtime, agent_id, agent_type, parent_call_id)


def new_usage(agent: str, path: Path, offset: int, event: AgentEvent, tokens: ReadTokens) -> Iterator[tuple[list[LogRecord], int]]:
    """Yield batches of the requests behind an offset, each with the offset up to which it is complete."""
    logs, end = list[LogRecord](), offset
    shared = {semconv.HOOK_EVENT: "transcript", **event.place.attributes}
    for line in read_lines(path, offset):
        parsed = parse_line(line.text)
        logs += [usage_record(agent, event.session_id, use, shared) for use in tokens(parsed)]
        end = line.end
        if len(logs) >= BATCH:
            yield logs, end
            logs = []
    if end > offset:
        yield logs, end
