"""Looks over the agent's socket: at once, one after another, and nothing is left of who leaves."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

from hookline.databases.database_events import DatabaseName
from hookline.databases.database_watch import DatabaseWatch
from hookline.databases.live_socket import LiveSocket
from hookline.databases.samples import SessionsLook
from support.watching import RecordingOut

S = 1_000_000_000


async def asked(path: Path, **words: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect and ask."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(json.dumps(words).encode() + b"\n")
    return reader, writer


async def test_who_looks_on_gets_each_look_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """Only the owner may ask; a name that nobody has is said; a client that goes is no defect."""
    watch = DatabaseWatch(DatabaseName("shop", "postgresql"), RecordingOut(), 10.0)
    defects: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: defects.append(what))
    path = tmp_path / "s"
    async with LiveSocket({"shop": watch}).served(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        reader, writer = await asked(path, database="other")
        assert "no database is named other" in json.loads(await reader.readline())["error"]
        writer.close()
        reader, writer = await asked(path, database="shop", follow=True)
        assert json.loads(await reader.readline())["state"] == "blind"
        watch.sees({}, version="15.1", cores=2)
        watch.took(SessionsLook(7 * S, 1.0, 0.01, ()))
        told = json.loads(await reader.readline())
        assert (told["state"], told["at_ns"], told["active"]) == ("seeing", 7 * S, 0)
        writer.close()
        for number in range(20):  # it notices at one of the next looks
            watch.took(SessionsLook((8 + number) * S, 1.0, 0.01, ()))
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert defects == []
    assert not path.exists()
