"""ccusage, the public tool that adds up tokens from coding agents' session files: fetched from npm once, and what it says of a home folder."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

VERSION: Final = "20.0.24"
PLACE: Final = Path(__file__).parents[2] / ".cache" / "ccusage" / VERSION
WITHIN_S: Final = 180.0
NAMES: Final = {"claude-code": "claude", "copilot-cli": "copilot", "gemini-cli": "gemini", "kimi-code": "kimi", "qwen-code": "qwen"}
"""How it calls agents that it names otherwise."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Tokens of a model on a day. `thought` is what it counts in a total and in nothing else."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_creation: int = 0
    thought: int = 0

    def __add__(self, other: Counted) -> Counted:
        """Return both together."""
        return Counted(*(ours + theirs for ours, theirs in zip(self.parts, other.parts, strict=True)))

    @property
    def parts(self) -> tuple[int, ...]:
        """All of it, in order."""
        return (self.input, self.output, self.cache_read, self.cache_creation, self.thought)


@dataclass(slots=True)
class Days:
    """Tokens by day and model."""

    found: dict[tuple[str, str], Counted] = field(default_factory=dict)

    def add(self, day: str, model: str, counted: Counted) -> None:
        """Count some more."""
        self.found[day, model] = self.found.get((day, model), Counted()) + counted


def unavailable() -> str:
    """Fetch it where it is not there; return why it cannot be had, empty where it can."""
    if shutil.which("npm") is None:
        return "no npm"
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return "its program is looked for on Linux for x86-64 alone"
    if not _program().exists():
        PLACE.mkdir(parents=True, exist_ok=True)
        words = ["npm", "install", "--prefix", str(PLACE), "--no-audit", "--no-fund", "--loglevel", "error", f"ccusage@{VERSION}"]
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=WITHIN_S, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return f"npm did not install ccusage within {WITHIN_S:g} s"
        if done.returncode:
            return f"npm cannot install ccusage: {done.stderr.strip()[-200:]}"
    said = subprocess.run([_program(), "--version"], capture_output=True, text=True, check=False)
    return "" if said.returncode == 0 else f"ccusage does not run here: {(said.stderr or said.stdout).strip()[-200:]}"


def counted(home: Path, agent: str) -> dict[tuple[str, str], Counted]:
    """Return what it counts of an agent's session files in a home folder, by UTC day and model."""
    words = [str(_program()), NAMES.get(agent, agent), "daily", "--json", "--offline", "--timezone", "UTC"]
    env = {"HOME": str(home), "PATH": str(Path(shutil.which("node") or "node").parent)}
    said = subprocess.run(words, capture_output=True, text=True, check=True, env=env, timeout=WITHIN_S)
    days = Days()
    for day in json.loads(said.stdout)["daily"]:
        models = [{"modelName": name, **row} for name, row in day["models"].items()] if "models" in day else day["modelBreakdowns"]
        rows = [(str(row["modelName"]), _row(row)) for row in models]
        beside = int(day["totalTokens"]) - sum(sum(row.parts) for _, row in rows)
        assert beside == 0 or len(rows) == 1, "a day of several models does not say whose thoughts it holds"
        for model, row in rows:
            days.add(str(day["date"]), model, row + Counted(thought=beside))
    return days.found


def _row(row: dict[str, Any]) -> Counted:
    return Counted(*(int(row.get(f"{kind}Tokens", 0)) for kind in ("input", "output", "cacheRead", "cacheCreation")))


def _program() -> Path:
    return PLACE / "node_modules" / ".bin" / "ccusage"
