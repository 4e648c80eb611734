"""`instrument` and `uninstrument`: from one call to everything that is watched, and back to nothing."""

from __future__ import annotations

import atexit
import os
import threading
from typing import Any, TypeVar

from hookline.services.active import activate, active
from hookline.services.asgi_apps import WatchedApp, watched_app
from hookline.services.clients import watch_clients
from hookline.services.import_watch import ImportWatch
from hookline.services.options import ServiceOptions
from hookline.services.patches import Patches
from hookline.services.rpc import watch_grpc
from hookline.services.runtime import RuntimeWatch
from hookline.services.service_watch import ServiceWatch

App = TypeVar("App")


class Instrumented:
    """What was done to the process. One at a time; `uninstrument` makes a new one possible."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._patches = Patches()
        self._apps: list[WatchedApp] = []
        self._runtime: RuntimeWatch | None = None
        self._is_forking_watched = False

    def instrument(self, app: Any, options: ServiceOptions) -> Any:
        """Watch the process, and the application where one is given; return what is to be served."""
        with self._lock:
            watch = active() or self._begin(options)
            return None if app is None else self._watched(app, watch)

    def uninstrument(self) -> None:
        """Take everything back. Requests under way end uncounted."""
        with self._lock:
            watch = active()
            if watch is None:
                return
            activate(None)
            watch.count_all()
            self._patches.undo()
            for one in self._apps:
                one.undo()
                one.server.watch = None
            self._apps.clear()
            if self._runtime is not None:
                self._runtime.stop()
                self._runtime = None
            watch.stop()
            atexit.unregister(_at_exit)

    def _begin(self, options: ServiceOptions) -> ServiceWatch:
        watch = ServiceWatch(options)
        activate(watch)
        self._runtime = RuntimeWatch(watch)
        self._runtime.start()
        imports = ImportWatch(self._patches)
        watch_clients(imports, self._patches, options)
        watch_grpc(imports, self._patches)
        watch.start()
        atexit.register(_at_exit)
        if not self._is_forking_watched:
            self._is_forking_watched = True
            os.register_at_fork(after_in_child=_forked)
        return watch

    def _watched(self, app: Any, watch: ServiceWatch) -> Any:
        for one in self._apps:
            if app is one.given or app is one.app:
                return one.app
        done = watched_app(app, watch)
        self._apps.append(done)
        return done.app

    def forked(self) -> None:
        """Go on in a child."""
        self._lock = threading.Lock()
        if (watch := active()) is not None:
            watch.restart()
            if self._runtime is not None:
                self._runtime.restart()


_INSTRUMENTED = Instrumented()


def instrument(app: App | None = None, options: ServiceOptions | None = None) -> App | None:
    """See `hookline.instrument`."""
    done: App | None = _INSTRUMENTED.instrument(app, options or ServiceOptions())
    return done


def uninstrument() -> None:
    """See `hookline.uninstrument`."""
    _INSTRUMENTED.uninstrument()


def _at_exit() -> None:
    if (watch := active()) is not None:
        watch.stop()


def _forked() -> None:
    _INSTRUMENTED.forked()
