"""The OTLP/HTTP receiver: POST of protobuf or JSON to /v1/{traces,metrics,logs}.

Every failure is answered with a google.rpc.Status in the encoding of the request (JSON where that is unknown), and the
connection lives on when the body was read. A sender that is refused in the middle of its body would see a broken connection
instead of the answer, so the rest of the body is read and thrown away, within bounds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from io import BytesIO

from google.protobuf import json_format
from google.protobuf.message import Message
from starlette.types import Receive, Scope, Send

from hookline.errors import AlreadyRunning, ConfigInvalid, HooklineError, Refused, TooLarge
from hookline.settings.schema import MIB, Settings
from hookline_collector.ingest import Hold, RequestConsumer
from hookline_collector.observe.health import PartHealth
from hookline_collector.receive.body_room import LARGE_BYTES, BodyPlace, BodyRoom
from hookline_collector.receive.compression import decompress, named_encodings
from hookline_collector.receive.json import to_protobuf
from hookline_collector.receive.otlp_policy import OtlpPolicy, host_of
from hookline_collector.receive.response import response_to
from hookline_collector.receive.status import NotFound, UnsupportedMedia, WrongMethod, answer_to
from hookline_collector.serving import Bounds, HttpServer, show_token, tls_context
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.serving.memory import HeavyWork
from hookline_collector.signal import Signal

PROTOBUF, JSON = "application/x-protobuf", "application/json"
_SIGNALS = {signal.http_path: signal for signal in Signal}
MAX_INLINE_COMPRESSED_BYTES = 4 * 1024  # more than this takes longer than the loop may be held
MAX_INLINE_JSON_BYTES = 64 * 1024
KEEP_ALIVE_S = 75  # longer than the minute after which SDKs send metrics
ROOM_BYTES = 32 * MIB
"""For large bodies, beside the embedded engine: one is read while another is examined, and of smaller ones so many as may be under way."""
_DRAIN_S = 5.0
_log = logging.getLogger(__name__)


class _SenderGone(Exception):
    """The connection ended before the request did; nobody is left to answer."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What the head of a request says. `media_type` is empty when it is none of ours."""

    method: str
    path: str
    headers: dict[str, str]
    scope: Scope

    @classmethod
    def of(cls, scope: Scope) -> _Head:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
        return cls(scope["method"], scope["path"], headers, scope)

    @property
    def media_type(self) -> str:
        given = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return given if given in (PROTOBUF, JSON) else ""

    @property
    def declared_bytes(self) -> int:
        length = self.headers.get("content-length", "")
        return int(length) if length.isdecimal() else 0


class HttpReceiver:
    """Serves OTLP/HTTP on one port. `address` is the bound one, known after `start`."""

    name = "otlp_http"

    def __init__(self, settings: Settings, ingest: RequestConsumer, heavy: HeavyWork) -> None:
        self.address = settings.collector.otlp_http
        self._settings = settings
        self._limits = settings.limits
        self._ingest = ingest
        self._heavy = heavy
        self._policy = OtlpPolicy.for_address(settings.collector, self.address)
        has_token = bool(settings.collector.otlp_token)
        bounds = Bounds.of(settings.limits, has_token=has_token, max_body_bytes=settings.limits.max_body_bytes, keep_alive_s=KEEP_ALIVE_S)
        self._server = HttpServer(self._app, bounds)
        self._inflating = BlockingPool("inflate", 2)
        self._room = BodyRoom(_room_bytes(settings), settings.limits.request_timeout_s, settings.limits.retry_after_s)

    async def start(self) -> None:
        """Bind and serve. Raises AlreadyRunning when the port is taken."""
        host, _, port = self.address.rpartition(":")
        if not port.isdecimal():
            raise ConfigInvalid([("collector.otlp_http", f"{self.address!r} is not host:port")])
        try:
            _, bound = await self._server.start(host_of(self.address), int(port), tls_context(self._settings.collector))
        except OSError as why:
            raise AlreadyRunning(
                f"cannot listen on {self.address}; choose another with collector.otlp_http (port 0 picks a free one): {why}"
            ) from None
        self.address = f"{host}:{bound}"

    def health(self) -> PartHealth:
        """Return where it listens."""
        return PartHealth(self.name, True, self.address)

    async def stop(self, grace_s: float) -> None:
        """Take no new requests, let those at work end within the grace, close the rest."""
        await self._server.stop(grace_s)
        self._inflating.close()

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        head, body = _Head.of(scope), _Body(receive)
        with contextlib.suppress(_SenderGone):
            message, status, headers = await self._answer(head, body)
            if not await body.drain(self._limits.max_body_bytes, head.headers.get("expect")):
                headers["connection"] = "close"
            await _send(send, status, headers, message, head.media_type or JSON)

    async def _answer(self, head: _Head, body: _Body) -> tuple[Message, int, dict[str, str]]:
        """Return message, status and headers, whatever happens."""
        try:
            return await self._take(head, body), 200, {}
        except _SenderGone:
            raise
        except Exception as why:
            if not isinstance(why, HooklineError):
                _log.exception("a request to %s failed", head.path)
            answer = answer_to(why)
            return answer.status, answer.http_status, answer.http_headers

    async def _take(self, head: _Head, body: _Body) -> Message:
        self._policy.check_host(head.headers.get("host"))
        self._policy.check_origin(head.headers.get("origin"))
        signal = _SIGNALS.get(head.path)
        if signal is None:
            raise NotFound(f"nothing is at {head.path[:100]}; OTLP is at {', '.join(_SIGNALS)}")
        place = self._room.place()
        try:
            result = await self._ingest.accept(signal, lambda hold: self._read(head, body, signal, hold, place))
        finally:
            place.leave()
        response: Message = response_to(signal, result, self._limits.max_response_bytes)
        return response

    async def _read(self, head: _Head, body: _Body, signal: Signal, hold: Hold, place: BodyPlace) -> bytes:
        """Return the request as protobuf, uncompressed."""
        if head.method != "POST":
            raise WrongMethod(f"{head.method} is not possible here; POST")
        self._policy.check_token(head.headers.get("authorization"))
        show_token(head.scope)
        if not head.media_type:
            raise UnsupportedMedia(f"Content-Type {head.headers.get('content-type', '')[:100]!r} is not supported; use {PROTOBUF} or {JSON}")
        encodings = named_encodings(head.headers.get("content-encoding", ""))
        size = self._limits.max_body_bytes if encodings else head.declared_bytes or self._limits.max_body_bytes
        data = await self._received(head, body, hold, lambda: place.take(size))
        if encodings:
            data = await self._decompressed(encodings, data)
            hold(len(data))
        place.keep(len(data))
        return await self._converted(signal, data) if head.media_type == JSON else data

    async def _received(self, head: _Head, body: _Body, hold: Hold, take_room: Callable[[], Awaitable[None]]) -> bytes:
        """Return the body as it came. `take_room` is awaited for a large one, as soon as it is known to be; that is not the sender's time."""
        if head.declared_bytes > self._limits.max_body_bytes:
            raise _too_large(self._limits.max_body_bytes)
        if head.declared_bytes > LARGE_BYTES:
            await take_room()
        try:
            async with asyncio.timeout(self._limits.request_timeout_s) as patience:

                async def take_room_meanwhile() -> None:
                    patience.reschedule(None)
                    await take_room()
                    patience.reschedule(asyncio.get_running_loop().time() + self._limits.request_timeout_s)

                return await body.read(self._limits.max_body_bytes, hold, take_room_meanwhile)
        except TimeoutError:
            body.is_given_up = True
            raise Refused(f"the body did not arrive within {self._limits.request_timeout_s:g} s", self._limits.retry_after_s) from None

    async def _decompressed(self, encodings: list[str], data: bytes) -> bytes:
        limit = self._limits.max_body_bytes
        if len(data) > MAX_INLINE_COMPRESSED_BYTES:
            try:
                return await self._inflating.run(decompress, encodings, data, limit)
            finally:
                self._heavy.give_back_soon()
        return decompress(encodings, data, limit)

    async def _converted(self, signal: Signal, data: bytes) -> bytes:
        arguments = signal, data, self._limits.max_messages, self._limits.max_depth
        if len(data) > MAX_INLINE_JSON_BYTES:
            return await self._heavy.run(to_protobuf, *arguments)
        return to_protobuf(*arguments)


class _Body:
    """A request's body, read piece by piece."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._asked = False
        self._complete = False
        self.is_given_up = False

    async def read(self, limit: int, hold: Hold, take_room: Callable[[], Awaitable[None]]) -> bytes:
        """Return all of it; `take_room` is awaited before the rest of a large one is read. Raises TooLarge past `limit`, Refused, _SenderGone."""
        gathered, size = BytesIO(), 0
        while not self._complete:
            piece = await self._next()
            size += len(piece)
            if size > limit:
                raise _too_large(limit)
            hold(len(piece))
            if self._complete and size == len(piece):
                return piece
            gathered.write(piece)
            if size - len(piece) <= LARGE_BYTES < size:
                await take_room()
        return gathered.getvalue()  # what it wrote into, without a copy

    async def drain(self, limit: int, expectation: str | None) -> bool:
        """Throw the rest away; return whether its end was reached. A sender that waits to be asked for it is not asked."""
        if self.is_given_up or (expectation and not self._asked):
            return False
        size = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                while not self._complete and size <= limit:
                    size += len(await self._next())
        return self._complete

    async def _next(self) -> bytes:
        self._asked = True
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise _SenderGone
        self._complete = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece


def _room_bytes(settings: Settings) -> int:
    """Return how much large bodies may take. A server has many senders, some behind slow lines, whose bodies come side by side."""
    return settings.limits.max_inflight_bytes if settings.store.url else ROOM_BYTES


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is larger than {limit} bytes; send smaller batches or raise limits.max_body_bytes")


async def _send(send: Send, status: int, headers: dict[str, str], message: Message, media_type: str) -> None:
    body = message.SerializeToString() if media_type == PROTOBUF else json_format.MessageToJson(message, indent=None).encode()
    lines = {"date": _date(int(time.time())), "content-type": media_type, "content-length": str(len(body)), **headers}
    await send({"type": "http.response.start", "status": status, "headers": [(k.encode(), v.encode()) for k, v in lines.items()]})
    await send({"type": "http.response.body", "body": body})


@lru_cache(maxsize=1)
def _date(unix_s: int) -> str:
    """Return a header's date. Many answers are given within a second, and to write it takes longer than all the rest of a head."""
    return formatdate(unix_s, usegmt=True)
