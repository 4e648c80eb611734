"""Tokens by day and model beside ccusage's, which read the same session files: of eight agents, captured and moved to other days.

Ours go the whole way: `hookline backfill`, the collector, its usage and its reports. Where the two differ, `DIFFERENCES` has the reason as a
figure of its own, worked out of the files: what is left must agree to the token, and a reason that explains nothing is one too many.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from support import ccusage
from support.agent_homes import Move, lay
from support.ccusage import Counted, Days
from support.person import new_person
from support.running import KEPT_FOR_EVER, Running, start_collector

pytestmark = [pytest.mark.long, pytest.mark.unwatched]
PERIOD: Final = "2026-11-10..2026-11-30"
EARLIER: Final = {
    "claude-code": ("claude-opus-5-5", "claude-sonnet-5"),
    "codex": ("gpt-6.1-sol", "gpt-5.2-codex"),
    "copilot-cli": ("claude-sonnet-4.5", "gpt-5.2"),
    "droid": ("Scripted-0", "GLM-5"),
    "gemini-cli": ("gemini-3.8-flash", "gemini-3.8-pro"),
    "kimi-code": ('"scripted"', '"kimi-k3"'),
    "opencode": ('"scripted"', '"gpt-5.2"'),
    "qwen-code": ("qwen3-coder-plus", "qwen3-max"),
}
"""The model of each agent's captures, and the one that it had some days before."""
RESUMED: Final = {"claude-code": "*", "droid": "tools", "opencode": "*"}
"""The scenarios that went on another day; of the other agents `resume`."""
SECOND_RUN: Final = Move(-3, 7, resumed_later=True)
FORK, FORKED_THREAD = "f0f0f0f0-0000-4000-8000-000000000002", "01a21000-0000-7000-8000-0000000000f0"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Both:
    """What ours and theirs say of one home folder."""

    home: Path
    running: Running
    rows: tuple[Row, ...]

    def of(self, agent: str) -> list[Row]:
        """Return the requests of an agent."""
        return [row for row in self.rows if row["agent"] == agent]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Give a home with the files of all agents, and a collector that has read them."""
    if why := ccusage.unavailable():
        pytest.skip(why)
    home = tmp_path_factory.mktemp("dev")
    for agent, models in EARLIER.items():
        lay(home, agent)
        lay(home, agent, move=Move(-6, 3, models))
        lay(home, agent, RESUMED.get(agent, "resume"), SECOND_RUN)
    _fork_of_claude_code(home)
    _fork_of_codex(home)
    running = start_collector(new_person(home), KEPT_FOR_EVER)
    try:
        read = running.person.hookline("backfill", within_s=300)
        assert read.returncode == 0, read.stderr
        yield Both(home, running, tuple(running.query("SELECT *, toString(toDate(time)) AS day FROM usage ORDER BY time")))
    finally:
        running.kill()


@pytest.mark.parametrize("agent", EARLIER)
def test_tokens_agree_by_day_and_model(both: Both, agent: str) -> None:
    """What differs is one of the differences that have a name."""
    ours, theirs = counted(both.of(agent)), ccusage.counted(both.home, agent)
    assert len({day for day, _ in ours}) >= 3
    assert len({model for _, model in ours}) >= 2
    for why, difference in DIFFERENCES.get(agent, {}).items():
        before = dict(ours)
        _add(ours, difference(both, agent, theirs))
        assert ours != before, f"explains nothing: {why}"
    assert ours == theirs


@pytest.mark.parametrize("agent", EARLIER)
def test_reports_have_the_same_tokens(both: Both, agent: str) -> None:
    """By model and by day, as `hookline report` shows them."""
    ours = counted(both.of(agent))
    for by, place in (("day", 0), ("model", 1)):
        told = both.running.person.hookline("report", PERIOD, "--by", by, "--agent", agent, "--tz", "UTC", "--format", "json")
        found = {row["key"]: _in(row) for row in json.loads(told.stdout)["rows"] if row["requests"]}
        wanted: dict[str, Counted] = {}
        for key, tokens in ours.items():
            wanted[key[place]] = wanted.get(key[place], Counted()) + tokens
        assert found == wanted


def counted(rows: Iterable[Row]) -> dict[tuple[str, str], Counted]:
    """Return requests by day and model."""
    days = Days()
    for row in rows:
        days.add(row["day"], row["model"], _in(row))
    return days.found


def _in(row: Row) -> Counted:
    return Counted(*(int(row[f"{kind}_tokens"]) for kind in ("input", "output", "cache_read", "cache_creation")))


def _add(ours: dict[tuple[str, str], Counted], more: Days) -> None:
    for key, tokens in more.found.items():
        ours[key] = ours.get(key, Counted()) + tokens
        if not any(ours[key].parts):
            del ours[key]


def _less(tokens: Counted) -> Counted:
    return Counted(*(-part for part in tokens.parts))


def _without(rows: Iterable[Row]) -> Days:
    days = Days()
    for row in rows:
        days.add(row["day"], row["model"], _less(_in(row)))
    return days


Difference = Callable[[Both, str, Mapping[tuple[str, str], Counted]], Days]


def every_line_without_a_request_id(both: Both, *_: object) -> Days:
    """The client writes an answer as several lines, each with its tokens; ccusage takes lines for one request by message and request id."""
    days, seen = Days(), set[str]()
    for line in _lines(both.home, ".claude/projects/**/*.jsonl"):
        message = line.get("message") if line.get("type") == "assistant" and "requestId" not in line else None
        if not message or line.get("isApiErrorMessage"):
            continue
        usage = message["usage"]
        if message["id"] in seen:
            used = (usage["input_tokens"], usage["output_tokens"], usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"])
            days.add(line["timestamp"][:10], message["model"], Counted(*used))
        seen.add(message["id"])
    return days


def cache_writes_by_lifetime_alone(both: Both, agent: str, _: object) -> Days:
    """Where a line has written tokens by how long they live, ccusage adds those up; a sum beside them that they do not make counts for nothing."""
    days = Days()
    for line in _lines(both.home, ".claude/projects/**/*.jsonl"):
        usage = line["message"]["usage"] if line.get("type") == "assistant" else {}
        missing = usage.get("cache_creation_input_tokens", 0) - sum(usage.get("cache_creation", {}).values())
        if missing:
            days.add(line["timestamp"][:10], line["message"]["model"], Counted(cache_creation=-missing))
    return days


def of_no_turn(both: Both, agent: str, _: object) -> Days:
    """What Kimi Code asks for outside a turn (a compaction) has another scope; ccusage passes over it."""
    days = Days()
    for line in _lines(both.home, ".kimi-code/sessions/**/wire.jsonl"):
        if line.get("type") == "usage.record" and line["usageScope"] != "turn":
            used = line["usage"]
            tokens = Counted(used["inputOther"], used["output"], used["inputCacheRead"], used["inputCacheCreation"])
            days.add(_day_of(line["time"]), line["model"], _less(tokens))
    return days


def thoughts_beside_the_output(both: Both, agent: str, theirs: Mapping[tuple[str, str], Counted]) -> Days:
    """What a model thought is output here, as it is paid for; ccusage has it in the total alone."""
    return Days({key: Counted(output=-tokens.thought, thought=tokens.thought) for key, tokens in theirs.items()})


def thoughts_counted_once_more(both: Both, agent: str, theirs: Mapping[tuple[str, str], Counted]) -> Days:
    """Qwen Code's output holds what was thought; ccusage adds it to the total again."""
    return Days({key: Counted(thought=tokens.thought) for key, tokens in theirs.items()})


def requests_of_subagents(both: Both, agent: str, _: object) -> Days:
    """Subagents write files of their own, which ccusage does not read for Qwen Code."""
    return _without(row for row in both.of(agent) if row["is_subagent"])


def what_the_client_asks_itself(both: Both, agent: str, _: object) -> Days:
    """A compaction stands in Qwen Code's file as an event of the client's telemetry alone; ccusage reads the answers in the conversation."""
    asked = _asked_for_itself(both)
    return _without(row for row in both.of(agent) if row["request_key"] in asked)


def _asked_for_itself(both: Both) -> set[str]:
    events = (line.get("systemPayload", {}).get("uiEvent", {}) for line in _lines(both.home, ".qwen/projects/*/chats/*.jsonl"))
    return {
        f"message:{event['response_id']}" for event in events if str(event.get("prompt_id", "")).startswith("compress-") and "response_id" in event
    }


def cached_input_counted_twice(both: Both, agent: str, _: object) -> Days:
    """Qwen Code's input holds what a cache gave; ccusage counts that as input and as read from the cache."""
    days, itself = Days(), _asked_for_itself(both)
    for row in both.of(agent):
        if not row["is_subagent"] and row["request_key"] not in itself:
            days.add(row["day"], row["model"], Counted(input=int(row["cache_read_tokens"])))
    return days


def sessions_without_an_end(both: Both, agent: str, _: object) -> Days:
    """ccusage reads the sums that Copilot writes when a session ends: one that was killed has none."""
    ended = {path.parent.name for path in both.home.glob(".copilot/session-state/*/events.jsonl") if '"session.shutdown"' in path.read_text()}
    return _without(row for row in both.of(agent) if row["session_id"] not in ended)


def compactions(both: Both, agent: str, _: object) -> Days:
    """Copilot's sums leave out what a compaction asked for."""
    asked = {f"message:{line['data']['compactionAttemptId']}" for line in _lines(both.home, ".copilot/**/events.jsonl") if _is_compaction(line)}
    return _without(row for row in both.of(agent) if row["request_key"] in asked)


def names_in_small_letters(both: Both, agent: str, _: object) -> Days:
    """ccusage writes the names of Droid's models small."""
    days = _without(both.of(agent))
    for row in both.of(agent):
        days.add(row["day"], row["model"].lower(), _in(row))
    return days


DIFFERENCES: Final[Mapping[str, Mapping[str, Difference]]] = {
    "claude-code": {
        "lines without a request's id count each": every_line_without_a_request_id,
        "cache writes are those by lifetime": cache_writes_by_lifetime_alone,
    },
    "copilot-cli": {"a killed session has no sums": sessions_without_an_end, "compactions are not in the sums": compactions},
    "droid": {"names are in small letters": names_in_small_letters},
    "gemini-cli": {"thoughts are in the total alone": thoughts_beside_the_output},
    "kimi-code": {"requests outside a turn are passed over": of_no_turn},
    "opencode": {"thoughts are in the total alone": thoughts_beside_the_output},
    "qwen-code": {
        "subagents are not read": requests_of_subagents,
        "compactions are not read": what_the_client_asks_itself,
        "cached input counts twice": cached_input_counted_twice,
        "thoughts count twice in the total": thoughts_counted_once_more,
    },
}


def _lines(home: Path, pattern: str) -> Iterator[dict[str, Any]]:
    for path in sorted(home.glob(pattern)):
        yield from map(json.loads, path.read_text().splitlines())


def _is_compaction(line: Row) -> bool:
    return bool(line["type"] == "session.compaction_complete")


def _day_of(time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d}"


def _fork_of_claude_code(home: Path) -> None:
    """Write a session that began as a copy of another: its lines under the new name, with what they are of, and then lines of its own."""
    paths = sorted((home / ".claude/projects/-srv-shop").glob("c988e3e3-*.jsonl"))
    origin = next(path for path in paths if '"requestId"' in path.read_text())
    lines = list(map(json.loads, origin.read_text().splitlines()))
    copied = [{**line, "sessionId": FORK, "forkedFrom": {"sessionId": origin.stem, "messageUuid": line.get("uuid", "")}} for line in lines]
    own = [_own(line) for line in lines]
    _write(origin.with_name(f"{FORK}.jsonl"), [*copied, *own])


def _own(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line as another session's own, two days later."""
    text = json.dumps({**line, "sessionId": FORK}).replace('"msg_', '"msg_f').replace('"req_msg_', '"req_msg_f').replace('"toolu_', '"toolu_f')
    found: dict[str, Any] = json.loads(_later(text))
    return found | {key: f"f{found[key]}" for key in ("uuid", "parentUuid", "promptId") if found.get(key)}


def _fork_of_codex(home: Path) -> None:
    """Write a rollout that began as a copy of another: a head of its own, what was copied, under the name of its own thread, and a turn."""
    origin = next((home / ".codex/sessions/2026/11/25").glob("rollout-*01a21464-efa0-7512-b752-8043f354994c.jsonl"))
    lines = list(map(json.loads, origin.read_text().splitlines()))
    thread = lines[0]["payload"]["id"]
    own_text = _later("\n".join(map(json.dumps, lines[1:]))).replace("resp_", "resp_f").replace(thread, FORKED_THREAD)
    head = json.loads(_later(json.dumps(lines[0])))
    head["payload"] |= {"id": FORKED_THREAD, "session_id": FORKED_THREAD, "forked_from_id": thread}
    copied = [{**line, "timestamp": head["timestamp"]} for line in lines]
    own = list(map(json.loads, own_text.replace("01a21464-f00c-75f0", "01a21000-f00c-75f0").splitlines()))
    _write(home / f".codex/sessions/2026/11/27/rollout-2026-11-27T20-28-09-{FORKED_THREAD}.jsonl", [head, *copied, *own])


def _later(text: str) -> str:
    return text.replace("2026-11-25T", "2026-11-27T").replace("2026-11-17T", "2026-11-19T").replace("2026-11-18T", "2026-11-20T")


def _write(path: Path, lines: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in lines))
