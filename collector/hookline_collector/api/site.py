"""Pages and API as one ASGI app: the table of endpoints, the pages, and the gate in front of both."""

from __future__ import annotations

import socket

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from hookline.errors import HooklineError
from hookline_collector.api import live, pages, quarantined, query, reports, sessions, standing, summary, usage_windows
from hookline_collector.api.context import Context
from hookline_collector.api.http.endpoint import ApiEndpoint
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.http.middleware import AccessMiddleware
from hookline_collector.api.http.openapi import describe
from hookline_collector.api.http.policy import ApiPolicy
from hookline_collector.api.http.problems import on_defect, on_hookline_error, on_http_error
from hookline_collector.serving.address import is_loopback


def build(context: Context, *, token: str, host: str, port: int) -> ASGIApp:
    """Return the app for one bound address."""
    table = endpoints(context, metrics_open=is_loopback(host))
    app = Starlette(
        routes=[*(endpoint.route for endpoint in table), *pages.routes()],
        exception_handlers={HooklineError: on_hookline_error, HTTPException: on_http_error, Exception: on_defect},
    )
    names = {"localhost", host.lower(), socket.gethostname().lower(), *(name.lower() for name in context.settings.collector.allowed_hosts)}
    keeper = ApiPolicy(token, frozenset(names), port)
    open_paths = frozenset(endpoint.path for endpoint in table if endpoint.is_open) | pages.asset_paths()
    return AccessMiddleware(app, keeper, open_paths, tls=bool(context.settings.collector.tls_certificate))


def endpoints(context: Context, *, metrics_open: bool) -> tuple[ApiEndpoint, ...]:
    """Return every endpoint, the description of all of them the last."""
    table = (
        *standing.endpoints(context, metrics_open=metrics_open),
        *summary.endpoints(context),
        *live.endpoints(context),
        *sessions.endpoints(context),
        *reports.endpoints(context),
        *usage_windows.endpoints(context),
        *query.endpoints(context),
        *quarantined.endpoints(context),
    )

    async def openapi(_: Request) -> Response:
        return answer(document)

    described = (*table, ApiEndpoint("GET", "/api/v1/openapi.json", openapi, "This description."))
    document = describe(described)
    return described
