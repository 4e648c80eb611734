"""A person's statement answered in ClickHouse's own formats, as it comes: what the ClickHouse endpoint asks.

1. `judge` has the gate look at the statement, and the settings table at what was chosen for it (by parameters, and by SETTINGS clauses at its end).
2. `open` begins the statement in a session of its own, which is read-only, bounded and knows nothing of others. Statements that the engine can
   stream come block by block, in formats that can be joined (`stream_formats`); everything else comes whole, within `query_max_result_bytes`.
3. `cancel` ends a statement from outside, whatever it is doing. Each carries a mark that only its owner knows.

All calls block. Only the embedded engine has such sessions: a ClickHouse server has an interface of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from clickhouse_connect.driver.client import Client

from hookline.settings import schema
from hookline_collector.store.asked_settings import EXPRESSIONS, chosen_settings
from hookline_collector.store.backends import Embedded, Pool
from hookline_collector.store.embedded.engine import memory_bytes
from hookline_collector.store.embedded.engine_session import EngineSession, WholeAnswer
from hookline_collector.store.rows import Rows
from hookline_collector.store.statement_fault import telling_faults
from hookline_collector.store.statement_gate import StatementGate
from hookline_collector.store.statement_guard import cut_settings, literals
from hookline_collector.store.stream_formats import StreamForm, stream_form

_WAIT_S = 10.0
_STREAMED = ("SELECT", "WITH", "(")
_KILL = "KILL QUERY WHERE Settings['log_comment'] = {mark:String} ASYNC"
_KNOWN_SETTING = "SELECT count() FROM system.settings WHERE name = {name:String}"
_EMPTY = "SELECT * FROM ({sql}) LIMIT 0"
SLICE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class JudgedStatement:
    """A statement that may run: its text, the format that it names itself, and the settings that its session gets."""

    sql: str
    form: str | None
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PeopleStreams:
    """Answers in ClickHouse's formats, from sessions of the embedded engine."""

    backend: Embedded
    store: schema.StoreSettings
    max_rows: int
    gate: StatementGate
    clients: Pool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "clients", Pool(self.backend, 2, self.store.database, {"max_execution_time": "30"}))

    def formatted(self, sql: str) -> str:
        """Return a statement as the engine writes it. Raises StatementFault for what is none."""
        with telling_faults(), self.clients.client(_WAIT_S) as client:
            return self.gate.formatted(client, sql)

    def judge(self, formatted: str, asked: Mapping[str, str]) -> JudgedStatement:
        """Judge a formatted statement, and the settings asked for beside it; those in the statement come last. Raises StatementFault."""
        cut = cut_settings(formatted)
        with telling_faults(), self.clients.client(_WAIT_S) as client:
            statement = self.gate.judged(client, cut.sql)
            settings = self._settings(client, dict(asked) | cut.settings)
        return JudgedStatement(statement.sql, statement.form, settings)

    def check_settings(self, asked: Mapping[str, str]) -> None:
        """Raise StatementFault where one of these cannot be chosen."""
        with telling_faults(), self.clients.client(_WAIT_S) as client:
            self._settings(client, asked)

    def open(self, statement: JudgedStatement, form: str, parameters: Mapping[str, str], mark: str) -> AnswerStream:
        """Begin a statement, which `cancel` ends by its mark. Raises StatementFault."""
        known = stream_form(form) if statement.sql.startswith(_STREAMED) else None
        settings = dict(statement.settings) if known else _within(statement.settings, "max_result_bytes", self.store.query_max_result_bytes)
        session = EngineSession(self.backend.open_handle())
        try:
            session.prepare(self.store.database, {**settings, "log_comment": mark, "allow_ddl": "0", "readonly": "1"})
        except BaseException:
            session.close()
            raise
        return AnswerStream(session, statement.sql, form, known, parameters)

    def cancel(self, mark: str) -> None:
        """End the statement that carries this mark, if there is one."""
        with telling_faults(), self.clients.client(_WAIT_S) as client:
            client.raw_query(_KILL, parameters={"mark": mark}, fmt="Null")

    def facts(self) -> tuple[str, str]:
        """Return the engine's version and time zone."""
        with telling_faults(), self.clients.client(_WAIT_S) as client:
            version, timezone = Rows.parse(client.raw_query("SELECT version(), timezone()", fmt="JSONCompact")).rows[0]
        return str(version), str(timezone)

    def close(self) -> None:
        """Close the sessions that judge."""
        self.clients.close()

    def _settings(self, client: Client, asked: Mapping[str, str]) -> dict[str, str]:
        """Return what a session gets: its limits, and what was asked for within them."""
        limits = self._limits()
        chosen = chosen_settings(
            asked, limits, lambda name: bool(client.raw_query(_KNOWN_SETTING, parameters={"name": name}, fmt="TSV").strip(b"0\n"))
        )
        for name in EXPRESSIONS & chosen.keys():
            for expression in literals(chosen[name]) if name == "additional_table_filters" else [chosen[name]]:
                self.gate.admitted(client, f"SELECT ({expression}\n)")
        return limits | chosen

    def _limits(self) -> dict[str, str]:
        store = self.store
        memory = min(store.query_max_memory_bytes, memory_bytes(store) // 2)
        return {
            "max_execution_time": f"{store.query_max_s:g}",
            "max_memory_usage": str(memory),
            "max_bytes_before_external_group_by": str(memory // 2),
            "max_bytes_before_external_sort": str(memory // 2),
            "max_result_rows": str(self.max_rows),
            "max_threads": str(store.max_threads),
            "max_block_size": "65409",
            "allow_introspection_functions": "0",
            "log_queries": "0",
        }


class AnswerStream:
    """The answer to one statement, piece by piece. Calls block and come one after the other."""

    def __init__(self, session: EngineSession, sql: str, form: str, known: StreamForm | None, parameters: Mapping[str, str]) -> None:
        self._session = session
        self._sql = sql
        self._form = form
        self._known = known
        self._parameters = parameters
        self._pieces = self._begin()
        self.whole: WholeAnswer | None = None

    def next(self) -> bytes | None:
        """Return the next piece, None at the end. Raises StatementFault."""
        return next(self._pieces, None)

    def close(self) -> None:
        """End it and its session."""
        self._pieces.close()  # type: ignore[attr-defined]  # it is a generator
        self._session.close()

    def _begin(self) -> Iterator[bytes]:
        return self._joined(self._known) if self._known is not None else self._in_one(self._sql)

    def _in_one(self, sql: str) -> Iterator[bytes]:
        self.whole = self._session.whole(sql, self._form, self._parameters)
        yield from _slices(self.whole.body)

    def _joined(self, known: StreamForm) -> Iterator[bytes]:
        is_first = True
        for block in self._session.stream(self._sql, self._form, self._parameters):
            yield from _slices(block if is_first else known.without_head(block))
            is_first = False
        if is_first and known.has_head:
            yield from self._in_one(_EMPTY.format(sql=self._sql))


def _within(settings: Mapping[str, str], name: str, limit: int) -> dict[str, str]:
    """Return the settings with one more limit, unless theirs is narrower."""
    asked = int(float(settings.get(name, "0")))
    return {**settings, name: str(asked if 0 < asked < limit else limit)}


def _slices(body: bytes) -> Iterator[bytes]:
    for at in range(0, len(body), SLICE_BYTES):
        yield body[at : at + SLICE_BYTES]
