"""What a session of PostgreSQL does, as one of a few classes, from its state and the event it waits for."""

from __future__ import annotations

from typing import Final

from hookline.contract.databases import WaitClass

_BY_TYPE: Final = {
    "": WaitClass.CPU,
    "IO": WaitClass.IO,
    "Lock": WaitClass.LOCK,
    "LWLock": WaitClass.LWLOCK,
    "LWLockNamed": WaitClass.LWLOCK,
    "BufferPin": WaitClass.LWLOCK,
    "Buffer": WaitClass.LWLOCK,
    "Client": WaitClass.CLIENT,
}
_SLEEPS: Final = frozenset({"PgSleep", "VacuumDelay", "VacuumTruncate", "CheckpointWriteDelay", "RecoveryApplyDelay", "BaseBackupThrottle"})
_BY_EVENT: Final = {
    ("IPC", "BufferIO"): WaitClass.IO,
    ("IPC", "BufferIo"): WaitClass.IO,
    ("IPC", "DataFileRead"): WaitClass.IO,
    ("IPC", "AioIoCompletion"): WaitClass.IO,
    ("IPC", "SyncRep"): WaitClass.REPLICATION,
    ("Timeout", "SpinDelay"): WaitClass.LWLOCK,
    ("Client", "WalSenderWaitForWal"): WaitClass.SLEEP,  # of a logical subscriber that has all there is: there is nothing to send
    ("Client", "WalSenderWaitForWAL"): WaitClass.SLEEP,
}


def wait_class(state: str, wait_type: str, wait_event: str) -> WaitClass:
    """Return the class; an unknown event is `other`."""
    if state.startswith("idle in transaction"):
        return WaitClass.IDLE_IN_TRANSACTION
    if wait_type == "IO" and wait_event.startswith("BufFile"):
        return WaitClass.TEMP
    if wait_type in {"IO", "LWLock"} and wait_event.startswith("WAL"):
        return WaitClass.WAL
    if wait_type == "Timeout" and wait_event in _SLEEPS:
        return WaitClass.SLEEP
    return _BY_EVENT.get((wait_type, wait_event)) or _BY_TYPE.get(wait_type, WaitClass.OTHER)
