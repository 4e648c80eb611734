"""Private files: whole or not at all, for this user alone."""

import os
import stat
from pathlib import Path
from threading import Thread

import pytest

from hookline.system.files import create_private, drafted, write_private


def test_a_file_is_private_from_the_first_moment_whatever_the_umask(tmp_path: Path) -> None:
    """Nobody else reads a token or a state, not even between two system calls."""
    path = tmp_path / "file"
    before = os.umask(0)
    try:
        with drafted(path, "text"):
            (draft,) = tmp_path.iterdir()
            assert stat.S_IMODE(draft.stat().st_mode) == 0o600
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == "text"


@pytest.mark.parametrize("sync", [False, True])
def test_a_file_is_replaced_whole_and_no_draft_stays(tmp_path: Path, sync: bool) -> None:
    """Also one that was longer, and open to others."""
    path = tmp_path / "file"
    path.write_text("something longer")
    path.chmod(0o666)
    write_private(path, b"new", sync=sync)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """Whoever may make a link in the folder makes us write nowhere else."""
    elsewhere, path = tmp_path / "elsewhere", tmp_path / "file"
    elsewhere.write_text("theirs")
    path.symlink_to(elsewhere)
    write_private(path, "ours")
    assert elsewhere.read_text() == "theirs"
    assert not path.is_symlink()


def test_a_given_draft_that_is_a_link_is_not_followed_either(tmp_path: Path) -> None:
    """Its name is known, so somebody may have left one."""
    elsewhere, draft = tmp_path / "elsewhere", tmp_path / "file.tmp"
    elsewhere.write_text("theirs")
    draft.symlink_to(elsewhere)
    write_private(tmp_path / "file", "ours", draft=draft)
    assert elsewhere.read_text() == "theirs"
    assert (tmp_path / "file").read_text() == "ours"


def test_what_fails_before_the_end_leaves_the_file_of_before(tmp_path: Path) -> None:
    """A full disk, or a block that finds out that somebody else was faster."""
    path = tmp_path / "file"
    path.write_text("before")
    with pytest.raises(ZeroDivisionError), drafted(path, "after"):
        raise ZeroDivisionError
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_mode_may_be_asked_for(tmp_path: Path) -> None:
    """Scripts are run by their owner."""
    write_private(tmp_path / "script", "#!/bin/sh\n", mode=0o700)
    assert stat.S_IMODE((tmp_path / "script").stat().st_mode) == 0o700


def test_of_many_that_create_a_file_at_once_one_does(tmp_path: Path) -> None:
    """Two collectors that start together agree on one token."""
    path, done = tmp_path / "token", []
    threads = [Thread(target=lambda name=name: done.append(create_private(path, name))) for name in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False] * 7 + [True]
    assert list(tmp_path.iterdir()) == [path]
