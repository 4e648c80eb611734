"""What a report is asked for, in the words of the command line and of the API."""

from typing import Final, Literal, get_args

Grouping = Literal["project", "branch", "user", "agent", "day", "session", "tool", "kind", "model", "hour"]
Rounding = Literal["up", "nearest"]
GROUPINGS: Final[tuple[str, ...]] = get_args(Grouping)
ROUNDINGS: Final[tuple[str, ...]] = get_args(Rounding)
MAX_BLOCKS: Final = 10_000
"""So many blocks a report has at most; whoever asks for a file asks for as many."""
QUERY_FORMATS: Final = ("table", "json", "csv")
