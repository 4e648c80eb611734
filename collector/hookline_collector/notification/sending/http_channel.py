"""One attempt over HTTP. Every attempt opens a connection of its own, so that every one is checked; redirects are followed within one origin alone.

A target's certificates, time-out and address rule are its own. Proxies of the environment are not used: what one connects to cannot be checked.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

import httpcore2

from hookline_collector.notification.deciding.alert_message import AlertMessage
from hookline_collector.notification.plan.notification_plan import TargetPlan
from hookline_collector.notification.sending.checked_address import AddressNotAllowed, CheckedBackend, Resolve, resolve
from hookline_collector.notification.sending.target_answer import TargetAnswer, again, of_status, refused
from hookline_collector.notification.sending.target_request import TargetRequest, signed

MAX_ANSWER_BYTES: Final = 4_096
MAX_REDIRECTS: Final = 3
KEEP_METHOD: Final = (307, 308)


class TargetChannel(Protocol):
    """A way to a target."""

    async def send(self, message: AlertMessage) -> TargetAnswer:
        """Try once. What goes wrong is the answer; only defects raise."""

    def close(self) -> None:
        """Give up what it holds."""


class HttpChannel:
    """Sends what `build` makes of a message."""

    def __init__(
        self,
        target: TargetPlan,
        build: Callable[[AlertMessage], TargetRequest],
        look_up: Resolve = resolve,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._target = target
        self._build = build
        self._backend = CheckedBackend(allow_private=target.allow_private, look_up=look_up)
        self._keys = [key for name in ("signing_key", "previous_signing_key") if (key := target.secret(name))]
        self._now_s = now_s
        self._trust: ssl.SSLContext | None = None

    async def send(self, message: AlertMessage) -> TargetAnswer:
        """Try once, within the target's time-out."""
        try:
            async with asyncio.timeout(self._target.timeout_s):
                return await self._sent(self._build(message), message.id)
        except TimeoutError:
            return again(f"no answer within {self._target.timeout_s:g} s")
        except AddressNotAllowed as why:
            return again(str(why))
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException, OSError) as why:
            return again(f"{type(why).__name__}: {why}" if str(why) else type(why).__name__)

    def close(self) -> None:
        """Nothing is held between attempts."""

    async def _sent(self, request: TargetRequest, message_id: str) -> TargetAnswer:
        if request.url.startswith("https:") and self._trust is None:
            self._trust = await asyncio.to_thread(ssl.create_default_context, cafile=self._target.text("ca_file") or None)
        url = request.url
        async with httpcore2.AsyncConnectionPool(ssl_context=self._trust, network_backend=self._backend, max_keepalive_connections=0) as pool:
            for _ in range(MAX_REDIRECTS + 1):
                answer, location = await self._asked(pool, url, request, message_id)
                if answer.code not in KEEP_METHOD or not location:
                    return answer
                there = urljoin(url, location)
                if origin_of(there) != origin_of(url):
                    return refused("it redirects to another host, which is not followed", answer.code)
                url = there
        return refused("it redirects again and again", answer.code)

    async def _asked(self, pool: httpcore2.AsyncConnectionPool, url: str, request: TargetRequest, message_id: str) -> tuple[TargetAnswer, str]:
        headers = [(name.encode(), value.encode()) for name, value in signed(request, message_id, int(self._now_s()), self._keys)]
        body = b""
        async with pool.stream("POST", url, headers=headers, content=request.body) as response:
            found = {name.lower(): value.decode("latin-1") for name, value in response.headers}
            async for chunk in response.aiter_stream():
                body += chunk
                if len(body) >= MAX_ANSWER_BYTES:
                    break
        return of_status(response.status, body[:MAX_ANSWER_BYTES], found.get(b"retry-after", "")), found.get(b"location", "")


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port."""
    found = urlsplit(url)
    return found.scheme, (found.hostname or "").lower(), found.port or (443 if found.scheme == "https" else 80)
