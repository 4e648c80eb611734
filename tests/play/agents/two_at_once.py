"""One person with two agents at once, in two worktrees of one repository: the first at its terminal, the second without one.

The second works all the time that the first asks its person, is answered, and works on. Compared with the keys and with what both clients wrote: each
agent's clock, that they add up and that what ran side by side counts once, whose the wait was, and which branch, session and tokens are whose.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import psutil

from play.agents.agent_stage import NOTHING, AgentDesk, one_persons
from play.agents.headless_scenes import long_call_runs, token_counts, tokens_told
from play.agents.scenarios import long_command, own, shell
from play.agents.terminal_seat import Seat, kill
from play.agents.under_test import AgentUnderTest, RecordedSession
from play.stage import make_repository
from play.terminal import Terminal
from play.truth import AIM_S, LIMIT_S, Row
from support.scripted_model.dialect import Step

NAME: Final = "two at once"
BRANCHES: Final = ("main", "other")
WAITED_S: Final = 3.0
WORKS_S: Final = 12.0
ASKED: Final = "Fetch the rates once."
LONG: Final = "Take your time."
CLIENT_S: Final = 90.0


def play_two_at_once(folder: Path, first: AgentUnderTest, second: AgentUnderTest) -> list[Row]:
    """Play, and return the rows."""
    main = make_repository(folder / "shop")
    subprocess.run(["git", "worktree", "add", "-q", "-b", BRANCHES[1], str(folder / BRANCHES[1])], cwd=main, check=True)
    with one_persons(folder, ((first, main), (second, folder / BRANCHES[1]))) as (one, two):
        one.script(
            {ASKED: own([{"tools": [["asked", {"command": "sleep 2; curl -s http://127.0.0.1:9/ || echo refused"}]]}, {"say": "Once."}], first)}
        )
        two.script({LONG: own(_long(second), second)})
        assert first.terminal is not None
        seat = Seat(one, first.terminal, NAME, Terminal(f"play-two-{time.time_ns()}"))
        try:
            _play(seat, two)
        finally:
            seat.close()
        return [*seat.rows, *_judged(seat, one, two)]


def _long(agent: AgentUnderTest) -> list[Step]:
    """Return steps that take a while: the long command of an interrupt is found among the machine's processes, and is ended by the play."""
    return [{"tools": [shell(f"echo begin; {long_command(agent)}")]}, {"say": "Done."}]


def _play(seat: Seat, two: AgentDesk) -> None:
    seat.start(seat.use.command(seat.desk.place))
    with _running(two):
        assert long_call_runs(two.agent, CLIENT_S)
        seat.enter(ASKED)
        granted = seat.answer(seat.question(), seat.use.allow, WAITED_S)
        seat.terminal.see("Once\\.", CLIENT_S)
        time.sleep(max(0.0, WORKS_S - (time.time_ns() - granted) / 1e9))
        _end_command(two)
    seat.leave()


@contextmanager
def _running(desk: AgentDesk) -> Iterator[None]:
    process = desk.start(desk.agent.headless(desk.place, LONG, ""))
    try:
        yield
        process.communicate(timeout=CLIENT_S)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _end_command(desk: AgentDesk) -> None:
    wanted = long_command(desk.agent)
    kill([one for one in psutil.process_iter(["cmdline"]) if " ".join(one.info["cmdline"] or ()).endswith(wanted)])


def _judged(seat: Seat, one: AgentDesk, two: AgentDesk) -> list[Row]:
    desks = (one, two)
    records = [desk.agent.recorded(desk.place.home)[-1] for desk in desks]
    told = one.settled([record.session_id for record in records])
    views = [told.get(record.session_id, NOTHING) for record in records]
    waited = (seat.answered[0] - seat.asked[0]) / 1e9
    turns = [_turn(view) for view in views]
    worked = [turns[0][1] - turns[0][0] - waited, turns[1][1] - turns[1][0]]
    rows = []
    for desk, record, turn in zip(desks, records, turns, strict=True):
        rows += [_close(f"turn of {desk.agent.name} {what}", true, shown) for what, true, shown in _ends(record, turn)]
    by_agent, by_branch = _report(one, "agent"), _report(one, "branch")
    for desk, branch, true, record, view in zip(desks, BRANCHES, worked, records, views, strict=True):
        name = desk.agent.name
        rows += [
            _close(f"{name} worked", true, _figure(by_agent["rows"], name, "agent_s")),
            _close(f"on {branch}", true, _figure(by_branch["rows"], branch, "agent_s")),
            _same(f"{name}: agent and branch", (name, branch), (view["session"].get("agent"), view["session"].get("branch"))),
            _same(f"{name}: tokens", token_counts(record), tokens_told(view)),
            _close(f"{name} waited for a permission", waited if desk is one else 0.0, _figure(by_agent["rows"], name, "permission_wait_s")),
        ]
    once = max(turns[0][1], turns[1][1]) - min(turns[0][0], turns[1][0])
    total = by_agent["totals"]
    return [*rows, _close("agents worked, added up", sum(worked), total["agent_s"]), _close("any agent worked", once, total["agent_once_s"])]


def _turn(view: Mapping[str, Any]) -> tuple[float, float]:
    turns = view["turns"]
    return (_at(turns[0]["started"]), _at(turns[0]["ended"])) if turns else (0.0, 0.0)


def _ends(record: RecordedSession, turn: tuple[float, float]) -> Iterator[tuple[str, float, float]]:
    for what, true, shown in (("begun", record.begun_s, turn[0]), ("ended", record.ended_s, turn[1])):
        if true is not None:
            yield what, true, shown


def _report(desk: AgentDesk, grouping: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = desk.house.client.get(f"/api/v1/reports/work?{urlencode({'by': grouping})}", 60.0)
    return found


def _figure(rows: list[Mapping[str, Any]], key: str, name: str) -> float:
    return next((float(row[name]) for row in rows if str(row["key"]).endswith(key)), -1.0)


def _at(moment: str | None) -> float:
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0


def _same(what: str, true: Any, shown: Any) -> Row:
    return Row(NAME, "", what, str(true), str(shown), "", "good" if true == shown else "WRONG")


def _close(what: str, true_s: float, shown_s: float) -> Row:
    off = shown_s - true_s
    verdict = "good" if abs(off) <= AIM_S else "ok" if abs(off) <= LIMIT_S else "WRONG"
    return Row(NAME, "", what, f"{true_s:.2f}", f"{shown_s:.2f}", f"{off:+.2f}", verdict, is_timed=True)
