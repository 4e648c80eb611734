"""Plays scenes, several at a time where they mostly wait, and judges them."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from play import model
from play.pulse import open_pulse
from play.scenes import SCENES, Scene
from play.stage import MODES, Desk, Stage, open_stage
from play.table import table
from play.truth import Row, judge, judge_sight

HOOKS_OF_A_FIGURE = 2  # its beginning and its end, each told by a program that the client starts


@dataclass(frozen=True, slots=True)
class Played:
    """The table's rows, and the scenes that were right only when they were played once more."""

    rows: list[Row]
    unsteady: tuple[str, ...] = ()


def play_surely(names: Sequence[str], folder: Path, client: Path, at_once: int, passes: Callable[[Row], bool]) -> Played:
    """Play the scenes; what is not right then is played once more, alone, and that counts: what is told wrongly is so both times."""
    rows = play(names, folder, client, at_once)
    doubtful = wrong_scenes(rows, passes)
    if not doubtful:
        return Played(rows)
    print(f"once more, one at a time: {', '.join(doubtful)}", flush=True)
    again = play(doubtful, folder / "again", client, at_once=1)
    wrong = wrong_scenes(again, passes)
    return Played(merged(rows, again), tuple(name for name in doubtful if name not in wrong))


def wrong_scenes(rows: Iterable[Row], passes: Callable[[Row], bool]) -> list[str]:
    """Return the scenes of which something is not right, each once."""
    return list(dict.fromkeys(row.scene for row in rows if not passes(row)))


def merged(rows: Sequence[Row], again: Sequence[Row]) -> list[Row]:
    """Return the rows with those of the scenes that were played once more in their place."""
    repeated = {row.scene for row in again}
    scenes = dict.fromkeys(row.scene for row in rows)
    return [row for scene in scenes for row in (again if scene in repeated else rows) if row.scene == scene]


def play(names: Iterable[str], folder: Path, client: Path, at_once: int) -> list[Row]:
    """Play the scenes and return the table's rows, in the order of the names."""
    wanted: Mapping[str, Scene] = {name: SCENES[name] for name in names}
    library = model.Library()
    server = model.serve(library)
    try:
        with open_stage(folder, client, library, server.server_address[1]) as stage, ThreadPoolExecutor(at_once) as pool:
            played = pool.map(lambda item: play_one(stage, *item), wanted.items())
            return [row for rows in played for row in rows]
    finally:
        server.shutdown()
        server.server_close()


def play_one(stage: Stage, name: str, scene: Scene) -> list[Row]:
    """Play one scene; one that breaks off is a row of its own, beside what it showed until then."""
    with stage.desk(name) as desk:
        failed = []
        begun = time.monotonic()
        try:
            with open_pulse() as desk.pulse:
                scene(desk)
        except Exception as why:  # the table says it, and the other scenes go on
            (desk.folder / "failed.txt").write_text(traceback.format_exc())
            failed.append(Row(name, "", "the scene broke off", "", f"{type(why).__name__}: {why}".splitlines()[0], "", "WRONG"))
        rows = _judged(desk, name)
        rows += failed
        (desk.folder / "table.txt").write_text(table(rows) + "\n")
        print(f"{name}: {time.monotonic() - begun:.0f} s, {sum(row.is_right for row in rows)} of {len(rows)} right", flush=True)
        return rows


def _judged(desk: Desk, name: str) -> list[Row]:
    told = {mode: desk.told(mode) for mode in MODES}
    machine_s = HOOKS_OF_A_FIGURE * desk.pulse.worst_s()
    rows = [judge_sight(name, sight, machine_s) for sight in desk.sights]
    lag_s = desk.client_lag_s() + machine_s
    rows += [judge(name, figure, told[mode], lag_s) for figure in desk.figures for mode in MODES if figure.mode in ("", mode)]
    for mode in MODES:
        (desk.folder / f"told-{mode}.json").write_text(json.dumps(told[mode].kept, indent=1, default=str))
    return rows
