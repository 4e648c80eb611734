"""Who Codex is."""

from typing import Final

NAME: Final = "codex"
TITLE: Final = "Codex CLI"
PROVIDER: Final = "openai"
FOLDER_VARIABLE: Final = "CODEX_HOME"  # in place of ~/.codex
UNATTENDED: Final = frozenset({"exec", "mcp"})  # how a session was started, where nobody sits at it
