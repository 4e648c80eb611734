"""A session costs live what it costs once it was worked out: one rule, one list of prices."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hookline_collector.sessions import LiveSessions
from hookline_collector.sessions.rebuild import stored_observations
from hookline_collector.store import Store
from hookline_collector.work import load_prices, publish
from hookline_collector.work.prices import request_pricer
from hookline_collector.worked_out import WorkedStore
from support.agent_records import T0, S, event, send
from support.stores import derived_store as store

__all__ = ["store"]
NOW_NS = T0 + 1_000 * S
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("gpt-5.6-terra", {"uncached_input_tokens": 1_000}),
    ("gpt-5.6-terra", {"uncached_input_tokens": 300_000}),
    ("us.anthropic.claude-opus-4-1-v1:0", {"uncached_input_tokens": 1_000, "cache_creation_1h": 20_000}),
    ("a-model-of-mine", {"uncached_input_tokens": 1_000}),
]


def test_the_cost_of_a_live_session_is_the_one_that_is_worked_out(store: Store) -> None:
    """Bands of prompt size, tokens written into the cache for an hour and clouds' names of models included."""
    sessions = {"several": REQUESTS, "one": REQUESTS[:1], "none that the list knows": REQUESTS[3:]}
    told = [
        event(
            "hookline.usage",
            n,
            session,
            gen_ai__response__id=f"{session}-{n}",
            gen_ai__request__model=model,
            gen_ai__usage__output_tokens=2_000,
            gen_ai__usage__cache_read__input_tokens=500,
            gen_ai__usage__cache_creation__input_tokens=counts.get("cache_creation_1h", 0) + 100,
            hookline__usage__uncached_input_tokens=counts["uncached_input_tokens"],
            hookline__usage__cache_creation_1h=counts.get("cache_creation_1h", 0),
        )
        for session, requests in sessions.items()
        for n, (model, counts) in enumerate(requests, 1)
    ]
    send(store, told)
    publish(load_prices(None), store.query, store.command)
    assert WorkedStore(store).catch_up(NOW_NS)
    live = LiveSessions(100_000, 300.0, lambda: NOW_NS, price=request_pricer(None))
    live.add(stored_observations(store.query, datetime.fromtimestamp(NOW_NS / 1e9, UTC), 30, 100_000))
    shown = {view.session_id: view.cost_usd for view in live.snapshot()}
    worked = dict(store.query("SELECT session_id, cost_usd FROM worked_sessions FINAL").rows)
    assert [session for session, cost in worked.items() if cost is None] == ["none that the list knows"]
    assert {session: shown[session] for session in sessions} == pytest.approx(worked, abs=1e-6)
