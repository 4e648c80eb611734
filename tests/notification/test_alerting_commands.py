"""Silences, targets and the log as people reach them: the API and the commands of a real collector."""

from __future__ import annotations

import json
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from alerts.telemetry import spans
from hookline.cli.notify import about
from hookline.errors import Refused, Rejected
from hookline_collector.api.http.request_rate import RequestRate
from support.alert_receiver import AlertReceiver, alert_receiver, until
from support.person import Person, new_person
from support.running import Running, start_collector


@dataclass(frozen=True, slots=True)
class Place:
    """A person whose collector runs, with a file of receivers."""

    person: Person
    running: Running
    receiver: AlertReceiver


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Give a collector that all tests of this file share."""
    person = new_person(tmp_path_factory.mktemp("home"))
    config = person.home / ".config" / "hookline"
    config.mkdir(parents=True)
    with alert_receiver(tmp_path_factory.mktemp("receiver")) as receiver:
        targets = ", ".join(
            f"{{name: {name}, allow_private: true, url: '{receiver.url}/{path}'}}" for name, path in (("hook", "hook"), ("broken", "no?then=403"))
        )
        (config / "notify.yaml").write_text(f"route: {{receiver: me}}\nreceivers: [{{name: me, webhook_configs: [{targets}]}}]\n")
        running = start_collector(person, {"HOOKLINE_RULES_RELOAD_S": "3000"})
        try:
            yield Place(person, running, receiver)
        finally:
            running.kill()


def test_a_silence_is_made_shown_and_ended_by_the_command(place: Place) -> None:
    """With a reason and an end."""
    made = place.person.hookline("silence", "add", "tool=Bash", 'project=~"shop|till"', "--for", "30m", "--reason", "a deployment", "--by", "ana")
    assert made.returncode == 0, made.stderr
    known = made.stdout.split()[0]
    assert 'silences tool="Bash", project=~"shop|till" until' in made.stdout
    (row,) = json.loads(place.person.hookline("silence", "--format", "json").stdout)
    assert (row["silence_id"], row["silence_state"], row["created_by"], row["comment"]) == (known, "active", "ana", "a deployment")
    assert place.person.hookline("silence", "end", known).stdout == f"{known} is over.\n"
    assert place.person.hookline("silence").stdout == "Nothing is silenced.\n"
    rows = json.loads(place.person.hookline("silence", "--expired", "--format", "json").stdout)
    assert [row["silence_state"] for row in rows if row["silence_id"] == known] == ["expired"]
    assert "no silence" in place.person.hookline("silence", "end", "nosuch").stderr


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"matchers": []}, "matchers must be a list"),
        ({"matchers": ["tool"]}, "is not a matcher"),
        ({"matchers": ["tool!=Bash"]}, "hold back everything"),
        ({"matchers": ['tool=~"("']}, "not a regular expression"),
        ({"comment": " "}, "needs a reason"),
        ({"duration_s": -1}, "until when"),
        ({"duration_s": True}, "until when"),
        ({"end": "yesterday"}, "must be a moment"),
        ({"end": "2001-01-01T00:00:00Z"}, "must end after"),
        ({"created_by": 7}, "must be a text"),
    ],
)
def test_a_bad_silence_is_refused_in_words(place: Place, change: dict[str, Any], says: str) -> None:
    """400, with what is wrong."""
    good = {"matchers": ["tool=Bash"], "duration_s": 60, "comment": "x"}
    with pytest.raises(Rejected, match=says):
        place.running.client.post("/api/v1/silences", good | change)


def test_moments_of_a_silence_can_be_given(place: Place) -> None:
    """Start and end as the API writes moments."""
    told = {"matchers": ["tool=Read"], "start": "2098-01-01T00:00:00Z", "end": "2099-01-01T00:00:00.500Z", "comment": "the end of the century"}
    row = place.running.client.post("/api/v1/silences", told)
    assert (row["silence_state"], row["start"], row["end"]) == ("pending", "2098-01-01T00:00:00.000Z", "2099-01-01T00:00:00.500Z")
    place.running.client.ask("DELETE", f"/api/v1/silences/{row['silence_id']}", None)


@pytest.mark.parametrize(
    ("group_key", "shown"),
    [
        ('{}:{alertname="Slow", tool="Ba\\"sh"}', 'Slow, tool=Ba"sh'),
        ('{}/{severity="page"}:{project="a}:{b"}', "project=a}:{b"),
        ("{}:{}", "all alerts"),
        ("anything", "all alerts"),
    ],
)
def test_the_log_says_which_alerts_a_message_was_about(group_key: str, shown: str) -> None:
    """By the labels of their group."""
    assert about(group_key) == shown


def test_a_target_is_tried_by_the_command(place: Place) -> None:
    """It says what came of it, and the log has it."""
    done = place.person.hookline("notify", "test", "hook")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("test alert delivered to hook in ")
    assert place.receiver.wait(1, "/hook")[-1].json["alerts"][0]["labels"]["alertname"] == "HooklineTest"
    failed = place.person.hookline("notify", "test", "broken")
    assert failed.returncode == 1
    assert "broken did not take the test alert (403): ok" in failed.stderr
    assert "known are hook, broken" in place.person.hookline("notify", "test", "nosuch").stderr
    rows = json.loads(place.person.hookline("notify", "log", "--format", "json").stdout)
    assert [(row["target"], row["occasion"], row["result"], row["status_code"]) for row in rows[:2]] == [
        ("broken", "test", "refused", 403),
        ("hook", "test", "delivered", 200),
    ]
    assert rows[0]["after_breach_s"] is None
    assert "delivered" in place.person.hookline("notify", "log", "--target", "hook").stdout


def test_targets_are_shown_without_their_secrets(place: Place) -> None:
    """Their addresses may hold secrets, so they are not shown either."""
    told = place.person.hookline("notify", "targets", "--format", "json")
    rows = json.loads(told.stdout)
    assert [(row["target"], row["target_kind"], row["receiver"], row["breaker"]) for row in rows] == [
        ("hook", "webhook", "me", "closed"),
        ("broken", "webhook", "me", "closed"),
    ]
    assert place.receiver.url not in told.stdout


def test_nothing_is_acknowledged_that_does_not_fire(place: Place) -> None:
    """In words."""
    with pytest.raises(Rejected, match="firing"):
        place.running.client.post("/api/v1/alerts/0123456789abcdef/acknowledgement", {"comment": "on it"})
    assert place.running.client.get("/api/v1/acknowledgements") == {"acknowledgements": []}


def test_what_is_kept_is_for_this_user_alone(place: Place) -> None:
    """Alerts hold names of projects, messages too."""
    file = place.person.data_dir / "notification.db"
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.glob("notification.db*") if path.stat().st_mode & 0o077] == []


def test_both_files_are_read_again_at_once_when_asked_by_sighup(place: Place) -> None:
    """Rules and receivers, long before anybody would look by themselves."""
    config = place.person.home / ".config" / "hookline"
    (config / "rules").mkdir()
    (config / "rules" / "new.yaml").write_text("groups: [{name: g, rules: [{alert: New, log: x, above: 1}]}]\n")
    file, client = config / "notify.yaml", place.running.client
    before = file.read_text()

    def targets() -> set[str]:
        return {row["target"] for row in client.get("/api/v1/receivers")["targets"]}

    file.write_text(before.replace("name: broken", "name: mended"))
    place.running.process.send_signal(signal.SIGHUP)
    until(lambda: "New" in {row["rule"] for row in client.get("/api/v1/rules")["rules"]}, "the rule")
    until(lambda: "mended" in targets(), "the target")
    file.write_text(before)
    place.running.process.send_signal(signal.SIGHUP)
    until(lambda: "broken" in targets(), "the target of before")


def test_a_rule_is_tried_on_the_history_beside_what_it_was(place: Place, tmp_path: Path) -> None:
    """How often it would have fired, how many messages that makes by the routes in force, and what changed, drawn."""
    now_ns = time.time_ns()
    body = spans(*[("till", now_ns - back * 60_000_000_000, 0.1, {"who": who}) for back, who in ((50, "a"), (30, "a"), (30, "b"))]).message
    headers = {"Content-Type": "application/x-protobuf"}
    request = urllib.request.Request(f"http://{place.running.found.otlp_http}/v1/traces", body.SerializeToString(), headers)
    urllib.request.urlopen(request, timeout=10).close()
    for name, more in (("now", ""), ("before", ", filter: {who: b}")):
        rule = f"{{alert: Rings, span: till, by: who, over: 5m, above: 0{more}}}"
        (tmp_path / f"{name}.yaml").write_text(f"groups: [{{name: g, rules: [{rule}]}}]\n")
    done = place.person.hookline("rules", "backtest", str(tmp_path / "now.yaml"), "--from", "1h", "--against", str(tmp_path / "before.yaml"))
    lines = done.stdout.splitlines()
    assert re.match(r"Rings: fired 3 times, for 15 m \d\d s in all; 8 messages;", lines[0]), "of two targets: a and b begin and end together"
    assert [line.partition("│")[0] for line in lines[1:4]] == ["  now    ", "  before ", "  change "]
    assert ("+" in lines[3], "-" in lines[3]) == (True, False)
    assert len([line for line in lines if line.startswith("  + ") and line.endswith("who=a")]) == 2
    assert lines[-1].startswith("messages after grouping: ")
    assert re.search(r"hook \d+ → \d+", lines[-1]), "by target"


@pytest.mark.long
def test_a_token_that_asks_too_often_is_told_to_wait(tmp_path: Path) -> None:
    """429 with Retry-After; what needs no token is still answered."""
    person = new_person(tmp_path)
    running = start_collector(person, {"HOOKLINE_LIMITS_MAX_API_REQUESTS_PER_S": "0.2"})
    try:
        running.client.get("/api/v1/silences")
        running.client.get("/api/v1/silences")
        with pytest.raises(Refused, match="too many requests") as refused:
            running.client.get("/api/v1/silences")
        assert 1 <= refused.value.retry_after_s <= 5
        with urllib.request.urlopen(f"{running.client.url}/healthz", timeout=10) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError) as stranger:
            urllib.request.urlopen(f"{running.client.url}/api/v1/silences", timeout=10)
        with stranger.value:
            assert stranger.value.code == 401, "without the token nothing is drawn from its bucket"
    finally:
        running.kill()


def test_a_bucket_fills_evenly_and_holds_ten_seconds_worth() -> None:
    """Nobody is locked out for longer than it takes to fill by one."""
    now = [0.0]
    rate = RequestRate(2.0, lambda: now[0])
    assert [rate.wait_s() for _ in range(21)] == [0] * 20 + [1]
    now[0] += 0.5
    assert (rate.wait_s(), rate.wait_s()) == (0, 1)
    now[0] += 3600
    assert [rate.wait_s() for _ in range(21)] == [0] * 20 + [1]
    assert RequestRate(0).wait_s() == 0
    assert RequestRate(0.1, lambda: 0.0).wait_s() == 0


@pytest.mark.long
def test_no_file_means_that_nobody_is_told(tmp_path: Path) -> None:
    """And the commands say where one would be looked for."""
    person = new_person(tmp_path)
    running = start_collector(person)
    try:
        said = person.hookline("notify", "targets").stdout
        assert said == f"Nobody is notified of alerts: {tmp_path}/.config/hookline/notify.yaml names no target.\n"
        part = next(each for each in running.client.get("/api/v1/status")["parts"] if each["name"] == "alerting")
        assert part["ok"]
    finally:
        running.kill()
        assert (person.data_dir / "notification.db").exists()
