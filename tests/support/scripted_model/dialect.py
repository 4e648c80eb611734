"""What one API is to the scripted model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Request = Mapping[str, Any]
Step = Mapping[str, Any]
Event = tuple[str, Any]  # a server-sent event's name, which may be empty, and its data


@dataclass(frozen=True, slots=True)
class Said:
    """One thing in a request, in its order: a text of the person's (or, to a subagent, of its caller's), or results of a round of calls."""

    text: str = ""
    round: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One API. `path` is what a request's path holds; a request without tools is a helper's: a title, a summary."""

    path: str
    said: Callable[[Request], Iterator[Said]]
    has_tools: Callable[[Request], bool]
    whole: Callable[[Request, Step, str], Mapping[str, Any]]
    stream: Callable[[Request, Step, str], Iterator[Event]]
    error: Callable[[Step], Mapping[str, Any]]
