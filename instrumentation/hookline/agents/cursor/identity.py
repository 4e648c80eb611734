"""Who Cursor is."""

from typing import Final

NAME: Final = "cursor"
TITLE: Final = "Cursor"
PROVIDER: Final = "cursor"
