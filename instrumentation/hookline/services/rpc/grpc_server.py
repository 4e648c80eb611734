"""Servers of gRPC: an interceptor around each handler, before those of the application. It is put into every server that is made from now on."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from time import perf_counter_ns
from typing import Any, Final

import grpc
import grpc.aio
from opentelemetry.context import attach, detach, get_current

from hookline.services.active import active
from hookline.services.patches import Patches
from hookline.services.rpc.rpc_request import RpcRequest, RpcServing, code_name
from hookline.services.served_request import CURRENT

_KINDS: Final = (
    ("unary_unary", grpc.unary_unary_rpc_method_handler),
    ("unary_stream", grpc.unary_stream_rpc_method_handler),
    ("stream_unary", grpc.stream_unary_rpc_method_handler),
    ("stream_stream", grpc.stream_stream_rpc_method_handler),
)


def patch_servers(patches: Patches) -> None:
    """Put the interceptor into the servers that are made from now on."""
    watch = active()
    if watch is None:
        return
    serving = RpcServing(watch)
    patches.replace(grpc, "server", lambda original: _with(original, SyncServerWatch(serving)))
    patches.replace(grpc.aio, "server", lambda original: _with(original, AioServerWatch(serving)))


def _with(original: Any, interceptor: Any) -> Any:
    def server(*args: Any, **kwargs: Any) -> Any:
        if len(args) > 2:
            return original(*args[:2], (interceptor, *(args[2] or ())), *args[3:], **kwargs)
        return original(*args, **{**kwargs, "interceptors": (interceptor, *(kwargs.get("interceptors") or ()))})

    return server


def _kind_of(handler: Any) -> tuple[str, Any]:
    return next(kind for kind in _KINDS if getattr(handler, kind[0]) is not None)


class SyncServerWatch(grpc.ServerInterceptor):  # type: ignore[type-arg] # of any messages
    """Times the calls of a server with threads."""

    def __init__(self, serving: RpcServing) -> None:
        self._serving = serving

    def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        """Put the clock around the handler of a call."""
        handler = continuation(handler_call_details)
        if handler is None or not self._serving.watch.is_active:
            return handler
        return wrapped(handler, self._serving, handler_call_details)


class AioServerWatch(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]
    """Times the calls of an asynchronous server."""

    def __init__(self, serving: RpcServing) -> None:
        self._serving = serving

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        """Put the clock around the handler of a call."""
        handler = await continuation(handler_call_details)
        if handler is None or not self._serving.watch.is_active:
            return handler
        self._serving.watch.loop_seen()
        return wrapped(handler, self._serving, handler_call_details)


def wrapped(handler: Any, serving: RpcServing, details: Any) -> Any:
    """Return a handler that does the same within a clock."""
    kind, make = _kind_of(handler)
    behavior = getattr(handler, kind)
    if inspect.isasyncgenfunction(behavior):
        timed = _timed_async_stream(behavior, serving, details)
    elif inspect.iscoroutinefunction(behavior):
        timed = _timed_coroutine(behavior, serving, details)
    elif kind.endswith("stream"):
        timed = _timed_stream(behavior, serving, details)
    else:
        timed = _timed_function(behavior, serving, details)
    return make(timed, request_deserializer=handler.request_deserializer, response_serializer=handler.response_serializer)


@contextmanager
def _served(request: RpcRequest, serving: RpcServing, context: Any) -> Iterator[None]:
    """A call from its beginning to its end."""
    try:
        yield
    except BaseException as error:
        request.failed(error, _code_of(context))
        raise
    else:
        request.status = code_name(_code_of(context))
    finally:
        serving.finish(request)


@contextmanager
def _current(request: RpcRequest, serving: RpcServing) -> Iterator[None]:
    """What runs here is done for a request."""
    watch = serving.watch
    token = CURRENT.set(request)
    outer = None
    if watch.tracer is not None:
        outer = attach(watch.spans.entered(request, get_current()) if request.context is None else request.context)
    try:
        yield
    finally:
        if outer is not None:
            detach(outer)
        CURRENT.reset(token)


def _code_of(context: Any) -> Any:
    try:
        return context.code()
    except (AttributeError, NotImplementedError):
        return None


def _timed_function(behavior: Any, serving: RpcServing, details: Any) -> Any:
    def timed(argument: Any, context: Any) -> Any:
        request = serving.begin(details.method, details.invocation_metadata)
        with _served(request, serving, context), _current(request, serving):
            return behavior(argument, context)

    return timed


def _timed_coroutine(behavior: Any, serving: RpcServing, details: Any) -> Any:
    async def timed(argument: Any, context: Any) -> Any:
        request = serving.begin(details.method, details.invocation_metadata)
        with _served(request, serving, context), _current(request, serving):
            return await behavior(argument, context)

    return timed


def _timed_stream(behavior: Any, serving: RpcServing, details: Any) -> Any:
    """Whoever takes the answers may do so in another context each time, so the request is set around each step."""

    def timed(argument: Any, context: Any) -> Iterator[Any]:
        request = serving.begin(details.method, details.invocation_metadata)
        with _served(request, serving, context):
            with _current(request, serving):
                answers = iter(behavior(argument, context))
            while True:
                with _current(request, serving):
                    try:
                        answer = next(answers)
                    except StopIteration:
                        return
                request.first_byte_ns = request.first_byte_ns or perf_counter_ns()
                yield answer

    return timed


def _timed_async_stream(behavior: Any, serving: RpcServing, details: Any) -> Any:
    async def timed(argument: Any, context: Any) -> AsyncIterator[Any]:
        request = serving.begin(details.method, details.invocation_metadata)
        with _served(request, serving, context):
            with _current(request, serving):
                answers = behavior(argument, context)
            while True:
                with _current(request, serving):
                    try:
                        answer = await anext(answers)
                    except StopAsyncIteration:
                        return
                request.first_byte_ns = request.first_byte_ns or perf_counter_ns()
                yield answer

    return timed
