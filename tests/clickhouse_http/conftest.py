"""One collector for all tests of the endpoint, with narrow limits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.clickhouse_asker import ClickHouseAsker
from support.person import new_person
from support.running import Running, start_collector


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A collector with narrow limits."""
    limits = {"HOOKLINE_CLICKHOUSE_MAX_ROWS": "500000", "HOOKLINE_STORE_QUERY_MAX_S": "20", "HOOKLINE_STORE_QUERY_MAX_RESULT_BYTES": "4000000"}
    found = start_collector(new_person(tmp_path_factory.mktemp("endpoint")), limits)
    yield found
    found.kill()


@pytest.fixture(scope="session")
def asker(running: Running) -> ClickHouseAsker:
    """Asks it."""
    return ClickHouseAsker.of(running)
