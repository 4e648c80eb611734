"""Reading and writing the agent's settings file: through links, whole or not at all, with its mode, after a backup."""

import stat
from pathlib import Path

from hookline.errors import ConfigInvalid, Refused
from hookline.system.files import drafted, write_private

BACKUP_SUFFIX = ".before-hookline"
LAST_CHANGE_SUFFIX = ".before-last-change"
_BOM = "\ufeff"


def read_text(path: Path) -> str | None:
    """Return the file's text as it is, None if there is no file; raises ConfigInvalid when it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise ConfigInvalid([(str(path), f"is not UTF-8 (byte {error.start}); nothing was changed, save it as UTF-8 first")]) from None
    except OSError as error:
        raise ConfigInvalid([(str(path), f"cannot be read: {error.strerror}; nothing was changed")]) from None


def write_text(path: Path, text: str, expected: str | None, new_mode: int) -> None:
    """Put the text in the file's place; raises Refused if it no longer holds what was `expected`."""
    target = path.resolve()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with drafted(target, text, sync=True, mode=_mode(target, new_mode)):
            if read_text(target) != expected:
                raise Refused(f"{path} was changed by someone else just now: try again")
    except OSError as error:
        raise ConfigInvalid([(str(path), f"cannot be written: {error.strerror}; nothing was changed")]) from None


def backup_path(path: Path) -> Path:
    """Return where the backup of a settings file lies: beside the file itself, also where `path` is a link."""
    target = path.resolve()
    return target.with_name(target.name + BACKUP_SUFFIX)


def last_change_path(path: Path) -> Path:
    """Return where the file lies as it was before the last change to a text that was not as install had left it."""
    target = path.resolve()
    return target.with_name(target.name + LAST_CHANGE_SUFFIX)


def write_backup(path: Path, text: str) -> None:
    """Write a backup under its own name, in place of whatever lies there. A link is replaced, not followed: the folder may be a stranger's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        write_private(path, text, sync=True)
    except OSError as error:
        raise ConfigInvalid([(str(path), f"cannot be written: {error.strerror}; nothing was changed")]) from None


def read_backup(path: Path) -> str | None:
    """Return a backup's text, None where there is none that we wrote: links and other things that are no files are none."""
    try:
        return read_text(path) if stat.S_ISREG(path.lstat().st_mode) else None
    except (OSError, ConfigInvalid):
        return None


def remove_file(path: Path, expected: str | None) -> None:
    """Remove a file that holds what was `expected`; raises Refused if it no longer does."""
    if read_text(path) != expected:
        raise Refused(f"{path} was changed by someone else just now: try again")
    path.resolve().unlink(missing_ok=True)


def split_bom(text: str) -> tuple[str, str]:
    """Return a byte order mark, if there is one, and the rest."""
    return (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)


def _mode(target: Path, new_mode: int) -> int:
    try:
        return target.stat().st_mode & 0o7777
    except FileNotFoundError:
        return new_mode
