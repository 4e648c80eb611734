"""What a measure says of a series at a moment, and what every source of such readings offers to the rule that it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hookline_collector.alerts.alert import Evidence

Series = tuple[str, ...]
"""The values of a series' labels, in the order of the source's `names`."""


@dataclass(frozen=True, slots=True)
class SeriesReading:
    """A series' value, None where it has none now. `more` are further words for templates: `forecast`, `baseline`."""

    value: float | None
    is_partial: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)


class MeasureSource(Protocol):
    """Where the readings of a rule come from. In memory: a reading costs no more than looking at what is there."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the labels of its series."""

    def read(self, now_ns: int) -> Mapping[Series, SeriesReading]:
        """Return the readings of all series that there are."""

    def is_whole(self, now_ns: int) -> bool:
        """Whether everything was seen that a reading is about: that there is no series says something only then."""

    def next_change_ns(self, now_ns: int) -> int | None:
        """Return when a reading changes although nothing arrives; None when none does."""

    def evidence(self, series: Series, now_ns: int) -> Evidence:
        """Return what shows why a series is as it is."""
