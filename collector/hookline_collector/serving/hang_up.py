"""SIGHUP, told to everybody who has files to read again.

In a terminal the signal says that it was closed, and ends the process as ever; elsewhere somebody who changed a file sends it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading


class HangUps:
    """Who is told when the signal comes; one handler a process, installed when the first asks."""

    def __init__(self) -> None:
        self._told: list[asyncio.Event] = []

    def event(self) -> asyncio.Event:
        """Return an event that is set whenever the signal comes. To be asked for on the loop."""
        if not self._told and threading.current_thread() is threading.main_thread() and not os.isatty(0):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.tell)
        found = asyncio.Event()
        self._told.append(found)
        return found

    def tell(self) -> None:
        """Tell everybody."""
        for event in self._told:
            event.set()
