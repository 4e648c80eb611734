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


THEIRS = {  # what a person had there before, each in its own form
    "claude-code": (
        ".claude/settings.json",
        '{\n  "model": "opus",\n  "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}\n}\n',
    ),
    "codex": (".codex/hooks.json", '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}}'),
    "gemini-cli": (
        ".gemini/settings.json",
        '{\n\t// mine\n\t"hooks": {"AfterTool": [{"hooks": [{"type": "command", "command": "say done"}]}]},\n}\n',
    ),
    "qwen-code": (".qwen/settings.json", '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}}\n'),
    "opencode": (".config/opencode/plugins/mine.js", "export const Mine = async () => ({})\n"),
    "copilot-cli": (".copilot/hooks/mine.json", '{"version": 1, "hooks": {}}'),
    "kimi-code": (".kimi-code/config.toml", '[[hooks]]\nevent = "Stop"\ncommand = "say done"'),
    "droid": (".factory/settings.json", '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}, "model": "x"}\r\n'),
    "cline": (".cline/hooks/PreToolUse", "#!/bin/sh\nexit 0\n"),
    "cursor": (".cursor/hooks.json", '{"version": 1, "hooks": {"stop": [{"command": "say done"}]}}\n'),
    "goose": (".agents/plugins/mine/hooks/hooks.json", '{"hooks": {}}\n'),
    "amp": (".config/amp/plugins/mine.ts", "export default () => {}\n"),
    "kiro": (".kiro/agents/mine.json", '{"name": "mine", "hooks": {"stop": [{"command": "say done"}]}}\n'),
}


def files_of(home: Path) -> dict[str, bytes]:
    """Return what lies in a home folder, but for Hookline's own data."""
    own = home / "data"
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file() and not path.is_relative_to(own)}


def test_every_agent_is_tried() -> None:
    """A new one gets a row."""
    assert THEIRS.keys() == {name for name, agent in AGENTS.items() if agent.installer()}


@pytest.mark.parametrize("name", THEIRS)
def test_every_agents_files_are_given_back_byte_for_byte(home: Path, name: str) -> None:
    """A dry run writes nothing, installing twice is once, what a person had stays, and uninstalling leaves just that."""
    path, text = THEIRS[name]
    (home / path).parent.mkdir(parents=True, exist_ok=True)
    (home / path).write_bytes(text.encode())
    before = files_of(home)
    shown = run("install", name, "--dry-run")
    assert (shown.exit_code, files_of(home)) == (0, before), shown.output
    assert "+++" in shown.output
    assert run("install", name).exit_code == 0
    installed = files_of(home)
    assert b"".join(installed.values()).count(b"hook") > b"".join(before.values()).count(b"hook")
    assert "say done" not in text or b"say done" in installed[path]
    assert run("install", name).exit_code == 0
    assert files_of(home) == installed
    shown = run("uninstall", name, "--dry-run")
    assert (shown.exit_code, files_of(home)) == (0, installed), shown.output
    assert run("uninstall", name).exit_code == 0
    assert files_of(home) == before
