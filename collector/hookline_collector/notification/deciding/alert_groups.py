"""Groups of alerts, and when each is sent: the state machine behind every message. Pure: a group, its route, what holds alerts back, and the time.

    a change ──▶ joined ──▶ due ──look──▶ a message, or nothing yet

A new group waits `group_wait` for more, is silent for `group_interval` after a message, and is sent again after `repeat_interval` while something
in it fires. It is sent when an alert fires of which nothing was sent (an episode is sent once), and when one that was sent is over. This is
Alertmanager's way, but for three things:

- a group that was silent for longer than `group_interval` sends a change at once, and not at the next tick of its clock;
- the end of an alert that was sent is sent even if a silence or another alert holds it back meanwhile: who was rung for it is not left waiting;
- an alert that is over and fires again before its end was sent is sent again, since its episode is another.

Whatever the clock does, a group is never looked at later than its longest interval from now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.alert import Alert, AlertState, Labels
from hookline_collector.notification.plan.notification_plan import Route

Why = Literal["firing", "resolved", "repeat"]
LOOK_AGAIN_NS = 60 * NS_PER_S
LEAST_PAUSE_NS = NS_PER_S


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """The alerts of one route with the same group labels, for its receiver. `sent` has when each alert that was sent as firing began to."""

    route_id: str
    receiver: str
    labels: Labels
    began_ns: int
    members: Mapping[str, Alert] = field(default_factory=dict)
    sent: Mapping[str, int] = field(default_factory=dict)
    sent_ns: int = 0
    due_ns: int = 0

    @property
    def key(self) -> str:
        """Its identity."""
        return key_of(self.route_id, self.labels)


@dataclass(frozen=True, slots=True)
class Hush:
    """What holds back: alerts that are silenced or inhibited, those that somebody knows of, and the route's own times."""

    holds: Callable[[Alert], bool] = lambda _: False
    knows: Callable[[Alert], bool] = lambda _: False
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """A message is due: these alerts, firing ones first, why, and since when what is new in it is so."""

    alerts: tuple[Alert, ...]
    why: Why
    since_ns: int


def key_of(route_id: str, labels: Labels) -> str:
    """Return the identity of a group."""
    return json.dumps([route_id, list(labels.items())], ensure_ascii=False)


def joined(group: AlertGroup, alert: Alert, route: Route, now_ns: int) -> AlertGroup:
    """Take an alert as it is now into its group."""
    due_ns = max(now_ns, _earliest(group, route, now_ns))
    return replace(group, members={**group.members, alert.fingerprint: alert}, due_ns=min(due_ns, group.due_ns or due_ns))


def is_due(group: AlertGroup, route: Route, now_ns: int) -> bool:
    """Whether to look at a group now."""
    return group.due_ns <= now_ns or group.due_ns > now_ns + _longest(route)


def look(group: AlertGroup, route: Route, hush: Hush, now_ns: int) -> tuple[AlertGroup | None, Decision | None]:
    """Decide on a group. Returns it as it goes on, None where nothing of it is left, and the message that is due, if one is."""
    earliest_ns = _earliest(group, route, now_ns)
    if now_ns < earliest_ns:
        return replace(group, due_ns=earliest_ns), None
    firing = {known: alert for known, alert in group.members.items() if alert.state is AlertState.FIRING}
    over = {known: alert for known, alert in group.members.items() if known not in firing and known in group.sent}
    if hush.is_quiet:
        rest = replace(group, members=firing | over, due_ns=now_ns + _pause(route))
        return (rest if rest.members else None), None
    audible = {known: alert for known, alert in firing.items() if not hush.holds(alert)}
    decision = _decision(group, audible, over, hush, route, now_ns)
    return _after(group, firing, audible, decision, route, now_ns), decision


def _decision(group: AlertGroup, audible: Mapping[str, Alert], over: Mapping[str, Alert], hush: Hush, route: Route, now_ns: int) -> Decision | None:
    fresh = [alert for known, alert in audible.items() if group.sent.get(known) != alert.fired_at_ns]
    news = [alert.fired_at_ns for alert in fresh] + [alert.resolved_at_ns for alert in over.values()]
    shown = (*_sorted(audible), *_sorted(over))
    if news:
        return Decision(shown, "firing" if fresh else "resolved", min(news))
    is_old = not 0 <= now_ns - group.sent_ns < route.repeat_interval_ns
    if is_old and not all(hush.knows(alert) for alert in audible.values()):
        return Decision(shown, "repeat", 0)
    return None


def _after(
    group: AlertGroup, firing: Mapping[str, Alert], audible: Mapping[str, Alert], decision: Decision | None, route: Route, now_ns: int
) -> AlertGroup | None:
    """Return the group after it was looked at. An empty one stays silent for its interval, so that what comes and goes is not sent each time."""
    sent = {known: group.sent[known] for known in firing if known in group.sent}
    sent_ns = group.sent_ns
    if decision:
        sent |= {known: alert.fired_at_ns for known, alert in audible.items()}
        sent_ns = now_ns
    if not firing:
        silent_until_ns = sent_ns + route.group_interval_ns if sent_ns else 0
        return replace(group, members={}, sent={}, sent_ns=sent_ns, due_ns=silent_until_ns) if now_ns < silent_until_ns else None
    is_sent = sent.keys() == firing.keys() and audible.keys() == firing.keys()
    again_ns = now_ns + _pause(route)
    repeat_ns = max(sent_ns + route.repeat_interval_ns, again_ns)
    return replace(group, members=firing, sent=sent, sent_ns=sent_ns, due_ns=repeat_ns if is_sent else min(again_ns, repeat_ns))


def _earliest(group: AlertGroup, route: Route, now_ns: int) -> int:
    """Return before when a group is not sent. Moments that lie ahead are of a clock that was set back."""
    since_ns, pause_ns = (group.sent_ns, route.group_interval_ns) if group.sent_ns else (group.began_ns, route.group_wait_ns)
    return since_ns + pause_ns if since_ns <= now_ns else 0


def _pause(route: Route) -> int:
    return min(max(route.group_interval_ns, LEAST_PAUSE_NS), LOOK_AGAIN_NS)


def _longest(route: Route) -> int:
    return max(route.group_wait_ns, route.group_interval_ns, route.repeat_interval_ns, LOOK_AGAIN_NS)


def _sorted(alerts: Mapping[str, Alert]) -> list[Alert]:
    """Return alerts in Alertmanager's order: by job, by instance, then by all labels."""
    return sorted(alerts.values(), key=lambda alert: (alert.labels.get("job", ""), alert.labels.get("instance", ""), sorted(alert.labels.items())))
