"""Whether anything ever arrived is known for as long as anything of it is kept."""

from __future__ import annotations

from hookline_collector.store import Store
from hookline_collector.store.queries import load_query
from hookline_collector.worked_out.worked_store import WorkedStore
from support.agent_records import T0, S, send, turn
from support.stores import emptied_store as store

__all__ = ["store"]


def has_any(store: Store) -> bool:
    """Ask as the first page does."""
    return bool(store.query(load_query("hookline_collector.api", "any_data")).rows)


def test_work_whose_spans_are_gone_has_arrived_all_the_same(store: Store) -> None:
    """Spans of history that is older than their retention are dropped soon after it was read; the page then said that nothing had arrived yet."""
    assert not has_any(store)
    send(store, [turn(0, 60)])
    assert has_any(store)
    WorkedStore(store).catch_up(T0 + 3600 * S)
    store.command("TRUNCATE TABLE otel_traces")
    assert has_any(store)
