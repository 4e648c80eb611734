"""The gate in front of every route: host, origin, token, and the headers that keep a browser safe.

A pure ASGI layer, so that streams pass through it untouched. What is decided stands in `access`; here it is applied.
"""

from __future__ import annotations

from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hookline_collector.api.http.fresh_header import fresh_headers
from hookline_collector.api.http.policy import ApiPolicy
from hookline_collector.api.http.problems import problem
from hookline_collector.api.http.request_rate import RequestRate
from hookline_collector.serving import show_token

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SAFETY_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
LOCKED_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Hookline</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/assets/locked.css">
<main><h1>Hookline</h1><p>This page needs its token. Open the link that <code>hookline up</code> printed;
<code>hookline status</code> prints it again.</p>
<p>Came by a link from elsewhere? A browser that has opened the pages before shows this one
when you <a href="">follow it again</a>.</p></main></html>"""


class AccessMiddleware:
    """Lets a request through to `app` when the gatekeeper admits it, at the rate that its token may have. `open_paths` need no token."""

    def __init__(self, app: ASGIApp, keeper: ApiPolicy, open_paths: frozenset[str], rate: RequestRate, *, tls: bool) -> None:
        self._app = app
        self._rate = rate
        self._keeper = keeper
        self._open_paths = open_paths
        self._tls = tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        target = self._refusal(scope) or self._app
        await target(scope, receive, _safely(scope, send))

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host")
        if not self._keeper.knows_host(host):
            return problem(HTTPStatus.MISDIRECTED_REQUEST, "unknown Host: add the name to collector.allowed_hosts")
        if not self._keeper.knows_origin(headers.get("origin"), host, tls=self._tls):
            return problem(HTTPStatus.FORBIDDEN, "requests of other origins are not answered")
        shown = self._shown_token(scope)
        if shown and self._keeper.is_token(shown):
            return self._let_in(scope)
        if self._is_admitted(scope, headers):
            return self._too_fast(scope)
        if "text/html" in headers.get("accept", ""):
            return Response(LOCKED_PAGE, HTTPStatus.UNAUTHORIZED, media_type="text/html")
        return problem(HTTPStatus.UNAUTHORIZED, "give the token as Authorization: Bearer", {"WWW-Authenticate": 'Bearer realm="hookline"'})

    def _is_admitted(self, scope: Scope, headers: Headers) -> bool:
        """Whether the request may pass. One with the token keeps its connection's place, whatever it asks for."""
        has_token = self._keeper.admits(headers.get("authorization"), headers.get("cookie"))
        if has_token:
            show_token(scope)
        return has_token or scope["path"] in self._open_paths

    def _too_fast(self, scope: Scope) -> Response | None:
        """Return that a token asks too often; pages and what is open to all are not counted."""
        if scope["path"] in self._open_paths or not scope["path"].startswith("/api/") or not (wait_s := self._rate.wait_s()):
            return None
        return problem(HTTPStatus.TOO_MANY_REQUESTS, f"too many requests; ask again in {wait_s} s", {"Retry-After": str(wait_s)})

    def _shown_token(self, scope: Scope) -> str:
        """Return the token that a link carries; only a GET is a link."""
        return dict(_pairs(scope)).get("token", "") if scope["method"] == "GET" else ""

    def _let_in(self, scope: Scope) -> Response:
        """Turn a link with the token into the cookie and the clean address, so that no history keeps the token."""
        rest = urlencode([(key, value) for key, value in _pairs(scope) if key != "token"])
        response = RedirectResponse("/" + scope["path"].lstrip("/") + (f"?{rest}" if rest else ""), HTTPStatus.SEE_OTHER)
        response.set_cookie(self._keeper.cookie_name, self._keeper.cookie_value, httponly=True, samesite="strict", secure=self._tls)
        return response


def _pairs(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"))


def _safely(scope: Scope, send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in (*SAFETY_HEADERS.items(), *fresh_headers(scope).items()):
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            headers.setdefault("Date", formatdate(usegmt=True))
        await send(message)

    return send_with_headers
