"""What the client says of itself, held against what hooks and transcript told."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.agent_event import AgentEvent
from hookline.agents.claude_code.client_states import ClientState, ClientStates, folder_of, parse, shown_by
from hookline.contract.events import EventKind
from hookline.fold.going_on import GoingOn, OpenCall
from hookline.relay.watch.watched_sessions import WatchedSessions
from hookline.system.process import format_created, identify

STATES = Path(__file__).parents[1] / "fixtures" / "claude-code-2.1.329" / "states"
S = 1_000_000_000
MS = 1_000_000
CALL = OpenCall("toolu_1", "Bash", 12 * S, is_asked=False, is_running=False)
ASKED = replace(CALL, is_asked=True)
TURN = GoingOn("s1", "p1", 12 * S, "/shop", False, ())


def shown(status: str, at_s: float, session: GoingOn, waiting_for: str = "") -> tuple[str, int] | None:
    """Return what a client's word shows, and when it was."""
    found = shown_by(ClientState("s1", status, round(at_s * S), waiting_for), session)
    return (found.event, found.time_ns) if found else None


@pytest.mark.parametrize("status", ["idle", "shell"])
def test_a_client_that_rests_while_a_turn_is_open_was_stopped(status: str) -> None:
    """Also before its first word, of which the transcript keeps no mark; at the client's own moment."""
    assert shown(status, 20.0, TURN) == ("TurnInterrupted", 20 * S)
    assert shown(status, 20.0, replace(TURN, calls=(CALL,))) == ("TurnInterrupted", 20 * S)


def test_a_rest_from_before_the_turn_says_nothing() -> None:
    """The client has not written its next word yet."""
    assert shown("idle", 11.0, TURN) is None


def test_a_client_that_works_after_it_was_asked_was_granted() -> None:
    """One call is asked for: it is that. Of several nobody knows."""
    asking = replace(TURN, is_waiting=True, calls=(ASKED,))
    assert shown("busy", 15.0, asking) == ("ToolRunning", 15 * S)
    assert shown("busy", 11.0, asking) is None
    assert shown("busy", 15.0, replace(asking, calls=(ASKED, replace(ASKED, call_id="toolu_2")))) is None
    assert shown("busy", 15.0, replace(asking, calls=(replace(ASKED, is_running=True),))) is None
    assert shown("busy", 15.0, replace(TURN, calls=(CALL,))) is None


def test_a_client_that_asks_and_tells_no_hook_waits_all_the_same() -> None:
    """As in auto mode. Dialogs that a person opens, and questions that are known, are none."""
    calling = replace(TURN, calls=(CALL,))
    assert shown("waiting", 13.0, calling, "permission prompt") == ("PermissionRequest", 13 * S)
    assert shown("waiting", 13.0, calling, "dialog open") is None
    assert shown("waiting", 13.0, replace(calling, is_waiting=True), "permission prompt") is None
    assert shown("waiting", 13.0, replace(calling, calls=(ASKED,)), "permission prompt") is None
    assert shown("waiting", 13.0, replace(calling, calls=(replace(CALL, tool="Agent"),)), "permission prompt") is None
    assert shown("waiting", 13.0, TURN, "permission prompt") is None


def test_the_dialog_with_which_auto_mode_asks_is_a_question() -> None:
    """Of a call in auto mode that has just been asked for. A person opens dialogs too, in any mode and at any time."""
    calling = replace(TURN, calls=(replace(CALL, mode="auto"),))
    assert shown("waiting", 12.5, calling, "dialog open") == ("PermissionRequest", round(12.5 * S))
    assert shown("waiting", 40.0, calling, "dialog open") is None
    assert shown("waiting", 11.5, calling, "dialog open") is None
    assert shown("waiting", 12.5, replace(TURN, calls=(CALL,)), "dialog open") is None
    assert shown("waiting", 12.5, replace(calling, calls=(replace(ASKED, mode="auto"),)), "dialog open") is None
    assert shown("waiting", 12.5, replace(TURN, calls=(replace(CALL, mode="auto", tool="Agent"),)), "dialog open") is None


def test_a_captured_client_in_auto_mode_waits_once_from_its_dialog_to_the_answer() -> None:
    """The dialog, the permission that follows it, and the run: one question, one grant, at the client's own moments."""
    call = OpenCall("toolu_1", "Bash", 1795655154_950 * MS, is_asked=False, is_running=False, mode="auto")
    session = GoingOn("b6c8f729-9384-423d-b160-a474b3d7b6aa", "p1", call.since_ns, "/srv/shop", False, (call,))
    told = []
    for line in (STATES / "auto_mode.jsonl").read_bytes().splitlines():
        state = parse(line)
        if state is None or state.since_ns < call.since_ns or not (found := shown_by(state, session)):
            continue
        told.append((found.event, found.time_ns // MS))
        call = replace(call, is_asked=True, since_ns=found.time_ns, is_running=found.event == "ToolRunning")
        session = replace(session, is_waiting=not call.is_running, last_ns=found.time_ns, calls=(call,))
    assert told == [("PermissionRequest", 1795655155_450), ("ToolRunning", 1795655163_860), ("TurnInterrupted", 1795655170_082)]


@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.dictionaries(st.sampled_from(["sessionId", "status", "statusUpdatedAt", "waitingFor"]), inner, max_size=4),
    ).map(lambda told: json.dumps(told).encode())
)
def test_a_file_that_is_not_known_here_says_nothing(text: bytes) -> None:
    """Whatever another version of the client writes."""
    found = parse(text)
    assert found is None or (isinstance(found.session_id, str) and isinstance(found.since_ns, int))


@pytest.mark.parametrize(("path", "folder"), [("/h/.claude/projects/-shop/s1.jsonl", "/h/.claude/sessions"), ("/x/s1.jsonl", None), ("", None)])
def test_the_files_lie_in_the_folder_of_the_client(path: str, folder: str | None) -> None:
    """Wherever that is: CLAUDE_CONFIG_DIR moves it."""
    assert folder_of(path) == (Path(folder) if folder else None)


class Looking:
    """Client states over a folder of a test's own, whose session runs as this very process."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "sessions" / f"{os.getpid()}.json"
        self.file.parent.mkdir()
        self.turn = TURN
        self.commands: list[object] = []
        self.told: list[tuple[str, dict[str, str], int]] = []
        key = identify(os.getpid())
        assert key is not None
        transcript = str(folder / "projects" / "-shop" / "s1.jsonl")
        event = AgentEvent(S, "u", "claude-code", EventKind.PROMPT_SUBMITTED, "s1", pid=os.getpid(), process_created=format_created(key.created_s))
        sessions = WatchedSessions(3600.0)
        sessions.see(event, S)
        self.states = ClientStates(folder, sessions, lambda: (self.turn,), self._tell, lambda key, after_ns: self.commands)
        self.states.notice(replace(event, transcript_path=transcript))

    def _tell(self, spool: Path, name: str, payload: bytes, env: Mapping[str, str], time_ns: int) -> None:
        assert env["source"] == "process"
        self.told.append((name, json.loads(payload), time_ns))

    def say(self, status: str, at_ms: int, session_id: str = "s1", **more: str) -> None:
        """Let the client write its file."""
        self.file.write_text(json.dumps({"sessionId": session_id, "status": status, "statusUpdatedAt": at_ms, **more}))


def test_what_still_holds_after_a_moment_is_told_once(tmp_path: Path) -> None:
    """Hooks and transcript have the first word; then it is told with the client's own time, and no second time."""
    looking = Looking(tmp_path)
    assert looking.states.has_turns
    looking.say("idle", 20_000)
    looking.states.look(20 * S + 100 * MS)
    assert looking.told == []
    assert looking.states.speaks_for("s1")
    for now_ns in (22 * S, 30 * S):
        looking.states.look(now_ns)
    ((name, payload, time_ns),) = looking.told
    assert (name, time_ns) == ("stopped-s1-20000", 20 * S)
    assert (payload["hook_event_name"], payload["session_id"], payload["prompt_id"]) == ("TurnInterrupted", "s1", "p1")


def test_a_file_of_another_session_or_none_says_nothing(tmp_path: Path) -> None:
    """The process goes on with another session after /clear, or is an older client."""
    looking = Looking(tmp_path)
    looking.states.look(30 * S)
    looking.say("idle", 20_000, "s2")
    looking.states.look(30 * S)
    looking.file.write_text("{")
    looking.states.look(30 * S)
    assert looking.told == []
    assert not looking.states.speaks_for("s1")


def test_a_client_without_such_a_file_is_looked_at_more_rarely(tmp_path: Path) -> None:
    """Until it says something."""
    looking = Looking(tmp_path)
    assert (looking.states.has_turns, looking.states.has_rests) == (True, False)
    looking.states.look(30 * S)
    assert (looking.states.has_turns, looking.states.has_rests) == (False, True)
    looking.say("busy", 31_000)
    looking.states.look(32 * S)
    assert (looking.states.has_turns, looking.states.has_rests) == (True, False)


def test_a_dialog_over_a_command_that_runs_is_a_persons(tmp_path: Path) -> None:
    """Nobody asks about a call that was let run; where its command is not seen to run, the client asks."""
    looking = Looking(tmp_path)
    looking.turn = replace(TURN, calls=(replace(CALL, mode="auto"),))
    looking.commands = ["bash -c"]
    looking.say("waiting", 13_000, waitingFor="dialog open")
    looking.states.look(20 * S)
    assert looking.told == []
    looking.commands = []
    looking.states.look(20 * S)
    assert [(payload["hook_event_name"], time_ns) for _, payload, time_ns in looking.told] == [("PermissionRequest", 13 * S)]
