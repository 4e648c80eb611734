"""What clickhouse-go, and so Grafana, asks first on each connection over HTTP.

It reads this one answer at its own revision: with block information in front and a byte behind each column's type. Told revision 0, it reads all
that follows as the engine writes Native. A column's names and types are the statement's.
"""

from __future__ import annotations

import struct

_STATEMENT = "SELECT displayName(), version(), revision(), timezone()"
_BLOCK_INFO = bytes((1, 0, 2)) + struct.pack("<i", -1) + bytes((0,))
REVISION = 0


def is_handshake(formatted: str, protocol: int) -> bool:
    """Whether a formatted statement, of a client of this protocol, is the first question of clickhouse-go."""
    return protocol > 0 and " ".join(formatted.split()) == _STATEMENT


def handshake(display_name: str, version: str, timezone: str) -> bytes:
    """Return the answer in Native, as a client of a newer revision reads it."""
    columns = (
        ("displayName()", "String", _text(display_name)),
        ("version()", "String", _text(version)),
        ("revision()", "UInt32", struct.pack("<I", REVISION)),
        ("timezone()", "String", _text(timezone)),
    )
    body = b"".join(_text(name) + _text(kind) + b"\0" + value for name, kind, value in columns)
    return _BLOCK_INFO + bytes((len(columns), 1)) + body


def _text(text: str) -> bytes:
    encoded = text.encode()
    return bytes((len(encoded),)) + encoded
