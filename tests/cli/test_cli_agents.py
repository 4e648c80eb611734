"""Installing for several agents: named one by one, or all that are found, and never half said."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hookline.agents import AGENTS
from hookline.cli.group import hookline
from hookline.operate import overview
from hookline.settings import load

OTHERS = sorted(name for name, agent in AGENTS.items() if agent.installer() and name != "claude-code")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a home folder, and a path without any agent's program."""
    for name in [name for name in os.environ if name.startswith(("CLAUDE", "CODEX", "COPILOT", "OPENCODE", "GEMINI", "QWEN", "XDG"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOOKLINE_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / ".claude").mkdir()
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(hookline, words)


def test_an_agent_that_nobody_knows_is_said_with_those_that_are_known(home: Path) -> None:
    """Nothing is installed for the others that were named with it."""
    done = run("install", "claude-code", "emacs")
    assert done.exit_code == 2
    assert f"no agent is called 'emacs'; known are {', '.join(AGENTS)}" in done.output
    assert not (home / ".claude/settings.json").exists()


@pytest.mark.parametrize("words", [("install",), ("uninstall",), ("install", "--all", "claude-code")])
def test_what_is_meant_has_to_be_said(home: Path, words: tuple[str, ...]) -> None:
    """No agent, or an agent and all of them."""
    assert run(*words).exit_code == 2


def test_all_are_those_that_are_found_by_their_folder_or_program(home: Path) -> None:
    """They are named before anything is done; `--dry-run` does nothing."""
    program = home / "bin" / "opencode"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    shown = run("install", "--all", "--dry-run")
    assert shown.output.splitlines()[:2] == [f"Found Claude Code: {home}/.claude", f"Found OpenCode: {program}"]
    assert "+++" in shown.output
    assert not (home / ".claude/settings.json").exists()
    done = run("install", "--all")
    assert done.exit_code == 0, done.output
    assert (home / ".claude/settings.json").exists()
    assert (home / ".config/opencode/plugins/hookline.js").exists()


def test_all_that_were_installed_are_taken_out_again(home: Path) -> None:
    """Whether or not the agent itself is still there."""
    own = home / ".kiro/agents/mine.json"  # one agent has hooks only where a person made an agent of their own
    own.parent.mkdir(parents=True)
    own.write_text("{}\n")
    assert run("install", "claude-code", *OTHERS).exit_code == 0
    done = run("uninstall", "--all")
    assert done.exit_code == 0, done.output
    assert [line.partition(":")[0] for line in done.output.splitlines() if line.startswith("Found ")] == [
        f"Found {agent.title}" for agent in AGENTS.values() if agent.installer()
    ]
    assert [path for path in home.rglob("*") if path.is_file() and not path.is_relative_to(home / "data")] == [own]
    again = run("uninstall", "--all")
    assert "no agent's settings have hooks of Hookline" in str(again.exception)


def test_what_fails_for_one_agent_stops_no_other(home: Path) -> None:
    """The command fails in the end all the same."""
    (home / ".claude/settings.json").write_text("{ this is no JSON")
    done = run("install", "claude-code", "opencode")
    assert "is not valid JSON" in done.output
    assert (home / ".config/opencode/plugins/hookline.js").exists()
    assert done.exit_code != 0


def test_the_status_names_agents_that_are_here_and_not_recorded(home: Path) -> None:
    """Once something is recorded: before that, one line says all."""
    (home / ".config/opencode").mkdir(parents=True)
    settings = load({}, dict(os.environ)).settings
    assert [line.detail for line in overview.look(settings) if line.part == "hooks"] == ["not installed"]
    assert run("install", "claude-code").exit_code == 0
    assert json.loads((home / ".claude/settings.json").read_text())["hooks"]
    lines = [line for line in overview.look(settings) if line.part == "hooks"]
    assert [line.state for line in lines] == ["ok", "off"]
    assert lines[1].detail == f"OpenCode is here ({home}/.config/opencode) and not recorded"
    assert lines[1].remedy == "hookline install opencode"
