"""The name of the route that a request took, as the application wrote it: `/shops/{shop}/orders/{id}`, never the path.

Starlette and FastAPI leave the route in the scope, under a Mount only its last part; what the Mount matched stands in `root_path` with the values of
its parameters. So the routes of the application are walked once, and each is known with the names of the Mounts above it. One that is found nowhere
(a router that makes them as it goes) gets what `root_path` grew by. A FastAPI that includes routers as they are leaves beside the route what it
became by that. Litestar leaves `path_template`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

MAX_DEPTH: Final = 8


class RouteNames:
    """The names of an application's routes. Every route that was asked for is kept, so that its id stays its own."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._known: dict[int, tuple[Any, str]] = {}

    def of(self, scope: Any, root_path_before: str) -> tuple[str, bool]:
        """Return the name of the route that a scope took, empty where none was found, and whether `taken_route` alone says it."""
        route = taken_route(scope)
        if route is None:
            template = scope.get("path_template") or ""
            return (template, True) if isinstance(template, str) else ("", True)
        if id(route) not in self._known:
            self._walk()
        _, name = self._known.setdefault(id(route), (route, ""))
        if name:
            return name, True
        own, root_path = own_path(route), str(scope.get("root_path", ""))
        grown = root_path.removeprefix(root_path_before) if root_path.startswith(root_path_before) else ""
        return grown + own, not grown

    def is_known(self, route: Any) -> bool:
        """Whether a route has one name, wherever it was reached from."""
        return bool(self._known.get(id(route), (None, ""))[1])

    def _walk(self) -> None:
        found: dict[int, tuple[Any, str]] = {}
        for route, name in routes_of(self._app, "", 0):
            key = id(route)
            found[key] = (route, name if key not in found or found[key][1] == name else "")  # one route in two places has no one name
        self._known.update(found)


def taken_route(scope: Any) -> Any:
    """Return the object that stands for the route that a scope took; None where none is there."""
    route = scope.get("route")
    if route is not None and (fastapi := scope.get("fastapi")) is not None:
        included = fastapi.get("effective_route_context")
        if included is not None and included.original_route is route:
            return included
    return route


def routes_of(app: Any, prefix: str, depth: int) -> Iterator[tuple[Any, str]]:
    """Yield all routes of an application with their whole names."""
    routes = getattr(app, "routes", None)
    if depth > MAX_DEPTH or not isinstance(routes, (list, tuple)):
        return
    for route in routes:
        name = prefix + own_path(route)
        yield route, name or "/"
        yield from routes_of(route if getattr(route, "routes", None) else getattr(route, "app", None), name, depth + 1)


def own_path(route: Any) -> str:
    """Return the path of a route as it was written."""
    path = route if isinstance(route, str) else getattr(route, "path", "")
    return path if isinstance(path, str) else ""
