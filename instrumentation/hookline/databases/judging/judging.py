"""Listens to a database's looks, judges the last seconds of them, and tells what came of it.

A judgement takes a millisecond or so and is made at most every `EVERY_S`, whatever the pace of the looks; every `CALM_S` where nobody is seen at
work. While something looks suspicious the figures that judges need are read sooner (`wants`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hookline.contract.databases import VerdictClass
from hookline.databases.database_watch import DatabaseWatch
from hookline.databases.judging.fact_board import FactBoard
from hookline.databases.judging.findings import Culprit, Finding, Judgement
from hookline.databases.judging.incident_book import NS_PER_S, IncidentBook
from hookline.databases.judging.look_window import LookWindow
from hookline.databases.judging.regression_book import RegressionBook
from hookline.databases.judging.standing_judges import POOL
from hookline.databases.judging.verdict import judged
from hookline.databases.judging.verdict_records import verdict_record
from hookline.databases.samples import SessionsLook
from hookline.databases.troubles import ALL_TAKEN

WINDOW_S = 6.0
EVERY_S, CALM_S = 0.5, 1.0
SOON_S: Mapping[str, float] = {"instance": 2.0, "relations": 2.0}
LATER_S: Mapping[str, float] = {"instance": 5.0, "relations": 30.0}
"""How old figures may be while something looks suspicious: in its first moments, and from then on."""
AT_FIRST_S = 20.0


@dataclass(slots=True)
class Judging:
    """The judge of one database: `begin` puts it between the watch and its way out."""

    watch: DatabaseWatch
    facts: FactBoard
    book: IncidentBook
    latest: Judgement | None = None
    _judged_ns: int = 0
    _suspicious_ns: int = 0
    _wants: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def begin(cls, watch: DatabaseWatch) -> Judging:
        """Judge what a watch sees from now on."""
        facts = FactBoard(watch.out, RegressionBook(watch.where).hear)
        watch.out = facts
        found = cls(watch, facts, IncidentBook(watch.where.name))
        watch.listeners.append(found.looked)
        watch.blind_listeners.append(found.blind)
        watch.hurry = found.wants
        return found

    def wants(self) -> Mapping[str, float]:
        """Return which work should be done how often, in seconds, while something looks suspicious: at first very often."""
        paces = SOON_S if self._judged_ns - self._suspicious_ns < AT_FIRST_S * NS_PER_S else LATER_S
        return {name: paces[name] for name in self._wants}

    def looked(self, look: SessionsLook) -> None:
        """Judge, where the last judgement is old enough."""
        if look.at_ns - self._judged_ns < (EVERY_S if look.sessions else CALM_S) * NS_PER_S:
            return
        self._judged_ns = look.at_ns
        judgement = judged(LookWindow(self.watch.ring.last(WINDOW_S)), self.facts)
        self._take(judgement, look.at_ns)

    def blind(self, why: str, at_ns: int) -> None:
        """Take note that no look comes through."""
        if why == ALL_TAKEN:
            finding = Finding(
                VerdictClass.CONNECTIONS,
                "All connections are taken: not even the agent gets one.",
                POOL,
                1.0,
                Culprit("server", "connections", "the server"),
            )
            self._take(Judgement((finding,), {}, 0.0, at_ns, at_ns, 0), at_ns)
        else:
            self._take(Judgement((), {}, 0.0, at_ns, at_ns, 0, why), at_ns)

    def _take(self, judgement: Judgement, at_ns: int) -> None:
        self.latest = judgement
        if judgement.suspects and not self._wants:
            self._suspicious_ns = at_ns
        if judgement.suspects != self._wants:
            self._wants = judgement.suspects
            self.watch.wake()
        told = self.book.step(judgement, at_ns)
        if told:
            self.facts.events([verdict_record(self.watch.where, each, at_ns) for each in told])
