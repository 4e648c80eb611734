"""Where the work is done: the folder changes in the middle of a turn."""

from __future__ import annotations

from play.scenes.steps import PYTHON, allow, bash, end_session, is_turn_end, spend
from play.stage import Desk, make_repository


def moves_to_another_repository(desk: Desk) -> None:
    """A turn that spends four seconds in one repository and five in another, on another branch."""
    other = make_repository(desk.folder / "other", "trunk")
    desk.trust(other)
    desk.begin({"work on both": [spend(4), bash(f"cd {other}", "Move"), spend(5), {"say": "Both done."}]})
    desk.open_client("--add-dir", str(other), *allow(PYTHON, "Bash(cd:*)"))
    asked = desk.prompt("please work on both")
    moved = desk.hook("CwdChanged")
    desk.terminal.see("Both done")
    ended = desk.line(is_turn_end)
    end_session(desk)
    before, after = (moved - asked) / 1e9, (ended - moved) / 1e9
    desk.is_true("agents in shop", before, lambda told: told.by("project")["shop"]["agent_s"])
    desk.is_true("agents in other", after, lambda told: told.by("project")["other"]["agent_s"])
    desk.is_true("branches", "other trunk, shop main", lambda told: ", ".join(sorted(told.by("branch"))))
    desk.is_true("agents' time", before + after, lambda told: told.total["agent_s"])


SCENES = (moves_to_another_repository,)
