"""`/api/v1/quarantine`: what the store would not take; send it again, or give it up."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.context import Context
from hookline_collector.api.http.endpoint import ApiEndpoint, Parameter
from hookline_collector.api.http.json_answers import answer
from hookline_collector.delivery import QuarantineEntry


@dataclass(frozen=True, slots=True)
class QuarantineList:
    """What is in quarantine, the oldest first."""

    entries: tuple[QuarantineEntry, ...]


def endpoints(context: Context) -> tuple[ApiEndpoint, ...]:
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
        ApiEndpoint("GET", "/api/v1/quarantine", kept, "What the store refused, and why.", QuarantineList),
        ApiEndpoint("POST", "/api/v1/quarantine/{name}/replay", replay, "Put an entry into the journal again.", QuarantineEntry, parameters=by_name),
        ApiEndpoint("DELETE", "/api/v1/quarantine/{name}", discard, "Give an entry up; answers what is left.", QuarantineList, parameters=by_name),
    )
