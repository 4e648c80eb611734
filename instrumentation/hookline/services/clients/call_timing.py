"""A function of a client with a clock around it.

`describe(self, args, kwargs)` says where a call goes and what it does. Whatever goes wrong in our own lines, the client's function runs as if they
were not there. A call within a call of the same client (a method that is made of others) is part of it.

What gives a context manager (a COPY) is timed as long as the block runs, which is as long as the server is at it. What gives rows one after
another is timed until the first has come: between the others the application does what it likes.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from contextvars import ContextVar
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final

from hookline.services.active import active
from hookline.services.calls import CallTarget, ServiceCall, caller
from hookline.services.statements import StatementWords

if TYPE_CHECKING:
    from hookline.services.service_watch import ServiceWatch

Describe = Callable[[Any, tuple[Any, ...], dict[str, Any]], tuple[CallTarget, StatementWords] | None]
"""None for a call that is not counted."""
Finish = Callable[[ServiceCall, Any, Any], object]
"""Adds to a call what its result says: the call, the client's object, the result."""

_NONE: Final = object()
_WITHIN: Final[ContextVar[bool]] = ContextVar("hookline_within_call", default=False)


def no_more(call: ServiceCall, owner: Any, result: Any) -> None:
    """Add nothing."""


def timed(describe: Describe, finish: Finish = no_more, *, may_nest: bool = False) -> Callable[[Any], Any]:
    """Return what puts a clock around a method, asynchronous or not. `may_nest`: the client's methods call each other."""

    def make(original: Any) -> Any:
        if inspect.iscoroutinefunction(original):
            return _timed_coroutine(original, describe, finish, may_nest=may_nest)
        return _timed_function(original, describe, finish, may_nest=may_nest)

    return make


def _timed_function(original: Any, describe: Describe, finish: Finish, *, may_nest: bool) -> Any:
    def call_timed(self: Any, *args: Any, **kwargs: Any) -> Any:
        watch = active()
        if watch is None or (may_nest and _WITHIN.get()) or (call := begun(describe, self, args, kwargs)) is None:
            return original(self, *args, **kwargs)
        token = _WITHIN.set(True) if may_nest else None
        try:
            result = original(self, *args, **kwargs)
        except BaseException as error:
            ended(watch, call, error)
            raise
        finally:
            if token is not None:
                _WITHIN.reset(token)
        ended(watch, call, None, finish, self, result)
        return result

    return call_timed


def _timed_coroutine(original: Any, describe: Describe, finish: Finish, *, may_nest: bool) -> Any:
    async def call_timed(self: Any, *args: Any, **kwargs: Any) -> Any:
        watch = active()
        if watch is None or (may_nest and _WITHIN.get()) or (call := begun(describe, self, args, kwargs)) is None:
            return await original(self, *args, **kwargs)
        token = _WITHIN.set(True) if may_nest else None
        try:
            result = await original(self, *args, **kwargs)
        except BaseException as error:
            ended(watch, call, error)
            raise
        finally:
            if token is not None:
                _WITHIN.reset(token)
        ended(watch, call, None, finish, self, result)
        return result

    return call_timed


def timed_block(describe: Describe, finish: Finish = no_more) -> Callable[[Any], Any]:
    """Return what puts a clock around the block of a method that gives a context manager, asynchronous or not."""

    def make(original: Any) -> Any:
        def open_block(self: Any, *args: Any, **kwargs: Any) -> Any:
            opened = original(self, *args, **kwargs)
            timing = _timed_async_block if hasattr(opened, "__aenter__") else _timed_block
            return timing(opened, describe, finish, self, args, kwargs)

        return open_block

    return make


@contextmanager
def _timed_block(opened: Any, describe: Describe, finish: Finish, owner: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[Any]:
    with _clock(describe, finish, owner, args, kwargs), opened as given:
        yield given


@asynccontextmanager
async def _timed_async_block(
    opened: Any, describe: Describe, finish: Finish, owner: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> AsyncIterator[Any]:
    with _clock(describe, finish, owner, args, kwargs):
        async with opened as given:
            yield given


def timed_rows(describe: Describe) -> Callable[[Any], Any]:
    """Return what puts a clock around a generator of rows, asynchronous or not, until its first."""

    def make(original: Any) -> Any:
        is_asynchronous = inspect.isasyncgenfunction(original)

        def rows(self: Any, *args: Any, **kwargs: Any) -> Any:
            found = original(self, *args, **kwargs)
            return (_async_rows if is_asynchronous else _rows)(found, describe, self, args, kwargs)

        return rows

    return make


def _rows(found: Any, describe: Describe, owner: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Generator[Any, Any, None]:
    with _clock(describe, no_more, owner, args, kwargs):
        first = next(found, _NONE)
    if first is not _NONE:
        yield first
        yield from found


async def _async_rows(found: Any, describe: Describe, owner: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> AsyncGenerator[Any, None]:
    async with aclosing(found):
        with _clock(describe, no_more, owner, args, kwargs):
            first = await anext(found, _NONE)
        if first is not _NONE:
            yield first
            async for row in found:
                yield row


@contextmanager
def _clock(describe: Describe, finish: Finish, owner: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[None]:
    watch = active()
    call = None if watch is None else begun(describe, owner, args, kwargs)
    try:
        yield
    except BaseException as error:
        if watch is not None and call is not None:
            ended(watch, call, error)
        raise
    if watch is not None and call is not None:
        ended(watch, call, None, finish, owner)


def begun(describe: Describe, owner: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ServiceCall | None:
    """Begin to time a call; None where it is not counted."""
    try:
        described = describe(owner, args, kwargs)
        if described is None:
            return None
        target, words = described
        call = ServiceCall(target, words, caller())
        target.running = call
    except Exception:  # ours must not become the application's
        return None
    return call


def ended(
    watch: ServiceWatch, call: ServiceCall, error: BaseException | None, finish: Finish = no_more, owner: Any = None, result: Any = None
) -> None:
    """End the clock of a call and count it."""
    call.ended_ns = perf_counter_ns()
    try:
        call.target.running = None
        if error is not None:
            call.error_type = "cancelled" if isinstance(error, asyncio.CancelledError) else type(error).__qualname__
            call.status = status_of(error)
        else:
            finish(call, owner, result)
        watch.call_ended(call, watch.db)
    except Exception:  # as above
        return


def status_of(error: BaseException) -> str:
    """Return what the server called an error: SQLSTATE, or a number."""
    for name in ("sqlstate", "pgcode", "code"):
        value = getattr(error, name, None)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and value:
            return str(value)
    return ""


def text_of(query: Any, context: Any = None) -> str:
    """Return a query as text: clients take bytes and objects that make texts as well."""
    if isinstance(query, str):
        return query
    if isinstance(query, bytes):
        return query.decode("utf-8", "replace")
    made = query.as_string(context) if hasattr(query, "as_string") else str(query)
    return str(made)
