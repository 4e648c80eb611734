"""Runs the scenarios without a terminal, and compares what Hookline says with what is true."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from hookline.contract.tool_kinds import kind_by_name
from play.agents.agent_stage import AgentDesk
from play.agents.scenarios import ExpectedCall, Scenario, long_command, scenarios, script_of
from play.agents.under_test import AgentUnderTest, RecordedSession
from play.truth import AIM_S, LIMIT_S, Row, is_excused

CLIENT_S: Final = 120.0
INTERRUPT_AFTER_S: Final = 1.0


def play_headless(desk: AgentDesk, wanted: tuple[str, ...]) -> None:
    """Run an agent's scenarios one after the other, then judge them all: what is late by its nature settles meanwhile."""
    found = scenarios(str(desk.place.shop), desk.agent)
    desk.script(script_of(found, desk.agent))
    ran: dict[str, str] = {}
    for name in wanted:
        begun = time.monotonic()
        session_id = run(desk, found[name], ran.get(found[name].resumes, ""))
        if session_id:
            ran[name] = session_id
        else:
            desk.rows.append(Row(f"{desk.agent.name} {name}", "", "a session in its files", "one more", "none", "", "WRONG"))
        print(f"{desk.agent.name} {name}: {time.monotonic() - begun:.1f} s", flush=True)
    records = {one.session_id: one for one in desk.agent.recorded(desk.place.home)}
    told = desk.settled(set(ran.values()))
    for name, session_id in ran.items():
        if "resume" in ran and name == found["resume"].resumes:
            continue  # judged with what it was gone on with
        desk.rows += judged(desk, found[name], told[session_id], records[session_id])
    if desk.agent.has_history and ran:
        desk.rows.append(_read_again(desk, told))


def _read_again(desk: AgentDesk, told: Mapping[str, Mapping[str, Any]]) -> Row:
    """Read the same sessions as history: what hooks told is not there twice, and nothing of it changes."""
    done = desk.person.hookline("backfill", env={"HOOKLINE_RELAY_ENDPOINT": f"http://{desk.house.found.otlp_grpc}"}, within_s=120)
    after = desk.settled(told, calm_s=2.0)
    true = {session_id: _figures(one) for session_id, one in told.items()}
    shown = {session_id: _figures(one) for session_id, one in after.items()}
    differing = {session_id: (true[session_id], shown[session_id]) for session_id in true if true[session_id] != shown[session_id]}
    verdict = "good" if done.returncode == 0 and not differing else "WRONG"
    why = str(differing) if differing else done.stderr[-200:] if done.returncode else ""
    (desk.folder / "backfill.txt").write_text(f"{done.stdout}\n{done.stderr}\n{why}")
    return Row(f"{desk.agent.name} backfill", "", "nothing changes", "", why, "", verdict)


def _figures(told: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what must be the same, however often it was told."""
    calls = sorted(f"{call['call_id']} {call['outcome']}" for call in told["tool_calls"])
    return len(told["turns"]), sorted(turn["outcome"] for turn in told["turns"]), calls, tokens_told(told)


def run(desk: AgentDesk, scenario: Scenario, resumed: str) -> str:
    """Run one session; return its id as the client's files have it, empty where they have none more."""
    before = {one.session_id for one in desk.agent.recorded(desk.place.home)}
    process = desk.start(desk.agent.headless(desk.place, scenario.prompt, resumed))
    if scenario.is_interrupted and long_call_runs(desk.agent, CLIENT_S, lambda: process.poll() is None):
        time.sleep(INTERRUPT_AFTER_S)
        os.killpg(process.pid, signal.SIGINT)
    try:
        out, err = process.communicate(timeout=CLIENT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
    (desk.folder / f"{scenario.name}.out").write_text(f"exit {process.returncode}\n{out}\n{err}")
    after = [one.session_id for one in desk.agent.recorded(desk.place.home)]
    return resumed or next((session_id for session_id in after if session_id not in before), "")


def long_call_runs(agent: AgentUnderTest, within_s: float, goes_on: Callable[[], bool] = lambda: True) -> bool:
    """Wait until the long command runs, or until what would run it is over; say whether it does."""
    deadline, wanted = time.monotonic() + within_s, long_command(agent).replace(" ", "\0").encode()
    while goes_on() and time.monotonic() < deadline:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if wanted in path.read_bytes():
                    return True
            except OSError:
                continue
        time.sleep(0.05)
    return False


def judged(desk: AgentDesk, scenario: Scenario, told: Mapping[str, Any], record: RecordedSession) -> list[Row]:
    """Return the table's rows of one session."""
    name = f"{desk.agent.name} {scenario.name}"

    def row(what: str, true: Any, shown: Any) -> Row:
        return Row(name, "", what, str(true), str(shown), "", "good" if true == shown else "WRONG")

    calls = sorted((call for call in told["tool_calls"] if call["tool"] not in desk.agent.ignored_tools), key=lambda call: call["requested"])
    expected = [_as_told(desk, scenario, call) for call in scenario.calls]
    turns = tuple(turn["outcome"] for turn in sorted(told["turns"], key=lambda turn: turn["started"]))
    rows = [
        row("agent", desk.agent.name, told["session"].get("agent")),
        row("turns", tuple(_outcome(desk, scenario, "turn", outcome) for outcome in scenario.turns), turns),
        row("calls", sorted(expected), sorted(_told_call(call) for call in calls)),
    ]
    rows += [_forgiven(one, desk.machine_s()) for one in (*_times(name, calls, record), *_turn_times(name, told, record))]
    if desk.agent.has_tokens:
        rows.append(row("tokens", token_counts(record), tokens_told(told)))
    return rows


def _as_told(desk: AgentDesk, scenario: Scenario, call: ExpectedCall) -> str:
    kind = desk.agent.kinds.get(call.kind, call.kind)
    outcome = _outcome(desk, scenario, "call", call.outcome) if call.outcome != "success" else call.outcome
    return f"{kind} {outcome}{' in a subagent' if call.in_agent else ''}"


def _told_call(call: Mapping[str, Any]) -> str:
    return f"{call.get('tool_kind') or kind_by_name(call['tool'])} {call['outcome']}{' in a subagent' if call.get('agent_id') else ''}"


def _outcome(desk: AgentDesk, scenario: Scenario, what: str, outcome: str) -> str:
    """Return an outcome as this agent lets it be known."""
    return desk.agent.outcomes.get(f"{scenario.name}.{what}", outcome)


def token_counts(record: RecordedSession) -> tuple[int, int, int]:
    """Return input without what was cached, output, and what was cached, as the client wrote them."""
    return record.input - record.cached, record.output, record.cached


def tokens_told(told: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the same as it is told."""
    session = told["session"]
    return session.get("input_tokens"), session.get("output_tokens"), session.get("cache_read_tokens")


def _times(name: str, calls: list[Mapping[str, Any]], record: RecordedSession) -> list[Row]:
    """Compare the times of the calls that the client's file has: by their ids, or, of agents whose hooks have none, in their order."""
    named = {call.name: call for call in record.calls}
    if any(call["call_id"] in named for call in calls):
        pairs = [(named[call["call_id"]], call) for call in calls if call["call_id"] in named]
    else:
        pairs = list(zip(record.calls, calls, strict=False))
    rows = []
    for number, (true, call) in enumerate(pairs, 1):
        for what, own, shown in (("begun", true.begun_s, call["started"]), ("ended", true.ended_s, call["ended"])):
            if own is not None:
                rows.append(_timed(name, f"call {number} {what}", own, shown))
    return rows


def _turn_times(name: str, told: Mapping[str, Any], record: RecordedSession) -> list[Row]:
    turns = sorted(told["turns"], key=lambda turn: turn["started"])
    pairs: list[tuple[str, float | None, Callable[[], Any]]] = [
        ("first turn begun", record.begun_s, lambda: turns[0]["started"]),
        ("last turn ended", record.ended_s, lambda: turns[-1]["ended"]),
    ]
    return [_timed(name, what, own, shown()) for what, own, shown in pairs if own is not None and turns]


def _forgiven(row: Row, machine_s: float) -> Row:
    """Return a row about a moment without what the machine itself was late by: hooks are programs, and a client that is due is one."""
    off = abs(float(row.difference))
    return replace(row, verdict="late") if row.verdict == "WRONG" and is_excused(off, LIMIT_S, machine_s) else row


def _timed(name: str, what: str, own: float, shown: str | None) -> Row:
    """Return a row about a moment."""
    at = "" if shown is None else shown
    off = datetime.fromisoformat(at).timestamp() - own if at else float("inf")
    verdict = "good" if abs(off) <= AIM_S else "ok" if abs(off) <= LIMIT_S else "WRONG"
    return Row(name, "", what, f"{own:.2f}", at, f"{off:+.2f}", verdict, is_timed=True)
