"""Undoing a Content-Encoding with the size of the result bounded: never is much more made than the limit.

gzip (also of several members), deflate (with and without zlib's frame, as both are sent) and zstd. Encodings may be
listed; two are enough for anyone.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import zstandard

from hookline.errors import Rejected, TooLarge
from hookline_collector.receive.status import UnsupportedMedia

ENCODINGS = ("gzip", "deflate", "zstd")
_MAX_LISTED = 2
_MAX_MEMBERS = 1_000
_PIECE_BYTES = 64 * 1024
_ZSTD_PIECE_BYTES = 512  # four bytes can stand for a block of 128 KiB, so this many make at most 16 MiB


def named_encodings(header: str) -> list[str]:
    """Return the encodings of a Content-Encoding header in the order of undoing. Raises UnsupportedMedia for others than ours."""
    names = [name for part in header.split(",") if (name := part.strip().lower().removeprefix("x-")) not in ("", "identity")]
    unknown = [name for name in names if name not in ENCODINGS]
    if unknown:
        raise UnsupportedMedia(f"Content-Encoding {unknown[0][:40]!r} is not supported; use gzip, deflate, zstd or none")
    if len(names) > _MAX_LISTED:
        raise UnsupportedMedia(f"more than {_MAX_LISTED} encodings on one body")
    return names[::-1]


def decompress(encodings: list[str], body: bytes, limit: int) -> bytes:
    """Undo the encodings. Raises TooLarge past `limit` bytes, Rejected for a body that is not what it says."""
    undo: dict[str, Callable[[bytes, int], bytes]] = {"gzip": _gunzip, "deflate": _inflate, "zstd": _unzstd}
    for encoding in encodings:
        try:
            body = undo[encoding](body, limit)
        except (zlib.error, zstandard.ZstdError, EOFError) as why:
            raise Rejected(f"the body is not {encoding}, although Content-Encoding says so: {why}") from None
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    """Undo gzip; members follow one another, and zeros may pad the end."""
    out = bytearray()
    at = 0
    for _ in range(_MAX_MEMBERS):
        at = _undo_stream(zlib.decompressobj(zlib.MAX_WBITS | 16), body, at, out, limit)
        if not body[at : at + 512].strip(b"\0"):
            return bytes(out)
    raise TooLarge(f"more than {_MAX_MEMBERS} gzip members in one body")


def _inflate(body: bytes, limit: int) -> bytes:
    """Undo deflate: in zlib's frame as HTTP means it, else the bare stream that some send."""
    out = bytearray()
    framed = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    if _undo_stream(zlib.decompressobj(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS), body, 0, out, limit) < len(body):
        raise EOFError("bytes follow its end")
    return bytes(out)


def _undo_stream(stream: zlib._Decompress, body: bytes, at: int, out: bytearray, limit: int) -> int:
    """Append the content of the stream that begins at `at` and return where it ends."""
    while at < len(body):
        piece = body[at : at + _PIECE_BYTES]
        at += len(piece)
        while piece and not stream.eof:
            out += stream.decompress(piece, limit + 1 - len(out))
            _check(out, limit)
            piece = stream.unconsumed_tail
        if stream.eof:
            return at - len(stream.unused_data)
    raise EOFError("it ends too early")


def _unzstd(body: bytes, limit: int) -> bytes:
    """Undo zstd, frame after frame. A window larger than 8 MiB is refused, as RFC 8878 advises."""
    out = bytearray()
    at = 0
    for _ in range(_MAX_MEMBERS):
        at = _undo_frame(zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024).decompressobj(), body, at, out, limit)
        if at == len(body):
            return bytes(out)
    raise TooLarge(f"more than {_MAX_MEMBERS} zstd frames in one body")


def _undo_frame(frame: zstandard.ZstdDecompressionObj, body: bytes, at: int, out: bytearray, limit: int) -> int:
    """Append the content of the frame that begins at `at` and return where it ends. The library bounds no output, so the input is."""
    while at < len(body):
        piece = body[at : at + _ZSTD_PIECE_BYTES]
        at += len(piece)
        out += frame.decompress(piece)
        _check(out, limit)
        if frame.eof:
            return at - len(frame.unused_data)
    raise EOFError("it ends too early")


def _check(out: bytearray, limit: int) -> None:
    if len(out) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes after decompression; send smaller batches or raise limits.max_body_bytes")
