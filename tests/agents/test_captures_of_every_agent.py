"""Of each agent that was run there are captures of the six ways in which a session does not simply go well, or it is said why one cannot be had.

What is made of each is checked by hand in the agent's own tests (`test_<agent>.py`, `tests/fold`, `tests/history`). Goose, Cursor, Amp and Kiro are
known from their documentation alone.
"""

from pathlib import Path
from typing import Final

from hookline.agents import AGENTS
from support.agent_homes import FIXTURES, FOLDERS
from support.cases import with_each

WAYS: Final = ("killed", "interrupted", "denied", "api_error", "resumed", "subagent")
UNRUN: Final = {"goose", "cursor", "amp", "kiro"}
NAMES: Final = {"killed": "kill9", "interrupted": "interrupt", "resumed": "resume"}
"""The usual scenario of a way."""
OTHERWISE: Final = {
    ("codex", "killed"): "outlived",  # of the same run; its file goes on a little
    ("cline", "denied"): "permission",
    ("cline", "resumed"): "two_prompts",  # in a terminal: without one Cline refuses `--id`
    ("droid", "denied"): "refused",
    ("kimi-code", "denied"): "permission",
    ("opencode", "killed"): "beside_killed",
}
CANNOT_BE_HAD: Final = {
    ("droid", "resumed"): "offline Droid goes on with no session",
    ("droid", "subagent"): "offline Droid refuses to start one: that is the capture `refused`",
}


@with_each("agent", FOLDERS)
def test_each_way_has_a_capture_or_a_reason(agent: str) -> None:
    """A folder of the scenario, or files of its name."""
    root = FIXTURES / FOLDERS[agent]
    missing = [way for way in WAYS if (agent, way) not in CANNOT_BE_HAD and not has(root, OTHERWISE.get((agent, way), NAMES.get(way, way)))]
    assert missing == []


def test_every_agent_that_was_run_is_looked_at() -> None:
    """A new one brings its captures."""
    assert set(AGENTS) - UNRUN == set(FOLDERS)


def has(root: Path, scenario: str) -> bool:
    """Whether a capture is there, with hooks that were fired."""
    return any((root / scenario).glob("hooks*")) or any(root.glob(f"{scenario}.hooks.jsonl")) or any(root.glob(f"{scenario}.told.jsonl"))
