"""Who Droid is."""

from typing import Final

NAME: Final = "droid"
TITLE: Final = "Droid"
PROVIDER: Final = "factory"
