"""`kill -9` between a decision and its delivery: each change is told once, under one id, to each target."""

from __future__ import annotations

import random
import subprocess
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from support import warm
from support.alert_life import changes
from support.alert_receiver import AlertReceiver, alert_receiver
from support.soaking import TIMES, share

ALERTS = 3
LIFE = warm.module("support.alert_life")
STEPS = share(range(3, 20, 6), range(0, 40, 2), range(48))
KILLS = share(3, 30, 200 * TIMES)


def life(folder: Path, alerts: int, last: int = -1) -> subprocess.Popen[str]:
    """Begin a life that ends at a step, or in peace."""
    return warm.start(LIFE, [str(folder), str(alerts), str(last)])


def told(receiver: AlertReceiver, path: str) -> dict[tuple[str, str, str], set[str]]:
    """Return each change that one target got, with the ids under which it came."""
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for request in receiver.requests(path):
        for alert in request.json["alerts"]:
            found[alert["labels"]["tool"], alert["status"], alert["startsAt"]].add(request.id)
    return found


def check(receiver: AlertReceiver, alerts: int) -> None:
    """Compare what each target got with what changed."""
    expected = Counter(transition.alert.labels["tool"] for transition in changes(alerts))
    for path in ("/a", "/b"):
        found = told(receiver, path)
        assert Counter(tool for tool, _, _ in found) == expected, "each beginning and each end came"
        assert {change: ids for change, ids in found.items() if len(ids) > 1} == {}, "each under one id"


def write_file(folder: Path, receiver: AlertReceiver) -> None:
    """Write a file with two targets."""
    targets = ", ".join(f"{{url: '{receiver.url}{path}', allow_private: true}}" for path in ("/a", "/b"))
    route = "{receiver: me, group_by: ['...'], group_interval: 0s}"
    (folder / "notify.yaml").write_text(f"route: {route}\nreceivers: [{{name: me, webhook_configs: [{targets}]}}]\n")


@pytest.mark.crash
@pytest.mark.soak
def test_a_kill_at_any_step_tells_each_change_once(tmp_path: Path) -> None:
    """Before and after each write, and after each answer: a step at a time, each followed by a life that ends in peace."""
    killed = 0
    for step in STEPS:
        folder = tmp_path / str(step)
        folder.mkdir()
        with alert_receiver(folder) as receiver:
            write_file(folder, receiver)
            said, errors = life(folder, ALERTS, step).communicate(timeout=60)
            killed += said != "done\n"
            assert not errors, errors
            said, errors = life(folder, ALERTS).communicate(timeout=60)
            assert (said, errors) == ("done\n", "")
            check(receiver, ALERTS)
    assert killed, "no life was killed: nothing was put to the test"


@pytest.mark.crash
@pytest.mark.soak
def test_kills_at_any_moment_tell_each_change_once(tmp_path: Path) -> None:
    """From outside, one after the other, with changes all the while."""
    chance = random.Random(7)
    alerts = max(4, KILLS)
    with alert_receiver(tmp_path) as receiver:
        write_file(tmp_path, receiver)
        for _ in range(KILLS):
            process = life(tmp_path, alerts)
            begun, cursor = time.monotonic(), (tmp_path / "cursor").read_text() if (tmp_path / "cursor").exists() else ""
            while time.monotonic() - begun < 20 and ((tmp_path / "cursor").read_text() if (tmp_path / "cursor").exists() else "") == cursor:
                time.sleep(0.005)
            time.sleep(chance.random() * 0.03)
            process.kill()
            process.communicate()
        said, errors = life(tmp_path, alerts).communicate(timeout=300)
        assert (said, errors) == ("done\n", "")
        check(receiver, alerts)
