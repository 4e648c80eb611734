"""`/api/v1/cleanup`: what the cleanup closed, and running it now."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.http.endpoint import ApiEndpoint
from hookline_collector.api.http.json_answers import answer
from hookline_collector.sessions.cleanup import Cleanup, CleanupStatistics


class CleanupApi:
    """The cleanup and what it did since the collector started."""

    def __init__(self, cleanup: Cleanup) -> None:
        self._cleanup = cleanup
        told = "What the cleanup closed, why, and how long it took."
        self.routes = (
            ApiEndpoint("GET", "/api/v1/cleanup", self.statistics, told, CleanupStatistics),
            ApiEndpoint("POST", "/api/v1/cleanup", self.run, "Run the cleanup now.", CleanupStatistics),
        )

    async def statistics(self, _: Request) -> Response:
        """Answer with what it did."""
        return answer(self._cleanup.statistics())

    async def run(self, request: Request) -> Response:
        """Run it, then answer with what it did."""
        await self._cleanup.run_once()
        return await self.statistics(request)
