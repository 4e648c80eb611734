"""Claude Code: hooks, tools, transcripts, status line, installation."""
