"""The file `notification.db`: SQLite, since a decision, its message and the group it leaves must be written together or not at all.

One thread works with it, and another may close it meanwhile: that waits until the work is done. A transaction is on the disk when `write` returns
(`synchronous=FULL`), so neither `kill -9` nor a power cut parts what belongs together. A file that SQLite finds damaged is set aside and a new
one begun: alerts that still fire are sent again by their rules.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from hookline.errors import Refused
from hookline.system.files import create_private
from hookline_collector.alerts.alert import Alert, alert_from_object, alert_to_object
from hookline_collector.notification.deciding.alert_message import message_from_object, message_to_object
from hookline_collector.notification.deciding.silence import Acknowledgement, Silence
from hookline_collector.notification.keeping.kept import Kept, KeptChanges, LoggedDelivery, group_from_object, group_to_object
from hookline_collector.notification.plan.label_matchers import in_braces, parse_matchers

MAX_CHANGES = 20_000
MAX_LOGGED = 10_000
TRIM_EVERY = 100
BUSY_S = 5.0
NO_DAMAGE = (sqlite3.OperationalError, sqlite3.ProgrammingError, sqlite3.InterfaceError)
log = logging.getLogger(__name__)


class NotificationStore:
    """What notification keeps. Every method blocks."""

    def __init__(self, path: Path, busy_s: float = BUSY_S) -> None:
        """`busy_s` is how long a transaction waits for a program that holds the file."""
        self._path = path
        self._busy_s = busy_s
        self._connection: sqlite3.Connection | None = None
        self._in_use = threading.RLock()
        self._written = 0

    def open(self) -> Kept:
        """Open the file, made where there is none, and return what it holds."""
        with self._in_use:
            self.close()
            try:
                return self._opened()
            except (sqlite3.DatabaseError, KeyError, TypeError, ValueError) as why:
                self.close()
                if isinstance(why, NO_DAMAGE):
                    raise Refused(f"cannot open {self._path}: {why}", 30.0) from why
                aside = self._set_aside()
                log.error("%s is damaged (%s): set aside as %s, and begun anew", self._path, why, aside.name)
                return self._opened()

    def close(self) -> None:
        """Close the file."""
        with self._in_use:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def write(self, changes: KeptChanges) -> None:
        """Write all of it, durably. Raises Refused, and then nothing of it is written."""
        with self._in_use:
            connection = self._open_connection()
            try:
                with connection:  # commits, or rolls back
                    connection.execute("BEGIN IMMEDIATE")
                    for name, rows in _statements(changes):
                        connection.executemany(statement(name), rows)
            except sqlite3.Error as why:
                raise Refused(f"cannot write {self._path}: {why}") from why
            self._written += 1
            if self._written % TRIM_EVERY == 0:
                self._trim()

    def deliveries(self, target: str, most: int) -> tuple[LoggedDelivery, ...]:
        """Return the newest entries of the log, the newest first."""
        with self._in_use:
            rows = self._open_connection().execute(statement("deliveries"), {"target": target, "most": most})
            return tuple(LoggedDelivery(*row) for row in rows)

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            self.open()
        assert self._connection is not None  # noqa: S101 - `open` sets it or raises
        return self._connection

    def _opened(self) -> Kept:
        create_private(self._path, b"")
        self._connection = connection = sqlite3.connect(self._path, timeout=self._busy_s, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if (said := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(said)
        connection.executescript(statement("schema"))
        return self._read(connection)

    def _read(self, connection: sqlite3.Connection) -> Kept:
        def rows(name: str, **values: Any) -> Iterable[Any]:
            return connection.execute(statement(name), values)

        members: dict[str, dict[str, Alert]] = {}
        for key, fingerprint, alert in rows("members"):
            members.setdefault(key, {})[fingerprint] = alert_from_object(json.loads(alert))
        return Kept(
            groups=tuple(group_from_object(json.loads(state), members.get(key, {})) for key, state in rows("groups")),
            queue=tuple((message_from_object(json.loads(message)), attempts) for message, attempts in rows("queue")),
            taken=tuple(known for (known,) in rows("changes", most=MAX_CHANGES))[::-1],
            silences=tuple(Silence(known, parse_matchers(matchers), *rest) for known, matchers, *rest in rows("silences")),
            acknowledged=tuple(Acknowledgement(*row) for row in rows("acknowledgements")),
        )

    def _set_aside(self) -> Path:
        """Rename the damaged file, over an older one."""
        aside = self._path.with_name(f"{self._path.name}.damaged")
        self._path.rename(aside)
        for ending in ("-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        return aside

    def _trim(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # it is tried again
            connection = self._open_connection()
            connection.execute(statement("trim_deliveries"), {"most": MAX_LOGGED})
            connection.execute(statement("trim_changes"), {"most": MAX_CHANGES})


@cache
def statement(name: str) -> str:
    """Return a statement by its name."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text()


def _statements(changes: KeptChanges) -> Iterable[tuple[str, Iterable[Mapping[str, Any]]]]:
    """Yield statements with their rows, in the order in which they are written."""
    yield "note_change", ({"id": known} for known in changes.taken)
    yield "save_group", ({"key": group.key, "state": json.dumps(group_to_object(group))} for group in changes.groups)
    yield "remove_group", ({"key": key} for key in changes.groups_over)
    yield "remove_members", ({"key": key} for key in changes.groups_over)
    yield "save_member", ({"key": key, "fingerprint": each.fingerprint, "alert": json.dumps(alert_to_object(each))} for key, each in changes.members)
    yield "remove_member", ({"key": key, "fingerprint": known} for key, known in changes.members_over)
    yield "enqueue", ({"id": message.id, "message": json.dumps(message_to_object(message))} for message in changes.queued)
    yield "note_attempt", ({"id": known, "attempts": count} for known, count in changes.attempts.items())
    yield "dequeue", ({"id": known} for known in changes.done)
    yield "log_delivery", ({name: getattr(entry, name) for name in LoggedDelivery.__dataclass_fields__} for entry in changes.logged)
    yield "save_silence", (_silence(silence) for silence in changes.silences)
    yield "remove_silence", ({"id": known} for known in changes.silences_over)
    yield "save_acknowledgement", ({name: getattr(each, name) for name in Acknowledgement.__dataclass_fields__} for each in changes.acknowledged)
    yield "remove_acknowledgement", ({"fingerprint": known} for known in changes.acknowledged_over)


def _silence(silence: Silence) -> Mapping[str, Any]:
    return {name: getattr(silence, name) for name in Silence.__dataclass_fields__} | {"matchers": in_braces(silence.matchers)}
