"""Requests as they came off the wire, into ClickHouse's own Protobuf reader.

The payload is one or more serialized Export<Signal>ServiceRequests laid end to end, which is one valid request. It goes into a Null
table of nested tuples, and views flatten it. The token makes the insert safe to repeat: every table of the chain remembers the
tokens of its last inserts and takes none twice. Equal bytes with another token are other data.

A large payload goes in by portions. A portion for which the engine has not enough memory at the moment is refused, to be tried again as
it is under its own token: an insert that failed may have reached some tables of the chain, and cut otherwise it would reach them
twice. One item that is larger than a portion, and so cannot be cut, is rejected when it does not fit.
"""

from collections.abc import Mapping

from clickhouse_connect.driver.exceptions import Error as ClickHouseError

from hookline.errors import Rejected
from hookline_collector.signal import Signal
from hookline_collector.store.connection import Backend, Pool
from hookline_collector.store.faults import FAULTS, OUT_OF_MEMORY, blame_insert
from hookline_collector.store.nesting import flatten
from hookline_collector.store.portions import PORTION_BYTES, portions

TABLES: dict[Signal, str] = {Signal.TRACES: "otlp_traces", Signal.LOGS: "otlp_logs", Signal.METRICS: "otlp_metrics"}
_CONCURRENT = 2
_WAIT_S = 30.0
_SETTLE_EVERY_BYTES = 16 * 1024 * 1024
_SETTINGS: dict[str, str] = {
    "async_insert": "0",
    "insert_deduplicate": "1",
    "deduplicate_blocks_in_dependent_materialized_views": "1",
    "format_schema_message_name": "Request",
    "materialize_skip_indexes_on_insert": "0",
    "max_partitions_per_insert_block": "0",
    "max_insert_threads": "1",
    "max_threads": "1",
}
# Deduplication is asked for by name, as older servers have other defaults. History, and clocks that are wrong, spread over many
# days, so one insert may touch any number of partitions. Skip indexes are made when parts are first merged: a part fresh from an
# insert is small enough to be read whole, and two files an index would be a good part of what an insert costs.


class Inserter:
    """Inserts requests. Safe to call from several threads."""

    def __init__(self, backend: Backend, database: str, session: Mapping[str, str]) -> None:
        self._backend = backend
        self._database = database
        self._pool = Pool(backend, _CONCURRENT, database, session)
        self._since_settled = 0

    def insert(self, signal: Signal, payload: bytes, token: str) -> None:
        """Store a payload once for each token; see Store.insert."""
        for portion in portions(flatten(signal, payload)):
            self._insert(signal, portion.body, token + portion.name)
            self._settle_at_times(len(portion.body))

    def _settle_at_times(self, written: int) -> None:
        """Under load, too, hand back what only seems to be needed; a count that threads race for is good enough."""
        self._since_settled += written
        if self._since_settled >= _SETTLE_EVERY_BYTES:
            self._since_settled = 0
            self._backend.settle()

    def close(self) -> None:
        """Close the clients."""
        self._pool.close()

    def _insert(self, signal: Signal, body: bytes, token: str) -> None:
        try:
            with self._backend.inserting():
                self._write(signal, body, token)
        except FAULTS as error:
            if not (isinstance(error, ClickHouseError) and error.code in OUT_OF_MEMORY):
                raise blame_insert(error) from error
            self._backend.settle()
            raise _out_of_memory(body, error) from error

    def _write(self, signal: Signal, body: bytes, token: str) -> None:
        with self._pool.client(_WAIT_S) as client:
            client.raw_insert(
                f"`{self._database}`.{TABLES[signal]}",
                insert_block=body,
                fmt="ProtobufSingle",
                settings={**_SETTINGS, **self._backend.wire_form(signal), "insert_deduplication_token": token},
            )


def _out_of_memory(body: bytes, error: Exception) -> Exception:
    """Return whose fault it is: the item's own if it is larger than a portion may be, else the moment's."""
    if len(body) > PORTION_BYTES:
        return Rejected(f"one item of {len(body)} bytes needs more memory than the database has")
    return blame_insert(error)
