"""HTTP's content codings: undone on what clients send, within a limit; made for what they are answered, piece by piece."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Protocol

import lz4.frame
import zstandard

from hookline.errors import Rejected, TooLarge
from hookline_collector.receive.compression import decompress, named_encodings

_PREFERRED = ("lz4", "zstd", "gzip", "deflate")
"""What is cheapest first: most clients are on the same machine."""


class AnswerCoder(Protocol):
    """Encodes one answer."""

    def more(self, piece: bytes) -> bytes:
        """Encode a piece, so that whoever reads can read all of it."""

    def end(self) -> bytes:
        """Return what ends the answer."""


def decoded(coding: str, body: bytes, limit: int) -> bytes:
    """Undo a request's Content-Encoding. Raises Rejected, TooLarge past `limit` bytes."""
    name = coding.strip().lower()
    return _unlz4(body, limit) if name == "lz4" else decompress(named_encodings(name), body, limit)


def accepted_coding(accept: str) -> str:
    """Return the coding of an answer for a header Accept-Encoding; empty for none."""
    wanted = {name.strip(): weight.replace(" ", "") for part in accept.lower().split(",") for name, _, weight in (part.partition(";"),)}
    return next((name for name in _PREFERRED if name in wanted and wanted[name] not in ("q=0", "q=0.0", "q=0.00", "q=0.000")), "")


def coder_for(coding: str) -> AnswerCoder:
    """Return what encodes an answer."""
    makers: dict[str, Callable[[], AnswerCoder]] = {
        "lz4": _Lz4Coder,
        "zstd": _ZstdCoder,
        "gzip": lambda: _ZlibCoder(zlib.MAX_WBITS | 16),
        "deflate": lambda: _ZlibCoder(zlib.MAX_WBITS),
    }
    return makers[coding]()


class _Lz4Coder:
    def __init__(self) -> None:
        self._frame = lz4.frame.LZ4FrameCompressor(auto_flush=True)
        self._head = self._frame.begin()

    def more(self, piece: bytes) -> bytes:
        """Encode a piece."""
        head, self._head = self._head, b""
        return bytes(head + self._frame.compress(piece))

    def end(self) -> bytes:
        """End the frame."""
        head, self._head = self._head, b""
        return bytes(head + self._frame.flush())


class _ZstdCoder:
    def __init__(self) -> None:
        self._frame = zstandard.ZstdCompressor(level=1).compressobj()

    def more(self, piece: bytes) -> bytes:
        """Encode a piece."""
        return self._frame.compress(piece) + self._frame.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    def end(self) -> bytes:
        """End the frame."""
        return self._frame.flush()


class _ZlibCoder:
    def __init__(self, window_bits: int) -> None:
        self._stream = zlib.compressobj(1, zlib.DEFLATED, window_bits)

    def more(self, piece: bytes) -> bytes:
        """Encode a piece."""
        return self._stream.compress(piece) + self._stream.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        """End the stream."""
        return self._stream.flush()


def _unlz4(body: bytes, limit: int) -> bytes:
    try:
        found = lz4.frame.LZ4FrameDecompressor()
        out = bytes(found.decompress(body, max_length=limit + 1))
    except RuntimeError as why:
        raise Rejected(f"the body is not lz4, although Content-Encoding says so: {why}") from None
    if len(out) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes after decompression")
    return out
