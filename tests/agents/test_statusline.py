"""The status line: the user's own passes through untouched, the limits reach the spool, and nothing there makes it fail."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hookline.agents.claude_code.scripts import install_scripts, status_line_path
from hookline.settings import Settings
from hookline.spool import SpoolReader, prepare
from support import warm
from support.cases import by_portions
from support.person import Person

STATUS: dict[str, Any] = {
    "session_id": "s1",
    "transcript_path": "/t/s1.jsonl",
    "cwd": "/nowhere/shop",
    "version": "2.1.329",
    "model": {"id": "claude-opus-5", "display_name": "Opus 5"},
    "workspace": {"current_dir": "/nowhere/shop", "repo": {"owner": "ana"}},
    "cost": {"total_cost_usd": 0.25, "total_lines_added": 3},
    "context_window": {"context_window_size": 200_000, "current_usage": {"input_tokens": 9}, "used_percentage": 42.7, "remaining_percentage": 57.3},
    "rate_limits": {
        "five_hour": {"used_percentage": 7, "resets_at": 1_800_000_000},
        "seven_day": {"used_percentage": 91.5, "resets_at": 1_800_400_000},
    },
}
GIVEN = json.dumps(STATUS, separators=(",", ":"), ensure_ascii=False).encode()
SHELLS = [name for name in ("dash", "bash", "busybox") if shutil.which(name)]

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data_dir=tmp_path / "da ta")
    prepare(made)
    install_scripts(made)
    return made


@pytest.fixture(params=["python", *by_portions(SHELLS, in_long=2)])
def run(request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The status line as a Python command and as a script under each shell."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("COLUMNS", raising=False)

    def run_python(given: bytes = GIVEN, own: str = "") -> subprocess.CompletedProcess[bytes]:
        code = (
            "import sys; from pathlib import Path; from hookline.settings import Settings; "
            "from hookline.agents.claude_code.status_line_command import run_status_line; "
            "sys.exit(run_status_line(Settings(data_dir=Path(sys.argv[1])), sys.argv[2:]))"
        )
        return warm.answer(code, [str(settings.data_dir), *(["sh", "-c", own] if own else [])], given)

    def run_script(given: bytes = GIVEN, own: str = "") -> subprocess.CompletedProcess[bytes]:
        shell = ["busybox", "sh"] if request.param == "busybox" else [request.param]
        return subprocess.run([*shell, str(status_line_path(settings)), own], input=given, capture_output=True, timeout=30, check=False)

    return run_python if request.param == "python" else run_script


def kept(settings: Settings, count: int = 1) -> list[dict[str, Any]]:
    """Return the payloads in the spool, once there are so many: the script writes in the background."""
    reader = SpoolReader(settings.spool_dir, settle_s=0)
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + 10
    while len(found) < count and time.monotonic() < deadline:
        for event in reader.take(time.time_ns()):
            assert (event.env["agent"], event.env["kind"]) == ("claude-code", "statusline")
            found.append(json.loads(event.payload))
        time.sleep(0.01)
    return found


def test_the_users_status_line_passes_through_untouched(run: Run) -> None:
    """The same input, output, errors and exit code, byte for byte."""
    done = run(GIVEN + b"\n\n", "cat; printf '\\377err' >&2; exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, GIVEN + b"\n\n", b"\xfferr")


def test_a_status_line_that_reads_nothing_is_no_fault(run: Run) -> None:
    """Its input is larger than a pipe holds."""
    done = run(b" " * 1_000_000 + GIVEN, "echo mine")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"mine\n", b"")


def test_a_status_line_that_is_killed_says_so_by_its_exit_code(run: Run) -> None:
    """As a shell would."""
    assert run(GIVEN, "kill -9 $$").returncode == 137


def test_the_limits_reach_the_spool(run: Run, settings: Settings) -> None:
    """Session, model, context, cost and limits, where the agent has them."""
    run(GIVEN, "true")
    [status] = kept(settings)
    for key in ("session_id", "transcript_path", "cwd", "rate_limits"):
        assert status[key] == STATUS[key]
    assert status["model"] == STATUS["model"]
    assert (status["context_window"]["used_percentage"], status["cost"]["total_cost_usd"]) == (42.7, 0.25)


def test_without_a_status_line_of_ones_own_hooklines_is_shown(run: Run, settings: Settings) -> None:
    """And the limits are kept just so. These windows end at no believable time, so there is no pace (see test_status_text.py)."""
    done = run()
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, "shop · Opus 5 · ctx 42% · $0.25 · 5h 7% · 7d 91%\n", b"")
    assert len(kept(settings)) == 1


@pytest.mark.parametrize("interpreter", [None, "", "/nonexistent/python", "/bin/false", "/"])
@pytest.mark.parametrize("shell", SHELLS)
def test_without_an_interpreter_a_small_line_is_shown(shell: str, interpreter: str | None, settings: Settings) -> None:
    """The environment in which Hookline was installed is gone."""
    (settings.data_dir / "python").unlink()
    if interpreter is not None:
        (settings.data_dir / "python").write_text(f"{interpreter}\n")
    command = [*([shell, "sh"] if shell == "busybox" else [shell]), str(status_line_path(settings)), ""]
    done = subprocess.run(command, input=GIVEN, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, "Opus 5 · ctx 42% · 5h 7%\n", b"")


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ({"model": {"display_name": "Opus 5"}}, "Opus 5\n"),
        (
            {"model": {"display_name": "Opus 5"}, "context_window": {"used_percentage": None}, "rate_limits": {"seven_day": {"used_percentage": 9}}},
            "Opus 5 · 7d 9%\n",
        ),
        ({"context_window": {"used_percentage": 3}}, "ctx 3%\n"),
        ({"rate_limits": {"five_hour": {"used_percentage": 100}}}, "5h 100%\n"),
        ({}, ""),
    ],
)
def test_the_line_shows_what_is_there(run: Run, status: dict[str, Any], line: str) -> None:
    """Limits come after the first answer, and not for every account."""
    done = run(json.dumps(status, separators=(",", ":")).encode())
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, line, b"")


@pytest.mark.parametrize(
    "given", [b"", b"not json", b"[1]", b'{"model": "x", "context_window": [', b"\xff\x00", b"[" * 50_000], ids=lambda given: str(given[:9])
)
def test_input_that_is_no_status_shows_the_users_line_all_the_same(run: Run, given: bytes) -> None:
    """Whatever the agent gives."""
    done = run(given, "echo mine")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"mine\n", b"")
    assert run(given).returncode == 0


def test_a_broken_spool_shows_nowhere(run: Run, settings: Settings) -> None:
    """No folder, no room: the status line does not change."""
    (settings.spool_dir / "full").touch()
    first = run(GIVEN, "echo mine")
    settings.spool_dir.rename(settings.data_dir / "former")  # at once: the first one's hook may still be writing
    settings.spool_dir.touch()
    second = run(GIVEN, "echo mine")
    for done in (first, second):
        assert (done.returncode, done.stdout, done.stderr) == (0, b"mine\n", b"")


def test_the_command_shows_the_users_line_also_with_broken_settings(person: Person, settings_file: Callable[[str], Path]) -> None:
    """`hookline statusline -- COMMAND ...`; options of COMMAND are its own."""
    prepare(Settings(data_dir=person.data_dir))
    for text, count in (("", 1), ("not = [toml", 1)):
        settings_file(text)
        command = [sys.executable, "-m", "hookline", "statusline", "--", "sh", "-c", "cat; exit 3"]
        done = subprocess.run(command, input=GIVEN, capture_output=True, env=person.environment, timeout=30, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (3, GIVEN, b"")
        assert len(list((person.data_dir / "spool").glob("*.ev"))) == count


def test_a_preview_shows_the_line_before_there_is_an_agent(person: Person) -> None:
    """`hookline statusline --preview` reads nothing and keeps nothing."""
    command = [sys.executable, "-m", "hookline", "statusline", "--preview"]
    done = subprocess.run(command, capture_output=True, env=person.environment | {"NO_COLOR": "1"}, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().rstrip().endswith("Opus 5 · ctx 43% · $1.27 · 5h 88% ▲12 1h10 · 7d 61% ▼9 2d2h")
    assert not list(person.data_dir.glob("spool/*.ev"))
