"""Install and uninstall on settings files as people have them: every other byte stays, and uninstall gives the file back."""

import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hookline.agents.claude_code.hook_events import EVENTS
from hookline.agents.claude_code.installer import install_claude_code, settings_path, uninstall_claude_code
from hookline.agents.claude_code.scripts import are_scripts_current, install_scripts
from hookline.errors import ConfigInvalid, Refused
from hookline.install import Change, Scope
from hookline.settings import Settings
from hookline.settings.schema import CollectorSettings, RelaySettings

VERSION = (2, 1, 329)
USER_HOOK = {"type": "command", "command": "~/bin/lint", "timeout": 30}

TWO_SPACES = """{
  "permissions": {
    "allow": ["Bash(ls:*)", "Read"],
    "deny": []
  },
  "model": "opus",
  "größe": "\\u00e9 é \\/"
}
"""
WITH_HOOKS = """{
    "hooks": {
        "PreToolUse": [
            {"matcher": "Bash", "hooks": [{"type": "command", "command": "~/bin/lint"}]}
        ],
        "Stop": [ { "hooks": [ { "type": "command", "command": "say done" } ] } ]
    },
    "env": { "EDITOR": "vi" },
    "statusLine": {"type": "command", "command": "echo \\"$USER\\" | tr a-z A-Z; # it's mine", "padding": 0}
}
"""
SHAPES = {
    "two spaces": TWO_SPACES,
    "hooks of the user, four spaces": WITH_HOOKS,
    "tabs, no newline at the end": '{\n\t"model": "opus",\n\t"env": {\n\t\t"A": "b"\n\t}\n}',
    "empty list of groups": '{\n\t"hooks": {\n\t\t"Stop": []\n\t}\n}',
    "empty object": "{}",
    "empty object over two lines": "{\n}\n",
    "empty hooks": '{\n  "hooks": {},\n  "env": {}\n}\n',
    "one line": '{"model":"opus","hooks":{"Stop":[{"hooks":[{"type":"command","command":"x"}]}]}}',
    "lines of windows": '{\r\n  "model": "opus"\r\n}\r\n',
    "byte order mark": '\ufeff{\n  "model": "opus"\n}\n',
    "commas first": '{ "a": 1\n, "env":\n  { "A": "b"\n  }\n, "b": [ ]\n}\n',
    "empty file": "",
    "blank file": "\n\n",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home" / ".claude").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(data_dir=home / ".local" / "state" / "hookline")


def install(settings: Settings, home: Path, **options: Any) -> Change:
    return install_claude_code(settings, env={"HOME": str(home)}, version=options.pop("version", VERSION), **options)


def uninstall(settings: Settings, home: Path, **options: Any) -> Change:
    return uninstall_claude_code(settings, env={"HOME": str(home)}, **options)


def put(home: Path, text: str) -> Path:
    path = home / ".claude" / "settings.json"
    path.write_bytes(text.encode())
    return path


def handlers(tree: dict[str, Any]) -> dict[str, list[str]]:
    """Return the commands of every event."""
    return {event: [h["command"] for group in groups for h in group["hooks"]] for event, groups in tree["hooks"].items()}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("options", [{}, {"native_telemetry": True, "status_line": True}], ids=["hooks", "everything"])
def test_uninstall_gives_the_file_back_byte_for_byte(settings: Settings, home: Path, shape: str, options: dict[str, bool]) -> None:
    """Whatever its indentation, line ends and spacing; nothing of Hookline stays beside it."""
    path = put(home, SHAPES[shape])
    install(settings, home, **options)
    assert len(handlers(json.loads(path.read_text("utf-8-sig")))) >= len(EVENTS)
    uninstall(settings, home)
    assert path.read_bytes() == SHAPES[shape].encode()
    assert list(path.parent.iterdir()) == [path]


# What was empty before cannot be told from what install left empty without the note.
NEVER_EMPTY = [name for name in SHAPES if not name.startswith("empty ") and name != "blank file"]


@pytest.mark.parametrize("shape", [*NEVER_EMPTY, "empty object"])
def test_uninstall_takes_the_handlers_out_of_a_file_that_has_changed_since(settings: Settings, home: Path, shape: str) -> None:
    """Without note and backup the text itself is enough: what was appended is removed."""
    path = put(home, SHAPES[shape])
    install(settings, home, status_line=True)
    (settings.data_dir / "installed.json").unlink()
    uninstall(settings, home)
    assert path.read_bytes() == SHAPES[shape].encode()


@pytest.mark.parametrize("shape", SHAPES)
def test_install_keeps_every_byte_that_was_there(settings: Settings, home: Path, shape: str) -> None:
    """The text grows in places: no line of the user's is reformatted or moved."""
    path = put(home, SHAPES[shape])
    install(settings, home, native_telemetry=True)
    grown = path.read_bytes().decode()
    position = 0
    for letter in SHAPES[shape].strip("\ufeff \r\n"):
        position = grown.index(letter, position) + 1


def test_every_safe_event_gets_the_same_handler(settings: Settings, home: Path) -> None:
    """All but WorktreeCreate and MessageDisplay, with a matcher only where the event takes one."""
    install(settings, home)
    tree = json.loads((home / ".claude" / "settings.json").read_text())
    assert sorted(tree["hooks"]) == sorted(event.name for event in EVENTS)
    assert not {"WorktreeCreate", "MessageDisplay"} & set(tree["hooks"])
    assert len(EVENTS) == 29
    assert len({command for commands in handlers(tree).values() for command in commands}) == 1
    assert tree["hooks"]["PreToolUse"][0]["matcher"] == "*"
    assert "matcher" not in tree["hooks"]["Stop"][0]


def test_the_handler_stands_after_those_of_the_user(settings: Settings, home: Path) -> None:
    """Theirs stay first and as they are written."""
    path = put(home, WITH_HOOKS)
    install(settings, home)
    theirs = WITH_HOOKS.split("\n")
    assert path.read_text().startswith("\n".join(theirs[:4]) + ",\n" + " " * 12 + "{\n")
    assert theirs[7] in path.read_text()
    tree = json.loads(path.read_text())
    assert tree["hooks"]["PreToolUse"][0] == json.loads(WITH_HOOKS)["hooks"]["PreToolUse"][0]
    assert [len(commands) for commands in handlers(tree).values()][:3] == [2, 2, 1]


def test_installing_twice_changes_nothing_the_second_time(settings: Settings, home: Path) -> None:
    """No handler doubles, and the backup stays that of the file without Hookline."""
    path = put(home, WITH_HOOKS)
    install(settings, home, native_telemetry=True, status_line=True)
    once = path.read_bytes()
    change = install(settings, home, native_telemetry=True, status_line=True)
    assert path.read_bytes() == once
    assert not change.is_needed
    assert change.diff() == ""
    assert path.with_name("settings.json.before-hookline").read_text() == WITH_HOOKS


def test_a_later_option_is_added_and_everything_is_undone_together(settings: Settings, home: Path) -> None:
    """First the hooks, then native telemetry; an install without it leaves it on."""
    path = put(home, WITH_HOOKS)
    install(settings, home)
    install(settings, home, native_telemetry=True)
    install(settings, home)
    assert json.loads(path.read_text())["env"]["CLAUDE_CODE_ENABLE_TELEMETRY"] == "1"
    uninstall(settings, home)
    assert path.read_text() == WITH_HOOKS


def test_handlers_of_an_older_path_are_replaced(settings: Settings, home: Path) -> None:
    """Also such as an older version wrote, without the mark."""
    path = put(home, json.dumps({"hooks": {"Stop": [{"hooks": [USER_HOOK, {"type": "command", "command": "'/old/hookline/hook.sh'"}]}]}}))
    install(Settings(data_dir=home / "before"), home)
    install(settings, home)
    commands = handlers(json.loads(path.read_text()))
    assert commands["Stop"][0] == USER_HOOK["command"]
    assert all(len(found) == 1 + (event == "Stop") for event, found in commands.items())
    assert all(str(settings.hook_path) in found[-1] for found in commands.values())


def test_what_was_added_since_stays(settings: Settings, home: Path) -> None:
    """Uninstall takes out what install put in and nothing else."""
    path = put(home, TWO_SPACES)
    install(settings, home, native_telemetry=True)
    tree = json.loads(path.read_text())
    tree["hooks"]["Stop"][0]["hooks"].append(USER_HOOK)
    tree["env"]["MINE"] = "1"
    tree["env"]["OTEL_LOGS_EXPORT_INTERVAL"] = "9000"
    path.write_text(json.dumps(tree, indent=2))
    uninstall(settings, home)
    left = json.loads(path.read_text())
    assert left == {**json.loads(TWO_SPACES), "hooks": {"Stop": [{"hooks": [USER_HOOK]}]}, "env": {"MINE": "1", "OTEL_LOGS_EXPORT_INTERVAL": "9000"}}


def test_a_missing_file_is_made_and_removed_again(settings: Settings, home: Path) -> None:
    """With its folder, if that was not there either."""
    (home / ".claude").rmdir()
    change = install(settings, home)
    assert change.before is None
    assert stat.S_IMODE(change.path.stat().st_mode) == 0o600
    uninstall(settings, home)
    assert not (home / ".claude").exists()
    assert not settings.hook_path.exists()


def test_a_file_that_was_made_and_then_used_is_kept(settings: Settings, home: Path) -> None:
    """Only an empty one goes."""
    path = install(settings, home).path
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model": "opus"}))
    uninstall(settings, home)
    assert json.loads(path.read_text()) == {"model": "opus"}


def test_what_the_user_put_into_a_file_that_install_made_is_never_removed_with_it(settings: Settings, home: Path) -> None:
    """No file; install; the user adds a status line; install again with another option; uninstall."""
    path = install(settings, home).path
    mine = {"model": "opus", "statusLine": {"type": "command", "command": "date"}}
    path.write_text(json.dumps(json.loads(path.read_text()) | mine, indent=2))
    touched = path.read_text()
    again = install(settings, home, status_line=True)
    assert again.backup is not None
    assert again.backup.read_text() == touched
    installed = path.read_text()
    change = uninstall(settings, home)
    assert json.loads(path.read_text()) == mine
    assert change.backup is not None
    assert change.backup.read_text() == installed


def test_a_touched_file_without_anything_else_in_it_stays(settings: Settings, home: Path) -> None:
    """Somebody has written in it, so it is theirs."""
    path = install(settings, home).path
    path.write_text(json.dumps(json.loads(path.read_text())))
    uninstall(settings, home)
    assert path.read_text() == "{}"


def test_variables_that_were_left_alone_do_not_become_the_users(settings: Settings, home: Path) -> None:
    """The user takes the hooks out by hand, not the variables, installs again and uninstalls."""
    path = put(home, TWO_SPACES)
    install(settings, home, native_telemetry=True)
    tree = json.loads(path.read_text())
    del tree["hooks"]
    path.write_text(json.dumps(tree))
    install(settings, home)
    uninstall(settings, home)
    assert json.loads(path.read_text()) == json.loads(TWO_SPACES)


def test_a_backup_is_not_written_through_a_link(settings: Settings, home: Path) -> None:
    """A stranger's repository may hold a link of that name."""
    path = put(home, TWO_SPACES)
    precious = home / "precious"
    precious.write_text("precious")
    backup = path.with_name("settings.json.before-hookline")
    backup.symlink_to(precious)
    install(settings, home)
    assert precious.read_text() == "precious"
    assert not backup.is_symlink()
    assert backup.read_text() == TWO_SPACES


def test_a_handler_of_the_users_that_only_bears_the_mark_is_theirs(settings: Settings, home: Path) -> None:
    """Ours are known by script and mark together; a wrapper that somebody has worked on is theirs as well."""
    text = json.dumps(
        {
            "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done # hookline"}]}]},
            "statusLine": {
                "type": "command",
                "command": "set -- 'a' b; test ! -x '/x/statusline.sh' || exec '/x/statusline.sh' \"$1\"; eval \"$1\" # hookline",
            },
        }
    )
    path = put(home, text)
    assert not uninstall(settings, home).is_needed
    assert path.read_text() == text


def test_uninstall_where_nothing_was_installed_changes_nothing(settings: Settings, home: Path) -> None:
    """Neither a file nor a data folder comes into being."""
    assert not uninstall(settings, home).is_needed
    path = put(home, WITH_HOOKS)
    assert not uninstall(settings, home).is_needed
    assert path.read_text() == WITH_HOOKS
    assert not settings.data_dir.exists()


def test_a_dry_run_shows_the_difference_and_writes_nothing(settings: Settings, home: Path) -> None:
    """Of install and of uninstall."""
    path = put(home, TWO_SPACES)
    change = install(settings, home, dry_run=True)
    assert '+  "hooks": {' in change.diff()
    assert "# hookline" in change.diff()
    assert path.read_text() == TWO_SPACES
    assert not settings.data_dir.exists()
    install(settings, home)
    text = path.read_text()
    assert '-  "hooks": {' in uninstall(settings, home, dry_run=True).diff()
    assert path.read_text() == text


def test_a_linked_settings_file_is_followed_and_keeps_its_mode(settings: Settings, home: Path, tmp_path: Path) -> None:
    """People keep their settings in a repository of dot files."""
    real = tmp_path / "dotfiles" / "claude.json"
    real.parent.mkdir()
    real.write_text(TWO_SPACES)
    real.chmod(0o640)
    link = home / ".claude" / "settings.json"
    link.symlink_to(real)
    install(settings, home)
    assert link.is_symlink()
    assert "hooks" in json.loads(real.read_text())
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    uninstall(settings, home)
    assert link.is_symlink()
    assert real.read_text() == TWO_SPACES


def test_a_link_to_a_file_that_is_not_there_yet_stays_a_link(settings: Settings, home: Path, tmp_path: Path) -> None:
    """Install makes the file that it points to, uninstall removes that one."""
    link = home / ".claude" / "settings.json"
    link.symlink_to(tmp_path / "claude.json")
    install(settings, home)
    assert (tmp_path / "claude.json").exists()
    uninstall(settings, home)
    assert link.is_symlink()
    assert not (tmp_path / "claude.json").exists()


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ('{\n  // mine\n  "a": 1,,\n}', 3, "not valid JSON"),
        ('{\n  "a": 1 /* mine\n}', 2, "a comment has no end"),
        ("// nothing but words\n", 2, "not valid JSON"),
        ("[1]", 1, "must be an object"),
        ('{\n "hooks": []}', 2, '"hooks" must be an object'),
        ('{"hooks": {\n"Stop": {}}}', 2, "hooks of Stop must be a list"),
        ('{"hooks": {"Stop": [\n"x"]}}', 2, "must be an object"),
        ('{"hooks": {"Stop": [\n{}]}}', 2, 'has no "hooks"'),
        ('{"hooks": {"Stop": [{"hooks":\n {}}]}}', 2, "handlers of Stop must be a list"),
        ('{"hooks": {"Stop": [{"hooks": [\n 1]}]}}', 2, "handler of Stop must be an object"),
        ('{"a": 1,\n"a": 2}', 2, "twice"),
        ("[" * 100_000, 1, "nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_edited_safely_is_left_alone(settings: Settings, home: Path, text: str, line: int, word: str) -> None:
    """The message names file, line, column and what to do; install and uninstall alike."""
    path = put(home, text)
    for action in (install, uninstall):
        with pytest.raises(ConfigInvalid) as caught:
            action(settings, home)
        [(key, why)] = caught.value.problems
        assert key.startswith(f"{path} line {line}, column ")
        assert word in why
        assert "Nothing was changed" in why
    assert path.read_text() == text
    assert not settings.data_dir.exists()


def test_a_file_that_is_not_utf_8_is_left_alone(settings: Settings, home: Path) -> None:
    """Nobody can tell what it says."""
    path = put(home, "")
    path.write_bytes(b'{"a": "\xe9"}')
    with pytest.raises(ConfigInvalid, match="not UTF-8"):
        install(settings, home)
    assert path.read_bytes() == b'{"a": "\xe9"}'


def test_an_unexpected_status_line_or_environment_is_left_alone(settings: Settings, home: Path) -> None:
    """Only what is documented is touched."""
    for text, options in (('{"statusLine": "x"}', {"status_line": True}), ('{"env": []}', {"native_telemetry": True})):
        path = put(home, text)
        with pytest.raises(ConfigInvalid, match="must be an object"):
            install(settings, home, **options)
        assert path.read_text() == text


def test_native_telemetry_goes_where_the_relay_sends(home: Path) -> None:
    """Or to the collector's own address, if only that was changed; people's own variables stay and are named."""
    settings = Settings(data_dir=home / "data")
    path = put(home, '{"env": {"OTEL_LOGS_EXPORTER": "console"}}')
    change = install(settings, home, native_telemetry=True)
    env = json.loads(path.read_text())["env"]
    assert env == {
        "OTEL_LOGS_EXPORTER": "console",
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA": "1",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317",
        "OTEL_METRIC_EXPORT_INTERVAL": "10000",
        "OTEL_LOGS_EXPORT_INTERVAL": "1000",
        "OTEL_TRACES_EXPORT_INTERVAL": "1000",
    }
    assert "OTEL_LOGS_EXPORTER is already set to 'console' and stays so" in change.remarks


def test_native_telemetry_follows_a_changed_endpoint_and_keeps_secrets_out_of_shared_files(home: Path) -> None:
    """A second install replaces its own values; headers go into private files only."""
    first = Settings(data_dir=home / "data", collector=CollectorSettings(otlp_grpc="127.0.0.1:5317"))
    path = install(first, home, native_telemetry=True).path
    assert json.loads(path.read_text())["env"]["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:5317"
    relay = RelaySettings(endpoint="https://otlp.example:443", headers={"authorization": "Bearer a,b"})
    second = Settings(data_dir=home / "data", relay=relay)
    install(second, home, native_telemetry=True)
    env = json.loads(path.read_text())["env"]
    assert env["OTEL_EXPORTER_OTLP_ENDPOINT"] == "https://otlp.example:443"
    assert env["OTEL_EXPORTER_OTLP_HEADERS"] == "authorization=Bearer%20a%2Cb"
    shared = install(second, home, native_telemetry=True, scope="project", project_dir=home / "shop").path
    assert "OTEL_EXPORTER_OTLP_HEADERS" not in shared.read_text()


@pytest.mark.parametrize(
    ("scope", "place"),
    [("user", "home/.claude/settings.json"), ("project", "shop/.claude/settings.json"), ("local", "shop/.claude/settings.local.json")],
)
def test_each_scope_has_its_file(tmp_path: Path, scope: Scope, place: str) -> None:
    """As the agent documents them."""
    assert settings_path(scope, tmp_path / "shop", {"HOME": str(tmp_path / "home")}) == tmp_path / place


def test_the_agents_own_variable_moves_the_user_scope(tmp_path: Path) -> None:
    """CLAUDE_CONFIG_DIR."""
    assert settings_path("user", None, {"HOME": "/home/x", "CLAUDE_CONFIG_DIR": str(tmp_path)}) == tmp_path / "settings.json"


def test_scopes_are_undone_one_by_one_and_the_scripts_go_with_the_last(settings: Settings, home: Path) -> None:
    """A hook that another scope still names stays installed."""
    install(settings, home)
    install(settings, home, scope="local", project_dir=home / "shop")
    uninstall(settings, home)
    assert are_scripts_current(settings)
    uninstall(settings, home, scope="local", project_dir=home / "shop")
    assert not settings.hook_path.exists()


def test_installing_in_shared_and_in_private_settings_is_remarked(settings: Settings, home: Path) -> None:
    """Where both apply the client would run the hook twice; equal commands it runs once."""
    install(settings, home)
    assert install(settings, home, scope="local", project_dir=home / "shop").remarks == ()
    [remark] = [r for r in install(settings, home, scope="project", project_dir=home / "shop").remarks if "settings.json:" in r]
    assert str(home / ".claude" / "settings.json") in remark


@pytest.mark.parametrize("scope", ["user", "project"])
def test_the_command_runs_the_hook_and_is_silent_where_there_is_none(tmp_path: Path, scope: Scope) -> None:
    """With odd characters in the path; shared settings find it from the reader's own home."""
    home = tmp_path / 'it\'s "$HOME" `x` é'
    settings = Settings(data_dir=home / "st ate" / "hookline")
    path = install(settings, home, scope=scope, project_dir=tmp_path / "shop").path
    command = json.loads(path.read_text())["hooks"]["Stop"][0]["hooks"][0]["command"]
    assert command.startswith('test ! -x "$HOME"/') == (scope == "project")
    for _ in range(2):
        done = subprocess.run(
            ["sh", "-c", command], input=b"{}", capture_output=True, check=False, env={"HOME": str(home), "PATH": os.environ["PATH"]}
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert len(list(settings.spool_dir.glob("*.ev"))) == 1
        settings.hook_path.unlink(missing_ok=True)


def test_an_older_client_gets_only_the_events_that_it_knows(settings: Settings, home: Path) -> None:
    """It would refuse the whole file for one that it does not."""
    change = install(settings, home, version=(2, 0, 50))
    names = set(json.loads(change.path.read_text())["hooks"])
    assert {"SessionStart", "PreToolUse", "PermissionRequest", "SubagentStart"} < names
    assert not {"Setup", "StopFailure", "DirectoryAdded"} & names
    assert any("run this again after an update" in remark for remark in change.remarks)


def test_switched_off_hooks_are_remarked(settings: Settings, home: Path) -> None:
    """Otherwise people wait for events that never come."""
    put(home, '{"disableAllHooks": true}')
    assert any("disableAllHooks" in remark for remark in install(settings, home).remarks)


def test_the_status_line_wraps_the_users_own_and_gives_it_back(settings: Settings, home: Path) -> None:
    """The same output with the script and, should it be gone, without."""
    path = put(home, WITH_HOOKS)
    install(settings, home, status_line=True)
    status = json.loads(path.read_text())["statusLine"]
    assert status["padding"] == 0
    for _ in range(2):
        done = subprocess.run(
            ["sh", "-c", status["command"]], input=b"{}", capture_output=True, check=False, env={"USER": "ana", "PATH": os.environ["PATH"]}
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"ANA\n", b"")
        (settings.data_dir / "statusline.sh").unlink(missing_ok=True)


def test_a_status_line_that_was_changed_since_is_left_alone(settings: Settings, home: Path) -> None:
    """It is the user's again."""
    path = put(home, WITH_HOOKS)
    install(settings, home, status_line=True)
    tree = json.loads(path.read_text())
    tree["statusLine"]["command"] = "mine"
    path.write_text(json.dumps(tree))
    uninstall(settings, home)
    assert json.loads(path.read_text())["statusLine"]["command"] == "mine"


def test_a_change_by_someone_else_in_between_is_not_overwritten(settings: Settings, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent itself writes this file when a permission is granted."""
    path = put(home, TWO_SPACES)

    def install_scripts_slowly(of: Settings) -> None:
        path.write_text("{}")
        install_scripts(of)

    monkeypatch.setattr("hookline.agents.claude_code.installer.install_scripts", install_scripts_slowly)
    with pytest.raises(Refused, match="try again"):
        install(settings, home)
    assert path.read_text() == "{}"
