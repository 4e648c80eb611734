"""Anthropic Messages: POST …/v1/messages."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from support.scripted_model.dialect import Dialect, Event, Request, Said, Step
from support.scripted_model.spoken import call_ids, round_of, texts_of

USAGE = {"input_tokens": 12, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 2000, "output_tokens": 30}


def said(request: Request) -> Iterator[Said]:
    """Yield what a request holds."""
    for message in request.get("messages", []):
        content = message.get("content")
        results = [block for block in content if block.get("type") == "tool_result"] if isinstance(content, list) else []
        yield from (Said(round=round_of(block["tool_use_id"])) for block in results)
        if message.get("role") == "user" and not results:
            yield from map(Said, texts_of(content))


def has_tools(request: Request) -> bool:
    """Whether tools are offered."""
    return bool(request.get("tools"))


def whole(request: Request, step: Step, path: str) -> Mapping[str, Any]:
    """Return an answer as one body."""
    return {**_message(request), "content": _blocks(step), "stop_reason": _stop(step), "stop_sequence": None, "usage": USAGE}


def stream(request: Request, step: Step, path: str) -> Iterator[Event]:
    """Yield an answer block by block."""
    begun = {**_message(request), "content": [], "stop_reason": None, "usage": {**USAGE, "output_tokens": 1}}
    yield _event("message_start", message=begun)
    for index, block in enumerate(_blocks(step)):
        is_text = block["type"] == "text"
        delta = {"type": "text_delta", "text": block["text"]} if is_text else {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield _event("content_block_start", index=index, content_block={**block, **({"text": ""} if is_text else {"input": {}})})
        yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
    yield _event("message_delta", delta={"stop_reason": _stop(step), "stop_sequence": None}, usage={"output_tokens": USAGE["output_tokens"]})
    yield _event("message_stop")


def error(step: Step) -> Mapping[str, Any]:
    """Return the body of a refusal."""
    return {"type": "error", "error": {"type": step.get("type", "api_error"), "message": "scripted"}}


def _event(name: str, **data: Any) -> Event:
    return name, {"type": name, **data}


def _message(request: Request) -> dict[str, Any]:
    return {"id": f"msg_{uuid.uuid4().hex[:24]}", "type": "message", "role": "assistant", "model": request.get("model")}


def _stop(step: Step) -> str:
    return "tool_use" if step.get("tools") else "end_turn"


def _blocks(step: Step) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [{"type": "text", "text": step["say"]}] if "say" in step else []
    pairs = zip(step.get("tools", ()), call_ids(), strict=False)
    return blocks + [{"type": "tool_use", "id": call_id, "name": name, "input": given} for (name, given), call_id in pairs]


MESSAGES_API = Dialect("/v1/messages", said, has_tools, whole, stream, error)
