"""The scripts of Claude Code's settings: the hook, and the status line with what draws it."""

from contextlib import suppress
from pathlib import Path

from hookline.agents.claude_code.status_text import ASKED_NAME, TODAY_NAME
from hookline.install.scripts import Script, are_current, put_scripts, take_scripts
from hookline.settings import Settings

STATUS_LINE = Script("statusline.sh", "statusline.sh")
STATUS_TEXT = Script("agents/claude_code/status_text.py", "status_text.py")
SCRIPTS = (STATUS_LINE, STATUS_TEXT)


def status_line_path(settings: Settings) -> Path:
    """Return the stable path of the status line's wrapper."""
    return settings.data_dir / STATUS_LINE.name


def install_scripts(settings: Settings) -> None:
    """Copy the scripts into the data folder."""
    put_scripts(settings, SCRIPTS)


def are_scripts_current(settings: Settings) -> bool:
    """Answer whether the installed scripts are those of this version."""
    return are_current(settings, SCRIPTS)


def remove_scripts(settings: Settings) -> None:
    """Remove the scripts and what they left."""
    take_scripts(settings, SCRIPTS)
    for name in (TODAY_NAME, ASKED_NAME):
        (settings.data_dir / name).unlink(missing_ok=True)
    compiled = settings.data_dir / "__pycache__"
    for path in compiled.glob("status_text.*"):
        path.unlink(missing_ok=True)
    with suppress(OSError):  # it is not there, or holds something else
        compiled.rmdir()
