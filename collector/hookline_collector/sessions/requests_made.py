"""What a session's requests to the model took: tokens, and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hookline.contract import claude_native, semconv
from hookline.system.clock import NS_PER_S
from hookline_collector.signals.observations import Observation, ObservationKind
from hookline_collector.signals.token_counts import TokenCounts

NS_PER_MINUTE = 60 * NS_PER_S
KEPT_MINUTES = 60
RequestPrice = Callable[[Mapping[str, Any]], float | None]
"""What a request costs in US dollars by its attributes; None where that is not known."""


def unpriced(attributes: Mapping[str, Any]) -> None:
    """Know no price."""
    del attributes


def priced(seen: Observation, price: RequestPrice) -> Observation:
    """Return a request of which nobody said what it cost with what it costs by the list of prices, as far as that is known."""
    said = seen.attributes
    if seen.seen is not ObservationKind.USAGE or claude_native.COST_USD in said or (cost := price(said)) is None:
        return seen
    return replace(seen, attributes={**said, semconv.COST_USD: cost})


@dataclass(slots=True)
class Tokens:
    """Tokens and cost (in millionths of a dollar, so that sums are exact) of one source; a request counts once.

    `told_micros` is what the client said, `priced_micros` what the others cost by the list of prices, `costed` of how many requests either is known,
    `by_minute` both together by the minute since 1970, of the last hour.
    """

    requests: set[int] = field(default_factory=set)
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_creation: int = 0
    told_micros: int = 0
    priced_micros: int = 0
    costed: int = 0
    by_minute: dict[int, int] = field(default_factory=dict)

    @property
    def cost_usd(self) -> float | None:
        """What is known of the cost; None where nothing is."""
        return (self.told_micros + self.priced_micros) / 1e6 if self.costed else None

    def add(self, counts: TokenCounts) -> None:
        """Count the tokens of a request."""
        self.input += counts.uncached
        self.output += counts.output
        self.cache_read += counts.read
        self.cache_creation += counts.written

    def spent_usd(self, since_ns: int) -> float:
        """Return the cost since a moment of the last hour, whole minutes."""
        return sum(micros for minute, micros in self.by_minute.items() if minute * NS_PER_MINUTE > since_ns) / 1e6

    def spend(self, time_ns: int, micros: int, *, is_told: bool) -> None:
        """Count the cost of a request at its time."""
        self.costed += 1
        self.told_micros += micros * is_told
        self.priced_micros += micros * (not is_told)
        minute, newest = time_ns // NS_PER_MINUTE, max(self.by_minute, default=0)
        if minute > newest - KEPT_MINUTES:
            self.by_minute[minute] = self.by_minute.get(minute, 0) + micros
        if minute > newest:
            self.by_minute = {at: spent for at, spent in self.by_minute.items() if at > minute - KEPT_MINUTES}
