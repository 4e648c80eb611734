"""A receiver of webhooks in a process of its own: it writes down each request, then answers as its path says.

    /hook                        200
    /hook?then=500,429,200       one status after the other, the last for ever
    /hook?wait=30                reads the request, then nothing for so many seconds
    /hook?then=307&to=URL        with that Location; `to=itself` is its own
    /hook?after=7                429 and 503 with Retry-After: 7

`Receiver` starts one and reads what it wrote.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from support import warm

PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str
    at: float

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def id(self) -> str:
        """The message's id."""
        return self.headers.get("webhook-id", "")


@dataclass(frozen=True, slots=True)
class AlertReceiver:
    """A running receiver."""

    url: str
    log: Path

    def requests(self, path: str = "") -> list[Received]:
        """Return what came so far, to one path or to any."""
        lines = self.log.read_text().split("\n")[:-1] if self.log.exists() else []  # the last may be half written
        found = [Received(**json.loads(line)) for line in lines]
        return [each for each in found if not path or urlsplit(each.path).path == path]

    def wait(self, count: int, path: str = "", patience_s: float = PATIENCE_S) -> list[Received]:
        """Return the requests once there are so many."""
        until(lambda: len(self.requests(path)) >= count, f"{count} requests to {path or 'any path'}", patience_s)
        return self.requests(path)


def until(found: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """Return what a look finds, as soon as it finds something."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.02)
    raise AssertionError(f"never came: {what}")


@contextlib.contextmanager
def alert_receiver(folder: Path) -> Iterator[AlertReceiver]:
    """Run a receiver while the block runs."""
    log = folder / "received.jsonl"
    process = warm.start(warm.module("support.alert_receiver"), [str(log)], stderr=None)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield AlertReceiver(f"http://127.0.0.1:{port}", log)
    finally:
        process.kill()
        process.communicate()


def main(log: Path) -> None:
    """Serve until killed."""
    seen: Counter[str] = Counter()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:  # whoever sent it was killed meanwhile: nobody was told anything
                self.close_connection = True
                return
            asked = urlsplit(self.path)
            wants = {name: values[0] for name, values in parse_qs(asked.query).items()}
            told = Received(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body.decode(), time.time())
            with lock:
                seen[self.path] += 1
                statuses = wants.get("then", "200").split(",")
                status = int(statuses[min(seen[self.path], len(statuses)) - 1])
                with log.open("a") as file:
                    file.write(json.dumps({name: getattr(told, name) for name in Received.__dataclass_fields__}) + "\n")
            time.sleep(float(wants.get("wait", 0)))
            self.send_response(status)
            if "to" in wants:
                self.send_header("Location", self.path if wants["to"] == "itself" else wants["to"])
            if "after" in wants and status in (429, 503):
                self.send_header("Retry-After", wants["after"])
            self.send_header("Content-Length", "2")
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(b"ok")

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A sender that was killed hangs up: nothing to say."""

    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    os.close(sys.stdout.fileno())
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
