"""Where the interface listens: at the address of the settings, or nowhere, and then the status says why."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from typing import cast

import pytest

from hookline.errors import AlreadyRunning
from hookline.settings import Settings
from hookline_collector.clickhouse_http import clickhouse_server
from hookline_collector.clickhouse_http.clickhouse_endpoint import ClickHouseEndpoint
from hookline_collector.clickhouse_http.clickhouse_server import ClickHouseServer

pytestmark = pytest.mark.long


class _Nobody:
    """An endpoint that nobody asks."""

    async def stop(self) -> None:
        """Nothing runs."""


def served(address: str, url: str = "") -> tuple[str, str]:
    """Start and stop; return the address and what the health says."""
    given = Settings()
    settings = replace(given, collector=replace(given.collector, clickhouse=address), store=replace(given.store, url=url))

    async def run() -> tuple[str, str]:
        server = ClickHouseServer(settings, cast(ClickHouseEndpoint, _Nobody()))
        await server.start()
        found = server.address, server.health().detail
        assert server.health().ok
        await server.stop(1)
        return found

    return asyncio.run(run())


def test_a_free_port_is_bound_and_told() -> None:
    """Port 0 picks one."""
    address, detail = served("127.0.0.1:0")
    assert address.startswith("127.0.0.1:")
    assert detail.startswith(address)


def test_a_default_that_is_taken_stops_nothing_but_a_chosen_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many have a ClickHouse server at 8123 already."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(AlreadyRunning, match=r"collector\.clickhouse"):
            served(taken)
        monkeypatch.setattr(clickhouse_server, "DEFAULT_ADDRESS", taken)
        address, detail = served(taken)
    assert address == ""
    assert detail == f"not served: something else listens on {taken}; choose another address with collector.clickhouse"


def test_a_server_as_the_store_is_to_be_asked_itself() -> None:
    """It has an interface of its own."""
    assert served("127.0.0.1:0", "http://db:8123") == ("", "not served: the store is a ClickHouse server, so ask http://db:8123 itself")
