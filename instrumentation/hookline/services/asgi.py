"""Requests and websockets of an ASGI application, timed from outside: whatever the framework does with them, also its own answers to errors, is
within.

    start       the application is called
    first byte  the server took the first piece of the body
    end         the server took the last one: what runs on after that (background tasks) is no part of the request
    route       what the router wrote into the scope, read when the answer has gone; never the path

An answer of 500 is finished when the application returns, not before, because the frameworks raise the exception after they have answered.

Most requests are quick, went well, and need nothing but to be counted. They wait for that until there are MOST_UNCOUNTED or the background comes by,
so that few of them are held up by it.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.context import attach, detach, get_current

from hookline.contract import services as names
from hookline.services.durations import BOUNDS_NS
from hookline.services.recent_routes import RouteTimes
from hookline.services.route_names import RouteNames, taken_route
from hookline.services.served_request import CURRENT, ServedRequest

if TYPE_CHECKING:
    from hookline.services.durations import DurationSeries
    from hookline.services.service_watch import ServiceWatch

AsgiScope = MutableMapping[str, Any]
AsgiMessage = MutableMapping[str, Any]
AsgiReceive = Callable[[], Awaitable[AsgiMessage]]
AsgiSend = Callable[[AsgiMessage], Awaitable[None]]
AsgiApp = Callable[[AsgiScope, AsgiReceive, AsgiSend], Awaitable[None]]

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"})
OTHER_METHOD: Final = "_OTHER"
MAX_ROUTES: Final = 2_000
_ODD_DIGITS: Final = b"13579bdf"
_new: Final[Any] = object.__new__
_NOTHING: Final[AsgiScope] = {"headers": []}
BACKGROUND_FROM_NS: Final = 20_000_000
MOST_UNCOUNTED: Final = 32


class HttpRequest(ServedRequest):
    """A request over HTTP."""

    server: AsgiServer  # these are set by `AsgiServer.__call__`, which saves the call of an __init__
    scope: AsgiScope
    root_path: str
    receive_on: AsgiReceive
    send_on: AsgiSend

    # The way of the messages

    async def receive(self) -> AsgiMessage:
        """Hand on what the client sends, and note when it leaves."""
        message = await self.receive_on()
        if message["type"] == "http.disconnect" and not self.ended_ns:
            self.is_disconnected = self.is_odd = True
        return message

    async def send(self, message: AsgiMessage) -> None:
        """Hand on what the application answers, and note when its parts have gone."""
        try:
            await self.send_on(message)
        except OSError:  # how servers say that the client has gone
            if not self.ended_ns:
                self.is_disconnected = self.is_odd = True
            raise
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
        elif kind == "http.response.body":
            if message.get("more_body"):
                if not self.first_byte_ns:
                    self.first_byte_ns = perf_counter_ns()
            else:
                self.ended_ns = perf_counter_ns()
                if self.status < 500:
                    self.server.finish(self)
        elif kind == "http.response.pathsend":
            self.ended_ns = perf_counter_ns()
            self.server.finish(self)

    def failed(self, error: BaseException) -> None:
        """Note what the application raised."""
        self.is_odd = True
        if isinstance(error, asyncio.CancelledError) or (self.is_disconnected and isinstance(error, OSError)):
            self.is_disconnected = True
            return
        self.error, self.error_type = error, type(error).__qualname__
        if not self.status:
            self.status = 500  # what the server answers in its place

    # What is told of it

    def parent_header(self) -> str:
        """Return the caller's `traceparent`."""
        return next((value.decode("latin-1") for name, value in self.scope["headers"] if name == b"traceparent"), "")

    def headers(self) -> dict[str, str]:
        """Return its headers as text."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.scope["headers"]}

    @property
    def method(self) -> str:
        """Its method, or one word for those that nobody knows."""
        method = self.scope.get("method", "GET")
        return method if method in METHODS else OTHER_METHOD

    @property
    def name(self) -> str:
        """Method and route; the method alone where no route was found."""
        method = "HTTP" if self.method == OTHER_METHOD else self.method
        return f"{method} {self.route.route}" if self.route is not None and self.route.route else method

    @property
    def is_servers_fault(self) -> bool:
        """Whether it failed and the server is to blame."""
        return bool(self.error_type) or self.status >= 500

    def labels(self) -> dict[str, str | int | bool]:
        """Return what its duration is counted under."""
        found: dict[str, str | int | bool] = {names.HTTP_METHOD: self.method, names.URL_SCHEME: self.scope.get("scheme", "http")}
        if self.route is not None and self.route.route:
            found[names.HTTP_ROUTE] = self.route.route
        if self.status:
            found[names.HTTP_STATUS] = self.status
        if self.is_servers_fault:
            found[names.ERROR_TYPE] = self.error_type or str(self.status)
        elif self.is_disconnected:
            found[names.ERROR_TYPE] = "client_disconnected"
        return found

    def own_attributes(self) -> dict[str, Any]:
        """Return the attributes of its span. A query may hold secrets, and is not told."""
        scope = self.scope
        found: dict[str, Any] = {**self.labels(), names.URL_PATH: scope.get("path", "")}
        if scope.get("method", self.method) != self.method:
            found[names.HTTP_METHOD_ORIGINAL] = scope["method"]
        if server := scope.get("server"):
            found[names.SERVER_ADDRESS] = server[0]
            if server[1]:
                found[names.SERVER_PORT] = server[1]
        if client := scope.get("client"):
            found[names.CLIENT_ADDRESS] = client[0]
        if version := scope.get("http_version"):
            found[names.NETWORK_PROTOCOL_VERSION] = version
        agent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"user-agent"), "")
        if agent:
            found[names.USER_AGENT] = agent[:256]
        return found


class WebsocketRequest(HttpRequest):
    """A websocket, from the handshake to the close. It is long without being slow."""

    can_be_slow = False

    async def receive(self) -> AsgiMessage:
        """Hand on what the client sends, and note how it leaves."""
        message = await self.receive_on()
        if message["type"] == "websocket.disconnect" and not self.ended_ns:
            self.ended_ns = perf_counter_ns()
            self.is_disconnected = message.get("code") not in {1000, 1001, 1005}
            self.is_odd = self.is_odd or self.is_disconnected
        return message

    async def send(self, message: AsgiMessage) -> None:
        """Hand on what the application sends, and note when it was accepted and closed."""
        try:
            await self.send_on(message)
        except OSError:
            self.is_disconnected = self.is_odd = True
            raise
        kind = message["type"]
        if kind == "websocket.http.response.start":
            self.status = message["status"]
        elif kind == "websocket.accept":
            self.status, self.first_byte_ns = 101, perf_counter_ns()
        elif kind == "websocket.close" and not self.ended_ns:
            self.ended_ns = perf_counter_ns()
            self.status = self.status or 403

    @property
    def method(self) -> str:
        """A handshake is a GET."""
        return "GET"

    @property
    def name(self) -> str:
        """The route, marked as a websocket's."""
        return f"websocket {self.route.route}" if self.route is not None and self.route.route else "websocket"

    @property
    def is_servers_fault(self) -> bool:
        """Whether the application failed."""
        return bool(self.error_type) or self.status >= 500

    def labels(self) -> dict[str, str | int | bool]:
        """Return what its duration is counted under, apart from requests."""
        return {**super().labels(), names.NETWORK_PROTOCOL: "websocket"}


async def _nobody(*_: Any) -> Any:
    """Stand in for the connection of a request that is over."""
    return {"type": "http.disconnect"}


class AsgiServer:
    """An application with a clock around it."""

    def __init__(self, app: AsgiApp, watch: ServiceWatch, names_of: RouteNames) -> None:
        self.app = app
        self.watch: ServiceWatch | None = watch
        self._names = names_of
        self._routes: dict[Any, RouteTimes] = {}
        self._simple: dict[int, RouteTimes] = {}
        self._one_in = watch.options.one_in
        self._until_sampled = self._one_in
        self._begun_before = 0
        self._uncounted: deque[HttpRequest] = deque()
        watch.begun.append(self.begun)
        watch.uncounted.append(self.count)
        watch.has_many_apps = len(watch.begun) > 1

    def begun(self) -> int:
        """Return how many requests have begun."""
        return self._begun_before + self._one_in - self._until_sampled

    async def __call__(self, scope: AsgiScope, receive: AsgiReceive, send: AsgiSend) -> None:
        watch, kind = self.watch, scope["type"]
        if watch is None or (kind != "http" and kind != "websocket") or (watch.has_many_apps and self._is_within(scope)):  # noqa: PLR1714 - faster
            await self._hand_on(watch, scope, receive, send)
            return
        request: HttpRequest = _new(HttpRequest if kind == "http" else WebsocketRequest)
        request.server, request.scope, request.receive_on, request.send_on = self, scope, receive, send
        request.root_path = scope.get("root_path", "")
        request.started_ns = perf_counter_ns()
        if watch.unwatched_loop:
            watch.loop_seen()
        self._until_sampled -= 1
        if not self._until_sampled:
            self._begun_before += self._one_in
            self._until_sampled, request.is_sampled, request.is_odd = self._one_in, True, True
        CURRENT.set(request)  # not reset: a server runs each request in a context of its own, and one that has ended is nobody's
        outer = None if watch.tracer is None else attach(watch.spans.entered(request, get_current()))
        try:
            await self.app(scope, request.receive, request.send)
        except BaseException as error:
            if not request.is_finished:
                request.failed(error)
            elif not isinstance(error, asyncio.CancelledError):
                watch.background_ended(request, error)
            raise
        else:
            if request.is_finished and perf_counter_ns() - request.ended_ns > BACKGROUND_FROM_NS:
                watch.background_ended(request)
        finally:
            if outer is not None:
                detach(outer)
            if not request.is_finished:
                self.finish(request)
            request.receive_on = request.send_on = _nobody  # whatever keeps the context keeps the request: timers of the server do, for seconds
            if request.is_counted and not request.is_kept:
                request.scope = _NOTHING

    async def _hand_on(self, watch: ServiceWatch | None, scope: AsgiScope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Stand aside."""
        if watch is not None:
            watch.loop_seen()
        await self.app(scope, receive, send)

    def _is_within(self, scope: AsgiScope) -> bool:
        """Whether another watched application has mounted this one: one request is one span."""
        outer = CURRENT.get()
        return isinstance(outer, HttpRequest) and not outer.is_finished and outer.scope.get("headers") is scope["headers"]

    def finish(self, request: HttpRequest) -> None:
        """Count a request, at once if there is a reason to. Called once; every line of it is paid for by every request."""
        request.is_finished = True
        watch = self.watch
        if watch is None:
            return
        if not request.ended_ns:
            request.ended_ns = perf_counter_ns()
        if request.ended_ns - request.started_ns >= watch.quick_ns or request.is_odd or request.status >= 500:
            self._count(request, watch)
            return
        uncounted = self._uncounted
        uncounted.append(request)
        if len(uncounted) >= MOST_UNCOUNTED:
            self.count()

    def count(self) -> None:
        """Count the requests that wait for it; from any thread."""
        watch, uncounted = self.watch, self._uncounted
        while watch is not None and uncounted:
            try:
                request = uncounted.popleft()
            except IndexError:  # another thread took it
                return
            self._count(request, watch)
            if not request.is_kept and request.send_on is _nobody:
                request.scope = _NOTHING

    def _count(self, request: HttpRequest, watch: ServiceWatch) -> None:
        """Count a request, and have it judged if there is a reason to."""
        request.is_counted = True
        ns = request.ended_ns - request.started_ns
        scope = request.scope
        times = self._simple.get(id(scope["route"])) if "route" in scope else None
        if times is None or times.asked != scope.get("method"):
            times = self._times(request)
        status: Any = request.status
        if request.is_odd:
            series = self._odd_series(request, times, watch)
        else:
            series = times.by_status.get(status) or self._new_series(request, times, status, watch)
        place = bisect_left(BOUNDS_NS, ns)  # `series.add`, without the call
        series.counts[place] += 1
        series.total_ns += ns
        times.counts[place] += 1
        if series.record is not None:
            series.record(ns / 1e9, series.labels, request.context)
        if request.calls is not None:
            times.add_calls(request.calls, request.calls_left_out, request.ended_ns)
        for name, value in scope["headers"]:
            if name == b"traceparent":
                if value and value[-1] in _ODD_DIGITS:
                    request.has_sampled_parent = True
                break
        if ns > times.worth_ns or request.is_odd or status >= 500 or request.has_sampled_parent:
            request.route = times
            watch.judge(request, times, series)

    def _odd_series(self, request: HttpRequest, times: RouteTimes, watch: ServiceWatch) -> DurationSeries:
        if not (request.error_type or request.is_disconnected):
            return times.by_status.get(request.status) or self._new_series(request, times, request.status, watch)
        key = (request.status, request.error_type, request.is_disconnected)
        return times.by_status.get(key) or self._new_series(request, times, key, watch)

    def _new_series(self, request: HttpRequest, times: RouteTimes, key: Any, watch: ServiceWatch) -> DurationSeries:
        request.route = times
        series = times.by_status[key] = watch.http.of((times, key, type(request)), request.labels)
        return series

    def _times(self, request: HttpRequest) -> RouteTimes:
        """Return the times of a request's route. Where the route alone names it, `_simple` is asked first the next time."""
        scope, watch = request.scope, self.watch
        route = taken_route(scope)
        has_grown = scope.get("root_path", "") != request.root_path
        key = (scope.get("method"), scope.get("path_template") if route is None else id(route), has_grown)
        times = self._routes.get(key)
        if times is not None:
            return times
        name, is_fixed = self._names.of(scope, request.root_path)
        if watch is None:
            return RouteTimes(request.method, name)
        times = watch.new_route("websocket" if isinstance(request, WebsocketRequest) else request.method, name)
        if is_fixed and len(self._routes) < MAX_ROUTES:
            self._routes[key] = times
            if route is scope.get("route") is not None and self._names.is_known(route):
                times.asked = scope.get("method")
                self._simple[id(route)] = times
        return times
