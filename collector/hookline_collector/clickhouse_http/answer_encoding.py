"""From a statement's pieces to the bytes of the answer: ClickHouse's frames, or a content coding, or neither. Made in a thread."""

from __future__ import annotations

from hookline_collector.clickhouse_http.body_codings import coder_for
from hookline_collector.clickhouse_http.native_frames import framed


class AnswerEncoding:
    """Encodes one answer. Frames are for programs that undo them themselves, so they are not compressed once more."""

    def __init__(self, coding: str, *, is_framed: bool) -> None:
        self._is_framed = is_framed
        self.coding = "" if is_framed else coding
        self._coder = coder_for(self.coding) if self.coding else None

    def more(self, piece: bytes) -> bytes:
        """Encode a piece."""
        if self._is_framed:
            return framed(piece)
        return self._coder.more(piece) if self._coder is not None else piece

    def end(self) -> bytes:
        """Return what ends the answer."""
        return self._coder.end() if self._coder is not None else b""
