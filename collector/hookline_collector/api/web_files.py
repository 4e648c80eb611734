"""The files of the folder `web`, as they are served: with a type, a tag that changes with the content, and compressed once.

All of them together have one edition, a hash. A page names its files under it (`/assets/EDITION/app/main.js`), modules name each other relatively, so
a browser keeps every one of them for ever and asks for none again; another release is another edition, and is fetched whole.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
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
EDITION_MARK = b"@edition@"
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
    """All files by their path in the folder, and their edition."""

    files: dict[str, WebFile]
    edition: str

    def asset(self, path: str) -> tuple[WebFile | None, bool]:
        """Return the file of a path below `/assets`, and whether the path names this edition, so that the answer never changes."""
        first, _, rest = path.partition("/")
        is_pinned = first == self.edition
        name = rest if is_pinned else path
        return (None if name.endswith(".html") else self.files.get(name)), is_pinned


def read_web_files(folder: Path = WEB) -> WebFiles:
    """Read every file of the folder; a page names its files under the edition."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in UNSERVED]
    contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    edition = _edition(contents)
    files = {name: WebFile(_placed(name, content, edition), media_type(name)) for name, content in contents.items()}
    return WebFiles(files, edition)


def asset_paths(web: WebFiles) -> frozenset[str]:
    """Return the paths that need no token: the assets hold nothing of anybody's, and the page without a token needs some."""
    names = [name for name in web.files if not name.endswith(".html")]
    return frozenset(f"/assets/{place}{name}" for name in names for place in ("", f"{web.edition}/"))


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


def _placed(name: str, content: bytes, edition: str) -> bytes:
    return content.replace(EDITION_MARK, edition.encode()) if name.endswith(".html") else content
