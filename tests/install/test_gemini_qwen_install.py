"""Install and uninstall in settings of agents that keep Claude's form: every other byte stays, and uninstall gives the file back."""

import json
import stat
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hookline.agents.gemini_cli.installer import GeminiInstaller
from hookline.agents.qwen_code.installer import QwenInstaller
from hookline.errors import ConfigInvalid
from hookline.install.json_hooks import JsonHooksInstaller
from hookline.settings import Settings
from hookline.settings.schema import CollectorSettings

Make = Callable[[Mapping[str, str], Path], JsonHooksInstaller]
AGENTS: dict[str, Make] = {"gemini-cli": GeminiInstaller, "qwen-code": QwenInstaller}
TWO_SPACES = '{\n  "general": {"vimMode": true},\n  "größe": "\\u00e9 é \\/"\n}\n'
WITH_HOOKS = """{
    "hooks": {
        "SessionStart": [ { "hooks": [ { "type": "command", "command": "say hello", "timeout": 60 } ] } ],
        "AfterTool": []
    },
    "telemetry": { "enabled": false }
}
"""
SHAPES = {
    "two spaces": TWO_SPACES,
    "hooks of the user, four spaces": WITH_HOOKS,
    "tabs, no newline at the end": '{\n\t"model": {\n\t\t"name": "m"\n\t}\n}',
    "empty object": "{}",
    "empty hooks and section": '{\n  "hooks": {},\n  "telemetry": {}\n}\n',
    "one line": '{"hooks":{"SessionStart":[{"hooks":[{"type":"command","command":"x"}]}]}}',
    "lines of windows": '{\r\n  "model": "m"\r\n}\r\n',
    "byte order mark": '\ufeff{\n  "model": "m"\n}\n',
    "empty file": "",
}


@pytest.fixture(params=list(AGENTS.values()), ids=list(AGENTS))
def kind(request: pytest.FixtureRequest) -> Make:
    found: Make = request.param
    return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "state" / "hookline")


def installer(kind: Make, home: Path) -> JsonHooksInstaller:
    return kind({"HOME": str(home)}, home / "project")


def install(kind: Make, settings: Settings, home: Path, **options: Any) -> list[str]:
    wanted = {"native_telemetry": False, "status_line": False, "dry_run": False} | options
    return list(installer(kind, home).install(settings, wanted.pop("scope", "user"), **wanted).remarks)


def uninstall(kind: Make, settings: Settings, home: Path) -> None:
    installer(kind, home).uninstall(settings, "user", dry_run=False)


def put(kind: Make, home: Path, text: str) -> Path:
    path = installer(kind, home).path()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode())
    return path


def found(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(path.read_text("utf-8-sig"))
    return value


@pytest.mark.parametrize("native", [False, True], ids=["hooks", "hooks and telemetry"])
@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_uninstall_gives_the_file_back(kind: Make, settings: Settings, tmp_path: Path, text: str, native: bool) -> None:
    """Byte for byte, with the backup and without it; installing twice is installing once."""
    path = put(kind, tmp_path, text)
    install(kind, settings, tmp_path, native_telemetry=native)
    after = path.read_bytes()
    install(kind, settings, tmp_path, native_telemetry=native)
    assert path.read_bytes() == after
    assert path.with_name("settings.json.before-hookline").read_bytes() == text.encode()
    uninstall(kind, settings, tmp_path)
    assert path.read_bytes() == text.encode()
    assert sorted(one.name for one in path.parent.iterdir()) == ["settings.json"]
    install(kind, settings, tmp_path, native_telemetry=native)
    path.with_name("settings.json.before-hookline").unlink()
    uninstall(kind, settings, tmp_path)
    assert found(path) == json.loads(text.lstrip("\ufeff") or "{}")


def test_a_file_that_was_not_there_goes_again(kind: Make, settings: Settings, tmp_path: Path) -> None:
    """With its folder; once somebody wrote into it, it is theirs."""
    install(kind, settings, tmp_path)
    path = installer(kind, tmp_path).path()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    uninstall(kind, settings, tmp_path)
    assert not path.parent.exists()
    install(kind, settings, tmp_path)
    path.write_text(path.read_text().replace("{", '{\n  "mine": 1,', 1))
    uninstall(kind, settings, tmp_path)
    assert found(path) == {"mine": 1}


def test_the_command_says_whose_it_is_and_keeps_quiet_where_the_script_is_gone(kind: Make, settings: Settings, tmp_path: Path) -> None:
    """One handler an event, behind whatever stands there."""
    path = put(kind, tmp_path, WITH_HOOKS)
    install(kind, settings, tmp_path)
    hooks = found(path)["hooks"]
    (handler,) = hooks["SessionStart"][-1]["hooks"]
    assert len(hooks["SessionStart"]) == 2
    agent = installer(kind, tmp_path).file.agent
    assert handler["timeout"] == (5_000 if agent == "gemini-cli" else 5)
    for present in (True, False):
        if not present:
            settings.hook_path.unlink()
        ran = subprocess.run(["sh", "-c", handler["command"]], input=b'{"session_id": "s"}', capture_output=True, check=True)
        assert (ran.stdout, ran.stderr) == (b"", b"")
    (event,) = (settings.data_dir / "spool").glob("*.ev")
    assert f"agent={agent}" in event.read_bytes().split(b"\n")[0].decode().split()


def test_telemetry_leaves_prompts_out_and_redirects_nobody(kind: Make, tmp_path: Path) -> None:
    """A value that stands there stays, and is told."""
    settings = Settings(data_dir=tmp_path / "state", collector=CollectorSettings(otlp_grpc="127.0.0.1:5317"))
    path = put(kind, tmp_path, '{"telemetry": {"otlpEndpoint": "http://mine:4317"}}')
    assert install(kind, settings, tmp_path, native_telemetry=True) == ['telemetry.otlpEndpoint is already set to "http://mine:4317" and stays so']
    assert found(path)["telemetry"] == {
        "otlpEndpoint": "http://mine:4317",
        "enabled": True,
        "target": "local",
        "otlpProtocol": "grpc",
        "logPrompts": False,
    }
    path.write_text("{}")
    install(kind, settings, tmp_path, native_telemetry=True)
    assert found(path)["telemetry"]["otlpEndpoint"] == "http://127.0.0.1:5317"


@pytest.mark.parametrize(
    ("text", "why"),
    [("{,}", "line 1"), ('{\n"hooks": []}', "line 2"), ('{"hooks": {"Stop": [1]}}', "a group of Stop"), ('{"telemetry": 1}', '"telemetry" must be')],
)
def test_a_file_of_another_form_is_left_alone(kind: Make, settings: Settings, tmp_path: Path, text: str, why: str) -> None:
    """And the line is named."""
    path = put(kind, tmp_path, text)
    with pytest.raises(ConfigInvalid, match=why):
        install(kind, settings, tmp_path, native_telemetry=True)
    assert path.read_text() == text


def test_a_dry_run_changes_nothing(kind: Make, settings: Settings, tmp_path: Path) -> None:
    """It shows the difference."""
    path = put(kind, tmp_path, TWO_SPACES)
    change = installer(kind, tmp_path).install(settings, "user", native_telemetry=True, status_line=True, dry_run=True)
    assert "SessionStart" in change.diff() and any("status line" in remark for remark in change.remarks)
    assert path.read_text() == TWO_SPACES
    assert not settings.data_dir.exists()


def test_scopes(kind: Make, settings: Settings, tmp_path: Path) -> None:
    """A project's file holds no path of this machine below the home folder; there is none of one's own in a project."""
    home = tmp_path
    project = home / "project"
    project.mkdir()
    install(kind, settings, home, scope="project")
    path = installer(kind, home).path("project")
    assert path.is_relative_to(project)
    assert str(home) not in path.read_text() and "$HOME" in path.read_text()
    assert installer(kind, home).installed() == ([path], [])
    assert installer(kind, home).is_current(settings)
    with pytest.raises(ConfigInvalid, match="leave the option out"):
        install(kind, settings, home, scope="local")


@pytest.mark.parametrize(("agent", "text"), [("gemini-cli", '{"hooksConfig": {"enabled": false}}'), ("qwen-code", '{"disableAllHooks": true}')])
def test_hooks_that_are_switched_off_are_told(settings: Settings, tmp_path: Path, agent: str, text: str) -> None:
    """Nothing would be seen, and nothing would say why."""
    put(AGENTS[agent], tmp_path, text)
    assert any("switched off" in remark for remark in install(AGENTS[agent], settings, tmp_path))


def test_the_folders_that_the_clients_take_from_variables() -> None:
    """One names the home folder, the other the settings' own."""
    assert GeminiInstaller({"GEMINI_CLI_HOME": "/g", "HOME": "/h"}).path() == Path("/g/.gemini/settings.json")
    assert QwenInstaller({"QWEN_HOME": "/q", "HOME": "/h"}).path() == Path("/q/settings.json")
    assert GeminiInstaller({"HOME": "/h"}).path() == Path("/h/.gemini/settings.json")


def test_gemini_waits_for_no_hook_before_a_request_that_is_no_persons_compression(settings: Settings, tmp_path: Path) -> None:
    """It fires PreCompress before each request to the model; a settings file of an older version of ours is brought up to date."""
    path = put(GeminiInstaller, tmp_path, "{}")
    install(GeminiInstaller, settings, tmp_path)
    (group,) = found(path)["hooks"]["PreCompress"]
    assert group["matcher"] == "manual"
    older = found(path)
    del older["hooks"]["PreCompress"][0]["matcher"]
    path.write_text(json.dumps(older))
    install(GeminiInstaller, settings, tmp_path)
    assert found(path)["hooks"]["PreCompress"] == [group]
