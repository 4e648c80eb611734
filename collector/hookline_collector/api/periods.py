"""Periods and zones as questions of the API name them."""

from __future__ import annotations

from hookline_collector.api.http.endpoint import Text
from hookline_collector.work.period import Period, period_of, zone_named

TIMEZONE = Text("timezone", "IANA zone in which days are cut; `work.timezone` or the machine's when not given.")


def asked_period(text: str, timezone: str, now_ns: int) -> Period:
    """Return the period that a question names, in a zone. Raises Rejected, with what to give instead."""
    return period_of(text, zone_named(timezone), now_ns)
