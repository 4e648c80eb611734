"""Rewinding the embedded engine's folder to its waterline, before the engine opens it.

After a power cut, the disk may hold any mixture of what lies above the waterline (`waterline`). Rows without their token would be stored
twice; tokens without their rows would keep those rows out. So all of it goes: every part with a block above the table's level, and every
token of such a block. What remains is exactly what was there when the waterline rose, and the journal still holds everything since.

A part that a merge made across the level goes as well. Its sources are still there, because the engine keeps them (`old_parts_lifetime`)
longer than the waterline takes to rise. Where they are gone, the part and its tokens stay, and the log says so.

Rewinding twice changes nothing, so an interruption does no harm.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from hookline.system.files import write_private
from hookline_collector.store.embedded.parts import EnginePart, part_of, parts, tables, token_logs

log = logging.getLogger(__name__)


def rewind(folder: Path, levels: Mapping[str, int]) -> int:
    """Remove what lies above the levels (by a table's folder) and return how many parts that were. Of unknown tables it only repairs the logs."""
    removed = 0
    for table in tables(folder):
        level = levels.get(str(table.relative_to(folder)))
        gone = [] if level is None else above(parts(table), level)
        for part in gone:
            shutil.rmtree(table / part.name)
        kept = parts(table)
        for path in token_logs(table):
            _mend(path, kept, level)
        removed += len(gone)
    return removed


def above(found: Iterable[EnginePart], level: int) -> list[EnginePart]:
    """Return the parts that have a block above the level and can go."""
    found = list(found)
    below = {(part.partition, part.first) for part in found if part.last <= level}
    gone = []
    for part in found:
        if part.last <= level:
            continue
        if part.first <= level and (part.partition, part.first) not in below:
            log.warning("%s reaches past the waterline and its source parts are gone: it stays, and the last requests may be stored twice", part.name)
        else:
            gone.append(part)
    return gone


def _mend(path: Path, kept: list[EnginePart], level: int | None) -> None:
    """Keep of a token log the whole lines whose block is still there or was below the level."""
    content = path.read_bytes()
    wanted = b"".join(line for line in content.splitlines(keepends=True) if _counts(line, kept, level))
    if wanted == content:
        return
    draft = path.parent.with_name(path.name)  # the engine takes every file in the logs' own folder for a log
    write_private(path, wanted, sync=True, draft=draft)


def _counts(line: bytes, kept: list[EnginePart], level: int | None) -> bool:
    fields = line.split(b"\t")
    if len(fields) != 3 or not line.endswith(b"\n") or fields[0] not in (b"1", b"2"):
        return False
    part = part_of(fields[1].decode(errors="replace"))
    return part is not None and (level is None or part.last <= level or any(one.last > level and one.spans(part) for one in kept))
