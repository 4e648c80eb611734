"""What stands in the way of an answer, whatever the database: gone, not allowed, or not this time."""

from __future__ import annotations

from typing import Final

from hookline.errors import HooklineError

ALL_TAKEN: Final = "all connections are taken"
"""Why a connection was not opened."""


class LinkLost(HooklineError):
    """The connection is gone, or the server does not answer; a new one may be opened."""


class NotVisible(HooklineError):
    """The server refuses this statement for want of a privilege or an extension; asking again soon will not help."""


class NotNow(HooklineError):
    """The statement took too long or would have waited for a lock; it may work next time."""
