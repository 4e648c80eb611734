"""Names that look like markup, wherever somebody else gives a name: project, branch, tool, model, error, subagent, route, statement, host.

Where one of them became markup on a page, the title of the page would change, or a picture more would stand on it.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from typing import Final

from hookline_collector.signal import Signal
from support.agent_records import T0, S, call, event, native_event, turn
from support.shop_telemetry import NS, SHOP, durations, of_logs, of_metrics, of_spans, request_told
from support.shown_days import NATIVE_SCOPE, Told

HOSTILE: Final = "<img src=x onerror=document.title='owned'>"
SESSION: Final = "hostile-past"


def hostile_names(now_ns: int) -> Iterator[Told]:
    """Yield a session of the last hour in which every name is hostile; it is over."""
    at = (now_ns - T0) / S - 1800
    where = {"hookline__project__name": HOSTILE, "vcs__ref__head__name": HOSTILE, "gen_ai__request__model": HOSTILE}
    yield Told(event("session.start", at, SESSION, **where))
    yield Told(turn(at, at + 120, SESSION, "hostile-p", **where))
    yield Told(call("toolu_hostile_past", at + 5, at + 65, HOSTILE, SESSION, "hostile-p", hookline__outcome="failure", error__type=HOSTILE, **where))
    spent = {"input_tokens": "10", "output_tokens": "20", "cost_usd": "0.01", "duration_ms": "900", "request_id": "req-hostile"}
    yield Told(native_event("api_request", at + 3, SESSION, "hostile-p", model=HOSTILE, **spent), NATIVE_SCOPE)
    yield Told(event("session.end", at + 130, SESSION, hookline__session__end_reason=HOSTILE))


def hostile_request(otlp_http: str, now_ns: int) -> None:
    """Tell of a slow request of a service, whose route and statement are hostile."""
    at = now_ns - 120 * NS
    span, record = request_told(at, 2.5, 66_666, {"hookline.request.calls": "[]"}, route=HOSTILE)
    counts = [0, 0, 0, 0, 0, 0, 2, *[0] * 8]
    for signal, body in (
        (Signal.METRICS, of_metrics(SHOP, [durations(at, HOSTILE, counts, 5.0)], "hookline.services")),
        (Signal.TRACES, of_spans(SHOP, [span])),
        (Signal.LOGS, of_logs(SHOP, [record], "hookline.services")),
    ):
        asked = urllib.request.Request(f"{otlp_http}/v1/{signal.value}", body, {"Content-Type": "application/x-protobuf"})
        urllib.request.urlopen(asked, timeout=30).read()
