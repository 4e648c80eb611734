"""The state machine of alerts: `step(alert, sample, now_ns, rule)`, pure, used live, in tests of rules and in the backtest.

Prometheus' semantics, restated:

- A breach of an inactive (or resolved) alert begins an episode: pending, and firing at once where `for` has passed (0 always has).
- A pending alert without a breach is dropped: inactive, as if it had never been.
- A firing one without a breach fires on for `keep_firing_for` since the first evaluation without it, then is resolved; a breach in that time makes it
  fire as before. A resolved one is kept for RESOLVED_RETENTION_NS, so that it can be sent again, then forgotten.
- A firing alert that is in breach for less than `for` (somebody made it longer) is pending again.
- An evaluation that failed changes nothing: it is never given to `step`.

What Prometheus does not have:

- A breach is over only past the limit for clearing (`Condition`).
- A sample without a value means what the rule's `no_data` says: nothing to complain of, a breach, or that all stays as it is.
- A sample that is `partial` comes from a window that was not watched from its beginning. What it shows of a breach holds if more items could
  only have made the value larger; that there is none it cannot show. Such an alert stays as it is.
- A clock that was set back never makes a pending alert wait longer than `for`, nor a kept one be kept longer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hookline_collector.alerts.alert import Alert, AlertState, AlertTransition, transition_of
from hookline_collector.alerts.rule import AlertRule, ItemMeasure, NoData

RESOLVED_RETENTION_NS = 15 * 60 * 1_000_000_000
ACTIVE = (AlertState.PENDING, AlertState.FIRING)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a measure says of a series at a moment; None where there is no data."""

    value: float | None
    is_partial: bool = False


def step(alert: Alert, sample: Sample, now_ns: int, rule: AlertRule) -> tuple[Alert, AlertTransition | None]:
    """Return the alert after an evaluation, and what changed. An alert that is inactive afterwards is to be forgotten."""
    breach = judge(alert, sample, rule)
    if breach is None:
        return _later(alert, now_ns), None
    after = _in_breach(alert, sample, now_ns, rule) if breach else _without_breach(alert, now_ns, rule)
    begins = after.state in ACTIVE and alert.state not in ACTIVE
    before = AlertState.INACTIVE if begins else alert.state
    is_forgotten = after.state is AlertState.INACTIVE and before is AlertState.RESOLVED
    if after.state is before or is_forgotten:
        return after, None
    after = replace(after, changes=after.changes + 1)
    return after, transition_of(after, before, now_ns)


def judge(alert: Alert, sample: Sample, rule: AlertRule) -> bool | None:
    """Whether a sample is a breach; None where it says nothing and all stays as it is."""
    is_active = alert.state in ACTIVE
    if sample.value is None:
        if rule.no_data is NoData.KEEP or (sample.is_partial and is_active):
            return None
        return rule.no_data is NoData.ALERTING and not sample.is_partial
    is_breach = rule.condition.is_breach(sample.value, is_active)
    if not sample.is_partial:
        return is_breach
    if is_breach:
        return True if _can_only_grow(sample.value, is_active, rule) else (None if is_active else False)
    return None if is_active else False


def _can_only_grow(value: float, was_breach: bool, rule: AlertRule) -> bool:
    """Whether a breach that a part of a window shows is one of the whole."""
    if not isinstance(rule.measure, ItemMeasure) or not rule.measure.aggregate.grows:
        return True
    above = rule.condition.clear_above if was_breach and rule.condition.clear_above is not None else rule.condition.above
    return above is not None and value > above


def _later(alert: Alert, now_ns: int) -> Alert:
    """Return an alert that stays as it is; a resolved one is forgotten in its time."""
    return replace(alert, state=AlertState.INACTIVE) if _is_past(alert, now_ns) else alert


def _is_past(alert: Alert, now_ns: int) -> bool:
    return alert.state is AlertState.RESOLVED and now_ns > alert.keep_until_ns


def _in_breach(alert: Alert, sample: Sample, now_ns: int, rule: AlertRule) -> Alert:
    if alert.state not in ACTIVE:
        fresh = Alert(alert.labels, alert.rule, changes=alert.changes, annotations=alert.annotations, links=alert.links, evidence=alert.evidence)
        alert = replace(fresh, state=AlertState.PENDING, active_at_ns=now_ns)
    alert = replace(alert, value=alert.value if sample.value is None else sample.value, kept_since_ns=0)
    if alert.state is AlertState.PENDING:
        alert = replace(alert, active_at_ns=min(alert.active_at_ns, now_ns))
        is_long = now_ns - alert.active_at_ns >= rule.for_ns
        return replace(alert, state=AlertState.FIRING, fired_at_ns=now_ns) if is_long else alert
    is_long = max(now_ns, alert.fired_at_ns) - alert.active_at_ns >= rule.for_ns
    return alert if is_long else replace(alert, state=AlertState.PENDING)


def _without_breach(alert: Alert, now_ns: int, rule: AlertRule) -> Alert:
    if alert.state is AlertState.FIRING:
        kept_since_ns = min(alert.kept_since_ns or now_ns, now_ns)
        if rule.keep_firing_for_ns and now_ns - kept_since_ns < rule.keep_firing_for_ns:
            return replace(alert, kept_since_ns=kept_since_ns)
        return replace(alert, state=AlertState.RESOLVED, resolved_at_ns=now_ns, kept_since_ns=0, keep_until_ns=now_ns + RESOLVED_RETENTION_NS)
    return replace(alert, state=AlertState.INACTIVE) if alert.state is AlertState.PENDING else _later(alert, now_ns)


def next_moment(alert: Alert, rule: AlertRule) -> int | None:
    """Return when an alert changes by time alone, if its series stays as it is; None when it does not."""
    if alert.state is AlertState.PENDING:
        return alert.active_at_ns + rule.for_ns
    if alert.state is AlertState.FIRING and alert.kept_since_ns:
        return alert.kept_since_ns + rule.keep_firing_for_ns
    return alert.keep_until_ns + 1 if alert.state is AlertState.RESOLVED else None
