"""What a person is told to type, and what opens their browser."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hookline.operate import opening
from hookline.system import invocation
from hookline.system.invocation import as_typed, own_command


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an installation that no PATH leads to, seen from its own folder."""
    path = tmp_path / "env" / "bin" / "hookline"
    path.parent.mkdir(parents=True)
    path.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(path)])
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    monkeypatch.chdir(tmp_path)
    return path


def test_a_hint_names_the_command_as_it_must_be_typed_here(script: Path) -> None:
    """In messages of our own and of the collector; what is no command stays."""
    assert as_typed("start it with `hookline up`") == "start it with `env/bin/hookline up`"
    assert as_typed("hookline up, or hookline relay") == "env/bin/hookline up, or env/bin/hookline relay"
    for text in ("the hookline folder", "/srv/hookline up", "pip install hookline", "my-hookline up", "hookline updates", ".venv/bin/hookline up"):
        assert as_typed(text) == text


def test_from_elsewhere_the_path_is_whole(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for whoever reads it in a browser; a path with a blank is quoted."""
    assert own_command(from_anywhere=True) == str(script)
    (script.parents[2] / "other").mkdir()
    monkeypatch.chdir(script.parents[2] / "other")
    assert own_command() == str(script)
    blank = script.parents[1].rename(script.parents[2] / "my env") / "bin" / "hookline"
    monkeypatch.setattr(sys, "argv", [str(blank)])
    assert own_command() == f"'{blank}'"


def test_where_the_path_leads_here_the_name_is_enough(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also by way of a link, as pipx makes it; another installation's is not ours."""
    links = script.parents[2] / "links"
    links.mkdir()
    (links / "hookline").symlink_to(script)
    monkeypatch.setenv("PATH", str(links))
    assert as_typed("`hookline up`") == "`hookline up`"
    (links / "hookline").unlink()
    (links / "hookline").touch(mode=0o755)
    assert own_command() == "env/bin/hookline"


def test_without_a_script_the_interpreter_is_called(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where only the package was copied."""
    script.unlink()
    monkeypatch.setattr(sys, "executable", str(script.with_name("python")))
    assert invocation.own_command() == f"{script.with_name('python')} -m hookline"


def test_the_browser_gets_a_private_file_and_never_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everyone can read the arguments of a process; nobody else can read the file."""
    given: list[str] = []

    def note(url: str) -> bool:
        given.append(url)
        return True

    monkeypatch.setattr("webbrowser.open", note)
    monkeypatch.setenv("DISPLAY", ":0")
    assert opening.open_link('http://127.0.0.1:4319/?token=sesame"&x', tmp_path)
    page = tmp_path / opening.FILE
    assert given == [page.as_uri()]
    assert page.stat().st_mode & 0o777 == 0o600
    assert 'href="http://127.0.0.1:4319/?token=sesame&quot;&amp;x"' in page.read_text()


@pytest.mark.parametrize(
    ("environment", "platform", "has"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "a b c d"}, "darwin", False),
        ({"SSH_CONNECTION": "a b c d", "DISPLAY": "localhost:10.0"}, "linux", True),
        ({"BROWSER": "lynx"}, "linux", True),
    ],
)
def test_without_a_screen_no_browser_is_tried(environment: dict[str, str], platform: str, has: bool) -> None:
    """One in the terminal would take it over."""
    assert opening.has_screen(environment, platform) is has
