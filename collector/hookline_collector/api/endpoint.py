"""One row a route: what is needed to route it and what is needed to describe it, so that the two cannot part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

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
class Endpoint:
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
