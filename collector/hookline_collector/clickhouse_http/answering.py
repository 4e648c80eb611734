"""One answer over HTTP, piece by piece, in bounded memory: nothing more is asked of the engine than the client has taken.

The head goes out with the first pieces, so that an error before them has its status. `wait_end_of_query` holds the answer back to its end, up to
`HELD_BYTES`. An error after that is written into the answer as ClickHouse writes it, and the connection ends without the mark that the answer is
complete, so that no client takes a part for the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import orjson
from starlette.types import Send

from hookline_collector.clickhouse_http.answer_encoding import AnswerEncoding
from hookline_collector.clickhouse_http.told_faults import late_fault, new_tag
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.store.embedded.engine_session import WholeAnswer
from hookline_collector.store.statement_fault import StatementFault

HELD_BYTES = 8 * 1024 * 1024
SMALL_BYTES = 64 * 1024
UNCODED_BYTES = 1024


class Pieces(Protocol):
    """An answer as the store gives it."""

    whole: WholeAnswer | None

    def next(self) -> bytes | None:
        """Return the next piece, None at the end."""


@dataclass(frozen=True, slots=True)
class AnswerManner:
    """How an answer is to be written: what stands in its head, and how its bytes are encoded."""

    headers: Mapping[str, str]
    coding: str
    is_framed: bool
    waits_for_end: bool
    version: str


class Answering:
    """Writes the answer to one request. Raises StatementFault for what failed before its head was out."""

    def __init__(self, threads: BlockingPool, pieces: Pieces, manner: AnswerManner, send: Send) -> None:
        self._threads = threads
        self._pieces = pieces
        self._manner = manner
        self._send = send
        self.has_begun = False

    async def run(self) -> bool:
        """Write the answer; return whether it is complete."""
        held, is_whole = await self._threads.run(self._hold)
        tag = new_tag()
        coding = "" if is_whole and len(held) <= UNCODED_BYTES else self._manner.coding
        encoding = AnswerEncoding(coding, is_framed=self._manner.is_framed)
        if is_whole:
            body = await self._threads.run(lambda: encoding.more(held) + encoding.end() if held else encoding.end())
            await self._begin(encoding.coding, tag, len(body))
            await self._send({"type": "http.response.body", "body": body})
            return True
        await self._begin(encoding.coding, tag, None)
        await self._more(await self._threads.run(encoding.more, held))
        return await self._rest(encoding, tag)

    async def _rest(self, encoding: AnswerEncoding, tag: str) -> bool:
        try:
            while (piece := await self._threads.run(self._next, encoding)) is not None:
                await self._more(piece)
        except StatementFault as fault:
            await self._more(await self._threads.run(self._failed, encoding, fault, tag))
            return False
        await self._send({"type": "http.response.body", "body": encoding.end()})
        return True

    def _hold(self) -> tuple[bytes, bool]:
        """Return the first pieces, and whether they are all."""
        enough = HELD_BYTES if self._manner.waits_for_end else SMALL_BYTES
        held = bytearray()
        while len(held) < enough:
            piece = self._pieces.next()
            if piece is None:
                return bytes(held), True
            held += piece
        return bytes(held), False

    def _next(self, encoding: AnswerEncoding) -> bytes | None:
        piece = self._pieces.next()
        return None if piece is None else encoding.more(piece)

    def _failed(self, encoding: AnswerEncoding, fault: StatementFault, tag: str) -> bytes:
        return encoding.more(late_fault(fault, tag, self._manner.version)) + encoding.end()

    async def _begin(self, coding: str, tag: str, length: int | None) -> None:
        named = dict(self._manner.headers) | {"X-ClickHouse-Exception-Tag": tag}
        if coding:
            named["Content-Encoding"] = coding
        if length is not None:
            named["Content-Length"] = str(length)
        if self._pieces.whole is not None:
            named["X-ClickHouse-Summary"] = summary(self._pieces.whole)
        self.has_begun = True
        await self._send({"type": "http.response.start", "status": 200, "headers": encoded(named)})

    async def _more(self, body: bytes) -> None:
        if body:
            await self._send({"type": "http.response.body", "body": body, "more_body": True})


def encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI wants them."""
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]


def summary(whole: WholeAnswer) -> str:
    """Return what a statement took, as ClickHouse tells it."""
    told = {
        "read_rows": str(whole.read_rows),
        "read_bytes": str(whole.read_bytes),
        "written_rows": "0",
        "written_bytes": "0",
        "total_rows_to_read": "0",
        "result_rows": str(whole.rows),
        "result_bytes": str(len(whole.body)),
        "elapsed_ns": str(round(whole.elapsed_s * 1e9)),
    }
    return orjson.dumps(told).decode()
