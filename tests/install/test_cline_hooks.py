"""Cline's hooks are files: ours lie beside a person's, and theirs are never touched."""

import os
import subprocess
from pathlib import Path

import pytest

from hookline.agents.cline.installer import EVENTS, ClineInstaller
from hookline.errors import ConfigInvalid
from hookline.settings import Settings

THEIRS = "#!/bin/sh\ncat >/dev/null\necho '{\"cancel\": false}'\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home folder with a hook of the person's own."""
    hooks = tmp_path / "home" / ".cline" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "PreToolUse").write_text(THEIRS)
    (hooks / "PreToolUse").chmod(0o755)
    return tmp_path / "home"


def state_of(home: Path) -> dict[str, tuple[str, int]]:
    return {path.name: (path.read_text(), path.stat().st_mode) for path in sorted((home / ".cline" / "hooks").iterdir())}


def test_ours_lie_beside_theirs_and_go_again(home: Path, tmp_path: Path) -> None:
    """A name that is taken gets the next ending; a second install changes nothing."""
    kept, installer = Settings(data_dir=tmp_path / "data"), ClineInstaller({"HOME": str(home)})
    before = state_of(home)
    dry = installer.install(kept, "user", native_telemetry=False, status_line=False, dry_run=True)
    assert "+PreToolUse.sh: " in dry.diff() and state_of(home) == before
    assert installer.install(kept, "user", native_telemetry=False, status_line=False, dry_run=False).is_needed
    after = state_of(home)
    assert set(after) == {"PreToolUse", "PreToolUse.sh", *(event for event in EVENTS if event != "PreToolUse")}
    assert after["PreToolUse"] == before["PreToolUse"]
    assert not installer.install(kept, "user", native_telemetry=False, status_line=False, dry_run=False).is_needed
    assert state_of(home) == after and len(installer.installed()[0]) == len(EVENTS)
    assert installer.uninstall(kept, "user", dry_run=False).is_needed
    assert state_of(home) == before and not (kept.data_dir / "hook.sh").exists()
    assert not installer.uninstall(kept, "user", dry_run=False).is_needed


def test_the_file_keeps_the_event_and_answers_nothing(home: Path, tmp_path: Path) -> None:
    """As Cline runs it: by its first line, the payload on standard input."""
    kept = Settings(data_dir=tmp_path / "data")
    ClineInstaller({"HOME": str(home)}).install(kept, "user", native_telemetry=False, status_line=False, dry_run=False)
    ours = home / ".cline" / "hooks" / "PreToolUse.sh"
    said = subprocess.run([ours], input=b'{"hookName":"tool_call"}', capture_output=True, check=True)
    assert (said.stdout, said.stderr) == (b"", b"")
    (event,) = (kept.data_dir / "spool").glob("*.ev")
    words = event.read_bytes().split(b"\n")[0].decode().split()
    assert "agent=cline" in words and "event=PreToolUse" in words and f"ppid={os.getpid()}" in words


def test_a_folder_that_install_made_goes_with_it(tmp_path: Path) -> None:
    """What else is in Cline's own folder stays."""
    (tmp_path / ".cline").mkdir()
    kept, installer = Settings(data_dir=tmp_path / "data"), ClineInstaller({"HOME": str(tmp_path)})
    installer.install(kept, "user", native_telemetry=False, status_line=False, dry_run=False)
    installer.uninstall(kept, "user", dry_run=False)
    assert (tmp_path / ".cline").is_dir() and not (tmp_path / ".cline" / "hooks").exists()


def test_when_all_names_are_taken_it_says_so(home: Path, tmp_path: Path) -> None:
    """And touches none of them."""
    for ending in (".sh", ".bash", ".zsh"):
        (home / ".cline" / "hooks" / f"PreToolUse{ending}").write_text(THEIRS)
    with pytest.raises(ConfigInvalid, match="PreToolUse"):
        ClineInstaller({"HOME": str(home)}).install(
            Settings(data_dir=tmp_path / "data"), "user", native_telemetry=False, status_line=False, dry_run=False
        )
