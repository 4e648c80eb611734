"""Which tests stay on one worker, and which run beside which: those of a module, and all of a folder whose collector they share, are one unit.

What xdist does by itself takes a `::` in a parameter for the end of the module's name, so that a module's collector is started once for
each such parameter.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from support.soaking import ASKED

FOLDERS: Final = ("pages", "clickhouse_http")
APART: Final = ("tests/pages/test_people_pages.py",)
"""Of the long ones there are so many that a second collector for these costs less than the other workers would wait."""
WAITING: Final = tuple(f"tests/{area}/" for area in ("crash", "databases", "e2e", "notification", "operate", "relay", "services"))
"""Where tests wait for processes more than they work."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mix those that wait evenly among those that work, each in their order: workers that all wait at once leave the processors idle."""
    units = dict.fromkeys(unit_of(item.nodeid) for item in items)
    kinds = [[unit for unit in units if unit.startswith(WAITING) == is_waiting] for is_waiting in (False, True)]
    place = {unit: (number + 0.5) / len(kind) for kind in kinds for number, unit in enumerate(kind)}
    items.sort(key=lambda item: place[unit_of(item.nodeid)])


def unit_of(nodeid: str) -> str:
    """Return the name of what a test stays together with."""
    path = nodeid.partition("::")[0]
    return path if ASKED and path in APART else next((folder for folder in FOLDERS if path.startswith(f"tests/{folder}/")), path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give the tests out by these units, where they are given out by modules."""
    if config.getoption("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    made: Any = LoadScopeScheduling(config, log)
    made._split_scope = unit_of
    return made
