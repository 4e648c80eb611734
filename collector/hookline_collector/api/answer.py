"""Answers as JSON: frozen records, dicts, times and paths as orjson writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response


def answer(content: Any) -> Response:
    """Return a JSON answer. Integers keep all their digits; what is no number comes out as null."""
    return Response(orjson.dumps(content, default=_plain), media_type="application/json")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
