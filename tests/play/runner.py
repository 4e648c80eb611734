"""Plays scenes, several at a time where they mostly wait, and judges them."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from play import model
from play.scenes import SCENES, Scene
from play.stage import MODES, Desk, Stage, open_stage
from play.table import table
from play.truth import Row, judge, judge_sight


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
    rows = [judge_sight(name, sight) for sight in desk.sights]
    told = {mode: desk.told(mode) for mode in MODES}
    lag_s = desk.client_lag_s()
    rows += [judge(name, figure, told[mode], lag_s) for figure in desk.figures for mode in MODES if figure.mode in ("", mode)]
    for mode in MODES:
        (desk.folder / f"told-{mode}.json").write_text(json.dumps(told[mode].kept, indent=1, default=str))
    return rows
