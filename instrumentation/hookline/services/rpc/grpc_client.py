"""Channels of gRPC: an interceptor around each call, which tells the other side of the trace. Every channel that is made from now on has it."""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import grpc
import grpc.aio
from opentelemetry import propagate
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, get_current

from hookline.services.active import active
from hookline.services.calls import CallTarget, ServiceCall, address_of, caller
from hookline.services.patches import Patches
from hookline.services.rpc.rpc_request import code_name
from hookline.services.served_request import CURRENT, ServedRequest, new_span_id, new_trace_id
from hookline.services.statements import StatementWords, rpc_words

if TYPE_CHECKING:
    from hookline.services.service_watch import ServiceWatch

_CHANNELS: Final = ("insecure_channel", "secure_channel")


class RpcCall(ServiceCall):
    """A call to another service."""

    kind = "rpc"

    def __init__(self, target: CallTarget, words: StatementWords, place: tuple[str, int, str] | None, request: ServedRequest | None) -> None:
        super().__init__(target, words, place)
        self.request = request


class CallDetails(NamedTuple):
    """What gRPC knows of a call, with our metadata."""

    method: Any
    timeout: Any
    metadata: Any
    credentials: Any
    wait_for_ready: Any
    compression: Any = None


def patch_channels(patches: Patches) -> None:
    """Put the interceptor into the channels that are made from now on."""
    for name in _CHANNELS:
        patches.replace(grpc, name, _with_sync)
        patches.replace(grpc.aio, name, _with_aio)


def _with_sync(original: Any) -> Any:
    def channel(target: str, *args: Any, **kwargs: Any) -> Any:
        return grpc.intercept_channel(original(target, *args, **kwargs), SyncChannelWatch(target))

    return channel


def _with_aio(original: Any) -> Any:
    def channel(target: str, *args: Any, **kwargs: Any) -> Any:
        interceptors = [*(kwargs.pop("interceptors", None) or ()), *_aio_interceptors(target)]
        return original(target, *args, **kwargs, interceptors=interceptors)

    return channel


def target_of(address: str) -> CallTarget:
    """Return where a channel goes."""
    host, _, port = address.rpartition("/")[2].rpartition(":")
    return CallTarget("", address_of(host or port, port if host and port.isdigit() else None))


def begun(target: CallTarget, details: Any) -> tuple[RpcCall, CallDetails, ServiceWatch] | None:
    """Begin a call: its clock, and the trace in its metadata; None for what nobody watches."""
    watch = active()
    if watch is None or get_current().get(_SUPPRESS_INSTRUMENTATION_KEY):
        return None
    method = details.method.decode() if isinstance(details.method, bytes) else details.method
    request = CURRENT.get()
    call = RpcCall(target, rpc_words(method.lstrip("/")), caller(), request if request is not None and not request.is_finished else None)
    told = {name: str(value) for name, value in traces_of(call, watch).items()}
    metadata = (*(details.metadata or ()), *told.items())
    known = [getattr(details, name, None) for name in ("method", "timeout", "credentials", "wait_for_ready", "compression")]
    return call, CallDetails(known[0], known[1], metadata, *known[2:]), watch


def traces_of(call: RpcCall, watch: ServiceWatch) -> dict[str, str]:
    """Return what the other side is told of the trace."""
    if watch.tracer is not None:
        carrier: dict[str, str] = {}
        propagate.inject(carrier, watch.spans.calling(call))
        return carrier
    call.span_id, request = new_span_id(), call.request
    if request is None:
        call.parent_trace = new_trace_id()
        return {"traceparent": f"00-{call.parent_trace:032x}-{call.span_id:016x}-00"}
    request.identify()
    return {"traceparent": f"00-{request.trace_id:032x}-{call.span_id:016x}-{'01' if request.is_sampled else '00'}"}


def ended(call: RpcCall, watch: ServiceWatch, code: Any) -> None:
    """End a call, once."""
    if call.ended_ns:
        return
    call.ended_ns = perf_counter_ns()
    call.status = code_name(code)
    if call.status != "OK":
        call.error_type = call.status
    if watch.is_active:
        watch.call_ended(call, watch.rpc_client, call.request)


class SyncChannelWatch(
    grpc.UnaryUnaryClientInterceptor,  # type: ignore[type-arg] # of any messages
    grpc.UnaryStreamClientInterceptor,  # type: ignore[type-arg]
    grpc.StreamUnaryClientInterceptor,  # type: ignore[type-arg]
    grpc.StreamStreamClientInterceptor,  # type: ignore[type-arg]
):
    """Times the calls of a channel with threads."""

    def __init__(self, address: str) -> None:
        self._target = target_of(address)

    def _intercept(self, continuation: Any, client_call_details: Any, argument: Any) -> Any:
        started = begun(self._target, client_call_details)
        if started is None:
            return continuation(client_call_details, argument)
        call, details, watch = started
        try:
            answer = continuation(details, argument)
        except BaseException:
            ended(call, watch, grpc.StatusCode.UNKNOWN)
            raise
        if hasattr(answer, "add_done_callback"):
            answer.add_done_callback(lambda done: ended(call, watch, done.code()))
        else:
            answer.add_callback(lambda: ended(call, watch, answer.code()))
        return answer

    def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        """Time a call."""
        return self._intercept(continuation, client_call_details, request)

    def intercept_unary_stream(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        """Time a call."""
        return self._intercept(continuation, client_call_details, request)

    def intercept_stream_unary(self, continuation: Any, client_call_details: Any, request_iterator: Any) -> Any:
        """Time a call."""
        return self._intercept(continuation, client_call_details, request_iterator)

    def intercept_stream_stream(self, continuation: Any, client_call_details: Any, request_iterator: Any) -> Any:
        """Time a call."""
        return self._intercept(continuation, client_call_details, request_iterator)


class _AioChannelWatch:
    """Times the calls of an asynchronous channel."""

    def __init__(self, address: str) -> None:
        self._target = target_of(address)

    async def _intercept(self, continuation: Any, client_call_details: Any, argument: Any) -> Any:
        started = begun(self._target, client_call_details)
        if started is None:
            return await continuation(client_call_details, argument)
        call, details, watch = started
        metadata = grpc.aio.Metadata(*details.metadata)
        try:
            answer = await continuation(client_call_details._replace(metadata=metadata), argument)
        except BaseException:
            ended(call, watch, grpc.StatusCode.UNKNOWN)
            raise
        answer.add_done_callback(lambda done: _ended_aio(call, watch, done))
        return answer


def _ended_aio(call: RpcCall, watch: ServiceWatch, done: Any) -> None:
    """An asynchronous call says its code to whoever awaits; when it is done, it is there."""
    status = getattr(getattr(done, "_cython_call", None), "_status", None)
    code = status.code() if status is not None else (grpc.StatusCode.CANCELLED if done.cancelled() else grpc.StatusCode.OK)
    ended(call, watch, code)


def _aio_interceptors(address: str) -> list[Any]:
    """Return one interceptor for each kind of call: gRPC takes an interceptor for the first kind that it is of."""
    kinds = {
        "unary_unary": grpc.aio.UnaryUnaryClientInterceptor,
        "unary_stream": grpc.aio.UnaryStreamClientInterceptor,
        "stream_unary": grpc.aio.StreamUnaryClientInterceptor,
        "stream_stream": grpc.aio.StreamStreamClientInterceptor,
    }
    return [
        type(f"Aio{kind.title().replace('_', '')}Watch", (_AioChannelWatch, base), {f"intercept_{kind}": _AioChannelWatch._intercept})(address)
        for kind, base in kinds.items()
    ]
