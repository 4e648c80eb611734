"""Where an agent works: from a folder to a project, its repository, branch and worktree.

Git's own files are read, never a git process started: `.git` (a folder, or a file that points to one, as worktrees and
submodules have), `HEAD`, `config`, `packed-refs`, `commondir`. Reads are bounded, and whatever is missing, unreadable or
broken leaves its field empty. Remotes lose their credentials before anything else sees them.

A project is one repository: its worktrees and its subfolders have the same id, which comes from the remote where there
is one (so two machines agree), else from the root folder. A folder outside of any repository is a project of its own, named
after itself; the home folder is `~`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hookline import semconv

MAX_FILE_BYTES: Final = 256 * 1024
MAX_PACKED_REFS_BYTES: Final = 4 * 1024 * 1024
MAX_PLACES: Final = 1_000
MAX_NAME: Final = 200

_REVISION = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_SECTION = re.compile(r'\s*\[([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]')
_SCP_LIKE = re.compile(r"(?:[^@/\s]*@)?(\[[^\]]+\]|[^:/\s\[\]]+):(?!//)(.+)\Z")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(?:[^/@\s]*@)*([^/\s?#]*)([^?#]*)")
_PROVIDERS: Final = {"github": "github", "gitlab": "gitlab", "bitbucket": "bitbucket", "gitea": "gitea", "codeberg": "gitea"}


@dataclass(frozen=True, slots=True)
class Place:
    """A project as seen from one folder. Empty where it is not known."""

    project: str = ""
    project_id: str = ""
    root: str = ""
    repository: str = ""
    url: str = ""
    owner: str = ""
    provider: str = ""
    branch: str = ""
    revision: str = ""
    worktree: str = ""

    @property
    def attributes(self) -> Mapping[str, str]:
        """The place as attributes of telemetry, without what is not known."""
        values = {
            semconv.PROJECT_NAME: self.project,
            semconv.PROJECT_ID: self.project_id,
            semconv.VCS_REPOSITORY_NAME: self.repository,
            semconv.VCS_REPOSITORY_URL: self.url,
            semconv.VCS_OWNER_NAME: self.owner,
            semconv.VCS_PROVIDER_NAME: self.provider,
            semconv.VCS_HEAD_NAME: self.branch,
            semconv.VCS_HEAD_TYPE: "branch" if self.branch else "",
            semconv.VCS_HEAD_REVISION: self.revision,
            semconv.WORKTREE: self.worktree,
        }
        return {key: value for key, value in values.items() if value}


NOWHERE: Final = Place()


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote without credentials: an address people can open, and its parts."""

    url: str
    host: str
    owner: str
    name: str

    @property
    def provider(self) -> str:
        """The hosting software, as far as the host's name tells it."""
        return next((value for part, value in _PROVIDERS.items() if part in self.host), "")


class Places:
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
    found = _find_git(folder)
    if found is None:
        return _plain(folder, home)
    root, git_dir = found
    if not _is_file(git_dir / "HEAD"):
        return _plain(root, home)
    common = _common_dir(git_dir)
    remote = _remote(common)
    branch, revision = _head(git_dir, common)
    main_root = _main_root(root, git_dir, common)
    name = remote.name if remote else main_root.name
    return Place(
        project=_short(name or "/"),
        project_id=_id(f"{remote.host}/{remote.owner}/{remote.name}".lower() if remote else str(main_root)),
        root=_short(str(root), 4096),
        repository=_short(name),
        url=_short(remote.url, 2048) if remote else "",
        owner=_short(remote.owner) if remote else "",
        provider=remote.provider if remote else "",
        branch=_short(branch),
        revision=revision,
        worktree=_short(root.name) if git_dir != common and common in git_dir.parents else "",
    )


def _plain(folder: Path, home: str) -> Place:
    is_home = bool(home) and folder == Path(home)
    name = "~" if is_home else folder.name or str(folder)
    return Place(project=_short(name), project_id=_id(str(folder)), root=_short(str(folder), 4096))


def _find_git(folder: Path) -> tuple[Path, Path] | None:
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
        return _is_file(folder / "HEAD") and (folder / "objects").is_dir()
    except OSError:
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _common_dir(git_dir: Path) -> Path:
    """Return the folder that a worktree shares with its main repository; for others the git folder itself."""
    pointer = _read(git_dir / "commondir", 4096).strip()
    return _normal(git_dir / pointer) if pointer else git_dir


def _main_root(root: Path, git_dir: Path, common: Path) -> Path:
    """Return the root of the main work tree: a worktree is the same project as its repository."""
    main = root if git_dir == common else common
    if main.name == ".git":
        return main.parent
    return main.with_suffix("") if main.suffix == ".git" else main


def _head(git_dir: Path, common: Path) -> tuple[str, str]:
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


def _remote(common: Path) -> Remote | None:
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


def parse_remote(url: str) -> Remote | None:
    """Return a remote without user, password, token, query and fragment; None for a local path or nonsense."""
    if full := _URL.match(_without_broken_credentials(url)):
        scheme, host, path = full[1].lower(), full[2].lower(), full[3]
    elif scp := _SCP_LIKE.match(url):
        scheme, host, path = "ssh", scp[1].lower(), "/" + re.split(r"[?#]", scp[2])[0].lstrip("/")
    else:
        return None
    if scheme == "file" or not host:
        return None
    parts = [part for part in path.split("/") if part]
    if not parts:
        return None
    name = parts[-1].removesuffix(".git")
    shown = "https" if scheme in ("ssh", "git", "git+ssh", "ssh+git") else scheme
    bare_host = re.sub(r":\d+\Z", "", host) if scheme != shown else host
    clean = "/".join([*parts[:-1], name])
    return Remote(f"{shown}://{bare_host}/{clean}", re.sub(r":\d+\Z", "", host), "/".join(parts[:-1]), name)


def _without_broken_credentials(url: str) -> str:
    """A password with an unescaped slash ends up in the path: where the host has no port after its colon, cut up to the last `@`."""
    scheme, separator, rest = url.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    is_broken = "@" in rest and re.search(r"(?<!\]):(?!\d*\Z)", host) is not None and not host.startswith("[")
    return f"{scheme}://{rest.rpartition('@')[2]}" if separator and is_broken else url


def _read(path: Path, limit: int) -> str:
    try:
        with path.open("rb") as file:
            return file.read(limit).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _normal(path: Path) -> Path:
    return Path(os.path.normpath(path))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _short(text: str, limit: int = MAX_NAME) -> str:
    return text[:limit]


def _id(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
