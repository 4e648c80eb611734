"""Who Claude Code is."""

from typing import Final

NAME: Final = "claude-code"
TITLE: Final = "Claude Code"
PROVIDER: Final = "anthropic"
UNATTENDED: Final = ("sdk-", "mcp", "claude-code-github-action")  # entry points at which nobody sits
