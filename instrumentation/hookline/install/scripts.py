"""The scripts that agents run, copied to stable paths in the data folder, so that an upgrade changes no settings."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from hookline.agents.claude_code.status_text import ASKED_NAME, TODAY_NAME
from hookline.settings import Settings
from hookline.system.files import write_private

STATUS_TEXT = "status_text.py"
_PACKAGED = Path(__file__).parent.parent


def status_line_path(settings: Settings) -> Path:
    """Return the stable path of the status line's wrapper."""
    return settings.data_dir / "statusline.sh"


def install_scripts(settings: Settings) -> None:
    """Copy the scripts whole or not at all; agents may be running the old ones."""
    for name, target in _scripts(settings):
        write_private(target, (_PACKAGED / name).read_bytes(), mode=0o700)
    write_private(settings.data_dir / "python", os.fsencode(f"{sys.executable}\n"), mode=0o700)


def are_scripts_current(settings: Settings) -> bool:
    """Answer whether the installed scripts are those of this version."""
    try:
        return all(target.read_bytes() == (_PACKAGED / name).read_bytes() for name, target in _scripts(settings))
    except OSError:
        return False


def remove_scripts(settings: Settings) -> None:
    """Remove the scripts; commands that still name them stay silent."""
    for _, target in _scripts(settings):
        target.unlink(missing_ok=True)
    for name in ("python", TODAY_NAME, ASKED_NAME):
        (settings.data_dir / name).unlink(missing_ok=True)
    for path in _compiled(settings).glob("status_text.*"):
        path.unlink(missing_ok=True)
    with suppress(OSError):  # it is not there, or holds something else
        _compiled(settings).rmdir()


def _compiled(settings: Settings) -> Path:
    return settings.data_dir / "__pycache__"


def _scripts(settings: Settings) -> tuple[tuple[str, Path], ...]:
    return (
        ("hook.sh", settings.hook_path),
        ("statusline.sh", status_line_path(settings)),
        (f"agents/claude_code/{STATUS_TEXT}", settings.data_dir / STATUS_TEXT),
    )
