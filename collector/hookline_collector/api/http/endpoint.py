"""One row a route: what is needed to route it and what is needed to describe it, so that the two cannot part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hookline.errors import Rejected

JSON = "application/json"
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the path or in the query string."""

    name: str
    meaning: str
    where: str = "query"
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True)
class ApiEndpoint:
    """A route of the API. `answer` is the record it answers with; `content` the media types it can."""

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
        return Route(self.path, self.handler, methods=[self.method])


def number(request: Request, name: str, default: int, most: int) -> int:
    """Return a parameter that is a whole number from 1 to `most`. Raises Rejected."""
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text[:9]) <= most:
        raise Rejected(f"{name} must be a number from 1 to {most}, not {text[:100]!r}")
    return int(text)
