"""redis, with and without asyncio: commands by their name alone, since keys and values are the application's own; a pipeline is one call."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import redis
import redis.asyncio

from hookline.contract.services import DB_NAMESPACE
from hookline.services.calls import CallTarget, ServiceCall, address_of
from hookline.services.clients.call_timing import timed
from hookline.services.options import ServiceOptions
from hookline.services.patches import Patches
from hookline.services.statements import StatementWords, command_words

MAX_NAMED = 3
_targets: WeakKeyDictionary[Any, CallTarget] = WeakKeyDictionary()


def patch(patches: Patches, options: ServiceOptions) -> None:
    """Put clocks into redis."""
    for module in (redis.client, redis.asyncio.client):
        patches.replace(module.Redis, "execute_command", timed(_of_client, may_nest=True))
        patches.replace(module.Pipeline, "execute", timed(_of_pipeline, _told_pipeline, may_nest=True))


def target_of(client: Any) -> CallTarget:
    """Return where a client goes."""
    pool = client.connection_pool
    target = _targets.get(pool)
    if target is None:
        told = pool.connection_kwargs
        address = address_of(told.get("host") or told.get("path") or "", told.get("port"))
        target = _targets[pool] = CallTarget("redis", {DB_NAMESPACE: str(told.get("db") or 0), **address})
    return target


def _of_client(client: Any, args: tuple[Any, ...], _kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    name = args[0]
    return target_of(client), command_words((name.decode() if isinstance(name, bytes) else str(name)).upper()[:40])


def _of_pipeline(pipeline: Any, _args: tuple[Any, ...], _kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords] | None:
    commands = [str(_name_in(one)).upper() for one in pipeline.command_stack]
    if not commands:
        return None
    names = list(dict.fromkeys(commands))
    more = " …" if len(names) > MAX_NAMED else ""
    return target_of(pipeline), command_words("PIPELINE", " ".join(names[:MAX_NAMED])[:80] + more)


def _name_in(command: Any) -> Any:
    args = command[0] if isinstance(command, tuple) else getattr(command, "args", ("",))
    name = args[0] if args else ""
    return name.decode() if isinstance(name, bytes) else name


def _told_pipeline(call: ServiceCall, _pipeline: Any, result: Any) -> None:
    if isinstance(result, list):
        call.batch = len(result)
