"""The pages: one shell for all of them, which draws the page that the address names, and the files that it is made of.

Where no page has a path, a browser gets the shell as well, with 404, and it draws that; whoever does not ask for HTML gets a problem, and so does
whoever asks for a path of the API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hookline_collector.api.http.problems import on_http_error, problem
from hookline_collector.api.web_files import WebFile, WebFiles, asset_paths, read_web_files

SHELL_PATHS = {
    "/": "today",
    "/live": "live",
    "/work": "work",
    "/sessions": "sessions",
    "/sessions/{session_id}": "session",
    "/latency": "latency",
    "/resources": "resources",
    "/services": "services",
    "/requests/{request_id}": "request",
    "/databases": "databases",
    "/databases/{name}": "database",
    "/statements/{statement_hash}": "statement",
    "/alerts": "alerts",
    "/silence": "silence",
    "/explore": "explore",
    "/status": "status",
    "/collector": "collector",
}
"""The paths of pages, and the module of each."""
MISSING = "missing"
NEVER_CHANGES = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class Pages:
    """The pages and their files. `expected` is called by the page that is opened with no more said: it begins with what that will ask for."""

    def __init__(self, web: WebFiles | None = None, expected: Mapping[str, Callable[[], None]] | None = None) -> None:
        self._web = web or read_web_files()
        self._expected = expected or {}
        self.open_paths = asset_paths(self._web)
        self.routes = (
            Route("/assets/{path:path}", self.asset, methods=["GET"]),
            *(Route(path, partial(self.shell, page), methods=["GET"]) for path, page in SHELL_PATHS.items()),
        )

    async def shell(self, page: str, request: Request) -> Response:
        """Answer with the shell of a page."""
        if page in self._expected and not request.url.query:
            self._expected[page]()
        return await _serve(request, self._web.shells[page])

    async def on_http_error(self, request: Request, error: Exception) -> Response:
        """Answer what the router refuses: a browser that looks for a page which does not exist gets the shell."""
        is_missing = isinstance(error, HTTPException) and error.status_code == HTTPStatus.NOT_FOUND
        wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(("/api/", "/assets/"))
        if is_missing and wants_page and request.method in ("GET", "HEAD"):
            return await _serve(request, self._web.shells[MISSING], HTTPStatus.NOT_FOUND)
        return await on_http_error(request, error)

    async def asset(self, request: Request) -> Response:
        """Answer with a file that a page needs."""
        file, is_pinned = self._web.asset(request.path_params["path"])
        if file is None:
            return problem(HTTPStatus.NOT_FOUND, "the file does not exist")
        return await _serve(request, file, cached=NEVER_CHANGES if is_pinned else ASK_AGAIN)


async def _serve(request: Request, file: WebFile, status: int = HTTPStatus.OK, *, cached: str = ASK_AGAIN) -> Response:
    """Answer with a file, compressed for whoever takes that; its tag then says so, since other bytes are another answer."""
    compressed = await file.compressed() if _takes_gzip(request.headers.get("accept-encoding", "")) else None
    tag = f'"{file.tag}-gzip"' if compressed else f'"{file.tag}"'
    headers = {"ETag": tag, "Cache-Control": cached, "Vary": "Accept-Encoding"}
    if status == HTTPStatus.OK and request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    coded = {"Content-Encoding": "gzip"} if compressed else {}
    return Response(compressed or file.content, status, headers | coded | {"Content-Type": file.media_type})


def _takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding names gzip, and not to refuse it."""
    for each in accepted.lower().split(","):
        name, _, weight = (part.strip() for part in each.partition(";"))
        if name == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
