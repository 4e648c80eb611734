"""Tokens of one request to a model, from an agent's session file, as the log record of docs/data-model.md section 4."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from hookline.agents.scrubbed import is_plain
from hookline.contract import semconv
from hookline.contract.events import USAGE_RECORD
from hookline.privacy.redact import clean_name
from hookline.records import AttributeValue, LogRecord


@dataclass(frozen=True, slots=True)
class TokenUse:
    """One request: when it was answered, what names it within its session, and its tokens by kind.

    `input` is the uncached part, `output` includes what was thought. `agent_id` is empty in the main conversation. `duration_ms` is how long the
    answer took, where the file says it; 0 where nobody does.
    """

    time_ns: int
    request_id: str
    model: str
    input: int
    output: int
    cache_read: int = 0
    cache_creation: int = 0
    prompt_id: str = ""
    agent_id: str = ""
    duration_ms: int = 0

    @property
    def total(self) -> int:
        """All tokens."""
        return self.input + self.output + self.cache_read + self.cache_creation


def usage_record(agent: str, session_id: str, use: TokenUse, shared: Mapping[str, AttributeValue]) -> LogRecord:
    """Return the record of a request. Told again with the same tokens it has the same uid; of two totals the collector keeps the larger."""
    uid = hashlib.sha256("\0".join(("usage", session_id, use.request_id, str(use.total))).encode()).hexdigest()[:32]
    attributes: dict[str, AttributeValue] = {
        **shared,
        semconv.LOG_RECORD_UID: uid,
        semconv.SESSION_ID: session_id,
        semconv.PROMPT_ID: plain_id(use.prompt_id),
        semconv.RESPONSE_ID: plain_id(use.request_id),
        semconv.RESPONSE_MODEL: clean_name(use.model),
        semconv.USAGE_INPUT: use.input + use.cache_read + use.cache_creation,
        semconv.USAGE_OUTPUT: use.output,
        semconv.USAGE_CACHE_READ: use.cache_read,
        semconv.USAGE_CACHE_CREATION: use.cache_creation,
        semconv.USAGE_UNCACHED_INPUT: use.input,
        semconv.USAGE_SIDECHAIN: bool(use.agent_id),
        semconv.SIGNAL_SOURCE: "transcript",
    }
    if use.duration_ms:
        attributes[semconv.DURATION_MS] = use.duration_ms
    if use.agent_id:
        attributes[semconv.AGENT_ID] = plain_id(use.agent_id)
    return LogRecord(uid, USAGE_RECORD, use.time_ns, attributes, service=agent)


def count(source: Mapping[str, object], name: str) -> int:
    """Return a number of tokens; 0 for anything else."""
    value = source.get(name)
    return value if isinstance(value, int) and value > 0 else 0


def plain_id(text: str) -> str:
    """Return an id as it may be told: as it is where it can hold nothing else."""
    return text if is_plain(text) else clean_name(text)
