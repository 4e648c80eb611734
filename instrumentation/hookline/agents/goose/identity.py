"""Who Goose is."""

from typing import Final

NAME: Final = "goose"
TITLE: Final = "Goose"
PROVIDER: Final = "goose"
