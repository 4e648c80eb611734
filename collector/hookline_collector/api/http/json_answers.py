"""Answers as JSON: frozen records, dicts, times and paths as orjson writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from hookline.errors import Rejected


def answer(content: Any) -> Response:
    """Return a JSON answer. Raises Rejected as `as_json` does."""
    return Response(as_json(content), media_type="application/json")


def as_json(content: Any) -> bytes:
    """Return JSON. Integers keep all their digits; what is no number comes out as null. Raises Rejected for what is nested too deep."""
    try:
        return orjson.dumps(content, default=_plain)
    except orjson.JSONEncodeError as why:
        raise Rejected(f"the answer cannot be written as JSON: {why}") from None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
