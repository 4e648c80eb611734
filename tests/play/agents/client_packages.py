"""Clients from npm: found, or installed once, or the reason why not."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from play.agents.under_test import AgentUnderTest

ROOT: Final = Path(__file__).parents[3]
WITHIN_S: Final = 300.0
NODE: Final = "node24"  # a newer Node than the machine's, beside the clients


def place_of(agent: AgentUnderTest) -> Path:
    """Return the folder of an agent's client."""
    given = os.environ.get("HOOKLINE_TEST_AGENTS")
    return (Path(given) if given else ROOT / ".cache" / "agents") / agent.name


def find_program(agent: AgentUnderTest) -> Path | None:
    """Return the client's program, where it is installed."""
    path = place_of(agent) / "node_modules" / ".bin" / agent.program
    return path if path.exists() else None


def node_folder(agent: AgentUnderTest) -> str:
    """Return the folder of a Node that is new enough: the machine's own, or one beside the clients; empty where there is none."""
    beside = place_of(agent).parent / NODE / "node_modules" / ".bin"
    for folder in (None, str(beside)):
        node = shutil.which("node", path=folder) if folder else shutil.which("node")
        if node and _major(node) >= agent.node:
            return str(Path(node).parent)
    return ""


def provide(agent: AgentUnderTest) -> str:
    """Install the client if it is not there; return why it cannot be had, empty where it can."""
    if shutil.which("npm") is None:
        return "no npm"
    if not node_folder(agent):
        _npm(place_of(agent).parent / NODE, "node@24")
        if not node_folder(agent):
            return f"no Node.js {agent.node} or newer"
    if find_program(agent) is None:
        why = _npm(place_of(agent), f"{agent.package}@{agent.version}")
        if find_program(agent) is None:
            return why or f"{agent.package}@{agent.version} has no program {agent.program}"
    return ""


def _npm(folder: Path, package: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    words = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--loglevel", "error", package]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=WITHIN_S, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return f"npm did not install {package} within {WITHIN_S:g} s"
    return f"npm cannot install {package}: {done.stderr.strip()[-200:]}" if done.returncode else ""


def _major(node: str) -> int:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = done.stdout.strip().removeprefix("v").partition(".")[0]
    return int(found) if found.isdigit() else 0
