"""The series of a session measure: a figure of each live session that passes the filter."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.alert import Evidence, Witness
from hookline_collector.alerts.call_streaks import CallStreak
from hookline_collector.alerts.item_reading import MAX_LABEL
from hookline_collector.alerts.item_source import MAX_POINTS, WORST
from hookline_collector.alerts.matchers import text_of
from hookline_collector.alerts.reading import Series, SeriesReading
from hookline_collector.alerts.rule import AlertRule, SessionMeasure
from hookline_collector.alerts.session_figures import FIGURES, attribute
from hookline_collector.alerts.session_sql import session_statement
from hookline_collector.sessions.state import SessionState, SessionView

REBUILD_NS = 120 * NS_PER_S  # sessions of before the start are back by then
SOON_NS = 1_000_000
Views = Callable[[], Iterable[SessionView]]


class SessionSource:
    """The live sessions as one rule sees them. `views` are those that go on, as they are now."""

    def __init__(self, rule: AlertRule, since_ns: int, views: Views, streak_of: Callable[[str], CallStreak]) -> None:
        assert isinstance(rule.measure, SessionMeasure)  # noqa: S101 - who makes it looks at the measure
        self._rule = rule
        self._measure: SessionMeasure = rule.measure
        self._figure = FIGURES[rule.measure.figure]
        self._since_ns = since_ns
        self._views = views
        self._streak_of = streak_of
        self._courses: dict[Series, deque[tuple[int, float]]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the labels."""
        return tuple(label for label, _ in self._measure.by)

    def read(self, now_ns: int) -> Mapping[Series, SeriesReading]:
        """Return the figure of each session; of several with the same labels the one that is nearest to a breach."""
        found: dict[Series, SeriesReading] = {}
        lowest = self._rule.condition.below is not None
        for view in self._wanted():
            value = self._figure.read(view, self._streak_of(view.session_id), now_ns)
            if value is None:
                continue
            key = self._key(view)
            known = found.get(key)
            if known is None or known.value is None or (value < known.value) is lowest:
                found[key] = SeriesReading(value, more={"session": view})
        self._courses = {key: self._courses.get(key) or deque(maxlen=MAX_POINTS) for key in found}
        for key, reading in found.items():
            self._courses[key].append((now_ns, reading.value or 0.0))
        return found

    def is_whole(self, now_ns: int) -> bool:
        """Whether the sessions of before the start are back."""
        return now_ns - self._since_ns >= REBUILD_NS

    def next_change_ns(self, now_ns: int) -> int | None:
        """Return when a figure that grows with time is past the limit; how else time changes a session is seen at the interval."""
        moments = [now_ns + self._rule.interval_ns] if any(True for _ in self._wanted()) else []
        above = self._rule.condition.above
        if self._figure.grows_with_time and above is not None:
            values = (self._figure.read(view, self._streak_of(view.session_id), now_ns) for view in self._wanted())
            moments += [now_ns + int((above - value) * NS_PER_S) + SOON_NS for value in values if value is not None and value <= above]
        if not self.is_whole(now_ns):
            moments.append(self._since_ns + REBUILD_NS)
        return min(moments, default=None)

    def evidence(self, series: Series, now_ns: int) -> Evidence:
        """Return the course of a series as it was looked at, its sessions, the worst first, and what the store knows of the worst."""
        shown = []
        for view in self._wanted():
            if self._key(view) == series:
                value = self._figure.read(view, self._streak_of(view.session_id), now_ns)
                name = view.current_tool or view.project or view.agent
                shown.append(Witness("session", name, value or 0.0, view.since_ns, view.session_id))
        sign = 1.0 if self._rule.condition.below is not None else -1.0
        shown.sort(key=lambda each: sign * each.value)
        query = session_statement(self._measure.figure, shown[0].session_id) if shown else ""
        return Evidence(tuple(self._courses.get(series, ())), tuple(shown[:WORST]), query)

    def _wanted(self) -> Iterable[SessionView]:
        for view in self._views():
            if view.state is not SessionState.ENDED and all(each.matches(attribute(view, each.name)) for each in self._measure.filter):
                yield view

    def _key(self, view: SessionView) -> Series:
        return tuple(text_of(attribute(view, name))[:MAX_LABEL] for _, name in self._measure.by)
