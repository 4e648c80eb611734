"""The body of a success: Export<Signal>ServiceResponse, bounded in size.

All taken: `partial_success` is not set. Something rejected, or only a remark: it is set, and the sender must not retry.
"""

from __future__ import annotations

from typing import Any

from hookline_collector.ingest import IngestResult
from hookline_collector.receive.status import MAX_MESSAGE_CHARS, shorten
from hookline_collector.signal import Signal

_ROOM_BYTES = 64  # for the frame around the error message


def response_to(signal: Signal, outcome: IngestResult, max_bytes: int) -> Any:
    """Return the response message; its error text is cut so that the whole fits `max_bytes`."""
    response = signal.response_class()
    if outcome.rejected or outcome.message:
        text = shorten(outcome.message, min(MAX_MESSAGE_CHARS, max((max_bytes - _ROOM_BYTES) // 6, 0)))  # JSON may take six bytes a character
        response.partial_success.error_message = text
        setattr(response.partial_success, signal.rejected_field, outcome.rejected)
    return response
