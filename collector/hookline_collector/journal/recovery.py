"""What a start finds in a signal's folder.

Each segment is read once: a torn tail is cut off, so that the segment is sealed from then on; one without any record goes.
What was written and not synced when the process died is synced here, all of it at once, before any segment is first inserted. Lists of parts
and drafts whose segment is gone go too.

The folder is not trusted: anything may stand under a segment's name. What cannot be read (a pipe, a device, a link, a file larger than any
segment) is left to the delivery, which sets it aside unread; folders, and names that the journal does not know, are left alone.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from hookline.errors import Corrupt
from hookline_collector.journal import record
from hookline_collector.journal.disk import Disk
from hookline_collector.journal.segment import DRAFT_SUFFIX, PARTS_SUFFIX, SEGMENT_SUFFIX, Segment, age_base, is_segment, read_slices
from hookline_collector.signal import Signal


@dataclass(frozen=True, slots=True)
class RecoveredSegments:
    """The segments of a signal's folder, oldest first, and how many bytes of torn tails were cut."""

    segments: tuple[Segment, ...]
    torn_bytes: int


def recover(disk: Disk, folder: Path, signal: Signal) -> RecoveredSegments:
    """Seal what a former process left. Raises OSError only where the folder cannot be made or listed."""
    disk.make_folder(folder)
    names = sorted(disk.names(folder))
    segments: list[Segment] = []
    torn_bytes = 0
    for name in filter(is_segment, names):
        with contextlib.suppress(IsADirectoryError):
            segment, torn = _sealed(disk, folder / name, signal)
            torn_bytes += torn
            if segment is not None:
                segments.append(segment)
    if segments:
        with contextlib.suppress(OSError):  # a kill took nothing, and after a power cut everything found is on the disk
            disk.sync_all(folder)
    _remove_orphans(disk, folder, names, {segment.path.name for segment in segments})
    return RecoveredSegments(tuple(segments), torn_bytes)


def _sealed(disk: Disk, path: Path, signal: Signal) -> tuple[Segment | None, int]:
    segment_id = path.name.removesuffix(SEGMENT_SUFFIX)
    since = age_base(segment_id)
    try:
        buffer = disk.read(path)
    except IsADirectoryError:
        raise
    except OSError:  # the delivery will meet the same error and set the file aside
        return Segment(segment_id, signal, path, 0, 0, since), 0
    found = record.scan(buffer, record.mark_of(segment_id))
    size = len(buffer) if found.torn_at is None else found.torn_at
    with contextlib.suppress(OSError):  # a tail that stays is not read: the segment's size ends before it
        if not size:
            disk.unlink(path)
        elif size < len(buffer):
            disk.cut(path, size)
    if not size:
        return None, len(buffer)
    whole = Segment(segment_id, signal, path, size, 0, since)
    return Segment(segment_id, signal, path, size, _items(disk, whole, found), since), len(buffer) - size


def _items(disk: Disk, segment: Segment, found: record.Scan) -> int:
    """Return the items still to be stored, those of damaged records included as far as their headers tell."""
    try:
        slices = read_slices(disk, segment)
    except (OSError, Corrupt):
        slices = None
    pieces: tuple[record.Record | record.Damage, ...] = (*found.records, *found.damages)
    return sum(piece.items for piece in pieces if slices is None or any(one.holds(piece) for one in slices))


def _remove_orphans(disk: Disk, folder: Path, names: list[str], kept: set[str]) -> None:
    for name in names:
        stem = name.removesuffix(DRAFT_SUFFIX).removesuffix(PARTS_SUFFIX)
        is_ours = is_segment(stem + SEGMENT_SUFFIX)
        is_orphan = name.endswith(PARTS_SUFFIX) and stem + SEGMENT_SUFFIX not in kept
        if is_ours and (is_orphan or name.endswith(DRAFT_SUFFIX)):
            with contextlib.suppress(OSError):
                disk.unlink(folder / name)
