"""The one gate for people's statements: the engine's formatter writes a statement anew, the guard judges that text, and that text runs.

The query API, rules in SQL and the ClickHouse endpoint all come through here.
"""

from __future__ import annotations

from clickhouse_connect.driver.client import Client

from hookline.errors import Rejected
from hookline_collector.store.rows import Rows
from hookline_collector.store.statement_guard import AdmittedStatement, EngineCatalog, admit

_FORMATTED = "SELECT formatQuery({statement:String})"
_DATABASES = "SELECT name FROM system.databases"
_TABLE_FUNCTIONS = "SELECT lower(name) FROM system.table_functions"


class StatementGate:
    """Judges statements, with a client whose session runs nothing but our own."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._table_functions: frozenset[str] | None = None

    def admitted(self, client: Client, sql: str) -> AdmittedStatement:
        """Return the statement as it may run. Raises Rejected, and what the engine raises for what is no statement."""
        return self.judged(client, self.formatted(client, sql))

    def formatted(self, client: Client, sql: str) -> str:
        """Return the statement as the engine writes it: a second one is an error, and comments are gone."""
        if not is_unicode(sql):
            raise Rejected("The statement holds half a character (a lone surrogate): write it as UTF-8.")
        text: str = Rows.parse(client.raw_query(_FORMATTED, parameters={"statement": sql}, fmt="JSONCompact")).scalar()
        return text

    def judged(self, client: Client, formatted: str) -> AdmittedStatement:
        """Judge what the formatter wrote. Raises Rejected with what is wrong."""
        if self._table_functions is None:
            self._table_functions = _names(client, _TABLE_FUNCTIONS)
        return admit(formatted, EngineCatalog(self._database, _names(client, _DATABASES), self._table_functions))


def is_unicode(text: str) -> bool:
    """Whether a text can be written as UTF-8: JSON can hold half a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _names(client: Client, sql: str) -> frozenset[str]:
    return frozenset(name for (name,) in Rows.parse(client.raw_query(sql, fmt="JSONCompact")))
