"""Periods and zones as questions of the API name them."""

from __future__ import annotations

import re

from starlette.requests import Request

from hookline.system.clock import NS_PER_S
from hookline_collector.api.http.endpoint import Text
from hookline_collector.work.period import Period, between, period_of, zone_named

LATELY = Text("period", "30m or 24h up to now, today, 7d, a date, or FROM..TO with dates or moments; 24h when not given.", "24h")
_BACK = re.compile(r"(\d{1,5})([mh])")
_SECONDS = {"m": 60, "h": 3_600}

TIMEZONE = Text("timezone", "IANA zone in which days are cut; `work.timezone` or the machine's when not given.")


def asked_period(text: str, timezone: str, now_ns: int) -> Period:
    """Return the period that a question names, in a zone. Raises Rejected, with what to give instead."""
    return period_of(text, zone_named(timezone), now_ns)


def lately(request: Request, timezone: str, now_ns: int) -> Period:
    """Return the period that `LATELY` names in a question. Raises Rejected."""
    text = LATELY.of(request)
    if back := _BACK.fullmatch(text):
        return between(now_ns - max(1, int(back[1])) * _SECONDS[back[2]] * NS_PER_S, now_ns, zone_named(timezone))
    return asked_period(text, timezone, now_ns)
