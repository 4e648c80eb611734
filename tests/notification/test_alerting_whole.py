"""From a span over OTLP to a receiver's socket, through a whole collector that runs as a process, and through its death."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alerts.telemetry import spans
from support.alert_receiver import AlertReceiver, alert_receiver, until
from support.person import Person, new_person
from support.running import Running, start_collector

RULES = """
groups:
  - name: shop
    rules:
      - alert: ShopFails
        span: request
        aggregate: count
        over: 3s
        by: {shop: shop.name}
        above: 2
        labels: {severity: page}
        annotations: {summary: '{{ $labels.shop }} fails'}
"""


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Give somebody who has a rule."""
    person = new_person(tmp_path / "home")
    folder = config_of(person) / "rules"
    folder.mkdir(parents=True)
    (folder / "shop.yaml").write_text(RULES)
    return person


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[AlertReceiver]:
    """Give a receiver of its own."""
    with alert_receiver(tmp_path) as found:
        yield found


def config_of(person: Person) -> Path:
    """Return the folder of the person's settings."""
    return person.home / ".config" / "hookline"


def tell(person: Person, receiver: AlertReceiver, path: str) -> None:
    """Write the file of receivers."""
    target = f"{{url: '{receiver.url}{path}', allow_private: true}}"
    (config_of(person) / "notify.yaml").write_text(
        f"route: {{receiver: me, group_interval: 0s}}\nreceivers: [{{name: me, webhook_configs: [{target}]}}]\n"
    )


def start(person: Person, *, furnished: bool = True) -> Running:
    """Start a collector and wait until it knows the rule: what arrives before that is not measured."""
    running = start_collector(person, furnished=furnished)
    until(lambda: "ShopFails" in {rule["rule"] for rule in running.client.get("/api/v1/rules")["rules"]}, "the rule")
    return running


def send(running: Running, count: int) -> None:
    """Send spans by OTLP over HTTP."""
    now_ns = time.time_ns()
    message = spans(*[("request", now_ns, 0.1, {"shop.name": "till", "session.id": "s 1"}) for _ in range(count)]).message
    headers = {"Content-Type": "application/x-protobuf"}
    request = urllib.request.Request(f"http://{running.found.otlp_http}/v1/traces", message.SerializeToString(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def check_explained(running: Running, alert: dict[str, Any]) -> None:
    """Follow what an alert says of itself: the series, the worst spans, the statement, and the links."""
    evidence, links, url = alert["evidence"], alert["links"], running.found.url
    assert [value for _, value in evidence["points"]][-1] == alert["value"] == 3
    assert [(worst["kind"], worst["name"], worst["session_id"]) for worst in evidence["worst"]] == [("span", "request", "s 1")] * 3
    assert [worst["link"] for worst in evidence["worst"]] == [f"{url}/sessions/s%201"] * 3
    assert len({worst["span_id"] for worst in evidence["worst"]} - {""}) == 3
    assert [float(row["value"]) for row in running.query(evidence["query"])] == [3]
    assert links["session"] == f"{url}/sessions/s%201"
    assert links["panel"].startswith(f"{url}/latency?from=")
    assert links["silence"] == f"{url}/silence?matcher=alertname%3D%22ShopFails%22&matcher=severity%3D%22page%22&matcher=shop%3D%22till%22"


def check_acknowledged(person: Person, running: Running, fingerprint: str) -> None:
    """Say that somebody knows of the alert, by its name, and take that back, by how its fingerprint begins."""
    done = person.hookline("alerts", "ack", "ShopFails", "--by", "ana", "--note", "on it")
    assert done.stdout == "ana knows of ShopFails severity=page, shop=till: on it.\n", done.stderr
    (row,) = running.client.get("/api/v1/acknowledgements")["acknowledgements"]
    assert (row["fingerprint"], row["created_by"], row["comment"]) == (fingerprint, "ana", "on it")
    assert running.client.get("/api/v1/alerts")["alerts"][0]["acknowledged"] == row
    assert "known to ana" in person.hookline("alerts").stdout
    assert person.hookline("alerts", "unack", fingerprint[:6]).returncode == 0
    assert running.client.get("/api/v1/acknowledgements") == {"acknowledgements": []}
    assert f"these are: {fingerprint}" in person.hookline("alerts", "ack", "Nobody").stderr


def two_delivered(running: Running) -> list[dict[str, Any]]:
    """Return the newest deliveries, once two came through."""
    rows: list[dict[str, Any]] = running.client.get("/api/v1/deliveries")["deliveries"]
    return rows if [row["result"] for row in rows[:2]] == ["delivered", "delivered"] else []


@pytest.mark.long
@pytest.mark.crash
def test_a_breach_is_told_and_its_end_survives_kill_dash_nine(person: Person, receiver: AlertReceiver) -> None:
    """A target that is away when the collector decides is told by the next process, under the same id, and then of the end."""
    tell(person, receiver, "/away?then=503")
    running = start(person)
    try:
        send(running, 3)
        first = receiver.wait(1, "/away")[0]
        assert first.json["alerts"][0]["labels"] == {"alertname": "ShopFails", "severity": "page", "shop": "till"}
        assert first.json["alerts"][0]["annotations"] == {"summary": "till fails"}
        assert first.json["alerts"][0]["evidence"]["points"]
    finally:
        running.kill()
    tell(person, receiver, "/there")
    running = start(person, furnished=False)
    try:
        told = receiver.wait(2, "/there")
        assert [each.json["status"] for each in told] == ["firing", "resolved"]
        assert told[0].id == first.id
        assert told[0].json["alerts"][0]["startsAt"] == told[1].json["alerts"][0]["startsAt"] == first.json["alerts"][0]["startsAt"]
        rows = until(lambda: two_delivered(running), "both in the log: an answer is noted after the target gave it")
        assert rows[0]["after_breach_s"] is not None
    finally:
        running.kill()
    assert len(receiver.requests("/there")) == 2


@pytest.mark.long
def test_a_silence_holds_back_what_fires(person: Person, receiver: AlertReceiver) -> None:
    """By the command, while the collector runs; what still fires is told when the silence is over, and somebody can say that they know of it."""
    tell(person, receiver, "/hook")
    (config_of(person) / "rules" / "shop.yaml").write_text(RULES.replace("over: 3s", "over: 10m"))
    running = start(person)
    try:
        made = person.hookline("silence", "add", "shop=till", "--for", "1h", "--reason", "a test")
        send(running, 3)
        until(lambda: "firing" in {alert["alert_state"] for alert in running.client.get("/api/v1/alerts")["alerts"]}, "the alert")
        assert receiver.requests() == []
        silence_id = made.stdout.split()[0]
        (alert,) = running.client.get("/api/v1/alerts?state=firing")["alerts"]
        assert (alert["silenced_by"], alert["inhibited_by"], alert["acknowledged"]) == ([silence_id], [], None)
        assert f"silenced by {silence_id}" in person.hookline("alerts").stdout
        person.hookline("silence", "end", silence_id)
        (told,) = receiver.wait(1)
        assert told.json["status"] == "firing"
        check_explained(running, told.json["alerts"][0])
        check_acknowledged(person, running, told.json["alerts"][0]["fingerprint"])
        with urllib.request.urlopen(f"{running.client.url}/metrics", timeout=10) as answer:
            assert 'hookline_collector_rule_alerts{rule="ShopFails",state="firing"} 1' in answer.read().decode().splitlines()
    finally:
        running.kill()
