"""Hooks in the settings of any agent that has them as JSON: put in last, renewed in place, taken out byte for byte."""

import json
from pathlib import Path

import pytest

from hookline.errors import ConfigInvalid
from hookline.install.command import hook_command, is_ours
from hookline.install.hook_groups import HookEvent
from hookline.install.json_hooks import HooksFile, JsonHooksInstaller
from hookline.settings import Settings, load

TOY = HooksFile("toy", "Toy", ".toy/settings.json", (HookEvent("Began", "*"), HookEvent("Ended", timeout=3)), folder_variable="TOY_HOME")
OLD = hook_command("'/old/hook.sh'", agent="toy")
THEIRS = """{
    "hooks": {
        "Began": [
            {"hooks": [{"type": "command", "command": "mine"}]}
        ]
    },
    "x": [1,2]
}"""


def _settings(tmp_path: Path) -> Settings:
    return load({"data_dir": str(tmp_path / "data")}, {"HOME": str(tmp_path)}).settings


def _install(tmp_path: Path, settings: Settings) -> str:
    made = JsonHooksInstaller(TOY, {"HOME": str(tmp_path)}).install(settings, "user", native_telemetry=False, status_line=False, dry_run=False)
    assert made.after is not None
    return made.after


def _uninstall(tmp_path: Path, settings: Settings) -> None:
    JsonHooksInstaller(TOY, {"HOME": str(tmp_path)}).uninstall(settings, "user", dry_run=False)


def _command(tmp_path: Path, settings: Settings) -> str:
    return JsonHooksInstaller(TOY, {"HOME": str(tmp_path)}).command(settings)


@pytest.mark.parametrize("before", ["{}", "", "\n", THEIRS, THEIRS.replace("\n", "\r\n"), '{"a":1}', '{"hooks": {}}', '{"hooks": {"Began": [ ]}}\n'])
def test_a_file_is_byte_for_byte_what_it_was_after_installing_and_uninstalling(before: str, tmp_path: Path) -> None:
    """Whatever its form."""
    path, settings = tmp_path / ".toy/settings.json", _settings(tmp_path)
    path.parent.mkdir()
    path.write_bytes(before.encode())
    after = _install(tmp_path, settings)
    assert json.loads(after)["hooks"]["Ended"][-1] == {"hooks": [{"type": "command", "command": _command(tmp_path, settings), "timeout": 3}]}
    assert _install(tmp_path, settings) == after, "again: no change"
    _uninstall(tmp_path, settings)
    assert path.read_bytes() == before.encode()
    assert sorted(item.name for item in path.parent.iterdir()) == ["settings.json"], "no backup stays"


def test_a_file_and_a_folder_that_install_made_go_with_it(tmp_path: Path) -> None:
    """And the scripts, when no agent's settings name them."""
    settings = _settings(tmp_path)
    _install(tmp_path, settings)
    assert settings.hook_path.exists()
    _uninstall(tmp_path, settings)
    assert not (tmp_path / ".toy").exists()
    assert not settings.hook_path.exists()


def test_what_others_wrote_meanwhile_stays(tmp_path: Path) -> None:
    """Without a note of what they wrote: only what is ours goes."""
    settings, path = _settings(tmp_path), tmp_path / ".toy/settings.json"
    path.parent.mkdir()
    path.write_text(THEIRS)
    document = json.loads(_install(tmp_path, settings))
    document["hooks"]["Began"].append({"hooks": [{"type": "command", "command": "later"}]})
    path.write_text(json.dumps(document, indent=2))
    _uninstall(tmp_path, settings)
    left = json.loads(path.read_text())
    assert [group["hooks"][0]["command"] for group in left["hooks"]["Began"]] == ["mine", "later"]


def test_our_group_keeps_its_place_when_it_is_renewed(tmp_path: Path) -> None:
    """An agent may know what was approved by its position: what stands behind ours must not move."""
    settings, path = _settings(tmp_path), tmp_path / ".toy/settings.json"
    groups = [[{"type": "command", "command": command, "timeout": 9}] for command in ("mine", OLD, "later")]
    document = {"hooks": {"Began": [{"matcher": "*", "hooks": hooks} for hooks in groups], "Ended": [{"hooks": groups[1]}]}}
    path.parent.mkdir()
    path.write_text(json.dumps(document, indent=2))
    began = json.loads(_install(tmp_path, settings))["hooks"]["Began"]
    commands = [group["hooks"][0]["command"] for group in began]
    assert commands[0] == "mine"
    assert commands[2] == "later"
    assert is_ours(commands[1])
    assert str(settings.hook_path) in commands[1]
    assert began[1]["hooks"][0]["timeout"] == 5


def test_the_command_names_the_agent_and_is_known_as_ours(tmp_path: Path) -> None:
    """The word becomes part of each event's first line."""
    settings = _settings(tmp_path)
    command = _command(tmp_path, settings)
    assert command == f"test ! -x '{settings.hook_path}' || exec '{settings.hook_path}' agent=toy # hookline"
    assert is_ours(command)
    assert not is_ours(command.replace(" # hookline", ""))


def test_a_variable_moves_the_folder_and_other_scopes_are_refused(tmp_path: Path) -> None:
    """By its own name, not below it; and the refusal says which file it would be."""
    installer = JsonHooksInstaller(TOY, {"HOME": str(tmp_path), "TOY_HOME": str(tmp_path / "elsewhere")})
    assert installer.path() == tmp_path / "elsewhere/settings.json"
    with pytest.raises(ConfigInvalid, match=r"Toy is set up in .*elsewhere/settings\.json only"):
        installer.path("project")


def test_a_file_that_is_no_settings_file_is_refused_with_its_line(tmp_path: Path) -> None:
    """And not touched."""
    path, settings = tmp_path / ".toy/settings.json", _settings(tmp_path)
    path.parent.mkdir()
    for text, why in (('{"hooks": []}', "object of events"), ("{\n// x\n,}", r"line 3, column 1.*not valid JSON")):
        path.write_text(text)
        with pytest.raises(ConfigInvalid, match=why):
            _install(tmp_path, settings)
        assert path.read_text() == text
