"""One typed tree of settings (`schema`) and how it is read (`load`)."""

from hookline.settings.load import Loaded, load, rows
from hookline.settings.schema import Settings

__all__ = ["Loaded", "Settings", "load", "rows"]
