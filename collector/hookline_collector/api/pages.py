"""The pages: files of the folder `web`, read once, served with a type and a tag that changes with their content."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hookline_collector.api.http.problems import problem

WEB = Path(__file__).parent.parent / "web"
PAGES = {"/": "index.html", "/silence": "silence.html"}


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is served."""

    content: bytes
    media_type: str
    tag: str


def read_files(folder: Path = WEB) -> dict[str, File]:
    """Return every file of the folder by name."""
    return {path.name: _read(path) for path in sorted(folder.iterdir()) if path.is_file() and path.suffix != ".py"}


class Pages:
    """The pages and their assets. The assets hold nothing of anybody's and need no token."""

    def __init__(self) -> None:
        self._files = read_files()
        assets = Route("/assets/{name}", self.asset, methods=["GET"])
        self.routes = (*(Route(path, self.page, methods=["GET"]) for path in PAGES), assets)

    async def page(self, request: Request) -> Response:
        """Answer with a page."""
        return _serve(request, self._files[PAGES[request.url.path]])

    async def asset(self, request: Request) -> Response:
        """Answer with what a page needs."""
        found = self._files.get(request.path_params["name"])
        return _serve(request, found) if found else problem(HTTPStatus.NOT_FOUND, "the file does not exist")


def asset_paths() -> frozenset[str]:
    """Return the paths that need no token: what the page without a token needs as well."""
    return frozenset(f"/assets/{path.name}" for path in WEB.iterdir() if path.suffix != ".html")


def _read(path: Path) -> File:
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return File(content, f"{kind}; charset=utf-8" if kind.startswith("text/") else kind, f'"{hashlib.sha256(content).hexdigest()[:16]}"')


def _serve(request: Request, file: File) -> Response:
    headers = {"ETag": file.tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == file.tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(file.content, headers=headers | {"Content-Type": file.media_type})
