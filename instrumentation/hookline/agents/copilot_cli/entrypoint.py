"""How a client was started: `prompt` for one prompt and nobody in front of it, `cli` in a terminal. No payload says it, but its command line does."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Final

import psutil

from hookline.agent_event import HOOK, AgentEvent
from hookline.system.process import has_terminal

ONE_PROMPT: Final = frozenset({"-p", "--prompt", "--acp", "--headless"})
PROMPT, IN_TERMINAL = "prompt", "cli"


def with_entrypoint(event: AgentEvent) -> AgentEvent:
    """Return the event with how its client was started; as it is, where that process is gone."""
    if event.source != HOOK or event.pid is None or not (entrypoint := _entrypoint(event.session_id, event.pid)):
        return event
    return replace(event, entrypoint=entrypoint, is_attended=entrypoint == IN_TERMINAL)


@functools.lru_cache(maxsize=512)
def _entrypoint(session_id: str, pid: int) -> str:
    """A process runs one session after the other, and is asked once for each."""
    del session_id
    try:
        process = psutil.Process(pid)
        words, is_in_terminal = process.cmdline(), has_terminal(process)
    except (psutil.Error, OSError, ValueError):
        return ""
    return entrypoint_of(words, is_in_terminal)


def entrypoint_of(words: list[str], is_in_terminal: bool) -> str:
    """Return how a client with this command line was started, in a terminal or not; empty where it is no client's."""
    if not words:
        return ""
    is_asked_once = any(word.split("=", 1)[0] in ONE_PROMPT for word in words[1:])
    return PROMPT if is_asked_once or not is_in_terminal else IN_TERMINAL
