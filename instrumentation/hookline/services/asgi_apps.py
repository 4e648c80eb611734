"""Where the clock goes into an application: around all that its framework does, so that its answers to errors are seen too.

Starlette and FastAPI build their middleware at the first request, Litestar has one handler: both are replaced in the object. Any other ASGI
application is wrapped, so `instrument` returns what is to be served.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookline.services.asgi import AsgiServer
from hookline.services.route_names import RouteNames

if TYPE_CHECKING:
    from hookline.services.service_watch import ServiceWatch


@dataclass(frozen=True, slots=True)
class WatchedApp:
    """An application with a clock in it. `app` is what is served; `undo` takes the clock out."""

    given: Any
    app: Any
    server: AsgiServer
    undo: Callable[[], None]


def watched_app(app: Any, watch: ServiceWatch) -> WatchedApp:
    """Put a clock into an application."""
    if hasattr(app, "build_middleware_stack") and hasattr(app, "middleware_stack"):
        return _starlette(app, watch)
    if hasattr(app, "asgi_handler"):
        return _litestar(app, watch)
    server = AsgiServer(app, watch, RouteNames(app))
    return WatchedApp(app, server, server, lambda: None)


def _starlette(app: Any, watch: ServiceWatch) -> WatchedApp:
    build = app.build_middleware_stack
    server = AsgiServer(app.middleware_stack, watch, RouteNames(app))

    def build_with_clock() -> AsgiServer:
        server.app = build()
        return server

    app.build_middleware_stack = build_with_clock
    if app.middleware_stack is not None:
        app.middleware_stack = server

    def undo() -> None:
        vars(app).pop("build_middleware_stack", None)
        if app.middleware_stack is server:
            app.middleware_stack = server.app

    return WatchedApp(app, app, server, undo)


def _litestar(app: Any, watch: ServiceWatch) -> WatchedApp:
    server = AsgiServer(app.asgi_handler, watch, RouteNames(app))
    app.asgi_handler = server

    def undo() -> None:
        if app.asgi_handler is server:
            app.asgi_handler = server.app

    return WatchedApp(app, app, server, undo)
