"""Which transcripts there are.

A conversation is one main transcript, `projects/<slug>/<session>.jsonl`, and those of its subagents,
`projects/<slug>/<session>/subagents/agent-<id>.jsonl` with an `agent-<id>.meta.json` beside each. They are read together,
merged by time, because a subagent's spans belong under the call that started it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from hookline.agents.equipment import Conversation, Transcript

MAX_META_BYTES = 65_536


def transcripts_root(env: Mapping[str, str]) -> Path:
    """Return the folder of the client's transcripts."""
    base = env.get("CLAUDE_CONFIG_DIR") or os.path.join(env.get("HOME") or os.path.expanduser("~"), ".claude")  # noqa: PTH111,PTH118 - HOME may be unset
    return Path(base) / "projects"


def conversations(root: Path) -> Iterator[Conversation]:
    """Yield every conversation under the root, the oldest first, so that history fills in the order in which it happened."""
    found: dict[str, list[Transcript]] = {}
    for path in _jsonl(root, 2):
        if made := _transcript(path):
            found.setdefault(path.stem, []).insert(0, made)
    for path in _jsonl(root, 4):
        if path.parent.name == "subagents" and path.name.startswith("agent-") and (made := _transcript(path, _meta(path))):
            found.setdefault(path.parent.parent.name, []).append(made)
    made_of = [Conversation(session_id, tuple(transcripts)) for session_id, transcripts in found.items()]
    yield from sorted(made_of, key=lambda conversation: conversation.modified_s)


def _jsonl(root: Path, depth: int) -> Iterator[Path]:
    yield from sorted(root.glob("/".join(["*"] * (depth - 1) + ["*.jsonl"])))


def _transcript(path: Path, meta: Mapping[str, str] | None = None) -> Transcript | None:
    try:
        status = path.stat()
    except OSError:
        return None
    if meta is None:
        return Transcript(path, status.st_size, status.st_mtime)
    agent_id = path.stem.removeprefix("agent-")
    return Transcript(path, status.st_size, status.st_mtime, agent_id, meta.get("agentType", ""), meta.get("toolUseId", ""))


def _meta(path: Path) -> dict[str, str]:
    try:
        with path.with_suffix(".meta.json").open("rb") as file:
            found = json.loads(file.read(MAX_META_BYTES))
    except (OSError, ValueError):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}
