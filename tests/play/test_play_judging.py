"""What the play calls right, and what it plays once more."""

from __future__ import annotations

from pathlib import Path

import pytest

from play import runner
from play.pulse import Pulse
from play.told import Told
from play.truth import Figure, Row, Sight, judge, judge_sight


def told(person: object = None) -> Told:
    """Return what is asked by nobody."""
    return Told("H", person, "u", "s")  # type: ignore[arg-type]


def row(scene: str, verdict: str = "good", shown: str = "1") -> Row:
    """Return a line of the table."""
    return Row(scene, "H", "calls", "1", shown, "", verdict)


@pytest.mark.parametrize(
    ("shown", "lag_s", "verdict"),
    [(5.2, 0.0, "good"), (5.9, 0.0, "ok"), (6.5, 0.0, "WRONG"), (6.5, 0.2, "WRONG"), (6.5, 0.6, "late"), (9.0, 0.6, "WRONG"), (3.5, 0.6, "late")],
)
def test_a_time_is_right_within_a_second_and_what_the_machine_was_late(shown: float, lag_s: float, verdict: str) -> None:
    """A machine that is not busy excuses nothing."""
    assert judge("x", Figure("took", 5.0, lambda _: shown), told(), lag_s).verdict == verdict


def test_what_is_no_time_is_right_or_wrong_however_busy_the_machine_is() -> None:
    """So is a state that the live view never showed."""
    assert judge("x", Figure("calls", 2, lambda _: 3), told(), 60.0).verdict == "WRONG"
    assert judge_sight("x", Sight("after Yes", "H", "working", "waiting for permission", 1.0), 60.0).verdict == "WRONG"


@pytest.mark.parametrize(("after_s", "lag_s", "verdict"), [(0.9, 0.0, "good"), (1.9, 0.0, "ok"), (2.4, 0.0, "WRONG"), (2.4, 0.5, "late")])
def test_the_live_view_has_two_seconds_and_what_the_machine_was_late(after_s: float, lag_s: float, verdict: str) -> None:
    """What it shows in the end is right."""
    assert judge_sight("x", Sight("after Yes", "H", "working", "working", after_s), lag_s).verdict == verdict


def test_the_worst_start_of_a_program_says_how_late_the_machine_is() -> None:
    """Nothing was measured: it is not late."""
    assert (Pulse().worst_s(), Pulse([0.1, 0.7, 0.2]).worst_s()) == (0.0, 0.7)


def test_a_scene_that_is_not_right_is_played_once_more_and_that_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One is right then, one is not; the others are played once."""
    answers = iter(
        [
            [row("a"), row("b", "WRONG", "2"), row("b"), row("c", "WRONG", "3"), row("d")],
            [row("b"), row("b"), row("c", "WRONG", "4")],
        ]
    )
    asked: list[tuple[list[str], int]] = []

    def play(names: list[str], folder: Path, client: Path, at_once: int) -> list[Row]:
        asked.append((list(names), at_once))
        return next(answers)

    monkeypatch.setattr(runner, "play", play)
    played = runner.play_surely(["a", "b", "c", "d"], tmp_path, tmp_path, 3, lambda found: found.is_right)
    assert asked == [(["a", "b", "c", "d"], 3), (["b", "c"], 1)]
    assert [(found.scene, found.shown) for found in played.rows] == [("a", "1"), ("b", "1"), ("b", "1"), ("c", "4"), ("d", "1")]
    assert played.unsteady == ("b",)


class Busy:
    """A collector that a busy machine keeps from answering, twice."""

    def __init__(self, *answers: tuple[int, str, str]) -> None:
        self._answers = iter(answers)

    def hookline(self, *words: str, within_s: float) -> object:
        """Return the next answer as a command gives it."""
        code, out, err = next(self._answers)
        return type("Done", (), {"returncode": code, "stdout": out, "stderr": err})


def test_a_collector_that_did_not_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other refusal is told at once."""
    monkeypatch.setattr("play.told.time.sleep", lambda _: None)
    late = (1, "", "hookline: the collector at http://127.0.0.1:1 did not answer within 30 s")
    assert told(Busy(late, late, (0, '{"totals": {"tool_calls": 1}}', ""))).total == {"tool_calls": 1}
    with pytest.raises(ValueError, match="no such user"):
        _ = told(Busy((1, "", "hookline: no such user"))).total
