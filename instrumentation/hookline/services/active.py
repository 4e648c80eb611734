"""The watch of this process, where one is active: what patched libraries ask. Empty again after `uninstrument`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hookline.services.service_watch import ServiceWatch

_active: list[ServiceWatch] = []


def active() -> ServiceWatch | None:
    """Return the watch; None while nothing is watched."""
    return _active[0] if _active else None


def activate(watch: ServiceWatch | None) -> None:
    """Set the watch, or take it away."""
    _active[:] = [] if watch is None else [watch]
