"""What kind of error an API's answer tells of."""

from __future__ import annotations

import json

from hookline.agents.payload import member, text


def kind_of_error(body: str) -> str:
    """Return the type of an error, of which the text is the answer's body; empty for any other text."""
    try:
        found = json.loads(body[:65_536])
    except (ValueError, RecursionError):
        return ""
    return text(member(found, "error"), "type") if isinstance(found, dict) else ""
