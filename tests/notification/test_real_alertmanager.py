"""Debian's Alertmanager: it takes what we push, and its own webhook for the same alerts is ours, key by key."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hookline_collector.alerts.alert import Alert, fingerprint_of
from hookline_collector.notification.deciding.alert_groups import Decision
from hookline_collector.notification.deciding.noticeboard import message_of
from hookline_collector.notification.deciding.routing import group_key, nodes_for, tree_of
from hookline_collector.notification.formats.alertmanager_body import webhook_body
from hookline_collector.notification.plan.notification_plan import NotificationPlan
from hookline_collector.notification.plan.plan_file import read_plan
from hookline_collector.notification.sending.channels import channel_of
from support.alert_receiver import AlertReceiver, alert_receiver, until
from support.alerting import S, firing, message, over
from support.real_alertmanager import RealAlertmanager, real_alertmanager

ROUTES = """
route:
  receiver: root
  group_by: [alertname]
  group_wait: 4s
  group_interval: 2s
  repeat_interval: 1h
  routes:
    - receiver: team
      matchers: ['severity="page"', 'tool=~"Bash|Re.d"']
      group_by: [alertname, project]
"""
MOST = (0, 1)
"""How many alerts a request holds at most; 0 is all."""
THEIRS = ROUTES + "receivers:\n  - name: root\n  - name: team\n    webhook_configs:\n"
THEIRS += "".join(f"      - {{{{url: '{{url}}/theirs/{most}', max_alerts: {most}}}}}\n" for most in MOST)
OURS = ROUTES + "receivers:\n  - name: root\n  - name: team\n    webhook_configs: [{{url: '{url}/ours', max_alerts: {most}}}]\n"
NEW_KEYS = {"notification_reason", "routeLabels"}
"""What newer Alertmanagers than Debian's add."""
# Alertmanager takes the alerts of one request one after the other, and tells of the first alone where its wait is over: it begins with the alert.


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[AlertReceiver]:
    """Give a receiver of its own."""
    with alert_receiver(tmp_path) as found:
        yield found


def plan_of(text: str) -> NotificationPlan:
    """Read a file."""
    plan, problems = read_plan(text, "notify.yaml", Path(), {})
    assert plan is not None, problems
    return plan


async def push(alertmanager: RealAlertmanager, *alerts: Alert) -> None:
    """Post alerts by the channel that a target of ours has."""
    more = f"url: '{alertmanager.url}', allow_private: true"
    (target,) = plan_of(f"route: {{receiver: am}}\nreceivers: [{{name: am, alertmanager_configs: [{{{more}}}]}}]").targets()
    channel = channel_of(target, "http://hookline.example.org")
    answer = await channel.send(message(*alerts))
    channel.close()
    assert (answer.kind, answer.code) == ("delivered", 200), answer


def ours(plan: NotificationPlan, alertmanager: RealAlertmanager, *alerts: Alert) -> dict[str, Any]:
    """Return our own body for the same alerts and routes."""
    (node,) = nodes_for(tree_of(plan.route).root, alerts[0].labels)
    labels = node.group_labels(alerts[0].labels)
    (target,) = plan.receivers[node.route.receiver].targets
    told = message_of(target, group_key(node, labels), labels, Decision(alerts, "firing", 0), time.time_ns())
    assert told is not None
    return webhook_body(told, alertmanager.get("status")["config"] and "EXTERNAL", int(target.options["max_alerts"]), explain=False)


def comparable(body: dict[str, Any], alertmanager: RealAlertmanager) -> dict[str, Any]:
    """Return a body with what names the sender itself made alike."""
    del alertmanager
    alerts = [alert | {"generatorURL": alert["generatorURL"].replace("http://hookline.example.org", "EXTERNAL")} for alert in body["alerts"]]
    return {name: value for name, value in body.items() if name not in NEW_KEYS} | {"externalURL": "EXTERNAL", "alerts": alerts}


def resolution(receiver: AlertReceiver, path: str) -> dict[str, Any]:
    """Return the last request to a path once it says that all is over."""
    until(lambda: receiver.requests(path)[-1].json["status"] == "resolved", "their resolution")
    last: dict[str, Any] = receiver.requests(path)[-1].json
    return last


def moment(seconds_ago: float) -> int:
    """Return a moment to the millisecond, which is what Alertmanager's API keeps."""
    return round(time.time() * 1000 - seconds_ago * 1000) * 10**6


async def test_its_webhook_and_ours_are_the_same_key_by_key(tmp_path: Path, receiver: AlertReceiver) -> None:
    """Fingerprints, group keys, common labels, order, truncation, moments: firing, and then over."""
    plans = {most: plan_of(OURS.format(url=receiver.url, most=most)) for most in MOST}
    with real_alertmanager(tmp_path, THEIRS.format(url=receiver.url)) as alertmanager:
        began = moment(0)
        first = firing(began, tool="Read", project="shop", severity="page", instance="b", quoted='a "b" \\ c\nd')
        second = firing(began, tool="Bash", project="shop", severity="page", instance="a")
        await push(alertmanager, first, second)
        for most, plan in plans.items():
            (theirs,) = receiver.wait(1, f"/theirs/{most}")
            assert comparable(theirs.json, alertmanager) == comparable(ours(plan, alertmanager, second, first), alertmanager)
            assert theirs.headers["content-type"] == "application/json"
        ended = moment(0)
        await push(alertmanager, over(first, ended), over(second, ended))
        for most, plan in plans.items():
            last = resolution(receiver, f"/theirs/{most}")
            assert comparable(last, alertmanager) == comparable(ours(plan, alertmanager, over(second, ended), over(first, ended)), alertmanager)


async def test_it_takes_what_is_pushed_and_knows_it_by_our_fingerprint(tmp_path: Path, receiver: AlertReceiver) -> None:
    """Hostile labels too; what is posted again stays one alert, what is over is over."""
    alert = firing(moment(5), tool='x"\\\n{}', note="ü" * 100)
    with real_alertmanager(tmp_path, THEIRS.format(url=receiver.url)) as alertmanager:
        await push(alertmanager, alert)
        await push(alertmanager, replace(alert, value=9.0))
        (known,) = until(lambda: alertmanager.get("alerts"), "the alert")
        assert known["fingerprint"] == alert.fingerprint == fingerprint_of(known["labels"])
        assert known["labels"] == dict(alert.labels)
        assert known["startsAt"].startswith(time.strftime("%Y-%m-%dT%H:%M", time.gmtime(alert.fired_at_ns // S)))
        await push(alertmanager, over(alert, moment(0)))
        until(lambda: not alertmanager.get("alerts"), "its end")
