"""Services of agents that Hookline records by hooks or session files: what they send by the conventions themselves is not told again."""

from typing import Final

KNOWN_AGENTS: Final = frozenset(
    {
        "amp",
        "claude-code",
        "cline",
        "codex",
        "codex_cli_rs",
        "codex_exec",
        "copilot-cli",
        "cursor",
        "droid",
        "gemini-cli",
        "github-copilot",
        "goose",
        "kimi-code",
        "kiro",
        "opencode",
        "qwen-code",
    }
)
