"""Where no hook of Cline's tells: what it writes of a session, and calls that neither run nor end."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hookline.agent_event import AgentEvent
from hookline.agents import event_of
from hookline.agents.cline.hub_journal import DATABASE, HubJournal
from hookline.agents.cline.session_files import has_answered
from hookline.agents.cline.session_watch import ClineSessionWatch, SessionRecord, asking, read_record, stopped_at
from hookline.agents.cline.shell_commands import is_helper
from hookline.contract.events import EventKind
from hookline.fold.going_on import GoingOn, OpenCall
from hookline.system.process import ProcessKey
from support.cases import with_each

ENDED = "2026-11-25T20:42:42.588Z"
ENDED_NS = 1_795_639_362_588_000_000
SECOND = 1_000_000_000
TURN = GoingOn("s1", "p1", ENDED_NS - SECOND, "/srv/shop", is_waiting=False, calls=())
CALL = OpenCall("c1", "run_commands", ENDED_NS, is_asked=False, is_running=False)
Told = list[tuple[str, dict[str, Any], Mapping[str, str], int]]
Commands = Callable[[ProcessKey, int], list[object]]


def watch(
    folder: Path, turn: GoingOn, told: Told, commands: Commands = lambda key, after: [], going: Sequence[GoingOn] | None = None
) -> ClineSessionWatch:
    def tell(spool: Path, name: str, payload: bytes, env: Mapping[str, str], time_ns: int) -> None:
        told.append((name, json.loads(payload), env, time_ns))

    made = ClineSessionWatch(folder, _Processes(), lambda: (turn,) if going is None else tuple(going), tell, commands)
    main = folder / "s1" / "s1.messages.json"
    made.notice(AgentEvent(1, "u", "cline", EventKind.PROMPT_SUBMITTED, "s1", transcript_path=str(main)))
    main.parent.mkdir()
    return made


def test_an_open_turn_ends_when_the_session_has(tmp_path: Path) -> None:
    told: Told = []
    ends = watch(tmp_path, TURN, told)
    assert ends.has_turns
    record = tmp_path / "s1" / "s1.json"
    record.write_text(json.dumps({"status": "running", "ended_at": None}))
    ends.look(ENDED_NS + SECOND)
    assert told == []
    record.write_text(json.dumps({"status": "cancelled", "ended_at": ENDED}))
    ends.look(ENDED_NS + SECOND // 2)  # hooks may still tell it
    assert told == []
    ends.look(ENDED_NS + SECOND)
    ends.look(ENDED_NS + 2 * SECOND)
    ((name, payload, env, time_ns),) = told
    assert (name, time_ns) == ("ended-s1-1795639362588", ENDED_NS)
    event = event_of(payload, env, time_ns, "u")
    assert (event.kind, event.is_beside) == (EventKind.TURN_INTERRUPTED, True)


def test_a_session_that_rests_ends_when_its_record_says_so(tmp_path: Path) -> None:
    """Its record is read when it was written anew; a session that has ended is looked at no longer."""
    told: Told = []
    ends = watch(tmp_path, replace(TURN, session_id="another"), told)
    assert ends.has_rests
    record = tmp_path / "s1" / "s1.json"
    record.write_text(json.dumps({"status": "idle"}))
    ends.look(ENDED_NS)
    assert told == []
    record.write_text(json.dumps({"status": "completed", "ended_at": ENDED}))
    os.utime(record, ns=(ENDED_NS, ENDED_NS))
    for later in (1, 2):
        ends.look(ENDED_NS + later * SECOND)
    ((name, payload, env, time_ns),) = told
    event = event_of(payload, env, time_ns, "u")
    assert (name, event.kind, event.end_reason) == ("over-s1-1795639362588", EventKind.SESSION_ENDED, "completed")
    ends.notice(event)
    assert not ends.has_rests


def test_escape_leaves_an_idle_session(tmp_path: Path) -> None:
    told: Told = []
    ends = watch(tmp_path, TURN, told)
    record = tmp_path / "s1" / "s1.json"
    record.write_text(json.dumps({"status": "idle"}))
    os.utime(record, ns=(ENDED_NS, ENDED_NS))
    ends.look(ENDED_NS + SECOND)
    assert [(name, time_ns) for name, _, _, time_ns in told] == [("ended-s1-1795639362588", ENDED_NS)]


@with_each(
    "record, later_s, has_answered, expected",
    [
        (SessionRecord("idle", None, ENDED_NS), 1.0, False, ENDED_NS),
        (SessionRecord("idle", None, ENDED_NS), 0.5, False, None),
        (SessionRecord("idle", None, ENDED_NS), 1.0, True, None),  # the hook is on its way
        (SessionRecord("idle", None, ENDED_NS), 3.5, True, ENDED_NS),
        (SessionRecord("running", None, ENDED_NS), 9.0, False, None),
        (SessionRecord("pending", None, ENDED_NS), 9.0, False, None),
        (SessionRecord("idle", None, ENDED_NS - 2 * SECOND), 9.0, False, None),  # of the turn before
        (SessionRecord("cancelled", ENDED_NS, ENDED_NS + SECOND), 1.0, True, ENDED_NS),
    ],
)
def test_what_hooks_may_still_tell_is_waited_for(record: SessionRecord, later_s: float, has_answered: bool, expected: int | None) -> None:
    assert stopped_at(record, TURN.last_ns, ENDED_NS + round(later_s * SECOND), lambda: has_answered) == expected


@pytest.mark.parametrize(
    ("call", "later_s", "asks"),
    [
        (CALL, 1.0, True),
        (CALL, 0.9, False),
        (replace(CALL, tool="editor"), 1.0, True),
        (replace(CALL, tool="spawn_agent"), 9.0, False),  # it takes as long as it takes
        (replace(CALL, tool="jira__find"), 9.0, False),
        (replace(CALL, is_asked=True), 9.0, False),
        (replace(CALL, is_running=True), 9.0, False),
    ],
)
def test_a_call_of_which_nothing_is_heard_may_ask(call: OpenCall, later_s: float, asks: bool) -> None:
    assert bool(list(asking(replace(TURN, calls=(call,)), ENDED_NS + round(later_s * SECOND)))) is asks


def test_a_question_is_told_once_and_as_inferred(tmp_path: Path) -> None:
    told: Told = []
    ends = watch(tmp_path, replace(TURN, calls=(CALL,)), told)
    for later in (1, 2, 3):
        ends.look(ENDED_NS + later * SECOND)
    ((name, payload, env, time_ns),) = told
    assert (name, env["source"]) == ("asked-c1", "relay")
    event = event_of(payload, env, time_ns, "u")
    assert (event.kind, event.tool and event.tool.call_id, event.time_ns) == (EventKind.PERMISSION_REQUESTED, "c1", ENDED_NS + SECOND // 4)


def test_a_command_that_runs_asks_nobody(tmp_path: Path) -> None:
    """It is looked for once: what it does after that is its own."""
    told: Told = []
    looked: list[int] = []

    def commands(key: ProcessKey, after_ns: int) -> list[object]:
        looked.append(after_ns)
        return [object()]

    ends = watch(tmp_path, replace(TURN, calls=(CALL,)), told, commands)
    for later in (1, 2, 3):
        ends.look(ENDED_NS + later * SECOND)
    assert (told, looked) == ([], [ENDED_NS])


@pytest.mark.parametrize("written", ["", "[]", '{"ended_at": "soon"}'])
def test_a_record_that_says_nothing_known_is_none(tmp_path: Path, written: str) -> None:
    (tmp_path / "s1.json").write_text(written)
    assert read_record(tmp_path / "s1.json") is None
    assert read_record(tmp_path / "none.json") is None


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ({"role": "assistant", "content": [{"type": "text", "text": "Done."}]}, True),
        ({"role": "assistant", "content": [{"type": "tool_use", "id": "c1"}]}, False),
        ({"role": "user", "content": [{"type": "tool_result"}]}, False),
    ],
)
def test_the_last_message_says_whether_the_model_has_answered(tmp_path: Path, last: dict[str, object], expected: bool) -> None:
    main = tmp_path / "s1.messages.json"
    main.write_text(json.dumps({"messages": [{"role": "user", "content": []}, last]}))
    assert has_answered(main) is expected
    assert not has_answered(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["bash", "-c", "npm test; true"], False),
        (["sleep", "3"], False),
        (["/bin/sh", "/home/ana/.cline/hooks/PreToolUse"], True),
        (["/opt/cline", "--cline-hub-daemon", "--cwd", "/srv"], True),
    ],
)
def test_hooks_and_the_hub_are_no_commands(words: list[str], expected: bool) -> None:
    assert is_helper(words) is expected


def journal(path: Path, *rows: tuple[str, str, dict[str, object], int]) -> None:
    """Write what a hub writes."""
    with closing(sqlite3.connect(path)) as db, db:
        columns = "sequence INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT, session_id TEXT, envelope_json TEXT, created_at INTEGER"
        db.execute(f"CREATE TABLE IF NOT EXISTS hub_events ({columns})")
        made = [(event, session_id, json.dumps({"payload": payload}), at_ms) for event, session_id, payload, at_ms in rows]
        db.executemany("INSERT INTO hub_events (event, session_id, envelope_json, created_at) VALUES (?, ?, ?, ?)", made)


def test_the_hubs_journal_says_who_was_asked_and_who_left(tmp_path: Path) -> None:
    """Read on from where it was; a refusal is told by the call's hook."""
    path, now_ms = tmp_path / DATABASE, ENDED_NS // 1_000_000
    reader = HubJournal(path)
    assert reader.read(ENDED_NS) == []
    journal(
        path,
        ("run.started", "s0", {"clientId": "old"}, now_ms - 90_000),  # long before
        ("run.started", "s1", {"clientId": "k1"}, now_ms),
        ("approval.requested", "s1", {"approvalId": "a1", "toolCallId": "c1", "toolName": "editor"}, now_ms + 1),
        ("approval.resolved", "s1", {"approvalId": "a1", "approved": True}, now_ms + 2),
        ("approval.requested", "s1", {"approvalId": "a2", "toolCallId": "c2", "toolName": "editor"}, now_ms + 3),
        ("approval.resolved", "s1", {"approvalId": "a2", "approved": False}, now_ms + 4),
        ("usage.updated", "s1", {}, now_ms + 5),
    )
    found = [(sign.what, sign.session_id, sign.call_id, sign.time_ns // 1_000_000 - now_ms) for sign in reader.read(ENDED_NS)]
    assert found == [("asked", "s1", "c1", 1), ("granted", "s1", "c1", 2), ("asked", "s1", "c2", 3)]
    assert reader.read(ENDED_NS) == []
    journal(path, ("session.detached", "s2", {}, now_ms + 6), ("hub.client.disconnected", "", {"clientId": "k1"}, now_ms + 7))
    assert [(sign.what, sign.session_id) for sign in reader.read(ENDED_NS)] == [("detached", "s2"), ("detached", "s1")]
    path.write_text("no database")
    assert reader.read(ENDED_NS) == []


def test_what_the_hub_wrote_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question and its answer at once; that the client was left when no turn goes on."""
    monkeypatch.setenv("HOME", str(tmp_path))
    database = tmp_path / ".cline" / "data" / "db" / DATABASE
    database.parent.mkdir(parents=True)
    told: Told = []
    going = [TURN]
    made = watch(tmp_path, TURN, told, going=going)
    after_ms = ENDED_NS // 1_000_000
    journal(
        database,
        ("approval.requested", "s1", {"approvalId": "a1", "toolCallId": "c1", "toolName": "run_commands"}, after_ms),
        ("approval.resolved", "s1", {"approvalId": "a1", "approved": True}, after_ms + 1),
        ("session.detached", "s1", {}, after_ms + 2),
    )
    made.look(ENDED_NS)
    events = [event_of(payload, env, time_ns, "u") for _, payload, env, time_ns in told]
    assert [event.kind for event in events] == [EventKind.PERMISSION_REQUESTED, EventKind.TOOL_RUNNING]
    going.clear()
    made.look(ENDED_NS)
    _, payload, env, time_ns = told[-1]
    assert event_of(payload, env, time_ns, "u").kind is EventKind.SESSION_ENDED
    assert (payload["reason"], time_ns) == ("detached", ENDED_NS + 2_000_000)


class _Processes:
    def key_of(self, session_id: str) -> ProcessKey | None:
        return ProcessKey(1, 0.0)

    def pid_of(self, session_id: str) -> int | None:
        return 1
