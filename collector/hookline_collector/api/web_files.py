"""The files of the folder `web`, as they are served: with a type, a tag that changes with the content, and compressed once.

All of them together have one edition, a hash. A page names its files under it (`/assets/EDITION/app/main.js`), modules name each other relatively, so
a browser keeps every one of them for ever and asks for none again; another release is another edition, and is fetched whole.

A browser that has never been here gets all that a page needs in one go: the styles are one file, the modules of a page are two or three
(`module_bundles`), and the shell of a page names each that it will ask for, libraries too, which is read from what the modules import.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hookline_collector.api.module_bundles import bundle, in_order

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
CHARTS_MODULE = "panels/dashboard.js"
PAGES = "pages/"
"""The first module, that of charts and each page's are files with all that they import; each has what those before it do not bring."""
STYLES = tuple(f"style/{name}.css" for name in ("tokens", "base", "shell", "parts", "pages", "people"))
"""In this order one file, `ALL_STYLES`."""
ALL_STYLES = "style/all.css"
_LIBRARY = re.compile(r'\bimport\("\.\./(vendor/[^"]+)"\)\.then')
"""A library that a module brings as soon as it draws."""
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
    shell = contents.pop(SHELL)
    modules = {name: content.decode() for name, content in contents.items() if name.endswith(".js")}
    pages = [name for name in modules if name.startswith(PAGES)]
    contents[ALL_STYLES] = b"".join(contents[name] for name in STYLES)
    contents |= {name: content.encode() for name, content in _bundles(modules, pages)}
    edition = _edition({**contents, SHELL: shell})
    files = {name: WebFile(content, media_type(name)) for name, content in contents.items()}
    shells = {Path(name).stem: WebFile(_shell(shell, edition, needed_by(name, modules)), media_type(SHELL)) for name in pages}
    return WebFiles(files, edition, shells)


def _bundles(modules: Mapping[str, str], pages: list[str]) -> Iterator[tuple[str, str]]:
    ran = in_order(FIRST_MODULE, modules)
    yield FIRST_MODULE, bundle(FIRST_MODULE, modules)
    yield CHARTS_MODULE, bundle(CHARTS_MODULE, modules, ran)
    for page in pages:
        yield page, bundle(page, modules, ran, [CHARTS_MODULE])


def needed_by(page: str, modules: Mapping[str, str]) -> list[str]:
    """Return the files that a page needs before it is drawn, and the libraries that draw it."""
    imported = in_order(page, modules)
    libraries = dict.fromkeys(library for name in imported for library in _LIBRARY.findall(modules[name]))
    return [FIRST_MODULE, *([CHARTS_MODULE] if CHARTS_MODULE in imported else []), page, *libraries]


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
