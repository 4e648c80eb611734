"""What GitHub Copilot CLI sends itself: spans by the GenAI conventions, with the session's id as `gen_ai.conversation.id`.

Of `invoke_agent`, `chat` and `execute_tool` only `chat` is read, for the tokens of a live session: each request tells its own as soon as it is
over, and is named by the id that the session file's record of it has. Turns and calls are the hooks', which know no id of a call: read here as
well, each would stand twice. An `invoke_agent` span adds its requests up, so its tokens are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hookline.contract import semconv
from hookline.contract.scopes import Source
from hookline_collector.signals.observations import Attributes, Observation, ObservationKind, RecordRule, SpanRule, Vocabulary

NAME: Final = "copilot-cli"
WORDS: Final = Vocabulary(prompt=(), call=(semconv.TOOL_CALL_ID,), request=(semconv.RESPONSE_ID,), session=(semconv.CONVERSATION_ID,))
LABELS: Final = frozenset({semconv.RESPONSE_MODEL, semconv.REQUEST_MODEL})
SILENT: Final = ""
INITIATOR: Final = "github.copilot.initiator"  # of a request: user, agent, sub-agent


def _request(session_id: str, start_ns: int, end_ns: int, attributes: Attributes, source: Source) -> Iterator[Observation]:
    """A request to the model; one that failed has no id and no tokens."""
    key = WORDS.request_of(attributes)
    if not key:
        return
    read, written = _count(attributes, semconv.USAGE_CACHE_READ), _count(attributes, semconv.USAGE_CACHE_CREATION)
    told = {
        semconv.SERVICE_NAME: NAME,
        semconv.RESPONSE_MODEL: attributes.get(semconv.RESPONSE_MODEL) or attributes.get(semconv.REQUEST_MODEL) or "",
        semconv.USAGE_UNCACHED_INPUT: max(0, _count(attributes, semconv.USAGE_INPUT) - read - written),
        semconv.USAGE_CACHE_READ: read,
        semconv.USAGE_CACHE_CREATION: written,
        semconv.USAGE_OUTPUT: _count(attributes, semconv.USAGE_OUTPUT),
        semconv.USAGE_SIDECHAIN: str(attributes.get(INITIATOR) == "sub-agent").lower(),
    }
    yield Observation(session_id, end_ns, ObservationKind.USAGE, source, key, attributes=told)


def _count(attributes: Attributes, name: str) -> int:
    value = str(attributes.get(name) or 0)
    return int(value) if value.isdigit() else 0


RECORDS: Final[dict[str, RecordRule]] = {}
SPANS: Final[dict[str, SpanRule]] = {"chat": _request}
