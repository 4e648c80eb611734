"""While every session waits at its prompt the relay hardly wakes: what is due next, counted on a clock of the test's own."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from hookline.relay import loop as loops
from hookline.relay import monitor as monitors
from hookline.relay.intake import transcript_tail
from hookline.relay.intake.folder_watch import FolderWatch
from hookline.relay.monitor import Monitor
from hookline.settings.schema import RelaySettings
from hookline.spool import SpoolWatch
from hookline.system.inotify import open_inotify


class Parts(SimpleNamespace):
    """Parts with one session; its turn is open as long as `has_turn`."""

    def __init__(self) -> None:
        self.has_turn = False
        presence = MagicMock(has_exits=False, watches_all=True)
        presence.shell_waits.return_value = presence.thinking.return_value = []
        presence.pop_exits.return_value = ()
        sessions = MagicMock()
        sessions.__len__.return_value = 1
        sessions.check.return_value = ()
        sessions.has_doubtful.return_value = False
        sampler = MagicMock()
        sampler.sample.return_value = []
        super().__init__(
            presence=presence,
            sessions=sessions,
            sampler=sampler,
            pipeline=MagicMock(is_holding=True),
            delivery=MagicMock(),
            metrics=MagicMock(is_dirty=False),
            client_states=MagicMock(has_turns=False, has_rests=False),
            reader=MagicMock(),
            fold=SimpleNamespace(going_on=lambda: ("turn",) if self.has_turn else ()),
        )


def wakes(monitor: Monitor, from_s: float, until_s: float, event_s: float) -> int:
    """Return how often a monitor is woken between two moments, the last event having come at another."""
    now_s, count = from_s, 0
    while now_s < until_s:
        monitor.attend(now_s, True, now_s - event_s)
        now_s += max(monitor.due_in_s(now_s, True), 0.001)
        count += 1
    return count


def test_at_their_prompts_sessions_are_looked_after_six_times_rarer() -> None:
    """Fewer than one wake-up in five seconds, for ticks, processes, sleeps, samples and metrics together."""
    monitor = Monitor(RelaySettings(), parts := Parts())  # type: ignore[arg-type]
    busy = wakes(monitor, 1_000.0, 1_010.0, 1_000.0)
    wakes(monitor, 1_010.0, 1_100.0, 1_000.0)  # what was due as usual is done once more
    assert wakes(monitor, 1_100.0, 1_400.0, 1_000.0) <= 60 < busy * 30
    parts.has_turn = True
    assert wakes(monitor, 1_400.0, 1_700.0, 1_000.0) > 120, "a turn is open: nobody knows when it ends"


def test_an_event_ends_the_calm_at_once() -> None:
    """What was put off is due as usual, not when it would have been."""
    monitor = Monitor(RelaySettings(), Parts())  # type: ignore[arg-type]
    wakes(monitor, 1_000.0, 1_100.0, 1_000.0)
    monitor.attend(1_100.0, True, 100.0)
    assert monitor.due_in_s(1_100.1, True) > monitors.TICK_S
    monitor.attend(1_100.2, True, 0.0)
    assert monitor.due_in_s(1_100.2, True) <= monitors.TICK_S


@pytest.mark.skipif(open_inotify() is None, reason="the system reports no changes")
def test_events_that_come_together_are_read_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One wake-up and one look at the spool for all that a moment brings, and none for an answer of the endpoint's."""
    monkeypatch.setattr(loops, "GATHER_S", 0.0)
    monkeypatch.setattr(loops, "Monitor", MagicMock(return_value=MagicMock(due_in_s=lambda *_: 60.0)))
    accepted, pipeline = MagicMock(), MagicMock()
    accepted.pop_all.return_value = []
    pipeline.read.return_value = False
    with SpoolWatch(tmp_path) as watch:
        parts: Any = MagicMock(watch=watch, accepted=accepted, pipeline=pipeline)
        parts.reader.next_in_s.return_value = None
        parts.notifier.due_in_s.return_value = None
        loop, stop = loops.Loop(RelaySettings(), parts), threading.Event()
        watch.wake()
        loop._work_once(stop)
        assert pipeline.read.call_count == 1, "what lay there"
        for name in ("a", "b"):
            (tmp_path / name).write_text("")
            (tmp_path / name).rename(tmp_path / f"{name}.ev")
        loop._work_once(stop)
        watch.wake()
        loop._work_once(stop)
        assert pipeline.read.call_count == 2, "what came"
        watch.wake()
        loop._work_once(stop)
        assert pipeline.read.call_count == 2, "nothing came"


@pytest.mark.skipif(open_inotify() is None, reason="the system reports no changes")
def test_a_line_in_a_watched_folder_ends_the_wait(tmp_path: Path) -> None:
    """Also one that came before the wait, in a file that was there and in a new one; what is written elsewhere does not."""
    watch = FolderWatch.open()
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    elsewhere.mkdir()
    watch.keep({here})
    assert watch.is_notified
    (elsewhere / "file").write_text("line\n")
    assert not watch.wait(0.0)
    (here / "file").write_text("line\n")
    assert watch.wait(60.0)
    while watch.wait(0.0):
        pass
    with (here / "file").open("a") as file:
        file.write("more\n")
    assert watch.wait(60.0)
    threading.Thread(target=watch.wake).start()
    while not watch.wait(60.0):
        pass
    watch.close()


def test_who_wakes_a_watch_that_was_closed_writes_nowhere() -> None:
    """Its thread may have ended by itself before it is told to; the number of its descriptor may be somebody else's by then."""
    watch = FolderWatch(None)
    watch.close()
    read, write = os.pipe()
    try:
        os.set_blocking(read, False)
        watch.wake()
        with pytest.raises(BlockingIOError):
            os.read(read, 1)
    finally:
        os.close(read)
        os.close(write)


@pytest.mark.skipif(open_inotify() is None, reason="the system reports no changes")
def test_a_folder_that_goes_or_is_not_there_yet_is_looked_for(tmp_path: Path) -> None:
    """Meanwhile one has to look."""
    watch, folder = FolderWatch.open(), tmp_path / "later"
    watch.keep({folder})
    assert not watch.is_notified
    folder.mkdir()
    watch.keep({folder})
    assert watch.is_notified
    folder.rmdir()
    assert watch.wait(60.0)
    assert not watch.is_notified
    watch.keep(frozenset())
    assert watch.is_notified
    watch.close()


@pytest.mark.skipif(open_inotify() is None, reason="the system reports no changes")
def test_a_transcript_to_which_nothing_is_written_is_hardly_looked_at(tmp_path: Path) -> None:
    """Often after an event, for new subagents; then once a minute, and at once when something is written."""
    now_s = 0.0
    watch = FolderWatch.open()
    tail = transcript_tail.TranscriptTail(tmp_path, tmp_path / "tail.db", lambda *_: None, lambda: now_s, watch)
    (tmp_path / "s.jsonl").write_text("")
    event: Any = SimpleNamespace(
        is_beside=False,
        session_id="s",
        agent="claude-code",
        transcript_path=str(tmp_path / "s.jsonl"),
        kind="prompt",
        time_ns=0,
        tool=None,
        prompt_id="",
    )
    tail.notice(event)
    assert watch.wait(60.0), "a new session wakes it"
    assert tail.look() == transcript_tail.FOLDER_POLL_S
    now_s = transcript_tail.ACTIVE_S + 1
    assert tail.look() == transcript_tail.CALM_POLL_S
    while watch.wait(0.0):
        pass
    (tmp_path / "s.jsonl").write_text("{}\n")
    assert watch.wait(60.0)
    tail.notice(event)
    assert watch.wait(60.0), "and so does the first event after the calm"
    tail.close()
