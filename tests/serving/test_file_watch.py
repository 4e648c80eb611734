"""Waiting for a file of people's to change."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from hookline_collector.serving.file_watch import FileWatch, folders_of

needs_inotify = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has inotify")


async def _quiet(watch: FileWatch) -> asyncio.Task[bool]:
    """Begin to wait; what came to be watched just now is looked at first."""
    await watch.next_look()
    return asyncio.create_task(watch.next_look())


@needs_inotify
async def test_a_change_is_told_and_nothing_else_ends_the_wait(tmp_path: Path) -> None:
    """Of a file that is there, that comes later in a folder that comes later, and that goes."""
    path = tmp_path / "rules" / "mine.yaml"
    with FileWatch(lambda: [path], 3600.0, asyncio.Event()) as watch:
        waiting = await _quiet(watch)
        path.parent.mkdir()
        assert not await waiting
        path.write_text("groups: []")
        assert not await watch.next_look()
        path.unlink()
        assert not await watch.next_look()


@needs_inotify
async def test_what_a_link_leads_to_is_watched(tmp_path: Path) -> None:
    """Files of people are often links into a folder of theirs."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "rules.yaml").touch()
    (tmp_path / "mine" / "rules.yaml").symlink_to(tmp_path / "theirs" / "rules.yaml")
    path = tmp_path / "mine" / "rules.yaml"
    assert folders_of([path, tmp_path / "not" / "there"]) == {tmp_path / "mine", tmp_path / "theirs", tmp_path}
    with FileWatch(lambda: [path], 3600.0, asyncio.Event()) as watch:
        waiting = await _quiet(watch)
        (tmp_path / "theirs" / "rules.yaml").write_text("groups: []")
        assert not await waiting


async def test_somebody_may_ask_for_a_look(tmp_path: Path) -> None:
    """That is told apart, also where it was asked before anybody waited."""
    asked = asyncio.Event()
    with FileWatch(lambda: [tmp_path / "x"], 3600.0, asked, lambda: None) as watch:
        asked.set()
        assert await watch.next_look()
        waiting = asyncio.create_task(watch.next_look())
        await asyncio.sleep(0)
        asked.set()
        assert await waiting


async def test_where_nothing_is_told_one_looks_now_and_then(tmp_path: Path) -> None:
    """As often as was said."""
    with FileWatch(lambda: [tmp_path / "x"], 0.001, asyncio.Event(), lambda: None) as watch:
        assert not await watch.next_look()
