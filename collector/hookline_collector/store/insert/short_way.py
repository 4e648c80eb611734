"""The short way for large requests of spans of which none is an agent's.

What an insert costs whatever its rows are is the planning of the views that it starts: a third of eight megabytes of spans. Where no agent speaks
none of the agents' views are needed, and how deep a request is nested is most of what planning its flattening costs. So such a request goes in
by a table of its own (`0122_plain_spans.sql`), for which it is written as a message a scope, `ResourcedScope` in `traces.proto`: the scope's bytes as
they came, and before them its resource's. There the reader makes texts of numbers, too, and takes no bytes, arrays or lists as values: it refuses a
request with any before the first row is stored. So nobody needs to look for nested values first, and what was refused goes in once they are
flattened, by this way or, if bytes are left, by the long one.

Which way a request goes depends on its bytes alone, so that a repeated token always meets the same tables by the same way. What the two ways read
differently is only what no encoder writes: a value that is two things at once.
"""

import re
from typing import Final

from hookline.contract.scopes import AGENT_SCOPE, HISTORY_SCOPE, NATIVE_SCOPE_PREFIXES
from hookline_collector.wire.block_body import BlockBody
from hookline_collector.wire.protobuf import fields, framed, varint
from hookline_collector.wire.searching import holds

LEAST_SCOPE_BYTES: Final = 4096
"""Of a scope, on average: each becomes a row for the reader, and costs Python something."""
MOST_GROWTH: Final = 1.25
"""How much larger a request may become by what is repeated of it: a resource, before each of its scopes."""
_RESOURCE_SPANS, _RESOURCE, _SCOPE_SPANS = 1, 1, 2
_RESOURCE_OF_SCOPE: Final = 100_000
_AGENTS: Final = tuple(name.encode() for name in (AGENT_SCOPE, HISTORY_SCOPE, *NATIVE_SCOPE_PREFIXES))
"""What `agent_spans_scope.sql` asks scopes for. Bytes that do not hold such a name hold no such scope."""
_ENDS_TAKEN_FOR_NOTHING, _TAKEN_FOR_NOTHING = b"31999", re.compile(rb"-0*31999")
"""The one text that the reader takes for bytes, an array or a list, and keeps as nothing: the number and the name in `plain_attributes.sql`, with
zeros before the number or without. A search for its end says of nearly every request that it is not there."""


def mentions_agents(payload: bytes | bytearray) -> bool:
    """Whether a request's bytes hold the name of an agent's scope, wherever that stands."""
    return any(holds(payload, name) for name in _AGENTS)


def scopes_of(payload: bytes | bytearray) -> BlockBody | None:
    """Return a request of spans that mentions no agents as ResourcedScopes, each behind its length; None where it has to go the long way."""
    if holds(payload, _ENDS_TAKEN_FOR_NOTHING) and _TAKEN_FOR_NOTHING.search(payload):
        return None
    try:
        pieces = _pieces(payload)
    except (IndexError, ValueError):  # no request: it is for ClickHouse to refuse it
        return None
    return BlockBody(pieces, sum(map(len, pieces))) if pieces else None


def _pieces(payload: bytes | bytearray) -> list[bytes | memoryview]:
    """Return what follows each other in the ResourcedScopes; nothing where scopes are many and small, or a resource that is large has many."""
    pieces: list[bytes | memoryview] = []
    view, scopes, written = memoryview(payload), 0, 0
    for entry in fields(payload, 0, len(payload)):
        if entry.number != _RESOURCE_SPANS:
            continue
        resource = b"".join(
            framed(_RESOURCE_OF_SCOPE, bytes(payload[field.begin : field.stop]))
            for field in fields(payload, entry.begin, entry.stop)
            if field.number == _RESOURCE
        )
        for field in fields(payload, entry.begin, entry.stop):
            if field.number == _SCOPE_SPANS:
                size = len(resource) + field.stop - field.begin
                scopes, written = scopes + 1, written + size
                if scopes * LEAST_SCOPE_BYTES > len(payload) or written > len(payload) * MOST_GROWTH:
                    return []
                pieces += (varint(size), resource, view[field.begin : field.stop])
    return pieces
