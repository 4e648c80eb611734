"""Which version of Claude Code is installed, asked of the client itself."""

import re
import shutil
import subprocess

from hookline.agents.claude_code.hook_events import Version

_TIMEOUT_S = 10.0


def find_version(command: str = "claude") -> Version | None:
    """Return the version, None if there is no client on the PATH or it does not say."""
    path = shutil.which(command)
    if path is None:
        return None
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=_TIMEOUT_S, stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(said.stdout)


def parse_version(said: str) -> Version | None:
    """Read a version such as `2.1.329 (Claude Code)`."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", said.strip())
    return tuple(int(part) for part in found.groups()) if found else None
