"""The trace's id in a statement's text, where that was asked for: of requests that are sampled alone, and never in a text that a client prepares.

A comment makes every text another one: prepared statements are prepared in vain, and caches fill with texts that never come again (a primary-key
look-up costs the server 106 instead of 45 us). So the others' texts stay as they are, and one with a comment is not prepared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.services.active import active
from hookline.services.served_request import CURRENT

if TYPE_CHECKING:
    from hookline.services.served_request import ServedRequest


def trace_comment() -> str:
    """Return the comment for a statement that runs now; empty where there is to be none."""
    watch, request = active(), CURRENT.get()
    if watch is None or request is None or request.is_finished or not watch.options.sql_comments or not is_sampled(request):
        return ""
    return f" /*traceparent='{request.traceparent}'*/"


def is_sampled(request: ServedRequest) -> bool:
    """Whether the trace of a request is looked at as a whole."""
    request.identify()
    if request.sdk_span is not None:
        return bool(request.sdk_span.get_span_context().trace_flags.sampled)
    return request.is_sampled
