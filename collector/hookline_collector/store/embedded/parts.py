"""The embedded engine's folder seen as files: its tables, their parts, and the logs in which they remember tokens.

A part's folder is named `<partition>_<first block>_<last block>_<level>`, sometimes with `_<mutation>` at the end. Each insert into a
table makes one block per partition, and the engine numbers blocks in the order in which it stores them. A merged part spans the blocks
of its sources. A line of a token log is `<1 for added, 2 for dropped> <part> <token>`, with tabs between.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
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
    yield from (place for place in places(folder) if (place / LOGS).is_dir())


def places(folder: Path) -> Iterator[Path]:
    """Yield the folders of all tables and databases; nothing where the engine never ran."""
    for group in _folders(folder / "store"):
        yield from _folders(group)


def _folders(folder: Path) -> list[Path]:
    """Return the folders in a folder, in order, without asking the disk for each; nothing of one that is not there."""
    try:
        with os.scandir(folder) as found:
            return sorted(folder / entry.name for entry in found if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []


class FolderContents(NamedTuple):
    """What the engine has in its folder: the last block of each table that remembers tokens, by its folder in the engine's, 0 for none, and
    `entries`, a digest of each database, table, part, mutation and definition, by name and inode.

    The digest is another one as soon as something is inserted, merged, changed or removed: the engine never writes into a part or a definition
    that is there, but puts a new file or folder in its place. Of the token logs it says nothing; only inserts write them.
    """

    levels: Mapping[str, int]
    entries: bytes


def contents(folder: Path) -> FolderContents:
    """Look through the engine's folder once."""
    digest, levels = blake2b(digest_size=16), dict[str, int]()
    for place in (folder / "metadata", *places(folder)):
        found = _entries(place)
        digest.update(repr((str(place), found)).encode())
        if any(name == LOGS for name, _ in found):
            levels[str(place.relative_to(folder))] = max((part.last for name, _ in found if (part := part_of(name)) is not None), default=0)
    return FolderContents(levels, digest.digest())


def _entries(folder: Path) -> list[tuple[str, int]]:
    """Return the names and inodes in a folder; nothing of one that was removed meanwhile, or was not made yet."""
    try:
        with os.scandir(folder) as found:
            return sorted((entry.name, entry.inode()) for entry in found)
    except FileNotFoundError:
        return []


def parts(table: Path) -> list[EnginePart]:
    """Return a table's parts, those that were merged into others included as long as they are there."""
    return [part for entry in os.scandir(table) if (part := part_of(entry.name)) is not None]


def token_logs(table: Path) -> list[Path]:
    """Return the files in which a table remembers tokens."""
    return sorted(path for path in (table / LOGS).iterdir() if path.suffix == ".txt")
