"""A copy of the embedded engine's table definitions, and the repair of torn ones.

Each table is a small SQL file in the engine's folder. When one of them is empty, the engine opens no database at all, and an empty file
is what a full disk or a power cut leaves of one that was being rewritten. So Hookline keeps a copy of all of them in one file, writes it
durably after every change, and checks the definitions at each start before the engine reads them:

- it restores a torn definition from the copy; without a copy it moves the definition to `damaged/`, so that the rest opens;
- it makes a database's own definition from the folder's name, which needs no copy;
- it moves a torn list of a mutation's commands aside, and writes a table's format number again.

It returns what it did (`Mended`), for the status and the log.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hookline.system.files import write_private

KEPT = "definitions.json"
ASIDE = "damaged"
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`", re.DOTALL)
_DATABASE = "ATTACH DATABASE _ UUID '{uuid}'\nENGINE = Atomic\n"
_FORMAT_VERSION = b"1"
_MUTATION = b"format version: 1\n"


@dataclass(frozen=True, slots=True)
class Mended:
    """One file that was torn: `path` under the engine's folder, and whether it is whole again or what it said is lost."""

    path: str
    is_whole_again: bool

    @property
    def words(self) -> str:
        """What happened, for a person."""
        return f"{self.path} was torn; " + ("Hookline restored it" if self.is_whole_again else f"Hookline could not restore it; it is in {ASIDE}/")


def is_whole(text: str) -> bool:
    """Whether a definition reads to its end."""
    bare = _QUOTED.sub("", text)
    has_end = text.endswith("\n") and ("\nENGINE = " in text or "\nAS " in text)
    return text.startswith("ATTACH ") and has_end and "\0" not in text and bare.count("(") == bare.count(")") and "'" not in bare


def keep(folder: Path) -> bool:
    """Write the copy anew when something changed; return whether it did. Raises OSError where the disk does not take it."""
    before = _kept(folder)
    now = {name: text for path in _definitions(folder) if is_whole(text := _text(path)) for name in (_name(folder, path),)}
    torn = {_name(folder, path) for path in _definitions(folder)} - now.keys()
    copy = now | {name: before[name] for name in torn & before.keys()}
    if copy == before:
        return False
    body = json.dumps(copy, sort_keys=True).encode()
    write_private(folder / KEPT, b"%08x\n" % zlib.crc32(body) + body, sync=True)
    return True


def mend(folder: Path) -> list[Mended]:
    """Make every definition whole that is torn; return what was torn. Raises OSError where the disk does not take it."""
    kept = _kept(folder)
    found = [_put_back(folder, path, kept) for path in _definitions(folder) if not is_whole(_text(path))]
    found += [_set_aside(folder, path) for path in sorted(folder.glob("store/*/*/mutation_*.txt")) if not _is_mutation(path)]
    for path in sorted(folder.glob("store/*/*/format_version.txt")):
        if not path.read_bytes().strip().isdigit():
            found.append(_write(folder, path, _FORMAT_VERSION))
    return found


def _definitions(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("metadata/*.sql"))
    yield from sorted(folder.glob("store/*/*/*.sql"))


def _kept(folder: Path) -> dict[str, str]:
    """Return the copy by names under the folder; nothing when there is none that can be trusted."""
    try:
        check, _, body = (folder / KEPT).read_bytes().partition(b"\n")
    except OSError:
        return {}
    if check != b"%08x" % zlib.crc32(body):
        return {}
    copy: dict[str, str] = json.loads(body)
    return copy


def _put_back(folder: Path, path: Path, kept: dict[str, str]) -> Mended:
    text = kept.get(_name(folder, path)) or _database(path)
    return _write(folder, path, text.encode()) if text else _set_aside(folder, path)


def _database(path: Path) -> str:
    """Return the definition of a database, which its folder's link names; empty for anything else."""
    link = path.with_suffix("")
    return _DATABASE.format(uuid=link.readlink().name) if path.parent.name == "metadata" and link.is_symlink() else ""


def _write(folder: Path, path: Path, content: bytes) -> Mended:
    write_private(path, content, sync=True, draft=path.with_name(f"{path.name}.tmp"))  # a name that the engine clears away
    return Mended(_name(folder, path), is_whole_again=True)


def _set_aside(folder: Path, path: Path) -> Mended:
    aside = folder / ASIDE
    aside.mkdir(mode=0o700, exist_ok=True)
    path.rename(aside / f"{path.parent.name}-{path.name}")
    return Mended(_name(folder, path), is_whole_again=False)


def _is_mutation(path: Path) -> bool:
    content = path.read_bytes()
    return content.startswith(_MUTATION) and content.endswith(b"\n")


def _text(path: Path) -> str:
    return path.read_bytes().decode(errors="replace").replace("\ufffd", "\0")


def _name(folder: Path, path: Path) -> str:
    return str(path.relative_to(folder))
