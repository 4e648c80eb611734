"""The colours, each with one meaning, the same on every page and in both themes."""

from typing import Final

AGENT: Final = "#1f9e89"
YOU: Final = "#5b5bd6"
WAITING: Final = "#d98e04"
PROMPT: Final = "#e3b858"
FAILURE: Final = "#d13438"
UNKNOWN: Final = "#8a8f98"
GOOD: Final = "#2f9e44"
PLAIN: Final = "#3b82c4"
