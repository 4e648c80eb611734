"""Hooks as tables of a TOML file: every other byte stays, and uninstall gives the file back."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.agents.kimi_code.events import EVENTS, rows_of
from hookline.agents.kimi_code.installer import KimiInstaller
from hookline.errors import ConfigInvalid
from hookline.install.command import hook_command, is_ours
from hookline.install.hook_groups import UnexpectedShape
from hookline.install.toml_tables import append_tables, find_tables, gap_before, parse_toml, remove_tables
from hookline.settings import Settings
from hookline.system.client_version import version_of
from support.soaking import examples

OURS = {"event": "Stop", "command": "test ! -x '/d/hook.sh' || exec '/d/hook.sh' agent=kimi-code # hookline", "timeout": 5}
TEXTS = {
    "none": "",
    "no newline at the end": 'default_model = "k2"',
    "tables of theirs": 'a = 1\n\n[[hooks]] # mine\nevent = "Stop"\ncommand = "say done"\n\n# the models\n[models.k2]\nmax = 1\n',
    "what looks like tables": 'x = [\n  [1, 2],\n["[[hooks]]"],\n]\ns = """\n[[hooks]]\nevent = "no"\n"""\nt = \'\'\'[[hooks]]\'\'\'\n',
    "lines of windows": 'a = 1\r\n[[hooks]]\r\nevent = "Stop"\r\ncommand = "x"\r\n',
    "only a comment": "# nothing yet\n",
    "two of theirs": 'a = 1\n[[hooks]]\nevent = "Stop"\ncommand = "x"\n\n  # why\n  [[hooks]]\n  event = "Stop"\n  command = """y\n[z]"""\n',
}


def _is_ours(table: object) -> bool:
    return isinstance(table, dict) and is_ours(table.get("command"))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_what_was_appended_goes_again_byte_for_byte(text: str) -> None:
    """And everything else means what it meant."""
    made = append_tables(text, "hooks", [OURS, OURS | {"event": "Interrupt"}])
    assert made.startswith(text)
    assert tomllib.loads(made)["hooks"][-2:] == [OURS, OURS | {"event": "Interrupt"}]
    assert remove_tables(made, "hooks", _is_ours, gap_before(text)) == text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_what_others_append_later_stays(text: str) -> None:
    """A comment behind our tables belongs to what follows."""
    later = '\n# theirs\n[[hooks]]\nevent = "Notification"\ncommand = "beep"\n'
    left = remove_tables(append_tables(text, "hooks", [OURS]) + later, "hooks", _is_ours, gap_before(text))
    assert left == text + later


_SOME = st.text(st.sampled_from("a=\"[]#\n '\\"), max_size=60)


@settings(max_examples=examples(60), deadline=None)
@given(_SOME)
def test_a_text_is_changed_as_it_should_be_or_refused(text: str) -> None:
    """Whatever is in it: nothing is written that means something else."""
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(UnexpectedShape):
            parse_toml(text)
        return
    try:
        made = append_tables(text, "hooks", [OURS])
    except UnexpectedShape:
        return
    assert tomllib.loads(made) == {**before, "hooks": [*before.get("hooks", []), OURS]}
    assert remove_tables(made, "hooks", _is_ours, gap_before(text)) == text
    assert len(find_tables(made, "hooks")) == len(before.get("hooks", [])) + 1


def test_hooks_in_another_form_are_refused() -> None:
    """An array in one line cannot get tables."""
    with pytest.raises(UnexpectedShape, match="not written as"):
        append_tables('hooks = [{event = "Stop", command = "x"}]\n', "hooks", [OURS])


@pytest.fixture
def installer(tmp_path: Path) -> Callable[..., KimiInstaller]:
    """Return what makes an installer whose client says a version."""

    def made(version: str = "2.1.0") -> KimiInstaller:
        program = tmp_path / "bin" / "kimi"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o700)
        return KimiInstaller({"HOME": str(tmp_path), "PATH": str(program.parent)})

    return made


def test_installing_twice_changes_nothing_and_uninstalling_gives_the_file_back(tmp_path: Path, installer: Callable[..., KimiInstaller]) -> None:
    """With a backup beside it meanwhile."""
    path = tmp_path / ".kimi-code" / "config.toml"
    path.parent.mkdir()
    path.write_text(TEXTS["tables of theirs"])
    kept = Settings(data_dir=tmp_path / "data")
    first = installer().install(kept, "user", native_telemetry=False, status_line=False, dry_run=False)
    assert first.is_needed and len(tomllib.loads(path.read_text())["hooks"]) == 1 + len(EVENTS)
    assert installer().installed() == ([path], [])
    again = installer().install(kept, "user", native_telemetry=False, status_line=False, dry_run=False)
    assert not again.is_needed
    installer().uninstall(kept, "user", dry_run=False)
    assert path.read_text() == TEXTS["tables of theirs"] and [file.name for file in path.parent.iterdir()] == ["config.toml"]


def test_a_file_that_install_made_goes_with_it(tmp_path: Path, installer: Callable[..., KimiInstaller]) -> None:
    """And so does its folder."""
    kept = Settings(data_dir=tmp_path / "data")
    installer().install(kept, "user", native_telemetry=False, status_line=False, dry_run=False)
    assert (tmp_path / ".kimi-code" / "config.toml").stat().st_mode & 0o777 == 0o600
    installer().uninstall(kept, "user", dry_run=False)
    assert not (tmp_path / ".kimi-code").exists()


def test_only_events_that_the_client_knows_are_registered(tmp_path: Path, installer: Callable[..., KimiInstaller]) -> None:
    """One that it does not know makes it refuse the whole file. With TurnStarted the command says that turns are told."""
    kept = Settings(data_dir=tmp_path / "data")
    change = installer("0.31.0").install(kept, "user", native_telemetry=False, status_line=False, dry_run=True)
    assert "TurnStarted" not in (change.after or "") and "Interrupt" in (change.after or "") and "turns=" not in (change.after or "")
    assert not (tmp_path / ".kimi-code").exists()
    unknown = rows_of(None, lambda **words: hook_command("'/d/hook.sh'", agent="kimi-code", **words))
    assert "PermissionRequest" not in {row["event"] for row in unknown.rows} and unknown.remarks
    newest = rows_of((2, 1, 0), lambda **words: hook_command("'/d/hook.sh'", agent="kimi-code", **words))
    assert all(set(row) == {"event", "command", "timeout"} and "turns=told # hookline" in row["command"] for row in newest.rows)


def test_a_project_has_no_such_file(tmp_path: Path, installer: Callable[..., KimiInstaller]) -> None:
    """The message says where it goes."""
    with pytest.raises(ConfigInvalid, match="leave the option out"):
        installer().path("project")


def test_the_version_is_that_of_the_package_around_the_program(tmp_path: Path) -> None:
    """Starting the client only for that takes seconds on a busy machine, and a time-out would cost events."""
    package = tmp_path / "lib" / "kimi-code"
    (package / "dist").mkdir(parents=True)
    (package / "package.json").write_text('{"name": "@moonshot-ai/kimi-code", "version": "2.1.0"}')
    (package / "dist" / "main.mjs").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "kimi").symlink_to(package / "dist" / "main.mjs")
    assert version_of(str(tmp_path / "kimi"), "@moonshot-ai/kimi-code") == (2, 1, 0)
    assert version_of(str(tmp_path / "kimi"), "another") is None
