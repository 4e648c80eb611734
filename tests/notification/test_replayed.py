"""How many messages changes would have made: the routes over what was."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookline.errors import Rejected
from hookline_collector.notification.plan.label_matchers import parse_matchers
from hookline_collector.notification.plan.notification_plan import InhibitRule, NotificationPlan, ReceiverPlan, Route, TargetPlan
from hookline_collector.notification.replayed import SOMEBODY, messages, plan_at
from support.alerting import T0, S, fired, firing, resolved

HOUR = 3_600 * S


def plan(*inhibit: InhibitRule, **route: object) -> NotificationPlan:
    """Return a plan with one receiver of two targets."""
    targets = (TargetPlan("me-1", "webhook", "me"), TargetPlan("me-2", "webhook", "me", send_resolved=False))
    return NotificationPlan(Route("me", **route), {"me": ReceiverPlan("me", targets)}, inhibit)  # type: ignore[arg-type]


def test_what_comes_together_is_one_message_a_target() -> None:
    """Two at once, a third soon after, the ends; who wants no ends gets none."""
    first, second, third = (firing(T0 + at * S, tool=tool) for at, tool in ((0, "a"), (0, "b"), (3, "c")))
    changes = [fired(T0, tool="a"), fired(T0, tool="b"), fired(T0 + 3 * S, tool="c")]
    changes += [resolved(each, T0 + 100 * S) for each in (first, second, third)]
    found = messages(plan(group_by=("alertname",)), changes, T0 + HOUR)
    assert [(each.target, each.reason, len(each.firing), len(each.resolved)) for each in found] == [
        ("me-1", "firing", 2, 0),
        ("me-2", "firing", 2, 0),
        ("me-1", "firing", 3, 0),
        ("me-2", "firing", 3, 0),
        ("me-1", "resolved", 0, 3),
    ]
    assert found[2].decided_ns == T0 + 10 * S, "after the group's interval"


def test_what_goes_on_is_repeated_and_what_is_inhibited_is_not_told() -> None:
    """As live."""
    rule = InhibitRule(parse_matchers("severity=critical"), parse_matchers("severity=warning"))
    changes = [fired(T0, severity="critical"), fired(T0 + S, severity="warning")]
    found = messages(plan(rule, repeat_interval_ns=HOUR), changes, T0 + 3 * HOUR - S)
    assert [(each.target, each.reason, len(each.alerts)) for each in found if each.target == "me-1"] == [
        ("me-1", "firing", 1),
        ("me-1", "repeat", 1),
        ("me-1", "repeat", 1),
    ]
    assert messages(SOMEBODY, [], T0) == ()


def test_without_a_file_somebody_is_told(tmp_path: Path) -> None:
    """And a bad file is no answer."""
    assert plan_at(tmp_path / "none.yaml") is SOMEBODY
    (tmp_path / "bad.yaml").write_text("route: {receiver: nobody-there}\nreceivers: []\n")
    with pytest.raises(Rejected, match="there is no receiver"):
        plan_at(tmp_path / "bad.yaml")
