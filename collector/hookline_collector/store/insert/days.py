"""A payload whose items lie on very many days, cut by day.

Tables are partitioned by day and an insert writes a part for each, with buffers of its own: a request of four hundred kilobytes that
spreads over twenty years would need more memory than the engine has, for ever. So the engine refuses a block of more than
`MOST_PARTITIONS` before it writes anything, and such a payload goes in by runs of days. The days name the portion, as they follow from the
payload alone.

A single request over more than `MAX_SPREAD` days is no telemetry: history is read by conversations, clocks are wrong by one day or by
fifty years (which share a partition). It is rejected, so that it is set aside and holds up nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import DecodeError

from hookline.errors import Rejected
from hookline.system.clock import NS_PER_DAY
from hookline_collector.signal import Signal
from hookline_collector.store.insert.portions import Portion
from hookline_collector.wire.insertion_units import days_name

MOST_PARTITIONS = 256
"""Above what a derived table can ever have (241 months), so that only the first table of a chain, by day, is refused, and nothing is in."""
RUN_DAYS = 128
MAX_SPREAD = 400
_FIRST_DAY, _LAST_DAY = 18_262, 25_567  # 2020-01-01 and 2040-01-01: what is before and after shares a partition
_POINT_TIME = re.compile(rb"\x19(?=.{6}(.[\x14-\x20]))", re.DOTALL)  # field 3 of every kind of point, and the upper bytes of a time in 2020 to 2040
_TIME_STEPS = 40  # of three days each


def may_be_spread(signal: Signal, payload: bytes) -> bool:
    """Whether points may lie on very many days. Metrics go into five tables, so the engine's refusal would come when some have them."""
    return signal is Signal.METRICS and len(set(_POINT_TIME.findall(payload))) > _TIME_STEPS


def runs_of_days(signal: Signal, payload: bytes) -> list[Portion]:
    """Return a payload cut by days; as it is when there is nothing to cut. Raises Rejected for one that spreads too far."""
    try:
        request = signal.request_class.FromString(payload)
    except DecodeError:
        return [Portion("", payload)]
    days = sorted({day for _, items in _lists(signal, request) for day in map(_day, items)})
    if len(days) > MAX_SPREAD:
        raise Rejected(f"its items lie on {len(days)} days; a request may spread over {MAX_SPREAD}, as each day is a partition of its own")
    if len(days) <= RUN_DAYS:
        return [Portion("", payload)]
    return [_run(signal, payload, days[at : at + RUN_DAYS]) for at in range(0, len(days), RUN_DAYS)]


def _run(signal: Signal, payload: bytes, days: list[int]) -> Portion:
    request, wanted = signal.request_class.FromString(payload), set(days)
    for holder, items in _lists(signal, request):
        kept = [item for item in items if _day(item) in wanted]
        if len(kept) != len(items):
            kept = [type(item).FromString(item.SerializeToString()) for item in kept]
            holder.ClearField(items_field(signal))
            getattr(holder, items_field(signal)).extend(kept)
    return Portion(days_name(days[0], days[-1]), request.SerializeToString())


def items_field(signal: Signal) -> str:
    """Return the name of the field that holds a signal's items."""
    return {Signal.TRACES: "spans", Signal.LOGS: "log_records", Signal.METRICS: "data_points"}[signal]


def _lists(signal: Signal, request: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each message that holds items, and the items."""
    for entry in getattr(request, f"resource_{_plural(signal)}"):
        for scoped in getattr(entry, f"scope_{_plural(signal)}"):
            if signal is not Signal.METRICS:
                yield scoped, getattr(scoped, items_field(signal))
                continue
            for metric in scoped.metrics:
                if kind := metric.WhichOneof("data"):
                    holder = getattr(metric, kind)
                    yield holder, holder.data_points


def _plural(signal: Signal) -> str:
    return {Signal.TRACES: "spans", Signal.LOGS: "logs", Signal.METRICS: "metrics"}[signal]


def _day(item: Any) -> int:
    """Return the day of an item, as a partition takes it."""
    name = item.DESCRIPTOR.name
    time_ns = item.start_time_unix_nano if name == "Span" else item.time_unix_nano
    if name == "LogRecord" and not time_ns:
        time_ns = item.observed_time_unix_nano
    return int(min(max(time_ns // NS_PER_DAY, _FIRST_DAY), _LAST_DAY))
