"""Which turns hooks delivered already, asked of the collector: history passes them over.

Where no collector answers (another OTLP backend is the endpoint) nothing is known to be delivered; the ids are the same, so a
backend that recognises them does not double them either.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from hookline.collector_client import client_for
from hookline.errors import HooklineError
from hookline.settings import Settings

SQL = "SELECT prompt_id FROM turns WHERE session_id = {session_id:String} AND from_hook = 1"


def delivered_turns(settings: Settings) -> Callable[[str, str], bool]:
    """Return a function that says of (session, prompt) whether hooks delivered it; each session is asked for once."""
    client = client_for(settings)

    @lru_cache(maxsize=64)
    def prompts_of(session_id: str) -> frozenset[str]:
        try:
            answer = client.post("/api/v1/query", {"sql": SQL, "parameters": {"session_id": session_id}}, 30.0)
        except HooklineError:
            return frozenset()
        return frozenset(row[0] for row in answer["rows"])

    return lambda session_id, prompt_id: prompt_id in prompts_of(session_id)
