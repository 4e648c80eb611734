"""The spool's folders and the limits that the hook reads.

<data>/spool/           0700
    PID-N.ev            an event, 0600
    .PID-N              an event that is being written
    limits              "max_bytes max_files", for the hook, and on a line of its own the spool's name in traces elsewhere (`lost.py`): hooks
                        that an older version installed take all of the first line behind max_bytes for max_files
    full                there while the spool is past a limit: hooks drop new events
    dropped             one byte a dropped event
    bad/                what could not be read
"""

import hashlib
import os
from pathlib import Path

from hookline.settings import Settings
from hookline.system.files import write_private

LIMITS = "limits"
FULL = "full"
DROPPED = "dropped"
BAD = "bad"


def prepare(settings: Settings) -> Path:
    """Make the private folders and write the limits; return the spool's folder. Existing events stay."""
    folder = settings.spool_dir
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for private in (folder, folder / BAD):
        private.mkdir(mode=0o700, exist_ok=True)
        private.chmod(0o700)
    write_private(folder / LIMITS, f"{settings.spool.max_bytes} {settings.spool.max_files}\n{spool_id(folder)}\n")
    return folder


def spool_id(folder: Path) -> str:
    """Return what a spool is called in traces."""
    return hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:16]


def count_dropped(folder: Path) -> int:
    """Return how many events the hooks have dropped since the spool was made."""
    try:
        return (folder / DROPPED).lstat().st_size
    except OSError:
        return 0


def set_flag(path: Path, raised: bool) -> None:
    """Make or remove a flag file; a folder that is gone has no flags."""
    try:
        if raised:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        else:
            path.unlink(missing_ok=True)
    except OSError:
        return  # the hook looks for itself
