"""OpenAI Chat Completions: POST …/chat/completions."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from support.scripted_model.dialect import Dialect, Event, Request, Said, Step
from support.scripted_model.spoken import call_ids, round_of, texts_of

USAGE = {
    "prompt_tokens": 2112,
    "prompt_tokens_details": {"cached_tokens": 2000},
    "completion_tokens": 30,
    "completion_tokens_details": {"reasoning_tokens": 8},
    "total_tokens": 2142,
}


def said(request: Request) -> Iterator[Said]:
    """Yield what a request holds."""
    for message in request.get("messages", []):
        if message.get("role") == "tool":
            yield Said(round=round_of(message["tool_call_id"]))
        elif message.get("role") == "user":
            yield from map(Said, texts_of(message.get("content")))


def has_tools(request: Request) -> bool:
    """Whether tools are offered."""
    return bool(request.get("tools"))


def whole(request: Request, step: Step, path: str) -> Mapping[str, Any]:
    """Return an answer as one body."""
    message = {"role": "assistant", "content": step.get("say")} | ({"tool_calls": _calls(step)} if step.get("tools") else {})
    choice = {"index": 0, "message": message, "finish_reason": _finish(step)}
    return {**_completion(request, "chat.completion"), "choices": [choice], "usage": USAGE}


def stream(request: Request, step: Step, path: str) -> Iterator[Event]:
    """Yield an answer chunk by chunk."""
    chunk = _completion(request, "chat.completion.chunk")
    yield "", {**chunk, "choices": [_choice({"role": "assistant", "content": step.get("say", "")})]}
    for index, call in enumerate(_calls(step)):
        yield "", {**chunk, "choices": [_choice({"tool_calls": [{"index": index, **call}]})]}
    yield "", {**chunk, "choices": [_choice({}, _finish(step))]}
    yield "", {**chunk, "choices": [], "usage": USAGE}
    yield "", "[DONE]"


def error(step: Step) -> Mapping[str, Any]:
    """Return the body of a refusal."""
    return {"error": {"message": "scripted", "type": step.get("type", "invalid_request_error"), "param": None, "code": None}}


def _completion(request: Request, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": request.get("model")}


def _choice(delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish}


def _finish(step: Step) -> str:
    return "tool_calls" if step.get("tools") else "stop"


def _calls(step: Step) -> list[dict[str, Any]]:
    pairs = zip(step.get("tools", ()), call_ids(), strict=False)
    return [{"id": call_id, "type": "function", "function": {"name": name, "arguments": json.dumps(given)}} for (name, given), call_id in pairs]


COMPLETIONS = Dialect("/chat/completions", said, has_tools, whole, stream, error)
