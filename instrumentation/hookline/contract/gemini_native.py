"""The names that Gemini CLI's own telemetry has, as far as Hookline reads them."""

from typing import Final

SCOPE: Final = "gemini-cli"

# Log records
START_RECORD: Final = "gemini_cli.config"
RESPONSE_RECORD: Final = "gemini_cli.api_response"
REQUEST_FAILED_RECORD: Final = "gemini_cli.api_error"
PREFIX: Final = "gemini_cli."

# Attributes
MODEL: Final = "model"
ROLE: Final = "role"  # what a request is for: main, subagent, utility_router and others that are the client's own
PROMPT_ID: Final = "prompt_id"  # the session's id; in a subagent `<agent id>#<turn>`
DURATION_MS: Final = "duration_ms"
INPUT_TOKENS: Final = "input_token_count"
OUTPUT_TOKENS: Final = "output_token_count"
CACHED_TOKENS: Final = "cached_content_token_count"
THOUGHT_TOKENS: Final = "thoughts_token_count"
