"""`python -m play [SCENE ...]`: play the scenes, print the table; the exit code says whether all of it is right.

What is not right is played once more, alone, and that counts. 1: something is told wrongly; 2: it cannot be played here.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from play.runner import play_surely
from play.scenes import SCENES
from play.stage import find_tools, isolated
from play.table import table
from play.truth import Row
from support.real_client import look_for_client

INSIDE = "PLAY_ISOLATED"


def main() -> int:
    """Go into a network of our own, play, print."""
    parser = argparse.ArgumentParser(prog="python -m play", description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"all when none is named: {', '.join(SCENES)}")
    parser.add_argument("--at-once", type=int, default=3, help="how many scenes are played at a time")
    parser.add_argument("--keep", type=Path, help="a folder in which everything is kept: hooks, transcripts, logs, what was told")
    parser.add_argument("--facts", action="store_true", help="let times be as they are, and fail only for what is told wrongly")
    given = parser.parse_args()
    if unknown := set(given.scenes) - set(SCENES):
        parser.error(f"no scene {', '.join(sorted(unknown))}")

    def passes(row: Row) -> bool:
        return row.is_right or (given.facts and row.is_timed)

    client, missing = look_for_client(), find_tools()
    if client is None or missing:
        print(f"the play cannot be played here: {missing or 'no Claude Code client'}", file=sys.stderr)
        return 2
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        return isolated([sys.executable, "-m", "play", *sys.argv[1:]])
    with tempfile.TemporaryDirectory(prefix="play-") as scratch:
        folder = (given.keep or Path(scratch)).absolute()
        begun = time.monotonic()
        load = os.getloadavg()
        played = play_surely(given.scenes or list(SCENES), folder, client, given.at_once, passes)
    print(table(played.rows))
    if played.unsteady:
        print(f"unsteady, right when played once more: {', '.join(played.unsteady)}")
    print(f"played in {time.monotonic() - begun:.0f} s; load {load[0]:.1f} before, {os.getloadavg()[0]:.1f} after, on {os.cpu_count()} cores")
    return 0 if all(passes(row) for row in played.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
