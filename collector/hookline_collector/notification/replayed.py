"""How many messages changes of alerts would have made: the routes of `notify.yaml` over what was, with a clock that jumps from moment to moment.

Groups, repetition, inhibition and mute times count as live; silences and acknowledgements of now do not. Without a file it is as if one receiver had
been sent everything, grouped by `alertname`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from hookline.errors import Rejected
from hookline_collector.alerts.alert import AlertTransition
from hookline_collector.notification.alerting import apart
from hookline_collector.notification.deciding.alert_message import AlertMessage
from hookline_collector.notification.deciding.noticeboard import Noticeboard, as_told, decided, replanned, taken
from hookline_collector.notification.plan.notification_plan import NotificationPlan, ReceiverPlan, Route, TargetPlan
from hookline_collector.notification.plan_source import PlanSource

SOMEBODY = NotificationPlan(Route("you", group_by=("alertname",)), {"you": ReceiverPlan("you", (TargetPlan("you", "webhook", "you"),))})


def plan_at(path: Path) -> NotificationPlan:
    """Return the plan of a file; of one that is not there, or notifies nobody, the plan that notifies somebody. Raises Rejected for a bad one."""
    reading = PlanSource(path).read()
    if reading.plan is None:
        raise Rejected("\n".join(map(str, reading.problems)))
    return reading.plan if any(True for _ in reading.plan.targets()) else SOMEBODY


def messages(plan: NotificationPlan, changes: Iterable[AlertTransition], to_ns: int) -> Sequence[AlertMessage]:
    """Return what would have been sent up to a moment, in order."""
    return tuple(_told(plan, sorted(changes, key=lambda change: change.at_ns), to_ns))


def _told(plan: NotificationPlan, changes: Sequence[AlertTransition], to_ns: int) -> Iterator[AlertMessage]:
    if not changes:
        return
    board = replanned(Noticeboard(), plan, changes[0].at_ns)
    for at_ns, together in groupby(changes, key=lambda change: change.at_ns):
        board, found = _advanced(board, at_ns)
        yield from found
        for part in apart(together):
            alerts = [alert for change in part if (alert := as_told(change)) is not None]
            board, now = decided(taken(board, alerts, at_ns), at_ns)
            yield from now
    yield from _advanced(board, to_ns)[1]


def _advanced(board: Noticeboard, to_ns: int) -> tuple[Noticeboard, list[AlertMessage]]:
    """Look at each group when it is due, up to a moment."""
    found: list[AlertMessage] = []
    at_ns = 0
    while (due_ns := board.due_ns()) is not None and max(due_ns, at_ns) < to_ns:
        at_ns = max(due_ns, at_ns + 1)
        board, sent = decided(board, at_ns)
        found += sent
    return board, found
