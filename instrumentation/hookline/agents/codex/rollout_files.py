"""Which rollouts there are: one file a thread, `sessions/<year>/<month>/<day>/rollout-<time>-<thread>.jsonl`.

A conversation is the session's own thread and those of its subagents, which name it in their first lines. They lie in the folder of the day on
which each began, so subagents are looked for from the session's day on.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from hookline.agents.codex.identity import FOLDER_VARIABLE
from hookline.agents.codex.rollout_lines import ROLLOUT, RolloutHeader, header_of
from hookline.agents.equipment import Conversation, Transcript
from hookline.system.json_lines import parse_line, read_lines

MAX_DAYS: Final = 31  # so long after its session's beginning a subagent's beginning is looked for
DAYS: Final = "[0-9]*/[0-9]*/[0-9]*"


def sessions_root(env: Mapping[str, str]) -> Path:
    """Return the folder of the client's rollouts."""
    base = env.get(FOLDER_VARIABLE)
    return (Path(base) if base else Path(env.get("HOME") or Path.home()) / ".codex") / "sessions"


def conversations(root: Path) -> Iterator[Conversation]:
    """Yield every conversation under the root, the oldest first."""
    found: dict[str, list[Transcript]] = {}
    for path in sorted(root.glob(f"{DAYS}/rollout-*.jsonl")):
        header = header_at(path)
        if header and (made := _transcript(path, header)):
            threads = found.setdefault(header.session_id, [])
            threads.insert(len(threads) if made.agent_id else 0, made)
    made_of = [Conversation(session_id, tuple(threads)) for session_id, threads in found.items()]
    yield from sorted(made_of, key=lambda conversation: conversation.modified_s)


def subagents_of(main: Path) -> list[tuple[Path, str]]:
    """Return the rollouts of a session's subagents, with their threads."""
    header = header_at(main)
    if header is None:
        return []
    found = []
    for day in _days_from(main.parent):
        for path in sorted(day.glob("rollout-*.jsonl")):
            other = header_at(path) if path.name >= main.name or day != main.parent else None
            if other and other.agent_id and other.session_id == header.session_id:
                found.append((path, other.agent_id))
    return found


def header_at(path: Path) -> RolloutHeader | None:
    """Return a rollout's header; None where there is none yet."""
    if not ROLLOUT.search(path.name):
        return None
    header = _header(str(path))
    if header is None:
        _header.cache_clear()  # it may be there in a moment
    return header


@functools.lru_cache(maxsize=4_096)
def _header(path: str) -> RolloutHeader | None:
    try:
        return next((header_of(parse_line(line.text)) for line in read_lines(Path(path), 0)), None)
    except OSError:
        return None


def _days_from(day: Path) -> list[Path]:
    """Return the folders of a day and of those after it."""
    root = day.parent.parent.parent
    return sorted(found for found in root.glob(DAYS) if found >= day)[:MAX_DAYS]


def _transcript(path: Path, header: RolloutHeader) -> Transcript | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return Transcript(path, status.st_size, status.st_mtime, header.agent_id, header.agent_type)
