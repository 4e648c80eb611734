"""The server of the scripted model, and the choice of an answer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from support.scripted_model.completions import COMPLETIONS
from support.scripted_model.dialect import Dialect, Event, Said, Step
from support.scripted_model.gemini_api import GEMINI_API
from support.scripted_model.messages_api import MESSAGES_API
from support.scripted_model.responses import RESPONSES

DIALECTS: Final = (RESPONSES, COMPLETIONS, GEMINI_API, MESSAGES_API)
Script = Mapping[str, Sequence[Step]]


@dataclass(slots=True)
class ScriptedModel:
    """Where it answers, its scripts by name, and which prompts it was asked (name, time in Unix ns, dialect's path); `heard` is called with each."""

    url: str = ""
    scripts: dict[str, Script] = field(default_factory=dict)
    asked: list[tuple[str, int, str]] = field(default_factory=list)
    heard: Callable[[], None] = lambda: None


@contextmanager
def open_model(scripts: Mapping[str, Script] | None = None) -> Iterator[ScriptedModel]:
    """Answer on a free loopback port."""
    model = ScriptedModel(scripts=dict(scripts or {}))

    class Bound(_Handler):
        shelf = model

    server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="scripted-model", daemon=True)
    thread.start()
    model.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def choose(script: Script, said: Iterable[Said]) -> Step:
    """Return the step that answers: of the latest text that the script knows, after so many rounds of results."""
    steps: Sequence[Step] = ({"say": "Noted."},)
    rounds: dict[str, None] = {}
    for one in said:
        known = [(one.text.rfind(key), key) for key in script if one.text and key in one.text]
        if known:
            steps, rounds = script[max(known)[1]], {}
        elif one.round:
            rounds[one.round] = None
    return steps[min(len(rounds), len(steps) - 1)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shelf: ScriptedModel

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._reply({"object": "list", "data": [], "models": []} if "/models" in self.path else {})

    do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        dialect = next((dialect for dialect in DIALECTS if dialect.path in self.path), None)
        if "count_tokens" in self.path or "countTokens" in self.path:
            self._reply({"input_tokens": 100, "totalTokens": 100})
        elif dialect is None:
            self._reply({})
        else:
            self._answer(dialect, json.loads(body))

    def _answer(self, dialect: Dialect, request: Mapping[str, Any]) -> None:
        name = self.path.split("/")[1]
        self.shelf.asked.append((name, time.time_ns(), dialect.path))
        self.shelf.heard()
        step: Step = {"say": "ok"}
        if dialect.has_tools(request):
            step = choose(self.shelf.scripts.get(name, {}), dialect.said(request))
        time.sleep(step.get("after_s", 0.05))
        try:
            if "error" in step:
                self._reply(dialect.error(step), step["error"])
            elif request.get("stream") or "streamGenerateContent" in self.path:
                self._stream(dialect.stream(request, step, self.path))
            else:
                self._reply(dialect.whole(request, step, self.path))
        except OSError:  # the client went away
            self.close_connection = True

    def _reply(self, body: Mapping[str, Any], status: int = 200) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _stream(self, events: Iterator[Event]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        for name, body in events:
            head = f"event: {name}\n" if name else ""
            self.wfile.write(f"{head}data: {body if isinstance(body, str) else json.dumps(body)}\n\n".encode())
            self.wfile.flush()
