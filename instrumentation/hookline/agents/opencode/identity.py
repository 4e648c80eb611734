"""Who OpenCode is."""

from typing import Final

NAME: Final = "opencode"
TITLE: Final = "OpenCode"
UNATTENDED: Final = frozenset({"run", "serve", "github"})  # entrypoints at which nobody need sit
