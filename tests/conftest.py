"""Fixtures that tests of several parts share."""

from __future__ import annotations

import gc
import inspect
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from support.guards import WATCHED_AT_ITS_END, alone, no_blocked_loop, nothing_left_by_module, nothing_left_open, poller_of_grpc
from support.person import Person, new_person
from support.running import Running, start_collector
from support.soaking import ASKED, IS_SAMPLE, TIMES, share

pytest_plugins = ["support.drawn_order", "support.rewritten", "support.hanging", "support.together", "support.short_reports", "support.soak_summary"]
__all__ = ["no_blocked_loop", "nothing_left_by_module", "nothing_left_open", "poller_of_grpc"]
TESTS = Path(__file__).parent


settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure
settings.register_profile(
    "sample", settings.get_profile("untimed"), derandomize=IS_SAMPLE, print_blob=True, max_examples=share(12, 100, 1000 * TIMES)
)
settings.load_profile("sample")
if IS_SAMPLE:  # else each process reads all modules for constants, and a change of one is another sample; a name that goes away is no loss
    setattr(providers, "is_local_module_file", lambda _: False)  # noqa: B010 - nobody exports it


SHARED = ("front", "store")
"""Fixtures of a server, or of a server's client, that stay connected from test to test where a module shares them: it is watched at its end.

A receiver keeps gRPC's side of a connection for a while after its client has gone, a store the connections of its clients.
"""
ALL_LONG = re.compile(r"^pytestmark = (\[\n)?.*mark\.(long|middle)", re.MULTILINE)
"""What a module says of which no test is for `make test`."""
SOME_LONG = re.compile(r"mark\.long|by_portions|SERVER_TOO|store_on_either")
"""What a module says of which some test is for `make long`."""
LONGEST_FIRST = (
    "worked_out",
    "pages",
    "clickhouse_http",
    "crash",
    "e2e",
    "operate",
    "databases",
    "work",
    "store",
    "panels",
    "collector",
    "play",
    "history",
    "sessions",
    "rollups",
    "relay",
    "spool",
    "notification",
    "install",
    "receive",
    "export",
)
"""Areas with modules that take a quarter of a minute or more; what is not here is done in moments, and fills what is left at the end."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Let the garbage collector rest: it would look again and again at what all stays, for a quarter of the time of collecting."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Pass over modules of which nothing would run: each worker would import them."""
    if ASKED not in ("", "short") or not collection_path.match("test_*.py"):
        return None
    text = collection_path.read_text()
    return (not SOME_LONG.search(text) if ASKED else bool(ALL_LONG.search(text))) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker has it left when the others are done, and leave the rest of the long ones for later.

    Mark Hypothesis's tests as those that do more in a soak, and give those the time for it.
    """
    if IS_SAMPLE and (lost := unnamed(items)):
        raise pytest.UsageError(f"`make long` would pass over long tests in {lost}: SOME_LONG (tests/conftest.py) finds nothing in their text")
    left = {item for item in items if is_for_later(item)}
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=list(left))
    place = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(area_of(item), len(place)))
    for item in items:
        if getattr(getattr(item, "function", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.soak)
        if any(scope_of(item, name) == "module" for name in SHARED):
            item.add_marker(pytest.mark.watched_with_module)
            if module := item.getparent(pytest.Module):
                module.stash[WATCHED_AT_ITS_END] = True
        if any(map(item.get_closest_marker, ("soak", "long", "middle"))):
            item.add_marker(pytest.mark.timeout(share(600 if item.get_closest_marker("long") else 150, 900, 3 * 3600)), append=False)


def unnamed(items: list[pytest.Item]) -> list[str]:
    """Return the modules with long tests whose text says nothing of them."""
    with_long = {item.path for item in items if item.get_closest_marker("long")}
    return sorted(path.name for path in with_long if not SOME_LONG.search(path.read_text()))


def is_for_later(item: pytest.Item) -> bool:
    """Whether a test is one of `make long` or of the middle portion, and neither runs."""
    return bool((item.get_closest_marker("long") and not ASKED) or (item.get_closest_marker("middle") and IS_SAMPLE))


def scope_of(item: pytest.Item, fixture: str) -> str:
    """Return the scope of a fixture that a test asks for; '' if it asks for none of that name."""
    info = getattr(item, "_fixtureinfo", None)
    found = info.name2fixturedefs.get(fixture) if info else None
    return found[-1].scope if found else ""


def area_of(item: pytest.Item) -> str:
    """Return the folder of a test."""
    return _area_of(item.path)


@cache
def _area_of(path: Path) -> str:
    return path.relative_to(TESTS).parts[0]


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what stays to the end: some hundred thousand objects that say which tests there are."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """Watch the tasks of an asynchronous test."""
    if inspect.iscoroutinefunction(pyfuncitem.obj):
        pyfuncitem.obj = alone(pyfuncitem.obj)


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests as the collector runs: in asyncio."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def own_traces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the traces of hooks that cannot write apart: in the user's shared folder, another test's relay would count them as its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.getbasetemp()))
        yield


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Give a person with an empty home, no settings and no data."""
    return new_person(tmp_path)


@pytest.fixture
def settings_file(person: Person) -> Callable[[str], Path]:
    """Give a function that writes the person's settings file."""

    def write(text: str) -> Path:
        path = person.home / ".config" / "hookline" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


@pytest.fixture
def collectors(person: Person) -> Iterator[Callable[..., Running]]:
    """Give a function that starts a collector for the person, with more environment as keywords; all are ended."""
    started: list[Running] = []

    def start(*, furnished: bool = True, **environment: str) -> Running:
        started.append(start_collector(person, environment, furnished=furnished))
        return started[-1]

    yield start
    for running in started:
        running.kill()


@pytest.fixture
def collector(collectors: Callable[..., Running]) -> Running:
    """Give a running collector."""
    return collectors()
