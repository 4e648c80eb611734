"""The scenes, by name. Each is a function of a desk: it acts, says what is true, and is judged afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from play.scenes import alarms, background, interruptions, notices, places, sessions, waits
from play.stage import Desk

Scene = Callable[[Desk], None]
SCENES: Mapping[str, Scene] = {
    scene.__name__: scene
    for scene in (
        *background.SCENES,
        *waits.SCENES,
        *interruptions.SCENES,
        *places.SCENES,
        *sessions.SCENES,
        *notices.SCENES,
        *alarms.SCENES,
    )
}
