"""`python -m play.agents [AGENT ...]`: play the agents, print the table; the exit code says whether all of it is right.

What is not right is played once more, that agent alone, and that counts.
1: something is told wrongly; 2: it cannot be played here, or none of the agents can be had.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from play.agents.agent_stage import House, open_desk, open_house
from play.agents.client_packages import provide
from play.agents.headless_scenes import play_headless
from play.agents.rows import AGENTS_UNDER_TEST
from play.agents.terminal_scenes import play_in_terminal
from play.agents.two_at_once import play_two_at_once
from play.agents.under_test import SCENARIOS, TERMINAL, AgentUnderTest
from play.stage import find_tools, isolated, make
from play.table import table
from play.truth import Row

INSIDE: Final = "PLAY_AGENTS_ISOLATED"


def main() -> int:
    """Get the clients, go into a network of our own, play, print."""
    parser = argparse.ArgumentParser(prog="python -m play.agents", description=__doc__)
    parser.add_argument("agents", nargs="*", metavar="AGENT", help=f"all when none is named: {', '.join(AGENTS_UNDER_TEST)}")
    parser.add_argument("--scenario", action="append", choices=SCENARIOS, help="only this one; may be given several times")
    parser.add_argument("--at-once", type=int, default=2, help="how many agents play at a time")
    parser.add_argument("--terminal", action="store_true", help="also in a terminal, with keys")
    parser.add_argument("--scene", action="append", choices=TERMINAL, help="only this one in the terminal; may be given several times")
    parser.add_argument("--in-terminal", action="append", metavar="AGENT", help="only this agent in the terminal; may be given several times")
    parser.add_argument("--no-headless", action="store_true", help="only in a terminal")
    parser.add_argument("--two", action="store_true", help="the first two that are named (Codex and Gemini CLI), one person's, at once; nothing else")
    parser.add_argument("--keep", type=Path, help="a folder in which everything is kept")
    parser.add_argument("--fetch", action="store_true", help="only get the clients, so that they are there when they play")
    given = parser.parse_args()
    if unknown := {*given.agents, *(given.in_terminal or ())} - set(AGENTS_UNDER_TEST):
        parser.error(f"no agent {', '.join(sorted(unknown))}")
    wanted = given.agents or (["codex", "gemini-cli"] if given.two else list(AGENTS_UNDER_TEST))
    if missing := find_tools():
        print(f"the agents cannot be played here: {missing}", file=sys.stderr)
        return 2
    if INSIDE not in os.environ:
        skipped = {name: why for name in wanted if (why := provide(AGENTS_UNDER_TEST[name]))}
        if given.fetch:
            print("\n".join(f"{name} cannot be had: {why}" for name, why in skipped.items()) or "all clients are here")
            return 0
        os.environ[INSIDE] = json.dumps(skipped)
        return isolated([sys.executable, "-m", "play.agents", *sys.argv[1:]])
    skipped = json.loads(os.environ[INSIDE])
    for name, why in skipped.items():
        print(f"{name} is skipped: {why}")
    playing = [AGENTS_UNDER_TEST[name] for name in wanted if name not in skipped]
    if not playing:
        print("the agents cannot be played here: none can be had", file=sys.stderr)
        return 2
    scenes = () if given.no_headless else tuple(given.scenario or SCENARIOS)
    in_terminal = tuple(given.scene or (TERMINAL if given.terminal or given.no_headless else ()))
    keyed = {agent.name: in_terminal if agent.name in (given.in_terminal or wanted) else () for agent in playing}
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="play-agents-") as scratch:
        folder = (given.keep or Path(scratch)).absolute()
        if given.two:
            return told(play_two_at_once(folder, *playing[:2]), begun) if len(playing) > 1 else 2
        played = play_all(folder, playing, scenes, at_once=given.at_once, in_terminal=keyed)
        if doubtful := [agent for agent in playing if not all(row.is_right for row in played[agent.name])]:
            print(f"once more, one at a time: {', '.join(agent.name for agent in doubtful)}", flush=True)
            played |= play_all(folder / "again", doubtful, scenes, at_once=1, in_terminal=keyed)
    return told([row for agent in playing for row in played[agent.name]], begun)


def told(rows: Sequence[Row], begun: float) -> int:
    """Print the table; return the exit code."""
    print(table(list(rows)))
    print(f"played in {time.monotonic() - begun:.0f} s on {os.cpu_count()} cores")
    return 0 if rows and all(row.is_right for row in rows) else 1


def play_all(
    folder: Path, agents: Sequence[AgentUnderTest], scenes: tuple[str, ...], *, at_once: int, in_terminal: Mapping[str, tuple[str, ...]]
) -> dict[str, list[Row]]:
    """Play agents, several at a time where they mostly wait; return the rows by agent."""
    with open_house(folder) as house, ThreadPoolExecutor(at_once) as pool:
        played = pool.map(lambda agent: play(house, folder / agent.name, agent, scenes, in_terminal[agent.name]), agents)
        return {agent.name: rows for agent, rows in zip(agents, played, strict=True)}


def play(house: House, folder: Path, agent: AgentUnderTest, wanted: tuple[str, ...], in_terminal: tuple[str, ...]) -> list[Row]:
    """Play one agent; what breaks off is a row of its own."""
    terminal = agent.terminal
    for name, why in {**agent.left_out, **(terminal.left_out if terminal and in_terminal else {})}.items():
        print(f"{agent.name} {name} is left out: {why}", flush=True)
    rows: list[Row] = []
    try:
        with open_desk(house, folder, agent) as desk:
            rows = desk.rows
            play_headless(desk, tuple(name for name in wanted if name in agent.scenarios and name not in agent.left_out))
            if terminal:
                play_in_terminal(desk, terminal, [name for name in in_terminal if name not in terminal.left_out])
    except Exception as why:  # the table says it, and the other agents go on
        (make(folder) / "failed.txt").write_text(traceback.format_exc())
        print(traceback.format_exc(), flush=True)
        rows.append(Row(agent.name, "", "the play broke off", "", f"{type(why).__name__}: {why}".splitlines()[0], "", "WRONG"))
    return rows


if __name__ == "__main__":
    sys.exit(main())
