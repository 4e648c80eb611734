"""Which objects and lists of Claude Code's settings are the user's: `hookline.install.containers`, with `env` and the status line.

Beside the containers stands `statusLine` with the user's command as it was written.
"""

from collections.abc import Mapping
from typing import Final

from hookline.agents.claude_code.status_line import STATUS_LINE, written_status_line
from hookline.agents.claude_code.telemetry_settings import ENV, still_put
from hookline.install import containers
from hookline.install.containers import Theirs
from hookline.install.document import Node
from hookline.install.hook_groups import HOOKS

KEYS: Final = (HOOKS, ENV, STATUS_LINE)


def find_theirs(text: str, earlier: Theirs, put: Mapping[str, str]) -> dict[str, str]:
    """Return the user's containers in a text, each with its white space: those without anything of ours, and those already known."""
    written = written_status_line(text)

    def holds_ours(path: str, node: Node) -> bool:
        return path == STATUS_LINE or bool(still_put(text, put))

    found = containers.find_theirs(text, earlier, KEYS, holds_ours)
    return found | ({STATUS_LINE: written} if written and _is_object(text) else {})


def sign(text: str, theirs: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the user's containers with the digest of each as it now stands in the text."""
    return containers.sign(text, theirs, KEYS)


def fillings(text: str, theirs: Theirs) -> dict[str, str]:
    """Return what to put into each of the user's containers if it becomes empty."""
    return containers.fillings(text, theirs, KEYS)


def _is_object(text: str) -> bool:
    return any(path == STATUS_LINE for path, _ in containers.containers(text, KEYS))
