"""The test server of `support/clickhouse_server.py`, as ClickHouse's Go client needs it.

That client first asks for the server's name and revision in Native blocks as a newer protocol has them, which the engine embedded in Python does not
write. So this answer is made by hand. It says revision 0, and from then on the client reads blocks as the engine writes them.

Run: clickhouse_for_go.py FOLDER PORT
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import clickhouse_server


def _text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def _hello() -> bytes:
    """One row in a Native block with block info, and for each column that it is serialized as always."""
    columns = (("displayName()", "test"), ("version()", "26.9.2.1"), ("revision()", 0), ("timezone()", "UTC"))
    told = [_text(name) + _column(value) for name, value in columns]
    return b"\x01\x00\x02" + struct.pack("<i", -1) + b"\x00" + bytes([len(columns), 1]) + b"".join(told)


def _column(value: str | int) -> bytes:
    return _text("String") + b"\x00" + _text(value) if isinstance(value, str) else _text("UInt32") + b"\x00" + struct.pack("<I", value)


class GoHandler(clickhouse_server.Handler):
    """HTTP as the Go client speaks it."""

    def _serve(self, body: bytes) -> None:
        if body.startswith(b"SELECT displayName(), version()"):
            self._send(200, _hello(), {"X-ClickHouse-Format": "Native"})
        else:
            super()._serve(body)


if __name__ == "__main__":
    clickhouse_server.Handler = GoHandler  # type: ignore[misc]
    clickhouse_server.main(*sys.argv[1:])
