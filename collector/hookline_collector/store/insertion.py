"""Requests as they came off the wire, into ClickHouse's own Protobuf reader.

The payload is one or more serialized Export<Signal>ServiceRequests laid end to end, which is one valid request. It goes into a Null
table of nested tuples, and views flatten it. The token makes the insert safe to repeat: every table of the chain remembers the
tokens of its last inserts and takes none twice. Equal bytes with another token are other data.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from hookline_collector.signal import Signal

TABLES: dict[Signal, str] = {Signal.TRACES: "otlp_traces", Signal.LOGS: "otlp_logs", Signal.METRICS: "otlp_metrics"}

_SETTINGS: dict[str, str] = {
    "async_insert": "0",
    "insert_deduplicate": "1",
    "deduplicate_blocks_in_dependent_materialized_views": "1",
    "format_schema_message_name": "Request",
    "max_partitions_per_insert_block": "0",
    "max_insert_threads": "1",
    "max_threads": "1",
}
# Deduplication is asked for by name, as older servers have other defaults. History, and clocks that are wrong, spread over many
# days, so one insert may touch any number of partitions.


def insert_settings(token: str, wire_form: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of one insert; `wire_form` says where the reader finds the signal's schema."""
    return {**_SETTINGS, **wire_form, "insert_deduplication_token": token}


@cache
def proto_text(signal: Signal) -> str:
    """Return the wire form of the signal's requests for ClickHouse's reader, without comments."""
    text = files(__package__).joinpath("otlp", f"{signal.value}.proto").read_text()
    return "\n".join(line for line in text.splitlines() if line and not line.startswith("//")) + "\n"
