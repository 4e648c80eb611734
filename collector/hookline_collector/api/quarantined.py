"""`/api/v1/quarantine`: what the store would not take; send it again, or give it up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.http.endpoint import ApiEndpoint, InPath
from hookline_collector.api.http.json_answers import answer
from hookline_collector.delivery import Quarantine, QuarantineEntry
from hookline_collector.journal import Journal
from hookline_collector.signal import Signal

NAME = InPath("name", "The entry's name.")


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One thing set aside: when, why, how much."""

    name: str
    signal: Signal
    items: int
    size_bytes: int
    reason: Literal["refused", "damaged"]
    error: str
    set_aside_ns: int


@dataclass(frozen=True, slots=True)
class QuarantineList:
    """What is in quarantine, the oldest first."""

    entries: tuple[QuarantineRow, ...]


class QuarantineApi:
    """The quarantine; what is sent again goes into the journal."""

    def __init__(self, quarantine: Quarantine, journal: Journal) -> None:
        self._quarantine = quarantine
        self._journal = journal
        path, by_name = "/api/v1/quarantine", (NAME,)
        again = "Put an entry into the journal again."
        self.routes = (
            ApiEndpoint("GET", path, self.list_entries, "What the store refused, and why.", QuarantineList),
            ApiEndpoint("POST", f"{path}/{{name}}/replay", self.replay, again, QuarantineRow, parameters=by_name),
            ApiEndpoint("DELETE", f"{path}/{{name}}", self.discard, "Give an entry up; answers what is left.", QuarantineList, parameters=by_name),
        )

    async def list_entries(self, _: Request) -> Response:
        """Answer with what is set aside."""
        entries = await asyncio.to_thread(self._quarantine.list)
        return answer(QuarantineList(tuple(map(row_of, entries))))

    async def replay(self, request: Request) -> Response:
        """Send an entry again."""
        return answer(row_of(await self._quarantine.replay(NAME.of(request), self._journal)))

    async def discard(self, request: Request) -> Response:
        """Give an entry up."""
        await asyncio.to_thread(self._quarantine.discard, NAME.of(request))
        return await self.list_entries(request)


def row_of(entry: QuarantineEntry) -> QuarantineRow:
    """Return an entry as the API tells it."""
    return QuarantineRow(entry.name, entry.signal, entry.items, entry.size, entry.reason, entry.error, round(entry.at * 1e9))
