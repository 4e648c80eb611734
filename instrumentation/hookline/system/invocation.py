"""How this Hookline is called from where a person stands.

Messages name commands as `hookline up`. Where the PATH does not lead to this installation, `as_typed` turns that into what has to be typed; it is
applied where something is printed, so that it covers every hint, also those that came from the collector.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

NAME = "hookline"
_HINT = re.compile(r"(?<![\w./-])hookline(?= (?:up|down|open|install|uninstall|status|doctor|report|live|sessions?|windows|query|backfill"
                   r"|cleanup|quarantine|config|relay|collector)\b)")  # fmt: skip


def as_typed(text: str) -> str:
    """Return a message with each command as it must be typed here."""
    own = own_command()
    return text if own == NAME else _HINT.sub(lambda _: own, text)


def own_command(*, from_anywhere: bool = False) -> str:
    """Return what calls this installation: the bare name when the PATH leads to it, else a path, a short one where the working folder holds it."""
    script = _script()
    if script is None:
        return f"{shlex.quote(sys.executable)} -m {NAME}"
    found = shutil.which(NAME)
    if found and os.path.realpath(found) == os.path.realpath(script):
        return NAME
    here = None if from_anywhere else _working_folder()
    return shlex.quote(os.path.relpath(script, here) if here and script.is_relative_to(here) else str(script))


def _script() -> Path | None:
    """Return the script that was called, or the one beside the interpreter; None where there is neither."""
    for candidate in (Path(sys.argv[0] if sys.argv else ""), Path(sys.executable).with_name(NAME)):
        if candidate.name == NAME and candidate.is_file():
            return Path(os.path.normpath(candidate.absolute()))  # as it was called: a link stays one
    return None


def _working_folder() -> Path | None:
    try:
        return Path.cwd()
    except OSError:
        return None  # it was removed
