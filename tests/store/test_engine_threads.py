"""The engine's threads."""

from __future__ import annotations

import ctypes
import sys

import pytest

from hookline_collector.store.embedded.engine import SLACK_NS, waking_rarely

_PR_GET_TIMERSLACK = 30


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a timer slack")
def test_threads_that_are_started_meanwhile_wake_together_with_others() -> None:
    """The thread that starts them wakes as ever afterwards."""
    prctl = ctypes.CDLL(None).prctl
    before = prctl(_PR_GET_TIMERSLACK)
    with waking_rarely():
        assert prctl(_PR_GET_TIMERSLACK) % 2**32 == SLACK_NS % 2**32
    assert prctl(_PR_GET_TIMERSLACK) == before
