"""Captured sessions as spool files, and relays to read them.

captures   the real client's hook payloads, as often as wanted under other session ids
runs       a relay in a thread or as a process of its own
"""

from support.relaying.captures import SCENARIOS, Captured, captured, copies, fill
from support.relaying.runs import RelayProcess, RelayThread, settings_for, wait_until

__all__ = ["SCENARIOS", "Captured", "RelayProcess", "RelayThread", "captured", "copies", "fill", "settings_for", "wait_until"]
