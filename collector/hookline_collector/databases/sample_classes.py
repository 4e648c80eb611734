"""The class of what a session does or waits for, as `store/schema/sql/fragments/wait_class.sql` has it: for answers that read samples as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_BY_EVENT: Final = {"PgSleep": "sleep", "VacuumDelay": "sleep", "SyncRep": "replication"}
_BY_TYPE: Final = {"LWLock": "lwlock", "Client": "client", "": "cpu"}


def class_of(row: Mapping[str, Any]) -> str:
    """Return the class of a row: as it was told or worked out, else by the name of PostgreSQL's wait."""
    return row["wait_class"] or class_of_wait(row["state"], row["wait_type"], row["wait_event"])


def class_of_wait(state: str, wait_type: str, wait_event: str) -> str:
    """Return the class of a wait of which the agent told none."""
    if state.startswith("idle in transaction"):
        return "idle_in_transaction"
    if wait_type == "Lock":
        return "lock"
    if found := _BY_EVENT.get(wait_event):
        return found
    if wait_event.startswith("BufFile"):
        return "temp"
    if wait_event.startswith("WAL"):
        return "wal"
    return "io" if wait_type == "IO" or wait_event == "BufferIO" else _BY_TYPE.get(wait_type, "other")
