"""The names that Qwen Code's own telemetry has, as far as Hookline reads them."""

from typing import Final

SCOPE: Final = "qwen-code"

# Log records
PROMPT_RECORD: Final = "qwen-code.user_prompt"
RESPONSE_RECORD: Final = "qwen-code.api_response"
REQUEST_FAILED_RECORD: Final = "qwen-code.api_error"
CALL_RECORD: Final = "qwen-code.tool_call"
START_RECORD: Final = "session.start"
END_RECORD: Final = "session.end"

# Spans
TURN_SPAN: Final = "qwen-code.interaction"
CALL_SPAN: Final = "qwen-code.tool"
ASKED_SPAN: Final = "qwen-code.tool.blocked_on_user"  # a person was asked whether a call may run

# Attributes
MODEL: Final = "model"
PROMPT_ID: Final = "prompt_id"  # of records
SPAN_PROMPT_ID: Final = "qwen-code.prompt_id"
PERSONS_PROMPT: Final = "########"  # stands between session and number in the id of a person's prompt
CALL_ID: Final = "call_id"
ASKED_CALL_ID: Final = "tool.call_id"
CALL_TOOL: Final = "function_name"
SUCCESS: Final = "success"
DECISION: Final = "decision"
STATUS: Final = "status"
CALL_ERROR: Final = "error_type"
RESPONSE_ID: Final = "response_id"
INPUT_TOKENS: Final = "input_token_count"
OUTPUT_TOKENS: Final = "output_token_count"
CACHED_TOKENS: Final = "cached_content_token_count"
TOTAL_TOKENS: Final = "total_token_count"
TURN_STATUS: Final = "qwen-code.turn_status"
