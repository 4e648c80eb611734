"""`/api/v1/quarantine`: what the store would not take; send it again, or give it up."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.answer import answer
from hookline_collector.api.context import Context
from hookline_collector.api.endpoint import Endpoint, Parameter
from hookline_collector.handover import Entry


@dataclass(frozen=True, slots=True)
class Kept:
    """What is in quarantine, the oldest first."""

    entries: tuple[Entry, ...]


def endpoints(context: Context) -> tuple[Endpoint, ...]:
    """Return the routes of this module."""
    quarantine = context.quarantine

    async def kept(_: Request) -> Response:
        entries = await asyncio.to_thread(quarantine.list)
        return answer({"entries": [asdict(entry) for entry in entries]})

    async def replay(request: Request) -> Response:
        entry = await quarantine.replay(request.path_params["name"], context.journal)
        return answer(asdict(entry))

    async def discard(request: Request) -> Response:
        name = request.path_params["name"]
        await asyncio.to_thread(quarantine.discard, name)
        return await kept(request)

    by_name = (Parameter("name", "The entry's name.", "path"),)
    return (
        Endpoint("GET", "/api/v1/quarantine", kept, "What the store refused, and why.", Kept),
        Endpoint("POST", "/api/v1/quarantine/{name}/replay", replay, "Put an entry into the journal again.", Entry, parameters=by_name),
        Endpoint("DELETE", "/api/v1/quarantine/{name}", discard, "Give an entry up; answers what is left.", Kept, parameters=by_name),
    )
