"""The OTLP/gRPC receiver.

grpc.aio takes twice as many requests a second as the thread-pool server (1.08 M against 0.66 M spans/s in 512-span requests,
parsed, on 2 cores) and shares the loop with the rest. The library itself undoes gzip and deflate, bounded by the message limit,
and answers an unknown method (UNIMPLEMENTED), a message past the limit (RESOURCE_EXHAUSTED without RetryInfo) and an
encoding it does not know, such as zstd (INTERNAL). Handlers get raw bytes, because a failing deserializer would be UNKNOWN.

Retry information goes out twice: `google.rpc.retryinfo-bin`, which the Python exporter reads, and `grpc-status-details-bin`,
which others do.

For one person the server is opened for the first who connects (`doorman`): its library keeps threads that wake the process nine times a second.
A collector with a ClickHouse server has senders all day, and who is led in by a doorman costs it a tenth more: there the server opens at once.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

import grpc
from grpc import aio

from hookline.errors import AlreadyRunning, HooklineError
from hookline.settings.schema import Settings
from hookline_collector.ingest import Hold, RequestConsumer
from hookline_collector.observe.health import PartHealth
from hookline_collector.receive.doorman import Doorman, can_keep
from hookline_collector.receive.otlp_policy import OtlpPolicy, grpc_credentials
from hookline_collector.receive.response import response_to
from hookline_collector.receive.status import SenderAnswer, answer_to
from hookline_collector.signal import Signal

_CODES = {code.value[0]: code for code in grpc.StatusCode}
_log = logging.getLogger(__name__)


class GrpcReceiver:
    """Serves the three Export services on one port. `address` is the bound one, known after `start`."""

    name = "otlp_grpc"

    def __init__(self, settings: Settings, ingest: RequestConsumer) -> None:
        self.address = settings.collector.otlp_grpc
        self._settings = settings
        self._ingest = ingest
        self._policy = OtlpPolicy.for_address(settings.collector, self.address)
        self._server: aio.Server | None = None
        self._doorman = Doorman(self._open) if can_keep(self.address) and not settings.store.url else None

    async def start(self) -> None:
        """Bind, and serve at once or from the first connection on. Raises AlreadyRunning when the port is taken."""
        if self._doorman is None:
            await self._open(self.address)
        else:
            self._doorman.listen(self.address, "collector.otlp_grpc")
            self.address = self._doorman.address

    async def _open(self, address: str) -> None:
        server = aio.server(options=[*_options(self._settings), ("grpc.so_reuseport", int(self._doorman is not None))])
        server.add_generic_rpc_handlers(tuple(self._service(signal) for signal in Signal))
        credentials = grpc_credentials(self._settings.collector)
        try:
            port = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
        except RuntimeError as why:
            await server.stop(0)
            raise AlreadyRunning(f"cannot listen on {address}; choose another with collector.otlp_grpc (port 0 picks a free one): {why}") from None
        await server.start()
        self.address = f"{address.rpartition(':')[0]}:{port}"
        self._server = server

    def health(self) -> PartHealth:
        """Return where it listens."""
        return PartHealth(self.name, True, self.address)

    async def stop(self, grace_s: float) -> None:
        """Take no new requests, let those at work end within the grace, cancel the rest."""
        if self._doorman:
            await self._doorman.shut()
        if self._server:
            await self._server.stop(grace_s)
            self._server = None
        if self._doorman:
            await self._doorman.leave()

    def _service(self, signal: Signal) -> grpc.GenericRpcHandler[bytes, bytes]:
        async def export(body: bytes, context: aio.ServicerContext[bytes, bytes]) -> bytes:
            return await self._export(signal, body, context)

        handler = grpc.unary_unary_rpc_method_handler(cast(Any, export))
        return grpc.method_handlers_generic_handler(signal.grpc_service, {"Export": handler})

    async def _export(self, signal: Signal, body: bytes, context: aio.ServicerContext[bytes, bytes]) -> bytes:
        async def read(hold: Hold) -> bytes:
            if self._policy.token:  # to look at what came with a request costs more than the rest of this
                self._policy.check_token(_authorization(context))
            hold(len(body))
            return body

        try:
            outcome = await self._ingest.accept(signal, read)
            answer: bytes = response_to(signal, outcome, self._settings.limits.max_response_bytes).SerializeToString()
            return answer
        except asyncio.CancelledError:
            raise
        except Exception as why:
            if not isinstance(why, HooklineError):
                _log.exception("a %s request failed", signal.value)
            failure = answer_to(why)
        await context.abort(_CODES[failure.code], failure.status.message, _trailers(failure))
        raise AssertionError  # abort raises


def _authorization(context: aio.ServicerContext[bytes, bytes]) -> str | None:
    return next((str(value) for key, value in context.invocation_metadata() or () if key == "authorization"), None)


def _trailers(answer: SenderAnswer) -> tuple[tuple[str, bytes], ...]:
    details = ("grpc-status-details-bin", answer.status.SerializeToString())
    return (details,) if answer.retry_after_s is None else (details, ("google.rpc.retryinfo-bin", answer.retry_info))


def _options(settings: Settings) -> list[tuple[str, int]]:
    """Return the server's options. Senders may ping as often as every five seconds, also between calls."""
    limits = settings.limits
    options = [
        ("grpc.max_receive_message_length", limits.max_body_bytes),
        ("grpc.max_send_message_length", limits.max_response_bytes),
        ("grpc.max_concurrent_streams", 2 * limits.max_concurrent_requests),
        ("grpc.max_allowed_incoming_connections", limits.max_connections),
        ("grpc.server_handshake_timeout_ms", int(limits.request_timeout_s * 1000)),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
        ("grpc.http2.max_ping_strikes", 0),
    ]
    if limits.max_connection_age_s:
        options += [("grpc.max_connection_age_ms", int(limits.max_connection_age_s * 1000)), ("grpc.max_connection_age_grace_ms", 10_000)]
    return options
