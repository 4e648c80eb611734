"""Where an agent works: from a folder to a project, its repository, branch and worktree.

Git's own files are read, never a git process started: `.git` (a folder, or a file that points to one, as worktrees and
submodules have), `HEAD`, `config`, `packed-refs`, `commondir`. Reads are bounded, and whatever is missing, unreadable or
broken leaves its field empty. Remotes lose their credentials before anything else sees them, and every name that leaves the
machine passes the redactor.

A project is one repository: its worktrees and its subfolders have the same id, which comes from the remote where there
is one (so two machines agree), else from the root folder. A folder outside of any repository is a project of its own, named
after itself; the home folder is `~`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hookline.agent_event import NOWHERE, Place
from hookline.privacy.redact import clean_name
from hookline.workspace.remote import Remote, parse_remote
from hookline.workspace.repository import common_dir, find_git, is_file, main_root, read_head, read_remote

MAX_PLACES: Final = 1_000
MAX_NAME: Final = 200


class PlaceCache:
    """Finds places and remembers each for `lifetime_s`, since a branch changes under a running session."""

    def __init__(self, now_s: Callable[[], float], lifetime_s: float = 2.0, home: str = "") -> None:
        self._now_s = now_s
        self._lifetime_s = lifetime_s
        self._home = home or os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where no home is known
        self._known: dict[str, tuple[float, Place]] = {}

    def __call__(self, cwd: str) -> Place:
        """Return the place of a folder; NOWHERE for no folder."""
        now = self._now_s()
        known = self._known.get(cwd)
        if known and now - known[0] < self._lifetime_s:
            return known[1]
        if len(self._known) >= MAX_PLACES:
            self._known.clear()
        place = find_place(cwd, self._home)
        self._known[cwd] = (now, place)
        return place


def find_place(cwd: str, home: str = "") -> Place:
    """Read the place of one folder from the disk. Never raises: what cannot be read is left empty."""
    if not cwd or "\0" in cwd:
        return NOWHERE
    folder = Path(_encodable(cwd))
    found = find_git(folder)
    if found is None:
        return _plain(folder, home)
    root, git_dir = found
    if not is_file(git_dir / "HEAD"):
        return _plain(root, home)
    common = common_dir(git_dir)
    remote = read_remote(common)
    branch, revision = read_head(git_dir, common)
    main = main_root(root, git_dir, common)
    name = remote.name if remote else main.name
    return Place(
        project=clean_name(name or "/", MAX_NAME),
        project_id=_id(f"{remote.host}/{remote.owner}/{remote.name}".lower() if remote else str(main)),
        root=_short(str(root), 4096),
        repository=clean_name(name, MAX_NAME),
        url=clean_name(remote.url, 2048) if remote else "",
        owner=clean_name(remote.owner, MAX_NAME) if remote else "",
        provider=remote.provider if remote else "",
        branch=clean_name(branch, MAX_NAME),
        revision=revision,
        worktree=clean_name(root.name, MAX_NAME) if git_dir != common and common in git_dir.parents else "",
    )


def _plain(folder: Path, home: str) -> Place:
    is_home = bool(home) and folder == Path(home)
    name = "~" if is_home else folder.name or str(folder)
    return Place(project=clean_name(name, MAX_NAME), project_id=_id(str(folder)), root=_short(str(folder), 4096))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _short(text: str, limit: int = MAX_NAME) -> str:
    return text[:limit]


def _id(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


__all__ = ["PlaceCache", "Remote", "find_place", "parse_remote"]
