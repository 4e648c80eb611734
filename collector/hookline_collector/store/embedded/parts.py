"""The embedded engine's folder seen as files: its tables, their parts, and the logs in which they remember tokens.

A part's folder is named `<partition>_<first block>_<last block>_<level>`, sometimes with `_<mutation>` at the end. Each insert into a
table makes one block per partition, and the engine numbers blocks in the order in which it stores them. A merged part spans the blocks
of its sources. A line of a token log is `<1 for added, 2 for dropped> <part> <token>`, with tabs between.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LOGS = "deduplication_logs"
_PART = re.compile(r"([^_]+)_(\d{1,18})_(\d{1,18})_(\d{1,9})(?:_\d{1,18})?", re.ASCII)


class EnginePart(NamedTuple):
    """A part, by its name."""

    name: str
    partition: str
    first: int
    last: int

    def spans(self, other: EnginePart) -> bool:
        """Whether all of another part's blocks are in this one's range."""
        return self.partition == other.partition and self.first <= other.first and other.last <= self.last


def part_of(name: str) -> EnginePart | None:
    """Return the part that a name says, None for any other name (such as that of a part that is being written)."""
    found = _PART.fullmatch(name)
    return EnginePart(name, found[1], int(found[2]), int(found[3])) if found else None


def tables(folder: Path) -> Iterator[Path]:
    """Yield the folders of the tables that remember tokens; nothing where the engine never ran."""
    try:
        groups = sorted((folder / "store").iterdir())
    except FileNotFoundError:
        return
    for group in groups:
        if group.is_dir() and not group.is_symlink():
            yield from (table for table in sorted(group.iterdir()) if (table / LOGS).is_dir() and not table.is_symlink())


def parts(table: Path) -> list[EnginePart]:
    """Return a table's parts, those that were merged into others included as long as they are there."""
    return [part for entry in os.scandir(table) if (part := part_of(entry.name)) is not None]


def last_block(table: Path) -> int:
    """Return the number of the last block that a table has, 0 for none."""
    return max((part.last for part in parts(table)), default=0)


def token_logs(table: Path) -> list[Path]:
    """Return the files in which a table remembers tokens."""
    return sorted(path for path in (table / LOGS).iterdir() if path.suffix == ".txt")
