"""A store whose changes fail when a test says so."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from hookline.errors import Refused
from hookline_collector.store import Store


class Frail:
    """A store that fails at its next `after` changes but one, before the change or behind it."""

    def __init__(self, store: Store, *, is_done: bool = False) -> None:
        self.query = store.query
        self._store = store
        self._is_done = is_done
        self.after = 0

    def write(self, table: str, lines: bytes) -> None:
        """Write, or fail once."""
        with self._failing():
            self._store.write(table, lines)

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Change, or fail once."""
        with self._failing():
            self._store.command(sql, parameters)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        self.after -= 1
        if self.after == 0 and not self._is_done:
            raise Refused("cut off")
        yield
        if self.after == 0:
            raise Refused("cut off")
