"""`/api/v1/databases`: what databases do, who waits for whom, which statements take the time, with which plans, what was the bottleneck, and when
what will be used up. `.../live` is one answer, or a stream of server-sent events: `look` at each new look, and again after `REFRESH_S` without."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hookline.contract.databases import NO_LOAD
from hookline.contract.told_records import as_moment, told
from hookline_collector.api.asked_lately import Lately, Row, ask, ask_for
from hookline_collector.api.database_loads import (
    by_class,
    by_event,
    class_parts,
    first_statements,
    gauges_of,
    growth_parts,
    largest_relations,
    relation_parts,
    sessions_of,
    statements_of,
)
from hookline_collector.api.http.endpoint import JSON, ApiEndpoint, Choice, InPath, Switch, Text, Whole
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.live import EVENTS, MAX_STREAMS, REFRESH_S, LiveStream, StreamPlaces
from hookline_collector.api.periods import LATELY
from hookline_collector.api.questions import Questions, Reading
from hookline_collector.api.rolled_up import RollupEnds, all_rows, metric_parts
from hookline_collector.api.services import ANY_REQUEST, StoredRequest
from hookline_collector.api.verdict_callers import VerdictCaller, with_callers
from hookline_collector.databases.database_forecasts import DatabaseForecast, forecasts_of, series_asked
from hookline_collector.databases.live_looks import DatabaseLook, LiveDatabases
from hookline_collector.databases.lock_trees import LockSession, of_samples, of_tree

NAME = InPath("name", "The database: its name in the configuration, or its address.")
STATEMENT = Text("statement_hash", "Only this statement.")
ORDER = Choice("order", "What comes first.", ("time", "load", "calls", "mean", "rows", "reads"), "time")
LIMIT = Whole("limit", "At most so many; 100 by default.", 100, most=1_000)
WITH_PLAN = Switch("with_plan", "true: with the plans themselves.")


@dataclass(frozen=True, slots=True)
class DatabaseFigures:
    """How busy a database is: mean sessions at work against cores, what they mostly do, and what was found of it that goes on."""

    database: str
    active_sessions: float
    cores: float | None
    wait_class: str
    share_percent: float | None
    used_percent: float | None
    transaction_s: float | None
    last: str | None
    verdict_class: str
    verdict_summary: str


@dataclass(frozen=True, slots=True)
class DatabaseList:
    """Databases, the busiest first."""

    databases: tuple[DatabaseFigures, ...]
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class DatabaseWait:
    """What sessions did or waited for: how many did so at once on average."""

    wait_class: str
    wait_event: str
    active_sessions: float
    share_percent: float
    samples: int


@dataclass(frozen=True, slots=True)
class StatementFigures:
    """What a statement did in the period, and how many sessions were busy with it at once."""

    statement_hash: str
    query_id: str
    query_text: str
    summary: str
    namespace: str
    role: str
    calls: int
    call_rate: float
    total_s: float
    mean_s: float | None
    deviation_s: float | None
    max_s: float | None
    plan_s: float
    result_rows: int
    blocks_hit: int
    blocks_read: int
    blocks_dirtied: int
    blocks_written: int
    temp_blocks_read: int
    temp_blocks_written: int
    read_s: float
    write_s: float
    wal_bytes: int
    share_percent: float
    active_sessions: float
    wait_class: str


@dataclass(frozen=True, slots=True)
class RelationFigures:
    """A table or index: how large it is, and what was done with it in the period."""

    namespace: str
    schema_name: str
    relation: str
    index_name: str
    size_bytes: int
    live_rows: int
    dead_rows: int
    vacuum_trigger: int
    seq_scans: int
    seq_rows: int
    index_scans: int


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """An incident: what was the bottleneck, since when, how sure, what was excluded, and which services called the statements that carry it."""

    database: str
    verdict_id: str
    verdict_class: str
    phase: str
    share_percent: float
    started: str
    last: str
    ended: str | None
    certainty_percent: float
    samples: int
    culprit: str
    culprit_kind: str
    summary: str
    next_step: str
    excluded: Mapping[str, str]
    statement_hashes: tuple[str, ...]
    called_by: tuple[VerdictCaller, ...]


@dataclass(frozen=True, slots=True)
class DatabaseDetail:
    """One database: how busy, with what, and what was said of it."""

    totals: DatabaseFigures
    waits: tuple[DatabaseWait, ...]
    statements: tuple[StatementFigures, ...]
    verdicts: tuple[StoredVerdict, ...]
    relations: tuple[RelationFigures, ...]
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class DatabaseStatements:
    """Statements in the order asked for; of a single one also the slow requests that called it."""

    statements: tuple[StatementFigures, ...]
    callers: tuple[StoredRequest, ...]
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class LockHolder:
    """A session that held others up: since when, how many at most, and the longest wait."""

    pid: int
    started: str
    last: str
    waiters: int
    waited_s: float
    summary: str
    application: str
    session_state: str


@dataclass(frozen=True, slots=True)
class DatabaseLocks:
    """Who waited for whom when last anybody did, and who held others up in the period."""

    looked: str | None
    locks: tuple[LockSession, ...]
    blockers: tuple[LockHolder, ...]
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan of a statement."""

    database: str
    namespace: str
    statement_hash: str
    query_id: str
    plan_hash: str
    first: str
    last: str
    plan_source: str
    plan_cost: float | None
    query_text: str
    plan: str


@dataclass(frozen=True, slots=True)
class DatabasePlans:
    """Plans, the one seen last first."""

    plans: tuple[StoredPlan, ...]
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class DatabaseVerdicts:
    """Incidents, the newest first."""

    verdicts: tuple[StoredVerdict, ...]
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class DatabaseForecasts:
    """When something will be used up, the soonest first."""

    forecasts: tuple[DatabaseForecast, ...]
    is_fresh: bool


class DatabasesApi:
    """Databases: stored rows, and the looks of this moment from memory."""

    def __init__(self, questions: Questions, live: LiveDatabases, timezone: str) -> None:
        self._questions = questions
        self._ends = RollupEnds()
        self._live = live
        self._timezone = timezone
        self._places = StreamPlaces(MAX_STREAMS)
        path, of_one = "/api/v1/databases", (NAME, LATELY)
        self.routes = (
            ApiEndpoint("GET", path, self.list_databases, "Databases, the busiest first.", DatabaseList, parameters=(LATELY,)),
            ApiEndpoint("GET", f"{path}/{{name}}", self.one, "One database: how busy, with what.", DatabaseDetail, parameters=of_one),
            ApiEndpoint(
                "GET",
                f"{path}/{{name}}/live",
                self.now,
                "What its sessions do now; with `Accept: text/event-stream` as a stream.",
                DatabaseLook,
                (JSON, EVENTS),
                (NAME,),
            ),
            ApiEndpoint("GET", f"{path}/{{name}}/locks", self.locks, "Who waits for whom.", DatabaseLocks, parameters=of_one),
            ApiEndpoint(
                "GET",
                f"{path}/{{name}}/statements",
                self.statements,
                "What its statements did.",
                DatabaseStatements,
                parameters=(*of_one, STATEMENT, ORDER, LIMIT),
            ),
            ApiEndpoint(
                "GET",
                f"{path}/{{name}}/plans",
                self.plans,
                "Plans of its statements.",
                DatabasePlans,
                parameters=(*of_one, STATEMENT, WITH_PLAN, LIMIT),
            ),
            ApiEndpoint("GET", f"{path}/{{name}}/verdicts", self.verdicts, "What was its bottleneck.", DatabaseVerdicts, parameters=(*of_one, LIMIT)),
            ApiEndpoint("GET", f"{path}/{{name}}/forecasts", self.forecasts, "When what will be used up.", DatabaseForecasts, parameters=(NAME,)),
        )

    async def list_databases(self, request: Request) -> Response:
        """Answer with a row a database."""
        asked = Lately.of(request, self._timezone)
        reading = await self._questions.begin(request)
        ends = await self._ends.read(reading)
        rows, told, verdicts = await asyncio.gather(
            all_rows(reading, class_parts(asked, ends, ""), ends),
            all_rows(reading, metric_parts("database_gauges", asked, ends), ends),
            _verdicts(reading, asked, "", 200),
        )
        return answer(DatabaseList(tuple(_busiest(rows, told, verdicts, asked.seconds)), reading.is_fresh))

    async def one(self, request: Request) -> Response:
        """Answer with one database."""
        asked, name = Lately.of(request, self._timezone), NAME.of(request)
        reading = await self._questions.begin(request)
        ends = await self._ends.read(reading)
        (rows, load), told, verdicts, growth, relations = await asyncio.gather(
            sessions_of(reading, asked, ends, name),
            gauges_of(reading, asked, ends, name),
            _verdicts(reading, asked, name, 200),
            all_rows(reading, growth_parts(asked, ends, name, ""), ends),
            all_rows(reading, relation_parts(asked, ends, name), ends),
        )
        found = _busiest(rows, told, verdicts, asked.seconds, name)
        statements, called = await asyncio.gather(
            first_statements(reading, asked, growth, load, database=name, order="time", limit=10),
            with_callers(reading, asked, ends, verdicts[:20]),
        )
        if not found and not statements:
            raise HTTPException(404, f"nothing was told of a database {name} in this period; `hookline db report` lists those that there are")
        return answer(
            {
                "totals": found[0] if found else _unseen(name),
                "waits": _waits(by_event(rows, 50), asked.seconds),
                "statements": statements,
                "verdicts": called,
                "relations": largest_relations(relations, 50),
                "is_fresh": reading.is_fresh,
            }
        )

    async def now(self, request: Request) -> Response:
        """Answer with the newest look, or begin a stream of looks."""
        name = NAME.of(request)
        if EVENTS not in request.headers.get("accept", ""):
            return answer(self._live.look(name) or DatabaseLook(name, 0, ()))
        self._places.take()
        return LiveStream(_stream(self._live, name), self._places)

    async def locks(self, request: Request) -> Response:
        """Answer with the last trees, and who held others up."""
        asked, name = Lately.of(request, self._timezone), NAME.of(request)
        reading = await self._questions.begin(request)
        bound = asked.bound | {"database": name}
        trees, held = await asyncio.gather(ask(reading, "database_locks", bound), ask(reading, "database_blockers", bound))
        if trees:
            looked, locks = trees[0]["looked"], [each for row in trees for each in of_tree(row["tree"])]
        else:
            rows = await ask(reading, "database_blocked", bound)
            looked, locks = (rows[0]["looked"] if rows else None), of_samples(rows)
        blockers = [_holder(row) for row in await _with_trees(reading, name, held)]
        return answer({"looked": as_moment(looked), "locks": locks, "blockers": blockers, "is_fresh": reading.is_fresh})

    async def statements(self, request: Request) -> Response:
        """Answer with statements."""
        asked, name, chosen = Lately.of(request, self._timezone), NAME.of(request), STATEMENT.of(request)
        order, limit = ORDER.of(request), LIMIT.of(request)
        reading = await self._questions.begin(request)
        ends = await self._ends.read(reading)
        found, called = await asyncio.gather(
            statements_of(reading, asked, ends, database=name, statement=chosen, order=order, limit=limit), _callers(reading, asked, chosen)
        )
        return answer({"statements": found, "callers": called, "is_fresh": reading.is_fresh})

    async def plans(self, request: Request) -> Response:
        """Answer with plans."""
        asked = Lately.of(request, self._timezone)
        wanted = {"database": NAME.of(request), "statement_hash": STATEMENT.of(request), "limit": LIMIT.of(request)}
        reading = await self._questions.begin(request)
        bound = asked.bound | wanted | {"with_plan": int(WITH_PLAN.of(request))}
        return answer({"plans": await ask_for(reading, StoredPlan, "database_plans", bound), "is_fresh": reading.is_fresh})

    async def verdicts(self, request: Request) -> Response:
        """Answer with incidents."""
        asked = Lately.of(request, self._timezone)
        reading = await self._questions.begin(request)
        ends = await self._ends.read(reading)
        found = await _verdicts(reading, asked, NAME.of(request), LIMIT.of(request))
        return answer({"verdicts": await with_callers(reading, asked, ends, found), "is_fresh": reading.is_fresh})

    async def forecasts(self, request: Request) -> Response:
        """Answer with forecasts."""
        reading = await self._questions.begin(request)
        now_ns = time.time_ns()
        asked = series_asked(NAME.of(request), now_ns, (await self._ends.read(reading)).of("metrics"))
        rows = await reading.ask(*asked)
        return answer(DatabaseForecasts(tuple(forecasts_of(rows.as_dicts(), now_ns)), reading.is_fresh))


def _busiest(rows: Sequence[Row], told: Sequence[Row], verdicts: Sequence[Row], seconds: float, name: str = "") -> list[DatabaseFigures]:
    """Return how busy databases are, or one, the busiest first."""
    gauges = {(row["database"], row["metric"]): row["amount"] for row in told}
    open_ones = {row["database"]: (str(row["verdict_class"]), str(row["summary"])) for row in reversed(verdicts) if not row["ended"]}
    classes = by_class(rows)
    names = dict.fromkeys([*classes, *(database for database, _ in gauges if name in ("", database))])
    found = [_figures(each, classes.get(each, []), gauges, open_ones.get(each, ("", "")), seconds) for each in names if each]
    return sorted(found, key=lambda each: (-each.active_sessions, each.database))


async def _callers(reading: Reading, asked: Lately, statement: str) -> list[Row]:
    """Return the slow requests that called a statement."""
    bound = ANY_REQUEST | asked.bound | {"statement_hash": statement, "limit": 50}
    return await ask_for(reading, StoredRequest, "slow_requests", bound) if statement else []


async def _with_trees(reading: Reading, database: str, held: Sequence[Row]) -> list[Row]:
    """Return who held others up, each with the widest tree that was seen below it."""
    if not held:
        return []
    moments = sorted({row["widest_ns"] for row in held})
    rows = await ask(reading, "lock_trees", {"database": database, "moments": moments})
    trees = {(row["incident"], row["at_ns"]): row["tree"] for row in rows}
    return [row | {"tree": trees.get((row["incident"], row["widest_ns"]), "")} for row in held]


def _figures(name: str, rows: Sequence[Row], gauges: Mapping[tuple[str, str], float], verdict: tuple[str, str], seconds: float) -> DatabaseFigures:
    load = [row for row in rows if row["wait_class"] not in NO_LOAD]
    whole = sum(row["total_s"] for row in load)
    most = max(load, key=lambda row: row["total_s"], default=None)
    return DatabaseFigures(
        database=name,
        active_sessions=whole / seconds,
        cores=gauges.get((name, "hookline.db.cores")),
        wait_class=most["wait_class"] if most else "",
        share_percent=100 * most["total_s"] / whole if most and whole else None,
        used_percent=gauges.get((name, "hookline.db.connections.used_percent")),
        transaction_s=gauges.get((name, "hookline.db.transaction.oldest")),
        last=as_moment(max((row["last"] for row in rows), default=None)),
        verdict_class=verdict[0],
        verdict_summary=verdict[1],
    )


def _unseen(name: str) -> DatabaseFigures:
    return DatabaseFigures(name, 0.0, None, "", None, None, None, None, "", "")


def _waits(rows: Sequence[Row], seconds: float) -> list[DatabaseWait]:
    whole = sum(row["total_s"] for row in rows) or 1.0
    return [
        DatabaseWait(row["wait_class"], row["wait_event"], row["total_s"] / seconds, 100 * row["total_s"] / whole, row["samples"]) for row in rows
    ]


async def _verdicts(reading: Reading, asked: Lately, name: str, limit: int) -> list[Row]:
    rows = await ask_for(reading, StoredVerdict, "database_verdicts", asked.bound | {"database": name, "limit": limit})
    return [{**row, "excluded": _reasons(row["excluded"]), "statement_hashes": _texts(row["statement_hashes"])} for row in rows]


def _holder(row: Row) -> LockHolder:
    root = next((each for each in of_tree(row["tree"]) if each.pid == row["pid"]), None)
    words = (root.summary or root.query_text, root.application, root.session_state) if root else ("", "", "")
    return LockHolder(row["pid"], as_moment(row["started"]) or "", as_moment(row["last"]) or "", row["waiters"], row["waited_s"], *words)


def _reasons(text: str) -> dict[str, str]:
    found = _json(text)
    return {str(name): str(why) for name, why in found.items()} if isinstance(found, dict) else {}


def _texts(text: str) -> list[str]:
    found = _json(text)
    return [str(each) for each in found] if isinstance(found, list) else []


def _json(text: str) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return None


async def _stream(live: LiveDatabases, name: str) -> AsyncIterator[bytes]:
    async for look in live.looks(name, REFRESH_S):
        yield b"event: look\ndata: " + orjson.dumps(told(look or DatabaseLook(name, 0, ()))) + b"\n\n"
