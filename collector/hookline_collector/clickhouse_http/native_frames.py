"""ClickHouse's own compressed frames, which clients ask for with `compress=1`, and send with `decompress=1`.

A frame: CityHash128 of the rest (16 bytes), the method (0x82 LZ4, 0x90 ZSTD, 0x02 none), its size with these nine bytes and the size of what is in
it (each four bytes, little-endian), the data. Answers are framed with LZ4, which every client takes, whatever it names.
"""

from __future__ import annotations

import importlib
import struct
from functools import cache
from typing import Any

import lz4.block
import zstandard

from hookline.errors import Rejected, TooLarge

FRAME_BYTES = 1024 * 1024
_HEAD = struct.Struct("<BII")
_HASH_BYTES = 16
_LZ4, _ZSTD, _NONE = 0x82, 0x90, 0x02


def framed(body: bytes) -> bytes:
    """Return the body as frames."""
    return b"".join(_frame(body[at : at + FRAME_BYTES]) for at in range(0, len(body), FRAME_BYTES))


def unframed(body: bytes, limit: int) -> bytes:
    """Return what is in the frames. Raises Rejected for what is none, TooLarge past `limit` bytes."""
    out, at = bytearray(), 0
    while at < len(body):
        if len(body) - at < _HASH_BYTES + _HEAD.size:
            raise Rejected("the body ends within a compressed frame")
        method, size, raw_size = _HEAD.unpack_from(body, at + _HASH_BYTES)
        frame = body[at + _HASH_BYTES : at + _HASH_BYTES + size]
        if len(frame) < size or size < _HEAD.size or _hash(frame) != body[at : at + _HASH_BYTES]:
            raise Rejected("a compressed frame of the body is damaged")
        if raw_size > limit - len(out):
            raise TooLarge(f"the body is larger than {limit} bytes after decompression")
        out += _content(method, frame[_HEAD.size :], raw_size)
        at += _HASH_BYTES + size
    return bytes(out)


def _frame(piece: bytes) -> bytes:
    data = bytes(lz4.block.compress(piece, store_size=False))
    frame = _HEAD.pack(_LZ4, len(data) + _HEAD.size, len(piece)) + data
    return _hash(frame) + frame


@cache
def _city_hash() -> Any:
    """Load the hash when the first frame is made: most clients ask for none."""
    return importlib.import_module("clickhouse_cityhash.cityhash").CityHash128


def _hash(frame: bytes) -> bytes:
    """Return CityHash128 as ClickHouse writes it: the lower half first."""
    value: int = _city_hash()(frame)
    return struct.pack("<QQ", value >> 64, value & 0xFFFFFFFFFFFFFFFF)


def _content(method: int, data: bytes, raw_size: int) -> bytes:
    try:
        if method == _LZ4:
            return bytes(lz4.block.decompress(data, uncompressed_size=raw_size))
        if method == _ZSTD and zstandard.frame_content_size(data) in (-1, raw_size):
            return bytes(zstandard.ZstdDecompressor().decompress(data, max_output_size=raw_size))
    except (lz4.block.LZ4BlockError, zstandard.ZstdError) as why:
        raise Rejected(f"a compressed frame of the body cannot be read: {why}") from None
    if method == _NONE and len(data) == raw_size:
        return data
    raise Rejected(f"the body's compression 0x{method:02x} is not known here; use LZ4 or ZSTD")
