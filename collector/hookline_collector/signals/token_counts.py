"""The tokens of a request to the model, as Claude Code's own telemetry names them and as everybody else's are stored."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from hookline.contract import claude_native, semconv
from hookline_collector.signals.observations import whole

MODEL_KEYS = (semconv.REQUEST_MODEL, semconv.RESPONSE_MODEL, "model")
"""Where a request names its model; the first that is there counts."""


class TokenCounts(NamedTuple):
    """The tokens of one request. `uncached` are the input's neither read from the cache nor written into it; `written` includes `written_1h`."""

    uncached: int
    output: int
    read: int
    written: int
    written_1h: int


def tokens_of(said: Mapping[str, Any]) -> TokenCounts:
    """Return the tokens that a request's attributes tell, 0 where they tell none. Raises ValueError where one is no number."""
    return TokenCounts(
        whole(said, claude_native.INPUT_TOKENS, semconv.USAGE_UNCACHED_INPUT),
        whole(said, claude_native.OUTPUT_TOKENS, semconv.USAGE_OUTPUT),
        whole(said, claude_native.CACHE_READ_TOKENS, semconv.USAGE_CACHE_READ),
        whole(said, claude_native.CACHE_CREATION_TOKENS, semconv.USAGE_CACHE_CREATION),
        whole(said, claude_native.CACHE_CREATION_1H_TOKENS, semconv.USAGE_CACHE_CREATION_1H),
    )
