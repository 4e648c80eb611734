"""A repository read from git's own files, with bounded reads and without starting git.

`.git` is a folder, or a file that points to one (worktrees, submodules, `--separate-git-dir`); `commondir` leads from a worktree to what
it shares with its main repository; a ref is loose or in `packed-refs`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from hookline.workspace.remote import Remote, parse_remote

MAX_FILE_BYTES: Final = 256 * 1024
MAX_PACKED_REFS_BYTES: Final = 4 * 1024 * 1024

_REVISION = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_SECTION = re.compile(r'\s*\[([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]')


def find_git(folder: Path) -> tuple[Path, Path] | None:
    """Return (root of the work tree, git folder) of the nearest repository above, also for bare ones."""
    for candidate in (folder, *folder.parents):
        if git_dir := _git_dir(candidate):
            return candidate, git_dir
        if _is_git_dir(candidate):
            return (candidate.parent, candidate) if candidate.name == ".git" else (candidate, candidate)
    return None


def _git_dir(root: Path) -> Path | None:
    dot_git = root / ".git"
    try:
        if dot_git.is_dir():
            return dot_git if _is_git_dir(dot_git) else None
        if not dot_git.is_file():
            return None
    except OSError:
        return None
    first = _read(dot_git, 4096).partition("\n")[0]
    if not first.startswith("gitdir:"):
        return None
    return _normal(root / first[7:].strip())


def _is_git_dir(folder: Path) -> bool:
    try:
        return is_file(folder / "HEAD") and (folder / "objects").is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def common_dir(git_dir: Path) -> Path:
    """Return the folder that a worktree shares with its main repository; for others the git folder itself."""
    pointer = _read(git_dir / "commondir", 4096).strip()
    return _normal(git_dir / pointer) if pointer else git_dir


def main_root(root: Path, git_dir: Path, common: Path) -> Path:
    """Return the root of the main work tree: a worktree is the same project as its repository."""
    main = root if git_dir == common else common
    if main.name == ".git":
        return main.parent
    return main.with_suffix("") if main.suffix == ".git" else main


def read_head(git_dir: Path, common: Path) -> tuple[str, str]:
    """Return (branch, revision); no branch for a detached HEAD, no revision before the first commit."""
    head = _read(git_dir / "HEAD", 4096).strip()
    if _REVISION.match(head):
        return "", head
    if not head.startswith("ref:"):
        return "", ""
    name = head[4:].strip()
    if ".." in name or name.startswith("/"):
        return "", ""
    return name.removeprefix("refs/heads/"), _revision(git_dir, common, name)


def _revision(git_dir: Path, common: Path, name: str) -> str:
    for folder in (git_dir, common):
        value = _read(folder / name, 256).strip()
        if _REVISION.match(value):
            return value
    for line in _read(common / "packed-refs", MAX_PACKED_REFS_BYTES).splitlines():
        value, _, ref = line.partition(" ")
        if ref == name and _REVISION.match(value):
            return value
    return ""


def read_remote(common: Path) -> Remote | None:
    """Return `origin`, else the first remote of the repository's configuration."""
    urls = _remote_urls(_read(common / "config", MAX_FILE_BYTES))
    url = urls.get("origin") or next(iter(urls.values()), "")
    return parse_remote(url)


def _remote_urls(config: str) -> dict[str, str]:
    urls: dict[str, str] = {}
    name = ""
    for line in config.splitlines():
        if line.lstrip().startswith("["):
            section = _SECTION.match(line)
            name = (section[2] or "") if section and section[1].lower() == "remote" else ""
            continue
        key, separator, value = line.partition("=")
        if name and separator and key.strip().lower() == "url":
            urls.setdefault(name, value.strip().strip('"'))
    return urls


def _read(path: Path, limit: int) -> str:
    if not is_file(path):
        return ""  # a pipe that somebody put there would be waited for
    try:
        with path.open("rb") as file:
            return file.read(limit).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _normal(path: Path) -> Path:
    return Path(os.path.normpath(path))
