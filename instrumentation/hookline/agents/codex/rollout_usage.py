"""Tokens of each request to the model, from a rollout.

`token_usage_record` has one request: which response, of which turn, with what tokens; the input's count includes what was cached. Older clients
wrote `token_count` alone, with the thread's sums: there a request is what they grew by. What a fork copied names the thread that it is
of, and is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from hookline.agents.codex.identity import NAME
from hookline.agents.codex.rollout_lines import Line, RolloutHeader, header_of, payload_of, time_of
from hookline.agents.payload import integer, member, text
from hookline.agents.usage_record import TokenUse, count, usage_record
from hookline.records import AttributeValue, LogRecord
from hookline.system.json_lines import parse_line, read_lines

LOOK_BACK_BYTES: Final = 1024 * 1024
KINDS: Final = (b'"token_usage_record"', b'"token_count"', b'"turn_context"', b'"session_meta"', b'"task_started"')


class RolloutUsage:
    """Reads the tokens of one rollout, line by line."""

    def __init__(self, model: str = "") -> None:
        self._header: RolloutHeader | None = None
        self._model = model
        self._turn_id = self._root_turn_id = ""
        self._has_records = False
        self._total = -1

    def read(self, line: Line) -> Iterator[TokenUse]:
        """Yield the request that a line tells."""
        payload, kind = payload_of(line), line.get("type")
        if kind == "session_meta":
            self._header = self._header or header_of(line)
        elif kind == "turn_context":
            self._model = text(payload, "model") or self._model
            self._turn_id = text(payload, "turn_id") or self._turn_id
            self._root_turn_id = text(payload, "root_turn_id") or self._turn_id
        elif kind == "token_usage_record":
            self._has_records = True
            yield from self._request(line, payload, member(payload, "usage"), text(payload, "response_id"))
        elif kind == "event_msg" and payload.get("type") == "token_count" and not self._has_records:
            yield from self._counted(line, payload)

    def _counted(self, line: Line, payload: Line) -> Iterator[TokenUse]:
        info = member(payload, "info")
        total = integer(member(info, "total_token_usage"), "total_tokens")
        if total is None or total == self._total:
            return
        self._total = total
        yield from self._request(line, payload, member(info, "last_token_usage"), f"{self._turn_id}-{total}")

    def _request(self, line: Line, payload: Line, usage: Line, name: str) -> Iterator[TokenUse]:
        time_ns, header, thread_id = time_of(line), self._header, text(payload, "thread_id")
        if time_ns is None or header is None or not name or (thread_id and thread_id != header.thread_id):
            return
        cached, written = count(usage, "cached_input_tokens"), count(usage, "cache_write_input_tokens")
        yield TokenUse(
            time_ns,
            name,
            self._model,
            input=max(0, count(usage, "input_tokens") - cached - written),
            output=count(usage, "output_tokens"),
            cache_read=cached,
            cache_creation=written,
            prompt_id=text(payload, "root_turn_id") or self._root_turn_id or text(payload, "turn_id"),
            agent_id=header.agent_id,
        )


def usage_from(path: Path, offset: int) -> RolloutUsage:
    """Return a reader that knows what stands before an offset: the header, the model and the turn."""
    reader = RolloutUsage()
    for line in read_lines(path, 0):
        list(reader.read(parse_line(line.text)))
        break
    if offset:
        for line in read_lines(path, _line_start(path, offset)):
            if line.start >= offset:
                break
            if may_count(line.text):
                list(reader.read(parse_line(line.text)))
    return reader


def may_count(line: bytes | None) -> bool:
    """Whether it is worth parsing a line for tokens."""
    return line is not None and any(kind in line for kind in KINDS)


def _line_start(path: Path, offset: int) -> int:
    """Return where a line begins, so far before an offset that the turn's own context lies behind it."""
    if offset <= LOOK_BACK_BYTES:
        return 0
    with path.open("rb") as file:
        file.seek(offset - LOOK_BACK_BYTES)
        file.readline(LOOK_BACK_BYTES)
        return min(file.tell(), offset)


def requests(path: Path, offset: int, session_id: str, shared: Mapping[str, AttributeValue], batch: int) -> Iterator[tuple[list[LogRecord], int]]:
    """Yield batches of the requests behind an offset, each with the offset up to which it is complete."""
    reader, logs, end = usage_from(path, offset), list[LogRecord](), offset
    for line in read_lines(path, offset):
        if may_count(line.text):
            logs += [usage_record(NAME, session_id, use, shared) for use in reader.read(parse_line(line.text))]
        end = line.end
        if len(logs) >= batch:
            yield logs, end
            logs = []
    if end > offset:
        yield logs, end
