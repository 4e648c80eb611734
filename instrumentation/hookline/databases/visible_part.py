"""One line of `hookline db check`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VisiblePart:
    """One part: `seen` is yes, no, or partly. `opens` is a line for an administrator to run; empty where nothing is to be done."""

    part: str
    seen: str
    says: str
    costs: str = ""
    opens: str = ""
