"""The endpoint's listener: beside the receivers, with an address of its own, and no thread or timer while nobody asks.

It is served where the setting's default is free. Where something else has that port, the collector does without and says so; an address that a
person chose must be there.
"""

from __future__ import annotations

import logging

from hookline.errors import AlreadyRunning
from hookline.settings import Settings
from hookline.settings.schema import CollectorSettings
from hookline_collector.clickhouse_http.clickhouse_endpoint import MAX_BODY_BYTES, ClickHouseEndpoint
from hookline_collector.observe.health import PartHealth
from hookline_collector.serving import Bounds, HttpServer, split_address, tls_context

KEEP_ALIVE_S = 60
KEY = "collector.clickhouse"
DEFAULT_ADDRESS = CollectorSettings().clickhouse
log = logging.getLogger(__name__)


class ClickHouseServer:
    """Serves the endpoint. `address` is the bound one, known after `start`; empty where it is not served."""

    name = "clickhouse"

    def __init__(self, settings: Settings, endpoint: ClickHouseEndpoint | None) -> None:
        self.address = ""
        self._settings = settings
        self._endpoint = endpoint
        self._why_not = _why_not(settings)
        bounds = Bounds.of(settings.limits, has_token=True, max_body_bytes=MAX_BODY_BYTES, keep_alive_s=KEEP_ALIVE_S, ends_with_reader=True)
        self._server = HttpServer(endpoint, bounds) if endpoint is not None else None

    async def start(self) -> None:
        """Bind and serve. Raises AlreadyRunning where an address that was chosen is taken."""
        wanted = self._settings.collector.clickhouse
        if self._server is None or self._why_not:
            return
        host, port = split_address(wanted, KEY)
        try:
            bound_host, bound_port = await self._server.start(host, port, tls_context(self._settings.collector))
        except OSError as why:
            if wanted != DEFAULT_ADDRESS:
                raise AlreadyRunning(f"cannot listen on {wanted}; choose another with {KEY} (port 0 picks a free one): {why}") from None
            self._why_not = f"not served: something else listens on {wanted}; choose another address with {KEY}"
            log.warning("the ClickHouse interface is %s", self._why_not)
            return
        self.address = f"[{bound_host}]:{bound_port}" if ":" in bound_host else f"{bound_host}:{bound_port}"

    def health(self) -> PartHealth:
        """Return where it listens, or why it does not."""
        return PartHealth(self.name, True, f"{self.address}, user hookline, password the token" if self.address else self._why_not)

    async def stop(self, grace_s: float) -> None:
        """Take no new requests, end what runs."""
        if self._server is not None and self._endpoint is not None:
            await self._endpoint.stop()
            await self._server.stop(grace_s)


def _why_not(settings: Settings) -> str:
    if not settings.collector.clickhouse:
        return ""
    return f"not served: the store is a ClickHouse server, so ask {settings.store.url} itself" if settings.store.url else ""
