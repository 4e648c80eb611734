"""One session of the embedded engine for one statement, below the client library: answers as they come, in any format.

A session costs a millisecond, so each statement gets one of its own. Nothing of one person's statement (its settings, its database, what a failed
one had already written) can then reach another's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hookline_collector.store.statement_fault import telling_faults


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """A whole answer and what it took."""

    body: bytes
    rows: int
    read_rows: int
    read_bytes: int
    elapsed_s: float


class EngineSession:
    """A handle of the engine. Calls block and come one after the other. Errors are StatementFault."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._stream: Any = None

    def prepare(self, database: str, settings: Mapping[str, str]) -> None:
        """Set everything that the statement runs under; nothing can be set after `readonly`, so it comes last."""
        with telling_faults():
            self._handle.query("SET " + ", ".join(f"`{name}` = {quoted(value)}" for name, value in settings.items()))
            self._handle.query(f"USE `{database}`")

    def whole(self, sql: str, form: str, parameters: Mapping[str, str]) -> WholeAnswer:
        """Return the whole answer in one piece."""
        with telling_faults():
            found = self._handle.query(sql, form, params=dict(parameters))
            return WholeAnswer(
                found.bytes() or b"", found.rows_read(), found.storage_rows_read(), found.storage_bytes_read(), float(found.elapsed() or 0)
            )

    def stream(self, sql: str, form: str, parameters: Mapping[str, str]) -> Iterator[bytes]:
        """Yield the answer block by block; each block is written as if it were the whole answer."""
        with telling_faults():
            self._stream = self._handle.send_query(sql, form, params=dict(parameters))
            while (block := self._stream.fetch()) is not None:
                yield block.bytes() or b""
            self._stream = None

    def close(self) -> None:
        """End the statement, if it still runs, and the session."""
        with telling_faults():
            if self._stream is not None:
                self._stream.close()
            self._handle.close()


def quoted(value: str) -> str:
    """Return a text as a literal of the engine."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
