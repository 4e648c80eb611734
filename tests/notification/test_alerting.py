"""From a change to a receiver's socket: a real receiver in a process of its own, retries, hangs, redirects, restarts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpcore2
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from hookline.errors import Refused, Rejected
from hookline.system.backoff import Backoff
from hookline_collector.notification import target_queue
from hookline_collector.notification.alerting import Alerting
from hookline_collector.notification.deciding.alert_message import AlertMessage
from hookline_collector.notification.keeping.notification_store import NotificationStore
from hookline_collector.notification.plan.label_matchers import parse_matchers
from hookline_collector.notification.plan_source import PlanSource
from hookline_collector.notification.sending.channels import channel_of
from hookline_collector.notification.sending.checked_address import AddressNotAllowed, CheckedBackend
from hookline_collector.notification.sending.http_channel import TargetChannel
from hookline_collector.notification.sending.target_answer import TargetAnswer
from support.alert_receiver import AlertReceiver, alert_receiver
from support.alerting import S, fired, firing, resolved

KEY, OLD_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + "b2xk" * 8


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[AlertReceiver]:
    """Give a receiver of its own."""
    with alert_receiver(tmp_path) as found:
        yield found


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let failures be tried again soon."""
    monkeypatch.setattr(target_queue, "PAUSES", Backoff(0.05, 0.2, 3600))


@dataclass(frozen=True, slots=True)
class Told:
    """A service that runs, on a folder."""

    alerting: Alerting
    folder: Path

    async def until(self, found: Callable[[], Any], what: str) -> Any:
        """Return what a look finds, as soon as it does."""
        for _ in range(1_500):
            if result := await asyncio.to_thread(found):
                return result
            await asyncio.sleep(0.02)
        raise AssertionError(f"never came: {what}")

    async def requests(self, receiver: AlertReceiver, count: int, path: str = "") -> Any:
        """Return the requests once there are so many."""
        return await asyncio.to_thread(receiver.wait, count, path)

    async def idle(self) -> None:
        """Return when nothing waits."""
        await self.until(lambda: not any(each.waiting for each in self.alerting.standings()), "an empty queue")


def plan_text(*targets: str, route: str = "group_wait: 0s, group_interval: 0s, group_by: ['...']") -> str:
    """Return a file with one receiver and these targets."""
    listed = "\n".join(f"      - {target}" for target in targets)
    return f"route: {{receiver: team, {route}}}\nreceivers:\n  - name: team\n    webhook_configs:\n{listed}\n"


def hook(receiver: AlertReceiver, path: str = "/hook", more: str = "") -> str:
    """Return a target at a path of the receiver."""
    return f"{{url: '{receiver.url}{path}', allow_private: true{', ' + more if more else ''}}}"


@contextlib.asynccontextmanager
async def telling(folder: Path, text: str, **more: Any) -> AsyncIterator[Told]:
    """Run the service on a folder, with a file."""
    file = folder / "notify.yaml"
    await asyncio.to_thread(file.write_text, text)
    alerting = Alerting(NotificationStore(folder / "notification.db"), PlanSource(file, {}), "http://127.0.0.1:4319", **more)
    task = asyncio.create_task(alerting.run())
    try:
        yield Told(alerting, folder)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await asyncio.to_thread(alerting.close)


async def test_a_change_is_told_once_and_its_end_too(tmp_path: Path, receiver: AlertReceiver) -> None:
    """However often the change itself is told."""
    alert = firing(tool="Bash")
    async with telling(tmp_path, plan_text(hook(receiver))) as told:
        for _ in range(3):
            await told.alerting.changed([fired(tool="Bash")])
        for _ in range(3):
            await told.alerting.changed([resolved(alert, alert.fired_at_ns + S), fired(tool="Bash")])
        first, second = await told.requests(receiver, 2)
        await told.idle()
    assert [each.json["status"] for each in (first, second)] == ["firing", "resolved"]
    assert len(receiver.requests()) == 2
    assert first.id != second.id
    assert second.json["alerts"][0]["endsAt"] != "0001-01-01T00:00:00Z"


async def test_both_changes_of_one_call_are_told(tmp_path: Path, receiver: AlertReceiver) -> None:
    """After a restart of the rules a beginning and an end may come together."""
    async with telling(tmp_path, plan_text(hook(receiver))) as told:
        await told.alerting.changed([fired(tool="Bash"), resolved(firing(tool="Bash"), firing().fired_at_ns + S)])
        found = await told.requests(receiver, 2)
    assert [each.json["status"] for each in found] == ["firing", "resolved"]


async def test_signatures_are_those_of_standard_webhooks_with_two_keys(tmp_path: Path, receiver: AlertReceiver) -> None:
    """The library's own verifier takes either key and nothing else."""
    more = f"signing_key: {KEY}, previous_signing_key: {OLD_KEY}, bearer_token: let-me-in, headers: [{{name: X-Team, value: shop}}]"
    async with telling(tmp_path, plan_text(hook(receiver, more=more))) as told:
        await told.alerting.changed([fired()])
        (found,) = await told.requests(receiver, 1)
    for key in (KEY, OLD_KEY):
        assert Webhook(key).verify(found.body, dict(found.headers))["version"] == "4"
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "eA==" * 8).verify(found.body, dict(found.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(KEY).verify(found.body.replace("SlowTool", "FastTool"), dict(found.headers))
    assert (found.headers["authorization"], found.headers["x-team"], found.headers["content-type"]) == (
        "Bearer let-me-in",
        "shop",
        "application/json",
    )
    assert found.headers["user-agent"].startswith("Hookline/")


async def test_what_fails_is_tried_again_under_the_same_id(tmp_path: Path, receiver: AlertReceiver) -> None:
    """500 and 429 are for a while; each attempt has a time of its own and is in the log."""
    async with telling(tmp_path, plan_text(hook(receiver, "/hook?then=500,503,429,200", f"signing_key: {KEY}"))) as told:
        await told.alerting.changed([fired()])
        found = await told.requests(receiver, 4)
        await told.idle()
        log = await told.alerting.deliveries("", 10)
    assert len({each.id for each in found}) == 1
    assert len({each.body for each in found}) == 1
    for each in found:
        Webhook(KEY).verify(each.body, dict(each.headers))
    assert [(each.attempt, each.outcome, each.code) for each in reversed(log)] == [
        (1, "retried", 500),
        (2, "retried", 503),
        (3, "retried", 429),
        (4, "delivered", 200),
    ]
    assert all(each.after_breach_ns > 0 for each in log)


TARGETS = {
    "webhook": "webhook_configs: [{{url: '{url}', allow_private: true}}]",
    "grafana": "webhook_configs: [{{url: '{url}', allow_private: true, format: grafana}}]",
    "slack": "slack_configs: [{{api_url: '{url}', allow_private: true}}]",
    "pagerduty": "pagerduty_configs: [{{routing_key: k, url: '{url}', allow_private: true}}]",
    "alertmanager": "alertmanager_configs: [{{url: '{url}', allow_private: true}}]",
}


@dataclass(frozen=True, slots=True)
class Unnoted:
    """A channel whose answer never comes to be noted: the process ends first."""

    channel: TargetChannel

    async def send(self, told: AlertMessage) -> TargetAnswer:
        """Tell the target, then nobody."""
        await self.channel.send(told)
        await asyncio.Event().wait()
        raise AssertionError

    def close(self) -> None:
        """Close the channel."""
        self.channel.close()


@pytest.mark.parametrize("kind", TARGETS)
async def test_what_was_answered_and_not_noted_is_told_again_as_the_same(tmp_path: Path, receiver: AlertReceiver, kind: str) -> None:
    """At least once, and recognisable: after a kill between an answer and its noting the same goes out under the same id, once; formats that have no
    id in their body say the same there, by which their receivers know the alert."""
    text = f"route: {{receiver: me}}\nreceivers:\n  - name: me\n    {TARGETS[kind].format(url=receiver.url)}\n"
    async with telling(tmp_path, text, make_channel=lambda target, url: Unnoted(channel_of(target, url))) as told:
        await told.alerting.changed([fired()])
        await told.requests(receiver, 1)
    for _ in range(2):
        async with telling(tmp_path, text) as told:
            await told.alerting.changed([fired()])
            await told.requests(receiver, 2)
            await told.idle()
    first, second = receiver.requests()
    assert first.id == second.id != ""
    if kind == "alertmanager":
        same = [{name: alert[name] for name in ("labels", "startsAt")} for alert in (*first.json, *second.json)]
        assert same[0] == same[1]
    else:
        assert first.body == second.body


async def test_a_target_that_asks_for_a_pause_gets_it(tmp_path: Path, receiver: AlertReceiver) -> None:
    """Retry-After is followed; the breaker is open meanwhile."""
    async with telling(tmp_path, plan_text(hook(receiver, "/hook?then=429&after=600"))) as told:
        await told.alerting.changed([fired()])
        await told.until(lambda: told.alerting.standings()[0].failures, "a failure")
        standing = told.alerting.standings()[0]
        assert (standing.breaker, standing.waiting, standing.failures) == ("open", 1, 1)
        assert "fails (1 waiting): 429" in told.alerting.health().detail
        assert told.alerting.health().is_remark, "what is received does not suffer"
    assert len(receiver.requests()) == 1


async def test_what_a_target_refuses_for_good_is_not_tried_again(tmp_path: Path, receiver: AlertReceiver) -> None:
    """400 is the end of a message, not of its target."""
    async with telling(tmp_path, plan_text(hook(receiver, "/hook?then=400,200"))) as told:
        await told.alerting.changed([fired(tool="a")])
        await told.alerting.changed([fired(tool="b")])
        await told.requests(receiver, 2)
        await told.idle()
        log = await told.alerting.deliveries("team-webhook-1", 10)
    assert [each.outcome for each in log] == ["delivered", "refused"]
    assert log[1].answer == "ok"


async def test_a_hanging_target_delays_no_other(tmp_path: Path, receiver: AlertReceiver) -> None:
    """Each target has a queue and a task of its own."""
    text = plan_text(hook(receiver, "/hangs?wait=60", "timeout: 50s"), hook(receiver, "/works"))
    async with telling(tmp_path, text) as told:
        for tool in "abc":
            await told.alerting.changed([fired(tool=tool)])
        assert len(await told.requests(receiver, 3, "/works")) == 3
        assert len(receiver.requests("/hangs")) == 1


async def test_no_answer_in_time_is_a_failure(tmp_path: Path, receiver: AlertReceiver) -> None:
    """The time-out is the target's own and covers all of an attempt."""
    async with telling(tmp_path, plan_text(hook(receiver, "/hook?wait=30", "timeout: 200ms"))) as told:
        await told.alerting.changed([fired()])
        await told.until(lambda: told.alerting.standings()[0].failures, "a failure")
        log = await told.alerting.deliveries("", 1)
    assert log[0].answer == "no answer within 0.2 s"


async def test_redirects_are_followed_within_the_same_origin_alone(tmp_path: Path, receiver: AlertReceiver) -> None:
    """Also another port is another host; a redirect that turns a POST into a GET is refused."""
    (tmp_path / "other").mkdir()
    with alert_receiver(tmp_path / "other") as other:
        text = plan_text(
            hook(receiver, "/near?then=307&to=/there", "name: near"),
            hook(receiver, f"/far?then=308&to={other.url}/stolen", "name: far"),
            hook(receiver, "/see?then=302&to=/there", "name: see"),
            hook(receiver, "/round?then=307&to=itself", "name: round"),
        )
        async with telling(tmp_path, text) as told:
            await told.alerting.changed([fired()])
            await told.idle()
            await told.until(lambda: len(receiver.requests("/there")) == 1, "the redirected request")
            log = {each.target: each for each in await told.alerting.deliveries("", 10)}
        assert other.requests() == []
    assert {name: log[name].outcome for name in log} == {"near": "delivered", "far": "refused", "see": "refused", "round": "refused"}
    assert receiver.requests("/there")[0].json == receiver.requests("/near")[0].json


async def test_a_target_reaches_this_machine_only_where_its_configuration_says_so(tmp_path: Path, receiver: AlertReceiver) -> None:
    """Loopback and private ranges are refused at the connection, by whatever name they are called."""
    port = receiver.url.rpartition(":")[2]
    names = ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1", "0.0.0.0")
    text = plan_text(*(f"{{url: 'http://{name}:{port}/', name: t{at}}}" for at, name in enumerate(names)))
    async with telling(tmp_path, text) as told:
        await told.alerting.changed([fired()])
        await told.until(lambda: all(each.failures for each in told.alerting.standings()), "failures")
        assert all("is not a public address" in each.error for each in told.alerting.standings())
        assert "allow_private" in told.alerting.standings()[0].error
    assert receiver.requests() == []


async def test_a_name_that_is_pointed_elsewhere_between_two_looks_reaches_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is looked up once a connection, which goes to an address that was judged, not to the name; the next is judged anew."""
    answers = [["127.0.0.1", "93.184.216.34", "169.254.169.254"], ["127.0.0.1"], ["::ffff:10.0.0.1", "64:ff9b::7f00:1"]]
    connected: list[str] = []

    async def look_up(host: str, port: int) -> list[str]:
        assert (host, port) == ("rebinds.example.org", 443)
        return answers.pop(0)

    async def connect(self: object, host: str, *_: object) -> httpcore2.AsyncNetworkStream:
        connected.append(host)
        return httpcore2.AsyncNetworkStream()

    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", connect)
    backend = CheckedBackend(allow_private=False, look_up=look_up)
    await backend.connect_tcp("rebinds.example.org", 443)
    for _ in range(2):
        with pytest.raises(AddressNotAllowed, match="not a public address"):
            await backend.connect_tcp("rebinds.example.org", 443)
    assert (connected, answers) == (["93.184.216.34"], [])


async def test_what_waits_survives_a_restart(tmp_path: Path, receiver: AlertReceiver) -> None:
    """A message that was decided on is delivered by the next process, with its id and its count of attempts; what was told is known."""
    alert = firing(tool="Bash")
    async with telling(tmp_path, plan_text(hook(receiver, "/hook?then=503"))) as told:
        await told.alerting.changed([fired(tool="Bash")])
        await told.requests(receiver, 2)
    before = {each.id for each in receiver.requests()}
    async with telling(tmp_path, plan_text(hook(receiver, "/better"))) as told:
        await told.alerting.changed([fired(tool="Bash")])
        (found,) = await told.requests(receiver, 1, "/better")
        await told.alerting.changed([resolved(alert, alert.fired_at_ns + S)])
        _, end = await told.requests(receiver, 2, "/better")
        await told.idle()
    assert {found.id} == before
    assert end.json["status"] == "resolved"
    async with telling(tmp_path, plan_text(hook(receiver, "/better"))) as told:
        await told.alerting.changed([resolved(alert, alert.fired_at_ns + S)])
        await told.idle()
    assert len(receiver.requests("/better")) == 2


async def test_an_end_is_told_by_the_process_that_comes_after(tmp_path: Path, receiver: AlertReceiver) -> None:
    """A group that waited for its interval when the process ended goes on waiting."""
    alert = firing(tool="Bash")
    slow = plan_text(hook(receiver), route="group_interval: 1h")
    async with telling(tmp_path, slow) as told:
        await told.alerting.changed([fired(tool="Bash")])
        await told.requests(receiver, 1)
        await told.alerting.changed([resolved(alert, alert.fired_at_ns + S)])
        await told.idle()
    async with telling(tmp_path, plan_text(hook(receiver), route="group_interval: 0s")) as told:
        found = await told.requests(receiver, 2)
    assert found[1].json["status"] == "resolved"


async def test_a_bad_file_leaves_the_plan_that_counts_and_loses_nothing_at_a_start(tmp_path: Path, receiver: AlertReceiver) -> None:
    """Neither while it runs nor across a restart; a good one is taken up."""
    async with telling(tmp_path, plan_text(hook(receiver, "/hook?then=503")), reload_s=0.05) as told:
        await told.alerting.changed([fired(tool="a")])
        await told.requests(receiver, 1)
        await asyncio.to_thread((tmp_path / "notify.yaml").write_text, "route: {receiver: nobody-knows}\nreceivers: []\n")
        await told.until(lambda: told.alerting.problems, "the problem")
        assert "there is no receiver" in told.alerting.health().detail
        await told.requests(receiver, 3)
    async with telling(tmp_path, "route: [", reload_s=0.05) as told:
        await told.until(lambda: told.alerting.problems, "the problem")
        await told.alerting.changed([fired(tool="b")])
        await asyncio.to_thread((tmp_path / "notify.yaml").write_text, plan_text(hook(receiver, "/mended")))
        found = await told.requests(receiver, 2, "/mended")
    assert sorted(each.json["alerts"][0]["labels"]["tool"] for each in found) == ["a", "b"]


async def test_a_target_that_left_the_file_gets_nothing_and_the_log_says_so(tmp_path: Path, receiver: AlertReceiver) -> None:
    """What waited for it is not lost in silence."""
    async with telling(tmp_path, plan_text(hook(receiver, "/hook?then=503", "name: gone"))) as told:
        await told.alerting.changed([fired()])
        await told.requests(receiver, 1)
    async with telling(tmp_path, plan_text(hook(receiver, "/new", "name: new"))) as told:
        await told.until(told.alerting.standings, "the new target")
        log = await told.alerting.deliveries("gone", 1)
    assert (log[0].outcome, log[0].answer) == ("dropped", "the target is not in the file any more")


async def test_a_full_queue_gives_up_the_oldest_and_says_so(tmp_path: Path, receiver: AlertReceiver) -> None:
    """It is bounded, and what it drops is in the log."""
    async with telling(tmp_path, plan_text(hook(receiver, "/hook?then=429&after=2", "max_queued: 2"))) as told:
        for tool in "abcd":
            await told.alerting.changed([fired(tool=tool)])
        log = await told.until(lambda: told.alerting.standings()[0].dropped == 2, "two dropped")
        log = await told.alerting.deliveries("", 10)
    assert [each.outcome for each in log].count("dropped") == 2


async def test_a_queue_is_bounded_also_while_its_target_is_waited_for(tmp_path: Path, receiver: AlertReceiver) -> None:
    """A target that asks for an hour's pause lets nothing pile up."""
    async with telling(tmp_path, plan_text(hook(receiver, "/hook?then=429&after=3600", "max_queued: 2"))) as told:
        await told.alerting.changed([fired(tool="first")])
        await told.until(lambda: told.alerting.standings()[0].failures, "the failure")
        for tool in "abcdefgh":
            await told.alerting.changed([fired(tool=tool)])
        standing = told.alerting.standings()[0]
        assert (standing.waiting, standing.dropped) == (2, 7)
        log = await told.alerting.deliveries("", 20)
    assert [each.outcome for each in log].count("dropped") == 7


async def test_a_message_that_is_too_old_is_given_up(tmp_path: Path, receiver: AlertReceiver) -> None:
    """Nobody wants to be rung for what was yesterday."""
    async with telling(tmp_path, plan_text(hook(receiver, "/hook?then=503", "give_up_after: 1s"))) as told:
        await told.alerting.changed([fired()])
        await told.idle()
        log = await told.alerting.deliveries("", 1)
    assert log[0].outcome == "expired"


async def test_silences_and_acknowledgements_survive_a_restart(tmp_path: Path, receiver: AlertReceiver) -> None:
    """They stand in the same file; each can be ended."""
    alert = fired(tool="Bash").alert
    text = plan_text(hook(receiver))
    far = 2**62
    async with telling(tmp_path, text) as told:
        silence = await told.alerting.silence(parse_matchers("tool=Bash"), 0, far, "me", "noisy")
        await told.alerting.changed([fired(tool="Bash"), fired(tool="Read")])
        await told.requests(receiver, 1)
        await told.idle()
        await told.alerting.acknowledge(alert.fingerprint, "me", "on it")
    async with telling(tmp_path, text) as told:
        await told.until(told.alerting.standings, "the start")
        assert told.alerting.board.silences == {silence.id: silence}
        assert told.alerting.board.acknowledged[alert.fingerprint].comment == "on it"
        await told.alerting.end_silence(silence.id)
        first, second = await told.requests(receiver, 2)
        await told.alerting.changed([resolved(alert, alert.fired_at_ns + S)])
        assert told.alerting.board.acknowledged == {}
        for call in (told.alerting.end_silence("x"), told.alerting.acknowledge("x", "me", ""), told.alerting.forget_acknowledgement("x")):
            with pytest.raises(Rejected):
                await call
    assert [each.json["alerts"][0]["labels"]["tool"] for each in (first, second)] == ["Read", "Bash"]


@pytest.mark.parametrize(
    ("matchers", "starts", "ends"), [("tool!=Bash", 0, 2**62), ("tool=~'.*'", 0, 2**62), ("tool=Bash", 0, 1), ("tool=Bash", 2**62, 2**61)]
)
async def test_a_silence_that_could_not_be_meant_is_refused(matchers: str, starts: int, ends: int, tmp_path: Path) -> None:
    """One that holds back everything, is over, or ends before it begins."""
    async with telling(tmp_path, "route: {receiver: me}\nreceivers: [{name: me}]") as told:
        with pytest.raises(Rejected):
            await told.alerting.silence(parse_matchers(matchers.replace("'", '"')), starts, ends, "me", "")


async def test_a_target_can_be_tried(tmp_path: Path, receiver: AlertReceiver) -> None:
    """Now, once, with everything that an alert can have; the answer comes back."""
    async with telling(tmp_path, plan_text(hook(receiver), hook(receiver, "/no?then=403"))) as told:
        await told.until(told.alerting.standings, "the start")
        good, bad = await told.alerting.try_target("team-webhook-1"), await told.alerting.try_target("team-webhook-2")
        with pytest.raises(Rejected, match="known are team-webhook-1, team-webhook-2"):
            await told.alerting.try_target("team")
    assert (good.delivered, good.code, bad.delivered, bad.code) == (True, 200, False, 403)
    (found,) = receiver.requests("/hook")
    assert found.json["alerts"][0]["labels"]["alertname"] == "HooklineTest"


async def test_a_write_that_fails_leaves_the_change_untaken(tmp_path: Path, receiver: AlertReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever told of it tells again, and it is told once."""
    async with telling(tmp_path, plan_text(hook(receiver))) as told:
        await told.until(told.alerting.standings, "the start")
        monkeypatch.setattr("hookline_collector.notification.keeping.notification_store._statements", _broken)
        with pytest.raises(Refused):
            await told.alerting.changed([fired()])
        assert told.alerting.board.groups == {}
        monkeypatch.undo()
        await told.alerting.changed([fired()])
        await told.requests(receiver, 1)
        await told.idle()
    assert len(receiver.requests()) == 1


def _broken(_: object) -> Any:
    raise sqlite3.OperationalError("database or disk is full")


async def test_a_damaged_store_is_set_aside_and_telling_goes_on(tmp_path: Path, receiver: AlertReceiver) -> None:
    """What fires is told again rather than nothing at all."""
    await asyncio.to_thread((tmp_path / "notification.db").write_bytes, b"not a database" * 1000)
    async with telling(tmp_path, plan_text(hook(receiver))) as told:
        await told.alerting.changed([fired()])
        await told.requests(receiver, 1)
    assert (tmp_path / "notification.db.damaged").exists()
    assert (tmp_path / "notification.db").stat().st_mode & 0o077 == 0


async def test_a_template_of_ones_own_makes_the_body(tmp_path: Path, receiver: AlertReceiver) -> None:
    """In the sandbox of the rules' templates; one that fails while it is told sends Alertmanager's body instead."""
    body = '{"n": {{ alerts | length }}, "first": {{ alerts[0].labels.tool | tojson }}, "all": {{ body | tojson }} }'
    own = hook(receiver, "/own", f"format: template, body: '{body}', content_type: application/vnd.shop+json")
    fails = hook(receiver, "/fails", "format: template, body: '{{ 1 / (value - value) }}'")
    async with telling(tmp_path, plan_text(own, fails)) as told:
        await told.alerting.changed([fired(tool='a"b')])
        (found,) = await told.requests(receiver, 1, "/own")
        (failed,) = await told.requests(receiver, 1, "/fails")
    assert (found.json["n"], found.json["first"], found.json["all"]["version"]) == (1, 'a"b', "4")
    assert found.headers["content-type"] == "application/vnd.shop+json"
    assert failed.json["version"] == "4"


async def test_a_command_is_told_by_json_and_a_failing_one_is_run_again(tmp_path: Path) -> None:
    """No shell; the exit code says whether it was taken."""
    out, mark = tmp_path / "out", tmp_path / "mark"
    program = f"test -e {mark} || {{ touch {mark}; exit 3; }}; cat > {out}; echo $HOOKLINE_ALERT_STATUS >> {out}"
    text = f"route: {{receiver: me}}\nreceivers: [{{name: me, command_configs: [{{command: [sh, -c, {json.dumps(program)}]}}]}}]"
    async with telling(tmp_path, text) as told:
        await told.alerting.changed([fired(tool="Bash")])
        await told.idle()
        log = await told.alerting.deliveries("", 5)
    lines = (await asyncio.to_thread(out.read_text)).splitlines()
    assert json.loads(lines[0])["alerts"][0]["labels"]["tool"] == "Bash"
    assert lines[1] == "firing"
    assert [(each.outcome, each.attempt) for each in log] == [("delivered", 2), ("retried", 1)]
    assert log[1].answer == "sh ended with exit code 3"
