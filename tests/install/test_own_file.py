"""Settings files that are wholly ours: made and removed, and a stranger's left alone."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hookline.agents.copilot_cli.installer import EVENTS, CopilotInstaller
from hookline.agents.opencode.installer import OpenCodeInstaller
from hookline.errors import ConfigInvalid
from hookline.install.change import Change, Scope
from hookline.install.command import is_ours
from hookline.install.own_file import OwnFileInstaller
from hookline.settings import Settings, load
from hookline.spool.event_file import parse_event

KINDS: list[tuple[type[CopilotInstaller] | type[OpenCodeInstaller], str, str]] = [
    (CopilotInstaller, ".copilot/hooks/hookline.json", ".github/hooks/hookline.json"),
    (OpenCodeInstaller, ".config/opencode/plugins/hookline.js", ".opencode/plugins/hookline.js"),
]


def _settings(tmp_path: Path) -> Settings:
    return load({"data_dir": str(tmp_path / "data")}, {"HOME": str(tmp_path)}).settings


def _install(installer: OwnFileInstaller, settings: Settings, scope: Scope = "user", dry_run: bool = False) -> Change:
    return installer.install(settings, scope, native_telemetry=False, status_line=False, dry_run=dry_run)


@pytest.mark.parametrize(("kind", "file", "shared"), KINDS)
def test_install_makes_the_file_and_uninstall_takes_it_away(
    kind: type[CopilotInstaller] | type[OpenCodeInstaller], file: str, shared: str, tmp_path: Path
) -> None:
    """Again: no change; and what was there beside it stays."""
    installer, settings, path = kind({"HOME": str(tmp_path)}, tmp_path / "shop"), _settings(tmp_path), tmp_path / file
    assert _install(installer, settings, dry_run=True).is_needed
    assert not path.exists()
    assert installer.installed() == ([], [])
    _install(installer, settings)
    assert (installer.installed(), installer.is_current(settings), path.stat().st_mode & 0o777) == (([path], []), True, 0o600)
    assert not _install(installer, settings).is_needed
    (path.parent / "mine.json").write_text("{}")
    assert installer.uninstall(settings, "user", dry_run=False).after is None
    assert [item.name for item in path.parent.iterdir()] == ["mine.json"]
    assert not (tmp_path / "data/hook.sh").exists()
    assert not installer.uninstall(settings, "user", dry_run=False).is_needed


@pytest.mark.parametrize(("kind", "file", "shared"), KINDS)
def test_a_folder_that_install_made_goes_with_the_file(
    kind: type[CopilotInstaller] | type[OpenCodeInstaller], file: str, shared: str, tmp_path: Path
) -> None:
    """Both where the agent had none."""
    installer, settings = kind({"HOME": str(tmp_path)}), _settings(tmp_path)
    _install(installer, settings)
    _install(installer, settings)
    installer.uninstall(settings, "user", dry_run=False)
    assert not (tmp_path / file).parent.exists()


@pytest.mark.parametrize(("kind", "file", "shared"), KINDS)
def test_a_strangers_file_of_that_name_is_left_alone(
    kind: type[CopilotInstaller] | type[OpenCodeInstaller], file: str, shared: str, tmp_path: Path
) -> None:
    """And the person told what to do."""
    installer, settings, path = kind({"HOME": str(tmp_path)}), _settings(tmp_path), tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    with pytest.raises(ConfigInvalid, match="move it away"):
        _install(installer, settings)
    with pytest.raises(ConfigInvalid, match="move it away"):
        installer.uninstall(settings, "user", dry_run=False)
    assert path.read_text() == "{}"


@pytest.mark.parametrize(("kind", "file", "shared"), KINDS)
def test_what_somebody_changed_in_it_is_kept_beside(
    kind: type[CopilotInstaller] | type[OpenCodeInstaller], file: str, shared: str, tmp_path: Path
) -> None:
    """Under a name that the agent does not read."""
    installer, settings, path = kind({"HOME": str(tmp_path)}), _settings(tmp_path), tmp_path / file
    _install(installer, settings)
    changed = path.read_text() + "\n"
    path.write_text(changed)
    assert not installer.is_current(settings)
    kept = _install(installer, settings).backup
    assert kept and (kept.read_text(), kept.suffix in (".js", ".json")) == (changed, False)
    assert installer.is_current(settings)


@pytest.mark.parametrize(("kind", "file", "shared"), KINDS)
def test_a_projects_file_names_no_home(kind: type[CopilotInstaller] | type[OpenCodeInstaller], file: str, shared: str, tmp_path: Path) -> None:
    """Others share it; and there is no third place."""
    installer, settings = kind({"HOME": str(tmp_path)}, tmp_path / "shop"), _settings(tmp_path)
    text = _install(installer, settings, "project").after or ""
    assert (tmp_path / "shop" / shared).read_text() == text
    assert str(tmp_path) not in text
    with pytest.raises(ConfigInvalid, match="leave the option out"):
        _install(installer, settings, "local")


def test_copilots_hooks_say_their_events_by_name(tmp_path: Path) -> None:
    """One command an event, known as ours, that leaves what it is given in the spool."""
    settings = _settings(tmp_path)
    hooks = json.loads(_install(CopilotInstaller({"HOME": str(tmp_path)}), settings).after or "")["hooks"]
    assert tuple(hooks) == EVENTS
    command = hooks["SubagentStart"][0]["bash"]
    assert is_ours(command)
    subprocess.run(["bash", "-c", command], input=b'{"sessionId": "s"}', env={"PATH": os.environ["PATH"]}, check=True)
    (path,) = settings.spool_dir.glob("*.ev")
    env = parse_event(path, 0, path.read_bytes()).env
    assert (env["agent"], env["event"], env["ppid"]) == ("copilot-cli", "SubagentStart", str(os.getpid()))


def test_folders_follow_the_agents_variables(tmp_path: Path) -> None:
    """Of Copilot's home, OpenCode's own folder, and the folder of all settings."""
    assert CopilotInstaller({"HOME": "/home/ana", "COPILOT_HOME": "/x/copilot"}).path() == Path("/x/copilot/hooks/hookline.json")
    assert OpenCodeInstaller({"HOME": "/home/ana", "OPENCODE_CONFIG_DIR": "/x/oc"}).path() == Path("/x/oc/plugins/hookline.js")
    assert OpenCodeInstaller({"HOME": "/home/ana", "XDG_CONFIG_HOME": "/x"}).path() == Path("/x/opencode/plugins/hookline.js")


def test_the_plugin_that_is_installed_knows_its_folder(tmp_path: Path) -> None:
    """And is JavaScript that a client can load."""
    settings = _settings(tmp_path)
    text = _install(OpenCodeInstaller({"HOME": str(tmp_path)}), settings).after or ""
    assert f'const DATA = "{settings.data_dir}"' in text
    if shutil.which("node"):
        subprocess.run(["node", "--check", "--input-type=module"], input=text.encode(), check=True, capture_output=True)
