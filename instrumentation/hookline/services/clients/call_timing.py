"""A function of a client with a clock around it.

`describe(self, args, kwargs)` says where a call goes and what it does. Whatever goes wrong in our own lines, the client's function runs as if they
were not there. A call within a call of the same client (a method that is made of others) is part of it.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
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
