"""Tokens of each API request, from the assistant's lines of a transcript.

One response is written as several lines, one a content block, each repeating the same usage: they are one request, known by
message id and request id. Where copies differ the one with the larger total counts; the collector keeps the larger of what it is given.
Synthetic messages and API errors used no tokens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hookline.agents.claude_code.identity import NAME
from hookline.agents.claude_code.transcripts import time_of
from hookline.agents.usage_record import count, plain_id
from hookline.contract import semconv
from hookline.contract.events import USAGE_RECORD
from hookline.privacy.redact import clean_name
from hookline.records import AttributeValue, LogRecord

SYNTHETIC = "<synthetic>"


@dataclass(frozen=True, slots=True)
class UsageRequest:
    """One API request: ids, model, and tokens by kind (`input` is the uncached part)."""

    time_ns: int
    message_id: str
    request_id: str
    model: str
    prompt_id: str
    input: int
    output: int
    cache_read: int
    cache_creation: int
    cache_creation_5m: int
    cache_creation_1h: int
    is_sidechain: bool

    @property
    def total(self) -> int:
        """All tokens."""
        return self.input + self.output + self.cache_read + self.cache_creation


def request_of(line: Mapping[str, Any], prompt_id: str) -> UsageRequest | None:
    """Return the request that an assistant line belongs to; None when it used no tokens or is none."""
    message = line.get("message")
    if line.get("type") != "assistant" or not isinstance(message, dict) or line.get("isApiErrorMessage"):
        return None
    usage, time_ns = message.get("usage"), time_of(line)
    if not isinstance(usage, dict) or time_ns is None or message.get("model") in (None, SYNTHETIC) or not message.get("id"):
        return None
    written = usage.get("cache_creation")
    written = written if isinstance(written, dict) else {}
    return UsageRequest(
        time_ns=time_ns,
        message_id=plain_id(str(message["id"])),
        request_id=plain_id(str(line.get("requestId") or "")),
        model=clean_name(str(message["model"])),
        prompt_id=plain_id(str(line.get("promptId") or prompt_id)),
        input=count(usage, "input_tokens"),
        output=count(usage, "output_tokens"),
        cache_read=count(usage, "cache_read_input_tokens"),
        cache_creation=count(usage, "cache_creation_input_tokens"),
        cache_creation_5m=count(written, "ephemeral_5m_input_tokens"),
        cache_creation_1h=count(written, "ephemeral_1h_input_tokens"),
        is_sidechain=bool(line.get("isSidechain")),
    )


class UsageReader:
    """Gives each request when its first line is read, and again only if a later line has a larger total."""

    def __init__(self) -> None:
        self._last: UsageRequest | None = None

    def read(self, line: Mapping[str, Any], prompt_id: str) -> Iterator[UsageRequest]:
        """Yield the request of this line, unless it was given already."""
        request = request_of(line, prompt_id)
        if request is None:
            return
        last = self._last
        is_same = last is not None and (last.message_id, last.request_id) == (request.message_id, request.request_id)
        if last is None or not is_same or request.total > last.total:
            self._last = request
            yield request


def record(request: UsageRequest, session_id: str, shared: Mapping[str, AttributeValue]) -> LogRecord:
    """Return a request as the log record of docs/data-model.md section 4."""
    uid = hashlib.sha256("\0".join(("usage", session_id, request.message_id, request.request_id, str(request.total))).encode()).hexdigest()[:32]
    attributes: dict[str, AttributeValue] = {
        **shared,
        semconv.LOG_RECORD_UID: uid,
        semconv.SESSION_ID: session_id,
        semconv.PROMPT_ID: request.prompt_id,
        semconv.RESPONSE_ID: request.message_id,
        semconv.RESPONSE_MODEL: request.model,
        semconv.USAGE_INPUT: request.input + request.cache_read + request.cache_creation,
        semconv.USAGE_OUTPUT: request.output,
        semconv.USAGE_CACHE_READ: request.cache_read,
        semconv.USAGE_CACHE_CREATION: request.cache_creation,
        semconv.USAGE_UNCACHED_INPUT: request.input,
        semconv.USAGE_CACHE_CREATION_5M: request.cache_creation_5m,
        semconv.USAGE_CACHE_CREATION_1H: request.cache_creation_1h,
        semconv.USAGE_SIDECHAIN: request.is_sidechain,
        semconv.SIGNAL_SOURCE: "transcript",
    }
    if request.request_id:
        attributes[semconv.REQUEST_ID] = request.request_id
    return LogRecord(uid, USAGE_RECORD, request.time_ns, attributes, service=NAME)
