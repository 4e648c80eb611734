"""What an adapter is told beside the payload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookline.agent_event import Place
from hookline.privacy.capture import Policy


@dataclass(frozen=True, slots=True)
class EventContext:
    """Of one event.

    `env` are the words of the spool file's first line, `folder` is what `Agent.folder` names, `place` and `policy` are that folder's.
    """

    time_ns: int
    uid: str
    env: Mapping[str, str]
    folder: str
    place: Place
    policy: Policy
