"""Mail to a real server of SMTP, notices on the desktop, and Apprise."""

from __future__ import annotations

import ssl
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hookline_collector.notification.plan.notification_plan import TargetPlan
from hookline_collector.notification.plan.plan_file import read_plan
from hookline_collector.notification.sending.channels import channel_of
from support.alert_receiver import AlertReceiver, alert_receiver
from support.alerting import T0, S, firing, message, over
from support.certificates import make_certificate
from support.mail_server import MailServer, mail_server

URL = "http://127.0.0.1:4319"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give a certificate of this machine and its key."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(certificate: tuple[Path, Path]) -> Iterator[MailServer]:
    """Give a server that offers STARTTLS."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(*certificate)
    with mail_server(trust) as found:
        yield found


def target(kind: str, text: str) -> TargetPlan:
    """Return a target as the file gives it."""
    plan, problems = read_plan(f"route: {{receiver: me}}\nreceivers: [{{name: me, {kind}_configs: [{{{text}}}]}}]", "notify.yaml", Path(), {})
    assert plan is not None, problems
    return next(plan.targets())


def mail_target(server: MailServer, more: str) -> TargetPlan:
    """Return a target of mail."""
    return target("email", f"to: [me@example.org], from: alerts@example.org, smarthost: '{server.address}', allow_private: true, {more}")


async def sent(plan: TargetPlan, *, is_over: bool = False) -> Any:
    """Try once."""
    channel = channel_of(plan, URL)
    try:
        return await channel.send(message(over(firing(tool="Bash"), T0 + S) if is_over else firing(tool="Bash")))
    finally:
        channel.close()


async def test_a_mail_arrives_encrypted_and_with_its_user(server: MailServer, certificate: tuple[Path, Path]) -> None:
    """STARTTLS with a certificate that is trusted for the host's name; only then the password."""
    server.address = server.address.replace("127.0.0.1", "localhost")
    answer = await sent(mail_target(server, f"ca_file: {certificate[0]}, auth_username: me, auth_password: secret"))
    assert answer.kind == "delivered", answer
    (mail,) = server.mails
    assert mail["Subject"] == "[FIRING:1] SlowTool (Bash)"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "firing: Bash is slow" in body.get_content()
    assert server.encrypted == [True]
    assert len(server.users) == 1


async def test_a_certificate_that_is_not_trusted_ends_the_attempt(server: MailServer) -> None:
    """Nothing is sent, no password neither."""
    answer = await sent(mail_target(server, "auth_username: me, auth_password: secret"))
    assert answer.kind == "again"
    assert "certificate" in answer.text.lower()
    assert (server.mails, server.users) == ([], [])


async def test_a_server_without_encryption_gets_nothing_unless_that_is_said() -> None:
    """`require_tls` is on by itself."""
    with mail_server() as plain:
        assert (await sent(mail_target(plain, ""))).kind == "again"
        assert plain.mails == []
        assert (await sent(mail_target(plain, "require_tls: false"))).kind == "delivered"
        assert len(plain.mails) == 1


async def test_mail_reaches_this_machine_only_where_its_configuration_says_so() -> None:
    """As requests do."""
    with mail_server() as plain:
        answer = await sent(target("email", f"to: [me@a.org], from: b@a.org, smarthost: '{plain.address}', require_tls: false"))
    assert answer.kind == "again"
    assert "not a public address" in answer.text


@pytest.mark.parametrize(("to", "kind", "code"), [("later@example.org", "again", 451), ("nobody@example.org", "refused", 550)])
async def test_what_a_server_says_of_a_recipient_decides(to: str, kind: str, code: int) -> None:
    """4xx is for a while, 5xx for good."""
    with mail_server() as plain:
        more = f"to: [{to}], from: b@example.org, smarthost: '{plain.address}', require_tls: false, allow_private: true"
        answer = await sent(target("email", more))
    assert (answer.kind, answer.code) == (kind, code)


async def test_the_desktop_shows_a_message_in_two_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the program that the relay's notices use."""
    if sys.platform == "darwin":
        pytest.skip("this is about notify-send")
    program, out = tmp_path / "notify-send", tmp_path / "out"
    program.write_text(f'#!/bin/sh\nprintf "%s|" "$@" >> {out}\necho 7\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    answer = await sent(target("desktop", ""))
    assert answer.kind == "delivered", answer
    assert "[FIRING:1] SlowTool (Bash)|firing: Bash is slow · p95 is over its baseline" in out.read_text()


async def test_a_desktop_that_is_not_there_is_a_failure_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing, and how to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = await sent(target("desktop", ""))
    assert answer.kind == "again"
    assert "missing" in answer.text


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[AlertReceiver]:
    """Give a receiver of its own."""
    with alert_receiver(tmp_path) as found:
        yield found


@pytest.mark.unwatched  # it keeps a pool of threads of its own
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
async def test_apprise_tells_the_services_that_it_knows(receiver: AlertReceiver, caplog: pytest.LogCaptureFixture) -> None:
    """By its URL; an unknown one is refused in words, and no log repeats it."""
    pytest.importorskip("apprise", reason="needs the extra apprise")
    answer = await sent(target("apprise", f"url: '{receiver.url.replace('http', 'json')}/hook', title: '{{{{ labels.tool }}}} says'"))
    assert answer.kind == "delivered", answer
    assert receiver.requests()[0].json["title"] == "Bash says"
    assert receiver.requests()[0].json["type"] == "failure"
    unknown = await sent(target("apprise", "url: 'nosuch://secret'"))
    assert (unknown.kind, unknown.text) == ("refused", "Apprise does not know this URL")
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("kind", "text", "has"),
    [
        ("slack", "api_url: '{url}/hook'", "blocks"),
        ("pagerduty", "routing_key: abc, url: '{url}/hook'", "routing_key"),
        ("webhook", "url: '{url}/hook', format: grafana", "orgId"),
    ],
)
async def test_each_format_arrives_as_json(receiver: AlertReceiver, kind: str, text: str, has: str) -> None:
    """With the id of the message."""
    answer = await sent(target(kind, text.format(url=receiver.url) + ", allow_private: true"))
    assert answer.kind == "delivered", answer
    (found,) = receiver.requests()
    assert has in found.json
    assert found.id.startswith("msg_")
