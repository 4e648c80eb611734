"""Pages and API as one ASGI app: the endpoints of its resources, the pages, and the check in front of both."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from hookline.errors import HooklineError
from hookline_collector.api.http.endpoint import ApiEndpoint, ApiResource
from hookline_collector.api.http.json_answers import answer_as_is
from hookline_collector.api.http.middleware import AccessMiddleware
from hookline_collector.api.http.openapi import describe
from hookline_collector.api.http.policy import ApiPolicy
from hookline_collector.api.http.problems import on_defect, on_hookline_error
from hookline_collector.api.http.request_rate import RequestRate
from hookline_collector.api.pages import Pages


def build(
    resources: Iterable[ApiResource],
    policy: ApiPolicy,
    *,
    tls: bool,
    request_rate: float = 0.0,
    expected: Mapping[str, Callable[[], None]] | None = None,
) -> ASGIApp:
    """Return the app. Whoever asks is checked by `policy`; `tls` says whether the app is served over it; `request_rate` bounds a token; `expected` is
    called by the page that is opened."""
    table = endpoints(resources, policy.cookie_name)
    pages = Pages(expected=expected)
    app = Starlette(
        routes=[*pages.routes, *(endpoint.route for endpoint in table)],
        exception_handlers={HooklineError: on_hookline_error, HTTPException: pages.on_http_error, Exception: on_defect},
    )
    open_paths = frozenset(endpoint.path for endpoint in table if endpoint.is_open) | pages.open_paths
    return AccessMiddleware(app, policy, open_paths, RequestRate(request_rate), tls=tls)


def policy_of(token: str, host: str, port: int, allowed_hosts: Iterable[str]) -> ApiPolicy:
    """Return who may ask at one bound address: whoever has the token, under one of this machine's names."""
    names = ("localhost", host, socket.gethostname(), *allowed_hosts)
    return ApiPolicy(token, frozenset(name.lower() for name in names), port)


def endpoints(resources: Iterable[ApiResource], cookie_name: str) -> tuple[ApiEndpoint, ...]:
    """Return every endpoint, the description of all of them the last."""
    table = tuple(endpoint for resource in resources for endpoint in resource.routes)

    async def openapi(_: Request) -> Response:
        return answer_as_is(document)

    described = (*table, ApiEndpoint("GET", "/api/v1/openapi.json", openapi, "This description."))
    document = describe(described, cookie_name)
    return described
