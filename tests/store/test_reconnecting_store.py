"""The store as delivery meets it, one that may not be there."""

from pathlib import Path

import pytest

from hookline.errors import ConfigInvalid, HooklineError, Refused, Rejected
from hookline.settings import Settings
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.reconnecting import ReconnectingStore


@pytest.mark.parametrize("why", [Rejected("Code: 62. Syntax error"), ConfigInvalid([("store.database", "is of a newer version")]), Refused("away")])
def test_a_store_that_cannot_be_opened_says_nothing_about_the_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: HooklineError) -> None:
    """Whatever is wrong with the store, a segment is kept and tried again, never set aside."""

    def fail(settings: Settings) -> None:
        raise why

    monkeypatch.setattr(Store, "open", fail)
    with pytest.raises(Refused, match=str(why)[:12]):
        ReconnectingStore(Settings(data_dir=tmp_path)).insert(Signal.TRACES, b"x", "token")
