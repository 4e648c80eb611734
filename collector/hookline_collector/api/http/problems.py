"""Errors as `application/problem+json` (RFC 9457): the one place that turns an error into a status of the API."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hookline.errors import ConfigInvalid, HooklineError, NotRunning, Refused, Rejected, TooLarge

MAX_DETAIL_CHARS = 2_000  # it may repeat what was asked
log = logging.getLogger(__name__)


def status_of(error: HooklineError) -> int:
    """Return the status that tells the asker what kind of error it is."""
    if isinstance(error, TooLarge):
        return HTTPStatus.CONTENT_TOO_LARGE if hasattr(HTTPStatus, "CONTENT_TOO_LARGE") else HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if isinstance(error, Rejected | ConfigInvalid):
        return HTTPStatus.BAD_REQUEST
    if isinstance(error, Refused | NotRunning):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Return a problem; its title is the status's own name."""
    shown = detail if len(detail) <= MAX_DETAIL_CHARS else detail[:MAX_DETAIL_CHARS] + "…"
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "detail": shown}
    return Response(orjson.dumps(body), status, headers, media_type="application/problem+json")


async def on_hookline_error(_: Request, error: Exception) -> Response:
    """Answer an error that was raised on purpose."""
    assert isinstance(error, HooklineError)  # noqa: S101 - registered for this class alone
    headers = {"Retry-After": str(max(1, round(error.retry_after_s)))} if isinstance(error, Refused) else None
    return problem(status_of(error), str(error), headers)


async def on_http_error(_: Request, error: Exception) -> Response:
    """Answer what the router itself refuses: no such route, wrong method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    return problem(error.status_code, error.detail, dict(error.headers or {}))


async def on_defect(request: Request, error: Exception) -> Response:
    """Answer a defect of our own without telling its inside; the log has it. Never the query string: it may hold the token."""
    log.error("a defect while answering %s %s", request.method, request.url.path, exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "a defect of the collector; its log says more")
