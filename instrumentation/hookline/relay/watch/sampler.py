"""Sampling processes and the machine for the sessions that live, as metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from opentelemetry.sdk.metrics.export import AggregationTemporality, Metric

from hookline.relay.watch.watched_sessions import WatchedSession
from hookline.resources.machine import MachineReader
from hookline.resources.points import TreePoint, machine_metrics, tree_metrics
from hookline.resources.table import children_by_parent, cpu_count
from hookline.resources.tree import TreeSample, TreeWatch
from hookline.system.process import ProcessKey


@dataclass(slots=True)
class _Watched:
    watch: TreeWatch
    since_ns: int
    before: TreeSample


class Sampler:
    """Keeps a watch on each session's process tree. Sessions that are no longer named are forgotten."""

    def __init__(
        self,
        temporality: AggregationTemporality,
        machine: MachineReader | None = None,
        children: Callable[[], Mapping[int, list[int]]] = children_by_parent,
    ) -> None:
        self._temporality = temporality
        self._machine = machine or MachineReader()
        self._children = children
        self._watched: dict[tuple[str, ProcessKey], _Watched] = {}

    def sample(self, sessions: Iterable[WatchedSession], now_ns: int, monotonic_s: float) -> list[Metric]:
        """Read every session's tree and the machine once."""
        named = {(session.session_id, key): session for session in sessions if (key := session.key) is not None}
        self._watched = {name: watched for name, watched in self._watched.items() if name in named}
        children = self._children() if named else {}
        points = [point for name, session in named.items() if (point := self._sample_tree(name, session, children, now_ns, monotonic_s))]
        return tree_metrics(points, cpu_count(), self._temporality) + machine_metrics(self._machine.sample(now_ns))

    def _sample_tree(
        self, name: tuple[str, ProcessKey], session: WatchedSession, children: Mapping[int, list[int]], now_ns: int, monotonic_s: float
    ) -> TreePoint | None:
        watched = self._watched.get(name)
        watch = watched.watch if watched else TreeWatch(name[1])
        now = watch.sample(children, now_ns, monotonic_s)
        if now is None:
            return None
        if watched is None:
            watched = self._watched[name] = _Watched(watch, now_ns, now)
        before, watched.before = watched.before, now
        return TreePoint(session.attributes, watched.since_ns, before, now)
