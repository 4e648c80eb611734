"""Tests of one store told and asked at once: each is a coroutine in a world of its own, and all of a module's go on side by side.

An insert costs as much as a thousand rows, and a question is planned for as long whoever it is about. So a test says what it tells and asks
(`await world.send(…)`, `await world.turns(…)`), and waits; once all of a module's wait, what they tell is one insert a signal, and a question of
several is asked once. Tellings go first: an answer that was asked for before a telling of somebody else is as good after it, as worlds do not meet.
Each has names of its own for persons, machines, sessions, prompts, calls and requests, which it does not see itself.

Write `@told_at_once` above `async def test_…(world: World)`, and import the fixture `worlds`.
"""

import functools
import inspect
from collections import defaultdict
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from hookline.contract import semconv
from hookline.contract.scopes import AGENT_SCOPE
from hookline.records import LogRecord, SpanRecord
from hookline_collector.signal import Signal
from hookline_collector.store import Rows, Store
from hookline_collector.work import ReportRequest, WorkReport, WorkTotals, report
from hookline_collector.work.statements import Query
from hookline_collector.worked_out import WorkedReading, WorkedStore
from support.agent_records import T0, S, requests_of
from support.stores import emptied, fresh_token

Record = SpanRecord | LogRecord
Story = Coroutine["Telling | Question", Any, None]
IDS: Final = (
    semconv.SESSION_ID,
    semconv.PROMPT_ID,
    semconv.LOG_RECORD_UID,
    *("prompt.id", "gen_ai.tool.call.id", "tool_use_id", "gen_ai.agent.id", "agent_id", "gen_ai.response.id", "hookline.request.id", "request_id"),
)
"""Attributes that name something of one world."""
MOST_BYTES: Final = 48 * 1024
"""A larger insert would be read by the views, not as those of a relay are."""
LONG_AFTER_NS: Final = T0 + 10_000_000 * S
PERIOD: Final = "since = '2026-09-20', until = '2026-09-24'"
BEGUN: Final = f"(toUnixTimestamp64Nano(started) - {T0}) / 1e9 AS begun_s, (toUnixTimestamp64Nano(ended) - {T0}) / 1e9 AS ended_s"
TURNS: Final = f"""SELECT session_id, prompt_id, {BEGUN}, ended_s - begun_s AS length_s, outcome, error_type, closed_by, is_open, model, evidence,
evidence_source, source_name, prompt_source, prompt_length, absorbed_prompts, project, branch, revision FROM told_turns ORDER BY started"""
CALLS: Final = f"""SELECT session_id, call_id, tool, {BEGUN}, ended_s - begun_s AS length_s, run_s, wait_s, outcome, error_type, evidence,
evidence_source, from_hook, from_transcript FROM told_tool_calls ORDER BY requested"""
SESSIONS: Final = f"SELECT session_id, {BEGUN}, ended_how, prompts, calls, failures, sources FROM told_sessions"
REQUESTS: Final = """SELECT session_id, request_key, source_name, output_tokens, total_tokens, cost_usd, cost_source, toString(toDate(time)) AS day
FROM told_usage ORDER BY time"""
ACTIVITY: Final = f"SELECT session_id, kind, reason, {BEGUN}, agents FROM activity ORDER BY started, ended, kind"
PARTS: Final = f"""SELECT session_id, kind, reason, from_ns, to_ns FROM worked_parts_at({PERIOD}, user = '', now = {{now:Int64}})
ORDER BY from_ns, kind, to_ns"""


@dataclass(frozen=True, slots=True)
class Telling:
    """What is to be stored: requests of each signal, in order."""

    requests: tuple[tuple[Signal, bytes], ...]

    def __await__(self) -> Generator["Telling", None, None]:
        """Wait until it is stored."""
        yield self


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be asked, once for all who ask the same: a statement, or a report if there is a request."""

    now_ns: int
    sql: str = ""
    request: ReportRequest | None = None

    def __await__(self) -> Generator["Question", Any, Any]:
        """Wait for the answer."""
        return (yield self)


class World:
    """One test's own part of a store."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._prefix = f"{number}-"

    async def send(
        self, records: Sequence[Record], scope: str = AGENT_SCOPE, user: str = "ana", host: str = "laptop", agent: str = "claude-code"
    ) -> None:
        """Tell records as one relay sends them."""
        of_world = [self._own(record) for record in records]
        await Telling(tuple(requests_of(of_world, scope, self._prefix + user, host and self._prefix + host, agent)))

    async def turns(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the turns in order; length_s is how long each took."""
        return await self.rows(TURNS, *columns)

    async def calls(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the calls in order."""
        return await self.rows(CALLS, *columns)

    async def sessions(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the sessions."""
        return await self.rows(SESSIONS, *columns)

    async def requests(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the requests to models in order."""
        return await self.rows(REQUESTS, *columns)

    async def activity(self) -> list[tuple[Any, ...]]:
        """Return kind, reason, from, to (seconds after T0) and agents, in order; as worked out: the view of facts takes ten times as long."""
        rows = await self.worked(ACTIVITY, "kind", "reason", "begun_s", "ended_s", "agents")
        return [(kind, reason, round(begun_s, 3), round(ended_s, 3), agents) for kind, reason, begun_s, ended_s, agents in rows]

    async def blocks(self, idle_s: int, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the person's blocks of work in order."""
        return await self.worked(f"SELECT user, {', '.join(columns)} FROM work_blocks(idle_s = {idle_s}) ORDER BY started", *columns)

    async def rows(self, sql: str, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of what a statement says of this world's sessions or persons, which it names."""
        return self._picked(await Question(0, sql), columns)

    async def worked(self, sql: str, *columns: str) -> list[tuple[Any, ...]]:
        """Return the same when all is worked out, long after it was told."""
        return self._picked(await Question(LONG_AFTER_NS, sql), columns)

    async def parts(self, now_s: float = 0.0) -> list[tuple[Any, ...]]:
        """Return kind (1 agent, 2 human, 3 waiting, 4 human at most), reason, from and to in seconds after T0, in order."""
        rows = self._picked(await Question(T0 + round(now_s * S), PARTS), ("kind", "reason", "from_ns", "to_ns"))
        return [(kind, reason, (begun - T0) / S, (ended - T0) / S) for kind, reason, begun, ended in rows]

    async def totals(self, day: str, now_s: float = 0.0) -> WorkTotals:
        """Return the figures of the only person to whom anything of a day belongs."""
        everybody: WorkReport = await Question(T0 + round(now_s * S), request=ReportRequest(day, by="user", without_blocks=True))
        (mine,) = (row for row in everybody.rows if row.key.startswith(self._prefix))
        return replace(mine, key=self._bare(mine.key))

    async def report(self, day: str, now_s: float = 0.0, **more: Any) -> WorkReport:
        """Return a person's report, which nobody else asks for: for what `totals` does not tell."""
        found: WorkReport = await Question(T0 + round(now_s * S), request=ReportRequest(day, user=f"{self._prefix}ana", **more))
        return replace(found, rows=tuple(replace(row, key=row.key.removeprefix(self._prefix)) for row in found.rows))

    def _picked(self, rows: Rows, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return columns of the rows of this world, with the names that it gave."""
        whose = "session_id" if "session_id" in rows.columns else "user"
        of_world = [row for row in rows.as_dicts() if row[whose].startswith(self._prefix)]
        return [tuple(self._bare(row[column]) for column in columns) for row in of_world]

    def _bare(self, value: Any) -> Any:
        return value.removeprefix(self._prefix) if isinstance(value, str) else value

    def _own(self, record: Record) -> Record:
        """Return a record with names of this world."""
        attributes = {key: f"{self._prefix}{value}" if key in IDS and value else value for key, value in record.attributes.items()}
        own: dict[str, Any] = {"attributes": attributes}
        own |= {name: value ^ self._number << 32 for name in ("trace_id", "span_id") if (value := getattr(record, name))}
        if isinstance(record, LogRecord):
            own["uid"] = attributes[semconv.LOG_RECORD_UID]
        return replace(record, **own)


class Outcomes:
    """What became of stories that were told and asked at once."""

    def __init__(self, store: Store, stories: Mapping[str, Callable[[World], Story]]) -> None:
        self._store = store
        self._worked = WorkedStore(store, is_alone=True)
        self._known: dict[Question, Any] = {}
        self._failed: dict[str, BaseException] = {}
        self._waiting: dict[str, tuple[Story, Telling | Question]] = {}
        for number, (name, story) in enumerate(stories.items(), 1):
            self._go_on(name, story(World(number)), None)
        while self._waiting:
            self._round()

    def of(self, name: str) -> None:
        """Raise what a story raised."""
        if name in self._failed:
            raise self._failed[name]

    def _round(self) -> None:
        """Store what is told, or, when nobody tells anything, answer what is asked."""
        asked = {name: (story, wish) for name, (story, wish) in self._waiting.items() if isinstance(wish, Question)}
        told = {name: (story, wish) for name, (story, wish) in self._waiting.items() if isinstance(wish, Telling)}
        if told:
            self._known.clear()
            insert(self._store, [request for _, wish in told.values() for request in wish.requests])
        for name, (story, wish) in (told or asked).items():
            del self._waiting[name]
            self._go_on(name, story, self._answer(wish) if isinstance(wish, Question) else None)

    def _go_on(self, name: str, story: Story, answer: Any) -> None:
        try:
            self._waiting[name] = story, story.send(answer)
        except StopIteration:
            return
        except BaseException as why:  # told by the test whose story it is
            self._failed[name] = why

    def _answer(self, question: Question) -> Any:
        if question not in self._known:
            self._known[question] = self._ask(question)
        return self._known[question]

    def _ask(self, question: Question) -> Any:
        if question.request:
            return report(self._answered(question.now_ns), question.request, question.now_ns)
        if question.now_ns:
            return self._answered(question.now_ns)(question.sql, {"now": question.now_ns})
        return self._store.query(question.sql)

    def _answered(self, now_ns: int) -> Query:
        assert self._worked.catch_up(now_ns), "not everything was worked out"
        return WorkedReading(self._store.query, self._worked, lambda: now_ns).begin().query


def insert(store: Store, requests: Sequence[tuple[Signal, bytes]]) -> None:
    """Store requests; laid end to end those of a signal are one."""
    batches: defaultdict[Signal, list[bytes]] = defaultdict(lambda: [b""])
    for signal, body in requests:
        if len(batches[signal][-1]) + len(body) > MOST_BYTES:
            batches[signal].append(b"")
        batches[signal][-1] += body
    for signal, bodies in batches.items():
        for body in bodies:
            store.insert(signal, body, fresh_token())


def told_at_once(story: Callable[..., Story]) -> Callable[..., None]:
    """Make a test of a story whose first parameter is its world."""

    @functools.wraps(story)
    def test(worlds: Outcomes, request: pytest.FixtureRequest, **_: Any) -> None:
        worlds.of(request.node.nodeid)

    others = list(inspect.signature(story).parameters.values())[1:]
    own = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in ("worlds", "request")]
    test.__signature__ = inspect.Signature([*own, *others])  # type: ignore[attr-defined]
    return test


@pytest.fixture(scope="module")
def worlds(request: pytest.FixtureRequest) -> Outcomes:
    """Give what became of the module's stories."""
    stories: dict[str, Callable[[World], Story]] = {}
    for item in request.session.items:
        story = getattr(getattr(item, "function", None), "__wrapped__", None)
        if item.path == request.path and inspect.iscoroutinefunction(story):
            stories[item.nodeid] = functools.partial(story, **(item.callspec.params if hasattr(item, "callspec") else {}))
    return Outcomes(emptied(), stories)
