"""A target's channel: which format goes which way."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import orjson

from hookline.system.clock import NS_PER_S
from hookline.system.desktop import Desktop
from hookline_collector.notification.deciding.alert_message import AlertMessage
from hookline_collector.notification.formats.alertmanager_body import posted_alerts, webhook_body
from hookline_collector.notification.formats.grafana_body import grafana_body
from hookline_collector.notification.formats.message_text import MessageText
from hookline_collector.notification.formats.own_templates import own_body, own_words
from hookline_collector.notification.formats.pagerduty_body import pagerduty_body
from hookline_collector.notification.formats.slack_body import slack_body
from hookline_collector.notification.plan.notification_plan import TargetPlan
from hookline_collector.notification.sending.checked_address import Resolve, resolve
from hookline_collector.notification.sending.http_channel import HttpChannel, TargetChannel
from hookline_collector.notification.sending.local_channels import Attempt, BlockingChannel, apprise_attempt, command_attempt, desktop_attempt
from hookline_collector.notification.sending.mail_channel import send_mail
from hookline_collector.notification.sending.target_request import Headers, TargetRequest

VALID_RESENDS = 4
Build = Callable[[AlertMessage], TargetRequest]


def channel_of(target: TargetPlan, external_url: str, look_up: Resolve = resolve, now_ns: Callable[[], int] = time.time_ns) -> TargetChannel:
    """Return the way to a target."""
    if build := _request(target, external_url, now_ns):
        return HttpChannel(target, build, look_up, lambda: now_ns() / NS_PER_S)

    def words(message: AlertMessage) -> MessageText:
        return own_words(message, external_url, target.text("title"), target.text("text"))

    attempts: dict[str, Callable[[], Attempt]] = {
        "email": lambda: lambda message: send_mail(target, words, message),
        "desktop": lambda: desktop_attempt(Desktop(), words),
        "command": lambda: command_attempt(target, external_url),
        "apprise": lambda: apprise_attempt(target, words),
    }
    return BlockingChannel(target, attempts[target.kind]())


def _request(target: TargetPlan, external_url: str, now_ns: Callable[[], int]) -> Build | None:
    """Return what makes the request of a target over HTTP; None for others."""
    builds: dict[str, Callable[[AlertMessage], Any]] = {
        "webhook": lambda message: _webhook(target, message, external_url),
        "slack": lambda message: slack_body(
            message,
            own_words(message, external_url, target.text("title"), target.text("text")),
            external_url,
            is_own_text=bool(target.text("text")),
        ),
        "pagerduty": lambda message: pagerduty_body(
            message,
            own_words(message, external_url, target.text("title"), target.text("text")),
            external_url,
            target.secret("routing_key"),
            target.text("severity"),
        ),
        "alertmanager": lambda message: posted_alerts(message, external_url, now_ns(), VALID_RESENDS * int(target.options["resend_delay"])),
    }
    if target.kind not in builds:
        return None
    url, headers = target.url.reveal(), _headers(target)
    url = f"{url.rstrip('/')}/api/v2/alerts" if target.kind == "alertmanager" else url
    is_own = target.options.get("format") == "template"
    content_type = target.text("content_type") if is_own else "application/json"

    def build(message: AlertMessage) -> TargetRequest:
        body = builds[target.kind](message)
        return TargetRequest(url, body if isinstance(body, bytes) else orjson.dumps(body), content_type, headers)

    return build


def _webhook(target: TargetPlan, message: AlertMessage, external_url: str) -> Any:
    if target.options["format"] == "template":
        return own_body(message, external_url, target.text("body"))
    body = grafana_body if target.options["format"] == "grafana" else webhook_body
    return body(message, external_url, int(target.options["max_alerts"]), explain=bool(target.options["explain"]))


def _headers(target: TargetPlan) -> Headers:
    given = tuple((name, value.reveal()) for name, value in target.options.get("headers", ()))
    token = target.secret("bearer_token")
    return (*given, ("Authorization", f"Bearer {token}")) if token else given
