"""Usage windows are made of hours of requests, and are those of each request by itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

import pytest

from hookline_collector.store import Rows, Store
from hookline_collector.work import usage_windows
from hookline_collector.work.statements import statement
from hookline_collector.work.windows import HOUR_NS, WINDOW_NS, LimitReading, ModelRequest, windows
from hookline_collector.worked_out.worked_reading import instead
from support.stores import emptied

DAY_NS = 24 * HOUR_NS
NOW = 20_700 * DAY_NS + 17 * HOUR_NS + 1
BEGIN = NOW - NOW % DAY_NS - 2 * DAY_NS


@pytest.mark.parametrize("seed", range(5))
def test_hours_make_the_windows_that_single_requests_make(seed: int) -> None:
    """Also of requests at the very hour, at a reset, beside a reset that is no full hour, in silences, and of the last hour."""
    chance, store = Random(seed), emptied()
    resets = [BEGIN + n * 7 * HOUR_NS + chance.choice([0, 0, 61 * 10**9]) for n in range(chance.randrange(5))]
    moments = [BEGIN, *resets, *(reset - WINDOW_NS for reset in resets), NOW - HOUR_NS]
    requests = sorted(request(chance, chance.choice(moments)) for _ in range(60))
    insert(store, requests)

    def ask(sql: str, parameters: Mapping[str, Any]) -> Rows:
        if sql == statement("limits"):
            return Rows(("payer", "resets_at_s", "used_percent", "course"), ("",) * 4, tuple(("ann", at // 10**9, 50.0, ()) for at in resets))
        return store.query(instead()[sql], parameters)

    found = usage_windows(ask, NOW, 3)
    assert usage_windows(ask, NOW, 3, running=True) == tuple(each for each in found if each.is_active)
    expected = windows(requests, [LimitReading(at, 50.0) for at in resets])
    assert [(each.start_ns, each.end_ns, each.source) for each in expected] == [
        (each.window.start_ns, each.window.end_ns, each.window.source) for each in found
    ]
    for single, hours in zip(expected, (each.window for each in found), strict=True):
        assert (single.tokens, single.last_ns, sorted(single.models)) == (hours.tokens, hours.last_ns, sorted(hours.models))
        assert single.cost_usd == pytest.approx(hours.cost_usd)
        assert len(single.requests) == sum(each.requests for each in hours.requests)
        assert lately(single.requests) == lately(hours.requests)


def lately(requests: Iterable[ModelRequest]) -> Counter[int]:
    """Return the tokens of each moment of the last hour."""
    found = Counter[int]()
    for each in requests:
        if each.time_ns > NOW - HOUR_NS:
            found[each.time_ns] += each.tokens
    return found


def request(chance: Random, near: int) -> ModelRequest:
    """Return a request at that moment, beside it, or some hours from it."""
    away = chance.choice([0, 0, -1, 1, chance.randrange(-WINDOW_NS, WINDOW_NS), chance.randrange(12) * HOUR_NS])
    at = min(max(near + away, BEGIN), NOW)
    read, written = chance.randrange(100), chance.randrange(100)
    return ModelRequest(at, read, written, cost_usd=chance.choice([None, 0.01]), model=chance.choice("ab"))


def insert(store: Store, requests: list[ModelRequest]) -> None:
    """Write them as they are worked out."""
    lines = [
        {
            "user": "ann",
            "day": each.time_ns // DAY_NS,
            "session_id": "s1",
            "request_key": str(n),
            "version": 1,
            "account": "ann",
            "time_ns": each.time_ns,
            "model": each.model,
            "input_tokens": each.input_tokens,
            "output_tokens": each.output_tokens,
            "cache_creation_tokens": each.cache_creation_tokens,
            "cache_read_tokens": each.cache_read_tokens,
            "cost_usd": each.cost_usd,
        }
        for n, each in enumerate(requests)
    ]
    store.write("worked_requests", "\n".join(map(json.dumps, lines)).encode())
