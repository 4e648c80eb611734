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


def test_whatever_may_have_written_counts_as_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that who looks at the tables after each change misses none: a write that failed may have stored some of it. Questions change nothing."""

    class Halting:
        """A store that answers and takes nothing."""

        def query(self, *_: object) -> str:
            """Answer."""
            return "rows"

        def write(self, *_: object) -> None:
            """Take it."""

        def command(self, *_: object) -> None:
            """Fail."""
            raise Refused("out of memory")

        def insert(self, *_: object) -> None:
            """Fail."""
            raise Rejected("no such column")

    monkeypatch.setattr(Store, "open", lambda settings: Halting())
    monkeypatch.setattr(ReconnectingStore, "_look_for_damage", lambda *_: None)
    store = ReconnectingStore(Settings(data_dir=tmp_path))
    store.query("SELECT 1")
    assert store.changes == 0
    store.write("t", b"")
    with pytest.raises(HooklineError):
        store.command("ALTER TABLE t")
    with pytest.raises(Rejected):
        store.insert(Signal.TRACES, b"x", "token")
    assert store.changes == 3
