"""The endpoint as an ASGI app: who asks, what, and the answer.

Every statement goes the API's way: it waits until all that was acknowledged before is stored, and the store's gate judges it. Statements have
threads of their own, as many as may run at once; one that waits for a place is refused after `WAIT_S`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from hookline.errors import HooklineError, Refused, TooLarge
from hookline_collector.api.questions import Questions
from hookline_collector.clickhouse_http.answer_forms import known_form
from hookline_collector.clickhouse_http.answering import Answering, AnswerManner
from hookline_collector.clickhouse_http.client_sessions import ClientSessions
from hookline_collector.clickhouse_http.commands import Command, KillCommand, SetCommand, UseCommand, command_of
from hookline_collector.clickhouse_http.credentials import is_known
from hookline_collector.clickhouse_http.go_handshake import handshake, is_handshake
from hookline_collector.clickhouse_http.http_question import HttpQuestion, pairs_of, question_of
from hookline_collector.clickhouse_http.native_frames import framed
from hookline_collector.clickhouse_http.running_statements import RunningStatement, RunningStatements
from hookline_collector.clickhouse_http.settings_question import told_settings
from hookline_collector.clickhouse_http.told_faults import as_fault, fault_text, status_of_fault
from hookline_collector.serving import show_token
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.serving.places import STATE
from hookline_collector.store.people_streams import PeopleStreams
from hookline_collector.store.statement_fault import StatementFault

MAX_BODY_BYTES = 1024 * 1024
WAIT_S = 10.0
DISPLAY_NAME = "hookline"
_OPEN = ("/ping", "/replicas_status")
_OK = b"Ok.\n"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What the engine says of itself."""

    version: str
    timezone: str


class ClickHouseEndpoint:
    """Answers requests of ClickHouse's clients."""

    def __init__(
        self,
        token: str,
        database: str,
        streams: Callable[[], PeopleStreams],
        questions: Questions,
        threads: BlockingPool,
        sessions: ClientSessions,
        most: int,
        patience_s: float,
    ) -> None:
        self._token = token
        self._database = database
        self._streams = streams
        self._questions = questions
        self._threads = threads
        self._sessions = sessions
        self._places = asyncio.Semaphore(most)
        self._patience_s = patience_s
        self._running = RunningStatements(lambda mark: self._threads.run(lambda: self._streams().cancel(mark)))
        self._facts: EngineFacts | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            await self._answer(request, receive, send)
        except ClientDisconnect:
            return
        except HooklineError as why:
            await self._tell(request, send, as_fault(why))
        except Exception:
            log.exception("a defect while answering a client of ClickHouse")
            await self._tell(request, send, StatementFault(49, "LOGICAL_ERROR", "a defect of the collector; its log says more"))

    async def stop(self) -> None:
        """End what runs."""
        await self._running.cancel_all()

    async def _answer(self, request: Request, receive: Receive, send: Send) -> None:
        if request.url.path in _OPEN:
            await _send_text(send, HTTPStatus.OK, _OK)
            return
        pairs = self._let_in(request)
        question = question_of(pairs, request.headers, await self._body(request), MAX_BODY_BYTES)
        if not question.sql.strip() and request.method in ("GET", "HEAD"):
            await _send_text(send, HTTPStatus.OK, _OK)
            return
        statement = self._running.begin(question.query_id)
        try:
            async with _watched(receive, lambda: self._running.cancel(statement), statement):
                await self._ask(request, question, statement, send)
        finally:
            self._running.end(statement)

    def _let_in(self, request: Request) -> Mapping[str, str]:
        """Return the URL's parameters of a request that may be answered. Raises StatementFault for any other."""
        if request.method not in ("GET", "POST", "HEAD"):
            raise StatementFault(36, "BAD_ARGUMENTS", f"{request.method} is not answered here; use POST or GET")
        if request.headers.get("origin") is not None:
            raise StatementFault(497, "ACCESS_DENIED", "requests of web pages are not answered here")
        pairs = pairs_of(request.scope["query_string"])
        if not is_known(self._token, request.headers, pairs):
            raise StatementFault(516, "AUTHENTICATION_FAILED", "hookline: Authentication failed: the password is the token, in <data folder>/token")
        show_token(request.scope)
        if request.url.path != "/":
            raise StatementFault(36, "BAD_ARGUMENTS", f"There is no handle {request.url.path[:100]}; statements are sent to /")
        return pairs

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        try:
            async with asyncio.timeout(self._patience_s):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > MAX_BODY_BYTES:
                        raise TooLarge(f"the statement is larger than {MAX_BODY_BYTES} bytes")
        except TimeoutError:
            raise StatementFault(209, "SOCKET_TIMEOUT", f"the body did not arrive within {self._patience_s:g} s") from None
        return bytes(body)

    async def _ask(self, request: Request, question: HttpQuestion, statement: RunningStatement, send: Send) -> None:
        """Answer a statement, in a place of its own."""
        session = self._sessions.of(question.session_id, must_be=question.must_have_session)
        self._check_database(question.database)
        streams = await self._threads.run(self._streams)
        formatted = await self._threads.run(streams.formatted, question.sql)
        if (command := command_of(formatted)) is not None:
            await self._threads.run(streams.check_settings, question.settings)
            body = await self._do(command, question, streams)
            await _send_text(send, HTTPStatus.OK, framed(body) if question.is_framed else body, {"X-ClickHouse-Query-Id": statement.query_id})
            return
        facts = await self._known_facts(streams)
        asked = {**session.settings, **question.settings}
        async with self._place():
            note = (await self._questions.begin(request)).note
            judged = await self._threads.run(streams.judge, told_settings(formatted), asked)
            form, media = known_form(judged.form or question.form)
            headers = {
                "Content-Type": media,
                "X-ClickHouse-Query-Id": statement.query_id,
                "X-ClickHouse-Format": form,
                "X-ClickHouse-Timezone": facts.timezone,
                "X-ClickHouse-Server-Display-Name": DISPLAY_NAME,
                "Hookline-Fresh": f"false; {note.reason}" if note.reason else "true",
            }
            if is_handshake(formatted, question.protocol) and form == "Native":
                await _send_whole(send, question, headers, handshake(DISPLAY_NAME, facts.version, facts.timezone))
                return
            stream = await self._threads.run(streams.open, judged, form, question.parameters, statement.mark)
            try:
                manner = AnswerManner(headers, question.coding, question.is_framed, question.waits_for_end, facts.version)
                is_complete = await Answering(self._threads, stream, manner, send).run()
            finally:
                await self._threads.run(stream.close)
        if not is_complete:
            await _hang_up(request.scope)

    async def _do(self, command: Command, question: HttpQuestion, streams: PeopleStreams) -> bytes:
        """Do what concerns the asker's own session or statements; return the answer, which only KILL QUERY has."""
        match command:
            case SetCommand(settings):
                await self._threads.run(streams.check_settings, settings)
                self._sessions.choose(question.session_id, settings)
            case UseCommand(database):
                self._check_database("" if database == "default" else database)
            case KillCommand(query_id, is_test):
                found = self._running.knows(query_id) if is_test else await self._running.kill(query_id)
                return f"{'test' if is_test else 'finished'}\t{query_id}\thookline\t\n".encode() if found else b""
        return b""

    def _check_database(self, name: str) -> None:
        if name not in ("", self._database):
            raise StatementFault(
                497, "ACCESS_DENIED", f"Statements run in the database {self._database} here; write other names out, as in system.tables"
            )

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(WAIT_S):
                await self._places.acquire()
        except TimeoutError:
            raise Refused("Too many simultaneous queries; the setting is clickhouse.max_concurrent_queries") from None
        try:
            yield
        finally:
            self._places.release()

    async def _known_facts(self, streams: PeopleStreams) -> EngineFacts:
        if self._facts is None:
            self._facts = EngineFacts(*await self._threads.run(streams.facts))
        return self._facts

    async def _tell(self, request: Request, send: Send, fault: StatementFault) -> None:
        """Answer with an error; framed where frames were asked for, because some clients read nothing else."""
        status = status_of_fault(fault)
        headers = {"X-ClickHouse-Exception-Code": str(fault.code), "X-ClickHouse-Server-Display-Name": DISPLAY_NAME}
        if fault.code == 516 and "authorization" not in request.headers:
            status, headers["WWW-Authenticate"] = HTTPStatus.UNAUTHORIZED, 'Basic realm="hookline"'
        body = fault_text(fault, self._facts.version if self._facts else "").encode()
        with contextlib.suppress(HooklineError):
            if pairs_of(request.scope["query_string"]).get("compress") in ("1", "true"):
                body = framed(body)
        with contextlib.suppress(RuntimeError):  # the answer had begun
            await _send_text(send, status, body, headers)


@contextlib.asynccontextmanager
async def _watched(receive: Receive, cancel: Callable[[], Any], statement: RunningStatement) -> AsyncIterator[None]:
    """Cancel the statement when its client hangs up."""

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            continue
        await cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        statement.ended.set()
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError, HooklineError):
            await watching


async def _send_whole(send: Send, question: HttpQuestion, headers: Mapping[str, str], body: bytes) -> None:
    await _send_text(send, HTTPStatus.OK, framed(body) if question.is_framed else body, headers)


async def _send_text(send: Send, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    named = {"Content-Type": "text/plain; charset=UTF-8", "Content-Length": str(len(body))} | dict(headers or {})
    await send(
        {"type": "http.response.start", "status": int(status), "headers": [(name.encode(), value.encode("latin-1")) for name, value in named.items()]}
    )
    await send({"type": "http.response.body", "body": body})


async def _hang_up(scope: Scope) -> None:
    """End the connection of an answer that is not complete, once what was written is out."""
    connection = scope.get("state", {}).get(STATE)
    if connection is not None:
        await connection.end_unfinished()
