"""Looks as they are made, over a socket of this machine that only its owner may open: what `hookline db top` and `hookline db locks` read.

A client sends one line of JSON (`{"database": "shop", "follow": true}`; without a database all of them) and gets a line for each look. A client
that reads slowly gets fewer looks, not older ones: the next line is made when the one before has gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from hookline.databases.database_events import shown
from hookline.databases.database_watch import DatabaseWatch
from hookline.databases.lock_trees import LockNode, lock_trees, waited_s
from hookline.databases.samples import SessionSample, SessionsLook
from hookline.settings import Settings

MAX_SESSIONS_SHOWN = 200
MAX_PATH_BYTES = 100
"""The system allows little more for a socket's path."""
BLIND_AGAIN_S = 1.0


def address_path(settings: Settings) -> Path:
    """Return the file that says where the agent's socket is."""
    return settings.data_dir / "databases.json"


def view(watch: DatabaseWatch) -> dict[str, Any]:
    """Return what is to be seen of a database now."""
    look = watch.ring.latest
    now_ns = time.time_ns()
    told: dict[str, Any] = {
        "database": watch.where.name,
        "system": watch.where.system,
        "version": watch.state.version,
        "state": watch.state.state,
        "why": shown(watch.state.why, 1_000),
        "since_s": round((now_ns - watch.state.since_ns) / 1e9, 1),
        "cores": watch.state.cores,
        "age_s": round(watch.age_s(now_ns), 3) if look else None,
    }
    return told | (_view_of(look, watch) if look else {"active": 0, "by_class": {}, "sessions": [], "trees": []})


def _view_of(look: SessionsLook, watch: DatabaseWatch) -> dict[str, Any]:
    by_class: dict[str, float] = {}
    looks = watch.ring.last(5)
    for each in looks:
        for session in each.sessions:
            by_class[str(session.wait_class)] = by_class.get(str(session.wait_class), 0) + each.stands_for_s
    seconds = sum(each.stands_for_s for each in looks) or 1.0
    sessions = sorted(look.sessions, key=lambda session: (not session.is_load, -session.statement_s))
    found: dict[str, Any] = {
        "at_ns": look.at_ns,
        "pace_s": round(look.stands_for_s, 3),
        "active": look.active,
        "by_class": {name: round(value / seconds, 2) for name, value in sorted(by_class.items(), key=lambda item: -item[1])},
        "sessions": [_session(session) for session in sessions[:MAX_SESSIONS_SHOWN]],
        "trees": [[_node(node) for node in (tree.root, *tree.waiting[:MAX_SESSIONS_SHOWN])] for tree in lock_trees(look.sessions)],
    }
    if look.cores is not None:
        found |= {"running": round(look.cores.running, 2), "queued": round(look.cores.queued, 2)}
    return found


def _session(session: SessionSample) -> dict[str, Any]:
    statement = session.statement
    return {
        "pid": session.pid,
        "namespace": session.database,
        "user": shown(session.user),
        "application": shown(session.application),
        "state": session.state or session.backend_type,
        "class": str(session.wait_class),
        "wait": session.wait,
        "statement_s": round(session.statement_s, 3),
        "transaction_s": round(session.transaction_s, 3),
        "hash": statement.hash if statement else "",
        "text": shown(statement.folded, 512) if statement else "",
        "blocked_by": list(session.blocked_by),
    }


def _node(node: LockNode) -> dict[str, Any]:
    lock = node.session.lock if node.session else None
    own = _session(node.session) if node.session else {"pid": node.pid}
    return own | {
        "blocked_by": list(node.blocked_by),
        "depth": node.depth,
        "waiting_s": round(waited_s(node.session), 3) if node.blocked_by else 0.0,
        "mode": lock.mode if lock else "",
        "relation": shown(lock.relation) if lock else "",
        "lock": lock.kind if lock else "",
    }


class LiveSocket:
    """Serves the looks of some watches."""

    def __init__(self, watches: Mapping[str, DatabaseWatch]) -> None:
        self._watches = watches

    @contextlib.asynccontextmanager
    async def served(self, path: Path) -> AsyncIterator[None]:
        """Serve on a socket at this path while the block runs."""
        _remove(path)
        before = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(self._serve, path=str(path))
        finally:
            os.umask(before)
        try:
            yield
        finally:
            server.close()
            _remove(path)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            try:
                asked = json.loads(await reader.readline() or b"{}")
            except ValueError:
                asked = {}
            wanted = [watch for name, watch in self._watches.items() if asked.get("database") in (None, name)]
            if not wanted:
                await _write(writer, {"error": f"no database is named {asked.get('database')}", "databases": sorted(self._watches)})
            elif asked.get("follow"):
                async with asyncio.TaskGroup() as group:
                    for watch in wanted:
                        group.create_task(_follow(watch, writer))
            else:
                for watch in wanted:
                    await _write(writer, view(watch))
        writer.close()


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


async def _follow(watch: DatabaseWatch, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):  # whoever looked on has left
        while not writer.is_closing():
            count = watch.ring.count
            await _write(writer, view(watch))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(watch.ring.newer_than(count), BLIND_AGAIN_S)


async def _write(writer: asyncio.StreamWriter, told: Mapping[str, Any]) -> None:
    writer.write(json.dumps(told, separators=(",", ":")).encode() + b"\n")
    await writer.drain()


def socket_path(settings: Settings) -> Path:
    """Return a path that is short enough: in the data folder, else in a private one of the machine's temporary folder."""
    path = settings.data_dir / "databases.sock"
    if len(os.fsencode(path)) <= MAX_PATH_BYTES:
        return path
    return Path(tempfile.mkdtemp(prefix="hookline-")) / "databases.sock"
