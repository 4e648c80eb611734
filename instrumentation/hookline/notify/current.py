"""The settings of notices as the file has them now: `hookline notify off` needs no restart of the relay.

The file is read when it changed; that is looked for once a second at most. Flags that the relay was given win, as everywhere; a file that is
not valid leaves what counted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from hookline.errors import HooklineError
from hookline.settings import Settings, load
from hookline.settings.load import config_path
from hookline.settings.schema import NotifySettings
from hookline.system.files import file_stamp

LOOK_EVERY_S = 1.0


class Current:
    """Calling it gives the settings that count now."""

    def __init__(self, settings: Settings, env: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.monotonic) -> None:
        self._counts = settings.notify
        self._env = env
        self._clock = clock
        self._path = config_path(env)
        self._stamp = file_stamp(self._path)
        self._next_s = clock() + LOOK_EVERY_S
        self._is_fixed = self._loaded() != settings.notify  # by flags, which no file can change

    def __call__(self) -> NotifySettings:
        """Return the settings, read anew if the file changed."""
        if self._is_fixed or self._clock() < self._next_s:
            return self._counts
        self._next_s = self._clock() + LOOK_EVERY_S
        if (stamp := file_stamp(self._path)) != self._stamp:
            self._stamp = stamp
            self._counts = self._loaded() or self._counts
        return self._counts

    def _loaded(self) -> NotifySettings | None:
        try:
            return load({}, self._env).settings.notify
        except HooklineError:
            return None
