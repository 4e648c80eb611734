"""Sleeping until a hook has written: with the system's reports, and by looking."""

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hookline.agents.claude_code.scripts import install_scripts
from hookline.settings import Settings
from hookline.spool import SpoolWatch, prepare

WAYS = pytest.mark.parametrize("use_inotify", [True, False], ids=["reported", "polled"])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data_dir=tmp_path / "data")
    prepare(made)
    install_scripts(made)
    return made


def soon(action: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(0.05, action)
    timer.start()
    return timer


def run_hook(settings: Settings) -> None:
    subprocess.run([settings.hook_path], input=b"{}", check=True)


def quiet(watch: SpoolWatch) -> None:
    """Wait until what happened before has been reported."""
    while watch.wait(0.2):
        pass


@WAYS
def test_a_hook_ends_the_wait(settings: Settings, use_inotify: bool) -> None:
    """Long before the time is over."""
    with SpoolWatch(settings.spool_dir, poll_s=0.02, use_inotify=use_inotify) as watch:
        quiet(watch)
        timer = soon(lambda: run_hook(settings))
        began = time.monotonic()
        assert watch.wait(30)
        assert time.monotonic() - began < 10
        timer.join()


@WAYS
def test_a_hook_between_two_waits_is_not_missed(settings: Settings, use_inotify: bool) -> None:
    """The next wait ends at once."""
    with SpoolWatch(settings.spool_dir, poll_s=0.02, use_inotify=use_inotify) as watch:
        quiet(watch)
        run_hook(settings)
        assert watch.wait(30)


@WAYS
def test_a_wait_without_events_ends_in_time(settings: Settings, use_inotify: bool) -> None:
    """And says that nothing came."""
    with SpoolWatch(settings.spool_dir, poll_s=0.02, use_inotify=use_inotify) as watch:
        quiet(watch)
        began = time.monotonic()
        assert not watch.wait(0.1)
        assert 0.09 < time.monotonic() - began < 10


def test_a_wake_is_no_news(settings: Settings) -> None:
    """Of what lies in the spool only the system's reports tell."""
    with SpoolWatch(settings.spool_dir) as watch:
        quiet(watch)
        watch.take_news()
        watch.wake()
        assert watch.wait(30)
        assert not watch.take_news() or not watch.is_notified
        run_hook(settings)
        assert watch.wait(30)
        assert watch.take_news()


@WAYS
def test_another_thread_ends_the_wait(settings: Settings, use_inotify: bool) -> None:
    """For a stop."""
    with SpoolWatch(settings.spool_dir, poll_s=0.02, use_inotify=use_inotify) as watch:
        quiet(watch)
        timer = soon(watch.wake)
        assert watch.wait(30)
        timer.join()


@WAYS
def test_a_folder_that_is_made_anew_is_watched_again(settings: Settings, use_inotify: bool) -> None:
    """Someone removed the spool; the hook makes another."""
    with SpoolWatch(settings.spool_dir, poll_s=0.02, use_inotify=use_inotify) as watch:
        quiet(watch)
        subprocess.run(["rm", "-rf", settings.spool_dir], check=True)
        watch.wait(0.1)
        run_hook(settings)
        assert watch.wait(30)
        quiet(watch)
        run_hook(settings)
        assert watch.wait(30)
        assert watch.is_notified == use_inotify


@WAYS
def test_a_folder_that_comes_later_is_seen(tmp_path: Path, use_inotify: bool) -> None:
    """The relay may start before anything was installed."""
    settings = Settings(data_dir=tmp_path / "data")
    with SpoolWatch(settings.spool_dir, poll_s=0.02, use_inotify=use_inotify) as watch:
        timer = soon(lambda: prepare(settings))
        assert watch.wait(30)
        timer.join()


@WAYS
def test_a_missing_folder_is_waited_for(tmp_path: Path, use_inotify: bool) -> None:
    """Without a folder nothing comes, and the wait does not spin."""
    with SpoolWatch(tmp_path / "nowhere", poll_s=0.02, use_inotify=use_inotify) as watch:
        watch.wait(0.1)
        before = time.thread_time()
        assert not watch.wait(0.3)
        assert time.thread_time() - before < 0.05


def test_waiting_takes_no_processor_time(settings: Settings) -> None:
    """An idle relay sleeps: a wait of 0.3 s costs next to nothing."""
    with SpoolWatch(settings.spool_dir) as watch:
        if not watch.is_notified:
            pytest.skip("the system reports nothing")
        quiet(watch)
        before = time.thread_time()
        watch.wait(0.3)
        assert time.thread_time() - before < 0.05
