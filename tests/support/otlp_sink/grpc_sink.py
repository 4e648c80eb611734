"""OTLP over gRPC with a generic handler, so that the bytes are seen as they came."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

import grpc
from google.rpc.error_details_pb2 import RetryInfo

from support.otlp_sink.received import TYPES, Received

if TYPE_CHECKING:
    Handler = grpc.GenericRpcHandler[bytes, bytes]
else:
    Handler = grpc.GenericRpcHandler

_METHODS = {
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export": "traces",
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export": "logs",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": "metrics",
}
Fault = Callable[[str, bytes, grpc.ServicerContext], None]


class GrpcSink(Received, Handler):
    """A gRPC server on a free port; `fault(signal, body, context)` may abort the call."""

    def __init__(self, port: int = 0, credentials: grpc.ServerCredentials | None = None) -> None:
        super().__init__()
        self.fault: Fault | None = None
        self.partial: Any = None
        self._threads = ThreadPoolExecutor(4)
        self._server = grpc.server(self._threads, handlers=[self], options=(("grpc.so_reuseport", 0),))
        if credentials is None:
            self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        else:
            self.port = self._server.add_secure_port(f"127.0.0.1:{port}", credentials)
        self.address = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.die()

    def die(self) -> None:
        """Stop at once; calls in flight are cut."""
        self._server.stop(0).wait(5)
        self._threads.shutdown(wait=False)

    def service(self, handler_call_details: Any) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        """Route a method by its name."""
        signal = _METHODS.get(handler_call_details.method)
        return None if signal is None else grpc.unary_unary_rpc_method_handler(lambda body, context: self._answer(signal, body, context))

    def _answer(self, signal: str, body: bytes, context: grpc.ServicerContext) -> bytes:
        self.attempt(signal, {str(key): str(value) for key, value in context.invocation_metadata()})
        if self.fault is not None:
            self.fault(signal, body, context)
        self.accept(signal, body)
        response = TYPES[signal][1]()
        if self.partial is not None:
            self.partial(signal, response)
        return bytes(response.SerializeToString())


def grpc_fault(code: str, details: str = "no", retry_after_s: float | None = None, only: tuple[str, ...] = ("traces", "logs", "metrics")) -> Fault:
    """Answer the given signals with a status code, on wish with RetryInfo."""

    def fault(signal: str, _body: bytes, context: grpc.ServicerContext) -> None:
        if signal not in only:
            return
        if retry_after_s is not None:
            info = RetryInfo()
            info.retry_delay.FromNanoseconds(int(retry_after_s * 1e9))
            context.set_trailing_metadata((("google.rpc.retryinfo-bin", info.SerializeToString()),))
        context.abort(grpc.StatusCode[code], details)

    return fault


def hang(released: threading.Event) -> Fault:
    """Answer nothing until released."""

    def fault(_signal: str, _body: bytes, _context: grpc.ServicerContext) -> None:
        released.wait(30)

    return fault
