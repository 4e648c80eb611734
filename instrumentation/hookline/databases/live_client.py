"""Reads what a running agent sees, for commands; nothing of the drivers is imported."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any

from hookline.databases.live_socket import address_path
from hookline.errors import HooklineError, NotRunning
from hookline.settings import Settings

PATIENCE_S = 5.0


def live_views(settings: Settings, database: str | None = None, *, follow: bool = False) -> Iterator[dict[str, Any]]:
    """Yield what is seen of the databases, once each or without end. Raises NotRunning, and HooklineError where none has that name."""
    with contextlib.closing(_connected(settings)) as connection, connection.makefile("rwb") as stream:
        stream.write(json.dumps({"database": database, "follow": follow}).encode() + b"\n")
        stream.flush()
        for line in stream:
            told = json.loads(line)
            if "error" in told:
                raise HooklineError(f"{told['error']}; there are {', '.join(told['databases'])}")
            yield told


def _connected(settings: Settings) -> socket.socket:
    missing = NotRunning("no `hookline databases` runs on this data folder: start it, or `hookline up` with [databases.NAME] in the settings file")
    try:
        path = json.loads(address_path(settings).read_text())["socket"]
    except (OSError, ValueError, KeyError):
        raise missing from None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(PATIENCE_S)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise missing from None
    return connection
