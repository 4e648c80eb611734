"""Answers as JSON: frozen records by the table of words, everything else as orjson writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from hookline.contract.told_records import told
from hookline.errors import Rejected
from hookline_collector.api.http.endpoint import JSON


def answer(content: Any) -> Response:
    """Return records as the API tells them. Raises Rejected as `as_json` does."""
    return answer_as_is(told(content))


def answer_as_is(content: Any) -> Response:
    """Return what is ready for JSON."""
    return Response(as_json(content), media_type=JSON)


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
