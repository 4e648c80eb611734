"""A scripted model that knows many scenes and many prompts in each, and notes when it was asked.

A client finds the script of its scene by the first part of the path (`/SCENE/v1/messages`). The answer is chosen by the latest text of a person
that the script knows, and by how many rounds of tool results came after it; so one script serves a session of many prompts, and its subagents.
Steps are those of `agent_bench/model_api.py`: {"say", "tools", "after_s"} or {"error", "type"}.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Step = Mapping[str, Any]
Script = Mapping[str, Sequence[Step]]
USAGE = {"input_tokens": 12, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 2000, "output_tokens": 30}


@dataclass(slots=True)
class Library:
    """The scripts by scene, and every request with its time."""

    scripts: dict[str, Script] = field(default_factory=dict)
    asked: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)

    def requests(self, scene: str) -> list[dict[str, Any]]:
        """Return what a scene's client asked."""
        return [body for name, _, body in self.asked if name == scene]


def choose(script: Script, request: Mapping[str, Any]) -> Step:
    """Return the step that answers a request; one without tools is a helper's, such as a title's."""
    if not request.get("tools"):
        return {"say": "ok"}
    rounds = 0
    for message in reversed(request.get("messages", [])):
        if message["role"] != "user":
            continue
        blocks = _blocks_of(message["content"])
        texts = "\n".join(block["text"] for block in blocks if block.get("type") == "text")
        known = [(texts.rfind(key), key) for key in script if key in texts]
        if known:
            steps = script[max(known)[1]]
            return steps[min(rounds, len(steps) - 1)]
        rounds += any(block.get("type") == "tool_result" for block in blocks)
    return {"say": "Noted."}


def _blocks_of(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def serve(library: Library) -> ThreadingHTTPServer:
    """Answer on a free loopback port until the server is shut down."""

    class Bound(_Handler):
        shelf = library

    server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="model", daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shelf: Library

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._reply({})

    do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        scene = self.path.split("/")[1]
        if "count_tokens" in self.path:
            self._reply({"input_tokens": 100})
        elif "/v1/messages" in self.path:
            request = json.loads(body)
            self.shelf.asked.append((scene, time.time_ns(), request))
            self._answer(request, choose(self.shelf.scripts.get(scene, {}), request))
        else:
            self._reply({})

    def _answer(self, request: Mapping[str, Any], step: Step) -> None:
        time.sleep(step.get("after_s", 0.05))
        try:
            if "error" in step:
                self._reply({"type": "error", "error": {"type": step.get("type", "api_error"), "message": "scripted"}}, step["error"])
            elif request.get("stream"):
                self._stream(request, step)
            else:
                self._reply({**_message(request), "content": _blocks(step), "stop_reason": _stop(step), "stop_sequence": None, "usage": USAGE})
        except OSError:  # the person pressed Escape: the client went away
            self.close_connection = True

    def _reply(self, body: Mapping[str, Any], status: int = 200) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _stream(self, request: Mapping[str, Any], step: Step) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        for name, body in _events(request, step):
            self.wfile.write(f"event: {name}\ndata: {json.dumps({'type': name, **body})}\n\n".encode())
            self.wfile.flush()


def _events(request: Mapping[str, Any], step: Step) -> Iterator[tuple[str, dict[str, Any]]]:
    start = {**_message(request), "content": [], "stop_reason": None, "usage": {**USAGE, "output_tokens": 1}}
    yield "message_start", {"message": start}
    for index, block in enumerate(_blocks(step)):
        is_text = block["type"] == "text"
        empty = {**block, "text": ""} if is_text else {**block, "input": {}}
        text = {"type": "text_delta", "text": block["text"]} if is_text else {}
        yield "content_block_start", {"index": index, "content_block": empty}
        yield "content_block_delta", {"index": index, "delta": text or {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}}
        yield "content_block_stop", {"index": index}
    yield "message_delta", {"delta": {"stop_reason": _stop(step), "stop_sequence": None}, "usage": {"output_tokens": USAGE["output_tokens"]}}
    yield "message_stop", {}


def _message(request: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": f"msg_{uuid.uuid4().hex[:24]}", "type": "message", "role": "assistant", "model": request.get("model")}


def _stop(step: Step) -> str:
    return "tool_use" if step.get("tools") else "end_turn"


def _blocks(step: Step) -> list[dict[str, Any]]:
    said = [{"type": "text", "text": step["say"]}] if "say" in step else []
    calls = [{"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex[:24]}", "name": name, "input": given} for name, given in step.get("tools", ())]
    return said + calls
