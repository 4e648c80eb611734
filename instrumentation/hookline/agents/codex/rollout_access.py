"""Codex's rollouts behind the protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.agents.agent import Agent
from hookline.agents.codex.rollout_files import conversations, sessions_root, subagents_of
from hookline.agents.codex.rollout_lines import ROLLOUT
from hookline.agents.codex.rollout_reader import RolloutReader
from hookline.agents.codex.rollout_signs import KINDS, RolloutSigns
from hookline.agents.codex.rollout_usage import requests
from hookline.agents.conversations import LineConversation
from hookline.agents.equipment import Conversation, Mark, ReaderEnvironment, SignReader, Transcript
from hookline.contract import semconv
from hookline.records import LogRecord

BATCH: Final = 200


class CodexRollouts:
    """Files below `sessions/`, one a thread."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def root(self, env: Mapping[str, str]) -> Path:
        """Return the folder in which they lie."""
        return sessions_root(env)

    def conversations(self, root: Path) -> Iterator[Conversation]:
        """Yield every conversation under the root, the oldest first."""
        return conversations(root)

    def history(self, conversation: Conversation, marks: Mapping[Path, Mark], around: ReaderEnvironment) -> LineConversation:
        """Return the reader of a conversation's history."""

        def opened(transcript: Transcript) -> RolloutReader:
            return RolloutReader(conversation.session_id, agent_id=transcript.agent_id)

        return LineConversation(self._agent, conversation, marks, around, opened)

    def is_main(self, path: str) -> bool:
        """Whether a path can be that of a rollout."""
        return "\0" not in path and ROLLOUT.search(path) is not None

    def of_subagents(self, main: Path) -> Sequence[tuple[Path, str]]:
        """Return the rollouts of a session's subagents, with their threads."""
        return subagents_of(main)

    def usage(self, path: Path, offset: int, event: AgentEvent) -> Iterator[tuple[list[LogRecord], int]]:
        """Yield records of tokens behind an offset."""
        shared = {semconv.HOOK_EVENT: "transcript", **event.place.attributes}
        return requests(path, offset, event.session_id, shared, BATCH)

    def signs(self, session_id: str, main: Path, agent_id: str) -> SignReader:
        """Return the reader of what a live rollout shows."""
        return RolloutSigns(session_id, str(main), agent_id)

    def may_show(self, line: bytes) -> bool:
        """Whether a line is of a kind that shows anything."""
        return any(kind in line for kind in KINDS)
