"""Hookline's own status line: what it says of what it is told, within its width, and that nothing given to it makes it fail."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.agents.claude_code import status_text
from hookline.agents.claude_code.scripts import install_scripts, remove_scripts
from hookline.agents.claude_code.status_text import ask_for_today, own_line, parse, place_of, read_today, render, show, width_of
from hookline.operate import today
from hookline.settings import Settings
from hookline.spool import prepare
from support.cases import with_each

NOW = 1_790_000_000.0
FIVE_HOUR = {"used_percentage": 88, "resets_at": NOW + 4_230}
SEVEN_DAY = {"used_percentage": 61.5, "resets_at": NOW + 180_030}
STATUS: dict[str, Any] = {
    "cwd": "/srv/shop",
    "model": {"display_name": "Opus 5"},
    "cost": {"total_cost_usd": 1.268},
    "context_window": {"used_percentage": 43.9, "total_input_tokens": 86_200},
    "rate_limits": {"five_hour": FIVE_HOUR, "seven_day": SEVEN_DAY},
}
TODAY = {"at_s": NOW - 30, "worked_s": 11_400, "waited_s": 725}


def limits(**windows: Any) -> dict[str, Any]:
    """Return a status of limits alone."""
    return {"rate_limits": windows}


def test_the_line_says_where_what_and_how_much_is_left() -> None:
    """The least needed is left out where 80 columns do not hold it: tokens, what was worked and the cost."""
    line = own_line(STATUS, NOW, TODAY, place=("shop", "main"))
    assert line == "shop:main · Opus 5 · ctx 43% · 5h 88% ▲12 1h10 · 7d 61% ▼9 2d2h · waited 12m"
    assert own_line(STATUS, NOW, None, place=("shop", "main")) == "shop:main · Opus 5 · ctx 43% · $1.27 · 5h 88% ▲12 1h10 · 7d 61% ▼9 2d2h"
    wide = own_line(STATUS, NOW, TODAY, width=200, place=("shop", "main"))
    assert wide.endswith(" · worked 3h10 · waited 12m") and " · ctx 43% · 86k tokens · $1.27 · " in wide


@with_each(
    "status, line",
    [
        ({}, ""),
        ({"model": {"display_name": "Opus 5"}}, "Opus 5"),
        ({"cwd": "/srv/shop/"}, "shop"),
        ({"cwd": "/srv/shop/x", "workspace": {"project_dir": "/srv/shop"}}, "shop"),
        ({"cwd": "/srv/a", "workspace": {"repo": {"name": "b"}}}, "b"),
        ({"cost": {"total_cost_usd": 0.004}, "context_window": {"used_percentage": None, "total_input_tokens": 0}}, ""),
        ({"cost": {"total_cost_usd": 1234.5}}, "$1,234.50"),
        ({"context_window": {"total_input_tokens": 999_600}}, "1.0M tokens"),
        ({"context_window": {"total_input_tokens": 950}}, "950 tokens"),
        (limits(five_hour={"used_percentage": 7}), "5h 7%"),
        (limits(five_hour={"used_percentage": 7, "resets_at": NOW}), ""),
        (limits(five_hour={"used_percentage": 7, "resets_at": NOW + 99_999}), "5h 7%"),
        (limits(five_hour={"used_percentage": 50, "resets_at": NOW + 9_000}), "5h 50% 2h30"),
        (limits(five_hour={"used_percentage": 100, "resets_at": NOW + 30}), "5h 100% <1m"),
        (limits(seven_day={"used_percentage": 1, "resets_at": NOW + 7 * 86_400 - 3_600}), "7d 1% 6d23h"),
        (limits(five_hour={"used_percentage": True, "resets_at": "x"}, seven_day={"used_percentage": float("nan")}), ""),
        ({"model": {"display_name": "a\x1b[31mb\n\u202ec" + "d" * 40}}, "a[31mbc" + "d" * 12 + "…"),
    ],
)
def test_what_is_not_known_is_left_out(status: dict[str, Any], line: str) -> None:
    """A window that was reset since says nothing; without a believable reset there is no pace; names can do nothing to a terminal."""
    assert own_line(status, NOW) == line


def test_colours_are_for_terminals_and_for_those_who_want_them(tmp_path: Path) -> None:
    """Nothing else changes with them."""
    given, terminal = json.dumps(STATUS).encode(), {"TERM": "xterm-256color"}
    plain = render(given, str(tmp_path), {}, NOW)
    coloured = render(given, str(tmp_path), terminal, NOW)
    assert "\x1b" not in plain and "\x1b[33m5h 88% ▲12 1h10\x1b[0m" in coloured
    assert re.sub(r"\x1b\[\d*m", "", coloured) == plain
    for env in ({"TERM": "dumb"}, terminal | {"NO_COLOR": "1"}):
        assert render(given, str(tmp_path), env, NOW) == plain


@pytest.mark.parametrize("width", [1, 20, 33, 60, 80])
def test_the_line_is_as_narrow_as_the_terminal(width: int, tmp_path: Path) -> None:
    """The five hours are the last to go. Wider than 80 columns it never is."""
    wide = STATUS | {"cwd": "/srv/" + "店" * 30, "model": {"display_name": "店" * 50}}
    line = render(json.dumps(wide).encode(), str(tmp_path), {"COLUMNS": str(width)}, NOW)
    assert width_of(line) <= width and ("5h 88%" in line) == (width >= 17)
    assert width_of(render(json.dumps(wide).encode(), str(tmp_path), {"COLUMNS": "9999999"}, NOW)) <= 80


def test_project_and_branch_come_from_what_git_left(tmp_path: Path) -> None:
    """Below the root, detached, and in a worktree, which is of its project."""
    root, tree = tmp_path / "shop", tmp_path / "elsewhere"
    (root / ".git" / "worktrees" / "one").mkdir(parents=True)
    (root / "src" / "deep").mkdir(parents=True)
    (root / ".git" / "HEAD").write_text("ref: refs/heads/feature/cart\n")
    assert place_of(str(root / "src" / "deep")) == ("shop", "feature/cart")
    (root / ".git" / "HEAD").write_text("a" * 40)
    assert place_of(str(root)) == ("shop", "aaaaaaa")
    tree.mkdir()
    (tree / ".git").write_text(f"gitdir: {root}/.git/worktrees/one\n")
    (root / ".git" / "worktrees" / "one" / "HEAD").write_text("ref: refs/heads/two\n")
    assert place_of(str(tree)) == ("shop", "two")
    (root / ".git" / "HEAD").unlink()
    os.mkfifo(root / ".git" / "HEAD")  # must not be waited for
    assert place_of(str(root)) == ("shop", "")
    assert place_of("relative") == place_of("") == place_of("/\0") == ("", "")


def test_todays_figures_are_kept_and_shown_while_they_are_fresh(tmp_path: Path) -> None:
    """Of another day, or old, or not to be read: left out."""
    kept = today.figures({"totals": {"human_s": 11_400.0, "permission_wait_s": 700.0, "answer_wait_s": 25.0}}, NOW)
    path = tmp_path / "today.json"
    path.write_text(json.dumps(kept))
    assert own_line({}, NOW + 60, read_today(str(tmp_path), NOW + 60)) == "worked 3h10 · waited 12m"
    assert read_today(str(tmp_path), NOW + 601) is None
    midnight = time.mktime((*time.localtime(NOW)[:3], 23, 59, 59, 0, 0, -1))
    path.write_text(json.dumps(kept | {"at_s": midnight}))
    assert read_today(str(tmp_path), midnight) is not None and read_today(str(tmp_path), midnight + 2) is None
    for text in ("", "[" * 50_000, "[1]", '{"at_s": "x"}', '{"at_s": true}'):
        path.write_text(text)
        assert read_today(str(tmp_path), NOW) is None


def test_the_collector_is_asked_in_the_background_once_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not at all where none runs."""
    asked: list[list[str]] = []
    monkeypatch.setattr("os.posix_spawn", lambda path, command, env, **more: asked.append(command))
    ask_for_today(str(tmp_path), "python", NOW)
    assert not asked
    (tmp_path / "collector.json").touch()
    for now in (NOW, NOW + 59, NOW + 61, NOW - 3_600):
        ask_for_today(str(tmp_path), "python", now)
    assert asked == [["python", "-P", "-m", "hookline.operate.today", str(tmp_path)]] * 3


def test_a_collector_that_is_gone_leaves_no_figures(tmp_path: Path) -> None:
    """The file of one that was killed still lies there."""
    (tmp_path / "collector.json").write_text(
        '{"pid": 1, "version": "1", "started_at": 1.0, "otlp_grpc": "127.0.0.1:1", "otlp_http": "127.0.0.1:1", "http": "127.0.0.1:1"}'
    )
    done = subprocess.run([sys.executable, "-P", "-m", "hookline.operate.today", str(tmp_path)], capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["collector.json"]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([10**400, -0.0, "\ud800", "\x1b[2J", "店" * 99, "/\0", "/"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = ["model", "cost", "workspace", "context_window", "rate_limits", "cwd"]
INNER = [
    "display_name",
    "total_cost_usd",
    "used_percentage",
    "total_input_tokens",
    "five_hour",
    "seven_day",
    "resets_at",
    "repo",
    "name",
    "current_dir",
]
WINDOWS = st.dictionaries(st.sampled_from(INNER), VALUES | st.dictionaries(st.sampled_from(INNER), VALUES, max_size=4), max_size=8)


@given(
    st.dictionaries(st.sampled_from(NAMES), WINDOWS | VALUES, max_size=6) | VALUES,
    VALUES | st.dictionaries(st.sampled_from(["worked_s", "waited_s"]), VALUES),
)
def test_any_json_makes_one_line_within_the_width(status: Any, figures: Any) -> None:
    """Whatever stands where."""
    line = own_line(status, NOW, figures)
    assert width_of(line) <= 80 and "\n" not in line and "\x1b" not in line
    assert isinstance(render(json.dumps(status).encode(), "/nonexistent", {"TERM": "xterm"}, NOW), str)


@given(st.binary(max_size=200), st.dictionaries(st.sampled_from(["TERM", "NO_COLOR", "COLUMNS"]), st.text(max_size=8)))
def test_any_bytes_make_no_failure(given_: bytes, env: dict[str, str]) -> None:
    """Also in whatever environment."""
    assert width_of(render(given_, "/nonexistent", env, NOW)) <= 80


@given(st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()), st.sampled_from([b"", b" \n", b"x", b"\xff"]))
def test_json_is_read_as_the_library_reads_it(given_: bytes, behind: bytes) -> None:
    """By the same scanner, without the rest of it; also where a Python has none."""
    for scanner in (status_text.make_scanner, None):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(status_text, "make_scanner", scanner)
            try:
                wanted = repr(json.loads((given_ + behind).decode("utf-8", "surrogatepass")))
            except ValueError:
                with pytest.raises(ValueError):
                    parse(given_ + behind)
            else:
                assert repr(parse(given_ + behind)) == wanted


def test_output_that_nobody_takes_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent closed the pipe, or closed it from the start."""
    monkeypatch.setattr("sys.stdout", None)
    show(json.dumps(STATUS).encode(), "", {})


def test_the_installed_file_stands_alone(tmp_path: Path) -> None:
    """It runs without site packages, imports nothing of Hookline and little else."""
    settings = Settings(data_dir=tmp_path)
    prepare(settings)
    install_scripts(settings)
    installed = tmp_path / "status_text.py"
    assert installed.read_bytes() == Path(status_text.__file__).read_bytes()
    code = "import sys; before = set(sys.modules); sys.path.append(sys.argv[1]); import status_text; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code, str(tmp_path)], capture_output=True, timeout=30, check=True, text=True)
    heavy = {"json", "re", "pathlib", "typing", "subprocess", "asyncio", "dataclasses", "click", "hookline", "socket", "datetime"}
    assert not heavy & set(done.stdout.split())
    remove_scripts(settings)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["spool"]
