"""What clickhouse-connect asks when it connects: which settings there are, and which of them may be chosen. It sends no others.

In a read-only session the engine calls every setting read-only, so the statement is given the endpoint's own answer to that column.
"""

from __future__ import annotations

from hookline_collector.store.asked_settings import FREE_PREFIXES, NAMED, NEVER_FREE

_ASKED = "SELECT name, value, readonly FROM system.settings"


def told_settings(formatted: str) -> str:
    """Return what to run for a formatted statement: itself, unless it is that question."""
    words = " ".join(formatted.split())
    if not words.startswith(_ASKED):
        return formatted
    return formatted.replace("readonly", f"{_CANNOT_BE_CHOSEN} AS readonly", 1)


def _can_be_chosen() -> str:
    names = ", ".join(f"'{name}'" for name in sorted(NAMED))
    prefixes = " OR ".join(f"startsWith(name, '{prefix}')" for prefix in FREE_PREFIXES)
    never = ", ".join(f"'{name}'" for name in sorted(NEVER_FREE))
    return f"(name IN ({names}) OR (({prefixes}) AND name NOT IN ({never})))"


_CANNOT_BE_CHOSEN = f"toUInt8(NOT {_can_be_chosen()})"
