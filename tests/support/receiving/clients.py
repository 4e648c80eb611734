"""Clients that send exactly what a test says: bytes over gRPC, bytes over HTTP, bytes over a socket."""

import http.client
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import grpc
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2

from hookline_collector.signal import Signal

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class GrpcAnswer:
    """What a gRPC call came to. `body` is empty when it failed."""

    code: str
    message: str
    body: bytes
    trailers: dict[str, bytes]

    @property
    def status(self) -> status_pb2.Status:
        """The google.rpc.Status of the standard trailer."""
        return status_pb2.Status.FromString(self.trailers["grpc-status-details-bin"])

    @property
    def retry_delay_s(self) -> float | None:
        """What the Python exporter reads, None when it is told nothing."""
        raw = self.trailers.get("google.rpc.retryinfo-bin")
        return None if raw is None else error_details_pb2.RetryInfo.FromString(raw).retry_delay.ToNanoseconds() / 1e9


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An HTTP response."""

    code: int
    headers: dict[str, str]
    body: bytes

    @property
    def status(self) -> status_pb2.Status:
        """The google.rpc.Status in the body, in either encoding."""
        if self.headers["content-type"] == "application/json":
            return json_format.Parse(self.body, status_pb2.Status())
        return status_pb2.Status.FromString(self.body)


def call(
    address: str,
    body: bytes,
    method: str = Signal.TRACES.grpc_service + "/Export",
    metadata: Sequence[tuple[str, str]] = (),
    compression: grpc.Compression | None = None,
    credentials: grpc.ChannelCredentials | None = None,
) -> GrpcAnswer:
    """Make one call on a channel of its own."""
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]
    with grpc.secure_channel(address, credentials, options) if credentials else grpc.insecure_channel(address, options) as channel:
        export: Any = cast(Any, channel).unary_unary(f"/{method}")
        try:
            answer, _ = export.with_call(body, timeout=20, metadata=tuple(metadata), compression=compression)
            return GrpcAnswer("OK", "", answer, {})
        except grpc.RpcError as failed:
            pairs: Any = failed.trailing_metadata() or ()
            trailers = {key: value for key, value in pairs if isinstance(value, bytes)}
            return GrpcAnswer(failed.code().name, failed.details() or "", b"", trailers)


def post(address: str, body: bytes, path: str = "/v1/traces", headers: Mapping[str, str] = PROTOBUF, method: str = "POST") -> HttpAnswer:
    """Make one request on a connection of its own."""
    connection = http.client.HTTPConnection(address, timeout=20)
    try:
        return request(connection, body, path, headers, method)
    finally:
        connection.close()


def request(
    connection: http.client.HTTPConnection, body: bytes, path: str = "/v1/traces", headers: Mapping[str, str] = PROTOBUF, method: str = "POST"
) -> HttpAnswer:
    """Make one request on a connection that stays."""
    connection.request(method, path, body, dict(headers))
    response = connection.getresponse()
    return HttpAnswer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


def dial(address: str) -> socket.socket:
    """Return a bare connection."""
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=20)


def read_until_closed(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes."""
    received = bytearray()
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionError:
        pass
    return bytes(received)
