"""Requests as they came off the wire, into ClickHouse's own Protobuf reader.

The payload is one or more serialized Export<Signal>ServiceRequests laid end to end, which is one valid request. It goes into a Null
table of nested tuples, and views flatten it. The token makes the insert safe to repeat: every table of the chain remembers the
tokens of its last inserts and takes none twice. Equal bytes with another token are other data.

A large payload goes in by portions. A portion for which the engine has not enough memory at the moment is refused, to be tried again as
it is under its own token: an insert that failed may have reached some tables of the chain, and cut otherwise it would reach them
twice. One item that is larger than a portion, and so cannot be cut, is rejected when it does not fit.

A portion whose items lie on very many days goes in by runs of days (`days`).

Large requests of spans of which none is an agent's go in by a table of their own, from which less has to be planned (`short_way`), and as they
came: its reader refuses nested values quicker than Python finds that there are none. Who sends some sends them again, so for a while they are then
looked for first. Either way the same rows go into the same tables under the same token.

Small payloads, most of what a person's agents send, never meet those views: the engine would plan them all anew each time. Python makes
their rows (`direct`), and each table that gets any takes them under the same token. A try that broke between two tables is completed by
the next one.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error as ClickHouseError
from clickhouse_connect.driver.exceptions import OperationalError

from hookline.errors import Refused, Rejected
from hookline_collector.signal import Signal
from hookline_collector.store.backends import Backend, Pool
from hookline_collector.store.faults import FAULTS, OUT_OF_MEMORY, classify_insert, clean, is_unread, readable, refused_insert, was_hung_up
from hookline_collector.store.insert.days import MOST_PARTITIONS, may_be_spread, runs_of_days
from hookline_collector.store.insert.direct.direct_rows import LIMIT_BYTES, direct_rows
from hookline_collector.store.insert.direct.row_binary import RowBatch
from hookline_collector.store.insert.nesting import flatten
from hookline_collector.store.insert.portions import Portion, portions
from hookline_collector.store.insert.short_way import mentions_agents, scopes_of
from hookline_collector.wire.block_body import BlockBody
from hookline_collector.wire.insertion_units import PART_BYTES
from hookline_collector.wire.insertion_units import token as token_of


@dataclass(frozen=True, slots=True)
class Door:
    """Where requests as bytes go in: a table, the message that a row is, its format, and the settings that this takes."""

    table: str
    message: str = "Request"
    form: str = "ProtobufSingle"
    settings: tuple[tuple[str, str], ...] = ()


DOORS: dict[Signal, Door] = {Signal.TRACES: Door("otlp_traces"), Signal.LOGS: Door("otlp_logs"), Signal.METRICS: Door("otlp_metrics")}
SHORT: Door = Door("otlp_scope", "ResourcedScope", "Protobuf", (("max_block_size", "16777216"), ("optimize_on_insert", "0")))
"""All spans of a request are one block, so that the engine refuses one on too many days before it stores anything. Of requests that services answered
few are told twice in it: that rows of one key are made one before they are stored costs more than all the rest of storing them."""
_CONCURRENT = 2
_TOO_MANY_PARTS, _OF_ONE_INSERT = 252, "partitions for single INSERT block"
_WAIT_S = 30.0
_SEARCHED_FIRST = 32
"""So many requests are searched for nested values after one that had some."""
_TRIM_EVERY_BYTES = 256 * 1024 * 1024
"""Every few seconds under load: it takes 9 ms, and what is used comes back a page at a time."""
_SHARED_SETTINGS: dict[str, str] = {
    "async_insert": "0",
    "insert_deduplicate": "1",
    "deduplicate_blocks_in_dependent_materialized_views": "1",
    "materialize_skip_indexes_on_insert": "0",
    "max_insert_threads": "1",
    "max_threads": "1",
}
_DIRECT_SETTINGS: dict[str, str] = {"input_format_defaults_for_omitted_fields": "0"}
_SETTINGS: dict[str, str] = {
    "max_partitions_per_insert_block": str(MOST_PARTITIONS),
    "throw_on_max_partitions_per_insert_block": "1",
}
# Deduplication is asked for by name, as older servers have other defaults. Skip indexes are made when parts are first merged: a part fresh from an
# insert is small enough to be read whole, and two files an index would be a good part of what an insert costs. Rows of Python have every column: that
# no default is looked for saves a third of a statement.


class Inserter:
    """Inserts requests. Safe to call from several threads."""

    def __init__(self, backend: Backend, database: str, session: Mapping[str, str]) -> None:
        self._backend = backend
        self._database = database
        self._pool = Pool(backend, _CONCURRENT, database, {**session, **_SHARED_SETTINGS})
        self._since_trimmed = 0
        self._to_search_first = 0

    def insert(self, signal: Signal, payload: bytes | bytearray, token: str) -> None:
        """Store a payload once for each token; see Store.insert."""
        is_large = len(payload) > LIMIT_BYTES
        is_plain = is_large and _is_plain(signal, payload)
        if is_plain and self._took_as_it_came(payload, token):
            return
        for portion in portions(flatten(signal, bytes(payload))):
            rows = direct_rows(signal, portion.body)
            if rows is not None:
                self._insert_rows(rows, token_of(token, portion.name))
            else:
                self._insert_portion(signal, portion, token, is_plain=is_plain if is_large else _is_plain(signal, portion.body))
            self._trim_at_times(len(portion.body))

    def _took_as_it_came(self, payload: bytes | bytearray, token: str) -> bool:
        """Insert spans by the short way without a look at them; False where that is none for them, and then nothing of them is in."""
        if len(payload) > PART_BYTES:
            return False
        if self._to_search_first:  # a count that threads race for is good enough
            self._to_search_first -= 1
            return False
        scopes = scopes_of(payload)
        if scopes is None:
            return False
        try:
            with self._inserting(payload):
                took = self._took_short_way(scopes, token)
        except _TooSpread:
            return False
        if took:
            self._trim_at_times(len(payload))
        else:
            self._to_search_first = _SEARCHED_FIRST
        return took

    def _insert_portion(self, signal: Signal, portion: Portion, token: str, *, is_plain: bool) -> None:
        """Insert a portion: whole, or by runs of days where it lies on too many. `is_plain`: spans that may go the short way."""
        if may_be_spread(signal, portion.body) or not self._fits(signal, portion, token, is_plain=is_plain):
            for run in runs_of_days(signal, portion.body):
                self._insert(signal, run.body, token_of(token, portion.name, run.name), is_plain=is_plain)

    def _fits(self, signal: Signal, portion: Portion, token: str, *, is_plain: bool) -> bool:
        """Insert a portion; False when it lies on too many days, and then nothing of it is in."""
        try:
            self._insert(signal, portion.body, token_of(token, portion.name), is_plain=is_plain)
        except _TooSpread:
            return False
        return True

    def _trim_at_times(self, written: int) -> None:
        """Under load, too, hand back what only seems to be needed; a count that threads race for is good enough."""
        self._since_trimmed += written
        if self._since_trimmed >= _TRIM_EVERY_BYTES:
            self._since_trimmed = 0
            self._backend.trim_memory()

    def close(self) -> None:
        """Close the clients."""
        self._pool.close()

    def _insert_rows(self, tables: Sequence[RowBatch], token: str) -> None:
        """Insert rows that Python made. No refusal is the bytes' fault, and some tables may have theirs: only the same token is safe then."""
        try:
            with self._backend.inserting(), self._pool.client(_WAIT_S) as client:
                for table in tables:
                    self._write_rows(client, table, token)
        except FAULTS as raised:
            error = readable(raised)
            if isinstance(error, ClickHouseError) and error.code in OUT_OF_MEMORY:
                self._backend.trim_memory()
            raise refused_insert(error) from error

    def _insert(self, signal: Signal, body: bytes, token: str, *, is_plain: bool) -> None:
        with self._inserting(body):
            self._write(signal, body, token, is_plain=is_plain)

    @contextmanager
    def _inserting(self, body: bytes | bytearray) -> Iterator[None]:
        """Let an insert of bytes run, and say what its errors mean."""
        try:
            with self._backend.inserting():
                yield
        except FAULTS as raised:
            error = readable(raised)
            if isinstance(error, ClickHouseError) and error.code == _TOO_MANY_PARTS and _OF_ONE_INSERT in str(error):
                raise _TooSpread(clean(str(error))) from error
            if not (isinstance(error, ClickHouseError) and error.code in OUT_OF_MEMORY):
                raise classify_insert(error) from error
            self._backend.trim_memory()
            raise _out_of_memory(body, error) from error

    def _write(self, signal: Signal, body: bytes, token: str, *, is_plain: bool) -> None:
        scopes = scopes_of(body) if is_plain else None
        if scopes is None or not self._took_short_way(scopes, token):
            self._send(DOORS[signal], signal, memoryview(body), token)

    def _took_short_way(self, scopes: BlockBody, token: str) -> bool:
        """Insert spans by the short way; False where the reader does not take them there, and then nothing of them is in."""
        try:
            self._send(SHORT, Signal.TRACES, scopes, token)
        except FAULTS as raised:
            if not is_unread(readable(raised)):
                raise
            return False
        return True

    def _send(self, door: Door, signal: Signal, body: memoryview | BlockBody, token: str) -> None:
        """Insert a request. As a view its bytes go out as they are: before those of a `bytes` object the library puts the statement, in a copy.

        It sends a body once. A server may close a connection that it kept at that very moment, so a second time is ours; the token makes it safe.
        """
        with self._pool.client(_WAIT_S) as client:
            for is_last in (False, True):
                try:
                    client.raw_insert(
                        f"`{self._database}`.{door.table}",
                        insert_block=body,  # type: ignore[arg-type]  # its types leave out what it takes
                        fmt=door.form,
                        settings={
                            **_SETTINGS,
                            **dict(door.settings),
                            **self._backend.wire_form(signal),
                            "format_schema_message_name": door.message,
                            "insert_deduplication_token": token,
                        },
                        transport_settings={"Content-Length": str(body.size)} if isinstance(body, BlockBody) else None,
                    )
                except OperationalError as error:
                    if is_last or not was_hung_up(error):
                        raise
                else:
                    return

    def _write_rows(self, client: Client, table: RowBatch, token: str) -> None:
        client.raw_insert(
            f"`{self._database}`.{table.layout.table}",
            column_names=table.layout.names,
            insert_block=table.layout.encoded(table.rows),
            fmt="RowBinary",
            settings={**_DIRECT_SETTINGS, "insert_deduplication_token": token},
        )


def _is_plain(signal: Signal, payload: bytes | bytearray) -> bool:
    """Whether these are spans of which none can be an agent's."""
    return signal is Signal.TRACES and not mentions_agents(payload)


class _TooSpread(Refused):
    """Items on more days than one insert takes: refused before the first row is written."""


def _out_of_memory(body: bytes | bytearray, error: Exception) -> Exception:
    """Return whose fault it is: the item's own if it is larger than a portion may be, else the moment's."""
    if len(body) > PART_BYTES:
        return Rejected(f"one item of {len(body)} bytes needs more memory than the database has")
    return classify_insert(error)
