"""Pages and API as one ASGI app: the table of endpoints, the pages, and the gate in front of both."""

from __future__ import annotations

import socket

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from hookline.errors import HooklineError
from hookline_collector.address import is_loopback
from hookline_collector.api import live, pages, quarantine, query, reports, sessions, standing, summary, windows
from hookline_collector.api.access import Gatekeeper
from hookline_collector.api.answer import answer
from hookline_collector.api.context import Context
from hookline_collector.api.endpoint import Endpoint
from hookline_collector.api.gate import Gate
from hookline_collector.api.openapi import describe
from hookline_collector.api.problems import on_defect, on_hookline_error, on_http_error


def build(context: Context, *, token: str, host: str, port: int) -> ASGIApp:
    """Return the app for one bound address."""
    table = endpoints(context, metrics_open=is_loopback(host))
    app = Starlette(
        routes=[*(endpoint.route for endpoint in table), *pages.routes()],
        exception_handlers={HooklineError: on_hookline_error, HTTPException: on_http_error, Exception: on_defect},
    )
    names = {"localhost", host.lower(), socket.gethostname().lower(), *(name.lower() for name in context.settings.collector.allowed_hosts)}
    keeper = Gatekeeper(token, frozenset(names), port)
    open_paths = frozenset(endpoint.path for endpoint in table if endpoint.is_open) | pages.asset_paths()
    return Gate(app, keeper, open_paths, tls=bool(context.settings.collector.tls_certificate))


def endpoints(context: Context, *, metrics_open: bool) -> tuple[Endpoint, ...]:
    """Return every endpoint, the description of all of them the last."""
    table = (
        *standing.endpoints(context, metrics_open=metrics_open),
        *summary.endpoints(context),
        *live.endpoints(context),
        *sessions.endpoints(context),
        *reports.endpoints(context),
        *windows.endpoints(context),
        *query.endpoints(context),
        *quarantine.endpoints(context),
    )

    async def openapi(_: Request) -> Response:
        return answer(document)

    described = (*table, Endpoint("GET", "/api/v1/openapi.json", openapi, "This description."))
    document = describe(described)
    return described
