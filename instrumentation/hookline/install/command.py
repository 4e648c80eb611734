"""The commands that stand in the agent's settings, and how Hookline knows its own.

    test ! -x '/home/ana/.local/state/hookline/hook.sh' || exec '/home/ana/.local/state/hookline/hook.sh' # hookline
    test ! -x '/home/ana/.local/state/hookline/hook.sh' || exec '/home/ana/.local/state/hookline/hook.sh' agent=codex # hookline

The test keeps the agent quiet where the script is gone: settings that are synchronised to another machine, or a data folder
removed by hand, would otherwise show an error at every event. `exec` saves a process. The comment is the mark by which
install and uninstall know their own handlers, whatever the path. In settings that are shared with others (project scope) a
path under the home folder is written from $HOME. Words behind the script become part of each event's first line; an agent may have approved
the command as it stands, so it stays the same from version to version.
"""

import re
import shlex
from pathlib import Path

MARK = "# hookline"
_OURS = re.compile(rf"(?:hook|statusline)\.sh['\"]?(?: \"\$1\"; eval \"\$1\"|(?: [a-z_]+=[A-Za-z0-9._-]+)*) {MARK}\s*\Z|hookline/hook\.sh['\"]?\s*\Z")
_STATUS_LINE = re.compile(rf"^set -- (?P<own>.*); test ! -x .* \|\| exec .* \"\$1\"; eval \"\$1\" {MARK}$", re.DOTALL)


def quote_path(path: Path, home: Path | None = None) -> str:
    """Quote a path for a shell; below `home`, if that is given, from $HOME on."""
    if home is not None and path.is_relative_to(home) and path != home:
        return f'"$HOME"/{shlex.quote(str(path.relative_to(home)))}'
    return _quote(str(path))


def hook_command(quoted_path: str, **words: str) -> str:
    """Return the command of every event; `words` are what its events' first lines say (`agent="codex"`)."""
    said = "".join(f" {key}={value}" for key, value in words.items())
    return f"test ! -x {quoted_path} || exec {quoted_path}{said} {MARK}"


def status_line_command(quoted_path: str, own: str) -> str:
    """Return the status line's command around the user's own, which runs by itself where the script is gone."""
    if not own:
        return hook_command(quoted_path)
    return f'set -- {_quote(own)}; test ! -x {quoted_path} || exec {quoted_path} "$1"; eval "$1" {MARK}'


def is_ours(command: object) -> bool:
    """Answer whether Hookline wrote this command: one of our scripts and the mark behind it, or what older versions wrote."""
    return isinstance(command, str) and _OURS.search(command) is not None


def is_our_status_line(command: object) -> bool:
    """Answer whether this is our status line as we wrote it. Once a person has worked on the wrapper, it is theirs."""
    if not isinstance(command, str) or not is_ours(command):
        return False
    return command.startswith("test ! -x ") or wrapped_command(command) != ""


def wrapped_command(command: str) -> str:
    """Return the user's own command within our status line command, empty if there is none."""
    found = _STATUS_LINE.match(command)
    try:
        words = shlex.split(found["own"]) if found else []
    except ValueError:
        return ""
    return words[0] if len(words) == 1 else ""


def _quote(text: str) -> str:
    """Quote always, so that the text is seen to be one."""
    return "'" + text.replace("'", "'\"'\"'") + "'"
