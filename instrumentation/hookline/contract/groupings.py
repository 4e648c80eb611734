"""What a report is asked for, in the words of the command line and of the API."""

from typing import Final, Literal, get_args

Grouping = Literal["project", "branch", "user", "agent", "day", "session", "tool", "kind", "model", "hour"]
Rounding = Literal["up", "nearest"]
GROUPINGS: Final[tuple[str, ...]] = get_args(Grouping)
ROUNDINGS: Final[tuple[str, ...]] = get_args(Rounding)
QUERY_FORMATS: Final = ("table", "json", "csv")
