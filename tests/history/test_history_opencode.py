"""OpenCode's database as history: what its plugin would have told, tokens once, read on from the last message that was done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hookline.agent_event import NOWHERE, AgentEvent
from hookline.agents import agent_named
from hookline.agents.equipment import HistoryReader, Mark, ReaderEnvironment, Transcripts
from hookline.contract import semconv
from hookline.contract.events import EventKind
from hookline.privacy.capture import METADATA_ONLY
from hookline.records import FoldStep, LogRecord, SpanRecord
from support.agent_captures import rows, told
from support.agent_homes import OPENCODE_TABLES, fill

NOW_NS, QUIET_NS = 1_800_000_000_000_000_000, 900_000_000_000
TRUTH = [  # four sessions of the real client, by hand from the times in their messages
    "invoke_agent opencode success 13930ms",
    "  execute_tool task success 2764ms",
    "    invoke_agent general success 2680ms",
    "      execute_tool grep failure tool_error 17ms",
    "      execute_tool bash success 582ms",
    "  execute_tool bash success 70ms",
    "invoke_agent opencode failure APIError_400 15974ms",
    "  execute_tool bash success 495ms",
    "invoke_agent opencode success 11493ms",
    "  execute_tool bash denied denied 0ms",
    "invoke_agent opencode success 14613ms",
    "  execute_tool bash success 1162ms",
    "  execute_tool read success 476ms",
    "  execute_tool bash success 170ms",
    "  execute_tool edit success 365ms",
    "  execute_tool bash failure exit_1 236ms",
    "invoke_agent opencode success 14303ms",
]
ROWS = rows("opencode-1.18.33", "database.jsonl")


def nothing(session_id: str, prompt_id: str) -> bool:
    """Know of no turn that hooks delivered."""
    return False


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return a data folder's database with all that was captured."""
    path = tmp_path / "opencode.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(OPENCODE_TABLES)
        fill(db, ROWS)
    return path


def transcripts() -> Transcripts:
    """Return OpenCode's."""
    found = agent_named("opencode").transcripts()
    assert found
    return found


def reader_of(path: Path, mark: Mark, is_delivered: Callable[[str, str], bool] = nothing) -> HistoryReader:
    """Return the reader of a database."""
    (conversation,) = transcripts().conversations(path.parent)
    return transcripts().history(conversation, {path: mark}, ReaderEnvironment(lambda folder: NOWHERE, METADATA_ONLY, is_delivered))


def made(steps: Iterator[FoldStep]) -> tuple[dict[int, SpanRecord], dict[str, LogRecord], tuple[str, ...]]:
    """Return the last copies of spans, the records of tokens, and what was released."""
    spans, logs, released = dict[int, SpanRecord](), dict[str, LogRecord](), list[str]()
    for step in steps:
        spans |= {span.span_id: span for span in step.spans}
        logs |= {log.uid: log for log in step.logs}
        released += step.released
    return spans, logs, tuple(released)


def in_order(spans: dict[int, SpanRecord]) -> list[str]:
    """Return spans as lines, by their beginnings."""
    return told(sorted(spans.values(), key=lambda span: (span.start_ns, span.end_ns, span.name)))


def test_sessions_of_the_real_client(database: Path) -> None:
    """Subagents under their calls, refusals, failures; and read to the end."""
    reader = reader_of(database, Mark())
    spans, logs, released = made(reader.steps(NOW_NS, QUIET_NS))
    assert in_order(spans) == TRUTH
    answers = [row["data"] for row in ROWS if row["table"] == "message" and row["data"]["role"] == "assistant" and row["data"]["tokens"]["output"]]
    assert len(logs) == len(answers)
    assert sum(int(str(log.attributes[semconv.USAGE_INPUT])) for log in logs.values()) == sum(
        answer["tokens"]["input"] + answer["tokens"]["cache"]["read"] + answer["tokens"]["cache"]["write"] for answer in answers
    )
    reader.acknowledge(released)
    messages = sum(row["table"] == "message" for row in ROWS)
    assert (reader.lines, reader.marks()) == (messages, {database: Mark(messages + 1)})
    assert not list(reader_of(database, Mark(messages + 1)).steps(NOW_NS, QUIET_NS)), "again: nothing new"


def test_what_the_plugin_delivered_is_not_told_again(database: Path) -> None:
    """Prompts have their own ids in both."""
    prompts = [row["id"] for row in ROWS if row["table"] == "message" and row["data"]["role"] == "user"]
    spans, logs, _ = made(reader_of(database, Mark(), lambda session, prompt: prompt in prompts).steps(NOW_NS, QUIET_NS))
    assert (in_order(spans), len(logs) > 0) == ([], True)


def test_it_is_read_on_while_sessions_go_on(tmp_path: Path) -> None:
    """Message by message: the same spans and records as at once, however it grew."""
    path = tmp_path / "opencode.db"
    mark, spans, logs = Mark(), dict[int, SpanRecord](), dict[str, LogRecord]()
    with closing(sqlite3.connect(path)) as db:
        db.executescript(OPENCODE_TABLES)
        fill(db, [row for row in ROWS if row["table"] == "session"])
        for message in (row for row in ROWS if row["table"] == "message"):
            fill(db, [message, *(row for row in ROWS if row["table"] == "part" and row["message_id"] == message["id"])])
            reader = reader_of(path, mark)
            more = made(reader.steps(message["time_created"] * 1_000_000, QUIET_NS))
            reader.acknowledge(more[2])
            mark, spans, logs = reader.marks()[path], spans | more[0], logs | more[1]
    last = made(reader_of(path, mark).steps(NOW_NS, QUIET_NS))
    whole = made(reader_of(path, Mark()).steps(NOW_NS, QUIET_NS))
    assert in_order(spans | last[0]) == in_order(whole[0]) == TRUTH
    assert (logs | last[1]).keys() == whole[1].keys()


def test_a_writer_is_not_disturbed(database: Path) -> None:
    """A transaction that is under way is waited for and not seen; nothing is written by reading."""
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("BEGIN IMMEDIATE")
        db.execute("DELETE FROM message")
        assert in_order(made(reader_of(database, Mark()).steps(NOW_NS, QUIET_NS))[0]) == TRUTH
        db.rollback()


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0"])
def test_what_is_no_database_of_ours_has_no_history(content: bytes, tmp_path: Path) -> None:
    """An older client's, a broken one, another's tables."""
    (tmp_path / "opencode.db").write_bytes(content)
    assert list(transcripts().conversations(tmp_path)) == []
    assert list(transcripts().conversations(tmp_path / "nowhere")) == []


def test_live_tokens_are_told_once(database: Path) -> None:
    """A session's and its subagents', after each turn; another session's are its own."""
    child = next(row for row in ROWS if row["table"] == "session" and row["parent_id"])
    event = AgentEvent(1, "u", "opencode", EventKind.TURN_ENDED, child["parent_id"])
    ((logs, _),) = transcripts().usage(database, 0, event)
    assert sum(bool(log.attributes[semconv.USAGE_SIDECHAIN]) for log in logs) == 3
    assert {log.attributes[semconv.SESSION_ID] for log in logs} == {child["parent_id"]}
    assert list(transcripts().usage(database, 0, event)) == []
    history = made(reader_of(database, Mark()).steps(NOW_NS, QUIET_NS))[1]
    assert {log.uid for log in logs} < set(history)
