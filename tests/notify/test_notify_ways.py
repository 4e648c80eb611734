"""The ways out of a notice, tried on programs that only note what they were told, and on a terminal of the test's own."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from hookline.agent_event import Place
from hookline.fold import OpenWait
from hookline.notify.bell import ring
from hookline.notify.current import Current
from hookline.notify.notifier import MAX_QUEUED, Notifier
from hookline.notify.outlets import CommandOutlet, Outlet, PidOf
from hookline.notify.words import Notice, notice
from hookline.settings import load
from hookline.settings.schema import NotifySettings
from hookline.system.desktop import Desktop
from hookline.system.programs import Failed, run
from support.running import wait_for

S = 1_000_000_000
WAIT = OpenWait("w", "0123456789abcdef", "claude-code", "permission", 0, "Bash", place=Place(project="<b>shop"))
NOTES = """#!/bin/sh
for word do printf '%s|' "$word"; done >> {log}
echo >> {log}
{more}
"""


class Programs:
    """A folder of programs, first on the PATH, that note their arguments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, more: str = "") -> None:
        """Add one."""
        program = self.folder / name
        program.write_text(NOTES.format(log=self.folder / f"{name}.log", more=more))
        program.chmod(0o755)

    def calls(self, name: str) -> list[list[str]]:
        """Return the arguments of each call."""
        log = self.folder / f"{name}.log"
        return [line.split("|")[:-1] for line in log.read_text().splitlines()] if log.exists() else []

    def find(self, name: str) -> str | None:
        """Find a program here and nowhere else."""
        return str(self.folder / name) if (self.folder / name).exists() else None


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Return programs that are found first."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return Programs(folder)


def test_a_notice_on_the_desktop_is_closed_by_its_id(programs: Programs) -> None:
    """notify-send says the id; the bus closes it. What a repository named is no markup and no option."""
    programs.add("notify-send", "echo 42")
    programs.add("gdbus")
    desktop = Desktop("linux", programs.find)
    told = notice(WAIT)
    desktop.show(told)
    desktop.take_back(told)
    (sent,), (closed,) = programs.calls("notify-send"), programs.calls("gdbus")
    assert sent == ["-p", "-a", "Hookline", "--", told.title, told.body]
    assert closed[-2:] == ["org.freedesktop.Notifications.CloseNotification", "42"]


def test_a_notice_is_replaced_where_it_cannot_be_closed(programs: Programs) -> None:
    """No gdbus: the same id again, for a moment."""
    programs.add("notify-send", "echo 42")
    desktop = Desktop("linux", programs.find)
    desktop.show(notice(WAIT))
    desktop.take_back(notice(WAIT))
    assert programs.calls("notify-send")[1][:4] == ["-r", "42", "-t", "1"]


def test_an_old_notify_send_shows_all_the_same(programs: Programs) -> None:
    """It knows no -p; nothing can be taken back then."""
    programs.add("notify-send", '[ "$1" != -p ]')
    desktop = Desktop("linux", programs.find)
    desktop.show(notice(WAIT))
    desktop.take_back(notice(WAIT))
    assert [call[0] for call in programs.calls("notify-send")] == ["-p", "-a"]


def test_the_body_holds_no_markup(programs: Programs) -> None:
    """Desktops read bodies as HTML."""
    programs.add("notify-send", "echo 42")
    Desktop("linux", programs.find).show(notice(OpenWait("w", "s", "claude-code", "permission", 0, "<a href='x'>&")))
    assert "&lt;a href='x'&gt;&amp;" in programs.calls("notify-send")[0][-1]


def test_macos_has_two_ways(programs: Programs) -> None:
    """terminal-notifier can take back, osascript cannot; names are arguments and no script."""
    programs.add("osascript")
    Desktop("darwin", programs.find).show(notice(WAIT))
    assert programs.calls("osascript")[0][-2:] == [notice(WAIT).title, notice(WAIT).body]
    programs.add("terminal-notifier")
    desktop = Desktop("darwin", programs.find)
    desktop.show(notice(WAIT))
    desktop.take_back(notice(WAIT))
    assert programs.calls("terminal-notifier")[1] == ["-remove", "hookline-w"]


@pytest.mark.parametrize(("platform", "word"), [("linux", "libnotify"), ("darwin", "osascript")])
def test_a_desktop_without_its_program_says_what_is_missing(platform: str, word: str) -> None:
    """It is said to whoever tries it, and in the relay's log."""
    with pytest.raises(Failed, match=word):
        Desktop(platform, lambda _: None).show(notice(WAIT))


@pytest.fixture
def in_a_terminal() -> Iterator[tuple[int, int]]:
    """Yield a process that runs in a terminal of its own, and that terminal's other side."""
    with new_terminal() as found:
        yield found


@contextmanager
def new_terminal() -> Iterator[tuple[int, int]]:
    """Yield a process in a terminal that was just opened, and that terminal's other side."""
    ours, theirs = pty.openpty()
    words = [sys.executable, "-c", "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); print('here', flush=True); input()"]
    process = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    try:
        said = b""
        while not said.endswith(b"here\r\n"):
            said += os.read(ours, 100)
        yield process.pid, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_the_bell_rings_in_the_terminal_of_the_session(in_a_terminal: tuple[int, int]) -> None:
    """One BEL and nothing else."""
    pid, ours = in_a_terminal
    ring(pid)
    assert os.read(ours, 100) == b"\a"


def test_a_terminal_that_was_opened_after_the_first_bell_rings_too(in_a_terminal: tuple[int, int]) -> None:
    """A relay lives for days; people open terminals all the time."""
    ring(in_a_terminal[0])
    with new_terminal() as (pid, ours):
        ring(pid)
        assert os.read(ours, 100) == b"\a"


def test_no_bell_rings_for_a_process_without_a_terminal() -> None:
    """It is said instead."""
    with subprocess.Popen(["sleep", "30"], start_new_session=True, stdin=subprocess.DEVNULL) as process:
        with pytest.raises(Failed, match="no terminal"):
            ring(process.pid)
        process.kill()


def test_a_command_is_told_as_json_and_by_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the wait is due, and when it is over; Hookline's own variables are kept from it, as headers stand in them."""
    monkeypatch.setenv("HOOKLINE_RELAY_HEADERS", "authorization=Bearer secret")
    log = tmp_path / "log"
    script = f"import json, os, sys; print(json.dumps([json.load(sys.stdin), dict(os.environ)]), file=open({str(log)!r}, 'a'))"
    command = CommandOutlet((sys.executable, "-c", script), 20.0)
    command.tell(notice(WAIT))
    command.resolve(notice(WAIT))
    (told, env), (over, _) = map(json.loads, log.read_text().splitlines())
    assert (told["what"], over["what"]) == ("waiting", "resolved")
    assert (told["reason"], told["tool"], told["session"]) == ("permission", "Bash", WAIT.session_id)
    assert env["HOOKLINE_WAIT_REASON"] == "permission"
    assert "HOOKLINE_RELAY_HEADERS" not in env


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    """A notice is worth no process that stays."""
    pid = tmp_path / "pid"
    with pytest.raises(Failed, match="longer"):
        run(["sh", "-c", f"sleep 60 & echo $! > {pid}; wait"], timeout_s=1.0)
    wait_for(lambda: not psutil.pid_exists(int(pid.read_text())) or psutil.Process(int(pid.read_text())).status() == psutil.STATUS_ZOMBIE)


@pytest.mark.parametrize(("words", "why"), [(["/no/such/program"], "cannot run"), (["false"], "exit code 1")])
def test_a_program_that_fails_says_so(words: Sequence[str], why: str) -> None:
    """The relay's log then has it."""
    with pytest.raises(Failed, match=why):
        run(words)


class Recorder:
    """An outlet that notes, and can be held up."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.may_go = threading.Event()
        self.may_go.set()

    def tell(self, told: Notice) -> None:
        """Note a wait."""
        self.may_go.wait(20)
        self.told.append(("waiting", told.id))

    def resolve(self, told: Notice) -> None:
        """Note its end."""
        self.told.append(("resolved", told.id))


def recording(recorder: Outlet) -> Callable[[NotifySettings, PidOf], dict[str, Outlet]]:
    """Return what makes this outlet and no other."""
    return lambda rules, _: {"recorder": recorder} if rules.how != ("off",) else {}


def waits(*names: str) -> list[OpenWait]:
    """Return waits since 0."""
    return [OpenWait(name, "s", "claude-code", "permission", 0) for name in names]


def test_a_way_out_that_hangs_holds_up_nobody() -> None:
    """The loop goes on; past the queue's bound notices are dropped and counted."""
    recorder = Recorder()
    recorder.may_go.clear()
    notifier = Notifier(lambda: NotifySettings(how=("desktop",), after_s=0.0), lambda _: None, recording(recorder))
    notifier.look(waits(*(f"w{n}" for n in range(MAX_QUEUED + 10))), S)
    assert notifier.dropped in (9, 10)
    recorder.may_go.set()
    wait_for(lambda: len(recorder.told) == MAX_QUEUED + 10 - notifier.dropped)
    notifier.stop(5.0)


def test_switching_off_takes_back_what_stands() -> None:
    """By the way by which it was sent."""
    recorder = Recorder()
    rules = [NotifySettings(how=("desktop",), after_s=0.0)]
    notifier = Notifier(lambda: rules[0], lambda _: None, recording(recorder))
    notifier.look(waits("w"), S)
    rules[0] = NotifySettings()
    assert notifier.is_on
    notifier.look(waits("w"), 2 * S)
    wait_for(lambda: recorder.told == [("waiting", "w"), ("resolved", "w")])
    assert not notifier.is_on
    assert notifier.due_in_s(3 * S) is None
    notifier.stop(5.0)


def test_a_change_of_the_file_counts_without_a_restart(tmp_path: Path) -> None:
    """And a file that is not valid leaves what counted."""
    file, now = tmp_path / "config.toml", [0.0]
    file.write_text('[notify]\nhow = ["bell"]\n')
    env = {"HOOKLINE_CONFIG": str(file), "HOME": str(tmp_path)}
    current = Current(load({}, env).settings, env, lambda: now[0])
    assert current().how == ("bell",)
    for text, how in (('[notify]\nhow = ["desktop"]\n', "desktop"), ("how = ", "desktop"), ('[notify]\nhow = ["off"]\nafter_s = 3\n', "off")):
        now[0] += 2.0
        file.write_text(text)
        assert current().how == (how,)


def test_a_flag_wins_over_the_file_also_later(tmp_path: Path) -> None:
    """As with every setting."""
    file, now = tmp_path / "config.toml", [0.0]
    env = {"HOOKLINE_CONFIG": str(file), "HOME": str(tmp_path)}
    current = Current(load({"notify.how": "bell"}, env).settings, env, lambda: now[0])
    now[0] += 2.0
    file.write_text('[notify]\nhow = ["desktop"]\n')
    assert current().how == ("bell",)
