"""One row a route: what is needed to route it and what is needed to describe it, so that routing and description cannot diverge.

A parameter is described and read by the same row: its default and its bounds are written once. What a GET answers as a whole has a tag, and is not
sent again to who has it.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hookline.errors import Rejected

JSON = "application/json"
Handler = Callable[[Request], Awaitable[Response]]
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter(ABC):
    """A parameter of the query string."""

    name: str
    meaning: str

    where = "query"

    @property
    @abstractmethod
    def schema(self) -> Schema:
        """Its JSON Schema, with the default."""

    def given(self, request: Request) -> str | None:
        """Return what the request gives for it; None when it does not."""
        return request.query_params.get(self.name)


@dataclass(frozen=True, slots=True)
class Text(Parameter):
    """A text; `default` when it is not given."""

    default: str = ""

    @property
    def schema(self) -> Schema:
        """Any text."""
        return {"type": "string"} | ({"default": self.default} if self.default else {})

    def of(self, request: Request) -> str:
        """Read it."""
        return self.given(request) or self.default


@dataclass(frozen=True, slots=True)
class InPath(Parameter):
    """A part of the path."""

    where = "path"

    @property
    def schema(self) -> Schema:
        """Any text."""
        return {"type": "string"}

    def of(self, request: Request) -> str:
        """Read it."""
        return str(request.path_params[self.name])


@dataclass(frozen=True, slots=True)
class Whole(Parameter):
    """A whole number from `least` to `most`."""

    default: int
    least: int = 1
    most: int = 999_999_999

    @property
    def schema(self) -> Schema:
        """A number within its bounds."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most, "default": self.default}

    def of(self, request: Request) -> int:
        """Read it. Raises Rejected."""
        text = self.given(request)
        if text is None:
            return self.default
        if not text.isdecimal() or not self.least <= int(text[:10]) <= self.most:
            raise Rejected(f"{self.name} must be a whole number from {self.least} to {self.most}, not {text[:100]!r}")
        return int(text)


@dataclass(frozen=True, slots=True)
class Choice(Parameter):
    """One of a few words."""

    choices: tuple[str, ...]
    default: str

    @property
    def schema(self) -> Schema:
        """The words."""
        return {"enum": list(self.choices), "default": self.default}

    def of(self, request: Request) -> str:
        """Read it. Raises Rejected."""
        text = self.given(request)
        if text is None:
            return self.default
        if text not in self.choices:
            raise Rejected(f"{self.name} must be one of {', '.join(self.choices)}, not {text[:100]!r}")
        return text


@dataclass(frozen=True, slots=True)
class Switch(Parameter):
    """On by the word `true`."""

    @property
    def schema(self) -> Schema:
        """A truth value."""
        return {"type": "boolean", "default": False}

    def of(self, request: Request) -> bool:
        """Read it."""
        return self.given(request) == "true"


@dataclass(frozen=True, slots=True)
class ApiEndpoint:
    """A route of the API. `answer` is the record it answers with, or its schema; `content` the media types it can."""

    method: str
    path: str
    handler: Handler
    summary: str
    answer: Any = None
    content: tuple[str, ...] = (JSON,)
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    is_open: bool = False

    @property
    def route(self) -> Route:
        """The route as Starlette knows it."""
        handler = _tagged(self.handler) if self.method == "GET" else self.handler
        return Route(self.path, handler, methods=[self.method])


def _tagged(handler: Handler) -> Handler:
    """Return the handler with a tag on what it answers whole, its own or one of the body; who has that already is sent nothing."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        found = await handler(request)
        if type(found) is not Response or found.status_code != HTTPStatus.OK:
            return found
        if "etag" not in found.headers:
            found.headers["etag"] = f'"{hashlib.sha256(found.body).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") != found.headers["etag"]:
            return found
        kept = {name: found.headers[name] for name in ("etag", "cache-control") if name in found.headers}
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=kept)

    return answer


class ApiResource(Protocol):
    """One module of the API: a small class with a method for each of its routes."""

    @property
    def routes(self) -> Sequence[ApiEndpoint]:
        """Its routes."""
