"""Gemini: POST …/models/MODEL:generateContent and :streamGenerateContent. Calls have no ids: each message with results is a round."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from support.scripted_model.dialect import Dialect, Event, Request, Said, Step
from support.scripted_model.spoken import spoken

# Helper requests want JSON: the router of models asks how hard the task is, the loop asks who speaks next.
HELPER = {"complexity_reasoning": "scripted", "complexity_score": 20, "reasoning": "scripted", "next_speaker": "user", "model_choice": "flash"}
USAGE = {"promptTokenCount": 2112, "cachedContentTokenCount": 2000, "candidatesTokenCount": 30, "thoughtsTokenCount": 8, "totalTokenCount": 2150}


def said(request: Request) -> Iterator[Said]:
    """Yield what a request holds."""
    for number, content in enumerate(request.get("contents", [])):
        parts = content.get("parts", [])
        if any("functionResponse" in part for part in parts):
            yield Said(round=f"round-{number}")
        elif content.get("role", "user") == "user":
            yield from (Said(spoken(part["text"])) for part in parts if isinstance(part.get("text"), str))


def has_tools(request: Request) -> bool:
    """Whether tools are offered."""
    return bool(request.get("tools"))


def whole(request: Request, step: Step, path: str) -> Mapping[str, Any]:
    """Return an answer as one body."""
    parts: list[dict[str, Any]] = [{"text": json.dumps(HELPER) if _wants_json(request) else step["say"]}] if "say" in step else []
    parts += [{"functionCall": {"name": name, "args": given}} for name, given in step.get("tools", ())]
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}
    model = path.rpartition("/")[2].partition(":")[0]
    return {"candidates": [candidate], "usageMetadata": USAGE, "modelVersion": model, "responseId": uuid.uuid4().hex[:22]}


def stream(request: Request, step: Step, path: str) -> Iterator[Event]:
    """Yield an answer in one piece."""
    yield "", whole(request, step, path)


def error(step: Step) -> Mapping[str, Any]:
    """Return the body of a refusal."""
    return {"error": {"code": step["error"], "message": "scripted", "status": step.get("type", "INVALID_ARGUMENT")}}


def _wants_json(request: Request) -> bool:
    found: bool = request.get("generationConfig", {}).get("responseMimeType") == "application/json"
    return found


GEMINI_API = Dialect("enerateContent", said, has_tools, whole, stream, error)
