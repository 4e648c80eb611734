"""Targets on this machine, and those of Apprise: what blocks runs in a thread that is the target's own, so that none delays another."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hookline.system.desktop import Desktop
from hookline.system.programs import Failed, run
from hookline_collector.notification.deciding.alert_message import AlertMessage
from hookline_collector.notification.formats.alertmanager_body import webhook_body
from hookline_collector.notification.formats.message_text import MessageText, one_line
from hookline_collector.notification.plan.notification_plan import TargetPlan
from hookline_collector.notification.sending.target_answer import TargetAnswer, again, refused
from hookline_collector.serving.blocking_pool import BlockingPool

GRACE_S = 5.0
MAX_NOTICE_CHARS = 400
Words = Callable[[AlertMessage], MessageText]
Attempt = Callable[[AlertMessage], TargetAnswer]


class BlockingChannel:
    """Runs attempts that block in one thread of its own. One that goes on long after its time-out keeps the thread, and the target waits for it."""

    def __init__(self, target: TargetPlan, attempt: Attempt) -> None:
        self._pool = BlockingPool(f"send to {target.name}"[:60], 1)
        self._attempt = attempt
        self._timeout_s = target.timeout_s
        self._hanging: asyncio.Future[TargetAnswer] | None = None

    async def send(self, message: AlertMessage) -> TargetAnswer:
        """Try once."""
        if self._hanging is not None and not self._hanging.done():
            return again("an earlier attempt still hangs")
        self._hanging = asyncio.ensure_future(self._pool.run(self._attempt, message))
        done, _ = await asyncio.wait([self._hanging], timeout=self._timeout_s + GRACE_S)
        return self._hanging.result() if done else again(f"no end within {self._timeout_s + GRACE_S:g} s")

    def close(self) -> None:
        """Take no more attempts."""
        if self._hanging is not None:
            self._hanging.cancel()
        self._pool.close()


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A group as the desktop shows it."""

    id: str
    title: str
    body: str


def desktop_attempt(desktop: Desktop, words: Words) -> Attempt:
    """Return what shows a message on the desktop, in the place of what was shown of its group."""

    def attempt(message: AlertMessage) -> TargetAnswer:
        shown = words(message)
        body = one_line(" · ".join(shown.text.splitlines()[:3]), MAX_NOTICE_CHARS)
        notice = ShownNotice(message.group_key, shown.title, body)
        try:
            desktop.take_back(notice)
            desktop.show(notice)
        except Failed as why:
            return again(str(why))
        return TargetAnswer("delivered")

    return attempt


def command_attempt(target: TargetPlan, external_url: str) -> Attempt:
    """Return what runs a program with a message as JSON on its standard input."""
    command = [str(word) for word in target.options["command"]]

    def attempt(message: AlertMessage) -> TargetAnswer:
        body: dict[str, Any] = {"id": message.id, "reason": message.reason}
        body |= webhook_body(message, external_url, explain=bool(target.options["explain"]))
        variables = {"HOOKLINE_ALERT_ID": message.id, "HOOKLINE_ALERT_STATUS": message.status, "HOOKLINE_ALERT_RECEIVER": message.receiver}
        try:
            said = run(command, target.timeout_s, json.dumps(body, ensure_ascii=False) + "\n", variables)
        except Failed as why:
            return again(str(why))
        return TargetAnswer("delivered", 0, one_line(said, 200))

    return attempt


def apprise_attempt(target: TargetPlan, words: Words) -> Attempt:
    """Return what hands a message to Apprise. Its URL decides what is reached: addresses are not checked here."""

    def attempt(message: AlertMessage) -> TargetAnswer:
        try:
            import apprise  # noqa: PLC0415 - an extra, and slow to import
        except ImportError:
            return refused("the package apprise is not installed: install hookline[apprise]")
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it writes URLs into its log, and secrets stand in them
        shown = words(message)
        service = apprise.Apprise()
        if not service.add(target.url.reveal()):
            return refused("Apprise does not know this URL")
        kind = apprise.NotifyType.FAILURE if message.firing else apprise.NotifyType.SUCCESS
        is_sent = service.notify(body=shown.text, title=shown.title, notify_type=kind)
        return TargetAnswer("delivered") if is_sent else again("Apprise could not deliver it")

    return attempt
