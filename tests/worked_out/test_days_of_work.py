"""Clocks and lengths of blocks out of days as they were added up are those of half hours and runs, whatever lies around midnights and comes late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count
from random import Random
from typing import Any

import pytest

from hookline.contract.groupings import GROUPINGS
from hookline.errors import Refused
from hookline.system.clock import NS_PER_DAY, NS_PER_S
from hookline_collector.store import Store
from hookline_collector.work import ReportRequest, WorkReport, report
from hookline_collector.work.statements import Query
from hookline_collector.worked_out import day_reading, days_of_work
from hookline_collector.worked_out.block_rules import NAMES
from hookline_collector.worked_out.clock_rules import SLOT_NS
from hookline_collector.worked_out.clock_store import NewParts, RememberedSlots, renew, touched
from hookline_collector.worked_out.day_store import NOTHING_ADDED_UP
from hookline_collector.worked_out.flat_tables import PARTS, RUNNING, SPELLS, Key, Row, day_of
from hookline_collector.worked_out.part_rules import AGENT, ANSWER, AT_MOST, HUMAN, PERMISSION, PROMPT, WAITING
from hookline_collector.worked_out.worked_reading import WorkedReading
from hookline_collector.worked_out.worked_store import WorkedStore
from support.added_up_days import LATER, WHOLE, time_told
from support.agent_records import T0
from support.frail_store import Frail
from support.soaking import share
from support.stores import derived_store as store

__all__ = ["store"]
FIRST, DAYS = day_of(T0), 10
NOW_NS = (FIRST + 8) * NS_PER_DAY + 7 * 3_600 * NS_PER_S + 13
PARTIAL = "2026-09-22T10:30..2026-09-28T11:00"
ASKED = [replace(WHOLE, by=by, timezone=zone) for by in GROUPINGS for zone in ("UTC", "Europe/Berlin")]
ASKED += [replace(WHOLE, by=by, agent="codex") for by in ("project", "agent", "user")]
ASKED += [ReportRequest(PARTIAL, by, timezone="Asia/Kolkata") for by in GROUPINGS]


@pytest.fixture(autouse=True)
def few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read days as they were added up however few calls they have."""
    for of_what in (day_reading, days_of_work):
        monkeypatch.setattr(of_what, "FEWEST_CALLS", 0)


class History:
    """Sessions whose stretches are written, changed and taken away, in a store that fails now and then."""

    def __init__(self, store: Store, chance: Random) -> None:
        self._chance = chance
        self._frail = Frail(store, is_done=chance.random() < 0.5)
        self._versions = count(1)
        self.out = self._begun()

    def _begun(self) -> WorkedStore:
        out = WorkedStore(self._frail, is_alone=True)
        assert out.catch_up(LATER)
        return out

    def tell(self, fails: float = 0.3) -> None:
        """Let one session be another than it was; until that is written whole, the collector begins anew."""
        session = f"s{self._chance.randrange(12)}"
        rows: list[Row] = [row for _ in range(self._chance.randrange(4)) for row in stretch(self._chance, session)]
        before = self.out._hashes([session], (), everywhere=True)[PARTS]
        self._frail.after = self._chance.randrange(1, 6) if self._chance.random() < fails else 0
        with suppress(Refused):
            self._write(session, rows, before)
            self._frail.after = 0
            return
        self.out = self._begun()
        self._write(session, rows, before)

    def _write(self, session: str, rows: list[Row], before: dict[Key, int]) -> None:
        version = next(self._versions)
        now = self.out._write(PARTS, rows, self.out._hashes([session], (), everywhere=True)[PARTS], version)
        renew(
            self._frail.query,
            self.out._write,
            touched({*now, *before}),
            version,
            NewParts.of([session], rows),
            RememberedSlots(),
            is_doubtful=True,
        )

    def add_up(self) -> None:
        """Add up days that are over at some moment, if it does not fail."""
        self._frail.after = self._chance.randrange(1, 25) if self._chance.random() < 0.3 else 0
        with suppress(Refused):
            self.out.add_up_days((FIRST + self._chance.randrange(2, DAYS + 4)) * NS_PER_DAY)
            self._frail.after = 0
            return
        self.out = self._begun()

    def go_on(self) -> None:
        """Let something go on until now that began some days ago, or a moment."""
        from_ns = NOW_NS - round(self._chance.choice((1, 30, 60)) * self._chance.uniform(0, 3_600)) * NS_PER_S
        row = {
            **OF_STRETCH,
            "session_id": "live",
            "prompt_id": "p",
            "day": day_of(from_ns),
            "from_ns": from_ns,
            "to_ns": LATER,
            "kind": AGENT,
            "reason": 1,
        }
        row |= {"user": "ana", "project": "shop", "agent": "codex", "heard_ns": NOW_NS, "sure_end_ns": 0}
        self.out._write(RUNNING, [row], {}, next(self._versions))


OF_STRETCH: Row = {"prompt_id": "", "n": 0, "act_ns": 0, "host": "h", "branch": "main", "revision": "r", "source": 1}


def stretch(chance: Random, session: str) -> Iterator[dict[str, Any]]:
    """Yield a stretch in pieces that a midnight parts: near one, near a half hour, or anywhere."""
    near = chance.choice(
        (chance.gauss(0, 400), chance.gauss(0, 4_000), chance.uniform(0, 86_400), chance.randrange(48) * 1_800 + chance.gauss(0, 200))
    )
    from_ns = (FIRST + chance.randrange(DAYS)) * NS_PER_DAY + round(near) * NS_PER_S
    to_ns = from_ns + round(chance.choice((chance.uniform(1, 300), chance.uniform(1, 9_000), 1_800))) * NS_PER_S
    kind = chance.choice((AGENT, AGENT, HUMAN, WAITING, AT_MOST))
    of = {**OF_STRETCH, "session_id": session, "user": chance.choice(("ana", "bo")), "project": chance.choice(("shop", "blog", ""))}
    of |= {"branch": chance.choice(("main", "")), "agent": chance.choice(("codex", "claude-code")), "kind": kind, "act_ns": to_ns}
    of |= {"reason": chance.choice((PROMPT, PERMISSION, ANSWER)), "agents": chance.randrange(1, 3)}
    for day in range(day_of(from_ns), day_of(to_ns - 1) + 1):
        yield {**of, "day": day, "from_ns": max(from_ns, day * NS_PER_DAY), "to_ns": min(to_ns, (day + 1) * NS_PER_DAY)}


def told(ask: Query, out: WorkedStore, requests: list[ReportRequest]) -> dict[str, Any]:
    """Return the clocks and lengths that reports tell."""
    query = WorkedReading(ask, out, lambda: LATER).begin().query
    found: dict[str, Any] = {}
    for request in requests:
        found |= time_told(query, request, request.parameters(request.resolve(NOW_NS), NOW_NS))
    return found


def compared(store: Store, history: History, requests: list[ReportRequest]) -> int:
    """Compare days as they were added up with half hours and runs; return how many statements about days that took."""
    asked: list[str] = []

    def ask(sql: str, parameters: Any) -> Any:
        asked.append(sql)
        return store.query(sql, parameters)

    assert told(ask, history.out, requests) == told(store.query, WorkedStore(store), requests)
    return sum("FROM worked_days\n" in sql for sql in asked)


def lived(store: Store, seed: int, steps: int) -> None:
    """Let a history of chance happen, and compare now and then."""
    chance = Random(seed)
    history = History(store, chance)
    for _ in range(steps):
        history.tell()
        if chance.random() < 0.2:
            history.add_up()
        if chance.random() < 0.1:
            history.go_on()
        if chance.random() < 0.1:
            compared(store, history, chance.sample(ASKED, 2))
    if history.out.added_up == NOTHING_ADDED_UP:
        history.out.add_up_days((FIRST + 7) * NS_PER_DAY)
    compared(store, history, chance.sample(ASKED, share(4, 8, len(ASKED))))
    while not history.out.add_up_days(LATER):
        pass
    assert compared(store, history, ASKED[:: share(7, 3, 1)])


def test_a_history(store: Store) -> None:
    """One of those below, a short one."""
    lived(store, 1, 12)


@pytest.mark.soak
@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, share(4, 8, 40)))
def test_any_history(store: Store, seed: int) -> None:
    """Stretches near midnights and half hours come, change and go, in any order, and the collector is killed between any two writes."""
    lived(store, seed, share(25, 40, 80))


@pytest.mark.parametrize("seed", range(5, share(6, 8, 25)))
def test_what_was_made_once_is_what_is_made_anew(store: Store, seed: int) -> None:
    """Whole reports of one who asks all the time, while stretches come and go, days are added up and opened, and something goes on or does not."""
    chance = Random(seed)
    history, asked = History(store, chance), list[str]()

    def ask(sql: str, parameters: Any) -> Any:
        asked.append(sql)
        return store.query(sql, parameters)

    def anew(request: ReportRequest) -> WorkReport:
        return report(WorkedReading(store.query, history.out, lambda: LATER).begin().query, request, NOW_NS)

    reading, requests, once = WorkedReading(ask, history.out, lambda: LATER), [WHOLE, chance.choice([each for each in ASKED if not each.agent])], 0
    for step in chance.choices(("tell", "add up", "go on"), (6, 2, 1), k=share(8, 25, 40)):
        match step:
            case "tell":
                history.tell(fails=0)
            case "add up":
                history.out.add_up_days(LATER)
            case _:
                history.go_on()
        for request in requests:
            assert report(reading.begin().query, request, NOW_NS) == anew(request)
        asked.clear()
        assert report(reading.begin().query, WHOLE, NOW_NS) == anew(WHOLE)
        once += not any(f"FROM worked_{table} " in sql for sql in asked for table in ("clocks", "spells"))
    assert once


@pytest.mark.parametrize("at_s", [-400, -200, 200, 400, 40_000])
def test_what_lies_near_midnight_opens_the_days_on_both_sides(store: Store, at_s: int) -> None:
    """As a gap that counts may be over it; what lies elsewhere opens its own."""
    history = History(store, Random(1))
    assert history.out.add_up_days(LATER)
    from_ns = (FIRST + 3) * NS_PER_DAY + at_s * NS_PER_S
    row: dict[str, Any] = {**dict.fromkeys(SPELLS.key + SPELLS.values, 0), "from_ns": from_ns, "to_ns": from_ns + NS_PER_S, "day": day_of(from_ns)}
    row |= {name: [] for name in NAMES}
    row |= dict.fromkeys(("user", "project", "agent"), "a")
    history.out._write(SPELLS, [row], {}, 1)
    is_near = abs(at_s) * NS_PER_S < SLOT_NS
    assert history.out.added_up.open == ({FIRST + 2, FIRST + 3} if is_near else {FIRST + 3})


def test_many_open_days_are_read_as_rows(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lengths are asked for each piece beside days, so many pieces cost more than they save."""
    history = History(store, Random(3))
    for _ in range(8):
        history.tell(fails=0)
    assert history.out.add_up_days(LATER)
    by_day = [replace(WHOLE, by="day", timezone="Europe/Berlin")]
    whole = compared(store, history, by_day)
    history.out._days.open([FIRST + 2, FIRST + 5])  # type: ignore[union-attr]
    assert compared(store, history, by_day) == whole
    monkeypatch.setattr(days_of_work, "MOST_PIECES", 3)
    assert compared(store, history, by_day) == whole - 1


def test_days_of_few_calls_are_read_as_rows(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their half hours and runs cost less than to plan statements about days."""
    history = History(store, Random(3))
    assert history.out.add_up_days(LATER)
    assert compared(store, history, [WHOLE]) == 2
    monkeypatch.setattr(days_of_work, "FEWEST_CALLS", 1)
    assert compared(store, history, [WHOLE]) == 0
