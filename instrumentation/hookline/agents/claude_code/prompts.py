"""Which prompt a transcript's line belongs to: that of the line that it answers.

Lines form a tree by `parentUuid`. A prompt's own line names it (`promptId`; older clients name none, then the line's uuid is its id), and what
answers it, however indirectly, belongs to it. The `promptId` of results and of interrupt lines is no help: it is already that of a prompt that
waited behind, and such a prompt's line may stand before them in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

MAX_LINES: Final = 5_000


class PromptTree:
    """Follows the lines of one transcript in their order."""

    def __init__(self) -> None:
        self._latest_id = ""
        self._prompts: dict[str, str] = {}

    def enter(self, line: Mapping[str, Any]) -> str:
        """Take in a line and return the prompt that it belongs to; empty where none is known."""
        prompt_id = self._prompts.get(str(line.get("parentUuid") or ""), self._latest_id)
        self._remember(line, prompt_id)
        return prompt_id

    def begin(self, line: Mapping[str, Any]) -> str:
        """Take it that a line is a prompt, and return its id."""
        self._latest_id = str(line.get("promptId") or line.get("uuid") or "")
        self._remember(line, self._latest_id)
        return self._latest_id

    def _remember(self, line: Mapping[str, Any], prompt_id: str) -> None:
        if uuid := str(line.get("uuid") or ""):
            self._prompts[uuid] = prompt_id
            if len(self._prompts) > MAX_LINES:
                del self._prompts[next(iter(self._prompts))]
