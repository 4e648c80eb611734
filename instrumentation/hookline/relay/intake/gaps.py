"""Filling the gaps that lost events leave: what hooks could not write stands in the client's transcripts.

A drop that is new (of a full spool, a full disk, an unwritable folder) starts a backfill of the conversations that have changed
since it was last known that nothing was missing; a second one follows when the turns that were open then are over. It runs in
a thread of its own, waits while the disk is still full, and is tried again when the endpoint is away.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hookline.errors import HooklineError
from hookline.settings import Settings
from hookline.spool.folder import DROPPED, count_dropped
from hookline.spool.lost import take_lost
from hookline.system.log import LOG

MIN_FREE_BYTES = 16 * 1024 * 1024
MARGIN_S = 900.0  # before the last moment at which nothing was missing
AGAIN_S = 1_200.0  # after that the turns that were open have been quiet for long enough
RETRY_S = 300.0
_NAME = "gaps.json"

Fill = Callable[[Settings, float], None]


@dataclass(frozen=True, slots=True)
class Known:
    """What is dealt with: drops that were filled, when nothing was missing last, and when to fill once more (0: not)."""

    filled: int = 0
    whole_at: float = 0.0
    again_at: float = 0.0


class GapFiller:
    """Looks for new drops and fills their gaps. `fill(settings, since)` reads what has changed since."""

    def __init__(self, settings: Settings, fill: Fill | None = None) -> None:
        self._settings = settings
        self._fill = fill or fill_from_transcripts
        self._path = settings.data_dir / _NAME
        self._thread: threading.Thread | None = None
        self._next_s = 0.0

    @property
    def is_filling(self) -> bool:
        """Whether a backfill runs now."""
        return self._thread is not None and self._thread.is_alive()

    def look(self, now_s: float) -> None:
        """Count what hooks could not write, and begin to fill what is missing. `now_s` is Unix time."""
        take_lost(self._settings.spool_dir)
        known, dropped = self._known(now_s), count_dropped(self._settings.spool_dir)
        is_due = dropped > known.filled or 0 < known.again_at <= now_s
        if not is_due:
            self._remember(Known(min(known.filled, dropped), now_s, known.again_at), known)
        elif not self.is_filling and now_s >= self._next_s and self._has_room():
            self._next_s = now_s + RETRY_S
            self._thread = threading.Thread(target=self._run, args=(known, dropped, now_s), name="hookline-gaps", daemon=True)
            self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait for the backfill that runs."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self, known: Known, dropped: int, now_s: float) -> None:
        LOG.info("%d events could not be kept by hooks: what they told is read from the transcripts", dropped - known.filled)
        try:
            self._fill(self._settings, known.whole_at - MARGIN_S)
        except (HooklineError, OSError) as why:
            LOG.warning("the gap is not filled yet: %s", why)
            return
        is_new = dropped > known.filled
        self._write(Known(dropped, known.whole_at if is_new else now_s, now_s + AGAIN_S if is_new else 0.0))

    def _has_room(self) -> bool:
        try:
            return shutil.disk_usage(self._settings.data_dir).free >= MIN_FREE_BYTES
        except OSError:
            return False

    def _known(self, now_s: float) -> Known:
        """Return what was dealt with; of drops from before this was kept the time is that of the last one."""
        try:
            return Known(**json.loads(self._path.read_text()))
        except (OSError, ValueError, TypeError):
            return Known(whole_at=_modified_s(self._settings.spool_dir / DROPPED, now_s) - 86_400)

    def _remember(self, new: Known, old: Known) -> None:
        if new.filled != old.filled or new.whole_at - old.whole_at > MARGIN_S / 3 or not self._path.exists():
            self._write(new)

    def _write(self, known: Known) -> None:
        part = self._path.with_name(f".{_NAME}-{os.getpid()}")
        try:
            descriptor = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump({"filled": known.filled, "whole_at": known.whole_at, "again_at": known.again_at}, file)
            part.replace(self._path)
        except OSError:
            part.unlink(missing_ok=True)


def fill_from_transcripts(settings: Settings, since_s: float) -> None:
    """Read the conversations that have changed since, as `hookline backfill` does."""
    from hookline.history.backfill import backfill  # noqa: PLC0415 - what a relay without a gap never needs
    from hookline.history.delivered import DeliveredTurns  # noqa: PLC0415 - the same

    delivered = DeliveredTurns(settings)
    backfill(settings, is_delivered=delivered, prompts_of=delivered.prompts_of, since_s=since_s)


def _modified_s(path: Path, otherwise: float) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return otherwise
