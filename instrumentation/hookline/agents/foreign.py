"""Which agent fired a hook that stands in Claude's settings files.

Cursor and GitHub Copilot read those files too and run their hooks with payloads of their own. What gives them away:

    Cursor      `cursor_version`, or `conversation_id` together with `generation_id`
    Copilot     camel case (`sessionId`, `toolName`), or `tool_result`, or a `timestamp` beside `hook_event_name`
                without Claude's `transcript_path`
    Codex       `turn_id` with a transcript below `.codex/`
    Gemini CLI  `timestamp` and an event named Before… or After…

Their events are kept as `other` under the agent's own name: counted and visible, and never part of a Claude session.
"""

from hookline.agents.payload import MAX_PATH, Json, text

CLAUDE_CODE = "claude-code"


def identify(payload: Json, said: str = CLAUDE_CODE) -> str:
    """Return the name of the agent that made the payload; `said` is what the hook's environment line says."""
    if "cursor_version" in payload or ("conversation_id" in payload and "generation_id" in payload):
        return "cursor"
    if "sessionId" in payload or "toolName" in payload or "tool_result" in payload:
        return "github-copilot"
    if "turn_id" in payload and "/.codex/" in text(payload, "transcript_path", MAX_PATH):
        return "codex"
    if "timestamp" in payload and text(payload, "hook_event_name").startswith(("Before", "After")):
        return "gemini-cli"
    if "timestamp" in payload and not text(payload, "transcript_path", MAX_PATH):
        return "github-copilot"
    return said or CLAUDE_CODE


def session_of(payload: Json) -> str:
    """Return the session's id under any of the names that agents give it."""
    return next((value for key in ("session_id", "sessionId", "conversation_id") if (value := text(payload, key))), "")
