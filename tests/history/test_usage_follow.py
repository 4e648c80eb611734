"""Tokens of live sessions: read after each turn, each request once."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hookline.agent_event import Place
from hookline.agents import AgentEvent, process_gone
from hookline.contract.events import EventKind
from hookline.history.follow import UsageFollower
from hookline.records import FoldStep
from support.captures import hook_events, moved

CAPTURED = Path(__file__).parents[1] / "fixtures" / "claude-code-2.1.329" / "transcripts" / "-srv-shop"
SESSION = "5d1bd6c4-7692-4511-a1ea-3aeb7336cfbd"
ENDED = AgentEvent(1, "u", "claude-code", EventKind.TURN_ENDED, SESSION, place=Place(project="shop"))


class Offered:
    """Takes steps as delivery does."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.prompts: list[str] = []
        self.released: list[str] = []
        self.changed = threading.Condition()

    def __call__(self, step: FoldStep) -> None:
        with self.changed:
            self.prompts += [str(log.attributes["hookline.prompt.id"]) for log in step.logs]
            self.requests += [str(log.attributes["gen_ai.response.id"]) for log in step.logs]
            self.released += step.released
            self.changed.notify_all()

    def wait_for(self, count: int) -> None:
        """Wait until so many requests came."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.requests) >= count, 10), self.requests


@contextmanager
def following(folder: Path, offered: Offered) -> Iterator[UsageFollower]:
    """Give a follower without delay."""
    follower = UsageFollower(folder / "usage.db", offered, lambda: True, delay_s=0.0)
    follower.start()
    try:
        yield follower
        follower.acknowledge(tuple(offered.released))
    finally:
        follower.stop(5)


def test_the_end_of_a_turn_brings_its_requests_and_those_of_its_subagents(tmp_path: Path) -> None:
    """Three requests of the main agent and three of its subagent's, by their message ids."""
    offered = Offered()
    with following(tmp_path, offered) as follower:
        follower.notice(replace(ENDED, transcript_path=str(CAPTURED / f"{SESSION}.jsonl")))
        offered.wait_for(6)
    assert len(set(offered.requests)) == 6


def test_only_what_is_new_is_read_the_next_time_also_after_a_restart(tmp_path: Path) -> None:
    """Offsets last; a second end of turn brings the second turn's requests alone."""
    path = tmp_path / "24317a28.jsonl"
    lines = next(CAPTURED.glob("24317a28*.jsonl")).read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:15]))
    first, second = Offered(), Offered()
    event = replace(ENDED, transcript_path=str(path))
    with following(tmp_path, first) as follower:
        follower.notice(event)
        first.wait_for(1)
    path.write_bytes(b"".join(lines))
    with following(tmp_path, second) as follower:
        follower.notice(event)
        second.wait_for(5 - len(first.requests))
    assert len({*first.requests, *second.requests}) == 5
    assert not set(first.requests) & set(second.requests)


def test_what_was_not_accepted_is_read_again_after_a_restart(tmp_path: Path) -> None:
    """An offset is kept only when the endpoint took what lies before it."""
    first, second = Offered(), Offered()
    event = replace(ENDED, transcript_path=str(next(CAPTURED.glob("65b8f73a*.jsonl"))))
    for offered in (first, second):
        with following(tmp_path, offered) as follower:
            follower.notice(event)
            offered.wait_for(2)
            offered.released.clear()
    assert first.requests == second.requests


def test_a_transcript_that_is_gone_harms_nobody(tmp_path: Path) -> None:
    """The next session is followed all the same."""
    offered = Offered()
    with following(tmp_path, offered) as follower:
        follower.notice(replace(ENDED, session_id="gone", transcript_path=str(tmp_path / "gone.jsonl")))
        follower.notice(replace(ENDED, transcript_path=str(shutil.copy(CAPTURED / f"{SESSION}.jsonl", tmp_path))))
        offered.wait_for(3)


def test_events_that_end_nothing_read_nothing(tmp_path: Path) -> None:
    """A tool's end is no reason to look at the transcript."""
    offered = Offered()
    with following(tmp_path, offered) as follower:
        follower.notice(replace(ENDED, kind=EventKind.TOOL_ENDED, transcript_path=str(CAPTURED / f"{SESSION}.jsonl")))
        follower.notice(replace(ENDED, session_id="other", transcript_path=str(next(CAPTURED.glob("65b8f73a*.jsonl")))))
        offered.wait_for(2)
    assert len(offered.requests) == 2


def test_a_killed_client_brings_its_last_requests(tmp_path: Path) -> None:
    """The end of a process names no transcript: the session's is known from before, also its place."""
    offered = Offered()
    with following(tmp_path, offered) as follower:
        follower.notice(replace(ENDED, kind=EventKind.TOOL_STARTED, transcript_path=str(CAPTURED / f"{SESSION}.jsonl")))
        follower.notice(process_gone(SESSION, "claude-code", 77, "", 2, is_seen=True))
        offered.wait_for(6)
    assert len(set(offered.requests)) == 6


def test_tokens_of_a_file_that_names_no_prompt_are_those_of_the_prompt_that_began_last(tmp_path: Path) -> None:
    """Hooks of such an agent have no id for it either: it is the one that the fold makes of the prompt's event."""
    events = hook_events("gemini-cli", "resume")
    submitted = [event for event in events if event.kind is EventKind.PROMPT_SUBMITTED]
    path = moved("gemini-cli", "resume", events[0].transcript_path)
    offered = Offered()
    with following(tmp_path, offered) as follower:
        for event in (*submitted, replace(events[-2], transcript_path=str(path))):
            follower.notice(event)
        offered.wait_for(6)
    assert [offered.prompts.count(f"prompt-{event.uid}") for event in submitted] == [5, 1]
