"""A forked session's transcript: what it copied is its origin's, the rest its own, and it says which session it goes on from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hookline.agents.claude_code.conversation import ConversationReader
from hookline.agents.claude_code.forks import Copy, continued, copied_part
from hookline.agents.claude_code.transcript_access import new_requests
from hookline.agents.equipment import Conversation, Mark, Owner, ReaderEnvironment, Transcript, nobody
from hookline.contract import semconv
from hookline.contract.events import USAGE_RECORD, SpanName
from hookline.history.progress import Progress
from hookline.privacy.capture import METADATA_ONLY
from hookline.records import FoldStep
from support.replay import SHOP

FORK, ORIGIN = "f0f0f0f0-0000-4000-8000-000000000002", "a0a0a0a0-0000-4000-8000-000000000001"
Row = dict[str, Any]


def prompt(at: str, prompt_id: str) -> Row:
    """Return a person's line; a copied one carries the fork's own prompt id, as the client writes it."""
    said = {"role": "user", "content": "look"}
    return {"type": "user", "sessionId": FORK, "timestamp": f"2026-11-20T{at}Z", "promptId": prompt_id, "cwd": "/srv/shop", "message": said}


def answer(at: str, number: int, **origin: object) -> Row:
    """Return an answer's line; a copied one names the session that asked for it."""
    usage = {"input_tokens": 12, "output_tokens": 30}
    message = {"id": f"msg_{number}", "role": "assistant", "model": "m", "content": [{"type": "text", "text": "ok"}], "usage": usage}
    return {"type": "assistant", "sessionId": FORK, "timestamp": f"2026-11-20T{at}Z", "cwd": "/srv/shop", "message": message, **origin}


def forked(**origin: object) -> list[Row]:
    """Return a fork's lines: two copied answers, then one of its own."""
    copied = [prompt("10:00:00.000", "own"), answer("10:00:01.000", 1, **origin), answer("10:00:02.000", 2, **origin)]
    return [{"type": "mode", "sessionId": FORK}, *copied, prompt("11:00:00.000", "own"), answer("11:00:01.000", 3)]


def write(folder: Path, lines: list[Row], then: str = "") -> Path:
    """Write a transcript."""
    path = folder / f"{FORK}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + then)
    return path


@pytest.mark.parametrize("origin", [{"requestSessionId": ORIGIN}, {"forkedFrom": {"sessionId": ORIGIN, "messageUuid": "u"}}])
def test_the_copied_beginning_of_a_fork_is_known(tmp_path: Path, origin: Row) -> None:
    """Whose it is and where it ends, in both ways in which clients say it."""
    path = write(tmp_path, forked(**origin))
    copy = copied_part(path)
    assert copy.session_id == ORIGIN
    assert b"11:00:00" in path.read_bytes()[copy.end :].splitlines()[0]


@pytest.mark.parametrize(
    "lines",
    [
        [],
        forked(),
        forked(requestSessionId=FORK),
        forked(requestSessionId=5, forkedFrom="?"),
        [answer("09:00:00.000", 0), *forked(requestSessionId=ORIGIN)],
    ],
)
def test_a_session_that_copied_nothing_has_no_origin(tmp_path: Path, lines: list[Row]) -> None:
    """Its own answers name nobody else, and odd values are nobody."""
    assert copied_part(write(tmp_path, lines, then='{"type": "assistant", "half')) == Copy()


def test_only_a_forks_own_requests_are_read_on(tmp_path: Path) -> None:
    """The copied ones were counted in the session that made them."""
    path = write(tmp_path, forked(requestSessionId=ORIGIN))
    ((logs, _),) = new_requests(path, copied_part(path).end, FORK, SHOP)
    assert [log.attributes[semconv.RESPONSE_ID] for log in logs] == ["msg_3"]


def test_history_links_a_fork_and_begins_it_with_its_first_own_prompt(tmp_path: Path) -> None:
    """One turn, one request, and one record that names the origin; reading on from a mark says it no second time."""
    path = write(tmp_path, forked(requestSessionId=ORIGIN))
    whole = read(path, Mark(0))
    logs = [log for step in whole for log in step.logs]
    assert [log.attributes.get(semconv.SESSION_PREVIOUS_ID) for log in logs if log.event_name == "hookline.session_continued"] == [ORIGIN]
    assert [log.attributes[semconv.RESPONSE_ID] for log in logs if log.event_name == USAGE_RECORD] == ["msg_3"]
    (turn,) = [span for step in whole for span in step.spans if span.name.startswith(SpanName.INVOKE_AGENT)]
    assert turn.start_ns == min(log.time_ns for log in logs)
    again = read(path, Mark(path.stat().st_size))
    assert not [log for step in again for log in step.logs]


def read(path: Path, mark: Mark, owner: Owner = nobody) -> list[FoldStep]:
    """Return the steps of a transcript from a mark on."""
    return list(reader(path, mark, owner).steps(2**62, 0))


def reader(path: Path, mark: Mark, owner: Owner) -> ConversationReader:
    status = path.stat()
    conversation = Conversation(path.stem, (Transcript(path, status.st_size, status.st_mtime),))
    return ConversationReader(conversation, {path: mark}, ReaderEnvironment(lambda _: SHOP, METADATA_ONLY, lambda *_: False, owner))


def turns_and_requests(steps: list[FoldStep]) -> tuple[int, list[object]]:
    """Return the number of turns and the requests' ids."""
    turns = sum(span.name.startswith(SpanName.INVOKE_AGENT) for step in steps for span in step.spans)
    return turns, [log.attributes[semconv.RESPONSE_ID] for step in steps for log in step.logs if log.event_name == USAGE_RECORD]


def test_a_fork_of_an_older_client_counts_what_it_copied_once(tmp_path: Path) -> None:
    """It names its origin nowhere; its copied lines have the uuids of the lines that they were copied from, also its prompt ids repeat."""

    def lines(session: str) -> list[Row]:
        copied = [prompt("10:00:00.000", "p1") | {"uuid": "u1"}, answer("10:00:01.000", 1) | {"uuid": "u2"}]
        copied += [prompt("10:05:00.000", "p2") | {"uuid": "u3"}, answer("10:05:01.000", 2) | {"uuid": "u4"}]
        return [line | {"sessionId": session} for line in copied]

    origin = tmp_path / f"{ORIGIN}.jsonl"
    origin.write_text("".join(json.dumps(line) + "\n" for line in lines(ORIGIN)))
    own = [prompt("11:00:00.000", "p3") | {"uuid": "u5"}, answer("11:00:01.000", 3) | {"uuid": "u6"}]
    fork = write(tmp_path, [*lines(FORK), *own])
    progress = Progress(tmp_path / "history.db")
    for path, expected in ((origin, (2, ["msg_1", "msg_2"])), (fork, (1, ["msg_3"]))):
        conversation = reader(path, Mark(0), progress.owner)
        steps = list(conversation.steps(2**62, 0))
        progress.own(conversation.prompts(), conversation.session_id)
        assert turns_and_requests(steps) == expected
    links = [log for step in steps for log in step.logs if log.event_name == "hookline.session_continued"]
    assert [link.attributes[semconv.SESSION_PREVIOUS_ID] for link in links] == [ORIGIN]
    assert turns_and_requests(read(origin, Mark(0), progress.owner))[0] == 2, "the origin owns its prompts, also when it is read again"
    progress.close()


def test_the_link_is_told_once_however_often_it_is_read() -> None:
    """Its uid is made of the two sessions alone."""
    first, again = continued(FORK, ORIGIN, 1, {}), continued(FORK, ORIGIN, 2, {})
    assert first.uid == again.uid == first.attributes[semconv.LOG_RECORD_UID]
