"""The sessions that used most are those of all hours and of what was told since, although not all sessions are added up for it."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from zlib import crc32

import orjson
import pytest

from hookline_collector.panels.dashboard_files import built_dashboards
from hookline_collector.panels.panel_macros import PanelRange, expand
from hookline_collector.store import Store
from support.stores import emptied

HOUR_S = 3_600
BEGIN_S = 1_795_392_000
WORKED_UNTIL_S = BEGIN_S + 20 * HOUR_S
SESSIONS, SHOWN = 90, 50
READ = "process.disk.io"
CPU = "process.cpu.time"


@pytest.mark.parametrize("seed", range(3))
def test_the_heaviest_are_those_of_hours_and_of_what_was_told_since(seed: int) -> None:
    """Some are told of in hours alone, some since alone, and some of little in hours and much since, which brings them among the fifty."""
    chance, store = Random(seed), emptied()
    used: defaultdict[tuple[str, str], float] = defaultdict(float)
    hours, since = list[bytes](), list[bytes]()
    for n in range(SESSIONS):
        session = f"s{n}"
        if n % 9:
            for hour in chance.sample(range(20), 3):
                for metric in (CPU, READ):
                    hours.append(_hour(session, metric, hour, value := round(chance.expovariate(0.01), 3)))
                    used[session, metric] += value
        if n % 4 == 0:
            for minute in (1, 2):
                for metric in (CPU, READ):
                    since.append(_told(session, metric, minute, value := round(chance.expovariate(0.002), 3)))
                    used[session, metric] += value
    for table, lines in (("otel_metrics_1h", hours), ("otel_metrics_sum", since)):
        store.write(table, b"\n".join(lines))
    store.write("metric_rollup_hours", orjson.dumps({"hour": WORKED_UNTIL_S - HOUR_S, "points": 1}))
    heaviest = sorted({session for session, _ in used}, key=lambda each: (-used[each, CPU], each))[:SHOWN]
    assert _shown(store) == [(each, round(used[each, CPU], 3), round(used[each, READ], 3)) for each in heaviest]


def _shown(store: Store) -> list[tuple[str, float, float]]:
    over = PanelRange(BEGIN_S * 1000, (BEGIN_S + 24 * HOUR_S) * 1000, HOUR_S * 1000)
    bound = expand(built_dashboards()["hookline-resources"].panels[9].statements[0].sql, over, {})
    rows = store.query(bound.sql, bound.parameters)
    return [(session, round(processor, 3), round(read, 3)) for session, _, processor, _, read, _ in rows]


def _hour(session: str, metric: str, hour: int, value: float) -> bytes:
    return orjson.dumps(
        {"Bucket": BEGIN_S + hour * HOUR_S, "Series": crc32(f"{session} {metric}".encode()), "Increase": value} | _of(session, metric)
    )


def _told(session: str, metric: str, minute: int, value: float) -> bytes:
    """Delta points say how much was used since the one before."""
    at = WORKED_UNTIL_S + minute * 60
    return orjson.dumps({"TimeUnix": str(at), "StartTimeUnix": str(at - 60), "Value": value, "AggregationTemporality": 1} | _of(session, metric))


def _of(session: str, metric: str) -> dict[str, object]:
    attributes = {"session.id": session} | ({"disk.io.direction": "read"} if metric == READ else {})
    return {"MetricName": metric, "ServiceName": "codex", "Attributes": attributes}
