"""A call over gRPC while it is served."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final

import grpc

from hookline.contract import services as names
from hookline.services.served_request import ServedRequest

if TYPE_CHECKING:
    from hookline.services.service_watch import ServiceWatch

SERVERS_FAULTS: Final = frozenset({"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"})
_NAMES: Final = {code.value[0]: code.name for code in grpc.StatusCode}


def code_name(code: Any) -> str:
    """Return the name of a status: gRPC gives members of its enumeration, or numbers; nothing is OK."""
    return code.name if isinstance(code, grpc.StatusCode) else _NAMES.get(code or 0, "UNKNOWN")


class RpcRequest(ServedRequest):
    """One call. Streams of messages are one call too."""

    status = "OK"
    is_odd = True

    def __init__(self, method: str, metadata: Iterable[Any]) -> None:
        super().__init__()
        self.method = method
        self._metadata = metadata

    def parent_header(self) -> str:
        """Return the caller's `traceparent`."""
        return next((str(value) for name, value in self._metadata or () if name == "traceparent"), "")

    def headers(self) -> dict[str, str]:
        """Return its metadata as text."""
        return {name: value for name, value in self._metadata or () if isinstance(value, str)}

    @property
    def name(self) -> str:
        """Its method."""
        return self.method

    @property
    def is_servers_fault(self) -> bool:
        """Whether it failed and the server is to blame."""
        return self.status in SERVERS_FAULTS

    def failed(self, error: BaseException, code: Any) -> None:
        """Note what a handler raised; `abort` raises too, and has said its code."""
        self.status = code_name(code) if code else "UNKNOWN"
        if isinstance(error, (asyncio.CancelledError, GeneratorExit)):
            self.is_disconnected, self.status = True, "CANCELLED"
        elif not code:
            self.error = error

    def labels(self) -> dict[str, str | int | bool]:
        """Return what its duration is counted under."""
        found: dict[str, str | int | bool] = {names.RPC_SYSTEM: "grpc", names.RPC_METHOD: self.method, names.RPC_STATUS: self.status}
        return {**found, names.ERROR_TYPE: self.error_type} if self.error_type else found

    def own_attributes(self) -> dict[str, Any]:
        """Return the attributes of its span."""
        return {**self.labels()}


class RpcServing:
    """Begins and ends the calls of a process's servers."""

    def __init__(self, watch: ServiceWatch) -> None:
        self.watch = watch
        self._count = itertools.count(1)

    def begin(self, method: str, metadata: Any) -> RpcRequest:
        """Begin a call."""
        request = RpcRequest(method.lstrip("/"), metadata)
        one_in = self.watch.options.one_in
        request.is_sampled = bool(one_in) and next(self._count) % one_in == 0
        return request

    def finish(self, request: RpcRequest) -> None:
        """Count a call, and keep it if there is a reason."""
        request.is_finished = True
        request.ended_ns = perf_counter_ns()
        watch = self.watch
        if not watch.is_active:
            return
        if request.is_servers_fault:
            request.error_type = type(request.error).__qualname__ if request.error is not None else request.status
        times = watch.routes.get(("grpc", request.method)) or watch.new_route("grpc", request.method)
        request.route = times
        key = (request.status, request.error_type)
        series = times.by_status.get(key)
        if series is None:
            series = times.by_status[key] = watch.rpc_server.of((times, key), request.labels)
        times.counts[series.add(request.ns, request.context)] += 1
        if request.calls is not None:
            times.add_calls(request.calls, request.calls_left_out, request.ended_ns)
        header = request.parent_header()
        request.has_sampled_parent = header[-1:] in set("13579bdf")
        watch.judge(request, times, series)
