"""OTLP over HTTP/protobuf with the standard library's server."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from support.otlp_sink.received import TYPES, Received


@dataclass(frozen=True)
class HttpFault:
    """An answer that is no acceptance."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ("traces", "logs", "metrics")


class HttpSink(Received):
    """An HTTP server on a free port; `fault` answers in place of acceptance."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: HttpFault | None = None
        self.partial: Any = None
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                sink.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        signal = request.path.removeprefix("/v1/")
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        self.attempt(signal, {key.lower(): value for key, value in request.headers.items()})
        fault = self.fault
        if fault is not None and signal in fault.only:
            self._send(request, fault.status, b"", fault.headers)
            return
        self.accept(signal, body)
        response = TYPES[signal][1]()
        if self.partial is not None:
            self.partial(signal, response)
        self._send(request, 200, response.SerializeToString(), {"content-type": "application/x-protobuf"})

    def _send(self, request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
        request.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)
