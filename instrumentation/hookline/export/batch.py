"""Batches: runs of steps that travel together.

A batch holds whole steps in their order, at most `MAX_ITEMS` of each signal and about `MAX_BYTES`, which is far below
the 4 MiB that gRPC servers take by default. Its spool files may go when all of it was accepted, so batches are
delivered one after the other: logs first (the live view waits for them), then spans.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hookline.records import FoldStep, LogRecord, SpanRecord

MAX_ITEMS = 512
MAX_BYTES = 1024 * 1024
_RECORD_BYTES = 250  # the record itself and what its dict weighs
_ATTRIBUTE_BYTES = 60  # key and entry; most keys and short values are shared between records

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Batch:
    """What is sent and acknowledged as one."""

    logs: tuple[LogRecord, ...]
    spans: tuple[SpanRecord, ...]
    released: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A step and what it weighs in memory, about."""

    step: FoldStep
    items: int
    size: int


def weigh(step: FoldStep) -> Weighed:
    """Estimate a step's weight once, when it is queued."""
    size = sum(map(_size, step.spans)) + sum(map(_size, step.logs)) + 100 * len(step.released)
    return Weighed(step, len(step.spans) + len(step.logs), size)


def _size(record: SpanRecord | LogRecord) -> int:
    texts = sum(len(value) for value in record.attributes.values() if isinstance(value, str))
    return _RECORD_BYTES + _ATTRIBUTE_BYTES * len(record.attributes) + texts


def pack(queue: deque[Weighed]) -> tuple[Batch, list[Weighed]]:
    """Take the next batch off a queue that is not empty; also return the entries it was made of.

    A single step past the limits travels alone; `chunks` cuts it for the wire.
    """
    taken = [queue.popleft()]
    logs, spans, size = len(taken[0].step.logs), len(taken[0].step.spans), taken[0].size
    while queue:
        step = queue[0].step
        logs, spans, size = logs + len(step.logs), spans + len(step.spans), size + queue[0].size
        if logs > MAX_ITEMS or spans > MAX_ITEMS or size > MAX_BYTES:
            break
        taken.append(queue.popleft())
    return _join(entry.step for entry in taken), taken


def _join(steps: Iterable[FoldStep]) -> Batch:
    steps = tuple(steps)
    logs = tuple(log for step in steps for log in step.logs)
    spans = tuple(span for step in steps for span in step.spans)
    return Batch(logs, spans, tuple(uid for step in steps for uid in step.released))


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Cut items into requests of at most MAX_ITEMS."""
    for start in range(0, len(items), MAX_ITEMS):
        yield items[start : start + MAX_ITEMS]


def halves(items: Sequence[Item]) -> tuple[Sequence[Item], Sequence[Item]]:
    """Cut a refused request in two, to find what it was refused for."""
    middle = len(items) // 2
    return items[:middle], items[middle:]
