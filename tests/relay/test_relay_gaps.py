"""What hooks could not keep is read from the transcripts, by itself and once."""

import os
import threading
from pathlib import Path

import pytest

from hookline.errors import NotRunning
from hookline.relay.intake.gaps import AGAIN_S, MARGIN_S, RETRY_S, GapFiller
from hookline.settings import Settings
from hookline.spool import prepare
from hookline.spool.folder import spool_id
from hookline.spool.lost import count_lost

NOW = 1_800_000_000.0


class Filling:
    """Takes note of what is asked for."""

    def __init__(self) -> None:
        self.since: list[float] = []
        self.is_away = False

    def __call__(self, settings: Settings, since_s: float) -> None:
        """Fill, or fail as an endpoint that is away does."""
        if self.is_away:
            raise NotRunning("no collector")
        self.since.append(since_s)


@pytest.fixture(name="settings")
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    made = Settings(data_dir=tmp_path / "data")
    prepare(made)
    return made


def look(filler: GapFiller, now_s: float) -> None:
    filler.look(now_s)
    filler.join(10)


def drop(settings: Settings, count: int = 1) -> None:
    with (settings.spool_dir / "dropped").open("ab") as file:
        file.write(b"." * count)


def test_nothing_is_filled_while_nothing_is_missing(settings: Settings) -> None:
    """An idle look reads one size."""
    filling = Filling()
    filler = GapFiller(settings, filling)
    for minute in range(60):
        look(filler, NOW + 60 * minute)
    assert filling.since == []


def test_a_drop_is_filled_from_where_nothing_was_missing_and_once_more_later(settings: Settings) -> None:
    """The second time for the turns that were open; a third there is not, also not in the relay's next life."""
    filling = Filling()
    filler = GapFiller(settings, filling)
    look(filler, NOW)
    drop(settings, 4)
    look(filler, NOW + 10)
    assert filling.since == [NOW - MARGIN_S]
    look(filler, NOW + 20)
    assert len(filling.since) == 1
    again = GapFiller(settings, filling)
    look(again, NOW + 10 + AGAIN_S)
    look(again, NOW + 30 + AGAIN_S)
    look(again, NOW + 10_000)
    assert filling.since == [NOW - MARGIN_S] * 2


def test_a_trace_elsewhere_counts_as_a_drop(settings: Settings, tmp_path: Path) -> None:
    """It is moved into `dropped` and filled."""

    place = tmp_path / "run" / f"hookline-{os.getuid()}"
    place.mkdir(parents=True)
    filling = Filling()
    filler = GapFiller(settings, filling)
    look(filler, NOW)
    (place / f"{spool_id(settings.spool_dir)}.lost").write_bytes(b"....")
    assert count_lost(settings.spool_dir) == 4
    look(filler, NOW + 10)
    assert count_lost(settings.spool_dir) == 0
    assert (settings.spool_dir / "dropped").stat().st_size == 4
    assert len(filling.since) == 1


def test_an_endpoint_that_is_away_is_tried_again(settings: Settings) -> None:
    """Not at every look."""
    filling = Filling()
    filling.is_away = True
    filler = GapFiller(settings, filling)
    look(filler, NOW)
    drop(settings)
    look(filler, NOW + 10)
    filling.is_away = False
    look(filler, NOW + 20)
    assert filling.since == []
    look(filler, NOW + 20 + RETRY_S)
    assert len(filling.since) == 1


def test_the_loop_never_waits_for_the_filling(settings: Settings) -> None:
    """It runs beside, one at a time."""
    go, begun = threading.Event(), []

    def slow(settings: Settings, since_s: float) -> None:
        begun.append(since_s)
        assert go.wait(30)

    filler = GapFiller(settings, slow)
    filler.look(NOW)
    drop(settings)
    filler.look(NOW + 10)
    drop(settings)
    filler.look(NOW + 10 + RETRY_S)
    assert filler.is_filling
    go.set()
    filler.join(30)
    assert len(begun) == 1
    look(filler, NOW + 20 + 2 * RETRY_S)
    assert len(begun) == 2


def test_a_full_disk_is_waited_for(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading history writes too."""
    filling = Filling()
    filler = GapFiller(settings, filling)
    look(filler, NOW)
    drop(settings)
    monkeypatch.setattr("hookline.relay.intake.gaps.MIN_FREE_BYTES", 1 << 62)
    look(filler, NOW + 10)
    assert filling.since == []
