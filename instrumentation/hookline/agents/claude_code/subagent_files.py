"""Which tool call started a subagent.

A subagent's first event does not say which Agent call it belongs to. The client writes that beside the transcript:
`<transcript without .jsonl>/subagents/agent-<id>.meta.json` with `toolUseId`. `enrich` reads it where it is there already; the fold does
without it, from the Agent call's response or by order.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from hookline.agent_event import AgentEvent
from hookline.contract.events import EventKind

MAX_META_BYTES = 64 * 1024
_AGENT_ID = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")


def enrich(event: AgentEvent) -> AgentEvent:
    """Return the event with `parent_call_id` where the client's file says it. Reads one small file, for subagents' start and end only."""
    if event.kind not in (EventKind.SUBAGENT_STARTED, EventKind.SUBAGENT_ENDED) or event.parent_call_id:
        return event
    call_id = parent_call(event.transcript_path, event.agent_id)
    return replace(event, parent_call_id=call_id) if call_id else event


def parent_call(transcript_path: str, agent_id: str) -> str:
    """Return the id of the call that started a subagent, empty where no file says it."""
    if not transcript_path.endswith(".jsonl") or "\0" in transcript_path or not _AGENT_ID.match(agent_id):
        return ""
    path = Path(transcript_path.removesuffix(".jsonl")) / "subagents" / f"agent-{agent_id}.meta.json"
    try:
        with path.open("rb") as file:
            meta = json.loads(file.read(MAX_META_BYTES))
    except (OSError, ValueError, RecursionError):
        return ""
    call_id = meta.get("toolUseId") if isinstance(meta, dict) else None
    return call_id[:256] if isinstance(call_id, str) else ""
