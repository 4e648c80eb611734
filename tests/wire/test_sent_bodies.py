"""Bodies that are sent in blocks, and the search for a text in bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline_collector.wire import block_body, searching
from hookline_collector.wire.block_body import BlockBody
from hookline_collector.wire.searching import holds
from support.cases import with_each

pieces_of_any_size = st.lists(st.binary(max_size=25), max_size=8)


def test_blocks_hold_the_pieces_in_order_each_of_the_same_size_but_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """As often as they are asked for: what is sent a second time is all of it."""
    monkeypatch.setattr(block_body, "BLOCK_BYTES", 8)

    @given(pieces=pieces_of_any_size)
    def check(pieces: list[bytes]) -> None:
        body, whole = BlockBody([memoryview(piece) for piece in pieces], sum(map(len, pieces))), b"".join(pieces)
        for _ in range(2):
            assert list(body) == [whole[at : at + 8] for at in range(0, len(whole), 8)]

    check()


@with_each("has_library", [True, False])
def test_a_text_is_found_wherever_it_stands(monkeypatch: pytest.MonkeyPatch, has_library: bool) -> None:
    """Behind bytes of zero, too, and with and without the C library's search."""
    if not has_library:
        monkeypatch.setattr(searching, "_memmem", None)

    @given(before=st.binary(max_size=40), text=st.binary(min_size=1, max_size=20), after=st.binary(max_size=40))
    def check(before: bytes, text: bytes, after: bytes) -> None:
        assert holds(before + text + after, text)
        assert holds(bytearray(before + text + after), text)
        assert holds(before + after, text) == holds(bytearray(before + after), text) == (text in before + after)

    check()
