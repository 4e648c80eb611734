"""Calls whose commands' costs are known stand in a table of their own, and follow those that were worked out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from hookline.settings.schema import StoreSettings
from hookline_collector.store import Store
from hookline_collector.store.schema.migrations import migrations, placeholders
from support.stores import derived_store

__all__ = ["derived_store"]

SHOWN = (
    "user, day, session_id, call_id, agent, project, tool, tool_kind, requested_ns, started_ns, ended_ns, run_s, process_cpu_s, process_cpu_shared"
)


def test_the_commands_are_those_of_the_calls(derived_store: Store) -> None:
    """One that costs more than was known, one that is taken away, one that moves to another day, and one of which no cost is known.

    So are those that a store of before is given.
    """
    first = [_call("more", 1.0), _call("gone", 2.0), _call("moved", 3.0), _call("unknown", None)]
    second = [_call("more", 1.5), _call("gone", None, gone=1), _call("moved", None, gone=1), _call("moved", 3.0, day=20_001)]
    for version, calls in enumerate((first, second), 1):
        derived_store.write("worked_calls", b"\n".join(orjson.dumps({**call, "version": version}) for call in calls))
    found = _commands(derived_store)
    of_calls = f"SELECT {SHOWN} FROM worked_calls FINAL WHERE user = 'commands' AND process_cpu_s IS NOT NULL ORDER BY call_id"
    assert found == derived_store.query(of_calls).rows
    assert [(row[3], row[1], row[-2]) for row in found] == [("more", "2024-10-04", 1.5), ("moved", "2024-10-05", 3.0)]
    derived_store.command("TRUNCATE TABLE worked_commands")
    [migration] = [each for each in migrations() if each.name == "0105_commands"]
    derived_store.command(migration.statements(placeholders(StoreSettings(database=derived_store.database)))[-1])
    assert _commands(derived_store) == found


def _commands(store: Store) -> Sequence[tuple[Any, ...]]:
    return store.query(f"SELECT {SHOWN} FROM worked_commands FINAL WHERE user = 'commands' ORDER BY call_id").rows


def _call(call_id: str, cost: float | None, day: int = 20_000, gone: int = 0) -> dict[str, object]:
    return {"user": "commands", "day": day, "session_id": "s", "call_id": call_id, "tool": "Bash", "run_s": 4.0, "process_cpu_s": cost, "gone": gone}
