"""Names in agents' telemetry, made harmless before they are journaled.

A repository chooses the names of its folder and branches, a server those of its tools, and both end up on terminals and in exports. This is the
one way in to live sessions, derived tables and reports, so control characters are taken out of labels here, whoever sent them. Captured texts
(prompts, tool inputs and outputs) keep their lines and colours, and telemetry of others is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hookline.contract import semconv
from hookline.system.plain import one_line
from hookline_collector.signal import Signal
from hookline_collector.signals.requests import NATIVES

PREFIXES = ("hookline.", "vcs.", "user.", "host.", "service.", "session.", "organization.", "mcp", "agent")
NAMES = frozenset(
    {
        semconv.AGENT_NAME,
        semconv.AGENT_ID,
        semconv.REQUEST_MODEL,
        semconv.RESPONSE_MODEL,
        semconv.TOOL_NAME,
        semconv.TOOL_CALL_ID,
        semconv.TOOL_TYPE,
        semconv.ERROR_TYPE,
        semconv.FILE_EXTENSION,
    }
).union(*(native.LABELS for native in NATIVES))


def clean(signal: Signal, message: Any) -> bool:
    """Take control characters out of the labels of an agent's request; return whether there were any."""
    found = False
    for attributes in _attributes(signal, message):
        for attribute in attributes:
            text = attribute.value.string_value
            if not text.isprintable() and (attribute.key.startswith(PREFIXES) or attribute.key in NAMES):
                attribute.value.string_value = one_line(text)
                found = True
    return found


def _attributes(signal: Signal, message: Any) -> Iterator[Any]:
    if signal is Signal.TRACES:
        for resource in message.resource_spans:
            yield resource.resource.attributes
            for part in resource.scope_spans:
                yield from (span.attributes for span in part.spans)
    elif signal is Signal.LOGS:
        for resource in message.resource_logs:
            yield resource.resource.attributes
            for part in resource.scope_logs:
                yield from (record.attributes for record in part.log_records)
