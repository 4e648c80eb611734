"""A table whose pages are read from the disk each time: what the system keeps of its files in memory is dropped again and again.

The reads are real ones. What the server itself keeps in its buffers stays, so the table must be larger than those.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

from support.postgres import PostgresServer

EVERY_S = 0.05


@contextlib.contextmanager
def read_from_disk(server: PostgresServer, table: str) -> Iterator[None]:
    """Let reads of a table go to the disk until the block ends."""
    server.run("CHECKPOINT")
    ((path,),) = server.run("SELECT pg_relation_filepath(%s::regclass)", table)
    first = server.folder / "data" / path
    with contextlib.ExitStack() as opened:
        files = [opened.enter_context(each.open("rb")).fileno() for each in (first, *first.parent.glob(f"{first.name}.*"))]
        for file in files:
            os.fsync(file)  # only what is on the disk can be dropped
        stop = threading.Event()
        dropping = threading.Thread(target=_drop, args=(files, stop), daemon=True)
        dropping.start()
        try:
            yield
        finally:
            stop.set()
            dropping.join()


def _drop(files: list[int], stop: threading.Event) -> None:
    while not stop.wait(EVERY_S):
        for file in files:
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
