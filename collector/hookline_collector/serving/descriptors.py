"""Open files and connections: as many as the system lets this process have.

The soft limit is often 1,024, which three listeners' connections alone can use up; then the journal could not open a segment.
"""

from __future__ import annotations

import contextlib
import resource

ENOUGH = 65_536


def raise_limit() -> None:
    """Raise the soft limit of open files towards the hard one; a system that does not let us leaves it as it is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
