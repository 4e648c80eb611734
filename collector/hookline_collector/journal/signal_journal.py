"""One signal's queue: appends come in at one end, sealed segments go out at the other.

All state lives on the event loop; the disk is touched in the signal's one thread, so nothing needs a lock and nothing blocks the
loop. While a batch is being written the next one gathers: one sync answers all of them.

A segment is sealed lazily. It ends when it is full, or when the delivery asks for work and it is due: it is worth an insert (`worth_bytes`), old
enough, or somebody waits for it (`hasten`). While an insert runs the segment grows, so batches grow with the load by themselves.
"""

import asyncio
import builtins
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from hookline.errors import Refused
from hookline_collector.journal.disk import Disk, replace_file
from hookline_collector.journal.segment import Segment
from hookline_collector.journal.segment_index import SegmentIndex
from hookline_collector.journal.writer import AppendRequest, AppendResult, Writer
from hookline_collector.observe.metrics import Changes, CountKey
from hookline_collector.serving.waiting import next_change


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry: AppendRequest
    answer: "asyncio.Future[None]"


class SignalJournal:
    """The queue of one signal. `explain` words a disk's failure for the sender; `changed` is called with every change of the metrics, and
    `came_of_age` when a segment is stored because of its age."""

    def __init__(
        self,
        writer: Writer,
        disk: Disk,
        max_age_s: float,
        worth_bytes: int,
        explain: Callable[[BaseException], Refused],
        changed: Callable[[Changes], None],
        came_of_age: Callable[[], object],
    ) -> None:
        self._writer = writer
        self._disk = disk
        self._max_age_s = max_age_s
        self._worth_bytes = worth_bytes
        self._explain = explain
        self._changed = changed
        self._came_of_age = came_of_age
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._waiting: list[_Waiting] = []
        self._waiting_bytes = 0
        self._is_writing = False
        self._is_hurried = False
        self._is_closing = False
        self._stirred = asyncio.Event()
        self._opened_at = 0.0
        self._hastened_id = ""
        self.index = SegmentIndex()
        self.sync_s = 0.0
        self.taken_items = 0

    @property
    def bytes(self) -> int:
        """Bytes on the disk, and those about to be."""
        return self._waiting_bytes + self.index.bytes

    async def append(self, entry: AppendRequest) -> None:
        """Return when the entry is durable; raises Refused when the disk does not take it."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(entry, answer))
        self._waiting_bytes += entry.size
        if not self._is_writing:
            self._write_waiting()
        try:
            await answer
        finally:
            del answer  # a failure has this frame in its traceback: a circle would keep the entry until garbage is collected

    def _write_waiting(self) -> None:
        batch, self._waiting = self._waiting, []
        self._is_writing = True
        self._in_thread(partial(self._writer.commit, [waiting.entry for waiting in batch]), partial(self._wrote, batch))

    def _in_thread(self, work: Callable[[], AppendResult], took: Callable[["Future[AppendResult]"], None]) -> None:
        """Run work in the signal's thread; `took` gets on the loop what became of it, in the order in which works ended.

        The order matters: what a seal ended must be taken before what was written behind it, as the last one says what is open.
        """
        loop = asyncio.get_running_loop()

        def tell(done: "Future[AppendResult]") -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(took, done)

        self._thread.submit(work).add_done_callback(tell)

    def _wrote(self, batch: list[_Waiting], done: "Future[AppendResult]") -> None:
        self._is_writing = False
        self._waiting_bytes -= sum(waiting.entry.size for waiting in batch)
        outcome, failure = _result(done)
        self._take(outcome, [waiting.entry for waiting in batch[: outcome.written]])
        for at, waiting in enumerate(batch):
            _answer(waiting.answer, None if at < outcome.written or failure is None else self._explain(failure))
        if self._waiting:
            self._write_waiting()

    def _take(self, outcome: AppendResult, written: Sequence[AppendRequest] = ()) -> None:
        was_open, opened = self.index.opened, outcome.opened
        self.index.add(outcome.sealed, opened)
        is_more_of_the_same = was_open is not None and opened is not None and was_open.id == opened.id
        if opened and not is_more_of_the_same:
            self._opened_at = time.monotonic()
        self.sync_s = outcome.sync_s or self.sync_s
        if outcome.sealed or not is_more_of_the_same or self._is_closing or self._open_due_in(self._opened_at) <= 0:
            self._stirred.set()  # else who waits knows already when there will be work
        changes: dict[CountKey, int] = {}
        for entry in written:
            for key, amount in entry.changes.items():
                changes[key] = changes.get(key, 0) + amount
            self.taken_items += entry.items
        self._changed(changes)

    async def next(self) -> Segment | None:
        """Wait for the oldest segment that is due. None when the queue is being emptied and nothing is left to send."""
        while True:
            now = time.monotonic()
            if (segment := self.index.first_due(now)) is not None:
                return segment
            if self.index.opened and self._open_due_in(now) <= 0:
                if self._opened_at + self._max_age_s <= now:
                    self._came_of_age()
                await self.seal()
            elif self._is_hurried and not self._is_writing and not self._waiting:
                return None
            else:
                await self._rest(now)

    def hasten(self) -> frozenset[str]:
        """Make what is open due now, and return the ids of all segments that are still to be stored. Nothing stirs when all is under way."""
        opened = self.index.opened
        if opened is not None and opened.id != self._hastened_id:
            self._hastened_id = opened.id
            self._stirred.set()
        return frozenset(segment.id for segment in self.index.segments)

    def drain(self) -> None:
        """Make everything due at once, as a stop needs it."""
        self._is_hurried = True
        self._stirred.set()

    async def seal(self) -> None:
        """Close the open segment now."""
        answer = asyncio.get_running_loop().create_future()
        self._in_thread(self._writer.seal, partial(self._sealed, answer))
        await answer

    def _sealed(self, answer: "asyncio.Future[None]", done: "Future[AppendResult]") -> None:
        outcome, failure = _result(done)
        if failure is None:
            self._take(outcome)
        if answer.done():  # who asked for it has gone
            return
        if failure is None:
            answer.set_result(None)
        else:
            answer.set_exception(failure)

    def keep_stored(self, segment: Segment) -> None:
        """Keep a segment that is stored, until the store's disk has it for certain: it is not sent again by this process."""
        self.index.keep_stored(segment)
        self._changed({})

    async def enter(self, segment: Segment, content: "builtins.bytes", slices_text: "builtins.bytes | None", changes: Changes) -> None:
        """Take in a whole segment under the id that it has, durably; one that is here already is not taken twice. Raises OSError.

        One that is on its way out is: FileNotFoundError says that it is not out yet.
        """
        if segment.id in self.index.stored:
            return
        loop = asyncio.get_running_loop()
        if self.index.is_sealed(segment.id):
            await loop.run_in_executor(self._thread, self._disk.size, segment.path)
            return
        await loop.run_in_executor(self._thread, _write_whole, self._disk, self.index.spent, segment, content, slices_text)
        self.index.add([segment], self.index.opened)
        self._stirred.set()
        self._changed(changes)

    async def remove(self, segments: Iterable[Segment]) -> None:
        """Forget segments that are stored or set aside, and remove their files. Raises OSError where they stay.

        What cannot be removed now is removed with a later one. Sending it again after a restart changes nothing: its token is known.
        """
        for segment in segments:
            self.index.retire(segment)
        self._changed({})
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, _unlink_all, self._disk, self.index.spent)
        finally:
            self._changed({})

    def _open_due_in(self, now: float) -> float:
        opened = self.index.opened
        is_worth_it = opened is not None and (opened.size >= self._worth_bytes or opened.id == self._hastened_id)
        return 0.0 if self._is_hurried or is_worth_it else self._opened_at + self._max_age_s - now

    async def _rest(self, now: float) -> None:
        """Sleep until something is due or something changes."""
        waits = [self.index.due_in(now)]
        if self.index.opened:
            waits.append(self._open_due_in(now))
        await next_change(self._stirred, min((wait for wait in waits if wait is not None), default=None))

    async def close(self) -> None:
        """Finish what is being written, seal, and end the thread."""
        self._is_closing = True
        while self._is_writing:
            await next_change(self._stirred)
        await self.seal()
        self._thread.shutdown(wait=False)


def _result(done: "Future[AppendResult]") -> tuple[AppendResult, BaseException | None]:
    if done.cancelled():
        return AppendResult(), Refused("the journal is closing")
    if (trouble := done.exception()) is not None:
        return AppendResult(), trouble
    return done.result(), done.result().failure


def _answer(future: "asyncio.Future[None]", trouble: Refused | None) -> None:
    if future.done():  # the sender has gone
        return
    if trouble is None:
        future.set_result(None)
    else:
        future.set_exception(trouble)


def _write_whole(disk: Disk, spent: list[Segment], segment: Segment, content: bytes, slices_text: bytes | None) -> None:
    """Write a segment's file, after its list of parts; one of that name that could not be removed before is not to be removed any more."""
    for one in [one for one in spent if one.id == segment.id]:
        spent.remove(one)
    if slices_text is None:
        disk.unlink(segment.parts_path)
    else:
        replace_file(disk, segment.parts_path, slices_text)
    replace_file(disk, segment.path, content)


def _unlink_all(disk: Disk, spent: list[Segment]) -> None:
    """Remove segments before their lists of parts: a list alone means nothing, a segment without its list is sent as if for the first time."""
    going = list(spent)
    for segment in going:
        disk.unlink(segment.path)
    for folder in {segment.path.parent for segment in going}:
        disk.sync_folder(folder)
    for segment in going:
        disk.unlink(segment.parts_path)
    del spent[: len(going)]
