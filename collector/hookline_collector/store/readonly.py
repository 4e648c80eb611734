"""People's statements: a session of their own, read-only and limited, on statements that the gate let pass.

The limits are the session's, set before it becomes read-only, so a statement cannot change them (`SETTINGS` in it fails). Rows past
the limit are left out and the answer says so; the other limits end the statement with an error.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error as ClickHouseError

from hookline.errors import HooklineError, Rejected
from hookline.settings import schema
from hookline_collector.store.backends import Backend, Pool
from hookline_collector.store.embedded.engine import memory_bytes
from hookline_collector.store.faults import FAULTS, OUT_OF_MEMORY, classify, clean, is_short_of_memory, readable
from hookline_collector.store.memory_patience import patiently
from hookline_collector.store.rows import JSON_SETTINGS, Rows
from hookline_collector.store.statement_gate import StatementGate
from hookline_collector.store.statement_guard import AdmittedStatement

Parameters = Mapping[str, Any]
_WAIT_S = 10.0
_TIMED_OUT, _TOO_MUCH = {159, 160}, {396}


@dataclass(frozen=True, slots=True)
class FormattedResult:
    """The engine's own bytes in the format asked for."""

    body: bytes
    form: str


class ReadOnlyQueries:
    """Answers people's statements."""

    def __init__(self, backend: Backend, store: schema.StoreSettings, gate: StatementGate) -> None:
        self._store = store
        self._pool = Pool(backend, store.max_concurrent_queries, store.database, session_settings(store))
        self._gate = gate

    def query(self, sql: str, parameters: Parameters | None = None) -> Rows:
        """Answer with rows ready for JSON. Raises Rejected with what is wrong, Refused when too many run or memory is short."""
        return patiently(lambda: self._query(sql, parameters))

    def _query(self, sql: str, parameters: Parameters | None) -> Rows:
        with self._client() as client:
            return self._rows(client, self._gate.admitted(client, sql), parameters)

    def answer_ours(self, sql: str, parameters: Parameters | None = None) -> Rows:
        """Answer a statement of ours that a person asks, within the same limits: its text is known, so that the gate need not judge it."""
        return patiently(lambda: self._answer_ours(sql, parameters))

    def _answer_ours(self, sql: str, parameters: Parameters | None) -> Rows:
        with self._client() as client:
            return self._rows(client, AdmittedStatement(sql), parameters)

    def answer(self, sql: str, form: str, parameters: Parameters | None = None) -> FormattedResult:
        """Answer with bytes in the format that the statement's FORMAT clause names, else in `form`."""
        return patiently(lambda: self._answer(sql, form, parameters))

    def _answer(self, sql: str, form: str, parameters: Parameters | None) -> FormattedResult:
        with self._client() as client:
            question = self._gate.admitted(client, sql)
            chosen = question.form or form
            return FormattedResult(self._run(client, question, chosen, parameters), chosen)

    def close(self) -> None:
        """Close the sessions."""
        self._pool.close()

    def _rows(self, client: Client, question: AdmittedStatement, parameters: Parameters | None) -> Rows:
        rows = Rows.parse(self._run(client, question, "JSONCompact", parameters))
        return rows if len(rows) <= self._store.query_max_rows else replace(rows, rows=rows.rows[: self._store.query_max_rows], truncated=True)

    def _run(self, client: Client, question: AdmittedStatement, form: str, parameters: Parameters | None) -> bytes:
        body: bytes = client.raw_query(question.sql, parameters=dict(parameters) if parameters else None, fmt=form)
        if len(body) > self._store.query_max_result_bytes:
            raise Rejected(f"The answer has {len(body)} bytes, more than store.query_max_result_bytes allows ({self._store.query_max_result_bytes}).")
        return body

    @contextmanager
    def _client(self) -> Iterator[Client]:
        try:
            with self._pool.client(_WAIT_S) as client:
                yield client
        except FAULTS as error:
            raise self._explain(readable(error)) from error

    def _explain(self, error: Exception) -> HooklineError:
        code = error.code if isinstance(error, ClickHouseError) else None
        if code in _TIMED_OUT:
            return Rejected(f"The query ran longer than {self._store.query_max_s:g} s (store.query_max_s); narrow it by time.")
        if is_short_of_memory(error):
            return classify(error)
        if code in OUT_OF_MEMORY:
            return Rejected(f"The query needs more memory than store.query_max_memory_bytes allows: {clean(str(error))}")
        if code in _TOO_MUCH:
            return Rejected(f"The answer is larger than store.query_max_result_bytes allows: {clean(str(error))}")
        return Rejected(clean(str(error))) if code is not None else classify(error)


def session_settings(store: schema.StoreSettings) -> dict[str, str]:
    """Return the settings of a person's session, in the order in which they are to be set."""
    memory = store.query_max_memory_bytes if store.url else min(store.query_max_memory_bytes, memory_bytes(store) // 2)
    return {
        **JSON_SETTINGS,
        "max_execution_time": f"{store.query_max_s:g}",
        "max_memory_usage": str(memory),
        "max_bytes_before_external_group_by": str(memory // 2),
        "max_bytes_before_external_sort": str(memory // 2),
        "limit": str(store.query_max_rows + 1),
        "max_result_bytes": str(store.query_max_result_bytes),
        "result_overflow_mode": "throw",
        "max_threads": str(store.max_threads),
        "allow_introspection_functions": "0",
        "allow_ddl": "0",
        "readonly": "1",
    }
