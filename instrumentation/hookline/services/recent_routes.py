"""What is usual for a route: its own durations of the last minutes, and so what is slow for it.

A route that always takes two seconds is not slow at two, and one that takes two milliseconds is at fifty. The background works `slow_ns` out every
few seconds; a request compares one number. Counts are halved once a minute, so what was usual an hour ago means nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hookline.contract import services as names
from hookline.services.calls import ServiceCall, time_in
from hookline.services.durations import BOUNDS_NS, DurationSeries, percentile_ns

MIN_SEEN: Final = 200  # below, 99 of 100 says nothing
LEAST_SLOW_NS: Final = 5_000_000  # nobody looks for a request that took less
HALVED_EVERY_S: Final = 60.0
SHARE: Final = 0.99
NEVER: Final = 1 << 62


@dataclass(slots=True, eq=False)
class RouteTimes:
    """The durations of one method and route, by `DurationSeries.add`'s places. `by_status` has the series of each answer that it gave; what took
    longer than `worth_ns` is worth a second look.
    """

    method: str
    route: str
    asked: str | None = field(default="", kw_only=True)  # the method as it came
    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_NS) + 1))
    slow_ns: int = NEVER
    limit_ns: int = NEVER
    worth_ns: int = NEVER
    by_status: dict[object, DurationSeries] = field(default_factory=dict)
    db_ns: int = 0
    db_calls: int = 0

    def __post_init__(self) -> None:
        self.worth_ns = self.limit_ns

    def add_calls(self, calls: Sequence[ServiceCall], left_out: int, ended_ns: int) -> None:
        """Count what a request called. Of more calls than a request keeps, those left out have no time."""
        found = [call for call in calls if call.kind == "db"]
        self.db_ns += time_in(found, ended_ns)
        self.db_calls += len(found) + left_out

    @property
    def labels(self) -> dict[str, str]:
        """What its calls are counted under, named as its durations are."""
        if self.method == "grpc":
            return {names.RPC_METHOD: self.route}
        return {names.HTTP_METHOD: self.method, names.HTTP_ROUTE: self.route} if self.route else {names.HTTP_METHOD: self.method}

    def judge(self, *, is_minute: bool) -> None:
        """Work out what is slow; once a minute forget half of what was."""
        counts = self.counts
        self.slow_ns = max(LEAST_SLOW_NS, percentile_ns(counts, SHARE)) if sum(counts) >= MIN_SEEN else NEVER
        self.worth_ns = min(self.slow_ns, self.limit_ns)
        if is_minute:
            self.counts = [count >> 1 for count in counts]
