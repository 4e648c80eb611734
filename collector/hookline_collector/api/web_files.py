"""The files of the folder `web`, as they are served: with a type, a tag that changes with the content, and compressed once.

All of them together have one edition, a hash. A page names its files under it (`/assets/EDITION/app/main.js`), modules name each other relatively, so
a browser keeps every one of them for ever and asks for none again; another release is another edition, and is fetched whole.

A browser that has never been here gets all that a page needs in one go: the styles are one file, and the shell of a page names every module that runs
before it is drawn, which is read from what the modules import.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

WEB = Path(__file__).parent.parent / "web"
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".json": "application/json",
}
UNSERVED = (".py", ".pyc", ".ts")
EDITION_MARK, MODULES_MARK = b"@edition@", b"@modules@"
SHELL = "index.html"
FIRST_MODULE = "app/main.js"
PAGE_MODULE = "pages/{}.js"
STYLES = tuple(f"style/{name}.css" for name in ("tokens", "base", "shell", "parts", "pages", "people"))
"""In this order one file, `ALL_STYLES`."""
ALL_STYLES = "style/all.css"
_IMPORT = re.compile(rb'^(?:import|export) [^;]*?"(\.{1,2}/[^"]+)";|\bimport\("(\.\./vendor/[^"]+)"\)\.then', re.MULTILINE)
"""What a module imports before it runs, and the libraries that it brings as soon as it draws."""
SMALL_BYTES = 1_000
"""What is smaller gains nothing by being compressed."""


@dataclass(slots=True)
class WebFile:
    """One file as it is served; compressed when that is first asked for."""

    content: bytes
    media_type: str
    tag: str = field(init=False)
    _compressed: bytes | None = None

    def __post_init__(self) -> None:
        self.tag = hashlib.sha256(self.content).hexdigest()[:16]

    async def compressed(self) -> bytes | None:
        """Return it as gzip; None when that is not worth it. It takes a thread the first time."""
        if self._compressed is None and len(self.content) >= SMALL_BYTES and self.media_type != "image/png":
            self._compressed = await asyncio.to_thread(gzip.compress, self.content, 9, mtime=0)
        return self._compressed


@dataclass(frozen=True, slots=True)
class WebFiles:
    """All files by their path in the folder, and their edition; and the shell by the page that it draws first."""

    files: dict[str, WebFile]
    edition: str
    shells: Mapping[str, WebFile] = field(default_factory=dict)

    def asset(self, path: str) -> tuple[WebFile | None, bool]:
        """Return the file of a path below `/assets`, and whether the path names this edition, so that the answer never changes."""
        first, _, rest = path.partition("/")
        is_pinned = first == self.edition
        name = rest if is_pinned else path
        return self.files.get(name), is_pinned


def read_web_files(folder: Path = WEB) -> WebFiles:
    """Read every file of the folder, and put together what is served as one; a page names its files under the edition."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in UNSERVED]
    contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    edition = _edition(contents)
    shell = contents.pop(SHELL)
    contents[ALL_STYLES] = b"".join(contents[name] for name in STYLES)
    files = {name: WebFile(content, media_type(name)) for name, content in contents.items()}
    pages = [name for name in contents if posixpath.dirname(name) == posixpath.dirname(PAGE_MODULE)]
    shells = {Path(name).stem: WebFile(_shell(shell, edition, needed_by((FIRST_MODULE, name), contents)), media_type(SHELL)) for name in pages}
    return WebFiles(files, edition, shells)


def needed_by(modules: tuple[str, ...], contents: Mapping[str, bytes]) -> list[str]:
    """Return the modules and what they import, and what that imports, each once."""
    found: dict[str, None] = {}
    left = list(modules)
    while left:
        name = left.pop()
        if name in found:
            continue
        found[name] = None
        if not name.startswith("vendor/"):  # one file each, that imports nothing
            folder = posixpath.dirname(name)
            left += [posixpath.normpath(posixpath.join(folder, (at_once or later).decode())) for at_once, later in _IMPORT.findall(contents[name])]
    return list(found)


def asset_paths(web: WebFiles) -> frozenset[str]:
    """Return the paths that need no token: the assets hold nothing of anybody's, and the page without a token needs some."""
    return frozenset(f"/assets/{place}{name}" for name in web.files for place in ("", f"{web.edition}/"))


def media_type(name: str) -> str:
    """Return the type that a file is served with."""
    kind = TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _edition(contents: dict[str, bytes]) -> str:
    """Return a hash over names and contents."""
    whole = hashlib.sha256()
    for name, content in contents.items():
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()[:12]


def _shell(shell: bytes, edition: str, modules: list[str]) -> bytes:
    links = "\n  ".join(f'<link rel="modulepreload" href="/assets/{edition}/{name}">' for name in modules)
    return shell.replace(EDITION_MARK, edition.encode()).replace(MODULES_MARK, links.encode())
