"""The command line: quick help, clear errors, exit codes, output for people and for programs."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import pytest

from hookline.cli.entry import run
from hookline.cli.group import COMMANDS, hookline
from hookline.cli.output import render
from hookline.system.invocation import own_command
from support.cases import with_each
from support.person import Person

HEAVY = "import sys; from hookline.cli.entry import run; run(['--help']); print([m for m in %r if m in sys.modules], file=sys.stderr)"
NEVER_FOR_HELP = ["opentelemetry", "grpc", "psutil", "rich", "chdb", "starlette", "orjson", "hookline_collector", "hookline.settings", "asyncio"]


def test_help_imports_nothing_heavy() -> None:
    """`hookline --help` answers at once, because no part of Hookline is imported for it."""
    done = subprocess.run([sys.executable, "-c", HEAVY % NEVER_FOR_HELP], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "Where the time goes" in done.stdout


@with_each("name", COMMANDS)
def test_every_command_of_the_table_exists_and_explains_itself(name: str) -> None:
    """The table and the modules agree: each command can be imported, has the name it is called by, and help."""
    command = hookline.get_command(click.Context(hookline), name)
    assert command is not None
    assert command.name == name
    assert command.help


def test_no_command_imports_the_collector_before_it_runs() -> None:
    """The light install has no collector: a command's module must not need it to show its help."""
    needs = "run([name, '--help']) or 'hookline_collector' in sys.modules"
    code = f"import sys; from hookline.cli.entry import run; sys.exit(next((name for name in {list(COMMANDS)} if {needs}), 0))"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), "the last line names the command"


def test_wrong_use_exits_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown option is the caller's mistake: exit code 2, usage on standard error."""
    assert run(["config", "--nonsense"]) == 2
    shown = capsys.readouterr()
    assert "--nonsense" in shown.err
    assert shown.out == ""


def test_an_unknown_setting_on_the_command_line_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    """`--set` with a key that does not exist says which, and where the keys are listed."""
    assert run(["config", "--set", "relay.colour=red"]) == 2
    assert "relay.colour" in capsys.readouterr().err


def test_invalid_settings_are_all_listed_each_with_its_key(person: Person) -> None:
    """Somebody with three mistakes sees three lines, not one after the other, and no traceback."""
    mistakes = {"HOOKLINE_RELAY_SAMPLE_S": "soon", "HOOKLINE_RELAY_PROTOCOL": "pigeon", "HOOKLINE_JOURNAL_FSYNC": "perhaps"}
    done = person.hookline("config", env=mistakes)
    assert done.returncode == 2
    assert done.stdout == ""
    assert [line.split(":")[0].strip() for line in done.stderr.splitlines()[1:]] == ["relay.protocol", "relay.sample_s", "journal.fsync"]


def test_an_error_is_one_line_and_exit_code_one(person: Person) -> None:
    """What fails on purpose says what to do, without a traceback."""
    done = person.hookline("down")
    assert done.returncode == 1
    assert done.stderr == f"hookline: no `{own_command()} up` is running on {person.data_dir}\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("report", "--idle", "soon"), 2),
        (("config", "--config", "/nowhere.toml"), 2),
        (("config", "--set", "relay.colour=red"), 2),
        (("backfill", "--from", "/nowhere"), 2),
        (("install", "emacs"), 2),
        (("report",), 1),
        (("open",), 1),
        (("down",), 1),
    ],
)
def test_what_is_given_wrongly_ends_with_two_and_what_fails_with_one(person: Person, arguments: tuple[str, ...], code: int) -> None:
    """Whoever finds the mistake, the option parser, the settings or the collector."""
    done = person.hookline(*arguments)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr


def test_a_folder_of_transcripts_that_is_not_there_is_said(person: Person) -> None:
    """A mistyped path is not the same as nothing new."""
    assert "'/nowhere' does not exist" in person.hookline("backfill", "--from", "/nowhere").stderr


def test_debug_shows_where_an_error_came_from(person: Person) -> None:
    """`--debug` is for whoever looks for the cause in the code."""
    done = person.hookline("down", "--debug")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_a_reader_that_goes_away_is_not_an_error_worth_a_word(person: Person) -> None:
    """`hookline config | head -1` prints a line and nothing on standard error."""
    command = f"{sys.executable} -m hookline config --format json | head -c 1"
    done = subprocess.run(["bash", "-c", command], check=False, capture_output=True, text=True, env=person.environment)
    assert done.stdout == "["
    assert done.stderr == ""


def test_json_is_an_array_of_objects_also_when_it_is_empty() -> None:
    """A program can rely on the form."""
    assert json.loads(render([{"a": 1, "b": "ä"}], ["a", "b"], "json")) == [{"a": 1, "b": "ä"}]
    assert json.loads(render([], ["a"], "json")) == []


def test_csv_has_a_header_and_quotes_what_needs_it() -> None:
    """Lines, commas and nested values survive a reader of CSV."""
    assert render([{"a": 'x,"y"', "b": ["1"]}, {"a": None, "b": True}], ["a", "b"], "csv") == 'a,b\n"x,""y""","[""1""]"\n,true'


def test_a_plain_table_keeps_a_row_on_a_line_and_control_characters_out() -> None:
    """A tool's name cannot paint the terminal of whoever reads a report."""
    assert render([{"a": "x\x1b[31m\ny", "b": 12}], ["a", "b"], None) == "a          b\nx [31m y  12"


def test_quantities_are_set_to_the_right_with_their_units() -> None:
    """Numbers and times line up; names and dates do not move."""
    rows = [{"tool": "Bash", "p50": "20 ms", "day": "2026-01-01"}, {"tool": "7z", "p50": "1 h 05 m", "day": "2026-01-02"}]
    assert render(rows, ["tool", "p50", "day"], None).splitlines() == [
        "tool       p50  day",
        "Bash     20 ms  2026-01-01",
        "7z    1 h 05 m  2026-01-02",
    ]


def test_a_table_too_wide_for_the_terminal_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes out as plain text, which the terminal breaks where it must; no text is folded into a narrow column or cut."""
    monkeypatch.setenv("COLUMNS", "44")
    row = {"prompts": 12, "session": "0123456789" * 5, "failed": 3}
    assert render([row], list(row), None, terminal=True) == render([row], list(row), None)


def test_no_color_leaves_no_escape_in_a_table_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR is honoured also where a terminal is there."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[3" not in render([{"a": 1}], ["a"], None, terminal=True)
