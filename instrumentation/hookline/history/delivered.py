"""Which turns hooks delivered already, asked of the collector: history passes them over.

Where no collector answers (another OTLP backend is the endpoint) nothing is known to be delivered; the ids are the same, so a
backend that recognises them does not double them either.
"""

from __future__ import annotations

from functools import lru_cache

from hookline.agents.equipment import DeliveredPrompt
from hookline.collector_client import client_for
from hookline.errors import HooklineError
from hookline.settings import Settings

SQL = (
    "SELECT prompt_id, toString(toUnixTimestamp64Nano(started)), toString(prompt_length) FROM turns "
    "WHERE session_id = {session_id:String} AND from_hook = 1 ORDER BY started"
)


class DeliveredTurns:
    """Says of (session, prompt) whether hooks delivered that turn; each session is asked for once."""

    def __init__(self, settings: Settings) -> None:
        self._client = client_for(settings)
        self._asked = lru_cache(maxsize=64)(self._ask)

    def __call__(self, session_id: str, prompt_id: str) -> bool:
        """Whether hooks delivered the turn of a prompt."""
        return any(known.id == prompt_id for known in self._asked(session_id))

    def prompts_of(self, session_id: str) -> tuple[DeliveredPrompt, ...]:
        """Return the turns of a session that hooks delivered."""
        return self._asked(session_id)

    def _ask(self, session_id: str) -> tuple[DeliveredPrompt, ...]:
        try:
            answer = self._client.post("/api/v1/query", {"sql": SQL, "parameters": {"session_id": session_id}}, 30.0)
        except HooklineError:
            return ()
        return tuple(DeliveredPrompt(row[0], int(row[1]), int(row[2])) for row in answer["rows"])
