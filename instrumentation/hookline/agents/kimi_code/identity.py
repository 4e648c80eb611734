"""Who Kimi Code is."""

from typing import Final

NAME: Final = "kimi-code"
TITLE: Final = "Kimi Code"
PROVIDER: Final = "moonshot_ai"
MAIN: Final = "main"  # the id of the conversation itself, where subagents have `agent-N`


def turn_id(session_id: str, number: int) -> str:
    """Return the prompt's id of a turn: the client numbers them from 0 within a session, also over a resume."""
    return f"{session_id}/turn-{number}"
