"""A short session as Claude Code's hooks would tell of it, for `hookline doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_OWN: Final[dict[str, dict[str, object]]] = {
    "SessionStart": {"source": "startup"},
    "UserPromptSubmit": {"prompt": "", "permission_mode": "default"},
    "Stop": {"stop_hook_active": False},
    "SessionEnd": {"reason": "other"},
}


class ClaudeProbe:
    """The probe behind the protocol."""

    def payloads(self, session_id: str, folder: Path) -> list[dict[str, object]]:
        """Return a session with one prompt."""
        common: dict[str, object] = {"session_id": session_id, "cwd": str(folder), "prompt_id": f"{session_id}-prompt"}
        return [common | {"hook_event_name": name} | own for name, own in _OWN.items()]

    def environment(self, pid: int) -> dict[str, str]:
        """Return the variable by which hooks know the client's process."""
        return {"CLAUDE_PID": str(pid)}
