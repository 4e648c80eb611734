"""Who speaks: instrumentation scopes, and the one answer to "is this an agent's?"."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from hookline.contract.gemini_native import SCOPE as GEMINI_SCOPE
from hookline.contract.qwen_native import SCOPE as QWEN_SCOPE

AGENT_SCOPE: Final = "hookline.agent"  # everything that the agents' adapters make; the collector looks at it first
HISTORY_SCOPE: Final = "hookline.history"  # the same records, read from transcripts by `hookline backfill`
COLLECTOR_SCOPE: Final = "hookline.collector"  # the collector's own metrics, and its records of the sessions that it closed
RESOURCE_SCOPE: Final = "hookline.resources"  # process.* and system.* metrics
RELAY_SCOPE: Final = "hookline.relay"  # the relay's own metrics
CLAUDE_NATIVE_SCOPE_PREFIX: Final = "com.anthropic.claude_code"
NATIVE_SCOPE_PREFIXES: Final = (CLAUDE_NATIVE_SCOPE_PREFIX,)  # of what agents send themselves
CODEX_NATIVE_SCOPE_PREFIX: Final = "codex_otel"
COPILOT_NATIVE_SCOPE: Final = "github.copilot"
LIVE_SCOPE_PREFIXES: Final = (
    CODEX_NATIVE_SCOPE_PREFIX,
    COPILOT_NATIVE_SCOPE,
    GEMINI_SCOPE,
    QWEN_SCOPE,
)  # the same, for the live view alone: hooks and session files tell reports all of it

REPLAYED_SCOPES: Final = frozenset({AGENT_SCOPE, HISTORY_SCOPE, COLLECTOR_SCOPE})  # their records may arrive twice, with the same ids
PROBE_PREFIX: Final = "hookline-doctor-"  # of the ids of sessions that `hookline doctor` makes up: they are no work


class Source(StrEnum):
    """Who tells of a session."""

    HOOK = "hook"
    NATIVE = "native"  # the agent itself
    HISTORY = "history"
    COLLECTOR = "collector"

    @classmethod
    def of(cls, scope_name: str) -> Source | None:
        """Return who speaks under an instrumentation scope; None for everybody who tells of no session."""
        if scope_name.startswith(_NATIVES):
            return cls.NATIVE
        return _OF_SCOPE.get(scope_name)


_NATIVES: Final = (*NATIVE_SCOPE_PREFIXES, *LIVE_SCOPE_PREFIXES)
_OF_SCOPE: Final = {AGENT_SCOPE: Source.HOOK, HISTORY_SCOPE: Source.HISTORY, COLLECTOR_SCOPE: Source.COLLECTOR}


def is_probe(session_id: str) -> bool:
    """Whether a session is one of `hookline doctor`'s."""
    return session_id.startswith(PROBE_PREFIX)
