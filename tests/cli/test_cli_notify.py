"""`hookline notify`: what it shows, writes and tries."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

from support.person import Person


def config_of(person: Person) -> Path:
    """Return the person's settings file."""
    return person.home / ".config" / "hookline" / "config.toml"


def test_notices_are_off_until_somebody_wants_them(person: Person) -> None:
    """And it says how."""
    done = person.hookline("notify")
    assert "Notices are off" in done.stdout
    assert "hookline notify desktop" in done.stdout
    assert person.hookline("notify", "test").returncode == 1


def test_a_way_is_written_into_the_settings_file_and_off_again(person: Person) -> None:
    """What else stands in the file stays, and so does its mode."""
    config = config_of(person)
    config.parent.mkdir(parents=True)
    config.write_text('# mine\n[relay]\nuser = "dev"\n')
    config.chmod(0o640)
    done = person.hookline("notify", "desktop", "--after", "2m", "--about", "permission,prompt", "--also", "bell")
    assert "Notices by desktop and bell, once an agent waits 120 s for a permission or a prompt" in done.stdout
    assert tomllib.loads(config.read_text())["notify"] == {"how": ["desktop", "bell"], "after_s": 120.0, "about": ["permission", "prompt"]}
    assert person.hookline("notify", "off").returncode == 0
    assert json.loads(person.hookline("notify", "--format", "json").stdout)["how"] == ["off"]
    assert config.read_text().startswith('# mine\n[relay]\nuser = "dev"\n')
    assert config.stat().st_mode & 0o777 == 0o640


def test_a_command_of_ones_own_is_tried(person: Person, tmp_path: Path) -> None:
    """It gets its options as they were given, and is told twice: of a wait, and of its end."""
    told = tmp_path / "told"
    person.hookline("notify", "command", "--after", "5s", "--", "sh", "-c", f"cat >> {told}")
    done = person.hookline("notify", "test")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["what"] for line in told.read_text().splitlines()] == ["waiting", "resolved"]


def test_what_wins_over_the_file_is_named(person: Person) -> None:
    """A variable in the environment does."""
    done = person.hookline("notify", "desktop", env={"HOOKLINE_NOTIFY_HOW": "bell"})
    assert "HOOKLINE_NOTIFY_HOW is set and wins" in done.stderr
    assert "Notices by bell" in done.stdout


def test_a_way_that_cannot_be_taken_says_why(person: Person, tmp_path: Path) -> None:
    """No notify-send, and nothing else on the PATH."""
    done = person.hookline("notify", "test", env={"HOOKLINE_NOTIFY_HOW": "desktop", "PATH": str(tmp_path), "LANG": os.environ.get("LANG", "C")})
    assert done.returncode == 1
    assert "notify-send" in done.stderr or "osascript" in done.stderr


def test_a_time_or_a_wait_that_is_none_is_refused(person: Person) -> None:
    """With what can be given."""
    assert "such as 10s" in person.hookline("notify", "desktop", "--after", "soon").stderr
    assert "permission, answer, prompt" in person.hookline("notify", "desktop", "--about", "coffee").stderr
    assert "'coffee' is not one of" in person.hookline("notify", env={"HOOKLINE_NOTIFY_HOW": "desktop,coffee"}).stderr
    assert not config_of(person).exists()
