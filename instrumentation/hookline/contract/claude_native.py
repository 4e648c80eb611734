"""The names that Claude Code's own telemetry has, as far as Hookline reads them. Its attributes have no prefix of their own."""

from typing import Final

PREFIX: Final = "claude_code."  # of its spans and of its records' names

# Spans
TURN_SPAN: Final = "claude_code.interaction"  # names no prompt: which turn it is its times say
CALL_SPAN: Final = "claude_code.tool"
RUN_SPAN: Final = "claude_code.tool.execution"
WAIT_SPAN: Final = "claude_code.tool.blocked_on_user"
REQUEST_SPAN: Final = "claude_code.llm_request"  # read of its times alone: what it spent its record says
SPANS: Final = frozenset({TURN_SPAN, CALL_SPAN, RUN_SPAN, WAIT_SPAN})

# Log records, without the prefix
PROMPT_RECORD: Final = "user_prompt"
REQUEST_RECORD: Final = "api_request"
REQUEST_FAILED_RECORD: Final = "api_error"
ANSWER_RECORD: Final = "assistant_response"
DECISION_RECORD: Final = "tool_decision"
RESULT_RECORD: Final = "tool_result"
SUBAGENT_RECORD: Final = "subagent_completed"
COMPACTION_RECORD: Final = "compaction"
RECORDS: Final = frozenset(
    {
        PROMPT_RECORD,
        REQUEST_RECORD,
        REQUEST_FAILED_RECORD,
        ANSWER_RECORD,
        DECISION_RECORD,
        RESULT_RECORD,
        SUBAGENT_RECORD,
        COMPACTION_RECORD,
    }
)

# Attributes
PROMPT_ID: Final = "prompt.id"
EVENT_NAME: Final = "event.name"
EVENT_SEQUENCE: Final = "event.sequence"
USER_ID: Final = "user.id"
USER_EMAIL: Final = "user.email"
USER_ACCOUNT_UUID: Final = "user.account_uuid"
CALL_ID: Final = "tool_use_id"
REQUEST_ID: Final = "request_id"
COMMAND_SOURCE: Final = "command_source"
DECISION: Final = "decision"
QUERY_SOURCE: Final = "query_source"
SUCCESS: Final = "success"
TOOL_NAME: Final = "tool_name"
AGENT_ID: Final = "agent_id"
MODEL: Final = "model"
COST_USD: Final = "cost_usd"
INPUT_TOKENS: Final = "input_tokens"
OUTPUT_TOKENS: Final = "output_tokens"
CACHE_READ_TOKENS: Final = "cache_read_tokens"
CACHE_CREATION_TOKENS: Final = "cache_creation_tokens"
CACHE_CREATION_1H_TOKENS: Final = "cache_creation_1h_tokens"
DURATION_MS: Final = "duration_ms"
FIRST_TOKEN_MS: Final = "ttft_ms"  # noqa: S105 - of what a model writes
DECISION_SOURCE: Final = "source"
ERROR: Final = "error"
ERROR_TYPE: Final = "error_type"
PROMPT_LENGTH: Final = "prompt_length"  # of its record
USER_PROMPT_LENGTH: Final = "user_prompt_length"  # of its span
TOOL_INPUT_BYTES: Final = "tool_input_size_bytes"
TOOL_RESULT_BYTES: Final = "tool_result_size_bytes"
HOOK_EVENT: Final = "hook_event"
HOOK_NAME: Final = "hook_name"
HOOKS: Final = "num_hooks"
HOOKS_BLOCKING: Final = "num_blocking"
HOOKS_FAILED: Final = "num_non_blocking_error"
HOOKS_DURATION_MS: Final = "total_duration_ms"
KIND: Final = "type"  # of what a metric counts

# Metrics
LINES_METRIC: Final = "claude_code.lines_of_code.count"
COMMITS_METRIC: Final = "claude_code.commit.count"
