"""The names that Codex's own telemetry has, as far as Hookline reads them: log records that name themselves by `event.name`."""

from typing import Final

PREFIX: Final = "codex."
DECISION_RECORD: Final = "codex.tool_decision"
RESULT_RECORD: Final = "codex.tool_result"

# Attributes
CONVERSATION_ID: Final = "conversation.id"  # the thread: the session, or a subagent
CALL_ID: Final = "call_id"
TOOL_NAME: Final = "tool_name"
DECISION: Final = "decision"
AGENT_NAME: Final = "agent_name"
EVENT_NAME: Final = "event.name"
MODEL: Final = "model"

CODE_TOOL: Final = "exec"  # takes JavaScript that makes the calls which hooks tell of
REFUSALS: Final = ("denied", "abort", "reject")  # what a decision that is none of `approved…` begins with
