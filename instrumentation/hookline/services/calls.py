"""A call that a request made: to a database, or over gRPC. What the caller's file and line are is looked up while the caller waits.

A call without a request (a worker, a script, what runs on after an answer) is its own: it is counted, and kept as a span when it was slow or failed.
"""

from __future__ import annotations

import sys
import sysconfig
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from hookline.contract.services import DB_SYSTEM, SERVER_ADDRESS, SERVER_PORT

if TYPE_CHECKING:
    from hookline.services.durations import DurationSeries
    from hookline.services.statements import StatementWords

MAX_FRAMES: Final = 80
MAX_REMEMBERED: Final = 1_000
_HERE: Final = str(Path(__file__).parents[1])
_LIBRARIES: Final = tuple({_HERE, *(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))})
_is_of_the_application: dict[str, bool] = {}


class CallTarget:
    """Where calls go: the attributes that all calls over one connection share. `series` has their durations by statement and error; `running` is
    the call that runs now, where a connection has one at a time."""

    def __init__(self, system: str, attributes: Mapping[str, str | int], pid: int = 0) -> None:
        self.system = system
        self.attributes = {DB_SYSTEM: system, **attributes} if system else dict(attributes)
        self.pid = pid
        self.key = (system, *sorted(self.attributes.items()))
        self.series: dict[Any, DurationSeries] = {}
        self.running: ServiceCall | None = None

    def remember(self, key: Any, series: DurationSeries) -> DurationSeries:
        """Keep the series of a statement, so that the next call finds it at once."""
        if len(self.series) >= MAX_REMEMBERED:
            self.series.clear()
        self.series[key] = series
        return series


class ServiceCall:
    """One call. `ended_ns` is 0 while it runs; clocks are `time.perf_counter_ns`."""

    kind = "db"
    ended_ns = 0
    error: BaseException | None = None
    error_type = ""
    status = ""
    rows = -1
    batch = 0
    plan = ""
    plan_hash = ""
    span_id = 0
    parent_trace = 0  # of a call without a request: what it runs in
    parent_span = 0
    sdk_span: Any = None
    series: DurationSeries | None = None

    def __init__(self, target: CallTarget, words: StatementWords, place: tuple[str, int, str] | None) -> None:
        self.target = target
        self.words = words
        self.place = place
        self.started_ns = time.perf_counter_ns()

    @property
    def ns(self) -> int:
        """How long it took, or has taken until now."""
        return (self.ended_ns or time.perf_counter_ns()) - self.started_ns


def time_in(calls: Iterable[ServiceCall], ended_ns: int) -> int:
    """Return how long at least one of the calls ran, calls side by side counted once."""
    total, reached = 0, 0
    for start, end in sorted((call.started_ns, call.ended_ns or ended_ns) for call in calls):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total


def caller() -> tuple[str, int, str] | None:
    """Return file, line and function of the application's code that is calling; None where only libraries are."""
    frame: FrameType | None = sys._getframe(2)
    for _ in range(MAX_FRAMES):
        if frame is None:
            return None
        code = frame.f_code
        name = code.co_filename
        if (is_known := _is_of_the_application.get(name)) is None:
            is_known = _is_of_the_application[name] = is_of_the_application(name)
        if is_known:
            return name, frame.f_lineno, code.co_qualname
        frame = frame.f_back
    return None


def is_of_the_application(name: str) -> bool:
    """Whether a file is neither a library's, Python's nor ours."""
    return not name.startswith(("<", *_LIBRARIES)) and "site-packages" not in name and "dist-packages" not in name


def shown_file(name: str) -> str:
    """Return a file as people name it: from the folder that it was imported from, or from the working folder."""
    roots = sorted((root for root in {*sys.path, str(Path.cwd())} if root and name.startswith(root.rstrip("/") + "/")), key=len, reverse=True)
    return name[len(roots[0].rstrip("/")) + 1 :] if roots else name


def address_of(host: str, port: int | str | None) -> dict[str, str | int]:
    """Return the attributes of a server's address; none of what is not known."""
    found: dict[str, str | int] = {SERVER_ADDRESS: host} if host else {}
    return {**found, SERVER_PORT: int(port)} if host and port else found
