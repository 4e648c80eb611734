"""OpenAI Responses: POST …/responses.

A tool whose scripted input is a text is called as a free-form tool; `space::name` is a tool of a namespace.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from support.scripted_model.dialect import Dialect, Event, Request, Said, Step
from support.scripted_model.spoken import call_ids, round_of, texts_of

USAGE = {
    "input_tokens": 2112,
    "input_tokens_details": {"cached_tokens": 2000},
    "output_tokens": 30,
    "output_tokens_details": {"reasoning_tokens": 8},
    "total_tokens": 2142,
}


def said(request: Request) -> Iterator[Said]:
    """Yield what a request holds."""
    given = request.get("input", [])
    items: list[Any] = [{"role": "user", "content": given}] if isinstance(given, str) else given
    for item in items:
        if str(item.get("type")).endswith("_call_output"):
            yield Said(round=round_of(item["call_id"]))
        elif item.get("type") == "agent_message":  # to a subagent, from its caller
            yield from (Said(str(block.get("encrypted_content", ""))) for block in item["content"])
        elif item.get("role") == "user":
            yield from map(Said, texts_of(item.get("content")))


def has_tools(request: Request) -> bool:
    """Whether tools are offered: in their own list, or, to models of the newest kind, as the first item of the input."""
    items = request.get("input", [])
    return bool(request.get("tools")) or any(isinstance(item, Mapping) and item.get("type") == "additional_tools" for item in items)


def whole(request: Request, step: Step, path: str) -> Mapping[str, Any]:
    """Return an answer as one body."""
    return {**_response(request, "completed"), "output": _items(step), "usage": USAGE}


def stream(request: Request, step: Step, path: str) -> Iterator[Event]:
    """Yield an answer event by event."""
    response, items = _response(request, "in_progress"), _items(step)
    yield _event("response.created", response={**response, "output": []})
    for index, item in enumerate(items):
        yield _event("response.output_item.added", output_index=index, item=_begun(item))
        if item["type"] == "message":
            yield _event("response.output_text.delta", output_index=index, content_index=0, item_id=item["id"], delta=item["content"][0]["text"])
        yield _event("response.output_item.done", output_index=index, item=item)
    yield _event("response.completed", response={**response, "status": "completed", "output": items, "usage": USAGE})


def error(step: Step) -> Mapping[str, Any]:
    """Return the body of a refusal."""
    return {"error": {"message": "scripted", "type": step.get("type", "invalid_request_error"), "param": None, "code": None}}


def _event(name: str, **data: object) -> Event:
    return name, {"type": name, **data}


def _response(request: Request, status: str) -> dict[str, Any]:
    return {"id": f"resp_{uuid.uuid4().hex}", "object": "response", "created_at": int(time.time()), "status": status, "model": request.get("model")}


def _items(step: Step) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if "say" in step:
        content = [{"type": "output_text", "text": step["say"], "annotations": []}]
        items.append({"type": "message", "id": f"msg_{uuid.uuid4().hex}", "status": "completed", "role": "assistant", "content": content})
    items += [_call(name, given, call_id) for (name, given), call_id in zip(step.get("tools", ()), call_ids(), strict=False)]
    return items


def _call(name: str, given: object, call_id: str) -> dict[str, Any]:
    call = {"id": f"item_{uuid.uuid4().hex}", "call_id": call_id, "name": name, "status": "completed"}
    if isinstance(given, str):
        return {"type": "custom_tool_call", **call, "input": given}
    namespace, _, plain = name.rpartition("::")
    if namespace:
        call |= {"name": plain, "namespace": namespace}
    return {"type": "function_call", **call, "arguments": json.dumps(given)}


def _begun(item: dict[str, Any]) -> dict[str, Any]:
    empty: dict[str, dict[str, Any]] = {"message": {"content": []}, "function_call": {"arguments": ""}, "custom_tool_call": {"input": ""}}
    return {**item, "status": "in_progress", **empty[item["type"]]}


RESPONSES = Dialect("/responses", said, has_tools, whole, stream, error)
